// What is drawn: the dots, their light, the names, the ring and card of one paper; and where the camera may look.

// At most, on a phone held upright and on a wider window.
const STRETCH = { narrow: 1.5, wide: 1.3 };

function makeScene(about, points, light, bins, filters, edits) {
  const map = $("map");
  const words = $("words").getContext("2d");
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const narrow = matchMedia("(max-width: 700px)");
  let within = makeIndex(points);
  let covered = makeCover(points);
  const order = drawingOrder(points);
  const camera = makeCamera(about, redraw);
  const painter = makePainter($("dots"), redraw);
  let names = { key: "", boxes: [], fields: [], shown: [] };
  let due = false;
  let free = { left: 0, right: 1, top: 0, bottom: 1 };
  let [width, height, ratio] = [1, 1, 1];

  const theme = () => document.documentElement.dataset.theme || (dark.matches ? "dark" : "light");
  const own = (id, palette, colors, spare) =>
    id === OUTLIER ? palette.quiet : colors[id] || spare[(id - colors.length) % spare.length];
  const topicColor = (id, palette = about.palettes[theme()]) => own(id, palette, palette.topic, palette.spare);
  const inkColor = (id, palette) => own(id, palette, palette.ink, palette.spareInk);
  const screenX = (i) => camera.screenX(points.x[i]);
  const screenY = (i) => camera.screenY(points.y[i]);

  // What the controls set: texts once they are there, a colour, papers pointed at or chosen, a lasso being drawn.
  const scene = {
    camera,
    texts: null,
    near: null,
    // What else follows when another paper is chosen.
    chosen() {},
    color: "topic",
    selected: -1,
    hovered: -1,
    sketch: null,
    // The name of a topic that is carried to another: its number, where it is, and what lies under it.
    carried: null,
    recolor,
    redraw,
    room,
    show,
    select,
    nearest,
    place: (i) => [screenX(i), screenY(i)],
    nameAt: (x, y) => names.shown.find((box) => meet(box, { x, y, w: 0, h: 0 })),
    pointSize,
    topicColor,
    fit() {
      const whole = camera.k === camera.home;
      [width, height, ratio] = [map.clientWidth, map.clientHeight, Math.min(devicePixelRatio || 1, 2)];
      free = measuredRoom();
      // What somebody looks at closely stays where it is while the window changes.
      const shaped = (whole || narrow.matches || about.turned) && shape();
      const target = camera.whole(free);
      camera.jump(whole || shaped ? target : {});
    },
    turnTheme() {
      document.documentElement.dataset.theme = theme() === "dark" ? "light" : "dark";
      recolor();
    },
  };
  dark.addEventListener("change", recolor);
  addEventListener("resize", scene.fit);

  function pointSize() {
    const first = Math.max(about.point * camera.home, 9 * (50 / Math.max(points.n, 50)) ** 0.3);
    return Math.max(1.8, Math.min(first * camera.zoom ** 0.55, Math.max(first, 14)));
  }

  // The part of the window that the controls leave to the map.
  function room() {
    return free;
  }
  function measuredRoom() {
    const panel = $("panel").getBoundingClientRect();
    if (narrow.matches) {
      const top = Math.max(...[$("buttons"), $("note")].map((part) => part.getBoundingClientRect().bottom)) + 6;
      return { left: 6, right: width - 6, top, bottom: Math.max(panel.top - 6, top + 60) };
    }
    return { left: panel.right + 10, right: width - 54, top: 12, bottom: height - 30 };
  }

  // The map is stretched upwards where the window has room for it, and on a phone held upright it is turned by a
  // quarter where that makes it much larger: axes mean nothing. Whether anything changed.
  function shape() {
    if (narrow.matches && $("panel").classList.contains("open")) return false;
    const [w, h] = [free.right - free.left, free.bottom - free.top];
    const tall = about.height / about.stretch;
    const scale = (wide, high) => Math.min(w / wide, h / high);
    const turned = narrow.matches ? scale(tall, about.width) > 1.15 * scale(about.width, tall) : about.turned;
    if (turned) {
      stretch(1);
      turn();
    }
    const room = (h * about.width * about.stretch) / (w * about.height);
    const wanted = Math.max(1, Math.min(room, narrow.matches ? STRETCH.narrow : STRETCH.wide));
    const stretched = Math.abs(wanted - about.stretch) > 0.03;
    if (stretched) stretch(wanted);
    return turned || stretched;
  }
  const named = () => [...about.topics, ...edits.original, ...about.fields, ...about.subtopics];

  function stretch(by) {
    for (const one of named()) one.anchor = [one.anchor[0], (one.anchor[1] * by) / about.stretch];
    about.height *= by / about.stretch;
    about.stretch = by;
  }

  function turn() {
    about.turned = !about.turned;
    const spun = (x, y, w, h) => (about.turned ? [h - y, x] : [y, w - x]);
    for (let i = 0; i < points.n; i++) [points.x[i], points.y[i]] = spun(points.x[i], points.y[i], FULL, FULL);
    for (const one of named()) one.anchor = spun(...one.anchor, about.width, about.height);
    const polygon = filters.polygon || [];
    for (let k = 0; k < polygon.length; k += 2) {
      [polygon[k], polygon[k + 1]] = spun(polygon[k], polygon[k + 1], FULL, FULL);
    }
    [about.width, about.height] = [about.height, about.width];
    [within, covered] = [makeIndex(points), makeCover(points)];
    recolor();
  }

  // What colours mean beside topics and dates: see topics.output.maps.interactive._column.
  function shadeOf(i, palette) {
    const { column } = about;
    const value = points.column[i];
    if (value === 255) return palette.quiet;
    return column.ends ? palette.date[value] : column.palettes[theme()][value];
  }

  // Places, colours and sizes of all dots, those not wanted first and faint.
  function recolor() {
    const palette = about.palettes[theme()];
    const shade = (date) => palette.date[Math.round(((date - bins.low) / Math.max(bins.high - bins.low, 1e-9)) * (palette.date.length - 1))];
    const fill = {
      topic: (i) => topicColor(points.topic[i], palette),
      category: (i) => palette.category[points.category[i]] || palette.quiet,
      date: (i) => (Number.isNaN(points.date[i]) ? palette.quiet : shade(points.date[i])),
      column: (i) => shadeOf(i, palette),
    }[scene.color];
    const [place, fills, sizes] = [new Uint16Array(2 * points.n), new Uint8Array(4 * points.n), new Uint8Array(points.n)];
    let at = 0;
    const put = (i, rgb, alpha, size) => {
      place[2 * at] = points.x[i];
      place[2 * at + 1] = points.y[i];
      for (let part = 0; part < 3; part++) fills[4 * at + part] = rgb[part];
      fills[4 * at + 3] = alpha;
      sizes[at++] = size;
    };
    const some = filters.active;
    const stress = !some ? 1 : filters.count < 300 ? 1.5 : 1.15;
    if (some) for (const i of order) if (!filters.match[i]) put(i, palette.quiet, points.alpha[i] * 0.32, 7);
    for (const i of order) {
      if (!filters.match[i]) continue;
      const size = points.topic[i] === OUTLIER ? 7 : 10;
      put(i, fill(i), some ? Math.max(points.alpha[i], 200) : points.alpha[i], size * stress);
    }
    painter.load(place, fills, sizes);
    showTopics(filters, scene.color === "topic" ? topicColor : typical(fill, palette));
    showLegend(scene.color, about, palette, bins, theme());
    showGlow(about, light, theme(), scene.color === "topic" && !some && !edits.regrouped);
    redraw();
  }

  // The colour of a topic's typical paper: that of the mean on a scale, else the commonest.
  function typical(fill, palette) {
    const [sums, counts, kinds] = [new Map(), new Map(), new Map()];
    const scale = scene.color === "date" ? points.date : scene.color === "column" && about.column.ends ? points.column : null;
    for (let i = 0; i < points.n; i++) {
      const id = points.topic[i];
      if (scale) {
        if (Number.isNaN(scale[i]) || (scale === points.column && scale[i] === 255)) continue;
        sums.set(id, (sums.get(id) || 0) + scale[i]);
        counts.set(id, (counts.get(id) || 0) + 1);
        continue;
      }
      if (!kinds.has(id)) kinds.set(id, new Map());
      const key = String(fill(i));
      kinds.get(id).set(key, (kinds.get(id).get(key) || 0) + 1);
    }
    return (id) => {
      if (!scale) {
        const most = [...(kinds.get(id) || [])].sort((a, b) => b[1] - a[1])[0];
        return most ? most[0].split(",") : palette.quiet;
      }
      if (!counts.has(id)) return palette.quiet;
      const mean = sums.get(id) / counts.get(id);
      const share = scale === points.date ? (mean - bins.low) / Math.max(bins.high - bins.low, 1e-9) : mean / (palette.date.length - 1);
      return palette.date[Math.round(share * (palette.date.length - 1))];
    };
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
    const paper = about.palettes[theme()].paper;
    painter.draw({
      width: Math.round(width * ratio),
      height: Math.round(height * ratio),
      left: camera.x * ratio,
      bottom: (height - camera.y) * ratio,
      wide: camera.wide * ratio,
      tall: camera.tall * ratio,
      point: point * ratio,
      boost: Math.max(1, camera.zoom) ** 0.7,
      paper,
      edge: point > 6 ? ratio : 0,
    });
    moveGlow(about, camera);
    drawWords(point, css(paper));
    showRing(point);
  }

  function drawWords(point, paper) {
    const palette = about.palettes[theme()];
    resize($("words"), Math.round(width * ratio), Math.round(height * ratio));
    words.setTransform(ratio, 0, 0, ratio, 0, 0);
    words.clearRect(0, 0, width, height);
    words.lineJoin = "round";
    words.textBaseline = "middle";
    const key = `${camera.k} ${camera.home} ${about.turned} ${about.stretch} ${edits.version} ${[...filters.topics]}`;
    if (names.key !== key) {
      const ids = edits.living().filter((id) => !filters.topics.size || filters.topics.has(id));
      const boxes = layNames(words, about, camera, ids, covered, point);
      const papers = { points, within, context: words };
      const fields = fieldShare(camera.zoom) ? layFields(about, camera, boxes, papers, point) : [];
      names = { key, boxes, fields, shown: [] };
    }
    const here = (box) => ({ ...box, x: box.x + camera.x, y: box.y + camera.y });
    words.textAlign = "center";
    drawNames(names.fields.map(here), 0.55 * fieldShare(camera.zoom), 700, palette, paper);
    const boxes = inSight(names.boxes.map(here));
    names.shown = boxes.filter((box) => box.layer === "topic");
    drawTitles(boxes, point, css(palette.text), paper);
    words.textAlign = "center";
    drawNames(boxes, 1, 0, palette, paper);
    words.globalAlpha = 1;
    drawLasso(css(palette.text));
    drawThreads(css(palette.text));
    if (scene.carried) drawCarried(palette, paper);
  }

  // A topic's name that lies outside the free part of the window, or under a control, stands at its edge as
  // long as enough of its papers are in sight: so a place is known by its topic's name however close one looks.
  function inSight(boxes) {
    const inside = (box) =>
      box.x >= free.left && box.x + box.w <= free.right && box.y >= free.top && box.y + box.h <= free.bottom;
    const shown = boxes.filter((box) => (box.layer !== "topic" && !narrow.matches) || inside(box));
    if (shown.length === boxes.length && camera.zoom < 1.5) return shown;
    const seen = new Map();
    let total = 0;
    const [left, right] = [camera.mapX(free.left), camera.mapX(free.right)];
    within(left, camera.mapY(free.bottom), right, camera.mapY(free.top), (i) => {
      if (!filters.match[i]) return;
      total++;
      seen.set(points.topic[i], (seen.get(points.topic[i]) || 0) + 1);
    });
    const there = new Set(shown.filter((box) => box.layer === "topic").map((box) => box.id));
    const wanted = [...seen].filter(([id, count]) => id !== OUTLIER && !there.has(id) && count >= 0.04 * total);
    if (!total && camera.zoom > 1.5) wanted.push([nearestTopic(), 1]);
    for (const [id] of wanted.sort((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, 8)) {
      const known = boxes.find((box) => box.layer === "topic" && box.id === id) || (camera.zoom >= 3 && nameBox(id));
      if (!known) continue;
      const x = Math.max(free.left, Math.min(known.x, free.right - known.w));
      const y = Math.max(free.top, Math.min(known.y, free.bottom - known.h));
      const inwards = y > (free.top + free.bottom) / 2 ? -12 : 12;
      for (let step = 0; step < 8; step++) {
        const box = { ...known, x, y: y + step * inwards };
        if (shown.some((other) => meet(other, box))) continue;
        shown.push(box);
        break;
      }
    }
    return shown;
  }

  // Of a place without papers: the topic whose name would be nearest to its middle.
  function nearestTopic() {
    const [x, y] = [(free.left + free.right) / 2, (free.top + free.bottom) / 2];
    const far = (id) => {
      const [across, up] = about.topics[id].anchor;
      return Math.hypot(across * camera.k + camera.x - x, camera.y - up * camera.k - y);
    };
    return edits.living().reduce((best, id) => (far(id) < far(best) ? id : best));
  }

  function nameBox(id) {
    const { lines, anchor } = about.topics[id];
    const size = 14;
    const [w, h] = [measure(words, lines) * size + 6, lines.length * size * 1.2 + 4];
    const [x, y] = [anchor[0] * camera.k + camera.x - w / 2, camera.y - anchor[1] * camera.k - h / 2];
    return { x, y, w, h, id, layer: "topic", size, weight: 600, lines };
  }

  // From the chosen paper to its nearest ones.
  function drawThreads(ink) {
    if (scene.selected < 0 || !scene.near) return;
    words.lineWidth = 1;
    words.strokeStyle = ink;
    words.globalAlpha = 0.55;
    for (const i of scene.near(scene.selected)) {
      words.beginPath();
      words.moveTo(screenX(scene.selected), screenY(scene.selected));
      words.lineTo(screenX(i), screenY(i));
      words.stroke();
    }
    words.globalAlpha = 1;
  }

  function drawCarried(palette, paper) {
    const { id, x, y, onto } = scene.carried;
    const target = names.shown.find((box) => box.id === onto);
    if (target) {
      words.lineWidth = 2;
      words.strokeStyle = css(palette.text);
      words.strokeRect(target.x - 3, target.y - 2, target.w + 6, target.h + 4);
    }
    words.font = `600 14px ${FONT}`;
    drawText(words, cut(about.topics[id].label, 60), x, y - 18, css(inkColor(id, palette)), paper, 4);
    words.font = `12px ${FONT}`;
    const said = onto === undefined ? "drop it on another topic" : `merge with ${about.topics[onto].label}`;
    drawText(words, cut(said, 80), x, y + 22, css(palette.text), paper, 4);
  }

  function drawNames(boxes, alpha, weight, palette, paper) {
    for (const box of boxes) {
      if (box.x > width || box.y > height || box.x + box.w < 0 || box.y + box.h < 0) continue;
      words.font = `${weight || box.weight} ${box.size}px ${FONT}`;
      words.globalAlpha = alpha * (filters.active && !filters.sizes.get(box.id) ? 0.35 : 1);
      const ink = scene.color === "topic" ? inkColor(box.id, palette) : palette.text;
      box.lines.forEach((line, row) => {
        const y = box.y + 2 + ((box.h - 4) * (row + 0.5)) / box.lines.length;
        drawText(words, line, box.x + box.w / 2, y, css(ink), paper, box.layer === "field" ? 2 : 3.5);
      });
    }
  }

  function drawTitles(taken, point, ink, paper) {
    if (!scene.texts || camera.zoom < 1.5) return;
    const papers = [];
    within(camera.mapX(0), camera.mapY(height), camera.mapX(width), camera.mapY(0), (i) => {
      if (filters.match[i]) papers.push(i);
    });
    if (papers.length > TITLES) return;
    words.textAlign = "left";
    words.font = `11px ${FONT}`;
    const known = papers.sort((a, b) => a - b).map((i) => ({ x: screenX(i), y: screenY(i), title: scene.texts.title[i] }));
    for (const box of layTitles(words, known, taken, room(), point)) {
      drawText(words, box.text, box.x + 2, box.y + 8, ink, paper, 3);
    }
  }

  function drawLasso(ink) {
    const polygon = scene.sketch || filters.polygon;
    if (!polygon) return;
    words.beginPath();
    for (let k = 0; k < polygon.length; k += 2) {
      words.lineTo(camera.screenX(polygon[k]), camera.screenY(polygon[k + 1]));
    }
    words.closePath();
    words.setLineDash([5, 4]);
    words.lineWidth = 1.5;
    words.strokeStyle = ink;
    words.stroke();
    words.setLineDash([]);
  }

  function showRing(point) {
    const i = scene.hovered >= 0 ? scene.hovered : scene.selected;
    $("ring").hidden = i < 0;
    $("card").hidden = i < 0 || !scene.texts;
    if (i < 0) return;
    const size = Math.max(14, point + 8);
    Object.assign($("ring").style, {
      width: `${size}px`,
      height: `${size}px`,
      transform: `translate(${screenX(i) - size / 2}px, ${screenY(i) - size / 2}px)`,
    });
    placeCard(screenX(i), screenY(i));
  }

  // Beside the paper, within the part of the window that is free.
  function placeCard(x, y) {
    const card = $("card");
    const gap = 16;
    // On a small screen the paper stays in sight beside its card.
    card.style.maxHeight = narrow.matches ? `${Math.max(110, (free.bottom - free.top) / 2 - gap)}px` : "";
    const [w, h] = [card.offsetWidth, card.offsetHeight];
    let left = x + gap + w <= free.right ? x + gap : x - gap - w;
    left = Math.max(free.left, Math.min(left, free.right - w));
    let top = Math.max(free.top, Math.min(y - 24, free.bottom - h));
    if (x > left - 6 && x < left + w + 6) top = y + gap + h < free.bottom ? y + gap : Math.max(free.top, y - gap - h);
    card.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
  }

  function show(i, pin) {
    if (pin) scene.selected = i;
    else scene.hovered = i;
    const shown = scene.hovered >= 0 ? scene.hovered : scene.selected;
    $("card").classList.toggle("pinned", shown >= 0 && shown === scene.selected);
    map.classList.toggle("over", scene.hovered >= 0);
    if (shown >= 0 && scene.texts) {
      fillCard(shown, about, points, scene.texts, topicColor, edits);
      const pinned = shown === scene.selected && scene.hovered < 0;
      showNear(pinned && scene.near ? scene.near(shown) : [], scene.texts, select);
    }
    if (pin) scene.chosen();
    redraw();
  }

  function select(i) {
    scene.hovered = -1;
    show(i, true);
    const [x, y] = [screenX(i), screenY(i)];
    if (x > free.left && x < free.right && y > free.top && y < free.bottom) return;
    camera.fly(camera.moved((free.left + free.right) / 2 - x, (free.top + free.bottom) / 2 - y));
  }

  // The wanted paper nearest to a place on the screen, at most `reach` pixels away, or -1.
  function nearest(x, y, reach) {
    let [best, least] = [-1, reach * reach];
    within(camera.mapX(x - reach), camera.mapY(y + reach), camera.mapX(x + reach), camera.mapY(y - reach), (i) => {
      if (!filters.match[i]) return;
      const distance = (screenX(i) - x) ** 2 + (screenY(i) - y) ** 2;
      if (distance < least) [best, least] = [i, distance];
    });
    return best;
  }

  return scene;
}
