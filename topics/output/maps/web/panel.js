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

// change: what the button beside a topic does while topics are edited.
function listTopics(about, living, choose, change = null) {
  const rows = living.map((id) => [id, about.topics[id].label, about.topics[id].size]);
  if (about.outliers) rows.push([OUTLIER, "Outside any topic", about.outliers]);
  $("topics-count").textContent = number(living.length);
  // The subtitle names the topics of the run: edits may change how many there are.
  $("subtitle").textContent = about.subtitle
    .replace(/[\d,]+ topics?/, `${number(living.length)} topic${living.length === 1 ? "" : "s"}`)
    .replace(/[\d,]+ papers?(?= outside any topic)/, papersText(about.outliers));
  const made = rows.map(([id, label, size]) => {
    const row = button(element("i"), element("bdi", label), element("b", number(size)));
    Object.assign(row.dataset, { topic: id, size });
    row.addEventListener("click", (event) => choose(id, event.shiftKey || event.ctrlKey || event.metaKey));
    if (!change || id === OUTLIER) return item(row);
    if (about.topics[id].pending) row.children[1].append(element("em", ` · into ${about.topics[id].pending}`));
    const pen = button("Change");
    pen.className = "pen";
    pen.setAttribute("aria-label", `Change ${label}`);
    pen.addEventListener("click", () => change(id));
    return item(row, pen);
  });
  $("topics").replaceChildren(...made);
}

// Says under a list how much of it is out of sight, and shows more of it.
function watchScroll(list, more) {
  const hidden = () => {
    const edge = list.getBoundingClientRect().bottom - 6;
    return [...list.children].filter((row) => row.getBoundingClientRect().bottom > edge + 8).length;
  };
  const tell = () => {
    const scrolls = !list.hidden && list.scrollHeight > list.clientHeight + 4;
    const count = scrolls ? hidden() : 0;
    more.hidden = !scrolls;
    more.textContent = count ? `▾ ${list.id === "tools" ? "" : number(count)} more below` : "▴ back to the top";
  };
  more.addEventListener("click", () => {
    if (hidden()) list.scrollBy({ top: list.clientHeight * 0.85 });
    else list.scrollTo({ top: 0 });
  });
  list.addEventListener("scroll", tell);
  new ResizeObserver(tell).observe(list);
  new MutationObserver(tell).observe(list, { childList: true, subtree: true, attributes: true, attributeFilter: ["hidden"] });
}

function showTopics(filters, colorOf) {
  $("topics").classList.toggle("some", filters.topics.size > 0);
  for (const made of $("topics").querySelectorAll("button[data-topic]")) {
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

function showLegend(color, about, palette, bins, theme) {
  const legend = $("legend");
  const { column } = about;
  legend.replaceChildren();
  const named = {
    category: () => [...about.categories.map((name, k) => [name, palette.category[k]]), ["other or none", palette.quiet]],
    column: () => [
      ...column.names.map((name, k) => [name, column.palettes[theme][k]]),
      ...(column.rest ? [[column.rest, palette.quiet]] : []),
    ],
  }[color];
  if (named) {
    for (const [name, rgb] of named()) {
      const dot = element("i");
      dot.style.background = css(rgb);
      const made = element("span");
      made.append(dot, element("bdi", name));
      legend.append(made);
    }
  }
  const scale = color === "date" ? [bins.name(0), bins.name(bins.count - 1)] : color === "column" && column.ends;
  if (scale) {
    const strip = element("canvas");
    [strip.width, strip.height] = [palette.date.length, 1];
    const context = strip.getContext("2d");
    palette.date.forEach((rgb, k) => {
      context.fillStyle = css(rgb);
      context.fillRect(k, 0, 1, 1);
    });
    const ends = element("span");
    ends.className = "ends";
    ends.append(...scale.map((end) => element("span", end)));
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

function fillCard(i, about, points, texts, colorOf, edits) {
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
    topic !== OUTLIER ? nearest.label : nearest ? `Outside any topic; nearest is ${nearest.label}` : "Outside any topic";
  const part = about.subtopics[points.subtopic[i]];
  $("card-part").textContent = part && topic !== OUTLIER ? part.label : "";
  const changed = edits.moved(i) || nearest?.touched;
  const stability = about.stability[points.nearest[i]];
  $("card-sure").textContent = changed
    ? "changed here; topics edit finds its probability"
    : `probability ${(points.probability[i] / 255).toFixed(2)}` +
      (stability === undefined ? "" : ` · stability of the topic ${stability.toFixed(2)}`);
  // What is said against a topic may be said of its label.
  const doubtful = !changed && nearest && nearest.label === edits.original[nearest.root].label;
  $("card-doubt").textContent = (doubtful && about.doubts[points.nearest[i]]) || "";
  $("card-keywords").textContent = cut(texts.keywords[i] || (nearest ? `topic: ${topicWords(nearest)}` : ""), 150);
  $("card-abstract").textContent = texts.abstract[i];
  $("card-link").textContent = url ? `Open ${new URL(url).hostname}` : "";
}

// Cells that a spreadsheet would take for a formula get a leading apostrophe.
function csvCell(value) {
  const text = String(value);
  const safe = /^\s*[=+\-@\t\r\n|]/.test(text) && !/^-?\d+(\.\d+)?$/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

// numbers: the topics' own, or those that they have in the new run.
function toCsv(about, points, texts, rows, numbers) {
  const head = ["id", "title", "authors", "date", "topic", "nearest_topic", "probability", "label", "keywords", "url"];
  const lines = rows.map((i) => [
    texts.id[i],
    texts.title[i],
    texts.authors[i],
    texts.date[i],
    numbers.get(points.topic[i]) ?? -1,
    numbers.get(points.nearest[i]) ?? "",
    (points.probability[i] / 255).toFixed(2),
    points.topic[i] === OUTLIER ? "" : about.topics[points.topic[i]].label,
    texts.keywords[i],
    texts.url[i],
  ]);
  return `\uFEFF${[head, ...lines].map((cells) => cells.map(csvCell).join(",")).join("\r\n")}\r\n`;
}
