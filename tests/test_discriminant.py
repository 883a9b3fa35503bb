"""Topics part where their papers do, and means serve where too little is known."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.test_cluster import run
from tests.test_reduce import groups
from topics.assign import assign, means
from topics.config import ClusterSettings
from topics.discriminant import FROM, directions, spread_inside
from topics.edits import Desk, Merge
from topics.types import OUTLIER, Clustering, Embeddings


def stretched(n: int = 200, dimensions: int = 6, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Two groups side by side, each far longer along one axis than it is away from the other."""
    lots = np.random.default_rng(seed)
    points = lots.normal(scale=0.04, size=(2 * n, dimensions))
    points[:, 0] += 1
    points[:, 1] += lots.normal(scale=0.5, size=2 * n)
    points[:, 2] += np.repeat([-0.15, 0.15], n)
    unit = points / np.linalg.norm(points, axis=1, keepdims=True)
    return unit.astype(np.float32), np.repeat([0, 1], n)


def test_long_groups_part_along_their_length() -> None:
    vectors, gold = stretched()
    # Centroids somewhat off, as those of found groups are.
    centroids = means(vectors, np.where(np.abs(vectors[:, 1] - 0.3 * (2 * gold - 1)) < 0.6, gold, OUTLIER))
    by_means = (assign(vectors, centroids, 1.0)[0] == gold).mean()
    compared = directions(centroids, spread_inside(vectors, gold))
    by_directions = (assign(vectors, compared, 1.0)[0] == gold).mean()
    assert by_means < 0.7
    assert by_directions > 0.9
    assert np.allclose(np.linalg.norm(compared, axis=1), 1, atol=1e-6)


def test_without_a_spread_papers_are_compared_with_the_means() -> None:
    vectors, gold = stretched(n=2)
    assert spread_inside(vectors, gold) is None
    centroids = means(vectors, gold)
    assert directions(centroids, None) is centroids


def test_copies_of_one_paper_have_no_spread() -> None:
    assert spread_inside(np.repeat(np.eye(2, 3, dtype=np.float32), 5, axis=0), np.repeat([0, 1], 5)) is None


def test_a_topic_of_texts_without_known_words_has_no_direction() -> None:
    vectors, gold = stretched()
    compared = directions(np.zeros((1, 6), np.float32), spread_inside(vectors, gold))
    assert np.array_equal(compared, np.zeros((1, 6)))


@given(seed=st.integers(0, 2**16))
@settings(max_examples=20, deadline=None)
def test_papers_in_no_group_do_not_count(seed: int) -> None:
    vectors, gold = stretched(n=30, seed=seed)
    strays = np.random.default_rng(seed).normal(size=(5, vectors.shape[1])).astype(np.float32)
    alone = spread_inside(vectors, gold)
    beside = spread_inside(np.vstack([vectors, strays]), np.append(gold, [OUTLIER] * 5))
    assert alone is not None
    assert beside is not None
    assert np.array_equal(alone, beside)


def many(extra: int = 0) -> tuple[Embeddings, Clustering]:
    sizes = (FROM // 2 + extra, FROM // 4, FROM - FROM // 2 - FROM // 4)
    papers = groups(sizes, noise=0.25)
    return papers, run(papers, ClusterSettings(n_topics=3))


def test_from_some_number_of_papers_on_topics_part_by_directions() -> None:
    papers, found = many()
    assert not np.array_equal(found.directions, found.centroids)
    nearest, probability = assign(papers.vectors, found.directions, found.temperature)
    assert np.array_equal(nearest, found.nearest_topic)
    assert np.array_equal(probability, found.probability)
    _, fewer = many(extra=-1)
    assert np.array_equal(fewer.directions, fewer.centroids)


def test_an_edit_leaves_the_directions_of_other_topics() -> None:
    papers, found = many()
    ids = [f"p{row}" for row in range(len(papers.vectors))]
    desk = Desk(found, ids, papers.vectors, {0: "a", 1: "b", 2: "c"}, 1)
    desk.apply(Merge(topics=(0, 1)))
    edited = desk.finished()
    assert np.array_equal(edited.directions[1], found.directions[2])
    assert not np.array_equal(edited.directions[0], edited.centroids[0])
    nearest, _ = assign(papers.vectors, edited.directions, edited.temperature)
    assert np.array_equal(np.flatnonzero(nearest != edited.nearest_topic), edited.by_hand)
