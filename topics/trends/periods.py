"""Dates to periods: which year, quarter or month each paper belongs to, and which periods are whole.

Dates are ISO text cut to what is known, so a paper dated "2023" has a year but no quarter. Nothing is
guessed: a period that is finer than the dates is refused or, for a few papers, counted as too coarse.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from topics.config import TrendSettings
from topics.errors import ConfigError, CorpusError
from topics.trends.edges import LEAST_PERIODS, incomplete
from topics.trends.units import PER_YEAR, Unit, first_day, period_name, running_number
from topics.types import Integers, Period

Doubles = npt.NDArray[np.float64]
Longs = npt.NDArray[np.int64]

FULL_PERIOD = 10
"""Papers per period, on average, below which `auto` takes no shorter period."""

COARSE_SHARE = 0.05
"""Largest share of dated papers without a month that periods finer than a year leave out."""

JANUARY_FIRST = 0.25
"""Beyond this share of days that are 1 January, that day stands for "some time in this year"."""


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
        """The same with one more incomplete period."""
        periods = list(self.periods)
        periods[number] = replace(periods[number], complete=False, reason=reason)
        return replace(self, periods=tuple(periods))

    @property
    def totals(self) -> Integers:
        return np.array([period.total for period in self.periods], dtype=np.int32)

    @property
    def usable(self) -> npt.NDArray[np.bool_]:
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
    many = np.ones(len(dates), np.int64) if papers is None else papers
    precise = _honest(dates, many)
    known = [date for date in precise if date]
    if not known:
        raise CorpusError("No paper has a date; change over time needs dates.")
    inside = [bool(date) and _within(date, settings) for date in precise]
    kept = [date for date, keep in zip(precise, inside, strict=True) if keep]
    if not kept:
        _refuse_span(known, settings)
    held = many[inside]
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
    np.add.at(totals, of_paper[of_paper >= 0], many[of_paper >= 0])
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
    dated = _papers([bool(date) for date in precise], many)
    return Calendar(
        unit,
        periods,
        of_paper,
        undated=int(many.sum()) - dated,
        coarse=int(held.sum() - totals.sum()),
        outside=dated - int(held.sum()),
        remarks=_remarks(dates, precise, many, periods, unit),
    )


def _papers(which: Sequence[bool], many: Longs) -> int:
    """How many papers the marked dates stand for."""
    return int(many[np.array(which, dtype=bool)].sum())


def _honest(dates: Sequence[str], many: Longs) -> list[str]:
    """The dates, with 1 January cut to the year where so many papers have it that it means just the year."""
    days = _papers([len(date) == 10 for date in dates], many)
    january = _papers([date.endswith("-01-01") for date in dates], many)
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
    raise CorpusError(f"No paper is dated {asked}; the papers' dates run from {min(known)} to {max(known)}.")


def _finest(dates: Sequence[str], many: Longs) -> Unit:
    """The finest unit that (nearly) all of these dates are precise enough for."""
    coarse = _papers([len(date) < 7 for date in dates], many)
    return "year" if coarse > COARSE_SHARE * many.sum() else "month"


def _unit(dates: Sequence[str], many: Longs, settings: TrendSettings) -> Unit:
    finest = _finest(dates, many)
    if settings.period != "auto":
        if PER_YEAR[settings.period] > PER_YEAR[finest]:
            coarse = [len(date) < 7 for date in dates]
            raise ConfigError(
                f"trends.period is {settings.period}, but of {_papers(coarse, many):,} of the "
                f"{many.sum():,} dated papers only the year is known "
                f'(such as "{dates[coarse.index(True)]}"); set it to year.'
            )
        return settings.period
    return _longest(dates, many, finest)


def _longest(dates: Sequence[str], many: Longs, finest: Unit) -> Unit:
    """The longest period that leaves enough of them; never one so short that hardly any paper falls in it."""
    units: tuple[Unit, ...] = ("year", "quarter", "month")
    chosen: Unit | None = None
    for unit in units[: units.index(finest) + 1]:
        fits = [len(date) >= 7 or unit == "year" for date in dates]
        numbers = [running_number(date, unit) for date, fit in zip(dates, fits, strict=True) if fit]
        periods = max(numbers) - min(numbers) + 1
        if chosen and _papers(fits, many) < FULL_PERIOD * periods:
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
    dates: Sequence[str], precise: Sequence[str], many: Longs, periods: Sequence[Period], unit: Unit
) -> tuple[str, ...]:
    remarks = []
    cut = _papers([len(date) > len(short) for date, short in zip(dates, precise, strict=True)], many)
    if cut:
        remarks.append(
            f"{cut:,} papers are dated 1 January, more than chance allows; only their year is used."
        )
    empty = [period.name for period in periods if period.total == 0]
    if empty:
        shown = ", ".join(empty[:5]) + (f" and {len(empty) - 5} more" if len(empty) > 5 else "")
        remarks.append(f"No paper is dated in {shown}; such a {unit} counts as empty.")
    return tuple(remarks)
