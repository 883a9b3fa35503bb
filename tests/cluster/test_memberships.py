"""Shares add up, follow one rule for all papers, and are as often true as they say."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import rows as rows_of
from tests.papers import themed
from topics.cluster.assign import assign
from topics.cluster.memberships import (
    LEAST,
    applied,
    learn_memberships,
    learned,
    likeliest,
    reliability,
    shares,
)
from topics.cluster.recovery import found_again
from topics.cluster.stability import regroupings
from topics.runs.run import open_run
from topics.types import Clustering, Memberships, ShareRule


def unit(rows):
    rows = np.asarray(rows, np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def drawn(generator, n, k, papers=None):
    """Cosines of n papers to k topics, and the topic where a regrouping finds each: not by the softmax, but
    sharper, and for a tenth of the papers anywhere.
    """
    cosines = generator.normal(0, 0.2, (n, k)) if papers is None else papers
    sharp = np.exp(cosines / 0.06)
    sharp /= sharp.sum(axis=1, keepdims=True)
    odds = 0.9 * sharp + 0.1 / k
    seen = (odds.cumsum(axis=1) < generator.random((n, 1))).sum(axis=1).astype(np.int32)
    return cosines, np.minimum(seen, k - 1)


@given(st.integers(0, 2**32 - 1), st.integers(1, 9), st.floats(0.01, 1))
def test_shares_add_up_and_none_is_above_the_nearest_topics(seed, k, temperature):
    generator = np.random.default_rng(seed)
    vectors, directions = unit(generator.normal(size=(20, 6))), unit(generator.normal(size=(k, 6)))
    knots = np.sort(generator.random((4, 2)), axis=0)
    rule = ShareRule(temperature, temperature * generator.uniform(0.1, 3), knots)
    found = shares(vectors, directions, rule)
    assert np.allclose(found.sum(axis=1), 1, atol=1e-9)
    nearest, _ = assign(vectors, directions, temperature)
    assert (found.max(axis=1) == found[np.arange(20), nearest]).all()
    chosen, likely = likeliest(vectors, directions, rule, 2)
    assert np.array_equal(chosen[:, 0], nearest)
    assert (likely[:, 1] <= likely[:, 0]).all()
    for row in range(0, 20, 7):
        alone = likeliest(vectors[row : row + 1], directions, rule, 2)
        assert np.array_equal(alone[0][0], chosen[row])
        assert np.array_equal(alone[1][0], likely[row])


def test_the_plain_rule_is_the_softmax():
    vectors, directions = unit([[3, 1, 0], [1, 2, 5]]), unit(np.eye(3))
    own = shares(vectors, directions, ShareRule.plain(0.2))
    odds = np.exp(vectors.astype(float) @ directions.T / 0.2)
    assert np.allclose(own, odds / odds.sum(axis=1, keepdims=True), atol=1e-6)


def test_what_is_as_near_to_every_topic_has_as_much_of_each():
    generator = np.random.default_rng(1)
    cosines, seen = drawn(generator, 2000, 5)
    rule = learned([cosines], [seen], 0.2)
    assert np.allclose(shares(np.zeros((1, 4), np.float32), unit(np.eye(5, 4) + 0.1), rule), 0.2, atol=1e-4)


@pytest.mark.parametrize("k", [2, 3, 12])
def test_shares_are_as_often_true_as_they_say(k):
    """Learned from four regroupings and looked up in others of the same papers, shares are within .05 in
    every tenth that has papers enough to tell; the softmax is far off.
    """
    generator = np.random.default_rng(k)
    papers, _ = drawn(generator, 6000, k)
    draws = [drawn(generator, 6000, k, papers)[1] for _ in range(12)]
    rule = learned([papers] * 4, draws[:4], 0.2)

    def tenths(rule):
        vectors = [_shares_of(papers, rule)] * 8
        found = np.array(reliability(list(zip(vectors, draws[4:], strict=True))))
        return found[found[:, 0] >= 2000]

    told = tenths(rule)
    assert np.abs(told[:, 1] - told[:, 2]).max() < 0.05
    plain = tenths(ShareRule.plain(0.2))
    assert np.abs(plain[:, 1] - plain[:, 2]).max() > 0.1


def _shares_of(cosines, rule):
    from topics.cluster.memberships import shares_of

    return shares_of(cosines, rule)


def test_a_group_counts_as_the_topic_that_most_of_its_papers_have():
    groups = Clustering([0, 0, 0, 1, 1, 2], [0, 0, 0, 1, 1, 2], np.ones(6), np.eye(3), 1.0)
    # The second topic joins the first; the third is divided.
    again = np.array([1, 1, 1, 1, 1, 0], np.int32)
    assert found_again(groups, np.arange(6), again).tolist() == [0, 0, 0, 0, 0, 2]


def test_topics_that_always_come_back_make_sure_papers_and_few_shares():
    _, embeddings, groups = themed(12)
    groups = Clustering(
        groups.topic, groups.nearest_topic, groups.probability, np.eye(3, 8, dtype=np.float32), 0.2
    )
    repeated = regroupings(embeddings, lambda rows, _: groups.nearest_topic[rows], 0)
    found = learn_memberships(embeddings, groups, repeated)
    assert found.probability.min() > 0.9
    assert not found.between.any()
    assert found.calibration_error < 0.05
    assert found.topics[found.starts[:-1]].tolist() == groups.nearest_topic.tolist()


def test_papers_that_repetitions_cannot_place_are_between_topics():
    _, embeddings, groups = themed(20)
    topic = np.minimum(groups.topic, 1)
    groups = Clustering(topic, topic, groups.probability, np.eye(2, 8, dtype=np.float32), 0.2)

    def regroup(rows, number):
        swapped = np.random.default_rng(number).random(len(rows)) < 0.5
        return np.where(swapped, 1 - topic[rows], topic[rows]).astype(np.int32)

    found = learn_memberships(embeddings, groups, regroupings(embeddings, regroup, 0))
    assert found.probability.max() < 0.7
    assert found.between.all()
    assert (found.second_probability <= found.probability).all()


def test_an_edit_keeps_its_topic_first_and_takes_what_the_rule_says():
    vectors = unit([[1, 0.1], [0.1, 1], [1, 0.2]])
    from topics.types import Embeddings

    groups = Clustering([0, 1, 1], [0, 1, 1], np.ones(3), np.eye(2), 0.2, by_hand=[2])
    found = applied(Embeddings(vectors, "test"), groups, ShareRule.plain(0.2))
    assert found.second_topic[2] == 0
    assert found.second_probability[2] > 0.9
    assert found.probability[2] < 0.1
    start = found.starts[2]
    assert found.topics[start] == 1


def test_values_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="ascending"):
        ShareRule(1.0, 1.0, [[0.5, 0.5], [0.4, 0.6]])
    with pytest.raises(ValueError, match="lie in"):
        ShareRule(1.0, 1.0, [[0.0, 1.5]])
    with pytest.raises(ValueError, match="begin and end"):
        Memberships(1, 1, ((0, 0),), [0, 2], [0], [1.0])


def test_a_runs_tables_say_what_its_memberships_say(quick_run):
    import pyarrow.parquet as pq

    run = open_run(quick_run)
    members = run.memberships
    papers = rows_of(quick_run / "assignments.csv")
    table = pq.read_table(quick_run / "assignments.parquet").to_pylist()
    listed = pq.read_table(quick_run / "topic_shares.parquet").to_pylist()
    assert sum(members.between) == sum(int(paper["between"]) for paper in papers)
    for row, (paper, typed) in enumerate(zip(papers, table, strict=True)):
        assert float(paper["probability"]) == pytest.approx(members.probability[row], abs=1e-4)
        assert int(paper["second_topic"]) == typed["second_topic"] == members.second_topic[row]
        assert paper["second_label"] == run.topics.labels[members.second_topic[row]]
        own = [share for share in listed if share["id"] == paper["id"]]
        assert own[0]["topic"] == typed["nearest_topic"]
        assert own[0]["share"] == pytest.approx(members.probability[row])
        assert all(share["share"] >= LEAST for share in own[2:])
        assert sum(share["share"] for share in own) <= 1 + 1e-6
    assert run.summary["memberships"]["between"] == int(members.between.sum())
    assert run.summary["memberships"]["calibration_error"] == pytest.approx(
        members.calibration_error, abs=1e-4
    )


def test_an_old_run_has_the_softmax(quick_run, tmp_path):
    import shutil

    old = shutil.copytree("tests/data/run-2026-11-28", tmp_path / "old")
    run = open_run(old)
    assert np.allclose(run.memberships.probability, run.clustering.probability, atol=1e-6)
    assert run.memberships.reliability == ()
