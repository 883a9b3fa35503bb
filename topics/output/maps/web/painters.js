// Two painters with one face: `load` takes places, colours and sizes in drawing order, `draw` a camera.
// Colours are RGBA bytes, sizes tenths of the usual. WebGL where a graphics processor does it; where WebGL
// would be emulated, blending dots by hand into a plain canvas is quicker. `#webgl` in the address insists.

function makePainter(holder, redraw) {
  const canvas = () => {
    const fresh = element("canvas");
    fresh.setAttribute("aria-hidden", "true");
    holder.replaceChildren(fresh);
    return fresh;
  };
  let painter = glPainter(canvas()) || plainPainter(canvas());
  let loaded = null;
  const face = {
    load(...parts) {
      loaded = parts;
      painter.load(...parts);
    },
    draw(scene) {
      painter.draw(scene);
      holder.dataset.painter = painter.kind;
    },
  };
  holder.firstChild.addEventListener("webglcontextlost", () => {
    painter = plainPainter(canvas());
    if (loaded) painter.load(...loaded);
    redraw();
  });
  return face;
}

function resize(canvas, width, height) {
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
}

const VERTEX = `#version 300 es
in vec2 place; in vec4 color; in float size;
uniform vec2 scale, shift; uniform float point, boost;
out vec4 fill; out float wide;
void main() {
  gl_Position = vec4(place * scale + shift, 0.0, 1.0);
  wide = max(point * size * 25.5, 1.5);
  gl_PointSize = wide + 1.0;
  fill = vec4(color.rgb, min(color.a * boost, 1.0));
}`;
const FRAGMENT = `#version 300 es
precision mediump float;
in vec4 fill; in float wide;
uniform vec3 paper; uniform float edge;
out vec4 shown;
void main() {
  float radius = length(gl_PointCoord - 0.5) * (wide + 1.0);
  float inside = clamp(wide * 0.5 - radius + 0.5, 0.0, 1.0);
  float core = clamp(wide * 0.5 - edge - radius + 0.5, 0.0, 1.0);
  float alpha = fill.a * inside;
  shown = vec4(mix(paper, fill.rgb, core) * alpha, alpha);
}`;

function emulated(gl) {
  const known = gl.getExtension("WEBGL_debug_renderer_info");
  const name = gl.getParameter(known ? known.UNMASKED_RENDERER_WEBGL : gl.RENDERER);
  return /swiftshader|llvmpipe|softpipe|software|basic render/i.test(name);
}

function glPainter(canvas) {
  const gl = canvas.getContext("webgl2", { antialias: false });
  if (!gl || (emulated(gl) && location.hash !== "#webgl")) return null;
  const program = gl.createProgram();
  for (const [kind, source] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]]) {
    const shader = gl.createShader(kind);
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS)) return null;
  gl.useProgram(program);
  gl.enable(gl.BLEND);
  gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
  const at = (name) => gl.getUniformLocation(program, name);
  const uniforms = Object.fromEntries(["scale", "shift", "point", "boost", "paper", "edge"].map((u) => [u, at(u)]));
  const attribute = (name, parts, type) => {
    const buffer = gl.createBuffer();
    const slot = gl.getAttribLocation(program, name);
    gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
    gl.enableVertexAttribArray(slot);
    gl.vertexAttribPointer(slot, parts, type, true, 0, 0);
    return (values) => {
      gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
      gl.bufferData(gl.ARRAY_BUFFER, values, gl.DYNAMIC_DRAW);
    };
  };
  const places = attribute("place", 2, gl.UNSIGNED_SHORT);
  const colors = attribute("color", 4, gl.UNSIGNED_BYTE);
  const sizes = attribute("size", 1, gl.UNSIGNED_BYTE);
  let count = 0;
  return {
    kind: "webgl",
    load(place, color, size) {
      places(place);
      colors(color);
      sizes(size);
      count = size.length;
    },
    draw({ width, height, left, bottom, wide, tall, point, boost, paper, edge }) {
      resize(canvas, width, height);
      gl.viewport(0, 0, width, height);
      gl.clearColor(0, 0, 0, 0);
      gl.clear(gl.COLOR_BUFFER_BIT);
      gl.uniform2f(uniforms.scale, (2 * wide) / width, (2 * tall) / height);
      gl.uniform2f(uniforms.shift, (2 * left) / width - 1, (2 * bottom) / height - 1);
      gl.uniform1f(uniforms.point, point);
      gl.uniform1f(uniforms.boost, boost);
      gl.uniform3f(uniforms.paper, paper[0] / 255, paper[1] / 255, paper[2] / 255);
      gl.uniform1f(uniforms.edge, edge);
      gl.drawArrays(gl.POINTS, 0, count);
    },
  };
}

// One dot as offsets into an image of so many columns, and how much of each pixel it covers.
function makeStamp(wide, columns) {
  const half = Math.ceil(wide / 2 + 0.5);
  const [offsets, covers] = [[], []];
  for (let dy = -half; dy <= half; dy++) {
    for (let dx = -half; dx <= half; dx++) {
      const cover = Math.min(1, wide / 2 - Math.hypot(dx, dy) + 0.5);
      if (cover <= 0) continue;
      offsets.push(4 * (dy * columns + dx));
      covers.push(cover);
    }
  }
  return { offsets: Int32Array.from(offsets), covers: Float32Array.from(covers) };
}

function blend(data, at, stamp, red, green, blue, alpha) {
  const { offsets, covers } = stamp;
  for (let c = 0; c < offsets.length; c++) {
    const o = at + offsets[c];
    const a = alpha * covers[c];
    data[o] += (red - data[o]) * a;
    data[o + 1] += (green - data[o + 1]) * a;
    data[o + 2] += (blue - data[o + 2]) * a;
  }
}

function plainPainter(canvas) {
  // The image reaches this far beyond the canvas, so that no dot is cut and no pixel need be checked.
  const margin = 48;
  const context = canvas.getContext("2d");
  let [place, color, size] = [[], [], []];
  let image = null;
  return {
    kind: "plain",
    load(places, colors, sizes) {
      [place, color, size] = [places, colors, sizes];
    },
    draw({ width, height, left, bottom, wide, tall, point, boost, paper, edge }) {
      resize(canvas, width, height);
      const [columns, rows] = [width + 2 * margin, height + 2 * margin];
      if (image?.width !== columns || image.height !== rows) image = context.createImageData(columns, rows);
      const data = image.data;
      new Uint32Array(data.buffer).fill((255 << 24) | (paper[2] << 16) | (paper[1] << 8) | paper[0]);
      const reach = margin / 2;
      const [rims, cores] = [[], []];
      for (let i = 0; i < size.length; i++) {
        const x = Math.round(left + (place[2 * i] / 65535) * wide);
        const y = Math.round(height - bottom - (place[2 * i + 1] / 65535) * tall);
        if (x < -reach || y < -reach || x > width + reach || y > height + reach) continue;
        const at = 4 * ((y + margin) * columns + x + margin);
        const alpha = Math.min(1, (color[4 * i + 3] / 255) * boost);
        const dot = Math.max(1.5, (point * size[i]) / 10);
        if (edge) {
          const rim = (rims[size[i]] ??= makeStamp(dot, columns));
          blend(data, at, rim, paper[0], paper[1], paper[2], alpha);
        }
        const core = (cores[size[i]] ??= makeStamp(dot - 2 * edge, columns));
        blend(data, at, core, color[4 * i], color[4 * i + 1], color[4 * i + 2], alpha);
      }
      context.putImageData(image, -margin, -margin);
    },
  };
}
