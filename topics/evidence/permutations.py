"""P-values of topics in groups where a table of whole papers, all at once, does not do; and which pairs of
topic and group are worth a test.

Papers that are divided among groups: the topics are permuted over the papers, again and again. Whole
papers within periods: the exact distribution, that of Fisher's test in each period, added up over periods.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from topics.evidence.tallies import permutation_moments
from topics.types import Doubles, Integers, Longs, Mask

MANY, FEWER, LARGE = 9999, 1999, 20_000
"""Random permutations; fewer of them for more than `LARGE` papers."""

SEEN = 10
"""Permutations as extreme as what was observed before their share is taken for p; with fewer, the tail of a
Pearson type III distribution with the skewness of the permutations is."""

EXACT_UP_TO = 100.0
"""Variance of a count above which the normal distribution serves as well."""


@dataclass(frozen=True)
class Permutations:
    """What random permutations gave.

    p: (k, g) of each topic in each group; table_p: of the whole table. statistic: of the whole table, the
    squares of O - E over E added up, E within strata; chance: its mean over the `n_permutations`
    permutations.
    """

    p: Doubles
    table_p: float
    statistic: float
    chance: float
    n_permutations: int


def permute(topic: Integers, weights: Doubles, stratum: Integers, k: int, random_state: int) -> Permutations:
    """Permute the papers' topics at random, within strata. topic, stratum: (n,); weights: (n, g)."""
    from scipy import stats

    random = np.random.default_rng([random_state, 22])
    order = np.argsort(stratum, kind="stable")
    topic, weights, stratum = topic[order], weights[order], stratum[order]
    n, g = weights.shape
    row, column = np.nonzero(weights)
    weight = weights[row, column]
    starts = np.append(np.flatnonzero(np.diff(stratum, prepend=stratum[0] - 1)), n)
    spans = list(pairwise(starts.tolist()))
    expected, variance = np.zeros((2, k * g))
    for a, b in spans:
        mean, spread = permutation_moments(np.bincount(topic[a:b], minlength=k), weights[a:b])
        expected += mean.ravel()
        variance += spread.ravel()
    scale = np.sqrt(np.maximum(variance, 1e-12))
    chance = np.maximum(expected, 1e-12)

    def counted(permuted: Integers) -> Doubles:
        return np.asarray(np.bincount(permuted[row] * g + column, weight, minlength=k * g) - expected)

    seen = counted(topic)
    most, whole = np.abs(seen) - 1e-9, float((seen**2 / chance).sum())
    n_permutations = MANY if n <= LARGE else FEWER
    beyond, cubes, larger, usual = np.zeros(k * g), np.zeros(k * g), 0, 0.0
    permuted = topic.copy()
    for _ in range(n_permutations):
        for a, b in spans:
            random.shuffle(permuted[a:b])
        found = counted(permuted)
        beyond += np.abs(found) >= most
        cubes += (found / scale) ** 3
        statistic = float((found**2 / chance).sum())
        larger += statistic >= whole * (1 - 1e-9)
        usual += statistic
    p = (beyond + 1) / (n_permutations + 1)
    rare = beyond < SEEN
    z, skew = (seen / scale)[rare], (cubes / n_permutations)[rare]
    tail = np.where(z > 0, stats.pearson3.sf(z, skew), stats.pearson3.cdf(z, skew))
    p[rare] = np.minimum(p[rare], np.maximum(2 * tail, 1e-300))
    p[variance <= 1e-12] = 1.0
    table_p = (larger + 1) / (n_permutations + 1)
    return Permutations(p.reshape(k, g), table_p, whole, usual / n_permutations, n_permutations)


def least_p(topic: Integers, weights: Doubles, stratum: Integers, k: int) -> Doubles:
    """(k, g) the smallest two-sided p that the sizes allow: the chance that permutations within strata give a
    topic those papers that are most in the group, or those that are least.

    topic, stratum: (n,); weights: (n, g).
    """
    extremes = np.zeros((2, k, weights.shape[1]))
    for number in np.unique(stratum).tolist():
        here = stratum == number
        size, own = np.bincount(topic[here], minlength=k), np.round(weights[here], 9)
        for side, sign in enumerate((1, -1)):
            for j, column in enumerate((sign * own).T):
                extremes[side, :, j] += _log_chance_of_most(size, column)
    largest, smallest = extremes
    # Where both ends are as unlikely, p counts both.
    both = np.where(np.abs(largest - smallest) < 1e-9, 2.0, 1.0)
    return np.asarray(np.minimum(both * np.exp(np.minimum(largest, smallest)), 1.0))


def _log_chance_of_most(size: Longs, weight: Doubles) -> Doubles:
    """(k,) log of the chance that as many papers as `size` says, drawn at random, have the largest weights.

    weight: (n,). Papers of the same weight are as good as each other.
    """
    from scipy.special import gammaln

    def log_ways(n: Doubles | Longs, m: Doubles | Longs) -> Doubles:
        return np.asarray(gammaln(n + 1) - gammaln(m + 1) - gammaln(n - m + 1))

    ascending, n = np.sort(weight), len(weight)
    last = ascending[np.clip(n - size, 0, n - 1)]
    above = n - np.searchsorted(ascending, last, side="right")
    alike = n - above - np.searchsorted(ascending, last, side="left")
    found = log_ways(alike, size - above) - log_ways(np.full(len(size), n), size)
    return np.where(size > 0, found, 0.0)


def worth_testing(least: Doubles, alpha: float) -> Mask:
    """The tests that can show anything beside the others that can (Tarone 1990): with m of them, p of at most
    alpha / m. Benjamini and Hochberg's adjustment is over these alone (Gilbert 2005).

    least: of any shape, which the result has, too; the smallest p that sizes allow, whatever was found.
    """
    bounds = alpha / np.arange(1, least.size + 1)
    able = np.searchsorted(np.sort(least, axis=None), bounds, side="right")
    found: Mask = least <= bounds[np.argmax(able <= np.arange(1, least.size + 1))]
    return found


def stratified_p(
    observed: Doubles,
    residual: Doubles,
    variance: Doubles,
    strata: Sequence[tuple[int, Doubles, Doubles, Doubles]],
) -> Doubles:
    """(k, g) two-sided p of whole papers within strata: exact, or normal where the counts are large.

    strata: papers, (k,) papers per topic, (g,) per group of each.
    """
    from scipy import stats

    found = 2 * stats.norm.sf(np.abs(residual))
    for t, j in zip(*np.nonzero(variance <= EXACT_UP_TO), strict=True):
        chances, first = np.ones(1), 0
        for n, size, total, _ in strata:
            inside, group = int(size[t]), round(float(total[j]))
            low, high = max(0, inside + group - n), min(inside, group)
            own = stats.hypergeom.pmf(np.arange(low, high + 1), n, inside, group)
            chances, first = np.convolve(chances, own), first + low
        here = chances[round(float(observed[t, j])) - first]
        found[t, j] = min(1.0, float(chances[chances <= here * (1 + 1e-7)].sum()))
    return np.asarray(found)
