// The map in a frame of its own origin; what is chosen there comes back as row numbers of the papers drawn, and
// what is changed as a file of edits.

const PAUSE = 150;

function render({ model, el }) {
  const frame = document.createElement("iframe");
  frame.title = "Map of the papers";
  frame.setAttribute("sandbox", "allow-scripts allow-popups allow-popups-to-escape-sandbox allow-downloads");
  frame.referrerPolicy = "no-referrer";
  frame.style.cssText = `width: 100%; height: ${model.get("height")}px; border: 1px solid #8884; border-radius: 4px`;
  frame.src = `data:text/html;charset=utf-8;base64,${model.get("page")}`;
  const waiting = {};
  const right = {
    chosen: (value) => value === null || (Array.isArray(value) && value.every(Number.isInteger)),
    edited: (value) => typeof value === "string",
  };

  function hear({ source, data }) {
    const [name, value] = [data?.topics, data?.value];
    if (source !== frame.contentWindow || !Object.hasOwn(right, name) || !right[name](value)) return;
    clearTimeout(waiting[name]);
    // A date that is dragged chooses anew with every step.
    waiting[name] = setTimeout(() => {
      model.set(name, value);
      model.save_changes();
    }, PAUSE);
  }

  addEventListener("message", hear);
  el.append(frame);
  return () => removeEventListener("message", hear);
}

export default { render };
