"""Clusters that are there are found, corpora without any are refused, and order does not matter."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import adjusted_mutual_info_score

from tests.cluster.test_umap import few_stand_for_all, groups  # noqa: F401
from tests.embed.test_lsa import _corpus as few_words
from topics.cluster.assign import assign
from topics.cluster.cluster import _number, cluster, far_away
from topics.cluster.umap import find_neighbours, project
from topics.config import ClusterSettings, ReduceSettings
from topics.embed.lsa import fit_lsa
from topics.errors import ConfigError, CorpusError
from topics.runs.run import open_run
from topics.types import OUTLIER, Clustering, Embeddings, Projection

AUTO = ClusterSettings()


def run(papers: Embeddings, settings: ClusterSettings = AUTO, *, random_state: int = 1) -> Clustering:
    found = find_neighbours(papers, ReduceSettings(), random_state=random_state)
    layout = project(papers, found, n_components=5, min_dist=0.0, random_state=random_state)
    return cluster(papers, found, layout, settings, random_state=random_state)


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


def test_outliers_lie_far_from_all_others() -> None:
    """Three papers away from 97 that are all equally near one another, or nearly."""
    distances = np.full((100, 5), 0.3, np.float32) + np.linspace(0, 0.1, 100, dtype=np.float32)[:, None]
    distances[[7, 20, 50]] = 0.9
    assert np.flatnonzero(far_away(distances)).tolist() == [7, 20, 50]


def test_no_more_papers_than_some_share_are_outliers() -> None:
    distances = np.full((100, 5), 0.3, np.float32)
    distances[:20] = np.linspace(0.8, 0.9, 20, dtype=np.float32)[:, None]
    assert np.flatnonzero(far_away(distances)).tolist() == list(range(13, 20))
    assert not far_away(np.full((100, 5), 0.3, np.float32)).any()


def test_outliers_alone_make_no_topic_unless_it_was_asked_for() -> None:
    rows = np.eye(2, dtype=np.float32)
    vectors = np.repeat(rows, [40, 3], axis=0)
    thin = np.arange(43) >= 40
    origin, topic, nearest = _number(vectors, rows, thin, 0)
    assert (origin.tolist(), set(nearest)) == ([0], {0})
    assert (topic[40:] == OUTLIER).all()
    for alone in (thin, np.arange(43) >= 41):
        _, topic, nearest = _number(vectors, rows, alone, 2)
        assert np.array_equal(topic, nearest), "no topic of one paper, where others lie with it"
    thin[0] = True
    _, topic, nearest = _number(vectors, rows, thin, 2)
    assert (topic[0], nearest[0]) == (OUTLIER, 0)
    _, topic, nearest = _number(vectors, rows, np.ones(43, bool), 0)
    assert np.array_equal(topic, nearest)


def with_strangers(size: int, strangers: int) -> Clustering:
    """Topics of six groups of one field, each of so many papers, and of papers from elsewhere, the last."""
    generator = np.random.default_rng(0)
    field, elsewhere = np.zeros(40), np.zeros(40)
    field[0], elsewhere[1] = 1.5, 1.5
    centres = field + generator.normal(0, 0.15, (6, 40))
    inside = np.repeat(centres, size, axis=0) + generator.normal(0, 0.12, (6 * size, 40))
    vectors = np.vstack([inside, elsewhere + generator.normal(0, 0.12, (strangers, 40))])
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return run(Embeddings(vectors.astype(np.float32), "test"))


def test_a_few_papers_from_elsewhere_are_outliers_though_they_lie_together() -> None:
    found = with_strangers(30, 8)
    assert (found.topic[180:] == OUTLIER).all()
    assert (found.topic[:180] == OUTLIER).mean() < 0.05


def test_in_a_small_corpus_they_are_a_small_topic(monkeypatch: pytest.MonkeyPatch) -> None:
    found = with_strangers(20, 6)
    assert found.topic[120] != OUTLIER
    assert np.flatnonzero(found.topic == found.topic[120]).tolist() == [*range(120, 126)]
    monkeypatch.setattr("topics.cluster.cluster.SHARE_AROUND", 0.25)
    assert (with_strangers(20, 6).topic[120:] == OUTLIER).all()


def test_topics_do_not_hang_on_the_last_bit_of_a_vector() -> None:
    papers = groups((30, 25, 20, 10, 8), noise=0.3)
    keys = np.random.default_rng(3).integers(2**63, size=93).astype(np.uint64)
    before = run(Embeddings(papers.vectors, "made", keys))
    for draw in range(3):
        up = np.random.default_rng(draw).random(papers.vectors.shape) < 0.5
        moved = np.nextafter(papers.vectors, np.where(up, np.inf, -np.inf).astype(np.float32))
        after = run(Embeddings(moved, "made", keys))
        assert np.array_equal(after.topic, before.topic)
        assert np.array_equal(after.nearest_topic, before.nearest_topic)


def test_topics_of_few_papers_do_not_follow_the_random_state() -> None:
    papers = groups((30, 25, 20), noise=0.3)
    one, two = run(papers, random_state=1), run(papers, random_state=2)
    assert np.array_equal(one.topic, two.topic)


def test_resolution_moves_the_number_of_topics() -> None:
    papers = groups((40, 30, 30, 20, 20, 10), noise=0.35)
    few, usual, many = (
        run(papers, ClusterSettings(resolution=resolution)).n_topics for resolution in (0.5, 1.0, 2.0)
    )
    assert few < usual < many


def test_other_levels_are_kept_from_coarse_to_fine() -> None:
    papers = groups((40, 30, 30, 20, 20, 10), noise=0.35)
    found = run(papers)
    numbers = found.level_figures[:, 0].astype(int).tolist()
    assert len(numbers) >= 2
    assert numbers == sorted(numbers)
    assert found.curve[0, 0] == found.n_topics
    assert found.curve.shape[1] == 3
    assert [row.max() + 1 for row in found.levels] == numbers
    asked = run(papers, ClusterSettings(n_topics=4))
    assert len(asked.levels) == 0


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


@pytest.mark.usefixtures("few_stand_for_all")
@pytest.mark.parametrize("method", ["auto", "hdbscan", "kmeans", "agglomerative", "leiden"])
def test_a_large_corpus_is_grouped_by_the_papers_that_stand_for_it(method: str) -> None:
    papers = groups((60, 50, 40, 30), noise=0.08)
    shuffled = np.random.default_rng(5).permutation(180)
    before = run(papers, ClusterSettings.model_validate({"method": method}))
    after = run(
        Embeddings(papers.vectors[shuffled], "made"), ClusterSettings.model_validate({"method": method})
    )
    gold = np.repeat(np.arange(4), (60, 50, 40, 30))
    assert adjusted_mutual_info_score(gold, before.nearest_topic) > (0.6 if method == "hdbscan" else 0.9)
    assert (before.topic >= 0).mean() > 0.9
    for name in ("topic", "nearest_topic", "probability"):
        assert np.array_equal(getattr(after, name), getattr(before, name)[shuffled]), name
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
    with pytest.raises(ConfigError, match="does not work with cluster.method hdbscan"):
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


METHODS = ("kmeans", "agglomerative", "leiden")


def by_method(name: str, **more: int) -> ClusterSettings:
    return ClusterSettings.model_validate({"method": name, **more})


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("sizes", [(10, 8, 6), (20, 15, 10, 5)])
def test_every_method_finds_clear_groups(method: str, sizes: tuple[int, ...]) -> None:
    result = run(groups(sizes, noise=0.08), by_method(method))
    gold = np.repeat(np.arange(len(sizes)), sizes)
    assert adjusted_mutual_info_score(gold, result.nearest_topic) > 0.7
    assert result.chosen["method"] == method


@pytest.mark.parametrize("method", ["kmeans", "agglomerative"])
@pytest.mark.parametrize("number", [2, 3, 5, 8, 12])
def test_methods_give_as_many_topics_as_asked_for(method: str, number: int) -> None:
    assert run(groups((20, 15, 10, 5), noise=0.3), by_method(method, n_topics=number)).n_topics == number


def test_leiden_searches_the_number_or_refuses() -> None:
    papers = groups((20, 15, 10, 5), noise=0.08)
    assert run(papers, by_method("leiden", n_topics=4)).n_topics == 4
    with pytest.raises(ConfigError, match=r"leiden finds no division into 25 topics; take another number"):
        run(papers, by_method("leiden", n_topics=25))


@pytest.mark.parametrize("method", METHODS)
def test_every_method_is_the_same_for_papers_in_another_order(method: str) -> None:
    papers, shuffled = groups((20, 15, 10, 5), noise=0.25), np.random.default_rng(3).permutation(50)
    before = run(papers, by_method(method))
    after = run(Embeddings(papers.vectors[shuffled], "made"), by_method(method))
    assert np.array_equal(after.nearest_topic, before.nearest_topic[shuffled])


def test_leiden_without_its_library_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sknetwork", None)
    with pytest.raises(ConfigError, match=r"pip install 'paper-topics\[leiden\]'"):
        run(groups((10, 8, 6)), ClusterSettings(method="leiden"))


@pytest.mark.slow
@pytest.mark.parametrize("method", METHODS)
def test_methods_group_real_papers(seed_run: Path, method: str) -> None:
    found = open_run(seed_run)
    result = run(found.embeddings, by_method(method, **({} if method == "leiden" else {"n_topics": 13})))
    assert adjusted_mutual_info_score(found.clustering.nearest_topic, result.nearest_topic) > 0.4
    if method != "leiden":
        assert result.n_topics == 13


def test_asking_for_a_number_that_was_offered_gives_what_was_offered() -> None:
    papers = groups((30, 25, 20, 15, 12, 10), noise=0.25)
    neighbours = find_neighbours(papers, ReduceSettings(), random_state=0)
    found = cluster(
        papers, neighbours, Projection.none(len(papers.vectors)), ClusterSettings(), random_state=0
    )
    assert len(found.levels)
    assert len({*found.level_figures[:, 0], found.n_topics}) == len(found.levels) + 1
    for level in (found.nearest_topic, *found.levels):
        settings = ClusterSettings(n_topics=int(level.max()) + 1)
        asked = cluster(papers, neighbours, Projection.none(len(papers.vectors)), settings, random_state=0)
        assert np.array_equal(asked.nearest_topic, level)
        assert len(asked.curve) == len(asked.levels) == 0


def test_learned_vectors_leave_it_to_words_who_is_far_from_all_others() -> None:
    texts, _ = few_words(60)
    strange = [
        "quasar unheard unseen unwritten",
        "tariff untold unasked unnamed",
        "enzyme unknown unlit unborn",
    ]
    texts += strange
    papers = Embeddings(fit_lsa(texts).encode(texts), "lsa")
    near = find_neighbours(papers, ReduceSettings(), random_state=1)
    none = Projection.none(len(texts))
    by_words = cluster(papers, near, none, AUTO, random_state=1, texts=texts)
    assert (by_words.topic[-3:] == OUTLIER).all()
    assert (cluster(papers, near, none, AUTO, random_state=1).topic[-3:] != OUTLIER).any()
