"""The nearest papers by cosine, and the papers that stand for a large corpus."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cluster.test_umap import groups
from topics.cluster import neighbours
from topics.cluster.assign import assign
from topics.cluster.neighbours import largest, nearest, stratified_sample


@pytest.mark.parametrize("k", [0, 1, 6])
def test_the_nearest_of_some_papers_among_others(k: int) -> None:
    vectors = groups((40, 30, 20)).vectors
    rows, among = np.arange(60, 10, -1, dtype=np.int32), np.arange(0, 90, 3, dtype=np.int32)
    found, distances = nearest(vectors, rows, among, k)
    cosine = vectors[rows].astype(np.float64) @ vectors[among].T.astype(np.float64)
    cosine[rows[:, None] == among] = -np.inf
    expected = np.argsort(-cosine, axis=1)[:, :k]
    assert np.array_equal(found, among[expected])
    np.testing.assert_allclose(distances, 1 - np.take_along_axis(cosine, expected, axis=1), atol=1e-6)
    assert (distances >= 0).all()


@given(st.integers(1, 3), st.integers(1, 4000), st.integers(1, 5), st.integers(0, 2**32 - 1))
def test_largest_finds_the_k_largest(rows, columns, k, seed):
    numbers = np.random.default_rng(seed).choice(7 * columns, (rows, columns)).astype(np.float32)
    found = largest(numbers, min(k, columns))
    assert (np.diff(found, axis=1) > 0).all()
    expected = np.sort(numbers, axis=1)[:, ::-1][:, : min(k, columns)]
    np.testing.assert_array_equal(-np.sort(-np.take_along_axis(numbers, found, axis=1)), expected)


@given(seed=st.integers(0, 2**16), many=st.integers(20, 200))
@settings(max_examples=25, deadline=None)
def test_every_cell_gives_its_share_and_at_least_a_few_papers(seed: int, many: int) -> None:
    papers = groups((200, 60, 37, 3), seed=seed)
    anchors = papers.vectors[[0, 5, 200, 260, 297]]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(neighbours, "_anchors", lambda *_: anchors)
        patch.setattr(neighbours, "LEAST", 4)
        rows = stratified_sample(papers.vectors, many, seed).rows
    cell, _ = assign(papers.vectors, anchors, 1.0)
    sizes = np.bincount(cell, minlength=5)
    expected = np.maximum(np.ceil(sizes * (many / 300)), np.minimum(sizes, 4))
    assert np.array_equal(np.bincount(cell[rows], minlength=5), expected)
    assert (np.diff(rows) > 0).all()


def test_a_small_group_apart_from_all_others_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbours, "CELLS", 40)
    papers = groups((3000, 2000, 25), noise=0.02)
    rows = stratified_sample(papers.vectors, 50, 1).rows
    assert (rows >= 5000).sum() >= 16


def test_the_draw_goes_with_the_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbours, "CELLS", 2)
    vectors = groups((300, 300)).vectors
    one, again, other = (stratified_sample(vectors, 50, seed).rows for seed in (1, 1, 2))
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)


def test_papers_without_any_known_word_can_be_drawn() -> None:
    vectors = np.zeros((50, 4), np.float32)
    assert 1 <= len(stratified_sample(vectors, 10, 1).rows) <= 50


def test_every_other_paper_is_in_one_corner_and_meets_the_papers_around_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(neighbours, "CELLS", 24)
    monkeypatch.setattr(neighbours, "PROBED", 4)
    monkeypatch.setattr(neighbours, "LEAST", 3)
    papers = groups((400, 300, 200, 100), noise=0.1)
    sample = stratified_sample(papers.vectors, 150, 1)
    cosine = papers.vectors @ papers.vectors.T
    seen, found = [], []
    for rows, among in sample.neighbourhoods(10):
        seen.extend(rows.tolist())
        assert len(among) >= 10
        assert set(among.tolist()) <= set(sample.rows.tolist())
        best = sample.rows[cosine[np.ix_(rows, sample.rows)].argmax(axis=1)]
        found.extend(np.isin(best, among).tolist())
    assert sorted(seen) == sorted(set(range(1000)) - set(sample.rows.tolist()))
    assert np.mean(found) > 0.7


def test_a_corner_reaches_as_far_as_it_must(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbours, "CELLS", 24)
    monkeypatch.setattr(neighbours, "PROBED", 1)
    monkeypatch.setattr(neighbours, "LEAST", 1)
    sample = stratified_sample(groups((400, 300), noise=0.1).vectors, 60, 1)
    assert all(len(among) >= 30 for _, among in sample.neighbourhoods(30))
