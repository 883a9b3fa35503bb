// Ties the parts together and says what each button and key does.

async function start() {
  const about = await readJson("about");
  const points = await readPoints(about.drawn);
  const light = await unpack("light");
  const map = $("map");
  const narrow = matchMedia("(max-width: 700px)");
  const bins = makeBins(points.date);
  Object.assign(about, { turned: false, stretch: 1 });
  const filters = makeFilters(about, points);
  const edits = makeEdits(about, points);
  const scene = makeScene(about, points, light, bins, filters, edits);
  const camera = scene.camera;
  let terms = null;
  let lassoing = false;
  let pressed = -Infinity;

  function changed() {
    const all = `${number(points.n)} papers${about.sample ? " drawn" : ""}`;
    $("count").textContent = filters.active ? `${number(filters.count)} of ${all}` : all;
    $("clear").hidden = !filters.active;
    $("download").hidden = !filters.active || !filters.count;
    if (scene.selected >= 0 && !filters.match[scene.selected]) scene.show(-1, true);
    showResults(filters, scene.texts, (i) => {
      // On a telephone the list would leave the map and the paper's card no room.
      if (narrow.matches) fold(false);
      scene.select(i);
    });
    showCommon(terms && filters.active ? commonTerms(terms, filters.match, filters.count) : [], filters.count);
    bench.showSend();
    histogram.show(filters.match);
    scene.recolor();
    announce("chosen", filters.active ? filters.rows() : null);
  }

  function open(i) {
    const url = scene.texts && i >= 0 ? webLink(scene.texts.url[i]) : "";
    if (url) window.open(url, "_blank", "noopener,noreferrer");
  }

  function setLasso(on) {
    lassoing = on;
    $("lasso").setAttribute("aria-pressed", String(on));
    map.classList.toggle("drawing", on);
  }

  listenToPointers(map, camera, {
    lassoing: () => lassoing,
    // A topic's name that is taken hold of while topics are edited.
    grab: (event) => (bench.editing ? scene.nameAt(event.clientX, event.clientY) || null : null),
    carry({ id }, event) {
      scene.carried = { id, x: event.clientX, y: event.clientY, onto: topicAt(event, id) };
      scene.redraw();
    },
    drop({ id }, event, carried) {
      scene.carried = null;
      scene.redraw();
      if (!event) return;
      fold(true);
      if (!carried) bench.show(id);
      else bench.drop(id, topicAt(event, id) ?? -1);
    },
    hover(event) {
      map.classList.toggle("name", Boolean(event && bench.editing && scene.nameAt(event.clientX, event.clientY)));
      const i = event ? scene.nearest(event.clientX, event.clientY, scene.pointSize() / 2 + 6) : -1;
      if (i !== scene.hovered) scene.show(i, false);
    },
    press(event) {
      const mouse = event.pointerType === "mouse";
      const i = scene.nearest(event.clientX, event.clientY, scene.pointSize() / 2 + (mouse ? 6 : 16));
      scene.show(i, true);
      // The second click of a double one zooms; it must not open the paper again.
      if (mouse && !bench.editing && event.timeStamp - pressed > 400) open(i);
      pressed = event.timeStamp;
    },
    draw(polygon) {
      scene.sketch = polygon;
      scene.redraw();
    },
    drawn(polygon) {
      scene.sketch = null;
      setLasso(false);
      filters.lasso(polygon);
      changed();
    },
  });
  map.addEventListener("dblclick", (event) => {
    if (!event.target.closest("#card")) camera.fly(camera.zoomed(2, event.clientX, event.clientY));
  });

  // The topic under the pointer, by its name or by a paper: not the one that is carried.
  function topicAt(event, but) {
    const [x, y] = [event.clientX, event.clientY];
    const i = scene.nearest(x, y, scene.pointSize() / 2 + 8);
    const id = scene.nameAt(x, y)?.id ?? (i < 0 ? OUTLIER : points.topic[i]);
    return id === but || id === OUTLIER ? undefined : id;
  }

  function step(by) {
    const rows = filters.rows();
    if (!rows.length) return;
    const at = rows.indexOf(scene.selected);
    scene.select(rows[at < 0 ? (by > 0 ? 0 : rows.length - 1) : (at + by + rows.length) % rows.length]);
  }
  // Around the middle, or the paper nearest to it where none would be left in sight.
  function zoom(factor) {
    const free = scene.room();
    const [wide, tall] = [free.right - free.left, free.bottom - free.top];
    const [x, y] = [(free.left + free.right) / 2, (free.top + free.bottom) / 2];
    const near = factor > 1 && scene.nearest(x, y, Math.min(wide, tall) / 2 / factor) < 0 ? scene.nearest(x, y, wide + tall) : -1;
    camera.fly(near < 0 ? camera.zoomed(factor, x, y) : camera.zoomed(factor, ...scene.place(near)));
  }
  function clear() {
    $("search").value = "";
    setLasso(false);
    filters.clear();
    histogram.clear();
    scene.show(-1, true);
    changed();
  }
  function escape() {
    if (scene.selected >= 0) scene.show(-1, true);
    else clear();
  }
  function search() {
    if (!scene.texts) return;
    filters.search($("search").value, scene.texts);
    changed();
  }
  const download = () =>
    save("papers.csv", toCsv(about, points, scene.texts, filters.rows(), edits.numbers()), "text/csv;charset=utf-8");

  const onMap = {
    ArrowLeft: () => camera.fly(camera.moved(90, 0)),
    ArrowRight: () => camera.fly(camera.moved(-90, 0)),
    ArrowUp: () => camera.fly(camera.moved(0, 90)),
    ArrowDown: () => camera.fly(camera.moved(0, -90)),
    Enter: () => open(scene.selected),
  };
  const anywhere = {
    "+": () => zoom(1.6),
    "=": () => zoom(1.6),
    "-": () => zoom(1 / 1.6),
    0: () => camera.fly(camera.whole(scene.room())),
    "/": () => $("search").focus(),
    n: () => step(1),
    p: () => step(-1),
    l: () => setLasso(!lassoing),
    e: () => editTopics(),
    t: scene.turnTheme,
    "?": () => $("help").showModal(),
    Escape: escape,
  };
  function editTopics() {
    bench.toggle();
    if (bench.editing) fold(true);
  }
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, select");
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !typing && bench.editing) {
      const key = event.key.toLowerCase();
      if (key !== "z" && key !== "y") return;
      event.preventDefault();
      if (key === "y" || event.shiftKey) bench.redo();
      else bench.undo();
    }
    if (event.ctrlKey || event.metaKey || event.altKey || $("help").open) return;
    if (event.target.closest("input, select") && event.key !== "Escape") return;
    const action = (document.activeElement === map && onMap[event.key]) || anywhere[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });
  const clicks = {
    "zoom-in": anywhere["+"],
    "zoom-out": anywhere["-"],
    home: anywhere[0],
    lasso: anywhere.l,
    theme: scene.turnTheme,
    keys: anywhere["?"],
    "help-close": () => $("help").close(),
    edit: editTopics,
    clear,
    download,
  };
  for (const [id, action] of Object.entries(clicks)) $(id).addEventListener("click", action);
  const fold = (wide) => {
    $("panel").classList.toggle("open", wide);
    $("fold").setAttribute("aria-expanded", String($("panel").classList.contains("open")));
    scene.fit();
  };
  $("fold").addEventListener("click", () => fold());
  $("search").addEventListener("focus", () => fold(true));
  $("search").addEventListener("input", search);
  $("color").addEventListener("change", () => {
    scene.color = $("color").value;
    scene.recolor();
  });

  const histogram = makeHistogram(bins, (span) => {
    filters.dates(bins, span);
    changed();
  });
  $("title").textContent = about.title;
  $("subtitle").textContent = about.subtitle;
  $("note").textContent = [about.sample, about.note].filter(Boolean).join(" ");
  if (!bins) $("color").querySelector("[value=date]").remove();
  if (!about.categories.length) $("color").querySelector("[value=category]").remove();
  if ($("color").querySelector(`[value=${about.color}]`)) $("color").value = scene.color = about.color;
  const { column } = about;
  if (column) $("color").append(Object.assign(element("option", column.title.toLowerCase()), { value: "column" }));
  if (about.color === "column") $("color").value = scene.color = "column";
  const bench = makeWorkbench(about, points, scene, filters, edits, {
    changed,
    choose(id, more) {
      filters.isolate(id, more);
      changed();
    },
  });
  scene.chosen = bench.showSend;
  for (const id of ["topics", "results", "tools"]) watchScroll($(id), $(`${id}-more`));
  changed();
  scene.fit();
  scene.texts = await readJson("texts");
  terms = await readTerms();
  scene.near = await readNear(points.n);
  map.dataset.ready = "";
  if ($("search").value) search();
}

start().catch((error) => {
  $("sorry").hidden = false;
  $("sorry").textContent = `This map could not be shown (${error.message}). It needs a browser of 2023 or later.`;
});
