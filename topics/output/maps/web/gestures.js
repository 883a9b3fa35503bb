// Mouse, pen and fingers on the map: one moves it or draws, two zoom, the wheel zooms.

function listenToPointers(map, camera, on) {
  const pointers = new Map();
  let drawing = null;
  let held = null;
  let moved = 0;
  const spot = (event) => [camera.mapX(event.clientX), camera.mapY(event.clientY)];
  const onCard = (event) => Boolean(event.target.closest("#card"));

  map.addEventListener("pointerdown", (event) => {
    if (onCard(event) || event.button > 0) return;
    map.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, event);
    moved = 0;
    if (on.lassoing() || event.shiftKey) drawing = spot(event);
    else held = pointers.size === 1 ? on.grab(event) : null;
  });

  map.addEventListener("pointermove", (event) => {
    const before = pointers.get(event.pointerId);
    if (!before) {
      if (event.pointerType === "mouse") on.hover(onCard(event) ? null : event);
      return;
    }
    pointers.set(event.pointerId, event);
    const [dx, dy] = [event.clientX - before.clientX, event.clientY - before.clientY];
    moved += Math.abs(dx) + Math.abs(dy);
    map.classList.toggle("moving", moved > 4);
    if (drawing) {
      drawing.push(...spot(event));
      on.draw(drawing);
    } else if (held && pointers.size === 1) {
      if (moved > 4) on.carry(held, event);
    } else if (pointers.size === 1) camera.jump(camera.moved(dx, dy));
    else pinch(event, before, dx, dy);
  });

  function pinch(event, before, dx, dy) {
    const other = [...pointers.values()].find((pointer) => pointer.pointerId !== event.pointerId);
    const reach = (pointer) => Math.hypot(pointer.clientX - other.clientX, pointer.clientY - other.clientY);
    const [x, y] = [(event.clientX + other.clientX) / 2, (event.clientY + other.clientY) / 2];
    const target = camera.zoomed(reach(event) / Math.max(reach(before), 1), x, y);
    camera.jump({ k: target.k, x: target.x + dx / 2, y: target.y + dy / 2 });
  }

  function release(event) {
    if (!pointers.delete(event.pointerId)) return;
    map.classList.remove("moving");
    if (drawing) {
      on.drawn(drawing.length > 6 ? drawing : null);
      drawing = null;
    } else if (held) {
      on.drop(held, event.type === "pointerup" ? event : null, moved > 4);
      held = null;
    } else if (event.type === "pointerup" && moved <= 4 && !pointers.size) on.press(event);
  }
  map.addEventListener("pointerup", release);
  map.addEventListener("pointercancel", release);
  map.addEventListener("pointerleave", () => on.hover(null));

  map.addEventListener("wheel", (event) => {
    if (onCard(event)) return;
    event.preventDefault();
    const delta = event.deltaY * (event.deltaMode === 1 ? 16 : 1) * (event.ctrlKey ? 5 : 1);
    const factor = Math.exp(-Math.max(-240, Math.min(240, delta)) * 0.0022);
    camera.jump(camera.zoomed(factor, event.clientX, event.clientY));
    on.hover(event);
  }, { passive: false });
}
