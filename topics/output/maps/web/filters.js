// Which papers are wanted: search, topics, dates and lasso, each a mask or nothing, all of them together.

const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
const termsOf = (query) =>
  [...plain(query).matchAll(/"([^"]+)"|(\S+)/g)].map((found) => (found[1] || found[2]).replaceAll('"', "")).filter(Boolean);

function makeFilters(about, points) {
  const n = points.n;
  const masks = { search: null, topics: null, dates: null, lasso: null };
  let hay = null;

  const mask = (wanted) => {
    const made = new Uint8Array(n);
    for (let i = 0; i < n; i++) made[i] = wanted(i) ? 1 : 0;
    return made;
  };
  const set = (name, wanted) => {
    masks[name] = wanted && mask(wanted);
    const { topics, ...rest } = masks;
    const others = Object.values(rest).filter(Boolean);
    filters.count = 0;
    filters.sizes.clear();
    for (let i = 0; i < n; i++) {
      const kept = others.every((part) => part[i]);
      if (kept) filters.sizes.set(points.topic[i], (filters.sizes.get(points.topic[i]) || 0) + 1);
      filters.match[i] = kept && (!topics || topics[i]) ? 1 : 0;
      filters.count += filters.match[i];
    }
  };

  const filters = {
    match: new Uint8Array(n).fill(1),
    count: n,
    terms: [],
    // How many papers of each topic all filters but that of topics let through.
    sizes: new Map(),
    topics: new Set(),
    polygon: null,
    get active() {
      return Object.values(masks).some(Boolean);
    },
    search(query, texts) {
      const terms = termsOf(query);
      if (terms.length) {
        hay ??= texts.title.map((title, i) => {
          const topic = about.topics[points.nearest[i]];
          const words = texts.keywords[i] || (topic ? topicWords(topic) : "");
          return plain([title, texts.authors[i], words, topic ? topic.label : ""].join("\n"));
        });
      }
      filters.terms = terms;
      set("search", terms.length ? (i) => terms.every((term) => hay[i].includes(term)) : null);
    },
    // A click isolates a topic or, on the isolated one, frees all; with `more` it adds or takes away.
    isolate(topic, more) {
      const topics = filters.topics;
      const off = topics.has(topic) && (more || topics.size === 1);
      if (!more) topics.clear();
      if (off) topics.delete(topic);
      else topics.add(topic);
      set("topics", topics.size ? (i) => topics.has(points.topic[i]) : null);
    },
    dates(bins, span) {
      set("dates", span && ((i) => bins.bin[i] >= span[0] && bins.bin[i] <= span[1]));
    },
    // polygon: x, y, x, y, ... in 65535ths of the map, or null.
    lasso(polygon) {
      filters.polygon = polygon;
      set("lasso", polygon && ((i) => inside(polygon, points.x[i], points.y[i])));
    },
    // After topics have changed: what was asked of them is asked again.
    renew(query, texts) {
      hay = null;
      for (const id of filters.topics) if (about.topics[id]?.gone) filters.topics.delete(id);
      set("topics", filters.topics.size ? (i) => filters.topics.has(points.topic[i]) : null);
      if (query && texts) filters.search(query, texts);
    },
    clear() {
      filters.terms = [];
      filters.topics.clear();
      filters.polygon = null;
      for (const name of Object.keys(masks)) masks[name] = null;
      set("search", null);
    },
    rows(most = n) {
      const rows = [];
      for (let i = 0; i < n && rows.length < most; i++) if (filters.match[i]) rows.push(i);
      return rows;
    },
  };
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
