"""Piecewise constant courses of a share: the best steps, and the change points that are certain.

Segmentations are exact, by dynamic programming (Auger and Lawrence 1989). A break costs as much as the
largest one that a flat series would show anywhere by chance (at `alpha`), and q-values over all topics
guard the lot. A steady slope beats the steps where it needs fewer parts, and then there is no change point.
ruptures has the same search for Gaussian and Poisson costs; neither knows totals or overdispersion, which are
the point here.
"""

from __future__ import annotations

import numpy as np

from topics.trends.growth import Noise, Series
from topics.trends.shares import adjusted
from topics.types import Doubles

SHORTEST = 2
"""Fewest periods between two change points."""

MOST_CHANGES = 4
"""Most change points of a topic; with fewer than 16 periods, one for every four periods."""

Steps = tuple[float, tuple[int, ...]]


def change_points(series: Series, noise: Noise, line: Doubles, alpha: float) -> list[tuple[int, ...]]:
    """For each topic the numbers of the periods in which a new level begins; none when flat or a slope.

    line: (k, t) expected counts of the fitted slope.
    """
    from scipy import stats

    topics, periods = series.counts.shape
    places = max(periods - 2 * SHORTEST + 1, 1)
    price = stats.t.isf(alpha / (2 * places), noise.degrees) ** 2
    slope_price = stats.t.isf(alpha / 2, noise.degrees) ** 2
    chance = np.ones(topics)
    found: list[tuple[int, ...]] = []
    for k in range(topics):
        y, exposure, factor = series.counts[k], series.exposure[k], noise.factor[k]
        (flat, breaks), *steps = best_steps(y, exposure, noise.dispersion)
        slope = _deviance(y, line[k], _weight(y, exposure, noise.dispersion)) / factor + slope_price[k]
        least = flat / factor
        for cost, starts in steps:
            gain = max(flat - cost, 0.0) / factor / len(starts)
            chance[k] = min(chance[k], 2 * places * stats.t.sf(np.sqrt(gain), noise.degrees[k]))
            if cost / factor + price[k] * len(starts) < min(least, slope):
                least, breaks = cost / factor + price[k] * len(starts), starts
        found.append(breaks)
    certain = adjusted(chance) <= alpha
    return [breaks if sure else () for breaks, sure in zip(found, certain, strict=True)]


def best_steps(y: Doubles, exposure: Doubles, dispersion: float) -> list[Steps]:
    """For 0, 1, 2 ... breaks the least deviance of counts (t,), and where each part but the first begins.

    exposure: (t,) what counts are proportional to at a constant level. The deviance is Poisson's, scaled down
    by the dispersion.
    """
    from scipy import special

    def sums(values: Doubles) -> Doubles:
        return np.concatenate([[0.0], np.cumsum(values)])

    weight = _weight(y, exposure, dispersion)
    full = sums(weight * (special.xlogy(y, y) - special.xlogy(y, exposure)))
    papers, room = sums(weight * y), sums(weight * exposure)
    parts = papers[None, :] - papers[:, None]
    rate = np.maximum(parts, 1e-12) / np.maximum(room[None, :] - room[:, None], 1e-12)
    cost = 2 * (full[None, :] - full[:, None] - special.xlogy(parts, rate))
    end = len(y)
    lengths = np.arange(end + 1)[None, :] - np.arange(end + 1)[:, None]
    cost = np.where(lengths >= min(SHORTEST, end), np.maximum(cost, 0.0), np.inf)
    best, came = [cost[0]], [np.zeros(end + 1, dtype=np.intp)]
    for _ in range(min(MOST_CHANGES, end // 4)):
        through = best[-1][:, None] + cost
        came.append(through.argmin(axis=0))
        best.append(through.min(axis=0))
    found: list[Steps] = []
    for breaks, least in enumerate(best):
        at, path = end, []
        for step in range(breaks, 0, -1):
            at = int(came[step][at])
            path.append(at)
        found.append((float(least[end]), tuple(reversed(path))))
    return found


def _weight(y: Doubles, exposure: Doubles, dispersion: float) -> Doubles:
    return np.asarray(1 / (1 + dispersion * exposure * y.sum() / exposure.sum()))


def _deviance(y: Doubles, expected: Doubles, weight: Doubles) -> float:
    from scipy import special

    terms = special.xlogy(y, y) - special.xlogy(y, np.maximum(expected, 1e-12)) - y + expected
    return float(2 * (weight * terms).sum())
