"""Dates as `Corpus` holds them ("2023", "2023-05", "2023-05-14" or empty), as numbers and as a period."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from topics.types import Floats

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip


def date_values(dates: Sequence[str]) -> Floats:
    """Years (n,) as float32, a part of a year at the middle of what is known; NaN where the date is empty."""
    return np.array([_year(date) for date in dates], dtype=np.float32)


def _year(date: str) -> float:
    if not date:
        return float("nan")
    year, month, day = (*date.split("-"), "", "")[:3]
    if not month:
        return int(year) + 0.5
    return int(year) + (int(month) - 1 + ((int(day) - 0.5) / 31 if day else 0.5)) / 12


def period(dates: Sequence[str]) -> str:
    """The span of the known dates in words, such as "2007-2019" or "March-May 2025" (with en dashes)."""
    known = sorted(date for date in dates if date)
    if not known:
        return ""
    first, last = known[0], known[-1]
    if first[:4] == last[:4] and len(first) > 4 and len(last) > 4:
        begin, end = _MONTHS[int(first[5:7]) - 1], _MONTHS[int(last[5:7]) - 1]
        return f"{begin} {first[:4]}" if begin == end else f"{begin}–{end} {first[:4]}"
    return first[:4] if first[:4] == last[:4] else f"{first[:4]}–{last[:4]}"
