"""The papers that stand for a large corpus come from all corners of it, the same ones every time."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.test_reduce import groups
from topics import sample
from topics.assign import assign
from topics.sample import drawn


@given(seed=st.integers(0, 2**16), many=st.integers(20, 200))
@settings(max_examples=25, deadline=None)
def test_every_cell_gives_its_share_and_at_least_a_few_papers(seed: int, many: int) -> None:
    papers = groups((200, 60, 37, 3), seed=seed)
    anchors = papers.vectors[[0, 5, 200, 260, 297]]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sample, "_anchors", lambda *_: anchors)
        patch.setattr(sample, "LEAST", 4)
        rows = drawn(papers.vectors, many, seed)
    cell, _ = assign(papers.vectors, anchors, 1.0)
    sizes = np.bincount(cell, minlength=5)
    expected = np.maximum(np.ceil(sizes * (many / 300)), np.minimum(sizes, 4))
    assert np.array_equal(np.bincount(cell[rows], minlength=5), expected)
    assert (np.diff(rows) > 0).all()


def test_a_small_group_apart_from_all_others_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sample, "CELLS", 40)
    papers = groups((3000, 2000, 25), noise=0.02)
    rows = drawn(papers.vectors, 50, 1)
    assert (rows >= 5000).sum() >= 16


def test_the_draw_goes_with_the_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sample, "CELLS", 2)
    vectors = groups((300, 300)).vectors
    one, again, other = (drawn(vectors, 50, seed) for seed in (1, 1, 2))
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)


def test_papers_without_any_known_word_can_be_drawn() -> None:
    vectors = np.zeros((50, 4), np.float32)
    assert 1 <= len(drawn(vectors, 10, 1)) <= 50
