"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const packed = atob($("questions").textContent);
  const { sheet, asked, questions } = JSON.parse(new TextDecoder().decode(Uint8Array.from(packed, (sign) => sign.charCodeAt(0))));
  const LETTERS = "ABCDEF";
  const answers = new Map();
  let at = 0;

  // What was answered before the page was closed; a browser may keep nothing for files.
  const place = `topics-sheet-${sheet}`;
  try {
    const kept = JSON.parse(localStorage.getItem(place) ?? "{}");
    $("coder").value = kept.coder ?? "";
    for (const [number, letter] of kept.answers ?? []) answers.set(number, letter);
    const open = questions.findIndex((question) => !answers.has(question.number));
    at = open < 0 ? 0 : open;
  } catch { /* begin anew */ }
  const keep = () => {
    try {
      localStorage.setItem(place, JSON.stringify({ coder: $("coder").value, answers: [...answers] }));
    } catch { /* the download stays */ }
  };

  const fill = (id, text) => {
    $(id).textContent = text;
    $(id).hidden = !text;
  };

  function show() {
    const question = questions[at];
    fill("place", `Question ${at + 1} of ${questions.length}`);
    fill("asked", asked[question.task]);
    fill("title", question.title);
    fill("abstract", question.abstract);
    $("paper").hidden = !question.title && !question.abstract;
    fill("label", question.label);
    $("options").replaceChildren(...question.options.map((text, number) => {
      const item = document.createElement("li");
      const button = document.createElement("button");
      const letter = document.createElement("b");
      const words = document.createElement("span");
      button.type = "button";
      button.setAttribute("aria-pressed", String(answers.get(question.number) === LETTERS[number]));
      letter.textContent = LETTERS[number];
      words.textContent = text;
      words.dir = "auto";
      button.append(letter, words);
      button.addEventListener("click", () => choose(number));
      item.append(button);
      return item;
    }));
    $("back").disabled = at === 0;
    $("next").disabled = at === questions.length - 1;
    const left = questions.length - answers.size;
    $("done").textContent = left ? `${answers.size} answered, ${left} open` : "All answered: download and send them";
    $("save").className = left ? "" : "ready";
    $("bar").style.width = `${(100 * answers.size) / questions.length}%`;
  }

  function choose(number) {
    const question = questions[at];
    if (number >= question.options.length) return;
    const letter = LETTERS[number];
    if (answers.get(question.number) === letter) answers.delete(question.number);
    else answers.set(question.number, letter);
    keep();
    show();
    if (answers.has(question.number)) setTimeout(() => questions[at] === question && move(1), 220);
  }

  function move(step) {
    at = Math.min(Math.max(at + step, 0), questions.length - 1);
    show();
    scrollTo(0, 0);
  }

  // A name that a spreadsheet would run as a formula gets a sign before it, as in all our tables.
  const cell = (text) => `"${text.replace(/^[=+\-@\t]/, "'$&").replaceAll('"', '""')}"`;

  function save() {
    const coder = $("coder").value.trim();
    if (!coder) {
      $("coder").focus();
      $("done").textContent = "Write your name or initials first";
      return;
    }
    const rows = questions.map((question) =>
      [sheet, String(question.number), question.task, answers.get(question.number) ?? "", coder, "person"].map(cell).join(","));
    const text = ["sheet,number,task,answer,coder,kind", ...rows, ""].join("\n");
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
    link.download = `answers-${coder.replace(/[^\p{L}\p{N}]+/gu, "-")}.csv`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  $("back").addEventListener("click", () => move(-1));
  $("next").addEventListener("click", () => move(1));
  $("save").addEventListener("click", save);
  $("coder").addEventListener("input", keep);
  document.addEventListener("keydown", (event) => {
    if (event.target === $("coder") || event.ctrlKey || event.metaKey || event.altKey) return;
    const number = LETTERS.indexOf(event.key.toUpperCase());
    if (event.key === "ArrowLeft") move(-1);
    else if (event.key === "ArrowRight") move(1);
    else if (event.key.length === 1 && number >= 0) choose(number);
  });
  show();
  document.body.dataset.ready = "";
})();
