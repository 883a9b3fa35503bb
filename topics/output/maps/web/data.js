// What the page carries: blocks of base64, each a zlib stream.

const OUTLIER = 65535;
const $ = (id) => document.getElementById(id);
const element = (name, text = "") => {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
};
const cut = (text, most) => (text.length > most ? `${text.slice(0, most).replace(/\s*\S{0,14}$/, "")} …` : text);
const number = (value) => value.toLocaleString("en");
// A share as the report and the tables round it: halves to the even number.
const percent = (share) => {
  const [all, up] = [100 * share, Math.round(100 * share)];
  return `${up - all === 0.5 && up % 2 ? up - 1 : up}%`;
};
// What stands for the keywords of a paper that has none.
const topicWords = (topic) => topic.keywords.join("; ");
const css = ([red, green, blue]) => `rgb(${red}, ${green}, ${blue})`;

// Tells a page around this one, as a notebook's widget, what is chosen or changed here.
function announce(what, value) {
  if (parent !== window) parent.postMessage({ topics: what, value }, "*");
}

function save(name, text, type) {
  const link = element("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

async function unpack(id) {
  const block = $(id);
  const text = atob(block.textContent);
  block.remove();
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(stream).arrayBuffer();
}

const readJson = async (id) => JSON.parse(new TextDecoder().decode(await unpack(id)));

// The columns that topics.output.maps.interactive wrote, in its order.
async function readPoints(n) {
  const buffer = await unpack("points");
  let at = 0;
  const take = (Type) => {
    const column = new Type(buffer, at, n);
    at += n * Type.BYTES_PER_ELEMENT;
    return column;
  };
  const date = take(Float32Array);
  const [x, y, topic, nearest, category, subtopic] = [0, 0, 0, 0, 0, 0].map(() => take(Uint16Array));
  const [alpha, probability, column] = [0, 0, 0].map(() => take(Uint8Array));
  return { n, date, x, y, topic, nearest, category, subtopic, alpha, probability, column };
}

// A grid over the map, so that the paper under the pointer is found without looking at all of them.
function makeIndex(points) {
  const side = Math.max(1, Math.min(256, Math.round(Math.sqrt(points.n / 2))));
  const cell = (v) => Math.min(side - 1, (v * side) >> 16);
  const start = new Uint32Array(side * side + 1);
  for (let i = 0; i < points.n; i++) start[cell(points.y[i]) * side + cell(points.x[i]) + 1]++;
  for (let c = 0; c < side * side; c++) start[c + 1] += start[c];
  const fill = start.slice();
  const member = new Uint32Array(points.n);
  for (let i = 0; i < points.n; i++) member[fill[cell(points.y[i]) * side + cell(points.x[i])]++] = i;

  // Calls visit(i) for each paper in the box, given in 65535ths of the frame.
  return function within(left, bottom, right, top, visit) {
    const clip = (v) => cell(Math.max(0, Math.min(65535, v)));
    for (let row = clip(bottom); row <= clip(top); row++) {
      for (let k = start[row * side + clip(left)]; k < start[row * side + clip(right) + 1]; k++) {
        const i = member[k];
        if (points.x[i] >= left && points.x[i] <= right && points.y[i] >= bottom && points.y[i] <= top) visit(i);
      }
    }
  };
}

// Drawing order: outliers at the bottom, all others mixed, so that no topic hides another by its number.
function drawingOrder(points) {
  const n = points.n;
  let stride = Math.max(1, Math.round(n * 0.618));
  const gcd = (a, b) => (b ? gcd(b, a % b) : a);
  while (gcd(stride, n) !== 1) stride++;
  const order = new Uint32Array(n);
  let low = 0;
  for (let i = 0; i < n; i++) if (points.topic[i] === OUTLIER) order[low++] = i;
  for (let i = 0, at = 0; i < n; i++, at = (at + stride) % n) if (points.topic[at] !== OUTLIER) order[low++] = at;
  return order;
}
