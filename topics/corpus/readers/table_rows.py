"""What all tables share: where the column names stand, and rows that fit them."""

from __future__ import annotations

import csv
import itertools
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from topics.config import CorpusSettings
from topics.corpus.readers.column_names import ALIASES, key
from topics.corpus.readers.fields import plan, record
from topics.corpus.readers.source import MAX_COLUMNS, MAX_RECORD, Source
from topics.errors import InputError
from topics.types import Broken, Record

Rows = Iterator[tuple[int, Sequence[Any]] | Broken]
Fit = Callable[[list[str], list[Any]], list[Any]]

_KNOWN = {alias for aliases in ALIASES.values() for alias in aliases}
_TEXTS = {alias for field in ("title", "abstract") for alias in ALIASES[field]}
_SIGNS = (",", "\t", ";", "|")
PREAMBLE = 10
"""So many lines may stand before the column names."""

_MOST_LINES, _MOST_SIGNS, _MOST_MARKS = 1000, 1 << 20, 10
"""A cell in quotation marks may have so many lines; so many marks of a line are tried as stray ones."""


def known_columns(names: Sequence[Any]) -> int:
    """How many of these are conventional column names."""
    return sum(key(str(name)) in _KNOWN for name in names)


def delimiter(line: str) -> str:
    """The separator that divides a line of column names into the most known names, then the most names."""

    def fit(sign: str) -> tuple[int, int]:
        try:
            names = next(csv.reader([line], delimiter=sign), [])
        except csv.Error:
            return 0, 0
        return known_columns(names), len(names)

    return max(_SIGNS, key=fit)


def column_line(head: str) -> tuple[int, str]:
    """Number and text of the line of column names: the first one, ten lines before it at most, with the title
    or the abstract among known names, else the first one that is not blank.
    """
    first = enumerate(head.splitlines()[: PREAMBLE + 1])
    lines = [(number, line) for number, line in first if line.strip()]
    for number, line in lines:
        if is_header(_cells(line)):
            return number, line
    return lines[0] if lines else (0, "")


def is_header(names: Sequence[Any]) -> bool:
    """Whether these are column names: the title or the abstract among them, and another known one."""
    return known_columns(names) > 1 and any(key(str(name)) in _TEXTS for name in names)


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
    """Rows of a delimited table from its column names on, each with the line on which it starts.

    A quotation mark that opens a cell and is never closed would swallow the rows after it: a row that does
    not end as it should is read again line by line.
    """
    csv.field_size_limit(MAX_RECORD)
    before, first = column_line(source.head_text())
    lines = ((number, line.lstrip("\ufeff")) for number, line in source.lines(newline=""))
    reader = _Rows(itertools.islice(lines, before, None), delimiter(first), source.name)
    yield from reader.rows()


class _Rows:
    """The rows of numbered lines.

    Cells of a tab-delimited file are not quoted by most programs that write one, so there a line with as
    many cells as there are columns is a row, whatever quotation marks it has.
    """

    def __init__(self, lines: Iterable[tuple[int, str]], sign: str, file: str) -> None:
        self._lines = iter(lines)
        self._again: deque[tuple[int, str]] = deque()
        self._read: list[tuple[int, str]] = []
        self._sign, self._file = sign, file
        self._width, self._short = 0, set[int]()

    def rows(self) -> Rows:
        strict = csv.reader(self._recorded(), delimiter=self._sign, strict=True)
        while True:
            self._read = []
            if self._sign == "\t" and self._width and (plain := self._tab_line()):
                if any(cell.strip() for cell in plain[1]):
                    yield plain
                continue
            try:
                cells = next(strict, None)
            except csv.Error as error:
                yield from self._recovered(str(error))
                # An error leaves the reader in the middle of a cell.
                strict = csv.reader(self._recorded(), delimiter=self._sign, strict=True)
                continue
            if cells is None:
                return
            if any(cell.strip() for cell in cells):
                self._width = self._width or len(cells)
                yield from self._checked(cells)

    def _checked(self, cells: list[str]) -> Rows:
        """The row as read, unless it has swallowed others or is the cut end of the file."""
        position, read = self._read[0][0], self._read
        said = f"{len(cells)} cells in a table of {self._width} columns"
        if len(cells) != self._width and self._swallows(read):
            yield from self._recovered(said)
        elif len(cells) < self._width and len(cells) not in self._short and read[-1][1][-1:] not in "\r\n":
            yield Broken(self._file, position, said)
        else:
            self._short.add(len(cells))
            yield position, cells

    def _next(self) -> tuple[int, str] | None:
        return self._again.popleft() if self._again else next(self._lines, None)

    def _recorded(self) -> Iterator[str]:
        """The lines that a reader of rows takes, kept to be read again."""
        size = 0
        while numbered := self._next():
            size = size + len(numbered[1]) if self._read else len(numbered[1])
            self._read.append(numbered)
            if len(self._read) > _MOST_LINES or (size > _MOST_SIGNS and len(self._read) > 1):
                raise csv.Error(f"a cell of more than {_MOST_LINES:,} lines")
            yield numbered[1]

    def _tab_line(self) -> tuple[int, list[str]] | None:
        """The next line as a row, if it is one by itself.

        A cell that opens with a mark and does not end with one may go on behind a tab or on the next line, if
        what follows reads as a table in which cells are quoted.
        """
        numbered = self._next()
        if numbered is None:
            return None
        raw = numbered[1].rstrip("\r\n").split("\t")
        is_open = any(cell[:1] == '"' and (len(cell) == 1 or cell[-1] != '"') for cell in raw)
        cells = [_unquoted(cell) for cell in raw]
        self._again.appendleft(numbered)
        # Where others of its cells are quoted, the last one of a file was cut.
        is_cut = numbered[1][-1:] not in "\r\n" and cells[:-1] != raw[:-1] and is_open
        if not self._fits(cells) or is_cut or (is_open and self._is_quoted()):
            return None
        return self._again.popleft()[0], cells

    def _is_quoted(self) -> bool:
        """Whether the next lines begin with a row of quoted cells that swallows no other row."""
        try:
            cells = next(csv.reader(self._recorded(), delimiter=self._sign, strict=True), [])
        except csv.Error:
            cells = []
        read, self._read = self._read, []
        self._again.extendleft(reversed(read))
        return self._fits(cells) and not self._swallows(read)

    def _fits(self, cells: Sequence[str]) -> bool:
        return len(cells) >= self._width and not any(cell.strip() for cell in cells[self._width :])

    def _strict(self, line: str) -> list[str] | None:
        """The cells of a line that is a row by itself, as the standard has it; else None."""
        try:
            cells = next(csv.reader([line], delimiter=self._sign, strict=True), [])
        except csv.Error:
            return None
        return cells if self._fits(cells) else None

    def _swallows(self, read: Sequence[tuple[int, str]]) -> bool:
        """Whether lines after the first one are rows by themselves."""
        return any(self._strict(line) for _, line in read[1:])

    def _alone(self, line: str) -> list[str] | None:
        """The cells of a line that is a row by itself, a quotation mark at a wrong place or not."""
        return self._strict(line) or self._with_open_mark(line)

    def _with_open_mark(self, line: str) -> list[str] | None:
        """The cells of a line in which one quotation mark at a cell's beginning, or all, mean themselves."""
        line = line.rstrip("\r\n")
        starts = [
            place
            for place, mark in enumerate(line)
            if mark == '"' and line[place - 1 : place] in ("", self._sign)
        ]
        for place in starts[:_MOST_MARKS]:
            # A doubled mark in a quoted cell means itself, so the cell gets marks around it.
            end = line.find(self._sign, place)
            end = len(line) if end < 0 else end
            cell = line[place:end]
            cell = (cell[1:-1] if len(cell) > 1 and cell.endswith('"') else cell).replace('"', '""')
            try:
                cells = next(
                    csv.reader([f'{line[:place]}"{cell}"{line[end:]}'], delimiter=self._sign, strict=True), []
                )
            except csv.Error:
                continue
            if self._fits(cells):
                return cells
        plain = line.split(self._sign)
        return plain if self._fits(plain) else None

    def _recovered(self, error: str) -> Rows:
        """The rows in the lines read so far, which are no row as they stand."""
        read, self._read = self._read, []
        if not read:
            yield Broken(self._file, 0, _reason(error))
            return
        (position, first), rest = read[0], read[1:]
        if not self._width:
            cells = next(csv.reader([first], delimiter=self._sign), [])
            self._width = len(cells)
            self._again.extendleft(reversed(rest))
            yield position, cells
            return
        if "unexpected end" in error and self._is_cut(read):
            yield Broken(self._file, position, _reason(error))
        elif alone := self._alone(first):
            self._again.extendleft(reversed(rest))
            yield position, alone
        elif loose := self._loose(read):
            cells, used = loose
            self._again.extendleft(reversed(read[used:]))
            yield position, cells
        else:
            # Lines of the broken row itself have few cells; the next row has at least half of them.
            own = itertools.takewhile(lambda line: self._is_piece(line[1]), rest)
            self._again.extendleft(reversed(rest[len(list(own)) :]))
            yield Broken(self._file, position, _reason(error))

    def _is_cut(self, read: Sequence[tuple[int, str]]) -> bool:
        """Whether these are the end of a file that breaks off inside the quoted last cell of its last row."""
        if read[-1][1][-1:] in "\r\n" or self._swallows(read):
            return False
        cells = next(csv.reader([line for _, line in read], delimiter=self._sign), [])
        return len(cells) == self._width

    def _loose(self, read: list[tuple[int, str]]) -> tuple[list[str], int] | None:
        """A row with a stray mark inside a quoted cell, and how many lines it has; None if there is none."""
        rows = csv.reader([line for _, line in read], delimiter=self._sign)
        cells = next(rows, [])
        own = read[: rows.line_num]
        return (cells, rows.line_num) if self._fits(cells) and not self._swallows(own) else None

    def _is_piece(self, line: str) -> bool:
        return 2 * (line.count(self._sign) + 1) < self._width and self._alone(line) is None


def _reason(error: str) -> str:
    if "unexpected end" in error or "lines" in error:
        return "not a row of a table (a quotation mark that is never closed, or a row that is cut off)"
    return f"not a row of a table ({error})"


def _unquoted(cell: str) -> str:
    """A cell without the quotation marks around it, if it has them."""
    if len(cell) > 1 and cell[0] == cell[-1] == '"':
        return cell[1:-1].replace('""', '"')
    return cell


def named_rows(
    source: Source,
    rows: Rows,
    needed: Callable[[list[str]], int],
    fit: Fit | None = None,
) -> tuple[list[str], Iterator[tuple[int, dict[str, Any]] | Broken]]:
    """Column names, and each further row by name.

    needed: how many cells a row must have; those it lacks after them are empty. fit: makes the cells of a row
    fit the names where a dialect has a known fault. A row that does not fit is broken: too few cells mean a
    cut line, too many a stray separator.
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
        least = needed(names)
        for row in rows:
            if isinstance(row, Broken):
                yield row
                continue
            position, cells = row[0], fit(names, list(row[1])) if fit else row[1]
            if len(cells) < least or any(str(cell or "").strip() for cell in cells[len(names) :]):
                yield Broken(source.name, position, f"{len(cells)} cells in a table of {len(names)} columns")
            else:
                yield position, dict(itertools.zip_longest(names, cells[: len(names)], fillvalue=""))

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

    def needed(names: list[str]) -> int:
        return 1 + max(names.index(found[0]) for field in ("title", "abstract") if (found := columns[field]))

    names, named = named_rows(source, rows, needed, fit)
    columns = plan(names, settings, source.name)
    for row in named:
        yield row if isinstance(row, Broken) else record(row[1], columns, source.name, row[0])
