"""Dates to periods: which year, quarter or month each paper belongs to, and which periods are whole.

Dates are ISO text cut to what is known, so a paper dated "2023" has a year but no quarter. Nothing is
guessed: a period that is finer than the dates is refused or, for a few papers, counted as too coarse. First
and last periods that hold only part of their papers are found. Spans of time such as 2016..2019 divide papers
into two sides.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from topics.config import TrendSettings
from topics.config.fields import MOMENT, check_moment
from topics.errors import ConfigError, CorpusError
from topics.types import Doubles, Integers, Longs, Mask, Period, Rows
from topics.types.trends import totals_of

FULL_PERIOD = 10
"""Papers per period, on average, below which `auto` takes no shorter period."""

COARSE_SHARE = 0.05
"""Largest share of dated papers without a month that periods finer than a year leave out."""

JANUARY_FIRST = 0.25
"""Beyond this share of days that are 1 January, that day stands for "some time in this year"."""

Unit = Literal["year", "quarter", "month"]

PER_YEAR: dict[Unit, int] = {"year": 1, "quarter": 4, "month": 12}

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

BEFORE, AFTER = 0, 1


@dataclass(frozen=True)
class Calendar:
    """Periods without gaps from the first paper to the last one.

    of_paper: (n,) int32, the number of the period of each paper, or of each date; -1 where it has none.
    undated, coarse, outside: how many papers have no date, a date too coarse for the unit, or one before
        `settings.start` or after `settings.end`; together they are the papers with -1.
    """

    unit: Unit
    periods: tuple[Period, ...]
    of_paper: Integers
    undated: int
    coarse: int
    outside: int
    remarks: tuple[str, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences for the user: what is incomplete, what was not counted, what was assumed."""
        reasons = (
            (self.undated, "without a date"),
            (self.coarse, f"too coarsely dated for a {self.unit}"),
            (self.outside, "dated outside trends.start and trends.end"),
        )
        left_out = ", ".join(f"{number:,} {reason}" for number, reason in reasons if number)
        return (
            *(
                f"{period.name} is incomplete and left out of the tests: {period.reason}."
                for period in self.periods
                if not period.complete
            ),
            *([f"Papers not counted: {left_out}."] if left_out else []),
            *self.remarks,
        )

    def with_incomplete(self, number: int, reason: str) -> Calendar:
        """A calendar with one more incomplete period."""
        periods = list(self.periods)
        periods[number] = replace(periods[number], complete=False, reason=reason)
        return replace(self, periods=tuple(periods))

    @property
    def totals(self) -> Integers:
        return totals_of(self.periods)

    @property
    def usable(self) -> Mask:
        """(t,) periods that are complete and not empty: those that tests look at."""
        return np.array([period.complete and period.total > 0 for period in self.periods])

    @property
    def years(self) -> Doubles:
        """(t,) time of each period in years."""
        return np.arange(len(self.periods)) / PER_YEAR[self.unit]

    @property
    def seasons(self) -> Integers:
        """(t,) int32, the place in the cycle that must not be taken for a trend.

        The quarter or month of the year; for years, odd or even, as some conferences meet every other year.
        """
        numbers = [running_number(period.name, self.unit) for period in self.periods]
        return np.array(numbers, dtype=np.int32) % {"year": 2, "quarter": 4, "month": 12}[self.unit]


def find_periods(dates: Sequence[str], settings: TrendSettings, papers: Longs | None = None) -> Calendar:
    """Divide n papers into periods by their dates (ISO text cut to what is known, empty for none).

    papers: (n,) how many papers have each date, where a date stands for more than one.

    Raises CorpusError: no dates, no papers in the time asked for, or all of them in one period.
    Raises ConfigError: dates too coarse for the period asked for, or `start` after `end`.
    """
    weights = np.ones(len(dates), np.int64) if papers is None else papers
    precise = _honest(dates, weights)
    known = [date for date in precise if date]
    if not known:
        raise CorpusError("No paper has a date; change over time needs dates.")
    inside = [bool(date) and _within(date, settings) for date in precise]
    kept = [date for date, keep in zip(precise, inside, strict=True) if keep]
    if not kept:
        _refuse_span(known, settings)
    held = weights[inside]
    unit = _unit(kept, held, settings)
    of_paper, first, last = _numbers(precise, inside, unit)
    if first == last:
        name = period_name(first, unit)
        finer = _finest(kept, held)
        hint = f"; set trends.period to {finer}" if PER_YEAR[finer] > PER_YEAR[unit] else ""
        raise CorpusError(
            f"All dated papers ({held.sum():,}) are of {name}; a trend needs at least two periods{hint}."
        )
    totals = np.zeros(last - first + 1, np.int64)
    np.add.at(totals, of_paper[of_paper >= 0], weights[of_paper >= 0])
    edges = incomplete(precise, of_paper, totals, unit, settings)
    periods = tuple(
        Period(
            period_name(first + k, unit),
            first_day(first + k, unit),
            int(total),
            not edges.get(k),
            edges.get(k, ""),
        )
        for k, total in enumerate(totals.tolist())
    )
    dated = _papers([bool(date) for date in precise], weights)
    return Calendar(
        unit,
        periods,
        of_paper,
        undated=int(weights.sum()) - dated,
        coarse=int(held.sum() - totals.sum()),
        outside=dated - int(held.sum()),
        remarks=_remarks(dates, precise, weights, periods, unit),
    )


def why_no_periods(dates: Sequence[str], settings: TrendSettings) -> str:
    """Why papers of these dates have no trends, in a sentence; empty where they have.

    Raises ConfigError: dates too coarse for `trends.period`, or `trends.start` after `trends.end`.
    """
    try:
        find_periods(dates, settings)
    except CorpusError as error:
        return str(error)
    return ""


def _papers(which: Sequence[bool], weights: Longs) -> int:
    """How many papers the marked dates stand for."""
    return int(weights[np.array(which, dtype=bool)].sum())


def _honest(dates: Sequence[str], weights: Longs) -> list[str]:
    """The dates, with 1 January cut to the year where so many papers have it that it means just the year."""
    days = _papers([len(date) == 10 for date in dates], weights)
    january = _papers([date.endswith("-01-01") for date in dates], weights)
    if january <= JANUARY_FIRST * days:
        return list(dates)
    return [date[:4] if date.endswith("-01-01") else date for date in dates]


def _within(date: str, settings: TrendSettings) -> bool:
    """A date or bound that is cut short stands for all of its time: "2016" is after no day of 2016."""
    start, end = settings.start or "", settings.end or "9"
    return date >= start[: len(date)] and date[: len(end)] <= end


def _refuse_span(known: Sequence[str], settings: TrendSettings) -> None:
    start, end = settings.start, settings.end
    if start and end and start[: len(end)] > end[: len(start)]:
        raise ConfigError(f"trends.start ({start}) lies after trends.end ({end}); swap them.")
    asked = f"from {start} to {end}" if start and end else f"from {start} on" if start else f"up to {end}"
    raise CorpusError(
        f"No paper is dated {asked}; the papers' dates range from {min(known)} to {max(known)}."
    )


def _finest(dates: Sequence[str], weights: Longs) -> Unit:
    """The finest unit that (nearly) all of these dates are precise enough for."""
    coarse = _papers([len(date) < 7 for date in dates], weights)
    return "year" if coarse > COARSE_SHARE * weights.sum() else "month"


def _unit(dates: Sequence[str], weights: Longs, settings: TrendSettings) -> Unit:
    finest = _finest(dates, weights)
    if settings.period != "auto":
        if PER_YEAR[settings.period] > PER_YEAR[finest]:
            coarse = [len(date) < 7 for date in dates]
            raise ConfigError(
                f"trends.period is {settings.period}, but of {_papers(coarse, weights):,} of the "
                f"{weights.sum():,} dated papers only the year is known "
                f'(such as "{dates[coarse.index(True)]}"); set it to year.'
            )
        return settings.period
    return _longest(dates, weights, finest)


def _longest(dates: Sequence[str], weights: Longs, finest: Unit) -> Unit:
    """The longest period that leaves enough of them; never one so short that hardly any paper falls in it."""
    units: tuple[Unit, ...] = ("year", "quarter", "month")
    chosen: Unit | None = None
    for unit in units[: units.index(finest) + 1]:
        fits = [len(date) >= 7 or unit == "year" for date in dates]
        numbers = [running_number(date, unit) for date, fit in zip(dates, fits, strict=True) if fit]
        periods = max(numbers) - min(numbers) + 1
        if chosen and _papers(fits, weights) < FULL_PERIOD * periods:
            break
        if periods > 1:
            chosen = unit
        # Both ends may turn out to be incomplete.
        if periods >= LEAST_PERIODS + 2:
            break
    return chosen or finest


def _numbers(dates: Sequence[str], inside: Sequence[bool], unit: Unit) -> tuple[Integers, int, int]:
    """Each paper's period counted from the first one (-1 for none), and the running numbers of the ends."""
    fits = [keep and (len(date) >= 7 or unit == "year") for date, keep in zip(dates, inside, strict=True)]
    running = np.array(
        [running_number(date, unit) if fit else 0 for date, fit in zip(dates, fits, strict=True)]
    )
    first, last = int(running[fits].min()), int(running[fits].max())
    return np.where(fits, running - first, -1).astype(np.int32), first, last


def _remarks(
    dates: Sequence[str], precise: Sequence[str], weights: Longs, periods: Sequence[Period], unit: Unit
) -> tuple[str, ...]:
    remarks = []
    cut = _papers([len(date) > len(short) for date, short in zip(dates, precise, strict=True)], weights)
    if cut:
        remarks.append(
            f"{cut:,} papers are dated 1 January, more than chance allows; only their year is used."
        )
    empty = [period.name for period in periods if period.total == 0]
    if empty:
        shown = ", ".join(empty[:5]) + (f" and {len(empty) - 5} more" if len(empty) > 5 else "")
        remarks.append(f"No paper is dated in {shown}; such a {unit} counts as empty.")
    return tuple(remarks)


def running_number(date: str, unit: Unit) -> int:
    """Running number of the period that holds a date or bears this name."""
    year = int(date[:4])
    if unit == "year":
        return year
    if "Q" in date:
        return 4 * year + int(date[-1]) - 1
    month = int(date[5:7]) - 1
    return 4 * year + month // 3 if unit == "quarter" else 12 * year + month


def period_name(number: int, unit: Unit) -> str:
    """Its name: "2023", "2023-Q2" or "2023-05". number: as `running_number` counts periods."""
    year, part = divmod(number, PER_YEAR[unit])
    return {
        "year": f"{year:04d}",
        "quarter": f"{year:04d}-Q{part + 1}",
        "month": f"{year:04d}-{part + 1:02d}",
    }[unit]


def first_day(number: int, unit: Unit) -> str:
    """The first day of a period, as in "2023-04-01"."""
    year, part = divmod(number, PER_YEAR[unit])
    return f"{year:04d}-{1 + part * 12 // PER_YEAR[unit]:02d}-01"


def incomplete(
    dates: Sequence[str],
    of_paper: Integers,
    totals: Longs,
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


def expected_total(totals: Rows, edge: int) -> tuple[float, float] | None:
    """What the steady growth of the other periods leads to expect in this one, and the least that is still
    whole.

    The least is `LOW_TOTAL` of the expectation or the lower end of its 99% prediction interval, whichever is
    lower. None with fewer than five other periods that hold papers.
    """
    # scipy.stats has the same and takes half a second to import.
    from scipy.special import stdtrit

    at = np.arange(len(totals))
    others = (at != edge) & (totals > 0)
    n_others = int(others.sum())
    if n_others < LEAST_PERIODS:
        return None
    columns = [np.ones(len(at)), at - at.mean()]
    if n_others >= LEAST_PERIODS + 2:
        columns.append(np.where(at % 2 == 0, 1.0, -1.0))
    design = np.column_stack(columns)
    x, y = design[others], np.log(totals[others])
    # Periods with papers may all be even or all odd.
    inverse = np.linalg.pinv(x.T @ x)
    coefficients = inverse @ x.T @ y
    degrees = n_others - x.shape[1]
    spread = float(np.sqrt(((y - x @ coefficients) ** 2).sum() / degrees))
    error = spread * float(np.sqrt(1 + design[edge] @ inverse @ design[edge]))
    middle = float(design[edge] @ coefficients)
    least = np.exp(middle - float(stdtrit(degrees, 0.995)) * error)
    return float(np.exp(middle)), float(min(LOW_TOTAL * np.exp(middle), least))


def holding_peaks(totals: Rows, usable: Mask) -> Mask:
    """(t,) the usable periods that a peak can lie in: with at least a fiftieth of their median's papers.

    Three papers of a year of six are no peak in a field that has thousands a year.
    """
    own = totals[usable]
    return usable & (totals >= np.median(own) / 50) if len(own) else usable


def sides_of(dates: Sequence[str], spans: tuple[str, str]) -> Integers:
    """(n,) 0 for papers dated within the first span as a whole, 1 for the second, -1 for all others.

    spans: each a year, month or day, or two of them: "2019", "2019-05", "2016..2019".

    Raises ConfigError: a span that cannot be read, or spans that overlap or stand in the wrong order.
    Raises CorpusError: no dates, or a span without papers.
    """
    bounds = [_bounds(span) for span in spans]
    (_, end), (start, _) = bounds
    if end[: len(start)] >= start[: len(end)]:
        raise ConfigError(f"{spans[0]} must end before {spans[1]} begins; name the earlier span first.")
    side = np.full(len(dates), -1, dtype=np.int32)
    for row, date in enumerate(dates):
        for number, (first, last) in enumerate(bounds):
            if len(date) >= max(len(first), len(last)) and first <= date and date[: len(last)] <= last:
                side[row] = number
    for number, span in enumerate(spans):
        if not (side == number).any():
            known = [date for date in dates if date]
            there = f"dates range from {min(known)} to {max(known)}" if known else "papers have no dates"
            raise CorpusError(f"No paper is dated in {span}; the {there}.")
    return side


def _bounds(span: str) -> tuple[str, str]:
    first, dots, last = span.partition("..")
    last = last if dots else first
    for bound in (first, last):
        if not re.fullmatch(MOMENT, bound):
            raise ConfigError(f'"{span}" is no span of time; write 2019, 2016..2019 or 2019-01..2019-06.')
        try:
            check_moment(bound)
        except ValueError:
            unit = {4: "year", 7: "month", 10: "day"}[len(bound)]
            raise ConfigError(f'"{span}" is no span of time: there is no {unit} {bound}.') from None
    if last[: len(first)] < first[: len(last)]:
        raise ConfigError(f"{span} ends before it begins.")
    return first, last


def cells_of(dates: Sequence[str], side: Integers, settings: TrendSettings) -> tuple[Integers, Integers]:
    """The periods of both spans in the order of time: each paper's number (n,), -1 for none, and the side
    of each period.
    """
    kept = np.flatnonzero(side >= 0)
    plain = settings.model_copy(update={"start": None, "end": None, "incomplete": "none"})
    try:
        period = find_periods([dates[row] for row in kept.tolist()], plain).of_paper
    except CorpusError:
        # Both spans lie in one period: each is a period of its own.
        period = np.zeros(len(kept), dtype=np.int32)
    found, number = np.unique(2 * period[period >= 0] + side[kept][period >= 0], return_inverse=True)
    cells = np.full(len(side), -1, dtype=np.int32)
    cells[kept[period >= 0]] = number
    return cells, (found % 2).astype(np.int32)
