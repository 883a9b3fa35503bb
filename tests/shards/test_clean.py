"""Files are read in pieces, and records wait on disk and come back as they were."""

import json

import pytest

from topics.config import CorpusSettings
from topics.shards.clean import SplitFile, as_table, records
from topics.types import Broken, Record

FULL = Record(
    title="A title", abstract="An abstract", id="a", authors=("Ada", "Bob"), date="2020-05", venue="V",
    keywords=("k",), categories=("c", "d"), doi="10.1/a", url="https://example.org", language="en",
    kind="Article", identifiers=("doi:10.1/a",), assumed="the year", file="a.csv", position=3,
    original={"Title": "A title", "Year": 2020, "more": [1, {"x": None}]},
)  # fmt: skip


@pytest.mark.parametrize(
    "items",
    [[], [FULL], [FULL, Broken("a.csv", 4, "no columns"), Record("", "")], [Broken("a.csv", 4, "cut off")]],
)
def test_they_come_back(items):
    assert list(records(as_table(items).to_pylist())) == items


@pytest.mark.parametrize("field", ["title", "venue", "doi", "kind"])
def test_what_is_no_text_is_broken_as_in_any_run(field):
    bad = Record(**{"title": "t", "abstract": "", "file": "a.csv", "position": 2, field: "caf\udce9"})
    assert list(records(as_table([bad]).to_pylist())) == [
        Broken("a.csv", 2, "bytes that are not text in the file's encoding (see corpus.encoding)")
    ]


def test_the_inputs_own_fields_become_json():
    bad = Record("t", "", original={"score": float("nan"), "day": FULL})
    (found,) = records(as_table([bad]).to_pylist())
    assert found.original["score"] is None
    assert found.original["day"] == str(FULL)
    assert json.loads(json.dumps(found.original)) == found.original


def test_pieces_come_in_the_order_of_the_file_however_many_there_are(tmp_path):
    task = SplitFile(tmp_path, "0" * 32, "a.jsonl", tmp_path / "a.jsonl", CorpusSettings(), 10)
    task.place.mkdir(parents=True)
    names = ["00000", "00002", "10001", "99999", "100000", "100001"]
    for name in names:
        (task.place / f"{name}.parquet").touch()
    assert [piece.stem for piece in task.pieces] == names
