"""Bursts and change points against brute force, and against flat series."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from topics.trends.bursts import _cheapest_states, find_bursts, inside_effect, windows
from topics.trends.changepoints import _deviance, _weight, best_steps, change_points
from topics.trends.growth import Noise, Series, design_matrix, fit

SERIES = st.lists(st.integers(0, 30), min_size=4, max_size=9)


def series(counts: list[list[float]], totals: list[float] | None = None) -> Series:
    y = np.array(counts, dtype=float)
    n = np.full(y.shape[1], 400.0) if totals is None else np.array(totals, dtype=float)
    design = design_matrix(np.arange(float(y.shape[1])), np.arange(y.shape[1]) % 2)
    return Series(y, n, design, np.broadcast_to(n, y.shape))


def quiet(topics: int) -> Noise:
    return Noise(0.0, np.ones(topics), np.full(topics, 50.0))


@given(st.lists(st.tuples(st.floats(0, 9), st.floats(0, 9)), min_size=2, max_size=8), st.floats(0, 4))
def test_the_states_are_the_cheapest_of_all(costs, entrance):
    low, high = np.array(costs).T[:, None, :]
    states = _cheapest_states(low, high, entrance)[0]

    def price(way) -> float:
        steps = sum(high[0, t] if up else low[0, t] for t, up in enumerate(way))
        entries = sum(up and not before for before, up in itertools.pairwise((False, *way)))
        return steps + entrance * entries

    best = min(price(way) for way in itertools.product((False, True), repeat=len(costs)))
    assert price(tuple(states.tolist())) == pytest.approx(best)


def test_a_burst_is_found_where_it_is_and_certain():
    flat = [[20, 22, 18, 21, 19, 20, 22, 18, 20, 21]]
    burst = [[20, 22, 18, 21, 90, 95, 22, 18, 20, 21]]
    assert find_bursts(series(flat), quiet(1)) == [[]]
    assert find_bursts(series(burst), quiet(1)) == [[(4, 5)]]
    found = inside_effect(series(burst), np.array([0]), (4, 5), quiet(1))
    assert np.exp(found.estimate[0]) == pytest.approx(4.6, abs=0.3)
    assert found.p[0] < 1e-9


def test_more_papers_in_all_are_no_burst():
    totals = [400, 400, 400, 400, 4000, 4000, 400, 400, 400, 400]
    counts = [[20, 20, 20, 20, 200, 200, 20, 20, 20, 20]]
    assert find_bursts(series(counts, totals), quiet(1)) == [[]]


def test_windows_are_counted():
    assert windows(4) == 4 + 3
    assert windows(10) == 10 + 9 + 8 + 7 + 6


@given(SERIES, st.floats(0, 0.3))
@settings(deadline=None)
def test_the_steps_are_the_best_of_all(counts, dispersion):
    y = np.array(counts, dtype=float)
    if y.sum() == 0:
        return
    exposure = np.linspace(100, 300, len(y))
    weight = _weight(y, exposure, dispersion)

    def price(edges) -> float:
        total = 0.0
        for first, last in itertools.pairwise((0, *edges, len(y))):
            part = slice(first, last)
            level = (weight * y)[part].sum() / (weight * exposure)[part].sum()
            total += _deviance(y[part], level * exposure[part], weight[part])
        return total

    for breaks, (cost, found) in enumerate(best_steps(y, exposure, dispersion)):
        ways = [
            edges
            for edges in itertools.combinations(range(1, len(y)), breaks)
            if all(b - a >= 2 for a, b in itertools.pairwise((0, *edges, len(y))))
        ]
        assert cost == pytest.approx(min(map(price, ways)), abs=1e-8)
        assert price(found) == pytest.approx(cost, abs=1e-8)


def line_of(given_: Series) -> np.ndarray:
    return fit(given_.counts, given_.totals, given_.design).expected


def test_levels_that_change_for_good_have_change_points():
    steps = series([[10, 12, 11, 9, 10, 60, 62, 58, 61, 60]])
    assert change_points(steps, quiet(1), line_of(steps), 0.05) == [(5,)]
    hill = series([[10, 12, 11, 50, 52, 49, 51, 10, 9, 11, 10, 12]])
    assert change_points(hill, quiet(1), line_of(hill), 0.05) == [(3, 7)]


def test_a_steady_slope_has_none():
    slope = series([np.rint(10 * 1.3 ** np.arange(10)).tolist()])
    assert change_points(slope, quiet(1), line_of(slope), 0.05) == [()]


def test_flat_series_seldom_have_one():
    random = np.random.default_rng(11)
    found = 0
    for _ in range(10):
        flat = series(random.poisson(30, (30, 10)).tolist())
        found += sum(map(bool, change_points(flat, quiet(30), line_of(flat), 0.05)))
    assert found <= 3
