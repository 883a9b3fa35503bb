// What a person changes in the topics. Each change has the form that `topics edit` reads, and does here what
// topics/runs/edits.py does there; its sentence says why one cannot be made. Papers are rows of the page.

const NAME_LENGTH = 100;

// A topic's name as one line, as a run's map shows it.
const plainName = (text) => text.replace(/[\s\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ").trim();
const folded = (text) => text.toUpperCase().toLowerCase();
const papersText = (count) => `${number(count)} paper${count === 1 ? "" : "s"}`;

// A label in at most three lines of about the same length.
function wrapped(label) {
  const wanted = Math.min(3, Math.ceil(label.length / 20));
  for (let most = Math.floor(label.length / wanted); most <= 40; most++) {
    const lines = [""];
    for (const word of label.split(" ")) {
      const longer = lines.at(-1) ? `${lines.at(-1)} ${word}` : word;
      if (longer.length <= most || !lines.at(-1)) lines[lines.length - 1] = longer;
      else lines.push(word);
    }
    if (lines.length <= wanted && lines.every((line) => line.length <= 40)) return lines;
  }
  return [cut(label, 40)];
}

function makeEdits(about, points) {
  const [first, nearest] = [points.topic.slice(), points.nearest.slice()];
  const original = about.topics.map((topic, id) => ({ ...topic, root: id }));
  const [outliers, parents] = [about.outliers, about.subtopics.map((part) => part.topic)];
  let [done, undone] = [[], []];

  const living = () => about.topics.flatMap((topic, id) => (topic.gone ? [] : [id]));
  const name = (id) => (id === OUTLIER ? "no topic" : `“${about.topics[id].label}”`);

  // The number of the next topic that is split off.
  const fresh = () => {
    const taken = about.topics.flatMap((topic, id) => (topic.gone && !topic.reserved ? [] : [id]));
    return Math.max(original.length - 1, ...taken) + 1;
  };

  const resize = (id, by) => {
    if (id === OUTLIER) about.outliers += by;
    else Object.assign(about.topics[id], { size: about.topics[id].size + by, touched: true });
  };
  const rename = (id, label) => Object.assign(about.topics[id], { label, lines: wrapped(label), em: undefined });
  const add = (id, entry) => (about.topics[id] = { stability: undefined, names: [], keywords: [], size: 0, ...entry });

  const changes = {
    rename: ({ topic, to }) => rename(topic, to),
    merge({ topics, label }) {
      const [kept, ...others] = topics;
      for (const id of others) {
        for (let i = 0; i < points.n; i++) {
          if (points.topic[i] === id) points.topic[i] = kept;
          if (points.nearest[i] === id) points.nearest[i] = kept;
        }
        const { size, keywords, names } = about.topics[id];
        resize(kept, size);
        about.topics[kept].keywords = [...new Set([...about.topics[kept].keywords, ...keywords])];
        // Shares are of the papers of one topic only.
        about.topics[kept].names = [...about.topics[kept].names, ...names].map(([text]) => [text]);
        about.topics[id] = { ...about.topics[id], gone: true };
      }
      rename(kept, label);
    },
    split({ topic, papers, into, label }) {
      if (into) {
        for (let part = 1; part < into; part++) add(fresh(), { gone: true, reserved: true, root: topic, label: "" });
        about.topics[topic].pending = into;
        return;
      }
      const { root, keywords } = about.topics[topic];
      const id = fresh();
      add(id, { root, keywords, label, lines: wrapped(label) });
      for (const i of papers) {
        resize(points.topic[i], -1);
        resize(id, 1);
        points.topic[i] = points.nearest[i] = id;
      }
    },
    drop({ topic }) {
      for (let i = 0; i < points.n; i++) {
        if (points.topic[i] === topic) {
          points.topic[i] = OUTLIER;
          about.outliers++;
        }
        if (points.nearest[i] === topic) points.nearest[i] = OUTLIER;
      }
      about.topics[topic] = { ...about.topics[topic], gone: true };
    },
    move({ papers, to }) {
      for (const i of papers) {
        resize(points.topic[i], -1);
        resize(to, 1);
        points.topic[i] = to;
        if (to !== OUTLIER) points.nearest[i] = to;
      }
    },
  };
  const apply = (change) => {
    const [[kind, what]] = Object.entries(change);
    changes[kind](what);
  };

  // What `topics edit` would say against the topics as they are after a step.
  function trouble() {
    const ids = living();
    if (!ids.length) return "one topic must stay";
    const empty = ids.find((id) => about.topics[id].size < 1);
    if (empty !== undefined) return `this leaves ${name(empty)} without papers; merge or dissolve it instead`;
    const names = new Map();
    const given = (id) => about.topics[id].label !== original[id]?.label;
    for (const id of ids) {
      const { label } = about.topics[id];
      const other = names.get(folded(label));
      if (other !== undefined && (given(id) || given(other))) return `another topic is called “${label}” already`;
      names.set(folded(label), id);
    }
    return "";
  }

  // What is wrong with the names that changes give; the run's own may be longer.
  function misnamed(steps) {
    for (const change of steps) {
      const [what] = Object.values(change);
      const label = what.label ?? (typeof what.to === "string" ? what.to : "unnamed");
      if (!label) return "a topic needs a name";
      if ([...label].length > NAME_LENGTH) return `a name has at most ${NAME_LENGTH} characters, and “${cut(label, 60)}” has more`;
    }
    return "";
  }

  function replay() {
    points.topic.set(first);
    points.nearest.set(nearest);
    about.topics.splice(0, Infinity, ...original.map((topic) => ({ ...topic })));
    about.outliers = outliers;
    for (const step of done) step.changes.forEach(apply);
  }

  // What of the page follows from where papers are: places of names, and topics of subtopics.
  function settle() {
    edits.version++;
    place();
    const shares = about.subtopics.map(() => new Map());
    for (let i = 0; i < points.n; i++) {
      const of = shares[points.subtopic[i]];
      if (of && points.topic[i] !== OUTLIER) of.set(points.topic[i], (of.get(points.topic[i]) || 0) + 1);
    }
    about.subtopics.forEach((part, at) => {
      const most = [...shares[at]].sort((a, b) => b[1] - a[1])[0];
      part.topic = most ? most[0] : about.topics[parents[at]].gone ? OUTLIER : parents[at];
    });
    edits.changed();
  }

  const edits = {
    // Of a sample not all papers are here to be sent elsewhere.
    whole: !about.sample,
    original,
    version: 0,
    saved: true,
    // What `topics edit` reads, and what the page does when topics have changed: see workbench.js.
    yaml: () => "",
    changed() {},
    living,
    name,
    fresh,
    get done() {
      return done;
    },
    get undone() {
      return undone;
    },
    moved: (i) => points.topic[i] !== first[i] || (points.nearest[i] !== nearest[i] && points.topic[i] !== OUTLIER),
    // Whether colours of papers are no longer those of the run.
    get regrouped() {
      return done.some((step) => step.changes.some((change) => !change.rename));
    },
    // Makes a step of one or more changes, all or none; gives the reason why it cannot be made, or "".
    make(said, ...steps) {
      const held = steps.flatMap((change) => {
        const [what] = Object.values(change);
        const ids = [what.topic, what.to, ...(what.topics || []), ...(what.papers || []).map((i) => points.topic[i])];
        return ids.filter((id) => about.topics[id]?.pending);
      })[0];
      if (held !== undefined) return `${name(held)} is divided when the edits are made; undo that first`;
      const small = steps.find(({ split }) => split && split.into > about.topics[split.topic].size)?.split;
      if (small) return `${name(small.topic)} has too few papers to be divided into ${small.into}`;
      done.push({ said, changes: steps });
      const size = new TextEncoder().encode(edits.yaml()).length;
      let why = size > about.mostBytes ? "edits.yaml would be larger than topics edit reads" : misnamed(steps);
      if (!why) {
        steps.forEach(apply);
        why = trouble();
      }
      if (why) {
        done.pop();
        replay();
        place();
        return why;
      }
      undone = [];
      edits.saved = false;
      settle();
      return "";
    },
    undo() {
      if (!done.length) return;
      undone.push(done.pop());
      again();
    },
    redo() {
      if (!undone.length) return;
      done.push(undone.pop());
      again();
    },
    // The numbers that topics have in the new run: in the same order without gaps.
    numbers() {
      const kept = about.topics.flatMap((topic, id) => (topic.gone && !topic.reserved ? [] : [id]));
      return new Map(kept.map((id, at) => [id, at]));
    },
  };
  // Names of topics that changed stand where most of their papers are.
  function place() {
    about.topics.forEach((topic, id) => {
      if (topic.touched && !topic.gone) topic.anchor = densest(about, points, id);
    });
  }
  function again() {
    edits.saved = !done.length;
    replay();
    settle();
  }
  replay();
  return edits;
}

// The densest place of a topic in mm of the map: the middle of its papers in and around the fullest cell.
function densest(about, points, id) {
  const side = 32;
  const counts = new Uint32Array(side * side);
  const cell = (v) => v >> 11;
  for (let i = 0; i < points.n; i++) if (points.topic[i] === id) counts[cell(points.y[i]) * side + cell(points.x[i])]++;
  let [best, most] = [[0, 0], -1];
  for (let r = 0; r < side; r++) {
    for (let c = 0; c < side; c++) {
      let sum = 0;
      for (let y = Math.max(0, r - 1); y <= Math.min(side - 1, r + 1); y++) {
        for (let x = Math.max(0, c - 1); x <= Math.min(side - 1, c + 1); x++) sum += counts[y * side + x];
      }
      if (sum + counts[r * side + c] > most) [best, most] = [[c, r], sum + counts[r * side + c]];
    }
  }
  let [x, y, count] = [0, 0, 0];
  for (let i = 0; i < points.n; i++) {
    if (points.topic[i] !== id) continue;
    if (Math.abs(cell(points.x[i]) - best[0]) > 1 || Math.abs(cell(points.y[i]) - best[1]) > 1) continue;
    [x, y, count] = [x + points.x[i], y + points.y[i], count + 1];
  }
  return [(x / count / 65535) * about.width, (y / count / 65535) * about.height];
}

// A text in double quotes of YAML; whatever a reader of YAML could take for a line's end or refuse is escaped.
const quoted = (text) =>
  JSON.stringify(text).replace(/[\u007f-\u00a0\u2028\u2029\ufeff\ufffe\uffff]/g, (sign) =>
    `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`);

// The steps as a file for `topics edit`, each under the sentence that the page says of it.
function toYaml(about, texts, steps) {
  const topic = (id) => (id === OUTLIER ? "outlier" : String(id));
  const papers = (rows) => `papers: [${rows.map((i) => quoted(texts.id[i])).join(", ")}]`;
  const called = (label) => (label ? `, label: ${quoted(label)}` : "");
  const write = {
    rename: (what) => `topic: ${what.topic}, to: ${quoted(what.to)}`,
    merge: (what) => `topics: [${what.topics.join(", ")}]${called(what.label)}`,
    split: (what) => `topic: ${what.topic}, ${what.into ? `into: ${what.into}` : papers(what.papers)}${called(what.label)}`,
    drop: (what) => `topic: ${what.topic}`,
    move: (what) => `${papers(what.papers)}, to: ${topic(what.to)}`,
  };
  const lines = steps.flatMap((step) => [
    `  # ${quoted(step.said).slice(1, -1).replaceAll('\\"', '"')}`,
    ...step.changes.map((change) => {
      const [[kind, what]] = Object.entries(change);
      return `  - ${kind}: {${write[kind](what)}}`;
    }),
  ]);
  return `# Made on the map of a run. A new run with these changes: topics edit RUN edits.yaml -o NEW\nedits:\n${lines.join("\n")}\n`;
}
