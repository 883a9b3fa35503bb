// Where the map lies on the screen: x, y is its lower left corner in pixels, k pixels per millimetre.
// Places of papers are in 65535ths of the map's sides.

const FULL = 65535;
const CLOSEST = 60;

function makeCamera(about, redraw) {
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  let flight = 0;
  const camera = {
    x: 0,
    y: 0,
    k: 1,
    home: 1,
    get wide() {
      return about.width * camera.k;
    },
    get tall() {
      return about.height * camera.k;
    },
    // How much closer than the whole map.
    get zoom() {
      return camera.k / camera.home;
    },
    screenX: (u) => (u / FULL) * about.width * camera.k + camera.x,
    screenY: (v) => camera.y - (v / FULL) * about.height * camera.k,
    mapX: (x) => ((x - camera.x) / (about.width * camera.k)) * FULL,
    mapY: (y) => ((camera.y - y) / (about.height * camera.k)) * FULL,

    // The whole map within a room of the screen.
    whole(room) {
      const [w, h] = [room.right - room.left, room.bottom - room.top];
      camera.home = Math.max(Math.min(w / about.width, h / about.height), 0.01);
      const k = camera.home;
      return { k, x: room.left + (w - about.width * k) / 2, y: room.top + (h + about.height * k) / 2 };
    },
    zoomed(factor, x, y) {
      const k = Math.max(camera.home * 0.6, Math.min(camera.home * CLOSEST, camera.k * factor));
      const step = k / camera.k;
      return { k, x: x - (x - camera.x) * step, y: y - (y - camera.y) * step };
    },
    moved: (dx, dy) => ({ k: camera.k, x: camera.x + dx, y: camera.y + dy }),
    jump(target) {
      flight++;
      Object.assign(camera, target);
      redraw();
    },
    fly(target) {
      const from = { k: camera.k, x: camera.x, y: camera.y };
      const begun = performance.now();
      const ticket = ++flight;
      const step = (now) => {
        if (ticket !== flight) return;
        const share = calm.matches ? 1 : Math.max(0, Math.min(1, (now - begun) / 220));
        const ease = 1 - (1 - share) ** 3;
        for (const key of ["k", "x", "y"]) camera[key] = share < 1 ? from[key] + (target[key] - from[key]) * ease : target[key];
        redraw();
        if (share < 1) requestAnimationFrame(step);
      };
      requestAnimationFrame(step);
    },
  };
  return camera;
}
