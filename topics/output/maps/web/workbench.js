// Changing topics: the form under a topic's row, papers sent elsewhere, the list of changes and its file.

const SAMPLE =
  "Pick a name on the map, or Change, to rename or merge. Drag one topic onto another to merge them. Of a sample, papers cannot be sent elsewhere.";

function makeWorkbench(about, points, scene, filters, edits, { choose, changed }) {
  const bench = $("bench");
  let [editing, open] = [false, -1];
  // The name that the form last put into its field itself; what a person typed is not overwritten.
  let offered = "";

  edits.yaml = () => toYaml(about, scene.texts, edits.done);
  edits.changed = () => {
    close();
    filters.renew($("search").value, scene.texts);
    list();
    showChanges();
    scene.show(scene.selected, true);
    changed();
  };

  const list = () => listTopics(about, edits.living(), choose, editing ? (id) => (open === id ? close() : show(id)) : null);
  const row = (id) => $("topics").querySelector(`[data-topic="${id}"]`)?.parentElement;
  const option = (value, text) => Object.assign(element("option", text), { value });

  function set(on) {
    if (on && !scene.texts) return;
    editing = on;
    $("edit").setAttribute("aria-pressed", String(on));
    $("edit").textContent = on ? "Done" : "Edit";
    $("panel").classList.toggle("editing", on);
    $("map").classList.toggle("editing", on);
    $("edit-hint").hidden = !on;
    if (!edits.whole) $("edit-hint").textContent = SAMPLE;
    close();
    list();
    showChanges();
    showSend();
    changed();
  }

  // ---- the form of one topic

  function show(id, into = null) {
    if (!editing) set(true);
    if (!about.topics[id] || about.topics[id].gone) return;
    close();
    open = id;
    const topic = about.topics[id];
    row(id).append(bench);
    row(id).querySelector(".pen").setAttribute("aria-expanded", "true");
    bench.hidden = false;
    why("");
    $("bench-name").value = offered = topic.label;
    const others = edits.living().filter((other) => other !== id);
    $("bench-into").replaceChildren(option("", "choose a topic"), ...others.map((other) => option(other, about.topics[other].label)));
    $("bench-into").value = into ?? "";
    $("bench-merging").hidden = !others.length;
    $("bench-drop").hidden = !others.length;
    showParts(id);
    merging();
    row(id).scrollIntoView({ block: "nearest" });
    if (into === null) $("bench-name").select();
    $(into === null ? "bench-name" : "bench-merge").focus();
  }

  function close() {
    if (open < 0) return;
    const pen = row(open)?.querySelector(".pen");
    pen?.setAttribute("aria-expanded", "false");
    if (bench.contains(document.activeElement)) pen?.focus();
    $("workbench").append(bench);
    bench.hidden = true;
    open = -1;
  }

  const why = (text) => {
    $("bench-why").textContent = text && `Not done: ${text}.`;
    return !text;
  };

  // Names that are offered: those of the topic, and of the one that it would be merged with.
  function merging() {
    const other = $("bench-into").value === "" ? -1 : Number($("bench-into").value);
    const ids = other < 0 ? [open] : [open, other];
    const names = new Map();
    for (const id of ids) {
      const { label, names: known, touched } = about.topics[id];
      // What a name fits is known of the run's own papers.
      for (const [name, share] of [[label], ...known.map((one) => (touched ? one.slice(0, 1) : one))]) {
        if (share !== undefined || !names.has(name)) names.set(name, share === undefined ? "" : fits(share, ids.length > 1 && id));
      }
    }
    if (other >= 0) {
      const larger = about.topics[other].size > about.topics[open].size ? other : open;
      names.set(`${about.topics[open].label} and ${about.topics[other].label}`, "");
      if ($("bench-name").value === offered) $("bench-name").value = offered = about.topics[larger].label;
    }
    const offers = [...names].filter(([name]) => [...name].length <= NAME_LENGTH);
    $("bench-names").replaceChildren(
      ...offers.map(([name, said]) => {
        const made = button(element("bdi", name), element("small", said));
        made.addEventListener("click", () => {
          $("bench-name").value = offered = name;
          $(other < 0 ? "bench-rename" : "bench-merge").focus();
        });
        return item(made);
      }),
    );
    $("bench-merge").disabled = other < 0;
    $("bench-rename").disabled = other >= 0;
  }
  const fits = (share, id) => `fits ${percent(share)}${id === false ? "" : ` of ${about.topics[id].label}`}`;

  function showParts(id) {
    const sizes = new Map();
    for (let i = 0; i < points.n; i++) {
      if (points.topic[i] === id && about.subtopics[points.subtopic[i]]) {
        sizes.set(points.subtopic[i], (sizes.get(points.subtopic[i]) || 0) + 1);
      }
    }
    const parts = edits.whole ? [...sizes].sort((a, b) => b[1] - a[1] || a[0] - b[0]) : [];
    const some = parts.length > 1 || (parts.length === 1 && parts[0][1] < about.topics[id].size);
    $("bench-parts").replaceChildren(
      ...(some ? parts : []).map(([part, size]) => {
        const box = Object.assign(element("input"), { type: "checkbox", value: part });
        box.addEventListener("change", namePart);
        const made = element("label");
        made.append(box, element("bdi", about.subtopics[part].label), element("b", number(size)));
        return item(made);
      }),
    );
    $("bench-off").hidden = !some;
    $("bench-part").value = "";
    $("bench-pieces").max = Math.min(50, about.topics[id].size);
    $("bench-divide").disabled = about.topics[id].size < 2;
    namePart();
  }

  const chosenParts = () => [...$("bench-parts").querySelectorAll("input:checked")].map((box) => Number(box.value));
  function namePart() {
    const chosen = chosenParts();
    $("bench-part").value = chosen.map((part) => about.subtopics[part].label).slice(0, 2).join(" and ");
    $("bench-split").disabled = !chosen.length;
  }

  // No form is submitted: a page shown inside a notebook may not.
  bench.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      event.stopPropagation();
      close();
    }
    const named = $("bench-into").value ? "bench-merge" : "bench-rename";
    const does = { "bench-name": named, "bench-part": "bench-split", "bench-pieces": "bench-divide" };
    if (event.key === "Enter" && does[event.target.id]) $(does[event.target.id]).click();
  });
  $("bench-rename").addEventListener("click", () => rename(open, $("bench-name").value));
  $("bench-into").addEventListener("change", merging);
  $("bench-merge").addEventListener("click", () => merge(open, Number($("bench-into").value), $("bench-name").value));
  $("bench-split").addEventListener("click", () => {
    const parts = new Set(chosenParts());
    const rows = all((i) => points.topic[i] === open && parts.has(points.subtopic[i]));
    splitOff(open, rows, $("bench-part").value);
  });
  $("bench-divide").addEventListener("click", () => {
    const into = Number($("bench-pieces").value);
    if (!(Number.isInteger(into) && into >= 2 && into <= Number($("bench-pieces").max))) {
      why(`a number from 2 to ${$("bench-pieces").max} is needed`);
      return;
    }
    then(open, edits.make(`${edits.name(open)} is to be divided into ${into}`, { split: { topic: open, into } }));
  });
  $("bench-drop").addEventListener("click", () => {
    const said = `${edits.name(open)} dissolved: its ${papersText(about.topics[open].size)} are outside any topic`;
    then(-1, edits.make(said, { drop: { topic: open } }));
  });

  // After a step: the reason why it was not made, or the topic's row again.
  function then(id, reason) {
    if (!why(reason)) return;
    (row(id)?.querySelector(".pen") || $("undo")).focus();
    say(edits.done.at(-1).said);
  }
  const say = (text) => ($("changes-said").textContent = text);

  function rename(id, text) {
    const to = plainName(text);
    if (to === about.topics[id].label) return close();
    then(id, edits.make(`${edits.name(id)} is called “${to}”`, { rename: { topic: id, to } }));
  }
  function merge(id, other, text) {
    const label = plainName(text);
    const said = `${edits.name(id)} and ${edits.name(other)} merged as “${label}”`;
    then(id, edits.make(said, { merge: { topics: [id, other], label } }));
  }
  function splitOff(id, papers, text) {
    const label = plainName(text);
    const said = `${papersText(papers.length)} of ${edits.name(id)} split off as “${label}”`;
    then(id, edits.make(said, { split: { topic: id, papers, label } }));
  }

  // ---- papers sent elsewhere

  const all = (wanted) => {
    const rows = [];
    for (let i = 0; i < points.n; i++) if (wanted(i)) rows.push(i);
    return rows;
  };
  const chosen = () => (filters.active ? filters.rows() : scene.selected >= 0 ? [scene.selected] : []);

  function showSend() {
    const rows = editing && edits.whole ? chosen() : [];
    $("send").hidden = !rows.length;
    if (!rows.length) return;
    const before = $("send-to").value;
    $("send-to").replaceChildren(
      option("", `Send ${rows.length === 1 ? "this paper" : `these ${papersText(rows.length)}`} to …`),
      option("new", "a new topic"),
      option(OUTLIER, "no topic (outliers)"),
      ...edits.living().map((id) => option(id, about.topics[id].label)),
    );
    $("send-to").value = before;
    if ($("send-to").selectedIndex < 0) $("send-to").value = "";
    sending();
  }
  function sending() {
    const fresh = $("send-to").value === "new";
    $("send-name").hidden = !fresh;
    $("send-go").disabled = !$("send-to").value;
    $("send-why").textContent = "";
    if (fresh && !$("send-name").value) $("send-name").value = $("common-terms").querySelector("bdi")?.textContent || "";
  }
  $("send-to").addEventListener("change", sending);
  $("send-name").addEventListener("keydown", (event) => {
    if (event.key === "Enter") $("send-go").click();
  });
  $("send-go").addEventListener("click", () => {
    const rows = chosen();
    const to = $("send-to").value;
    const reason = to === "new" ? found(rows, plainName($("send-name").value)) : send(rows, Number(to));
    $("send-why").textContent = reason && `Not done: ${reason}.`;
    if (reason) return;
    $("send-name").value = $("send-to").value = "";
    $("send-go").disabled = $("send-name").hidden = true;
    say(edits.done.at(-1).said);
  });

  // Rows by topic, the topics all of whose papers are among them, and the others, those with most rows first.
  function sorted(rows, but = OUTLIER) {
    const groups = new Map();
    for (const i of rows) {
      const id = points.topic[i];
      if (id === but || id === OUTLIER) continue;
      groups.set(id, (groups.get(id) || 0) + 1);
    }
    const ids = [...groups.keys()].sort((a, b) => groups.get(b) - groups.get(a) || a - b);
    const whole = ids.filter((id) => groups.get(id) === about.topics[id].size);
    return { whole, part: ids.filter((id) => !whole.includes(id)) };
  }

  // Topics that would have no papers left are merged or dissolved: papers alone cannot leave them empty.
  function send(rows, to) {
    const { whole } = sorted(rows, to);
    const moving = rows.filter((i) => points.topic[i] !== to && !whole.includes(points.topic[i]));
    const goes = rows.filter((i) => points.topic[i] !== to).length;
    if (!goes) return rows.length === 1 ? "the paper is there already" : "these papers are there already";
    const steps = [];
    if (to === OUTLIER) for (const topic of whole) steps.push({ drop: { topic } });
    else if (whole.length) steps.push({ merge: { topics: [to, ...whole], label: about.topics[to].label } });
    if (moving.length) steps.push({ move: { papers: moving, to } });
    return edits.make(`${papersText(goes)} sent to ${edits.name(to)}`, ...steps);
  }

  function found(rows, label) {
    const { whole, part } = sorted(rows);
    const said = `${papersText(rows.length)} made a topic of their own, “${label}”`;
    const steps = [];
    let id;
    let held;
    if (part.length) {
      id = edits.fresh();
      held = rows.filter((i) => points.topic[i] === part[0]);
      steps.push({ split: { topic: part[0], papers: held, label } });
      if (whole.length) steps.push({ merge: { topics: [id, ...whole], label } });
    } else if (whole.length) {
      id = whole[0];
      steps.push(whole.length > 1 ? { merge: { topics: whole, label } } : { rename: { topic: id, to: label } });
    } else {
      // Outliers leave the topic that they lie nearest to.
      const from = points.nearest[rows.find((i) => points.nearest[i] !== OUTLIER) ?? rows[0]];
      if (from === OUTLIER) return "these papers lie in no topic to be split off from";
      id = edits.fresh();
      held = rows.filter((i) => points.nearest[i] === from);
      steps.push({ split: { topic: from, papers: held, label } });
    }
    const there = new Set(held || []);
    const moving = rows.filter((i) => !there.has(i) && !whole.includes(points.topic[i]));
    if (moving.length) steps.push({ move: { papers: moving, to: id } });
    return edits.make(said, ...steps);
  }

  // ---- what was done

  function showChanges() {
    const { done, undone } = edits;
    $("changes").hidden = !editing && !done.length && !undone.length;
    $("undo").disabled = !done.length;
    $("redo").disabled = !undone.length;
    $("save").disabled = !done.length;
    $("changes-none").hidden = done.length > 0;
    $("replay").hidden = !done.length;
    $("changes-list").replaceChildren(...done.map((step) => item(element("span", step.said))));
    $("changes-list").lastChild?.scrollIntoView({ block: "nearest" });
    $("replay-command").textContent = command();
    $("replay-text").textContent = done.length ? edits.yaml() : "";
    announce("edited", $("replay-text").textContent);
  }

  // With the run's folder where the page lies in it under its own name.
  function command() {
    const path = location.protocol === "file:" ? decodeURIComponent(location.pathname) : "";
    const folder = path.endsWith("/map.html") ? path.slice(0, -9).replace(/^\/(?=[A-Za-z]:\/)/, "") : "RUN";
    const shell = (text) => (/^[\w./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
    return `topics edit ${shell(folder)} edits.yaml -o ${folder === "RUN" ? "NEW" : shell(`${folder}-edited`)}`;
  }

  $("undo").addEventListener("click", () => undo());
  $("redo").addEventListener("click", () => redo());
  function undo() {
    const step = edits.done.at(-1);
    edits.undo();
    if (step) say(`Undone: ${step.said}`);
  }
  function redo() {
    edits.redo();
    if (edits.done.length) say(`Done again: ${edits.done.at(-1).said}`);
  }
  $("save").addEventListener("click", () => {
    save("edits.yaml", edits.yaml(), "application/yaml");
    edits.saved = true;
  });
  addEventListener("beforeunload", (event) => {
    if (!edits.saved) event.preventDefault();
  });

  // ---- one topic dragged onto another, in the list or on the map

  // By pointer events: Firefox begins no drag of its own on a button.
  let dragged = null;
  const idOf = (line) => Number(line?.querySelector("[data-topic]")?.dataset.topic ?? -1);
  const lineAt = (event) => document.elementFromPoint(event.clientX, event.clientY)?.closest("#topics li");
  const mark = (line) => {
    for (const other of $("topics").querySelectorAll(".onto")) other.classList.remove("onto");
    line?.classList.add("onto");
    document.body.classList.toggle("carrying", Boolean(dragged?.moving));
  };
  $("topics").addEventListener("pointerdown", (event) => {
    const line = event.target.closest("[data-topic]")?.parentElement;
    if (!editing || !line || event.pointerType !== "mouse" || event.button || idOf(line) === OUTLIER) return;
    dragged = { id: idOf(line), x: event.clientX, y: event.clientY, moving: false };
  });
  addEventListener("pointermove", (event) => {
    if (!dragged) return;
    dragged.moving ||= Math.hypot(event.clientX - dragged.x, event.clientY - dragged.y) > 5;
    if (!dragged.moving) return;
    const line = lineAt(event);
    mark(idOf(line) >= 0 && idOf(line) !== dragged.id ? line : null);
    const list = $("tools").getBoundingClientRect();
    if (event.clientY < list.top + 24) $("tools").scrollBy(0, -14);
    if (event.clientY > list.bottom - 24) $("tools").scrollBy(0, 14);
  });
  addEventListener("pointerup", (event) => {
    const { id, moving } = dragged || {};
    dragged = null;
    if (!moving) return;
    mark(null);
    // Where a drag ends nothing is clicked.
    const stop = (click) => click.stopPropagation();
    addEventListener("click", stop, { capture: true, once: true });
    setTimeout(() => removeEventListener("click", stop, { capture: true }));
    drop(id, idOf(lineAt(event)));
  });
  addEventListener("pointercancel", () => {
    dragged = null;
    mark(null);
  });

  // On a topic: the form, ready to merge. On the row of outliers: the form, ready to dissolve.
  function drop(id, onto) {
    if (id < 0 || onto < 0 || id === onto) return;
    if (onto === OUTLIER) {
      show(id);
      $("bench-drop").focus();
    } else show(onto, id);
  }

  list();
  return {
    list,
    show,
    drop,
    undo,
    redo,
    showSend,
    get editing() {
      return editing;
    },
    toggle: () => set(!editing),
  };
}
