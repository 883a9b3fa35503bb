// Which papers are wanted: search, topics, dates and lasso, each a mask or nothing, all of them together.

const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
const termsOf = (query) =>
  [...plain(query).matchAll(/"([^"]+)"|(\S+)/g)].map((found) => found[1] || found[2]).filter(Boolean);

function makeFilters(points) {
  const n = points.n;
  const masks = { search: null, topics: null, dates: null, lasso: null };
  const match = new Uint8Array(n).fill(1);
  let hay = null;
  const filters = {
    match,
    count: n,
    terms: [],
    topics: new Set(),
    lasso: null,
    get active() {
      return Object.values(masks).some(Boolean);
    },
    search(query, texts) {
      filters.terms = termsOf(query);
      if (filters.terms.length && !hay) {
        hay = texts.title.map((title, i) => plain(`${title}\n${texts.authors[i]}\n${texts.keywords[i]}`));
      }
      masks.search = filters.terms.length ? mask((i) => filters.terms.every((term) => hay[i].includes(term))) : null;
      join();
    },
    isolate(topic, more) {
      const alone = filters.topics.has(topic) && (more || filters.topics.size === 1);
      if (!more) filters.topics.clear();
      if (alone) filters.topics.delete(topic);
      else filters.topics.add(topic);
      masks.topics = filters.topics.size ? mask((i) => filters.topics.has(points.topic[i])) : null;
      join();
    },
    dates(bins, from, to) {
      masks.dates = from === null ? null : mask((i) => bins[i] >= from && bins[i] <= to);
      join();
    },
    // polygon: [x, y, x, y, ...] in 65535ths of the frame, or null.
    draw(polygon) {
      filters.lasso = polygon;
      masks.lasso = polygon && mask((i) => inside(polygon, points.x[i], points.y[i]));
      join();
    },
    clear() {
      filters.terms = [];
      filters.topics.clear();
      filters.lasso = null;
      for (const name of Object.keys(masks)) masks[name] = null;
      join();
    },
    rows(most) {
      const rows = [];
      for (let i = 0; i < n && rows.length < most; i++) if (match[i]) rows.push(i);
      return rows;
    },
  };

  function mask(wanted) {
    const made = new Uint8Array(n);
    for (let i = 0; i < n; i++) if (wanted(i)) made[i] = 1;
    return made;
  }

  function join() {
    const parts = Object.values(masks).filter(Boolean);
    filters.count = 0;
    for (let i = 0; i < n; i++) {
      match[i] = 1;
      for (const part of parts) match[i] &= part[i];
      filters.count += match[i];
    }
  }

  return filters;
}

// Even-odd rule.
function inside(polygon, x, y) {
  let odd = false;
  for (let i = 0, j = polygon.length - 2; i < polygon.length; j = i, i += 2) {
    const [xi, yi, xj, yj] = [polygon[i], polygon[i + 1], polygon[j], polygon[j + 1]];
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) odd = !odd;
  }
  return odd;
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

// Papers by year, or by month where all lie within a few years; null where no date is known.
function makeBins(dates) {
  let [low, high, known, whole] = [Infinity, -Infinity, 0, 0];
  for (const date of dates) {
    if (Number.isNaN(date)) continue;
    known++;
    if (date % 1 === 0.5) whole++;
    low = Math.min(low, date);
    high = Math.max(high, date);
  }
  if (!known) return null;
  const perYear = high - low > 5 || whole > known / 2 ? (high - low > 80 ? 0.1 : 1) : 12;
  const first = Math.floor(low * perYear);
  const bin = new Int16Array(dates.length).fill(-1);
  for (let i = 0; i < dates.length; i++) {
    if (!Number.isNaN(dates[i])) bin[i] = Math.floor(dates[i] * perYear) - first;
  }
  const name = (k) => {
    if (perYear < 1) return `${(first + k) / perYear}s`;
    if (perYear === 1) return `${first + k}`;
    return `${MONTHS[(first + k) % 12]} ${Math.floor((first + k) / 12)}`;
  };
  return { bin, count: Math.floor(high * perYear) - first + 1, missing: dates.length - known, name };
}

// Cells a spreadsheet would take for a formula get a leading apostrophe.
function csvCell(value) {
  const text = String(value);
  const safe = /^[=+\-@\t\r\n]/.test(text) && !/^-?\d+(\.\d+)?$/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
