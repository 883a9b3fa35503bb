"""Making room for topics that are asked for, whatever the groups are."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cluster.test_umap import groups
from topics.cluster.assign import assign
from topics.cluster.cluster import cluster
from topics.cluster.seeded import make_room
from topics.cluster.umap import find_neighbours, project
from topics.config import ClusterSettings, ReduceSettings
from topics.errors import ConfigError
from topics.types import Embeddings, Guidance


def run(papers, guidance, **more):
    found = find_neighbours(papers, ReduceSettings(), random_state=1)
    layout = project(papers, found, n_components=5, min_dist=0.0, random_state=1)
    return cluster(papers, found, layout, ClusterSettings(**more), random_state=1, guidance=guidance)


@given(seed=st.integers(0, 2**16), data=st.data())
@settings(max_examples=8, deadline=None)
def test_every_topic_asked_for_has_a_paper_and_its_name(seed, data):
    papers = groups((20, 15, 10, 5), noise=0.25, seed=seed)
    drawn = data.draw(st.lists(st.integers(0, 49), min_size=2, max_size=6, unique=True))
    places = np.zeros((2, papers.vectors.shape[1]), np.float32)
    guidance = Guidance(("a", "b"), (tuple(drawn[:1]), tuple(drawn[1:])), places)
    result = run(papers, guidance)
    assert len(result.names) == result.n_topics
    assert {"a", "b"} <= set(result.names)
    nearest, probability = assign(papers.vectors, result.centroids, result.temperature)
    assert np.array_equal(nearest, result.nearest_topic)
    assert np.array_equal(probability, result.probability)
    only = run(papers, Guidance(("a", "b"), guidance.seeds, places, only=True))
    assert sorted(only.names) == ["a", "b"]


def test_the_order_of_the_papers_changes_nothing():
    papers = groups((20, 15, 10, 5), noise=0.25)
    places = np.zeros((1, papers.vectors.shape[1]), np.float32)
    before = run(papers, Guidance(("a",), ((3, 4),), places))
    order = np.random.default_rng(5).permutation(50)
    where = np.argsort(order)
    shuffled = Embeddings(papers.vectors[order], "made")
    after = run(shuffled, Guidance(("a",), ((int(where[3]), int(where[4])),), places))
    assert np.array_equal(after.topic, before.topic[order])
    assert after.names == before.names


def test_a_group_is_parted_where_half_of_it_is_meant():
    papers = groups((15, 15, 10), noise=0.1)
    found = np.repeat([0, 1], [30, 10]).astype(np.int32)
    guidance = Guidance(("a",), ((0, 1, 2),), np.zeros((1, papers.vectors.shape[1]), np.float32))
    shared, held = make_room(papers.vectors, found, guidance, [np.arange(3)], 2)
    assert (shared[:15] == 0).all()
    assert len(set(shared[15:30])) == 1
    assert shared[20] not in (0, shared[35])
    assert np.flatnonzero(held == 0).tolist() == [0, 1, 2]


def test_fewer_topics_than_names_are_refused():
    papers = groups((20, 15, 10, 5))
    names, places = tuple("abcde"), np.zeros((5, papers.vectors.shape[1]), np.float32)
    guidance = Guidance(names, tuple((row,) for row in range(5)), places)
    with pytest.raises(ConfigError, match="cluster.n_topics is 3, but guide asks for 5 topics"):
        run(papers, guidance, n_topics=3)
