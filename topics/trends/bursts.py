"""When a topic's share was unusually high for a while.

Bursts are Kleinberg's (2002, "Bursty and hierarchical structure in streams", the batched model): two
states, the usual share and twice that, with a price for entering the higher one. Two changes make his costs
honest for papers: counts vary more than independent draws would, so the likelihood is divided by that
overdispersion, and every burst found is tested against the periods around it, at a level that allows for all
the windows that it was picked from.
"""

from __future__ import annotations

import numpy as np

from topics.trends.growth import Effect, Noise, Series, effect
from topics.types import Doubles, Mask, Rows

HIGHER = 2.0
"""A burst at least doubles the usual share."""

ENTRANCE = 1.0
"""Kleinberg's gamma: entering a burst costs this many times the logarithm of the number of periods."""

Window = tuple[int, int]


def find_bursts(series: Series, noise: Noise) -> list[list[Window]]:
    """For each topic the windows of periods (first and last, inclusive) that Kleinberg's automaton calls
    bursts.

    Only those that last at most half of all periods: what is high for longer is the usual level.
    """
    periods = series.counts.shape[1]
    usual = series.level
    scale = 1 / (1 + noise.dispersion * usual * series.exposure)
    costs = [
        (level * series.exposure - series.counts * np.log(np.maximum(level, 1e-12))) * scale
        for level in (usual, HIGHER * usual)
    ]
    states = _cheapest_states(costs[0], costs[1], ENTRANCE * float(np.log(max(periods, 2))))
    return [
        [(run.start, run.stop - 1) for run in stretches(row) if run.stop - run.start <= periods // 2]
        for row in states
    ]


def _cheapest_states(low: Doubles, high: Doubles, entrance: float) -> Mask:
    """(k, t) whether the cheapest way through the two states is in the high one (Viterbi)."""
    topics, periods = low.shape
    best_low, best_high = low[:, 0], high[:, 0] + entrance
    came_high = np.zeros((topics, periods), dtype=bool)
    stayed_high = np.zeros((topics, periods), dtype=bool)
    for at in range(1, periods):
        came_high[:, at] = best_high < best_low
        stayed_high[:, at] = best_high <= best_low + entrance
        best_low, best_high = (
            np.minimum(best_low, best_high) + low[:, at],
            np.minimum(best_low + entrance, best_high) + high[:, at],
        )
    states = np.zeros((topics, periods), dtype=bool)
    states[:, -1] = best_high < best_low
    for at in range(periods - 1, 0, -1):
        states[:, at - 1] = np.where(states[:, at], stayed_high[:, at], came_high[:, at])
    return states


def stretches(flags: Mask) -> list[slice]:
    """Where runs of true values lie in (t,)."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return [slice(int(first), int(stop)) for first, stop in edges.reshape(-1, 2)]


def windows(periods: int) -> int:
    """How many windows of at most half the periods there are: what a burst is picked from."""
    return sum(periods - length + 1 for length in range(1, periods // 2 + 1))


def inside_effect(series: Series, topics: Rows, window: Window, noise: Noise) -> Effect:
    """Share inside a window against the periods outside, for some topics; seasons stay in the regression."""
    inside = np.zeros(len(series.totals))
    inside[window[0] : window[1] + 1] = 1.0
    design = np.column_stack([np.ones_like(inside), inside, series.design[:, 2:]])
    return effect(series.counts[topics], series.totals, design, noise.of(topics))
