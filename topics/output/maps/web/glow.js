// A soft light in the topics' colours over the dots, stretched and moved by the compositor.

function showGlow(about, light, theme, shown) {
  const canvas = $("glow");
  canvas.hidden = !shown;
  const drawn = `${theme} ${about.turned}`;
  if (canvas.dataset.drawn === drawn) return;
  canvas.dataset.drawn = drawn;
  const { width, height } = about.glow;
  const [wide, tall] = about.turned ? [height, width] : [width, height];
  [canvas.width, canvas.height] = [wide, tall];
  const bytes = new Uint8ClampedArray(light, theme === "dark" ? 4 * width * height : 0, 4 * width * height);
  const picture = new ImageData(wide, tall);
  const [from, to] = [new Uint32Array(bytes.slice().buffer), new Uint32Array(picture.data.buffer)];
  for (let y = 0; y < tall; y++) {
    for (let x = 0; x < wide; x++) to[y * wide + x] = about.turned ? from[x * width + width - 1 - y] : from[y * width + x];
  }
  canvas.getContext("2d").putImageData(picture, 0, 0);
}

function moveGlow(about, camera) {
  const { style, width, height } = $("glow");
  const across = about.glow.pad * (about.turned ? camera.tall / about.stretch : camera.wide);
  const up = across * about.stretch;
  const scale = `${(camera.wide + 2 * across) / width}, ${(camera.tall + 2 * up) / height}`;
  style.transform = `translate(${camera.x - across}px, ${camera.y - camera.tall - up}px) scale(${scale})`;
  style.opacity = Math.min(1, 1.6 / camera.zoom);
}
