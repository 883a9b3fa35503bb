"""Log-linear regression of shares: rates of growth for all topics at once.

The papers of a topic in period t are counts y_t out of N_t, with log E[y_t] = log N_t + x_t b: the total is
an offset, so b speaks of shares and not of the growth of the whole field. How far counts vary around
that is measured in `topics.trends.dispersion`; with a dispersion of 0 and each topic's own Pearson statistic,
this is the usual quasi-Poisson regression. statsmodels fits that too, one topic at a time and without sharing
the dispersion between topics; it would add 65 MB and a second or two of import for a page of numpy. Its
results are reference numbers in the tests.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from topics.types import Doubles, Rows


@dataclass(frozen=True)
class Series:
    """k topics in t complete periods.

    counts: (k, t) papers. totals: (t,) papers of all topics, none 0. design: (t, p), see `design_matrix`.
    exposure: (k, t) totals times the factor of the season, as far as it was fitted.
    """

    counts: Doubles
    totals: Doubles
    design: Doubles
    exposure: Doubles

    @property
    def level(self) -> Doubles:
        """(k, 1) each topic's overall share."""
        return np.asarray(self.counts.sum(axis=1, keepdims=True) / self.exposure.sum(axis=1, keepdims=True))


@dataclass(frozen=True)
class Noise:
    """Overdispersion: the variance of a count with expectation m is factor * (m + dispersion * m**2).

    dispersion: common to all topics. factor: (k,). degrees: (k,) degrees of freedom behind the factors.
    """

    dispersion: float
    factor: Doubles
    degrees: Doubles

    def of(self, topics: Rows) -> Noise:
        return Noise(self.dispersion, self.factor[topics], self.degrees[topics])


@dataclass(frozen=True)
class Regression:
    """A regression of k topics: coefficients (k, p), their covariance without overdispersion (k, p, p),
    expected counts and Pearson residuals (k, t).
    """

    coefficients: Doubles
    covariance: Doubles
    expected: Doubles
    residuals: Doubles

    @property
    def degrees(self) -> int:
        return int(self.residuals.shape[1] - self.coefficients.shape[1])

    @property
    def pearson(self) -> Doubles:
        """(k,) Pearson's statistic per degree of freedom."""
        squares: Doubles = (self.residuals**2).sum(axis=1)
        return squares / max(self.degrees, 1)


@dataclass(frozen=True)
class Effect:
    """One coefficient of k topics: estimate and standard error on the log scale, degrees of freedom and the
    two-sided p-value of "no effect", each (k,).
    """

    estimate: Doubles
    error: Doubles
    degrees: Doubles
    p: Doubles

    def interval(self, level: float) -> tuple[Doubles, Doubles]:
        """The confidence interval of the estimate, both ends (k,) on the log scale."""
        from scipy import stats

        reach = stats.t.ppf((1 + level) / 2, self.degrees) * self.error
        return self.estimate - reach, self.estimate + reach


def design_matrix(years: Doubles, seasons: Rows) -> Doubles:
    """Columns (t, p): the level, the time in years around its middle, then seasons where there are enough
    cycles.

    Odd and even years count as seasons from six years on: a conference held every other year otherwise
    passes for ups and downs of its topics. Quarters and months count from three cycles on.
    """
    kinds = np.unique(seasons)
    columns = [np.ones(len(years)), years - years.mean()]
    if len(years) >= max(6, 3 * len(kinds)):
        indicators = (seasons[:, None] == kinds).astype(float)
        columns.extend((indicators - indicators.mean(axis=0)).T[1:])
    return np.column_stack(columns)


def fit(counts: Doubles, totals: Doubles, design: Doubles, dispersion: float = 0.0) -> Regression:
    """Log-linear regression of counts (k, t) with the totals (t,) as offset, by reweighted least squares.

    Each topic is lent one paper, spread over the periods like all papers, so that growth from nothing stays
    finite.
    """
    y = counts + totals / totals.sum()
    offset = np.log(totals)
    coefficients = np.zeros((len(y), design.shape[1]))
    coefficients[:, 0] = np.log(y.sum(axis=1) / totals.sum())
    ridge = 1e-10 * np.eye(design.shape[1])
    pairs = (design[:, :, None] * design[:, None, :]).reshape(len(design), -1)

    def weighted(weight: Doubles) -> Doubles:
        return (weight @ pairs).reshape(len(weight), *ridge.shape) + ridge

    for _ in range(60):
        linear = np.clip(coefficients @ design.T, -40.0, 5.0)
        expected = np.exp(linear + offset)
        weight = expected / (1 + dispersion * expected)
        working = linear + (y - expected) / expected
        target = (weight * working) @ design
        step = np.linalg.solve(weighted(weight), target[..., None])[..., 0] - coefficients
        longest = np.abs(step @ design.T).max(axis=1)
        coefficients = coefficients + step * np.minimum(1.0, 3.0 / np.maximum(longest, 1e-12))[:, None]
        if longest.max(initial=0.0) < 1e-10:
            break
    expected = np.exp(np.clip(coefficients @ design.T, -40.0, 5.0) + offset)
    weight = expected / (1 + dispersion * expected)
    covariance = np.asarray(np.linalg.inv(weighted(weight)), dtype=np.float64)
    return Regression(coefficients, covariance, expected, (counts - expected) * np.sqrt(weight) / expected)


def effect(counts: Doubles, totals: Doubles, design: Doubles, noise: Noise) -> Effect:
    """The coefficient of the second column of the design for each of k topics, tested with the given noise.

    The p-value is that of the likelihood ratio, which unlike Wald's keeps its power where a topic comes from
    nothing (Hauck and Donner 1977).
    """
    from scipy import stats

    fitted = fit(counts, totals, design, noise.dispersion)
    without = fit(counts, totals, np.delete(design, 1, axis=1), noise.dispersion)
    y = counts + totals / totals.sum()
    gain = _deviance(y, without.expected, noise.dispersion) - _deviance(y, fitted.expected, noise.dispersion)
    p = 2 * stats.t.sf(np.sqrt(np.maximum(gain, 0.0) / noise.factor), noise.degrees)
    error = np.sqrt(noise.factor * fitted.covariance[:, 1, 1])
    return Effect(fitted.coefficients[:, 1], error, noise.degrees, p)


def _deviance(y: Doubles, expected: Doubles, dispersion: float) -> Doubles:
    """(k,) deviance of counts whose variance is m + dispersion * m**2; Poisson's where dispersion is 0."""
    from scipy import special

    terms = special.xlogy(y, y / expected)
    if dispersion < 1e-9:
        terms = terms - (y - expected)
    else:
        terms = terms - (y + 1 / dispersion) * np.log1p(
            dispersion * (y - expected) / (1 + dispersion * expected)
        )
    return np.asarray(2 * terms.sum(axis=1))
