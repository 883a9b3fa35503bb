"""Years, quarters and months as running numbers, so that periods can be counted and named."""

from __future__ import annotations

from typing import Literal

Unit = Literal["year", "quarter", "month"]

PER_YEAR: dict[Unit, int] = {"year": 1, "quarter": 4, "month": 12}


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
    year, part = divmod(number, PER_YEAR[unit])
    return {
        "year": f"{year:04d}",
        "quarter": f"{year:04d}-Q{part + 1}",
        "month": f"{year:04d}-{part + 1:02d}",
    }[unit]


def first_day(number: int, unit: Unit) -> str:
    year, part = divmod(number, PER_YEAR[unit])
    return f"{year:04d}-{1 + part * 12 // PER_YEAR[unit]:02d}-01"
