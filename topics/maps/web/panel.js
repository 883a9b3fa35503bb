// The panel beside the map: counts, papers found, dates, colours, topics; and the card of one paper.
// Texts of papers reach the page through textContent alone.

const element = (name, text = "", kind = "") => {
  const made = document.createElement(name);
  if (text !== "") made.textContent = text;
  if (kind) made.className = kind;
  return made;
};
const number = (value) => value.toLocaleString("en");
const css = (rgb) => `rgb(${rgb[0]}, ${rgb[1]}, ${rgb[2]})`;

// The text with each term in a <mark>.
function marked(node, text, terms) {
  const low = plain(text);
  let at = 0;
  // Marks only where folding kept the places of the letters.
  if (low.length === text.length) {
    while (at < text.length) {
      const hits = terms.map((term) => [low.indexOf(term, at), term.length]).filter(([where]) => where >= 0);
      if (!hits.length) break;
      const [where, length] = hits.reduce((a, b) => (b[0] < a[0] ? b : a));
      node.append(text.slice(at, where), element("mark", text.slice(where, where + length)));
      at = where + length;
    }
  }
  node.append(text.slice(at));
  return node;
}

function listTopics(about, points, choose) {
  const list = $("topics");
  const outliers = points.topic.reduce((count, topic) => count + (topic === OUTLIER), 0);
  const rows = about.topics.map((topic, id) => [id, topic.label, topic.size]);
  if (outliers) rows.push([OUTLIER, "Outside any topic", outliers]);
  for (const [id, label, size] of rows) {
    const button = element("button");
    button.type = "button";
    button.dataset.topic = id;
    button.setAttribute("aria-pressed", "false");
    const name = element("span", label);
    name.dir = "auto";
    button.append(element("i"), name, element("b", number(size)));
    button.addEventListener("click", (event) => choose(id, event.shiftKey || event.ctrlKey || event.metaKey));
    const row = element("li");
    row.append(button);
    list.append(row);
  }
}

function showTopics(filters, colorOf) {
  $("topics").classList.toggle("some", filters.topics.size > 0);
  for (const button of $("topics").querySelectorAll("button")) {
    const id = Number(button.dataset.topic);
    button.setAttribute("aria-pressed", String(filters.topics.has(id)));
    button.firstChild.style.background = css(colorOf(id));
  }
}

const PAGE = 100;

function showResults(filters, texts, select, most = PAGE) {
  const list = $("results");
  list.hidden = !filters.active || !texts;
  list.replaceChildren();
  if (list.hidden) return;
  for (const i of filters.rows(most)) {
    const button = element("button");
    button.type = "button";
    button.dataset.row = i;
    button.append(marked(element("bdi"), texts.title[i], filters.terms));
    const by = [texts.authors[i], texts.date[i]].filter(Boolean).join(" · ");
    button.append(marked(element("small"), by, filters.terms));
    button.addEventListener("click", () => select(i));
    const row = element("li");
    row.append(button);
    list.append(row);
  }
  if (filters.count > most) {
    const more = element("button", `Show more of ${number(filters.count)}`);
    more.type = "button";
    more.addEventListener("click", () => showResults(filters, texts, select, most + PAGE));
    const row = element("li");
    row.append(more);
    list.append(row);
  }
}

function makeHistogram(bins, brush) {
  if (!bins) {
    $("when").hidden = true;
    return { show() {}, clear() {} };
  }
  const svg = $("bars");
  const last = bins.count - 1;
  const all = new Float64Array(bins.count);
  for (const bin of bins.bin) if (bin >= 0) all[bin]++;
  const top = Math.max(...all);
  svg.setAttribute("viewBox", `0 0 ${bins.count} 100`);
  const bar = (k, kind) => {
    const rect = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    rect.setAttribute("x", k + 0.06);
    rect.setAttribute("width", 0.88);
    rect.setAttribute("class", kind);
    svg.append(rect);
    return rect;
  };
  const size = (rect, count) => {
    const tall = count ? Math.max(2.5, (100 * count) / top) : 0;
    rect.setAttribute("y", 100 - tall);
    rect.setAttribute("height", tall);
  };
  all.forEach((count, k) => size(bar(k, "all"), count));
  const on = Array.from(all, (_, k) => bar(k, "on"));
  const [from, to] = [$("from"), $("to")];
  from.max = to.max = last;
  const say = () => {
    const names = [bins.name(Number(from.value)), bins.name(Number(to.value))];
    $("when-from").textContent = names[0];
    $("when-to").textContent = names[1];
    [from, to].forEach((input, k) => input.setAttribute("aria-valuetext", names[k]));
  };
  const set = (a, b) => {
    [from.value, to.value] = [Math.min(a, b), Math.max(a, b)];
    say();
    if (Number(from.value) === 0 && Number(to.value) === last) brush(null, null);
    else brush(Number(from.value), Number(to.value));
  };
  from.addEventListener("input", () => set(Math.min(from.value, to.value), Number(to.value)));
  to.addEventListener("input", () => set(Number(from.value), Math.max(from.value, to.value)));
  const under = (event) => {
    const box = svg.getBoundingClientRect();
    return Math.max(0, Math.min(last, Math.floor(((event.clientX - box.left) / box.width) * bins.count)));
  };
  let begun = null;
  svg.addEventListener("pointerdown", (event) => {
    svg.setPointerCapture(event.pointerId);
    begun = under(event);
    set(begun, begun);
  });
  svg.addEventListener("pointermove", (event) => begun !== null && set(begun, under(event)));
  svg.addEventListener("pointerup", () => (begun = null));
  svg.addEventListener("pointercancel", () => (begun = null));
  svg.addEventListener("dblclick", () => set(0, last));
  $("when-missing").textContent = bins.missing ? `${number(bins.missing)} without date` : "";
  const clear = () => {
    [from.value, to.value] = [0, last];
    say();
  };
  clear();
  return {
    clear,
    show(match) {
      const counts = new Float64Array(bins.count);
      for (let i = 0; i < match.length; i++) if (match[i] && bins.bin[i] >= 0) counts[bins.bin[i]]++;
      on.forEach((rect, k) => size(rect, counts[k]));
    },
  };
}

function showLegend(kind, about, palette, bins) {
  const legend = $("legend");
  legend.replaceChildren();
  if (kind === "category") {
    const names = [...about.categories.map((name, k) => [name, palette.category[k]]), ["other", palette.quiet]];
    for (const [name, rgb] of names) {
      const item = element("span");
      const dot = element("i");
      dot.style.background = css(rgb);
      item.append(dot, name);
      legend.append(item);
    }
  } else if (kind === "date" && bins) {
    const strip = element("canvas");
    [strip.width, strip.height] = [palette.date.length, 1];
    const context = strip.getContext("2d");
    palette.date.forEach((rgb, k) => {
      context.fillStyle = css(rgb);
      context.fillRect(k, 0, 1, 1);
    });
    const ends = element("span", "", "ends");
    ends.append(element("span", bins.name(0)), element("span", bins.name(bins.count - 1)));
    legend.append(strip, ends);
  }
}

function showCard(i, about, points, texts, colorOf) {
  const topic = points.topic[i];
  const nearest = about.topics[points.nearest[i]];
  const sure = `${Math.round((100 * points.probability[i]) / 255)} %`;
  const title = $("card-title");
  const url = webLink(texts.url[i]);
  title.textContent = texts.title[i] || texts.id[i];
  title.dir = "auto";
  if (url) title.href = url;
  else title.removeAttribute("href");
  const authors = texts.authors[i].length > 160 ? `${texts.authors[i].slice(0, 150)} …` : texts.authors[i];
  $("card-by").textContent = [authors, texts.date[i]].filter(Boolean).join(" · ");
  $("card-topic").lastChild.textContent =
    topic === OUTLIER ? `Outside any topic; nearest: ${nearest.label} (${sure})` : `${nearest.label} (${sure})`;
  $("card-topic").firstChild.style.background = css(colorOf(topic));
  $("card-keywords").textContent = texts.keywords[i] || nearest.keywords.slice(0, 6).join(", ");
  $("card-abstract").textContent = texts.abstract[i];
  $("card-link").textContent = url ? `Open ${new URL(url).hostname}` : "";
}

// Checked when written and again when used.
function webLink(text) {
  try {
    return ["http:", "https:"].includes(new URL(text).protocol) ? text : "";
  } catch {
    return "";
  }
}

function toCsv(about, points, texts, rows) {
  const names = ["id", "title", "authors", "date", "topic", "label", "nearest_topic", "probability", "url"];
  const lines = rows.map((i) => {
    const topic = points.topic[i] === OUTLIER ? -1 : points.topic[i];
    const label = topic < 0 ? "" : about.topics[topic].label;
    const cells = [texts.id[i], texts.title[i], texts.authors[i], texts.date[i], topic, label];
    return [...cells, points.nearest[i], (points.probability[i] / 255).toFixed(2), texts.url[i]].map(csvCell).join(",");
  });
  return `\uFEFF${[names.join(","), ...lines].join("\r\n")}\r\n`;
}
