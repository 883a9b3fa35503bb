// Names on the map: topics at every zoom as many as fit, papers' titles once few are left in sight.

const WIDE_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif";

// Sums over a grid of the map, so that the papers under a box are counted at once.
function makeCover(points, side = 256) {
  const total = new Float32Array((side + 1) * (side + 1));
  for (let i = 0; i < points.n; i++) total[((points.y[i] >> 8) + 1) * (side + 1) + (points.x[i] >> 8) + 1]++;
  for (let r = 1; r <= side; r++) {
    for (let c = 1; c <= side; c++) {
      total[r * (side + 1) + c] += total[(r - 1) * (side + 1) + c] + total[r * (side + 1) + c - 1] - total[(r - 1) * (side + 1) + c - 1];
    }
  }
  // left, bottom, right, top as shares of the map.
  return function covered(left, bottom, right, top) {
    const at = (v) => Math.max(0, Math.min(side, Math.round(v * side)));
    const [l, b, r, t] = [at(left), at(bottom), at(right), at(top)];
    return total[t * (side + 1) + r] - total[b * (side + 1) + r] - total[t * (side + 1) + l] + total[b * (side + 1) + l];
  };
}

const meet = (a, b) => a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;

// Boxes of topic names at zoom k, in pixels from the map's lower left corner, y downwards. They depend on
// the zoom alone, so that nothing jumps while the map is moved.
function layTopics(context, about, k, wanted, covered, point) {
  const largest = Math.max(...about.topics.map((topic) => topic.size));
  const [wide, tall] = [about.width * k, about.height * k];
  const placed = [];
  for (const id of wanted) {
    const topic = about.topics[id];
    const size = 11 + 5 * Math.sqrt(topic.size / largest);
    context.font = `600 ${size}px ${WIDE_FONT}`;
    const w = Math.max(...topic.lines.map((line) => context.measureText(line).width)) + 6;
    const h = topic.lines.length * size * 1.2 + 4;
    const [ax, ay] = [topic.anchor[0] * k, -topic.anchor[1] * k];
    const [dx, dy] = [w / 2 + point / 2 + 3, h / 2 + point / 2 + 2];
    let best = null;
    let least = Infinity;
    for (const [sx, sy, far] of SPOTS) {
      const box = { x: ax + sx * dx - w / 2, y: ay + sy * dy - h / 2, w, h };
      if (placed.some((other) => meet(box, other))) continue;
      const ink = covered(box.x / wide, -(box.y + h) / tall, (box.x + w) / wide, -box.y / tall);
      const cost = (ink / about.drawn) * about.topics.length + far;
      if (cost < least) [best, least] = [box, cost];
    }
    if (best) placed.push({ ...best, id, size, lines: topic.lines });
  }
  return placed;
}

const SPOTS = [
  [0, 0, 0.05], [0, -1, 0], [0, 1, 0.02], [1, 0, 0.04], [-1, 0, 0.04],
  [0.8, -0.9, 0.06], [-0.8, -0.9, 0.06], [0.8, 0.9, 0.08], [-0.8, 0.9, 0.08],
  [0, -1.8, 0.15], [0, 1.8, 0.17], [1.35, 0, 0.2], [-1.35, 0, 0.2],
];

// Titles beside their papers where they meet neither each other nor a topic's name.
function layTitles(context, papers, taken, width) {
  context.font = `11px ${WIDE_FONT}`;
  const placed = [];
  for (const { x, y, title, i } of papers) {
    const text = title.length > 52 ? `${title.slice(0, 50).trimEnd()}…` : title;
    const w = context.measureText(text).width + 4;
    for (const left of [x + 11, x - 11 - w]) {
      const box = { x: left, y: y - 8, w, h: 16 };
      if (left < 0 || left + w > width) continue;
      if (taken.some((other) => meet(box, other)) || placed.some((other) => meet(box, other))) continue;
      placed.push({ ...box, text, i });
      break;
    }
  }
  return placed;
}

function drawText(context, text, x, y, fill, paper, halo) {
  context.lineWidth = halo;
  context.strokeStyle = paper;
  context.strokeText(text, x, y);
  context.fillStyle = fill;
  context.fillText(text, x, y);
}
