// Camera, pointer, keys; ties the parts together.

const map = $("map");
const dark = matchMedia("(prefers-color-scheme: dark)");
const still = matchMedia("(prefers-reduced-motion: reduce)");
const narrow = matchMedia("(max-width: 700px)");

async function start() {
  const about = await readJson("about");
  const points = await readPoints(about.drawn);
  const within = makeIndex(points);
  const covered = makeCover(points);
  const order = drawingOrder(points);
  const bins = makeBins(points.date);
  const filters = makeFilters(points);
  const words = $("words").getContext("2d");
  const painter = glPainter($("dots")) || plainPainter($("dots"));
  map.dataset.painter = painter.kind;

  let texts = null;
  let [width, height, ratio] = [1, 1, 1];
  let home = 1;
  const camera = { x: 0, y: 0, k: 1 };
  let color = "topic";
  let selected = -1;
  let hovered = -1;
  let names = [];
  let namesAt = 0;
  let due = false;

  const theme = () => document.documentElement.dataset.theme || (dark.matches ? "dark" : "light");
  const palette = () => about.palettes[theme()];
  const topicColor = (id) => palette().topic[id] || palette().quiet;
  const paperColor = () => (theme() === "dark" ? [21, 23, 28] : [255, 255, 255]);
  const screenX = (i) => (points.x[i] / 65535) * about.width * camera.k + camera.x;
  const screenY = (i) => camera.y - (points.y[i] / 65535) * about.height * camera.k;
  const pointSize = () => {
    const first = about.point * home;
    return Math.max(1.8, Math.min(first * (camera.k / home) ** 0.55, Math.max(first, 14)));
  };

  function place() {
    const box = map.getBoundingClientRect();
    [width, height, ratio] = [box.width, box.height, Math.min(devicePixelRatio || 1, 2)];
    for (const canvas of map.querySelectorAll("canvas")) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
    }
    const room = free();
    home = Math.min((room.right - room.left) / about.width, (room.bottom - room.top) / about.height);
  }

  // The part of the window that the panel leaves to the map.
  function free() {
    const panel = $("panel").getBoundingClientRect();
    if (narrow.matches) return { left: 8, right: width - 8, top: 30, bottom: Math.min(panel.top, height) - 8 };
    return { left: panel.right + 12, right: width - 54, top: 14, bottom: height - 28 };
  }

  function wholeMap() {
    const room = free();
    return {
      k: home,
      x: (room.left + room.right - about.width * home) / 2,
      y: (room.top + room.bottom + about.height * home) / 2,
    };
  }

  function recolor() {
    const shades = palette().date;
    const known = points.date.filter((date) => !Number.isNaN(date));
    const low = known.reduce((a, b) => Math.min(a, b), Infinity);
    const span = Math.max(known.reduce((a, b) => Math.max(a, b), -Infinity) - low, 1e-9);
    const fillOf = {
      topic: (i) => topicColor(points.topic[i]),
      category: (i) => palette().category[points.category[i]] || palette().quiet,
      date: (i) => {
        const share = (points.date[i] - low) / span;
        return Number.isNaN(share) ? palette().quiet : shades[Math.round(share * (shades.length - 1))];
      },
    }[color];
    const n = points.n;
    const place2 = new Uint16Array(2 * n);
    const fills = new Uint8Array(4 * n);
    const sizes = new Uint8Array(n);
    let at = 0;
    const put = (i, rgb, alpha, size) => {
      place2[2 * at] = points.x[i];
      place2[2 * at + 1] = points.y[i];
      fills.set(rgb, 4 * at);
      fills[4 * at + 3] = alpha;
      sizes[at++] = size;
    };
    const some = filters.active;
    if (some) for (const i of order) if (!filters.match[i]) put(i, palette().quiet, points.alpha[i] * 0.3, 7);
    for (const i of order) {
      if (!filters.match[i]) continue;
      const quiet = points.topic[i] === OUTLIER && color === "topic";
      put(i, fillOf(i), some ? Math.max(points.alpha[i], 190) : points.alpha[i], quiet ? 6.5 : some ? 11 : 10);
    }
    painter.load(place2, fills, sizes);
    showTopics(filters, topicColor);
    showLegend(color, about, palette(), bins);
    namesAt = 0;
    redraw();
  }

  function redraw() {
    if (due) return;
    due = true;
    requestAnimationFrame(() => {
      due = false;
      draw();
    });
  }

  function draw() {
    const point = pointSize();
    painter.draw({
      width: Math.round(width * ratio),
      height: Math.round(height * ratio),
      left: camera.x * ratio,
      bottom: (height - camera.y) * ratio,
      wide: about.width * camera.k * ratio,
      tall: about.height * camera.k * ratio,
      point: point * ratio,
      boost: (camera.k / home) ** 0.7,
      paper: paperColor(),
      edge: point > 6 ? ratio : 0,
    });
    drawWords(point);
    const ring = $("ring");
    const shown = selected >= 0 ? selected : hovered;
    ring.hidden = shown < 0;
    if (shown >= 0) {
      const size = Math.max(14, point + 8);
      ring.style.width = ring.style.height = `${size}px`;
      ring.style.margin = `${-size / 2}px`;
      ring.style.transform = `translate(${screenX(shown)}px, ${screenY(shown)}px)`;
      placeCard(shown);
    }
  }

  function drawWords(point) {
    words.setTransform(ratio, 0, 0, ratio, 0, 0);
    words.clearRect(0, 0, width, height);
    words.lineJoin = "round";
    words.textAlign = "center";
    words.textBaseline = "middle";
    if (namesAt !== camera.k) {
      const wanted = about.topics.map((_, id) => id).filter((id) => !filters.topics.size || filters.topics.has(id));
      names = layTopics(words, about, camera.k, wanted, covered, point);
      namesAt = camera.k;
    }
    const paper = css(paperColor());
    const text = getComputedStyle(document.documentElement).getPropertyValue("--text");
    const seen = names.map((box) => ({ ...box, x: box.x + camera.x, y: box.y + camera.y }));
    drawTitles(seen, paper, text);
    words.textAlign = "center";
    for (const box of seen) {
      if (box.x > width || box.y > height || box.x + box.w < 0 || box.y + box.h < 0) continue;
      words.font = `600 ${box.size}px ${WIDE_FONT}`;
      box.lines.forEach((line, row) => {
        drawText(words, line, box.x + box.w / 2, box.y + 2 + box.size * 1.2 * (row + 0.5), text, paper, 3.5);
      });
    }
    drawLasso(text);
  }

  function drawTitles(taken, paper, text) {
    if (!texts || camera.k < 1.5 * home) return;
    const papers = [];
    const [l, r, b, t] = [-camera.x, width - camera.x, camera.y - height, camera.y];
    const unit = (v, size) => (v / (size * camera.k)) * 65535;
    within(unit(l, about.width), unit(b, about.height), unit(r, about.width), unit(t, about.height), (i) => {
      if (papers.length < 160 && filters.match[i]) papers.push({ i, x: screenX(i), y: screenY(i), title: texts.title[i] });
    });
    if (papers.length >= 160) return;
    papers.sort((a, b2) => a.i - b2.i);
    words.textAlign = "left";
    words.font = `11px ${WIDE_FONT}`;
    for (const box of layTitles(words, papers, taken, width)) {
      drawText(words, box.text, box.x + 2, box.y + 8, text, paper, 3);
    }
  }

  function drawLasso(text) {
    const polygon = drawing || filters.lasso;
    if (!polygon || polygon.length < 4) return;
    words.beginPath();
    for (let k = 0; k < polygon.length; k += 2) {
      const x = (polygon[k] / 65535) * about.width * camera.k + camera.x;
      const y = camera.y - (polygon[k + 1] / 65535) * about.height * camera.k;
      if (k) words.lineTo(x, y);
      else words.moveTo(x, y);
    }
    words.closePath();
    words.setLineDash([5, 4]);
    words.lineWidth = 1.5;
    words.strokeStyle = text;
    words.stroke();
    words.setLineDash([]);
  }

  function placeCard(i) {
    const card = $("card");
    card.hidden = !texts;
    if (!texts) return;
    const [x, y, gap] = [screenX(i), screenY(i), 16];
    const room = free();
    const [w, h] = [card.offsetWidth, card.offsetHeight];
    let left = x + gap;
    if (left + w > room.right) left = x - gap - w;
    left = Math.max(room.left, Math.min(left, room.right - w));
    let top = Math.max(room.top, Math.min(y - 24, room.bottom - h));
    if (x > left - 6 && x < left + w + 6) top = y + gap + h < room.bottom ? y + gap : Math.max(room.top, y - gap - h);
    card.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
  }

  function show(i, pinned) {
    if (pinned) selected = i;
    else hovered = i;
    const shown = selected >= 0 ? selected : hovered;
    $("card").classList.toggle("pinned", selected >= 0);
    if (shown >= 0 && texts) showCard(shown, about, points, texts, topicColor);
    else $("card").hidden = true;
    map.classList.toggle("over", hovered >= 0);
    redraw();
  }

  function select(i) {
    hovered = -1;
    show(i, true);
    const room = free();
    const [x, y] = [screenX(i), screenY(i)];
    const outside = x < room.left || x > room.right || y < room.top || y > room.bottom;
    if (!outside) return;
    fly({ k: camera.k, x: camera.x + (room.left + room.right) / 2 - x, y: camera.y + (room.top + room.bottom) / 2 - y });
  }

  const open = (i) => {
    const url = texts && i >= 0 ? webLink(texts.url[i]) : "";
    if (url) window.open(url, "_blank", "noopener,noreferrer");
    return Boolean(url);
  };

  function changed() {
    const count = $("count");
    count.textContent = filters.active
      ? `${number(filters.count)} of ${number(points.n)} papers`
      : `${number(points.n)} papers`;
    $("download").hidden = $("clear").hidden = !filters.active;
    $("download").disabled = !filters.count;
    showResults(filters, texts, select);
    histogram.show(filters.match);
    if (selected >= 0 && !filters.match[selected]) show(-1, true);
    recolor();
  }

  function zoom(factor, x, y) {
    const k = Math.max(home * 0.5, Math.min(home * 60, camera.k * factor));
    const step = k / camera.k;
    return { k, x: x - (x - camera.x) * step, y: y - (y - camera.y) * step };
  }

  let flight = 0;
  function fly(target) {
    const from = { ...camera };
    const begun = performance.now();
    const ticket = ++flight;
    const step = (now) => {
      if (ticket !== flight) return;
      const share = still.matches ? 1 : Math.min(1, (now - begun) / 220);
      const ease = 1 - (1 - share) ** 3;
      for (const key of ["k", "x", "y"]) camera[key] = from[key] + (target[key] - from[key]) * ease;
      draw();
      if (share < 1) requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }

  function jump(target) {
    flight++;
    Object.assign(camera, target);
    redraw();
  }

  const middle = () => {
    const room = free();
    return [(room.left + room.right) / 2, (room.top + room.bottom) / 2];
  };

  function nearest(x, y, reach) {
    const [mx, my] = [(x - camera.x) / camera.k, (camera.y - y) / camera.k];
    const [ux, uy] = [65535 / about.width, 65535 / about.height];
    const r = reach / camera.k;
    let best = -1;
    let least = r * r;
    within((mx - r) * ux, (my - r) * uy, (mx + r) * ux, (my + r) * uy, (i) => {
      if (!filters.match[i]) return;
      const distance = (points.x[i] / ux - mx) ** 2 + (points.y[i] / uy - my) ** 2;
      if (distance < least) [best, least] = [i, distance];
    });
    return best;
  }

  // Pointer: one moves the map or draws, two zoom.
  const pointers = new Map();
  let drawing = null;
  let lasso = false;
  let moved = 0;
  const setLasso = (on) => {
    lasso = on;
    $("lasso").setAttribute("aria-pressed", String(on));
    map.classList.toggle("drawing", on);
  };
  const toMap = (event) => [
    ((event.clientX - camera.x) / (about.width * camera.k)) * 65535,
    ((camera.y - event.clientY) / (about.height * camera.k)) * 65535,
  ];
  map.addEventListener("pointerdown", (event) => {
    if (event.target.closest("#card") || event.button > 0) return;
    map.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, event);
    moved = 0;
    flight++;
    if (lasso || event.shiftKey) drawing = toMap(event);
  });
  map.addEventListener("pointermove", (event) => {
    const before = pointers.get(event.pointerId);
    if (!before) {
      if (event.pointerType === "mouse" && !event.target.closest("#card")) hover(event);
      return;
    }
    pointers.set(event.pointerId, event);
    const [dx, dy] = [event.clientX - before.clientX, event.clientY - before.clientY];
    moved += Math.abs(dx) + Math.abs(dy);
    if (drawing) drawing.push(...toMap(event));
    else if (pointers.size === 1) Object.assign(camera, { x: camera.x + dx, y: camera.y + dy });
    else pinch(event, before);
    map.classList.toggle("moving", moved > 4);
    redraw();
  });
  function pinch(event, before) {
    const other = [...pointers.values()].find((pointer) => pointer.pointerId !== event.pointerId);
    const reach = (pointer) => Math.hypot(pointer.clientX - other.clientX, pointer.clientY - other.clientY);
    const [x, y] = [(event.clientX + other.clientX) / 2, (event.clientY + other.clientY) / 2];
    Object.assign(camera, zoom(reach(event) / Math.max(reach(before), 1), x, y));
    camera.x += (event.clientX - before.clientX) / 2;
    camera.y += (event.clientY - before.clientY) / 2;
  }
  const release = (event) => {
    if (!pointers.delete(event.pointerId)) return;
    map.classList.remove("moving");
    if (drawing) {
      const polygon = drawing;
      drawing = null;
      setLasso(false);
      filters.draw(polygon.length >= 6 ? polygon : null);
      changed();
    } else if (event.type === "pointerup" && moved <= 4) press(event);
  };
  map.addEventListener("pointerup", release);
  map.addEventListener("pointercancel", release);
  map.addEventListener("pointerleave", () => hovered >= 0 && show(-1, false));
  function hover(event) {
    const i = nearest(event.clientX, event.clientY, pointSize() / 2 + 6);
    if (i !== hovered) show(i, false);
  }
  function press(event) {
    const i = nearest(event.clientX, event.clientY, pointSize() / 2 + (event.pointerType === "mouse" ? 6 : 16));
    show(i, true);
    if (event.pointerType === "mouse") open(i);
  }
  map.addEventListener("wheel", (event) => {
    if (event.target.closest("#card.pinned")) return;
    event.preventDefault();
    const delta = event.deltaY * (event.deltaMode === 1 ? 16 : 1) * (event.ctrlKey ? 5 : 1);
    jump(zoom(Math.exp(-Math.max(-240, Math.min(240, delta)) * 0.0022), event.clientX, event.clientY));
  }, { passive: false });
  map.addEventListener("dblclick", (event) => !event.target.closest("#card") && fly(zoom(2, event.clientX, event.clientY)));

  function step(by) {
    const rows = filters.rows(points.n);
    if (!rows.length) return;
    const at = rows.indexOf(selected);
    select(rows[(at < 0 ? (by > 0 ? 0 : rows.length - 1) : at + by + rows.length) % rows.length]);
  }
  function clearAll() {
    $("search").value = "";
    setLasso(false);
    filters.clear();
    histogram.clear();
    show(-1, true);
    changed();
  }
  function toggleTheme() {
    document.documentElement.dataset.theme = theme() === "dark" ? "light" : "dark";
    recolor();
  }
  const slide = (dx, dy) => fly({ k: camera.k, x: camera.x + dx, y: camera.y + dy });
  const onMap = {
    ArrowLeft: () => slide(90, 0),
    ArrowRight: () => slide(-90, 0),
    ArrowUp: () => slide(0, 90),
    ArrowDown: () => slide(0, -90),
    Enter: () => open(selected),
  };
  const anywhere = {
    "+": () => fly(zoom(1.6, ...middle())),
    "=": () => fly(zoom(1.6, ...middle())),
    "-": () => fly(zoom(1 / 1.6, ...middle())),
    0: () => fly(wholeMap()),
    "/": () => $("search").focus(),
    n: () => step(1),
    p: () => step(-1),
    l: () => setLasso(!lasso),
    t: toggleTheme,
    "?": () => $("help").showModal(),
    Escape: clearAll,
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || $("help").open) return;
    const typing = event.target.closest?.("input, select, textarea");
    if (typing && event.key !== "Escape") return;
    const action = (document.activeElement === map && onMap[event.key]) || anywhere[event.key] || anywhere[event.key.toLowerCase()];
    if (!action) return;
    event.preventDefault();
    action();
  });
  const onClick = {
    "zoom-in": anywhere["+"],
    "zoom-out": anywhere["-"],
    home: anywhere[0],
    lasso: anywhere.l,
    theme: toggleTheme,
    keys: anywhere["?"],
    clear: clearAll,
  };
  for (const [id, action] of Object.entries(onClick)) $(id).addEventListener("click", action);
  $("fold").addEventListener("click", () => {
    $("fold").setAttribute("aria-expanded", String($("panel").classList.toggle("open")));
  });
  $("color").addEventListener("change", (event) => {
    color = event.target.value;
    recolor();
  });
  $("search").addEventListener("input", () => {
    if (!texts) return;
    filters.search($("search").value, texts);
    changed();
  });
  $("search").addEventListener("focus", () => narrow.matches && $("panel").classList.add("open"));
  $("download").addEventListener("click", () => {
    const rows = filters.rows(points.n);
    const link = element("a");
    link.href = URL.createObjectURL(new Blob([toCsv(about, points, texts, rows)], { type: "text/csv" }));
    link.download = "papers.csv";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  });
  dark.addEventListener("change", recolor);
  addEventListener("resize", () => {
    const whole = camera.k === home;
    place();
    jump(whole ? wholeMap() : { ...camera });
    namesAt = 0;
  });

  const histogram = makeHistogram(bins, (from, to) => {
    filters.dates(bins?.bin, from, to);
    changed();
  });
  $("title").textContent = about.title;
  $("subtitle").textContent = about.subtitle;
  $("note").textContent = [about.sample, about.note].filter(Boolean).join(" ");
  for (const [value, there] of [["date", bins], ["category", about.categories.length]]) {
    if (!there) $("color").querySelector(`[value=${value}]`).remove();
  }
  listTopics(about, points, (id, more) => {
    filters.isolate(id, more);
    changed();
  });
  changed();
  place();
  jump(wholeMap());
  texts = await readJson("texts");
  map.dataset.ready = "";
  changed();
}

start().catch((error) => {
  $("sorry").hidden = false;
  $("sorry").textContent = `This map could not be shown: ${error.message}. A browser of 2023 or later is needed.`;
});
