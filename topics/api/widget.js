// The map in a frame of its own origin; what is chosen there comes back as row numbers of the papers drawn.

const PAUSE = 150;

function render({ model, el }) {
  const frame = document.createElement("iframe");
  frame.title = "Map of the papers";
  frame.setAttribute("sandbox", "allow-scripts allow-popups allow-popups-to-escape-sandbox allow-downloads");
  frame.referrerPolicy = "no-referrer";
  frame.style.cssText = `width: 100%; height: ${model.get("height")}px; border: 1px solid #8884; border-radius: 4px`;
  frame.src = `data:text/html;charset=utf-8;base64,${model.get("page")}`;
  let waiting;

  function hear({ source, data }) {
    if (source !== frame.contentWindow || data?.topics !== "chosen") return;
    const rows = data.papers;
    if (rows !== null && !(Array.isArray(rows) && rows.every(Number.isInteger))) return;
    clearTimeout(waiting);
    // A date that is dragged chooses anew with every step.
    waiting = setTimeout(() => {
      model.set("chosen", rows);
      model.save_changes();
    }, PAUSE);
  }

  addEventListener("message", hear);
  el.append(frame);
  return () => removeEventListener("message", hear);
}

export default { render };
