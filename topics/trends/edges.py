"""First and last periods that hold only part of their papers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from topics.config import TrendSettings
from topics.trends.units import PER_YEAR, Unit
from topics.types import Integers

Doubles = npt.NDArray[np.float64]

LEAST_PERIODS = 5
"""Fewest complete periods that a trend is tested on."""

LEAST_GAP = 0.08
"""A period without papers in this share of its time, at the corpus' end of it, may be incomplete (a month
of a year is 0.083)."""

EXPECTED_IN_GAP = 4.0
"""It is incomplete when its own pace would have put this many papers there: no paper by chance is then less
likely than 2 in 100."""

LOW_TOTAL = 2 / 3
"""A first or last period may also be incomplete when it has less than this share of the papers that the other
periods' growth leads to expect."""


def incomplete(
    dates: Sequence[str],
    of_paper: Integers,
    totals: npt.NDArray[np.int64],
    unit: Unit,
    settings: TrendSettings,
) -> dict[int, str]:
    """The end periods that hold only part of their papers, and why."""
    last = len(totals) - 1
    asked = {"none": (), "first": (0,), "last": (last,), "both": (0, last)}
    if settings.incomplete != "auto":
        return dict.fromkeys(asked[settings.incomplete], "incomplete by trends.incomplete")
    before, after = _silences(dates, of_paper, len(totals), unit)
    found: dict[int, str] = {}
    for edge, gaps, side in ((0, before, "before its first"), (last, after, "after its last")):
        gap = float(gaps[edge])
        usual = float(np.delete(gaps, edge).max(initial=0.0)) if last >= 3 else 0.0
        missing = gap / (1 - gap) * int(totals[edge])
        expected = expected_total(totals, edge)
        if gap >= LEAST_GAP and gap > usual and missing >= EXPECTED_IN_GAP:
            found[edge] = f"no papers in the {gap:.0%} of it {side} paper"
        elif expected is not None and totals[edge] < expected[1]:
            found[edge] = (
                f"{totals[edge]:,} papers where the other periods lead to expect about {expected[0]:,.0f}"
            )
    return found


def _silences(dates: Sequence[str], of_paper: Integers, periods: int, unit: Unit) -> tuple[Doubles, Doubles]:
    """(t,) share of each period's time before its first and after its last paper, as far as dates tell."""
    before, after = np.ones(periods), np.ones(periods)
    for date, number in zip(dates, of_paper.tolist(), strict=True):
        if number >= 0:
            begin, end = _stretch(date, unit)
            before[number] = min(before[number], begin)
            after[number] = min(after[number], 1 - end)
    empty = np.bincount(of_paper[of_paper >= 0], minlength=periods) == 0
    before[empty] = after[empty] = 0.0
    return before, after


def _stretch(date: str, unit: Unit) -> tuple[float, float]:
    """Where in its period a date may lie, as shares of the period's time."""
    if len(date) == 4:
        return 0.0, 1.0
    months = 12 // PER_YEAR[unit]
    month = (int(date[5:7]) - 1) % months
    begin, end = (0.0, 1.0) if len(date) == 7 else ((int(date[8:]) - 1) / 31, int(date[8:]) / 31)
    return (month + begin) / months, (month + end) / months


def expected_total(totals: npt.NDArray[np.integer], edge: int) -> tuple[float, float] | None:
    """What the steady growth of the other periods leads to expect in this one, and the least that is still
    whole.

    The least is `LOW_TOTAL` of the expectation or the lower end of its 99% prediction interval, whichever is
    lower. None with fewer than five other periods that hold papers.
    """
    # scipy.stats has the same and takes half a second to import.
    from scipy.special import stdtrit

    at = np.arange(len(totals))
    others = (at != edge) & (totals > 0)
    many = int(others.sum())
    if many < LEAST_PERIODS:
        return None
    columns = [np.ones(len(at)), at - at.mean()]
    if many >= LEAST_PERIODS + 2:
        columns.append(np.where(at % 2 == 0, 1.0, -1.0))
    design = np.column_stack(columns)
    x, y = design[others], np.log(totals[others])
    # Periods with papers may all be even or all odd.
    inverse = np.linalg.pinv(x.T @ x)
    coefficients = inverse @ x.T @ y
    degrees = many - x.shape[1]
    spread = float(np.sqrt(((y - x @ coefficients) ** 2).sum() / degrees))
    error = spread * float(np.sqrt(1 + design[edge] @ inverse @ design[edge]))
    middle = float(design[edge] @ coefficients)
    least = np.exp(middle - float(stdtrit(degrees, 0.995)) * error)
    return float(np.exp(middle)), float(min(LOW_TOTAL * np.exp(middle), least))
