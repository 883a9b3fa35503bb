"""Which periods conclusions are drawn from, and how that is said."""

from __future__ import annotations

import numpy as np

from topics.trends.periods import holding_peaks
from topics.types import Mask, Trends


def counted_periods(trends: Trends) -> Mask:
    """(t,) periods to draw conclusions from: complete ones with papers, or all with papers if none is."""
    papers = trends.totals > 0
    whole = trends.complete & papers
    return whole if whole.any() else papers


def among(trends: Trends) -> str:
    """What `counted_periods` counts, as " in complete years"; nothing where no period is complete."""
    return f" in complete {trends.unit}s" if trends.complete[counted_periods(trends)].all() else ""


def peak_periods(trends: Trends) -> Mask:
    """(t,) counted periods with papers enough for a peak."""
    return holding_peaks(trends.totals, counted_periods(trends))


def among_peaks(trends: Trends) -> str:
    """What `peak_periods` counts, as `among` says it."""
    held, whole = peak_periods(trends), counted_periods(trends)
    if (held == whole).all():
        return among(trends)
    least = int(trends.totals[held].min())
    return f"{among(trends) or f' in {trends.unit}s'} of {least:,} papers or more"


def peak_of(trends: Trends, k: int) -> int:
    """The period with papers enough in which topic `k` had its highest share."""
    return int(np.where(peak_periods(trends), trends.shares[k], -1.0).argmax())
