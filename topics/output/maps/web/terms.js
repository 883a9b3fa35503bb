// What the papers of a selection have in common, and the nearest papers of one.

async function readTerms() {
  const terms = await readJson("terms");
  return { terms, uses: new Uint8Array(await unpack("uses")) };
}

// The terms that the chosen papers have more often than the others: the log odds ratio with half a paper added
// to each count (Haldane 1956), by its standard error. Of two terms one of which is in the other, the better.
function commonTerms({ terms, uses }, match, count, most = 6) {
  const others = match.length - count;
  if (count < 2 || others < 1) return [];
  let at = 0;
  const next = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      value |= (uses[at] & 127) << shift;
      if (uses[at++] < 128) return value;
    }
  };
  const found = [];
  for (const term of terms) {
    const size = next();
    let [row, inside] = [0, 0];
    for (let k = 0; k < size; k++) {
      row += next();
      inside += match[row];
    }
    if (inside < Math.max(2, 0.1 * count)) continue;
    const cells = [inside, count - inside, size - inside, others - size + inside].map((papers) => papers + 0.5);
    const odds = Math.log((cells[0] * cells[3]) / (cells[1] * cells[2]));
    const worth = odds / Math.sqrt(cells.reduce((sum, cell) => sum + 1 / cell, 0));
    if (worth > 1.64) found.push({ term, inside, outside: (size - inside) / others, worth });
  }
  found.sort((a, b) => b.worth - a.worth || (a.term < b.term ? -1 : 1));
  const kept = [];
  for (const one of found) {
    const words = ` ${plain(one.term)} `;
    const said = ({ term }) => words.includes(` ${plain(term)} `) || ` ${plain(term)} `.includes(words);
    if (!kept.some(said)) kept.push(one);
    if (kept.length === most) break;
  }
  return kept;
}

function showCommon(found, count) {
  $("common").hidden = !found.length;
  const share = (part) => (part === 0 ? "0%" : part < 0.01 ? "<1%" : percent(part));
  $("common-terms").replaceChildren(
    ...found.map(({ term, inside, outside }) =>
      item(element("bdi", term), element("b", `${number(inside)} of ${number(count)}`), element("small", share(outside))),
    ),
  );
}

async function readNear(n) {
  const places = new Uint16Array(await unpack("near"));
  const each = places.length / n;
  return (i) => [...places.subarray(i * each, (i + 1) * each)].filter((row) => row < n);
}

function showNear(rows, texts, select) {
  $("card-near").hidden = !rows.length;
  $("card-nearest").replaceChildren(
    ...rows.map((i) => {
      const made = button(element("bdi", cut(texts.title[i] || texts.id[i], 90)));
      made.addEventListener("click", () => select(i));
      return item(made);
    }),
  );
}
