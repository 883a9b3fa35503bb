"""Topics part where their papers do, and means serve where too little is known."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cluster.test_cluster import run
from tests.cluster.test_umap import groups
from tests.conftest import QUICK, SEED, run_cli
from topics.cache import parallel, store
from topics.cluster import discriminant
from topics.cluster.assign import assign, means
from topics.cluster.cluster import cluster
from topics.cluster.consensus import group
from topics.cluster.discriminant import discriminants, sphered, spread_inside
from topics.cluster.umap import find_neighbours, project
from topics.config import ClusterSettings, ReduceSettings
from topics.runs.edits import Merge, TopicEditor
from topics.runs.predict import Labeller
from topics.runs.run import open_run
from topics.types import FEW_PAPERS, MANY_PAPERS, OUTLIER, Clustering, Embeddings, Guidance, Integers


def stretched(
    n: int = 200, dimensions: int = 6, seed: int = 0, length: float = 0.5
) -> tuple[np.ndarray, np.ndarray]:
    """Two groups side by side, each far longer along one axis than it is away from the other."""
    lots = np.random.default_rng(seed)
    points = lots.normal(scale=0.04, size=(2 * n, dimensions))
    points[:, 0] += 1
    points[:, 1] += lots.normal(scale=length, size=2 * n)
    points[:, 2] += np.repeat([-0.15, 0.15], n)
    unit = points / np.linalg.norm(points, axis=1, keepdims=True)
    return unit.astype(np.float32), np.repeat([0, 1], n)


def test_long_groups_part_along_their_length() -> None:
    vectors, gold = stretched()
    # Centroids somewhat off, as those of found groups are.
    centroids = means(vectors, np.where(np.abs(vectors[:, 1] - 0.3 * (2 * gold - 1)) < 0.6, gold, OUTLIER))
    by_means = (assign(vectors, centroids, 1.0)[0] == gold).mean()
    compared = discriminants(centroids, spread_inside(vectors, gold, 1))
    by_directions = (assign(vectors, compared, 1.0)[0] == gold).mean()
    assert by_means < 0.7
    assert by_directions > 0.9
    assert np.allclose(np.linalg.norm(compared, axis=1), 1, atol=1e-6)


def test_long_groups_are_made_balls_for_k_means() -> None:
    from sklearn.cluster import KMeans
    from sklearn.metrics import adjusted_rand_score

    vectors, gold = stretched(length=0.2)
    seen = sphered(vectors, pairs_within(gold), 1)
    found = [KMeans(2, n_init=5, random_state=0).fit_predict(points) for points in (vectors, seen)]
    agreement = [adjusted_rand_score(gold, groups) for groups in found]
    assert agreement[0] < 0.1
    assert agreement[1] > 0.9
    assert np.allclose(np.linalg.norm(seen, axis=1), 1, atol=1e-6)


def pairs_within(gold: np.ndarray) -> scipy.sparse.csr_matrix:
    """A graph in which the papers of a group are pairs, all of one weight."""
    return scipy.sparse.csr_matrix(np.equal.outer(gold, gold).astype(np.float64))


def test_pairs_spread_as_papers_around_the_mean_of_their_group() -> None:
    # Of groups of one size; the sum over pairs counts each paper's square once for each other paper.
    vectors, gold = stretched(n=50)
    whitened = sphered(vectors, pairs_within(gold), 1)
    spread = spread_inside(vectors, gold, 1)
    assert spread is not None
    values, axes = np.linalg.eigh(spread)
    wanted = vectors @ (axes / np.sqrt(values)) @ axes.T
    assert np.allclose(whitened, wanted / np.linalg.norm(wanted, axis=1, keepdims=True), atol=1e-6)


def test_what_has_no_spread_stays_as_it_is() -> None:
    copies = np.repeat(np.eye(1, 3, dtype=np.float32), 4, axis=0)
    assert sphered(copies, pairs_within(np.zeros(4)), 1) is copies
    vectors, _ = stretched(n=2)
    nothing = np.vstack([vectors, np.zeros_like(vectors[:1])])
    assert not sphered(nothing, pairs_within(np.array([0, 0, 1, 1, 1])), 1)[4].any()


def test_both_rules_pass_into_each_other() -> None:
    """From the vectors and means as they are, and no step is larger than its share of the whole way."""
    vectors, gold = stretched(length=0.2)
    graph, centroids = pairs_within(gold), means(vectors, gold)
    shares = np.linspace(0, 1, 101)
    for start, ways in (
        (vectors, [sphered(vectors, graph, share) for share in shares]),
        (centroids, [discriminants(centroids, spread_inside(vectors, gold, share)) for share in shares]),
    ):
        assert ways[0] is start
        away = [float(np.linalg.norm(one - start)) for one in ways]
        steps = np.diff(away)
        assert (steps > 0).all()
        assert steps.max() < 5 * away[-1] / len(steps)


def grouped(of: int) -> tuple[Integers, Integers]:
    """Two stretched groups whose neighbours are nearly all of the same one, as they are and as found."""
    vectors, gold = stretched(n=300, length=0.2)
    lots = np.random.default_rng(1)
    own = lots.random((600, 14)) < 0.8
    neighbour_indices = lots.integers(300, size=(600, 14)) + 300 * np.where(
        own, gold[:, None], 1 - gold[:, None]
    )
    distances = np.tile(np.linspace(0, 0.5, 14, dtype=np.float32), (600, 1))
    found = group(vectors, neighbour_indices.astype(np.int32), distances, n_topics=2, size=20, n_total=of)
    return gold, found[0].groups


def test_many_papers_are_grouped_where_near_ones_lie_alike_in_all_directions(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen = []

    def watched(vectors: np.ndarray, graph: scipy.sparse.csr_matrix, many: float) -> np.ndarray:
        seen.append((graph, many))
        return sphered(vectors, graph, many)

    monkeypatch.setattr("topics.cluster.consensus.sphered", watched)
    for papers in (FEW_PAPERS, 800, MANY_PAPERS):
        gold, found = grouped(papers)
    assert [many for _, many in seen] == [0, 0.6, 1]
    graph = seen[-1][0]
    assert (graph != graph.T).nnz == 0
    same = float((found == gold).mean())
    assert max(same, 1 - same) > 0.9


def test_the_number_of_cores_changes_no_group(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "_cores", lambda: 1)
    _, alone = grouped(MANY_PAPERS)
    monkeypatch.setattr(parallel, "_cores", lambda: 3)
    assert np.array_equal(grouped(MANY_PAPERS)[1], alone)


def test_without_a_spread_papers_are_compared_with_the_means() -> None:
    vectors, gold = stretched(n=2)
    assert spread_inside(vectors[:1], gold[:1], 1) is None
    centroids = means(vectors, gold)
    assert discriminants(centroids, None) is centroids


def test_fewer_papers_than_dimensions_have_a_spread_all_the_same() -> None:
    vectors, gold = stretched(n=2)
    compared = discriminants(means(vectors, gold), spread_inside(vectors, gold, 1))
    assert np.isfinite(compared).all()


def test_copies_of_one_paper_have_no_spread() -> None:
    copies = np.repeat(np.eye(2, 3, dtype=np.float32), 5, axis=0)
    assert spread_inside(copies, np.repeat([0, 1], 5), 1) is None


def test_a_topic_of_texts_without_known_words_has_no_direction() -> None:
    vectors, gold = stretched()
    compared = discriminants(np.zeros((1, 6), np.float32), spread_inside(vectors, gold, 1))
    assert np.array_equal(compared, np.zeros((1, 6)))


@given(seed=st.integers(0, 2**16))
@settings(max_examples=20, deadline=None)
def test_papers_in_no_group_do_not_count(seed: int) -> None:
    vectors, gold = stretched(n=30, seed=seed)
    strays = np.random.default_rng(seed).normal(size=(5, vectors.shape[1])).astype(np.float32)
    alone = spread_inside(vectors, gold, 1)
    beside = spread_inside(np.vstack([vectors, strays]), np.append(gold, [OUTLIER] * 5), 1)
    assert alone is not None
    assert beside is not None
    assert np.array_equal(alone, beside)


def some(number: int = MANY_PAPERS) -> tuple[Embeddings, Clustering]:
    papers = groups((number // 2, number // 4, number - number // 2 - number // 4), noise=0.25)
    return papers, run(papers, ClusterSettings(n_topics=3))


def test_the_more_papers_the_more_topics_part_by_directions() -> None:
    papers, found = some()
    assert not np.array_equal(found.directions, found.centroids)
    nearest, probability = assign(papers.vectors, found.directions, found.temperature)
    assert np.array_equal(nearest, found.nearest_topic)
    assert np.array_equal(probability, found.probability)
    _, few = some(FEW_PAPERS)
    assert np.array_equal(few.directions, few.centroids)
    _, between = some(FEW_PAPERS + 1)
    assert not np.array_equal(between.directions, between.centroids)
    assert np.allclose(between.directions, between.centroids, atol=0.01)


def test_an_edit_leaves_the_directions_of_other_topics() -> None:
    papers, found = some()
    ids = [f"p{row}" for row in range(len(papers.vectors))]
    desk = TopicEditor(found, ids, papers.vectors, {0: "a", 1: "b", 2: "c"}, 1)
    desk.apply(Merge(topics=(0, 1)))
    edited = desk.finished()
    assert np.array_equal(edited.directions[1], found.directions[2])
    assert not np.array_equal(edited.directions[0], edited.centroids[0])
    nearest, _ = assign(papers.vectors, edited.directions, edited.temperature)
    assert np.array_equal(np.flatnonzero(nearest != edited.nearest_topic), edited.by_hand)


def test_an_edit_does_not_depend_on_the_order_of_the_papers(monkeypatch: pytest.MonkeyPatch) -> None:
    papers, found = some()
    monkeypatch.setattr(discriminant, "LEARNT_ON", 300)
    shuffled = np.random.default_rng(2).permutation(len(papers.vectors))
    moved = replace(
        found,
        topic=found.topic[shuffled],
        nearest_topic=found.nearest_topic[shuffled],
        probability=found.probability[shuffled],
    )
    edited = []
    for one, vectors in ((found, papers.vectors), (moved, papers.vectors[shuffled])):
        desk = TopicEditor(one, [*map(str, range(len(one)))], vectors, {0: "a", 1: "b", 2: "c"}, 1)
        desk.apply(Merge(topics=(0, 1)))
        edited.append(desk.finished())
    assert np.array_equal(edited[1].directions, edited[0].directions)
    assert np.array_equal(edited[1].nearest_topic, edited[0].nearest_topic[shuffled])


def test_texts_without_known_words_do_not_draw_the_others_in() -> None:
    papers, _ = some()
    with_zeros = Embeddings(np.vstack([papers.vectors, np.zeros((60, papers.vectors.shape[1]))]), "made")
    found = run(with_zeros, ClusterSettings(method="kmeans", n_topics=3))
    assert (found.sizes > 100).sum() >= 2
    assert np.isfinite(found.directions).all()


def test_each_topic_asked_for_has_a_paper() -> None:
    """Ten topics of one paper each, close to one another."""
    papers, _ = some()
    seeds = tuple((row,) for row in range(10))
    names = tuple(f"topic {row}" for row in range(10))
    places = np.zeros((10, papers.vectors.shape[1]), np.float32)
    graph = find_neighbours(papers, ReduceSettings(), random_state=1)
    layout = project(papers, graph, n_components=5, min_dist=0.0, random_state=1)
    found = cluster(
        papers, graph, layout, ClusterSettings(), random_state=1, guidance=Guidance(names, seeds, places)
    )
    assert set(names) <= set(found.names)
    nearest, _ = assign(papers.vectors, found.directions, found.temperature)
    assert np.array_equal(nearest, found.nearest_topic)


def test_papers_to_come_go_by_the_directions(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("topics.cluster.cluster.share_of_many", lambda papers: 1.0)
    monkeypatch.setenv("TOPICS_CACHE", str(tmp_path / "cache"))
    run_cli("run", SEED, "-o", tmp_path / "run", *QUICK)
    fit = open_run(tmp_path / "run")
    vectors, rule = fit.embeddings.vectors, fit.clustering
    assert not np.array_equal(rule.directions, rule.centroids)
    strange = Labeller(fit).place(vectors, np.full(len(vectors), -1, np.int32))
    assert np.array_equal(strange.nearest_topic, rule.nearest_topic)
    paper = {"id": "new", "title": "Gulls at sea", "abstract": "Gulls follow ships and eat what falls. " * 3}
    (tmp_path / "new.jsonl").write_text(json.dumps(paper) + "\n", encoding="utf-8")
    run_cli("update", tmp_path / "run", tmp_path / "new.jsonl", "-o", tmp_path / "updated")
    updated = open_run(tmp_path / "updated").clustering
    assert len(updated) == len(rule) + 1
    assert np.array_equal(updated.directions, rule.directions)


def test_a_run_from_before_directions_goes_by_its_centroids(tmp_path: Path) -> None:
    _, found = some(FEW_PAPERS)
    store.pack(found, tmp_path)
    (tmp_path / "directions.npy").unlink()
    assert np.array_equal(store.unpack(Clustering, tmp_path).directions, found.centroids)
