"""Clusters that are there are found, corpora without any are refused, and order does not matter."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import adjusted_mutual_info_score

from tests.test_reduce import groups
from topics.assign import assign
from topics.cluster import cluster
from topics.config import ClusterSettings, ReduceSettings
from topics.errors import ConfigError, CorpusError
from topics.reduce import find_neighbours, project
from topics.types import Clustering, Embeddings

AUTO = ClusterSettings()


def run(papers: Embeddings, settings: ClusterSettings = AUTO, *, random_state: int = 1) -> Clustering:
    found = find_neighbours(papers, ReduceSettings(), random_state=random_state)
    layout = project(papers, found, n_components=5, min_dist=0.0, random_state=random_state)
    return cluster(papers, found, [layout], settings, random_state=random_state)


@pytest.mark.parametrize("sizes", [(5, 5), (10, 8, 6), (20, 15, 10, 5)])
def test_clear_groups_are_found(sizes: tuple[int, ...]) -> None:
    papers = groups(sizes, noise=0.08)
    result = run(papers)
    gold = np.repeat(np.arange(len(sizes)), sizes)
    assert adjusted_mutual_info_score(gold, result.nearest_topic) > 0.7
    assert (result.topic >= 0).mean() > 0.85


def test_every_paper_has_a_nearest_topic_by_the_one_rule() -> None:
    papers = groups((20, 15, 10, 5), noise=0.25)
    result = run(papers)
    nearest, probability = assign(papers.vectors, result.centroids, result.temperature)
    assert np.array_equal(nearest, result.nearest_topic)
    assert np.array_equal(probability, result.probability)


def test_the_same_seed_gives_the_same_answer() -> None:
    papers = groups((20, 15, 10, 5), noise=0.25)
    one, two = run(papers), run(papers)
    for name in ("topic", "nearest_topic", "probability", "centroids"):
        assert getattr(one, name).tobytes() == getattr(two, name).tobytes()


@given(seed=st.integers(0, 2**16), n=st.integers(12, 60))
@settings(max_examples=10, deadline=None)
def test_permuting_the_papers_permutes_the_answer(seed: int, n: int) -> None:
    papers = groups((n // 2, n // 3, n - n // 2 - n // 3), seed=seed)
    shuffled = np.random.default_rng(seed).permutation(n)
    before, after = run(papers), run(Embeddings(papers.vectors[shuffled], "made"))
    assert np.array_equal(after.topic, before.topic[shuffled])
    assert np.array_equal(after.nearest_topic, before.nearest_topic[shuffled])
    assert np.array_equal(after.probability, before.probability[shuffled])
    assert np.array_equal(after.centroids, before.centroids)


def test_a_topic_of_two_papers_is_possible() -> None:
    papers = groups((16, 16, 16, 2), noise=0.08)
    result = run(papers, ClusterSettings(n_topics=4))
    pair = result.topic[-2:]
    assert pair[0] == pair[1]
    assert (result.topic == pair[0]).sum() == 2


@pytest.mark.parametrize("number", [2, 3, 5, 8, 12])
def test_as_many_topics_as_asked_for(number: int) -> None:
    result = run(groups((20, 15, 10, 5), noise=0.3), ClusterSettings(n_topics=number))
    assert result.n_topics == number


def test_more_topics_than_there_can_be_are_refused() -> None:
    with pytest.raises(ConfigError, match="cluster.n_topics is 30, but 50 papers can make 25 topics at most"):
        run(groups((20, 15, 10, 5)), ClusterSettings(n_topics=30))
    with pytest.raises(ConfigError, match="works with cluster.method auto only"):
        run(groups((20, 15, 10, 5)), ClusterSettings(method="hdbscan", n_topics=3))


def random_vectors(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(50, 384))


def noisy_copies(seed: int) -> np.ndarray:
    generator = np.random.default_rng(seed)
    return generator.normal(size=384) + 1e-2 * generator.normal(size=(50, 384))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("made", [random_vectors, noisy_copies, lambda _: np.ones((50, 384))])
def test_a_corpus_without_structure_is_refused(made, seed: int) -> None:  # type: ignore[no-untyped-def]
    vectors = made(seed)
    papers = Embeddings(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), "made")
    with pytest.raises(CorpusError, match="The 50 papers are too uniform"):
        run(papers)


def test_too_few_papers_are_refused() -> None:
    with pytest.raises(CorpusError, match=r"4 papers are too few; give at least 5\."):
        run(groups((2, 2)))


def test_copies_of_one_text_are_refused() -> None:
    generator = np.random.default_rng(0)
    vectors = np.ones((50, 64)) + 0.3 * generator.normal(size=(50, 64)) + np.eye(50, 64)
    unit = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    with pytest.raises(CorpusError, match="their texts are nearly the same"):
        run(Embeddings(unit, "test"))
