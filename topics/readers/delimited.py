"""Tables as text: CSV, TSV, semicolon- or bar-separated, with a line of column names."""

from __future__ import annotations

import csv
import itertools
from collections.abc import Iterator

from topics.config import CorpusSettings
from topics.errors import InputError
from topics.readers import LIKELY, NO, POSSIBLE, Reader
from topics.readers.fields import CONVENTIONS, normal, plan, record
from topics.readers.source import MAX_LINE, Source
from topics.types import Broken, Record

_KNOWN = {alias for aliases in CONVENTIONS.values() for alias in aliases}
_SIGNS = (",", "\t", ";", "|")


def _sniff(source: Source) -> int:
    names = column_names(source)
    known = sum(normal(name) in _KNOWN for name in names)
    if len(names) < 2:
        return POSSIBLE if known and source.plain_name.endswith(READER.suffixes) else NO
    return LIKELY if known else POSSIBLE if source.plain_name.endswith(READER.suffixes) else NO


def column_names(source: Source) -> list[str]:
    """The first line as column names; [] when it cannot be one."""
    head = source.head_text()
    line = next((line for line in head.splitlines() if line.strip()), "")
    if line[:1] in "{[<@" or "\0" in head:
        return []
    try:
        return [name.strip() for name in next(csv.reader([line], delimiter=delimiter(line)), [])]
    except csv.Error:
        return []


def delimiter(line: str) -> str:
    """The sign that divides a line of column names into the most known names, then into the most names."""

    def fit(sign: str) -> tuple[int, int]:
        try:
            names = next(csv.reader([line], delimiter=sign), [])
        except csv.Error:
            return 0, 0
        return sum(normal(name) in _KNOWN for name in names), len(names)

    return max(_SIGNS, key=fit)


def _read(source: Source, settings: CorpusSettings) -> Iterator[Record | Broken]:
    rows = numbered_rows(source)
    head = next(rows, None)
    if not isinstance(head, tuple):
        raise InputError(f"{source.name} has no line of column names")
    names = [name.strip() or f"column {place}" for place, name in enumerate(head[1], 1)]
    columns = plan(names, settings, source.name)
    for row in rows:
        if isinstance(row, Broken):
            yield row
            continue
        position, cells = row
        if len(cells) < len(names) or any(cells[len(names) :]):
            yield Broken(source.name, position, f"{len(cells)} cells in a table of {len(names)} columns")
        else:
            yield record(dict(zip(names, cells, strict=False)), columns, source.name, position)


def numbered_rows(source: Source) -> Iterator[tuple[int, list[str]] | Broken]:
    """Non-empty rows with the line on which they start."""
    csv.field_size_limit(MAX_LINE)
    lines = source.lines(newline="")
    blank, first = next(
        ((number - 1, line) for number, line in lines if line.strip("\ufeff\r\n\t ")), (0, "")
    )
    text = itertools.chain([first.lstrip("\ufeff")], (line for _, line in lines))
    rows = csv.reader(text, delimiter=delimiter(first))
    while True:
        position = blank + rows.line_num + 1
        try:
            cells = next(rows, None)
        except csv.Error as error:
            yield Broken(source.name, position, f"not a row of a table ({error})")
            continue
        if cells is None:
            return
        if any(cell.strip() for cell in cells):
            yield position, cells


READER = Reader(
    name="table",
    title="a table with column names (CSV, TSV, semicolons)",
    suffixes=(".csv", ".tsv", ".tab", ".txt"),
    sniff=_sniff,
    read=_read,
)
