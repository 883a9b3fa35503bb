"""Dates as people and databases write them, to ISO 8601 cut to what is known."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from functools import lru_cache

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTH = r"(?P<m>jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)[a-z]*\.?"
_YEAR = r"(?P<y>1[5-9]\d\d|20\d\d)"
_DAY = r"(?P<d>[0-3]?\d)(?:st|nd|rd|th)?"
_PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"^{_YEAR}[-/.](?P<m>[01]?\d)[-/.](?P<d>[0-3]?\d)(?!\d)",
        rf"^{_YEAR}[-/.](?P<m>[01]?\d)(?![\d-])",
        rf"^{_YEAR}(?P<m>[01]\d)(?P<d>[0-3]\d)(?!\d)",
        rf"\b{_DAY}[\s-]+{_MONTH}[\s,-]+{_YEAR}\b",
        rf"\b{_MONTH}\s*{_DAY}\s*,?\s*{_YEAR}\b",
        rf"\b{_YEAR}[\s/,-]+{_MONTH}[\s/,-]*{_DAY}(?![\d-])",
        rf"\b{_YEAR}[\s/,-]+{_MONTH}",
        rf"\b{_MONTH}[\s,-]+{_YEAR}\b",
        rf"^(?P<d>[0-3]?\d)[./](?P<m>[01]?\d)[./]{_YEAR}$",
        rf"^(?P<m>[01]?\d)[./](?P<d>[0-3]?\d)[./]{_YEAR}$",
    )
)
_INSIDE = tuple(pattern for pattern in _PATTERNS if not pattern.pattern.startswith("^"))
_US = _PATTERNS[-1]
_ANY_YEAR = re.compile(rf"(?<!\d){_YEAR}(?!\d)")
_COUNT = re.compile(r"(\d{5}|\d{10}|\d{13})(?:\.\d+)?$")
# Excel counts days from here, as if 1900 had been a leap year.
_EXCEL_ZERO = datetime.date(1899, 12, 30)
_EPOCH = datetime.datetime(1970, 1, 1)
_LAST_YEAR = 2099


def parse_date(value: object) -> str:
    """ISO date cut to what is known, or "" when there is no year in it.

    05/06/2023 may be May or June, so only its year is taken; 25/06/2023 is certain. A number of five digits
    is a day as Excel counts them, one of ten or thirteen the seconds or milliseconds since 1970. Of a list,
    the first date counts.
    """
    if isinstance(value, str):
        return _date_of(value.strip())
    if isinstance(value, list):
        return next((date for member in value if (date := parse_date(member))), "")
    if isinstance(value, datetime.datetime):
        return value.date().isoformat()
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, Mapping):
        value = _parts(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return _date_of(str(value).strip()) if value is not None else ""


@lru_cache(maxsize=100_000)
def _date_of(text: str) -> str:
    patterns = _INSIDE
    if text[:1].isdigit():
        if len(text) == 4 and _ANY_YEAR.match(text):
            return text
        if (counted := _COUNT.match(text)) and (date := _from_count(counted[1])):
            return date
        if _ambiguous(text):
            return text[-4:]
        patterns = _PATTERNS
    for pattern in patterns:
        if (found := pattern.search(text)) and (date := _iso(found)):
            return date
    found = _ANY_YEAR.search(text)
    return found["y"] if found else ""


def _from_count(digits: str) -> str:
    """The day of an Excel serial number, or of seconds or milliseconds since 1970."""
    number = int(digits)
    if len(digits) == 5:
        day = _EXCEL_ZERO + datetime.timedelta(days=number)
    else:
        day = (_EPOCH + datetime.timedelta(seconds=number // 10 ** (len(digits) - 10))).date()
    return day.isoformat() if day.year <= _LAST_YEAR else ""


def _parts(value: Mapping[str, object]) -> str:
    """Of Crossref's {"date-parts": [[2021, 3, 14]]}, of {"year": 2021, "month": 3}, else the first date."""
    if "date-parts" in value:
        parts = value["date-parts"]
        first = parts[0] if isinstance(parts, list) and parts else parts
        return "-".join(str(part) for part in first) if isinstance(first, list) else ""
    if "year" in value:
        said = [str(value.get(name) or "") for name in ("year", "month", "day")]
        return parse_date("-".join(part for part in said if part)) or parse_date(" ".join(said))
    return next((date for held in value.values() if (date := parse_date(held))), "")


def _ambiguous(text: str) -> bool:
    found = _US.match(text)
    return bool(found and int(found["m"]) <= 12 and int(found["d"]) <= 12 and found["m"] != found["d"])


def _iso(found: re.Match[str]) -> str:
    year, month = found["y"], found["m"]
    number = int(month) if month.isdigit() else _MONTHS.index(month[:3].lower()) + 1
    if not 1 <= number <= 12:
        return ""
    if "d" not in found.re.groupindex:
        return f"{year}-{number:02d}"
    try:
        return datetime.date(int(year), number, int(found["d"])).isoformat()
    except ValueError:
        return f"{year}-{number:02d}"


def last_such_day(month: str, day: int, reference: datetime.date) -> str:
    """The latest date at or before `reference` with this month's name and day; "" when there is none."""
    number = _MONTHS.index(month.lower()[:3]) + 1
    for year in range(reference.year, reference.year - 9, -1):
        try:
            date = datetime.date(year, number, day)
        except ValueError:
            continue
        if date <= reference:
            return date.isoformat()
    return ""
