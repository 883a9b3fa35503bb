"""Topics in groups added up, beside what a random permutation of them gives; strata are added up, too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from topics.types import Doubles, Integers, Longs

if TYPE_CHECKING:
    import scipy.sparse as sp


def members(topic: Integers, k: int) -> sp.csr_matrix:
    """(k, n) 1 where a paper is of a topic. topic: (n,)."""
    import scipy.sparse as sp

    n = len(topic)
    return sp.csr_matrix((np.ones(n), (topic, np.arange(n))), shape=(k, n))


@dataclass(frozen=True)
class GroupTally:
    """What there is of k topics in g groups and what a random permutation would give, strata added up.

    observed, expected, variance: (k, g). balance: (g,), what O - E is divided by to be a difference of
    shares.
    total, squares: (g,) weights of each group's papers, and their squares, added up. size: (k,) papers.
    papers: all of them. log_odds, log_odds_variance: (k, g), Mantel and Haenszel's common odds ratio, half a
        paper added to each cell, and its variance (Robins, Breslow and Greenland 1986).
    strata: for each of its papers, (k,) papers per topic, (g,) weights, (k, g) observed.
    """

    observed: Doubles
    expected: Doubles
    variance: Doubles
    balance: Doubles
    total: Doubles
    squares: Doubles
    size: Doubles
    papers: int
    log_odds: Doubles
    log_odds_variance: Doubles
    strata: tuple[tuple[int, Doubles, Doubles, Doubles], ...]

    @classmethod
    def of(cls, member: sp.csr_matrix, weights: Doubles, stratum: Integers) -> GroupTally:
        """member: (k, n) as `members` gives it. weights: (n, g). stratum: (n,)."""
        k, g = member.shape[0], weights.shape[1]
        observed, expected, variance = (np.zeros((k, g)) for _ in range(3))
        balance = np.zeros(g)
        odds = np.zeros((5, k, g))
        parts = []
        numbers = np.unique(stratum)
        for number in numbers.tolist():
            rows = np.flatnonzero(stratum == number)
            n, own = len(rows), weights[rows]
            inside = member[:, rows]
            size, total, seen = np.asarray(inside.sum(axis=1)).ravel(), own.sum(axis=0), inside @ own
            observed += seen
            mean, spread = permutation_moments(size, own)
            expected += mean
            variance += spread
            balance += total * (n - total) / n
            odds += _odds_parts(seen, size, total, n, 0.5 / len(numbers))
            parts.append((n, size, total, seen))
        r, s, rr, rs, ss = odds
        return cls(
            observed,
            expected,
            variance,
            balance,
            weights.sum(axis=0),
            (weights**2).sum(axis=0),
            np.asarray(member.sum(axis=1)).ravel(),
            len(stratum),
            np.log(r / s),
            rr / (2 * r**2) + rs / (2 * r * s) + ss / (2 * s**2),
            tuple(parts),
        )

    @property
    def difference(self) -> Doubles:
        """(k, g) share in the group less share in the rest, within strata."""
        return np.clip((self.observed - self.expected) / np.maximum(self.balance, 1e-12), -1.0, 1.0)

    @property
    def variances(self) -> tuple[Doubles, Doubles]:
        """(k, g) variances of the differences, and of the groups' shares, by the counts alone."""
        overall = self.size[:, None] / self.papers
        share = overall * (1 - overall) * self.squares / np.maximum(self.total, 1e-12) ** 2
        return self.variance / np.maximum(self.balance, 1e-12) ** 2, share

    @property
    def residual(self) -> Doubles:
        """(k, g) adjusted standardised residuals (Haberman 1973)."""
        return np.asarray((self.observed - self.expected) / np.sqrt(np.maximum(self.variance, 1e-12)))


def permutation_moments(size: Doubles | Longs, weights: Doubles) -> tuple[Doubles, Doubles]:
    """(k, g) mean and variance of the papers of k topics in g groups where the n papers of a stratum are
    given to the topics at random: those of the hypergeometric distribution where papers are not divided.

    size: (k,) papers of each topic. weights: (n, g).
    """
    n, total = len(weights), weights.sum(axis=0)
    spread = ((weights - total / n) ** 2).sum(axis=0)
    return np.outer(size, total) / n, np.outer(size * (n - size), spread) / (n * max(n - 1, 1))


def _odds_parts(seen: Doubles, size: Doubles, total: Doubles, n: int, extra: float) -> Doubles:
    """(5, k, g) what one stratum adds to Mantel and Haenszel's odds ratio and its variance."""
    a = seen + extra
    b = total - seen + extra
    c = size[:, None] - seen + extra
    d = n - total - size[:, None] + seen + extra
    whole = n + 4 * extra
    r, s, p = a * d / whole, b * c / whole, (a + d) / whole
    return np.stack([r, s, p * r, p * s + (1 - p) * r, (1 - p) * s])
