"""What many groupings agree on, its levels, and the number of topics."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.cluster.hierarchy import cut_tree, linkage
from sklearn.metrics import adjusted_rand_score

from tests.cluster.test_umap import groups
from topics.cluster.consensus import (
    BEND,
    COUNTED,
    FEW,
    N_NEIGHBOURS,
    SPREAD,
    SPREAD_OF_MANY,
    THINNED,
    Level,
    Votes,
    _asked_level,
    _best_first,
    _handed_out,
    _leading,
    _memberships,
    _moved,
    _together,
    _votes,
    alternatives,
    cuts,
    group,
    partition_score,
)
from topics.cluster.neighbours import nearest
from topics.types import FEW_PAPERS, MANY_PAPERS, OUTLIER


def neighbour_indices(groups, size, outside):
    """Papers in groups of one size; so many of its `N_NEIGHBOURS` neighbours are in the next group."""
    own = np.arange(groups * size) // size
    step = np.arange(1, N_NEIGHBOURS + 1)
    inside = own[:, None] * size + (np.arange(groups * size)[:, None] + step) % size
    beyond = (own[:, None] + 1) % groups * size + step % size
    return own, np.where(step <= outside, beyond, inside)


def even(groups):
    """The evenness of so many groups of one size: between ln(groups) and 1 - 1 / groups."""
    return (1 - groups**-BEND) / BEND


def test_worth_is_neighbours_kept_and_the_evenness_of_sizes():
    labels, near = neighbour_indices(groups=8, size=60, outside=1)
    assert 1 - 1 / 8 < even(8) < math.log(8)
    assert partition_score(labels, near, 480) == pytest.approx(1 - 1 / N_NEIGHBOURS + SPREAD * even(8))
    assert partition_score(np.zeros_like(labels), near, 480) == pytest.approx(1)


def test_only_the_nearest_count():
    labels, near = neighbour_indices(groups=4, size=100, outside=0)
    far = np.repeat((np.arange(400)[:, None] + 100) % 400, 10, axis=1)
    assert partition_score(labels, np.hstack([near, far]), 400) == partition_score(labels, near, 400)


def test_evenness_is_worth_more_where_papers_are_few_and_in_a_part_of_a_corpus():
    labels, near = neighbour_indices(groups=4, size=FEW // 16, outside=0)
    assert partition_score(labels, near, len(labels)) == pytest.approx(
        1 + SPREAD * math.sqrt(FEW / len(labels)) * even(4)
    )
    labels, near = neighbour_indices(groups=4, size=100, outside=0)
    for papers, weight in (
        (FEW_PAPERS, SPREAD),
        ((FEW_PAPERS + MANY_PAPERS) // 2, (SPREAD + SPREAD_OF_MANY) / 2),
        (MANY_PAPERS, SPREAD_OF_MANY),
    ):
        expected = 1 + weight * (papers / 400) ** THINNED * even(4)
        assert partition_score(labels, near, papers) == pytest.approx(expected)


def neighbourhood(vectors, k=14):
    every = np.arange(len(vectors), dtype=np.int32)
    return nearest(vectors, every, every, k)


def level(effective, score):
    return Level(np.zeros(4, np.int32), score, effective, 0.5)


def test_groups_that_are_there_are_found():
    papers = groups((60, 40, 30, 20), noise=0.08)
    levels = group(papers.vectors, *neighbourhood(papers.vectors), n_topics=None, size=5, n_total=150)
    assert adjusted_rand_score(np.repeat(range(4), (60, 40, 30, 20)), levels[0].groups) > 0.9
    assert [one.effective for one in levels[1:]] == sorted(one.effective for one in levels[1:])


def test_agreement_is_the_share_of_groupings():
    papers = groups((30, 30), noise=0.01)
    numbers, starts = [2, 3], 4
    votes = _votes((papers.vectors, papers.vectors[:, :2]), numbers, starts, 0, lambda n: None)
    together = votes.together
    assert together.shape == (60, 60)
    assert votes.groupings == starts * len(numbers) * 2
    assert (np.diag(together) == votes.groupings).all()
    assert np.array_equal(together, together.T)
    assert np.array_equal(together, np.round(together))
    assert together[:30, 30:].max() < together[:30, :30].min()


def test_pairs_are_counted_across_blocks_and_beyond_what_a_byte_holds():
    groupings = np.random.default_rng(0).integers(0, 3, (300, 2 * COUNTED + 5)).astype(np.uint8)
    groupings[:, 1] = groupings[:, 0]
    together = _together(groupings)
    expected = [(groupings == own[:, None]).sum(axis=0) for own in groupings.T]
    assert together[0, 1] == 300
    assert np.array_equal(together, expected)


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 10**6), st.integers(1, 6))
def test_sums_of_votes_follow_papers_that_change_groups(seed, number):
    generator = np.random.default_rng(seed)
    together = generator.integers(0, 50, (30, 30)).astype(np.float32)
    together += together.T
    before = np.unique(generator.integers(0, number, 30), return_inverse=True)[1].astype(np.int32)
    before[generator.random(30) < 0.2] = OUTLIER
    start = _memberships(before)
    to = generator.integers(0, start.shape[1], 30) if start.shape[1] else np.zeros(30, np.int64)
    after, sums = _moved(Votes(together, 50), before, together @ start, to)
    assert after.tolist() == np.unique(to, return_inverse=True)[1].tolist()
    assert np.array_equal(sums, together @ _memberships(after))


def test_leading_eigenvectors_are_found_also_where_the_fast_method_gives_up(monkeypatch):
    matrix = np.diag([3.0, 1.0, 2.0, 5.0])
    fast = _leading(matrix, 2)

    def gives_up(*_, **__):
        raise np.linalg.LinAlgError

    monkeypatch.setattr("scipy.linalg.eigh", gives_up)
    for values, axes in (fast, _leading(matrix, 2)):
        assert values == pytest.approx([3, 5])
        assert np.allclose(np.abs(axes), np.eye(4)[:, [0, 3]])


def test_papers_of_small_groups_go_where_they_share_most():
    together = np.full((6, 6), 1, np.float32)
    together[:3, :3] = together[3:5, 3:5] = 9
    together[5, 3:5] = together[3:5, 5] = 5
    np.fill_diagonal(together, 10)
    vectors = np.eye(2, dtype=np.float32)[[0, 0, 0, 1, 1, 1]]
    before = np.array([0, 0, 0, 1, 1, OUTLIER])
    wide, start = vectors.astype(np.float64), together @ _memberships(before)
    groups, sums = _handed_out(vectors, wide, Votes(together, 10), before, start)
    assert groups.tolist() == [0, 0, 0, 1, 1, 1]
    assert np.array_equal(sums, together @ _memberships(groups))


def test_as_many_groups_as_asked_for_also_where_small_ones_are_needed():
    papers = groups((20, 15, 10, 5), noise=0.3)
    for number in (2, 3, 5, 8, 20):
        found = group(papers.vectors, *neighbourhood(papers.vectors, 7), n_topics=number, size=5, n_total=50)
        assert [one.groups.max() + 1 for one in found] == [number]
    alone = np.eye(6, dtype=np.float32)
    assert _asked_level(alone, Votes(alone, 1), 3, 2).groups.max() + 1 == 3


def test_a_number_of_topics_far_from_the_usual_one_counts_less():
    flat = [level(effective, 1.0) for effective in (2, 4, 8, 16, 32)]
    assert _best_first(flat, 200, 1.0)[0].effective == 8
    steep = [level(effective, score) for effective, score in ((2, 1.6), (8, 1.0), (32, 1.0))]
    assert _best_first(steep, 200, 1.0)[0].effective == 2
    assert _best_first(flat, 200, 2.0)[0].effective == 16
    assert _best_first(flat, 200, 0.5)[0].effective == 4


def test_alternatives_are_the_best_of_coarser_and_of_finer_levels():
    levels = [
        level(10, 2.0),
        level(3, 1.1),
        level(5, 1.2),
        level(6, 1.3),
        level(9, 1.9),
        level(14, 1.6),
        level(15, 1.7),
    ]
    assert [one.effective for one in alternatives(levels)] == [3, 6, 15]
    assert alternatives(levels[:1]) == ()


@settings(deadline=None)
@given(
    places=st.lists(st.integers(0, 9), min_size=2, max_size=40),
    method=st.sampled_from(["average", "ward"]),
    numbers=st.lists(st.integers(1, 45), min_size=1, max_size=5),
)
def test_cuts_are_those_of_scipy_also_where_merges_are_tied(places, method, numbers):
    tree = linkage(np.array(places, float)[:, None], method)
    for number, labels in zip(numbers, cuts(tree, numbers), strict=True):
        assert len(set(labels.tolist())) == min(number, len(places))
        assert np.array_equal(labels, cut_tree(tree, n_clusters=min(number, len(places))).ravel())
