"""What a grouping is worth: near papers together, and spread over many groups."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.cluster.hierarchy import cut_tree, linkage

from topics.cluster.consensus import (
    BEND,
    FEW,
    NEAREST,
    SPREAD,
    SPREAD_OF_TOPICS,
    THINNED,
    cuts,
    worth,
)
from topics.cluster.discriminant import FROM


def around(groups, size, outside):
    """Papers in groups of one size; so many of each paper's `NEAREST` neighbours are in the next group."""
    own = np.arange(groups * size) // size
    step = np.arange(1, NEAREST + 1)
    inside = own[:, None] * size + (np.arange(groups * size)[:, None] + step) % size
    beyond = (own[:, None] + 1) % groups * size + step % size
    return own, np.where(step <= outside, beyond, inside)


def value(labels, near):
    """The worth for papers that stand for themselves."""
    return worth(labels, near, len(labels), 2)


def even(groups):
    """The spread over so many groups of one size: between ln(groups) and 1 - 1 / groups."""
    return (1 - groups**-BEND) / BEND


def test_worth_is_neighbours_kept_and_the_spread_of_sizes():
    labels, near = around(groups=8, size=100, outside=1)
    assert 1 - 1 / 8 < even(8) < math.log(8)
    assert value(labels, near) == pytest.approx(1 - 1 / NEAREST + SPREAD * even(8))
    assert value(np.zeros_like(labels), near) == pytest.approx(1)


def test_only_the_nearest_count():
    labels, near = around(groups=4, size=100, outside=0)
    far = np.repeat((np.arange(400)[:, None] + 100) % 400, 10, axis=1)
    assert value(labels, np.hstack([near, far])) == value(labels, near)


def test_spread_is_worth_more_where_papers_are_few():
    labels, near = around(groups=4, size=FEW // 16, outside=0)
    assert value(labels, near) == pytest.approx(1 + SPREAD * math.sqrt(FEW / (FEW // 16 * 4)) * even(4))


def test_spread_is_worth_more_in_a_part_of_a_corpus():
    labels, near = around(groups=4, size=100, outside=0)
    assert worth(labels, near, 800, 2) == pytest.approx(1 + SPREAD * 2**THINNED * even(4))


@pytest.mark.parametrize(("of", "counts"), [(FROM - 1, True), (FROM, False)])
def test_of_many_papers_groups_too_small_for_topics_do_not_count_in_the_spread(of, counts):
    labels, near = around(groups=4, size=249, outside=0)
    parted = np.where(labels == 3, 3 + np.arange(len(labels)) // 2, labels)
    together = (parted[near] == parted[:, None]).mean()
    weight = (SPREAD if counts else SPREAD_OF_TOPICS) * (of / len(labels)) ** THINNED
    shares = np.bincount(parted) / len(labels)
    of_all = (shares * (1 - shares**BEND)).sum() / BEND
    expected = of_all if counts else even(3)
    assert worth(parted, near, of, 200) == pytest.approx(together + weight * expected)
    assert worth(labels, near, FROM, 250) == pytest.approx(1)


@pytest.mark.parametrize("pairs", [4, 20, 100])
def test_two_groups_are_told_apart_even_where_there_are_many_others(pairs):
    """Modularity merges such pairs: parting one of 100 is worth a hundredth to it of parting a single one."""
    own, near = around(groups=2, size=50, outside=0)
    crossing = np.arange(100) % 20 == 0
    near[crossing, 0] = (np.flatnonzero(crossing) + 50) % 100
    near = np.concatenate([near + 100 * pair for pair in range(pairs)])
    apart = np.concatenate([own + 2 * pair for pair in range(pairs)])
    first = np.where(apart == 1, 0, apart)
    weight = SPREAD_OF_TOPICS if len(apart) >= FROM else SPREAD
    gained = weight * (2**BEND - 1) / BEND * (2 * pairs) ** -BEND
    assert gained > 0.04
    assert (value(apart, near) - value(first, near)) * pairs == pytest.approx(gained - 0.01)


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
