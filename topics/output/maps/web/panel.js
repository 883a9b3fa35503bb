// The panel beside the map: papers found, colours, topics; and the card of one paper.
// Texts of papers reach the page through textContent alone.

const PAGE = 100;

// The text with each term in a <mark>, where folding kept the places of the letters.
function marked(node, text, terms) {
  const low = plain(text);
  let at = 0;
  while (low.length === text.length && at < text.length) {
    const hits = terms.map((term) => [low.indexOf(term, at), term.length]).filter(([where]) => where >= 0);
    if (!hits.length) break;
    const [where, length] = hits.reduce((a, b) => (b[0] < a[0] ? b : a));
    node.append(text.slice(at, where), element("mark", text.slice(where, where + length)));
    at = where + length;
  }
  node.append(text.slice(at));
  return node;
}

function button(...parts) {
  const made = element("button");
  made.type = "button";
  made.append(...parts);
  return made;
}

function item(...parts) {
  const made = element("li");
  made.append(...parts);
  return made;
}

function listTopics(about, points, choose) {
  const rows = about.topics.map((topic, id) => [id, topic.label, topic.size]);
  if (about.outliers) rows.push([OUTLIER, "Outside any topic", about.outliers]);
  for (const [id, label, size] of rows) {
    const made = button(element("i"), element("bdi", label), element("b", number(size)));
    made.dataset.topic = id;
    made.dataset.size = size;
    made.addEventListener("click", (event) => choose(id, event.shiftKey || event.ctrlKey || event.metaKey));
    $("topics").append(item(made));
  }
}

function showTopics(filters, colorOf) {
  $("topics").classList.toggle("some", filters.topics.size > 0);
  for (const made of $("topics").querySelectorAll("button")) {
    const id = Number(made.dataset.topic);
    made.setAttribute("aria-pressed", String(filters.topics.has(id)));
    made.classList.toggle("none", filters.active && !filters.sizes.get(id));
    made.lastChild.textContent = number(filters.active ? filters.sizes.get(id) || 0 : Number(made.dataset.size));
    made.firstChild.style.background = css(colorOf(id));
  }
}

function showResults(filters, texts, select, most = PAGE) {
  const list = $("results");
  list.hidden = !filters.active || !filters.count || !texts;
  list.replaceChildren();
  if (list.hidden) return;
  for (const i of filters.rows(most)) {
    const by = [texts.date[i], texts.authors[i]].filter(Boolean).join(" · ");
    const made = button(
      marked(element("bdi"), texts.title[i] || texts.id[i], filters.terms),
      marked(element("small"), by, filters.terms),
    );
    made.dataset.row = i;
    made.addEventListener("click", () => select(i));
    list.append(item(made));
  }
  if (filters.count <= most) return;
  const more = button(`Show more of ${number(filters.count)}`);
  more.addEventListener("click", () => {
    showResults(filters, texts, select, most + PAGE);
    list.children[most].firstChild.focus();
  });
  list.append(item(more));
}

function showLegend(color, about, palette, bins) {
  const legend = $("legend");
  legend.replaceChildren();
  if (color === "category") {
    const names = about.categories.map((name, k) => [name, palette.category[k]]);
    for (const [name, rgb] of [...names, ["other or none", palette.quiet]]) {
      const dot = element("i");
      dot.style.background = css(rgb);
      const made = element("span");
      made.append(dot, element("bdi", name));
      legend.append(made);
    }
  }
  if (color === "date") {
    const strip = element("canvas");
    [strip.width, strip.height] = [palette.date.length, 1];
    const context = strip.getContext("2d");
    palette.date.forEach((rgb, k) => {
      context.fillStyle = css(rgb);
      context.fillRect(k, 0, 1, 1);
    });
    const ends = element("span");
    ends.className = "ends";
    ends.append(element("span", bins.name(0)), element("span", bins.name(bins.count - 1)));
    legend.append(strip, ends);
  }
}

// Checked when written and again when used.
function webLink(text) {
  try {
    return ["http:", "https:"].includes(new URL(text).protocol) ? text : "";
  } catch {
    return "";
  }
}

function fillCard(i, about, points, texts, colorOf) {
  const topic = points.topic[i];
  const nearest = about.topics[points.nearest[i]];
  const url = webLink(texts.url[i]);
  const title = $("card-title");
  title.textContent = texts.title[i] || texts.id[i];
  if (url) title.href = url;
  else title.removeAttribute("href");
  $("card-by").textContent = [cut(texts.authors[i], 150), texts.date[i]].filter(Boolean).join(" · ");
  $("card-topic").firstChild.style.background = css(colorOf(topic));
  $("card-topic").lastChild.textContent =
    topic === OUTLIER ? `Outside any topic; nearest is ${nearest.label}` : nearest.label;
  const part = about.subtopics[points.subtopic[i]];
  $("card-part").textContent = part && topic !== OUTLIER ? part.label : "";
  const stability = about.stability[points.nearest[i]];
  $("card-sure").textContent =
    `probability ${(points.probability[i] / 255).toFixed(2)}` +
    (stability === undefined ? "" : ` · stability of the topic ${stability.toFixed(2)}`);
  $("card-doubt").textContent = about.doubts[points.nearest[i]] || "";
  $("card-keywords").textContent = cut(texts.keywords[i] || `topic: ${topicWords(nearest)}`, 150);
  $("card-abstract").textContent = texts.abstract[i];
  $("card-link").textContent = url ? `Open ${new URL(url).hostname}` : "";
}

// Cells that a spreadsheet would take for a formula get a leading apostrophe.
function csvCell(value) {
  const text = String(value);
  const safe = /^\s*[=+\-@\t\r\n|]/.test(text) && !/^-?\d+(\.\d+)?$/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function toCsv(about, points, texts, rows) {
  const head = ["id", "title", "authors", "date", "topic", "nearest_topic", "probability", "label", "keywords", "url"];
  const lines = rows.map((i) => [
    texts.id[i],
    texts.title[i],
    texts.authors[i],
    texts.date[i],
    points.topic[i] === OUTLIER ? -1 : points.topic[i],
    points.nearest[i],
    (points.probability[i] / 255).toFixed(2),
    points.topic[i] === OUTLIER ? "" : about.topics[points.topic[i]].label,
    texts.keywords[i],
    texts.url[i],
  ]);
  return `\uFEFF${[head, ...lines].map((cells) => cells.map(csvCell).join(",")).join("\r\n")}\r\n`;
}
