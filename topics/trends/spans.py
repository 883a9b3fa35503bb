"""Spans of time such as 2016..2019: reading them, and which papers lie in which of two."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from topics.config import TrendSettings
from topics.config.fields import MOMENT, check_moment
from topics.errors import ConfigError, CorpusError
from topics.trends.periods import find_periods
from topics.types import Integers

BEFORE, AFTER = 0, 1


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
            there = f"dates run from {min(known)} to {max(known)}" if known else "papers have no dates"
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
