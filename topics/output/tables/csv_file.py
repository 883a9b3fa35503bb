"""CSV that every program reads alike, and that no spreadsheet runs."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from pathlib import Path


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Iterable[object]]) -> None:
    """UTF-8 CSV with Unix line ends. Text that a spreadsheet would run as a formula gets a leading "'"."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(header)
        for row in rows:
            writer.writerow([_inert(cell) if isinstance(cell, str) else cell for cell in row])


_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")


def _inert(text: str) -> str:
    """See OWASP, "CSV Injection": a cell must not begin with = + - @, a tab or a line break."""
    # Python 3.11's csv writer does not quote a lone carriage return, which would end the row.
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text.startswith(("=", "+", "-", "@", "\t", "\n")) and not _NUMBER.fullmatch(text):
        return f"'{text}"
    return text
