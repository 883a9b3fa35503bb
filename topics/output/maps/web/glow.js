// A soft light in the topics' colours over the dots, stretched and moved by the compositor.

function showGlow(about, light, theme, shown) {
  const canvas = $("glow");
  canvas.hidden = !shown;
  if (canvas.dataset.theme === theme) return;
  canvas.dataset.theme = theme;
  const { width, height } = about.glow;
  [canvas.width, canvas.height] = [width, height];
  const bytes = new Uint8ClampedArray(light, theme === "dark" ? 4 * width * height : 0, 4 * width * height);
  canvas.getContext("2d").putImageData(new ImageData(bytes, width, height), 0, 0);
}

function moveGlow(about, camera) {
  const { style, width } = $("glow");
  const pad = about.glow.pad * camera.wide;
  const scale = (camera.wide + 2 * pad) / width;
  style.transform = `translate(${camera.x - pad}px, ${camera.y - camera.tall - pad}px) scale(${scale})`;
  style.opacity = Math.min(1, 1.6 / camera.zoom);
}
