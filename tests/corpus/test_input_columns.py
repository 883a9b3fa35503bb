"""The input's own fields as columns."""

from __future__ import annotations

import pytest

from tests.corpus.test_build import SETTINGS, paper
from topics.corpus import input_columns
from topics.corpus.build import build_corpus
from topics.corpus.input_columns import original_columns


@pytest.mark.parametrize("at_once", [1, 2, 100])
def test_original_columns_are_typed(at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(input_columns, "AT_ONCE", at_once)
    rows = [
        {"n": 1, "f": 1, "b": True, "mixed": 1, "list": ["a"], "big": 2**70, "vast": 0.5},
        {"n": None, "f": 2.5, "b": False, "mixed": "x", "list": [], "vast": 2**70, "new": "late"},
    ]
    corpus = build_corpus([paper(number, original=row) for number, row in enumerate(rows)], SETTINGS)
    table = original_columns(corpus.papers)
    assert table.to_pydict() == {
        "n": [1, None],
        "f": [1.0, 2.5],
        "b": [True, False],
        "mixed": ["1", "x"],
        "list": ['["a"]', "[]"],
        "big": [str(2**70), None],
        "vast": [0.5, float(2**70)],
        "new": [None, "late"],
    }
    assert [str(kind) for kind in table.schema.types[:3]] == ["int64", "double", "bool"]
