"""Records wait on disk and come back as they were."""

import json

import pytest

from topics.shards.clean import as_table, records
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
