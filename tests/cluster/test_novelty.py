"""A paper's familiarity is a p-value, and depends on that paper alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cluster.test_assign import unit
from tests.cluster.test_umap import groups
from topics.cluster import novelty as module
from topics.cluster.novelty import calibrate, novelty_p_values
from topics.types import Embeddings
from topics.types.arrays import on_grid

NEW = np.int32(-1)


def fresh(papers, vectors, rows=None):
    found = calibrate(papers, random_state=1)
    own = np.full(len(vectors), NEW) if rows is None else rows
    return novelty_p_values(vectors, own, papers.vectors[found.rows], found)


def test_of_papers_drawn_alike_the_share_below_is_the_share_asked_for():
    both = groups((1200, 900, 600), d=32, noise=0.3, seed=3)
    rows = np.random.default_rng(0).permutation(2700)
    papers, later = Embeddings(both.vectors[rows[:1700]], "made"), both.vectors[rows[1700:]]
    found = fresh(papers, later)
    for share in (0.02, 0.05, 0.2):
        assert (found < share).mean() == pytest.approx(share, abs=2.5 * (share / 1000) ** 0.5 + 0.005)


def test_a_paper_of_another_kind_is_the_least_familiar_of_all():
    papers = groups((40, 30, 20), d=32, noise=0.2)
    strange = np.zeros((2, 32), np.float32)
    strange[0, 31] = 1
    assert np.allclose(fresh(papers, strange), 1 / 91)


def test_a_paper_of_the_run_is_not_compared_with_itself():
    papers = groups((40, 30, 20), d=32, noise=0.2)
    rows = np.arange(90, dtype=np.int32)
    own = fresh(papers, papers.vectors, rows)
    assert sorted(np.round(own * 90).astype(int).tolist()) == list(range(1, 91))
    assert (fresh(papers, papers.vectors) > own).mean() > 0.9


@given(seed=st.integers(0, 2**16), n=st.integers(1, 40), d=st.integers(1, 400), block=st.integers(1, 9))
@settings(max_examples=40, deadline=None)
def test_neither_company_nor_order_matters(seed, n, d, block):
    papers, vectors = Embeddings(unit(30, d, seed), "made"), unit(n, d, seed + 1)
    together = fresh(papers, vectors)
    before = module._BLOCK
    module._BLOCK = block
    try:
        backwards = fresh(papers, vectors[::-1])
    finally:
        module._BLOCK = before
    alone = [fresh(papers, vectors[row : row + 1])[0] for row in range(n)]
    assert np.array_equal(backwards[::-1], together)
    assert np.array_equal(alone, together)


@given(d=st.integers(1, 2000), seed=st.integers(0, 2**16))
@settings(max_examples=40, deadline=None)
def test_cosines_of_coarse_vectors_are_exact(d, seed):
    one, other = (on_grid(unit(20, d, number), module.GRID) for number in (seed, seed + 1))
    assert one.dtype == np.float32
    exact = [[int(a @ b) for b in (other * 2048).astype(np.int64)] for a in (one * 2048).astype(np.int64)]
    assert np.array_equal((one @ other.T).astype(np.float64) * 2048**2, np.array(exact))


def test_a_large_run_is_represented_by_a_sample_that_goes_with_the_papers(monkeypatch):
    monkeypatch.setattr(module, "MOST_REFERENCES", 25)
    papers = groups((40, 30, 20), d=16, noise=0.2)
    shuffled = np.random.default_rng(5).permutation(90)
    one = calibrate(papers, random_state=1)
    two = calibrate(Embeddings(papers.vectors[shuffled], "made"), random_state=1)
    assert len(one.rows) == 25
    assert {row.tobytes() for row in papers.vectors[one.rows]} == {
        row.tobytes() for row in papers.vectors[shuffled][two.rows]
    }
    assert sorted(one.closeness) == sorted(two.closeness)
