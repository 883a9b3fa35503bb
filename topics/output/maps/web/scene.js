// What is drawn: the dots, their light, the names, the ring and card of one paper; and where the camera may look.

function makeScene(about, points, light, bins, filters) {
  const map = $("map");
  const words = $("words").getContext("2d");
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const narrow = matchMedia("(max-width: 700px)");
  const within = makeIndex(points);
  const covered = makeCover(points);
  const papers = { points, within, context: words };
  const order = drawingOrder(points);
  const camera = makeCamera(about, redraw);
  const painter = makePainter($("dots"), redraw);
  let names = { key: "", boxes: [], fields: [] };
  let due = false;
  let [width, height, ratio] = [1, 1, 1];

  const theme = () => document.documentElement.dataset.theme || (dark.matches ? "dark" : "light");
  const topicColor = (id) => about.palettes[theme()].topic[id] || about.palettes[theme()].quiet;
  const screenX = (i) => camera.screenX(points.x[i]);
  const screenY = (i) => camera.screenY(points.y[i]);

  // What the controls set: texts once they are there, a colour, papers pointed at or chosen, a lasso being drawn.
  const scene = {
    camera,
    texts: null,
    color: "topic",
    selected: -1,
    hovered: -1,
    sketch: null,
    recolor,
    redraw,
    room,
    show,
    select,
    nearest,
    pointSize,
    topicColor,
    fit() {
      const whole = camera.k === camera.home;
      [width, height, ratio] = [map.clientWidth, map.clientHeight, Math.min(devicePixelRatio || 1, 2)];
      const target = camera.whole(room());
      camera.jump(whole ? target : {});
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

  // The part of the window that the panel leaves to the map.
  function room() {
    const panel = $("panel").getBoundingClientRect();
    if (narrow.matches) {
      // Under the opened sheet the map is so low that the buttons would cover it.
      const beside = $("panel").classList.contains("open") ? 50 : 6;
      return { left: 6, right: width - beside, top: 34, bottom: Math.max(panel.top - 6, 120) };
    }
    return { left: panel.right + 10, right: width - 54, top: 12, bottom: height - 30 };
  }

  // Places, colours and sizes of all dots, those not wanted first and faint.
  function recolor() {
    const palette = about.palettes[theme()];
    const shade = (date) => palette.date[Math.round(((date - bins.low) / Math.max(bins.high - bins.low, 1e-9)) * (palette.date.length - 1))];
    const fill = {
      topic: (i) => palette.topic[points.topic[i]] || palette.quiet,
      category: (i) => palette.category[points.category[i]] || palette.quiet,
      date: (i) => (Number.isNaN(points.date[i]) ? palette.quiet : shade(points.date[i])),
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
    showTopics(filters, topicColor);
    showLegend(scene.color, about, palette, bins);
    showGlow(about, light, theme(), scene.color === "topic" && !some);
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
    const key = `${camera.k} ${camera.home} ${[...filters.topics]}`;
    if (names.key !== key) {
      const ids = about.topics.map((_, id) => id).filter((id) => !filters.topics.size || filters.topics.has(id));
      const boxes = layNames(words, about, camera, ids, covered, point);
      names = { key, boxes, fields: fieldShare(camera.zoom) ? layFields(about, camera, boxes, papers, point) : [] };
    }
    const here = (box) => ({ ...box, x: box.x + camera.x, y: box.y + camera.y });
    words.textAlign = "center";
    drawNames(names.fields.map(here), 0.55 * fieldShare(camera.zoom), 700, palette, paper);
    const boxes = names.boxes.map(here);
    drawTitles(boxes, point, css(palette.text), paper);
    words.textAlign = "center";
    drawNames(boxes, 1, 0, palette, paper);
    words.globalAlpha = 1;
    drawLasso(css(palette.text));
  }

  function drawNames(boxes, alpha, weight, palette, paper) {
    for (const box of boxes) {
      if (box.x > width || box.y > height || box.x + box.w < 0 || box.y + box.h < 0) continue;
      words.font = `${weight || box.weight} ${box.size}px ${FONT}`;
      words.globalAlpha = alpha * (filters.active && !filters.sizes.get(box.id) ? 0.35 : 1);
      const ink = scene.color === "topic" ? palette.ink[box.id] : palette.text;
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
    const free = room();
    const gap = 16;
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
    if (shown >= 0 && scene.texts) fillCard(shown, about, points, scene.texts, topicColor);
    redraw();
  }

  function select(i) {
    scene.hovered = -1;
    show(i, true);
    const free = room();
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
