"""JSON in every shape that programs give a table of papers: lists, several lists, columns, rows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from topics.config import CorpusSettings
from topics.corpus.readers import read_files
from topics.errors import InputError
from topics.types import Broken


def paper(number: int) -> dict[str, Any]:
    return {
        "title": f"Moss of garden {number}",
        "abstract": f"We measured {number} gardens in the north and found that moss grows.",
        "year": 2000 + number,
        "authors": [f"Ada {number}", f"Bo {number}"],
    }


ONE, TWO, THREE, FOUR = PAPERS = [paper(number) for number in range(4)]
NAMES = list(ONE)
ROWS = [list(one.values()) for one in PAPERS]
COLUMNS = {name: [one[name] for one in PAPERS] for name in NAMES}


def doc(value: object, indent: int | None = None) -> str:
    return json.dumps(value, indent=indent)


def columns(number: int) -> dict[str, list[Any]]:
    return {name: values[:number] for name, values in COLUMNS.items()}


WHOLE = {
    "lists under several keys": doc({"n": 4, "2020": PAPERS[:2], "2021": PAPERS[2:]}),
    "the same, other lists between": doc(
        {"meta": [1], "kept": PAPERS[:1], "tags": [{"name": "a"}], "out": PAPERS[1:]}, 1
    ),
    "lists inside of several objects": doc(
        {"pubmed": {"results": [ONE]}, "scopus": {"hits": {"items": PAPERS[1:]}}}
    ),
    "lists inside of the members of a list": doc(
        {"years": [{"year": 2020, "papers": PAPERS[:2]}, {"year": 2021, "papers": PAPERS[2:]}]}
    ),
    "the same key twice": f'{{"results": {doc(PAPERS[:2])}, "results": {doc(PAPERS[2:])}}}',
    "columns of lists": doc(COLUMNS),
    "the same, with a number": doc({**COLUMNS, "count": 4}, 2),
    "columns of lists under a key": doc({"data": COLUMNS}),
    "columns by the names of rows": doc(
        {
            name: dict(zip(["10.5555/a", "x-1", "x-2", "x-3"], values, strict=True))
            for name, values in COLUMNS.items()
        }
    ),
    "rows by index": doc({str(n): one for n, one in enumerate(PAPERS)}),
    "rows and names": doc({"columns": NAMES, "index": [0, 1, 2, 3], "data": ROWS}),
    "rows and names in objects": doc({"fields": [{"name": name} for name in NAMES], "rows": ROWS}, 1),
    "names as the first row": doc([NAMES, *ROWS]),
    "the same under a key": doc({"values": [NAMES, *ROWS]}, 2),
    "the same, a row a line": "\n".join(map(doc, [NAMES, *ROWS])),
    "lists of lists": doc([PAPERS[:2], PAPERS[2:]]),
    "lists one after another": doc(PAPERS[:2]) + "\n" + doc(PAPERS[2:]),
    "objects one after another": "\n".join(doc(one, 2) for one in PAPERS),
    "pages one after another": doc({"results": PAPERS[:1]}, 2) + "\n" + doc({"results": PAPERS[1:]}, 2),
    "a list, a paper a line": '{"results": [\n' + ",\n".join(map(doc, PAPERS)) + "\n]}\n",
    "a text sequence": "".join(f"\x1e{doc(one)}\n" for one in PAPERS),
    "a list with a title of its own": doc({"title": "My library", "description": "all", "items": PAPERS}),
}


@pytest.mark.parametrize("shape", WHOLE)
def test_every_paper_is_read(shape: str, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(WHOLE[shape])
    found = list(read_files([tmp_path / "a.json"], CorpusSettings()))
    assert [
        (one.title, one.abstract, one.date, one.authors) for one in found if not isinstance(one, Broken)
    ] == [(one["title"], one["abstract"], str(one["year"]), tuple(one["authors"])) for one in PAPERS], found
    assert len(found) == 4


NAMED = {
    "members that are no objects": (doc({"results": [ONE, None, "x", TWO]}), 2, [2, 3], "not a JSON object"),
    "a row too short": (doc([NAMES, ROWS[0], ROWS[1][:2]]), 1, [3], "2 cells in a table of 4 columns"),
    "columns of different lengths": (
        doc({"title": ["a"] * 5, "abstract": ["b"] * 4}), 0, [1],
        "columns of different lengths (title 5, abstract 4)",
    ),
    "text behind the list": (
        doc([ONE, TWO]) + "end", 2, [3], "not JSON from here on; what follows is not read"
    ),
}  # fmt: skip


@pytest.mark.parametrize("shape", NAMED)
def test_what_is_no_paper_is_named(shape: str, tmp_path: Path) -> None:
    text, kept, places, why = NAMED[shape]
    (tmp_path / "a.json").write_text(text)
    found = list(read_files([tmp_path / "a.json"], CorpusSettings(min_abstract_words=0)))
    broken = [(one.position, one.reason) for one in found if isinstance(one, Broken)]
    assert broken == [(place, why) for place in places]
    assert len(found) == kept + len(broken)


def test_translations_are_no_columns(tmp_path: Path) -> None:
    texts = {"title": {"en": "Moss", "de": "Moos"}, "abstract": {"en": "It grows.", "de": "Es waechst."}}
    lists = {
        "title_s": ["Moss", "Moos"],
        "title": ["Moss", "Moos"],
        "abstract": ["a", "b"],
        "doi": "10.5555/1",
    }
    for value in (texts, lists):
        (tmp_path / "a.json").write_text(doc(value))
        assert len(list(read_files([tmp_path / "a.json"], CorpusSettings()))) == 1


def test_rows_without_names_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(doc(ROWS))
    with pytest.raises(InputError, match="no list of column names before them; put one first"):
        list(read_files([tmp_path / "a.json"], CorpusSettings()))
