"""Counts of papers, intervals and tests for their shares, and the adjustment for many claims at once."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from topics.types import Doubles, Integers, Longs

LEVEL = 0.95
"""Level of all intervals."""

Z = 1.959964
"""Half the width of such an interval in standard errors."""


def crossed(
    topic: Integers,
    period: Integers,
    shape: tuple[int, int],
    papers: Longs | None = None,
) -> Integers:
    """(k, t) = shape: papers per topic and period; papers with a negative number of either are not in it.

    papers: (n,) how many papers each row stands for, where it is not one.
    """
    counted = (topic >= 0) & (period >= 0)
    cells = topic[counted] * shape[1] + period[counted]
    found = np.zeros(shape[0] * shape[1], np.int64)
    np.add.at(found, cells, 1 if papers is None else papers[counted])
    return found.reshape(shape).astype(np.int32)


def wilson(counts: npt.ArrayLike, totals: npt.ArrayLike) -> tuple[Doubles, Doubles]:
    """The 95 % score interval of a share (Wilson 1927), any shape; NaN where the total is 0.

    It stays inside [0, 1] and is honest for few papers, where share +- 2 standard errors is not. Counts and
    totals need not be whole: divided by a dispersion factor, they give the interval at the effective number
    of papers.
    """
    from scipy import stats

    count, total = np.asarray(counts, dtype=np.float64), np.asarray(totals, dtype=np.float64)
    total = np.where(total > 0, total, np.nan)
    z = float(stats.norm.ppf((1 + LEVEL) / 2))
    share = count / total
    middle = share + z**2 / (2 * total)
    reach = z * np.sqrt(share * (1 - share) / total + z**2 / (4 * total**2))
    scale = 1 + z**2 / total
    # The ends meet the share exactly where it is 0 or 1; rounding may not leave it outside.
    low = np.minimum(np.clip((middle - reach) / scale, 0.0, 1.0), share)
    return low, np.maximum(np.clip((middle + reach) / scale, 0.0, 1.0), share)


def difference(before: tuple[Doubles, Doubles], after: tuple[Doubles, Doubles]) -> tuple[Doubles, Doubles]:
    """The 95 % interval of share after minus share before; each side is counts and totals, (k,).

    Newcombe's (1998) hybrid of two Wilson intervals.
    """
    (count_before, total_before), (count_after, total_after) = before, after
    share_before, share_after = count_before / total_before, count_after / total_after
    low_before, high_before = wilson(count_before, total_before)
    low_after, high_after = wilson(count_after, total_after)
    middle = share_after - share_before
    low = middle - np.hypot(share_after - low_after, high_before - share_before)
    high = middle + np.hypot(high_after - share_after, share_before - low_before)
    return low, high


def exact_p(before: tuple[Doubles, Doubles], after: tuple[Doubles, Doubles]) -> Doubles:
    """(k,) Fisher's exact test that the shares of two independent sets of papers are equal, two-sided."""
    from scipy import stats

    columns = np.broadcast_arrays(*before, *after)
    tables = (
        [[a, n - a], [b, m - b]]
        for a, n, b, m in zip(*(column.astype(int).tolist() for column in columns), strict=True)
    )
    return np.array([float(stats.fisher_exact(table).pvalue) for table in tables])


def adjusted(p: npt.ArrayLike) -> Doubles:
    """Benjamini and Hochberg's (1995) q-values: claiming everything with q <= 0.05 is wrong in at most 5%
    of the claims, on average. NaN marks what was not tested and stays NaN.
    """
    from scipy import stats

    values = np.asarray(p, dtype=np.float64)
    q = np.full_like(values, np.nan)
    tested = ~np.isnan(values)
    if tested.any():
        q[tested] = stats.false_discovery_control(values[tested])
    return q


def percent(share: float) -> str:
    """A share as people read it: "4.8%"."""
    return f"{100 * share:.1f}%" if share >= 0.001 or share == 0 else f"{100 * share:.2f}%"
