// The histogram of dates and its brush: by mouse or finger on the bars, by keys on the two sliders.

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

// Papers by month where all lie within five years, else by year, or by decade; null where no date is known.
function makeBins(dates) {
  let [low, high, known, whole] = [Infinity, -Infinity, 0, 0];
  for (const date of dates) {
    if (Number.isNaN(date)) continue;
    known++;
    // A year alone is written as its middle.
    if (date % 1 === 0.5) whole++;
    low = Math.min(low, date);
    high = Math.max(high, date);
  }
  if (!known) return null;
  const perYear = high - low > 80 ? 0.1 : high - low > 5 || whole > known / 2 ? 1 : 12;
  const first = Math.floor(low * perYear);
  const count = Math.floor(high * perYear) - first + 1;
  const bin = new Int16Array(dates.length).fill(-1);
  const all = new Float64Array(count);
  for (let i = 0; i < dates.length; i++) {
    if (Number.isNaN(dates[i])) continue;
    bin[i] = Math.floor(dates[i] * perYear) - first;
    all[bin[i]]++;
  }
  const name = (k) => {
    if (perYear < 1) return `${Math.round((first + k) / perYear)}s`;
    if (perYear === 1) return `${first + k}`;
    return `${MONTHS[(first + k) % 12]} ${Math.floor((first + k) / 12)}`;
  };
  return { bin, all, count, name, low, high, missing: dates.length - known };
}

function makeHistogram(bins, brush) {
  $("when").hidden = !bins;
  if (!bins) return { show() {}, clear() {} };
  const svg = $("bars");
  const last = bins.count - 1;
  const top = Math.max(...bins.all);
  svg.setAttribute("viewBox", `0 0 ${bins.count} 100`);
  const bar = (k, kind) => {
    const rect = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    rect.setAttribute("x", k + 0.06);
    rect.setAttribute("width", 0.88);
    rect.setAttribute("class", kind);
    svg.append(rect);
    return rect;
  };
  const size = (rect, count) => {
    const tall = count ? Math.max(2.5, (100 * count) / top) : 0;
    rect.setAttribute("y", 100 - tall);
    rect.setAttribute("height", tall);
  };
  bins.all.forEach((count, k) => size(bar(k, "all"), count));
  const on = Array.from(bins.all, (_, k) => bar(k, "on"));

  const [from, to] = [$("from"), $("to")];
  from.max = to.max = last;
  const show = (a, b) => {
    [from.value, to.value] = [a, b];
    [$("when-from"), $("when-to")].forEach((text, k) => (text.textContent = bins.name([a, b][k])));
    [from, to].forEach((input, k) => input.setAttribute("aria-valuetext", bins.name([a, b][k])));
  };
  const set = (a, b) => {
    show(a, b);
    if (a === 0 && b === last) brush(null);
    else brush([a, b]);
  };
  from.addEventListener("input", () => set(Math.min(from.value, to.value), Number(to.value)));
  to.addEventListener("input", () => set(Number(from.value), Math.max(from.value, to.value)));

  let begun = null;
  const under = (event) => {
    const box = svg.getBoundingClientRect();
    return Math.max(0, Math.min(last, Math.floor(((event.clientX - box.left) / box.width) * bins.count)));
  };
  const drag = (event) => set(Math.min(begun, under(event)), Math.max(begun, under(event)));
  svg.addEventListener("pointerdown", (event) => {
    svg.setPointerCapture(event.pointerId);
    begun = under(event);
    drag(event);
  });
  svg.addEventListener("pointermove", (event) => begun !== null && drag(event));
  for (const end of ["pointerup", "pointercancel"]) svg.addEventListener(end, () => (begun = null));
  svg.addEventListener("dblclick", () => set(0, last));

  $("when-missing").textContent = bins.missing ? `${number(bins.missing)} without date` : "";
  show(0, last);
  return {
    clear: () => show(0, last),
    show(match) {
      const counts = new Float64Array(bins.count);
      for (let i = 0; i < match.length; i++) if (match[i] && bins.bin[i] >= 0) counts[bins.bin[i]]++;
      on.forEach((rect, k) => size(rect, counts[k]));
    },
  };
}
