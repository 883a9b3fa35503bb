"""The neighbour graph is right, the projection is repeatable, and neither depends on the papers' order."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from topics.cluster import neighbours
from topics.cluster import neighbours as sample
from topics.cluster import umap as reduce
from topics.cluster.umap import find_neighbours, fuzzy_graph, project
from topics.config import ReduceSettings
from topics.types import Embeddings, Neighbours

SETTINGS = ReduceSettings()


def groups(sizes: tuple[int, ...], *, d: int = 32, noise: float = 0.15, seed: int = 0) -> Embeddings:
    generator = np.random.default_rng(seed)
    centres = generator.normal(size=(len(sizes), d))
    centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    vectors = np.repeat(centres, sizes, axis=0) + noise * generator.normal(size=(sum(sizes), d))
    return Embeddings(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), "made")


def brute(vectors: np.ndarray, k: int) -> np.ndarray:
    distance = 1 - vectors.astype(np.float64) @ vectors.T.astype(np.float64)
    np.fill_diagonal(distance, -1)
    return np.argsort(distance, axis=1)[:, :k]


def test_neighbours_are_the_nearest_by_cosine() -> None:
    papers = groups((30, 20, 10))
    found = find_neighbours(papers, ReduceSettings(n_neighbors=7), random_state=1)
    assert np.array_equal(found.indices, brute(papers.vectors, 7))
    assert (found.distances[:, 0] == 0).all()
    assert (np.diff(found.distances, axis=1) >= 0).all()


def test_neighbours_do_not_depend_on_the_block_size(monkeypatch: pytest.MonkeyPatch) -> None:
    papers = groups((30, 20, 11))
    whole = find_neighbours(papers, SETTINGS, random_state=1)
    monkeypatch.setattr(neighbours, "BLOCK_CELLS", 61 * 7)
    blocked = find_neighbours(papers, SETTINGS, random_state=1)
    assert np.array_equal(whole.indices, blocked.indices)


@pytest.fixture
def few_stand_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if sixty papers were a large corpus."""
    monkeypatch.setattr(reduce, "FITTED", 60)
    monkeypatch.setattr(sample, "CELLS", 6)
    monkeypatch.setattr(sample, "LEAST", 4)


@pytest.fixture
def few_cells_are_looked_into(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sample, "PROBED", 2)


@pytest.mark.usefixtures("few_stand_for_all")
def test_neighbours_in_a_large_corpus_are_the_nearest_that_stand_for_it() -> None:
    papers = groups((80, 60, 60))
    found = find_neighbours(papers, ReduceSettings(n_neighbors=10), random_state=1)
    assert 60 <= len(found.among) < 100
    assert np.array_equal(found.indices[:, 0], np.arange(200))
    distance = 1 - papers.vectors.astype(np.float64) @ papers.vectors[found.among].T.astype(np.float64)
    distance[found.among, np.arange(len(found.among))] = np.inf
    assert np.array_equal(found.indices[:, 1:], found.among[np.argsort(distance, axis=1)[:, :9]])
    np.testing.assert_allclose(found.distances[:, 1:], np.sort(distance, axis=1)[:, :9], atol=1e-6)


@pytest.mark.usefixtures("few_stand_for_all", "few_cells_are_looked_into")
def test_neighbours_in_a_large_corpus_do_not_depend_on_the_block_size(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    papers = groups((80, 60, 60))
    whole = find_neighbours(papers, SETTINGS, random_state=1)
    monkeypatch.setattr(neighbours, "BLOCK_CELLS", 900)
    blocked = find_neighbours(papers, SETTINGS, random_state=1)
    assert np.array_equal(whole.indices, blocked.indices)


@pytest.mark.usefixtures("few_stand_for_all")
def test_a_small_corpus_stands_for_itself() -> None:
    assert find_neighbours(groups((30, 30)), SETTINGS, random_state=1).among.size == 0


@pytest.mark.usefixtures("few_stand_for_all")
def test_a_large_corpus_is_laid_out_by_the_papers_that_stand_for_it() -> None:
    papers = groups((80, 60, 60))
    found = find_neighbours(papers, SETTINGS, random_state=1)
    points = project(papers, found, n_components=2, min_dist=0.1, random_state=1).coordinates
    some = found.among
    place = np.full(200, -1, np.int32)
    place[some] = np.arange(len(some))
    alone = Embeddings(papers.vectors[some], "made")
    graph = Neighbours(place[found.indices[some]], found.distances[some])
    own = project(alone, graph, n_components=2, min_dist=0.1, random_state=1).coordinates
    assert np.array_equal(points[some], own)
    others = np.setdiff1d(np.arange(200), some)
    neighbour_indices = points[found.indices[others, 1:]]
    assert (points[others] >= neighbour_indices.min(axis=1) - 1e-4).all()
    assert (points[others] <= neighbour_indices.max(axis=1) + 1e-4).all()


@pytest.mark.usefixtures("few_stand_for_all")
def test_papers_are_placed_the_same_however_many_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    papers = groups((80, 60, 60))
    found = find_neighbours(papers, SETTINGS, random_state=1)
    whole = project(papers, found, n_components=2, min_dist=0.1, random_state=1)
    monkeypatch.setattr(reduce, "PLACED", 7)
    parts = project(papers, found, n_components=2, min_dist=0.1, random_state=1)
    assert np.array_equal(whole.coordinates, parts.coordinates)


def test_a_paper_between_two_places_goes_to_where_more_of_its_neighbours_are() -> None:
    points = np.array(
        [[[0, 0], [0, 0], [0, 0], [10, 0], [10, 0]], [[0, 0], [10, 0], [10, 0], [0, 0], [10, 0]]]
    )
    found = reduce._median(points.astype(np.float64), np.ones((2, 5)))
    np.testing.assert_allclose(found, [[0, 0], [10, 0]], atol=0.2)


def test_copies_are_their_own_first_neighbour() -> None:
    vectors = np.repeat(groups((3, 3)).vectors, 4, axis=0)
    found = find_neighbours(Embeddings(vectors, "made"), ReduceSettings(n_neighbors=5), random_state=1)
    assert np.array_equal(found.indices[:, 0], np.arange(24))
    assert (found.distances >= 0).all()


def test_a_paper_without_any_known_word_has_neighbours() -> None:
    vectors = groups((6, 6)).vectors.copy()
    vectors[3] = 0
    found = find_neighbours(Embeddings(vectors, "made"), SETTINGS, random_state=1)
    assert found.indices[3, 0] == 3
    assert np.allclose(found.distances[3, 1:], 1)


def test_the_graph_is_umaps_graph() -> None:
    from umap.umap_ import fuzzy_simplicial_set

    vectors = np.vstack([groups((40, 30)).vectors, groups((6,)).vectors.repeat(3, axis=0)])
    found = find_neighbours(Embeddings(vectors, "made"), ReduceSettings(n_neighbors=12), random_state=1)
    theirs, _, _ = fuzzy_simplicial_set(
        vectors, 12, None, "cosine", knn_indices=found.indices, knn_dists=found.distances
    )
    assert abs(fuzzy_graph(found) - theirs).max() < 1e-4


def test_neighbours_that_are_only_copies_belong_wholly() -> None:
    distances = np.array([[0, 0, 0], [0, 0, 0], [0, 0, 0], [0, 0.2, 0.9]], np.float32)
    found = Neighbours(np.array([[0, 1, 2], [1, 0, 2], [2, 0, 1], [3, 0, 1]], np.int32), distances)
    graph = fuzzy_graph(found).toarray()
    assert np.array_equal(graph[:3, :3], 1 - np.eye(3))
    assert graph[3, 0] == 1
    assert 0 < graph[3, 1] < 1


@pytest.mark.parametrize("n", [5, 6, 9, 14, 19, 20, 21, 40])
@pytest.mark.parametrize("n_components", [2, 5])
def test_small_corpora_can_be_laid_out(n: int, n_components: int) -> None:
    papers = groups((n // 2, n - n // 2))
    found = find_neighbours(papers, SETTINGS, random_state=1)
    layout = project(papers, found, n_components=n_components, min_dist=0.0, random_state=1)
    assert layout.coordinates.shape == (n, n_components)
    assert layout.coordinates.dtype == np.float32
    assert np.isfinite(layout.coordinates).all()


def test_copies_can_be_laid_out() -> None:
    papers = Embeddings(np.repeat(groups((1, 1)).vectors, 6, axis=0), "made")
    found = find_neighbours(papers, SETTINGS, random_state=1)
    assert np.isfinite(project(papers, found, n_components=2, min_dist=0.1, random_state=1).coordinates).all()


def test_groups_stay_apart() -> None:
    papers = groups((20, 20, 20))
    found = find_neighbours(papers, SETTINGS, random_state=1)
    points = project(papers, found, n_components=2, min_dist=0.1, random_state=1).coordinates
    gold = np.repeat([0, 1, 2], 20)
    distance = np.linalg.norm(points[:, None] - points[None], axis=2)
    np.fill_diagonal(distance, np.inf)
    assert (gold[distance.argmin(axis=1)] == gold).mean() > 0.95


@given(seed=st.integers(0, 2**16), n=st.integers(5, 40), large=st.booleans())
@settings(max_examples=20, deadline=None)
def test_permuting_the_papers_permutes_the_answer(seed: int, n: int, large: bool) -> None:
    with pytest.MonkeyPatch.context() as patch:
        if large:
            patch.setattr(reduce, "FITTED", 15)
            patch.setattr(sample, "CELLS", 3)
            patch.setattr(sample, "LEAST", 2)
            patch.setattr(sample, "PROBED", 1)
        _permuting_permutes(seed, n + 20 * large)


def _permuting_permutes(seed: int, n: int) -> None:
    generator = np.random.default_rng(seed)
    papers = groups((n // 3, n - n // 3), seed=seed)
    shuffled = generator.permutation(n)
    moved = Embeddings(papers.vectors[shuffled], "made")
    before = find_neighbours(papers, SETTINGS, random_state=1)
    after = find_neighbours(moved, SETTINGS, random_state=1)
    assert np.array_equal(shuffled[after.indices], before.indices[shuffled])
    assert np.array_equal(np.sort(shuffled[after.among]), before.among)
    layout = project(papers, before, n_components=2, min_dist=0.1, random_state=1)
    again = project(moved, after, n_components=2, min_dist=0.1, random_state=1)
    assert np.array_equal(again.coordinates, layout.coordinates[shuffled])


def test_another_seed_gives_another_layout() -> None:
    papers = groups((20, 20))
    found = find_neighbours(papers, SETTINGS, random_state=1)
    one, two = (project(papers, found, n_components=2, min_dist=0.1, random_state=s) for s in (1, 2))
    assert not np.array_equal(one.coordinates, two.coordinates)


def test_the_neighbours_argument_is_what_is_laid_out() -> None:
    papers = groups((12, 12))
    found = find_neighbours(papers, ReduceSettings(n_neighbors=5), random_state=1)
    flipped = Neighbours(found.indices[::-1].copy(), found.distances[::-1].copy())
    one, two = (project(papers, g, n_components=2, min_dist=0.1, random_state=1) for g in (found, flipped))
    assert not np.array_equal(one.coordinates, two.coordinates)


def test_nothing_is_printed() -> None:
    code = (
        "from tests.cluster.test_umap import *\n"
        "for n in (5, 30):\n"
        "    p = groups((n // 2, n - n // 2))\n"
        "    f = find_neighbours(p, SETTINGS, random_state=1)\n"
        "    project(p, f, n_components=2, min_dist=0.1, random_state=1)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == ""
    assert done.stderr == ""
