"""What all tables share: where the column names stand, and rows that fit them."""

from __future__ import annotations

import csv
import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from topics.config import CorpusSettings
from topics.corpus.readers.fields import CONVENTIONS, normal, plan, record
from topics.corpus.readers.source import MAX_COLUMNS, MAX_RECORD, Source
from topics.errors import InputError
from topics.types import Broken, Record

Rows = Iterator[tuple[int, Sequence[Any]] | Broken]
Fit = Callable[[list[str], list[Any]], list[Any]]

_KNOWN = {alias for aliases in CONVENTIONS.values() for alias in aliases}
_TEXTS = {alias for field in ("title", "abstract") for alias in CONVENTIONS[field]}
_SIGNS = (",", "\t", ";", "|")
_PREAMBLE = 10


def known_columns(names: Sequence[Any]) -> int:
    """How many of these are conventional column names."""
    return sum(normal(str(name)) in _KNOWN for name in names)


def delimiter(line: str) -> str:
    """The sign that divides a line of column names into the most known names, then into the most names."""

    def fit(sign: str) -> tuple[int, int]:
        try:
            names = next(csv.reader([line], delimiter=sign), [])
        except csv.Error:
            return 0, 0
        return known_columns(names), len(names)

    return max(_SIGNS, key=fit)


def column_line(head: str) -> tuple[int, str]:
    """Number and text of the line of column names: the first of the first ten lines with the title or the
    abstract among known names, else the first one that is not blank.
    """
    lines = [(number, line) for number, line in enumerate(head.splitlines()[:_PREAMBLE]) if line.strip()]
    for number, line in lines:
        if _is_header(_cells(line)):
            return number, line
    return lines[0] if lines else (0, "")


def _is_header(names: Sequence[Any]) -> bool:
    return known_columns(names) > 1 and any(normal(str(name)) in _TEXTS for name in names)


def _cells(line: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter(line)), [])
    except csv.Error:
        return []


def column_names(source: Source) -> list[str]:
    """The column names of a table as text; [] for a file that cannot be one."""
    head = source.head_text()
    if head.lstrip()[:1] in tuple("{[<@") or source.is_binary():
        return []
    return [name.strip() for name in _cells(column_line(head)[1])]


def text_rows(source: Source) -> Rows:
    """Rows of a delimited table from its column names on, each with the line on which it starts."""
    csv.field_size_limit(MAX_RECORD)
    before, first = column_line(source.head_text())
    read = 0

    def lines() -> Iterator[str]:
        nonlocal read
        for _, line in source.lines(newline=""):
            read += len(line)
            if read > MAX_RECORD:
                raise InputError(
                    f"{source.name}: the row that begins in line {position} is longer than {MAX_RECORD:,} "
                    "characters; a quotation mark may be open there"
                )
            yield line.lstrip("\ufeff")

    position = 1
    rows = csv.reader(itertools.islice(lines(), before, None), delimiter=delimiter(first))
    while True:
        position, read = before + rows.line_num + 1, 0
        try:
            cells = next(rows, None)
        except csv.Error as error:
            yield Broken(source.name, position, f"not a row of a table ({error})")
            continue
        if cells is None:
            return
        if any(cell.strip() for cell in cells):
            yield position, cells


def named_rows(
    source: Source,
    rows: Rows,
    fit: Fit = lambda names, cells: cells,  # noqa: ARG005
) -> tuple[list[str], Iterator[tuple[int, dict[str, Any]] | Broken]]:
    """Column names, and each further row by name.

    fit: makes the cells of a row fit the names where a dialect has a known fault. A row that does not fit is
    broken: too few cells mean a cut line, too many a stray separator.
    """
    head = next(rows, None)
    if not isinstance(head, tuple):
        raise InputError(f"{source.name} has no line of column names")
    if len(head[1]) > MAX_COLUMNS:
        raise InputError(
            f"{source.name} has {len(head[1]):,} columns; at most {MAX_COLUMNS:,} can be read: keep "
            "those that describe papers"
        )
    names = _distinct(
        [" ".join(str(name or "").split()) or f"column {place}" for place, name in enumerate(head[1], 1)]
    )

    def named() -> Iterator[tuple[int, dict[str, Any]] | Broken]:
        for row in rows:
            if isinstance(row, Broken):
                yield row
                continue
            position, cells = row[0], fit(names, list(row[1]))
            if len(cells) < len(names) or any(cells[len(names) :]):
                yield Broken(source.name, position, f"{len(cells)} cells in a table of {len(names)} columns")
            else:
                yield position, dict(zip(names, cells, strict=False))

    return names, named()


def _distinct(names: list[str]) -> list[str]:
    """Column names, with a number after one that has been there before."""
    seen: Counter[str] = Counter()
    for place, name in enumerate(names):
        seen[name] += 1
        names[place] = name if seen[name] == 1 else f"{name} ({seen[name]})"
    return names


def table_records(
    source: Source, rows: Rows, settings: CorpusSettings, fit: Fit | None = None
) -> Iterator[Record | Broken]:
    """Records of a table with columns by convention or by the settings."""
    names, named = named_rows(source, rows, fit) if fit else named_rows(source, rows)
    columns = plan(names, settings, source.name)
    for row in named:
        yield row if isinstance(row, Broken) else record(row[1], columns, source.name, row[0])
