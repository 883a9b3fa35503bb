// Names on the map: at every zoom as many topics as fit, and papers' titles once few are left in sight.

const FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif";
const TITLES = 160;

// Sums over a grid of the map, so that the papers under a box are counted at once.
function makeCover(points) {
  const side = 256;
  const row = side + 1;
  const total = new Float32Array(row * row);
  for (let i = 0; i < points.n; i++) total[((points.y[i] >> 8) + 1) * row + (points.x[i] >> 8) + 1]++;
  for (let r = 1; r <= side; r++) {
    for (let c = 1; c <= side; c++) {
      const at = r * row + c;
      total[at] += total[at - row] + total[at - 1] - total[at - row - 1];
    }
  }
  // left, bottom, right, top as shares of the map.
  return function covered(left, bottom, right, top) {
    const at = (share) => Math.max(0, Math.min(side, Math.round(share * side)));
    const [l, b, r, t] = [at(left), at(bottom), at(right), at(top)];
    return total[t * row + r] - total[b * row + r] - total[t * row + l] + total[b * row + l];
  };
}

const meet = (a, b) => a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;

function measure(context, lines) {
  context.font = `600 100px ${FONT}`;
  return Math.max(...lines.map((line) => context.measureText(line).width)) / 100;
}

// Distance from a place to a box.
const away = (box, x, y) =>
  Math.hypot(Math.max(box.x - x, 0, x - box.x - box.w), Math.max(box.y - y, 0, y - box.y - box.h));

// Directions around a topic, in the order in which they are liked.
const AROUND = [[0, -1], [0, 1], [1, 0], [-1, 0], [1, -1], [-1, -1], [1, 1], [-1, 1]];

// Boxes of topic names in pixels from the map's lower left corner, y downwards. They depend on the zoom
// alone, so that nothing jumps while the map is moved.
function layTopics(context, about, camera, wanted, covered, point) {
  const largest = Math.max(...about.topics.map((topic) => topic.size));
  const [wide, tall, k] = [camera.wide, camera.tall, camera.k];
  const growth = Math.min(1.25, Math.max(1, camera.zoom) ** 0.12) * (innerWidth < 700 ? 0.85 : 1);
  const anchors = about.topics.map(({ anchor }) => [anchor[0] * k, -anchor[1] * k]);
  const placed = [];
  for (const id of wanted) {
    const topic = about.topics[id];
    const size = (11 + 4.5 * Math.sqrt(topic.size / largest)) * growth;
    topic.em ??= measure(context, topic.lines);
    const w = topic.em * size + 6;
    const h = topic.lines.length * size * 1.2 + 4;
    const [ax, ay] = anchors[id];
    const rivals = anchors.filter(([x, y], other) => other !== id && Math.abs(x - ax) < w + 60 && Math.abs(y - ay) < h + 60);
    const spots = [[ax, ay, 0.12]];
    for (const gap of [3, 10, 20, 34]) {
      AROUND.forEach(([dx, dy], rank) => {
        const reach = gap + point / 2;
        const slant = dx && dy ? 0.8 : 1;
        spots.push([ax + dx * slant * (w / 2 + reach), ay + dy * (h / 2 + reach), gap * 0.012 + rank * 0.008]);
      });
    }
    let best = null;
    let least = Infinity;
    for (const [x, y, dear] of spots) {
      const box = { x: x - w / 2, y: y - h / 2, w, h };
      const out = box.x < 0 || box.y < -tall || box.x + w > wide || box.y + h > 0;
      if ((out && camera.zoom < 1.02) || placed.some((other) => meet(box, other))) continue;
      const ink = covered(box.x / wide, -(box.y + h) / tall, (box.x + w) / wide, -box.y / tall);
      const mine = away(box, ax, ay);
      const trespass = rivals.filter(([rx, ry]) => away(box, rx, ry) < mine || away(box, rx, ry) === 0).length;
      const dots = Math.min(ink, 4) * Math.min(0.15, 30 / about.drawn);
      const cost = (ink / about.drawn) * about.topics.length + dots + dear + 0.35 * trespass;
      if (cost < least) [best, least] = [box, cost];
    }
    if (best) placed.push({ ...best, id, size, lines: topic.lines });
  }
  return placed;
}

// Titles beside their papers where they meet neither each other nor a dot nor a topic's name.
function layTitles(context, papers, names, free, point) {
  const dots = papers.map(({ x, y }) => ({ x: x - point / 2, y: y - point / 2, w: point, h: point }));
  const taken = [...names, ...dots];
  const placed = [];
  for (const { x, y, title } of papers) {
    const text = cut(title, 56);
    const w = context.measureText(text).width + 4;
    const gap = point / 2 + 3;
    for (const left of [x + gap, x - gap - w]) {
      const box = { x: left, y: y - 8, w, h: 16, text };
      if (left < free.left || left + w > free.right || taken.some((other) => meet(box, other))) continue;
      placed.push(box);
      taken.push(box);
      break;
    }
  }
  return placed;
}

function drawText(context, text, x, y, ink, paper, halo) {
  context.lineWidth = halo;
  context.strokeStyle = paper;
  context.strokeText(text, x, y);
  context.fillStyle = ink;
  context.fillText(text, x, y);
}
