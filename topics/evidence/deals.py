"""P-values of topics in groups where a table of whole papers, all at once, does not do.

Papers that are divided among groups: the topics are dealt out to the papers at random, over and over. Whole
papers
within periods: the exact distribution, that of Fisher's test in each period, added up over the periods.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from topics.evidence.tallies import dealt_at_random
from topics.types import Doubles, Integers

MANY, FEWER, LARGE = 9999, 1999, 20_000
"""Random deals; fewer of them for more than `LARGE` papers."""

SEEN = 10
"""Deals as extreme as what was observed before their share is taken for p; with fewer, the tail of a
Pearson type III distribution with the skewness of the deals is."""

EXACT_UP_TO = 100.0
"""Variance of a count above which the normal distribution serves as well."""


@dataclass(frozen=True)
class Deals:
    """What random deals gave. p: (k, g) of each topic in each group; table_p: of the whole table. many:
    deals.
    """

    p: Doubles
    table_p: float
    many: int


def deal(topic: Integers, weights: Doubles, stratum: Integers, k: int, random_state: int) -> Deals:
    """Deal the papers' topics out again at random, within strata. topic, stratum: (n,); weights: (n, g)."""
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
        mean, spread = dealt_at_random(np.bincount(topic[a:b], minlength=k), weights[a:b])
        expected += mean.ravel()
        variance += spread.ravel()
    scale = np.sqrt(np.maximum(variance, 1e-12))
    chance = np.maximum(expected, 1e-12)

    def counted(dealt: Integers) -> Doubles:
        return np.asarray(np.bincount(dealt[row] * g + column, weight, minlength=k * g) - expected)

    seen = counted(topic)
    most, whole = np.abs(seen) - 1e-9, float((seen**2 / chance).sum()) * (1 - 1e-9)
    many = MANY if n <= LARGE else FEWER
    beyond, cubes, larger = np.zeros(k * g), np.zeros(k * g), 0
    dealt = topic.copy()
    for _ in range(many):
        for a, b in spans:
            random.shuffle(dealt[a:b])
        found = counted(dealt)
        beyond += np.abs(found) >= most
        cubes += (found / scale) ** 3
        larger += float((found**2 / chance).sum()) >= whole
    p = (beyond + 1) / (many + 1)
    rare = beyond < SEEN
    z, skew = (seen / scale)[rare], (cubes / many)[rare]
    tail = np.where(z > 0, stats.pearson3.sf(z, skew), stats.pearson3.cdf(z, skew))
    p[rare] = np.minimum(p[rare], np.maximum(2 * tail, 1e-300))
    p[variance <= 1e-12] = 1.0
    return Deals(p.reshape(k, g), (larger + 1) / (many + 1), many)


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
