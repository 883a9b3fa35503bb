"""How well the same paper is found in records of several databases.

    python benchmarks/duplicates.py EXPORTS

`duplicate_pairs.json` names 418 pairs of records by file and position, each read and labelled by hand. The
same is one text in several records, or a version of it: preprint and article, reprint, one meeting abstract
printed twice. Not the same are an erratum or a reply and its article, a protocol and its review, a meeting
abstract and the later paper, parts of a series. The pairs called "chosen" were in sight while the rules were
made; those "held out" were drawn and labelled afterwards, half of them from pairs that the rules join.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from topics.config import CorpusSettings
from topics.corpus.duplicates import Fingerprints, Text, find_groups
from topics.corpus.readers import read_files
from topics.corpus.rows import paper_row, text_of
from topics.errors import TopicsError

PAIRS = Path(__file__).with_name("duplicate_pairs.json")


def main(folder: str) -> None:
    settings = CorpusSettings()
    texts: list[Text] = []
    rows: dict[tuple[str, int], int] = {}
    prints = Fingerprints()
    for path in sorted(Path(folder).rglob("*")):
        if not path.is_file() or path.suffix == ".md":
            continue
        try:
            items = list(read_files([path], settings))
        except TopicsError:
            continue
        for item in items:
            text = text_of(paper_row(item, settings))
            rows[item.file, item.position] = len(texts)
            texts.append(text)
            prints.add(text)
    groups = find_groups(prints, texts.__getitem__, settings.same_abstract)
    print(f"{len(texts):,} records, {sum(map(len, groups.members().values())):,} of them in groups")

    pairs = json.loads(PAIRS.read_text(encoding="utf-8"))
    for name in ("chosen", "held out"):
        for only in (False, True):
            counts = {(said, true): 0 for said in (True, False) for true in (True, False)}
            for pair in (pair for pair in pairs if pair["set"] == name):
                one, two = (rows[pair[side][0], pair[side][1]] for side in ("one", "two"))
                if only and not (texts[one].abstract and texts[two].abstract):
                    continue
                joined = (
                    one in groups.reasons and two in groups.reasons and groups.root(one) == groups.root(two)
                )
                counts[joined, pair["same"]] += 1
            report(f"{name}, {'both with abstracts' if only else 'all'}", counts)


def report(name: str, counts: dict[tuple[bool, bool], int]) -> None:
    found, wrong, missed = counts[True, True], counts[True, False], counts[False, True]
    precision, recall = found / (found + wrong), found / (found + missed)
    print(
        f"{name}: {sum(counts.values())} pairs, {found + missed} same; precision {precision:.3f}, "
        f"recall {recall:.3f} ({wrong} joined wrongly, {missed} missed)"
    )


if __name__ == "__main__":
    main(sys.argv[1])
