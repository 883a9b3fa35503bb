// Names on the map, by layer: fields while the whole is in sight, at every zoom as many topics as fit, then
// the subtopics inside them, and papers' titles once few are left in sight.

const FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif";
const TITLES = 160;
// From this zoom on subtopics have names; fields fade until they are gone.
const SUBTOPICS = 2.2;
const fieldShare = (zoom) => Math.max(0, Math.min(1, 1.6 - 0.6 * zoom));

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

// Boxes that are taken, in a grid, so that only near ones are compared.
function makeTaken(side = 160) {
  const cells = new Map();
  const each = (box, visit) => {
    for (let c = Math.floor(box.x / side); c <= Math.floor((box.x + box.w) / side); c++) {
      for (let r = Math.floor(box.y / side); r <= Math.floor((box.y + box.h) / side); r++) if (visit(`${c} ${r}`)) return true;
    }
    return false;
  };
  return {
    meets: (box) => each(box, (cell) => cells.get(cell)?.some((other) => meet(box, other))),
    add(box) {
      each(box, (cell) => {
        if (!cells.has(cell)) cells.set(cell, []);
        cells.get(cell).push(box);
      });
    },
  };
}

// Boxes of names in pixels from the map's lower left corner, y downwards: topics, then subtopics where these
// are shown. They depend on the zoom alone, so that nothing jumps while the map is moved.
function layNames(context, about, camera, wanted, covered, point) {
  const growth = Math.min(1.25, Math.max(1, camera.zoom) ** 0.12) * (innerWidth < 700 ? 0.85 : 1) * (camera.wide < 220 ? 0.85 : 1);
  const largest = Math.max(...wanted.map((id) => about.topics[id].size));
  const place = ({ anchor }) => [anchor[0] * camera.k, -anchor[1] * camera.k];
  const living = about.topics.flatMap((topic, id) => (topic.gone ? [] : [id]));
  const anchors = living.map((id) => place(about.topics[id]));
  const taken = makeTaken();
  const placed = [];
  const put = (name, size, weight, rivals, tags) => {
    name.em ??= measure(context, name.lines);
    const [w, h] = [name.em * size + 6, name.lines.length * size * 1.2 + 4];
    const box = bestSpot(place(name), w, h, { camera, taken, covered, point, rivals, drawn: about.drawn, names: living.length });
    if (!box) return;
    placed.push({ ...box, ...tags, size, weight, lines: name.lines });
    taken.add(placed.at(-1));
  };
  const rank = (id) => about.topics[id].size * (about.stability[id] ?? 1);
  for (const id of wanted.sort((a, b) => rank(b) - rank(a) || a - b)) {
    const topic = about.topics[id];
    const rivals = anchors.filter((_, at) => living[at] !== id);
    put(topic, (11 + 4.5 * Math.sqrt(topic.size / largest)) * growth, 600, rivals, { id, layer: "topic" });
  }
  if (camera.zoom < SUBTOPICS) return placed;
  const some = new Set(wanted);
  for (const part of about.subtopics) {
    const said = about.topics[part.topic]?.label === part.label;
    if (part.shown && some.has(part.topic) && !said) put(part, 11.5 * growth, 400, [], { id: part.topic, layer: "subtopic" });
  }
  return placed;
}

// Where a box w by h for a name at ax, ay covers least, or nothing where all is taken.
function bestSpot([ax, ay], w, h, { camera, taken, covered, point, rivals, drawn, names }) {
  const [wide, tall] = [camera.wide, camera.tall];
  const near = rivals.filter(([x, y]) => Math.abs(x - ax) < w + 60 && Math.abs(y - ay) < h + 60);
  const spots = [[ax, ay, 0.12]];
  for (const gap of innerWidth < 700 ? [3, 8, 14] : [3, 10, 20, 34]) {
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
    if ((out && camera.zoom < 1.02) || taken.meets(box)) continue;
    const ink = covered(box.x / wide, -(box.y + h) / tall, (box.x + w) / wide, -box.y / tall);
    const mine = away(box, ax, ay);
    const trespass = near.filter(([rx, ry]) => away(box, rx, ry) < mine || away(box, rx, ry) === 0).length;
    const dots = Math.min(ink, 4) * Math.min(0.15, 30 / drawn);
    const cost = (ink / drawn) * names + dots + dear + 0.35 * trespass;
    if (cost < least) [best, least] = [box, cost];
  }
  return best;
}

// Fields, large and faint, among their own papers: over no dot and no name, with mostly their own papers around.
// One without such a place is left out, and a map of few topics needs none.
function layFields(about, camera, names, papers, point) {
  const living = about.topics.flatMap((topic, id) => (topic.gone ? [] : [id]));
  if (living.length < about.crowded) return [];
  const first = new Map(about.fields.flatMap((field, at) => field.topics.map((topic) => [topic, at])));
  const home = new Map(living.map((id) => [id, first.get(about.topics[id].root)]));
  const placed = [];
  about.fields.forEach((field, at) => {
    if (!field.shown) return;
    field.em ??= measure(papers.context, field.lines);
    for (const size of innerWidth < 700 ? [13, 11] : [21, 17, 14]) {
      const spot = fieldSpot(field, at, size, camera, [...names, ...placed], papers, home, point);
      if (!spot) continue;
      placed.push({ ...spot, size, lines: field.lines, id: field.topics[0], layer: "field" });
      return;
    }
  });
  return placed;
}

// The place nearest to the middle of a field where its name covers nothing, or nothing where there is none.
function fieldSpot(field, at, size, camera, taken, papers, home, point) {
  const [w, h] = [field.em * size + 6, field.lines.length * size * 1.15 + 4];
  const [ax, ay] = [field.anchor[0] * camera.k, -field.anchor[1] * camera.k];
  const spots = [];
  for (let dx = -12; dx <= 12; dx++) {
    for (let dy = -24; dy <= 24; dy++) spots.push([ax + dx * 0.25 * w - w / 2, ay + dy * 0.4 * h - h / 2]);
  }
  const far = ([x, y]) => Math.hypot(x + w / 2 - ax, y + h / 2 - ay);
  spots.sort((a, b) => far(a) - far(b));
  const count = (box, margin, counts = () => true) => {
    let found = 0;
    const across = (x) => (x / camera.wide) * 65535;
    const up = (y) => (-y / camera.tall) * 65535;
    const [left, right] = [across(box.x - margin), across(box.x + w + margin)];
    papers.within(left, up(box.y + h + margin), right, up(box.y - margin), (i) => (found += counts(i)));
    return found;
  };
  const ours = (i) => home.get(papers.points.topic[i]) === at;
  for (const [x, y] of spots) {
    const box = { x, y, w, h };
    const out = x < 0 || y < -camera.tall || x + w > camera.wide || y + h > 0;
    if (out || taken.some((other) => meet(box, other)) || count(box, point / 2)) continue;
    const own = count(box, 0.6 * h, ours);
    // One or two strays do not make a place theirs.
    const least = Math.max(2, Math.min(12, 0.05 * field.size));
    if (own >= least && own >= 0.6 * count(box, 0.6 * h)) return box;
  }
  return null;
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
      const out = left < free.left || left + w > free.right || box.y < free.top || box.y + box.h > free.bottom;
      if (out || taken.some((other) => meet(box, other))) continue;
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
