"""Intervals and q-values against published figures."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from topics.trends.shares import adjusted, difference, exact_p, wilson


def test_wilson_is_newcombes_first_example():
    """Newcombe (1998a), 81 of 263: 0.2553 to 0.3662."""
    low, high = wilson(81, 263)
    assert (float(low), float(high)) == pytest.approx((0.2553, 0.3662), abs=5e-5)


def test_difference_is_newcombes_example():
    """Newcombe (1998b), 56/70 against 48/80, method 10: 0.0524 to 0.3339."""
    low, high = difference((np.array([48.0]), np.array([80.0])), (np.array([56.0]), np.array([70.0])))
    assert (low[0], high[0]) == pytest.approx((0.0524, 0.3339), abs=5e-5)


@given(st.integers(0, 500), st.integers(1, 500))
def test_wilson_holds_the_share(count, more):
    total = count + more
    low, high = wilson(count, total)
    assert 0 <= low <= count / total <= high <= 1


def test_no_papers_give_no_interval():
    low, high = wilson([0, 1], [0, 2])
    assert np.isnan(low[0])
    assert np.isnan(high[0])
    assert low[1] < 0.5 < high[1]


def test_exact_p_is_fishers():
    """The lady tasting tea: three of four cups right on either side, p = 34/70."""
    p = exact_p((np.array([3.0]), np.array([4.0])), (np.array([1.0]), np.array([4.0])))
    assert p[0] == pytest.approx(34 / 70)


def test_q_values_leave_out_what_was_not_tested():
    q = adjusted([0.01, np.nan, 0.04, 0.03])
    assert q[[0, 2, 3]] == pytest.approx([0.03, 0.04, 0.04])
    assert np.isnan(q[1])
