"""What a grouping is worth: near papers together, and spread over many groups."""

import math

import numpy as np
import pytest

from topics.consensus import FEW, MANY, NEAREST, SPREAD, worth


def around(groups, size, outside):
    """Papers in groups of one size; so many of each paper's `NEAREST` neighbours are in the next group."""
    own = np.arange(groups * size) // size
    step = np.arange(1, NEAREST + 1)
    inside = own[:, None] * size + (np.arange(groups * size)[:, None] + step) % size
    beyond = (own[:, None] + 1) % groups * size + step % size
    return own, np.where(step <= outside, beyond, inside)


def test_worth_is_neighbours_kept_and_the_entropy_of_sizes():
    labels, near = around(groups=8, size=100, outside=1)
    assert worth(labels, near) == pytest.approx(1 - 1 / NEAREST + SPREAD * math.log(8))
    assert worth(np.zeros_like(labels), near) == pytest.approx(1)


def test_only_the_nearest_count():
    labels, near = around(groups=4, size=100, outside=0)
    far = np.repeat((np.arange(400)[:, None] + 100) % 400, 10, axis=1)
    assert worth(labels, np.hstack([near, far])) == worth(labels, near)


def test_spread_is_worth_more_where_papers_are_few():
    labels, near = around(groups=4, size=FEW // 16, outside=0)
    assert worth(labels, near) == pytest.approx(1 + SPREAD * math.sqrt(4) * math.log(4))


def test_spread_is_worth_less_where_papers_are_many():
    labels, near = around(groups=4, size=MANY * 2 // 4, outside=0)
    assert worth(labels, near) == pytest.approx(1 + SPREAD * 2 ** (-1 / 3) * math.log(4))


@pytest.mark.parametrize("pairs", [4, 8, 20])
def test_two_groups_are_told_apart_whatever_other_groups_there_are(pairs):
    """Modularity merges like groups where there are many of them."""
    own, near = around(groups=2, size=50, outside=0)
    crossing = np.arange(100) % 20 == 0
    near[crossing, 0] = (np.flatnonzero(crossing) + 50) % 100
    near = np.concatenate([near + 100 * pair for pair in range(pairs)])
    apart = np.concatenate([own + 2 * pair for pair in range(pairs)])
    first = np.where(apart == 1, 0, apart)
    assert (worth(apart, near) - worth(first, near)) * pairs == pytest.approx(SPREAD * math.log(2) - 0.01)
