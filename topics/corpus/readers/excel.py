"""Excel and OpenDocument sheets, through calamine: the first sheet that has column names."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Sequence
from typing import Any

from topics.config import CorpusSettings
from topics.corpus.readers import CERTAIN, NO, Reader
from topics.corpus.readers.source import MAX_RATIO, Source
from topics.corpus.readers.table_rows import PREAMBLE, Rows, is_header, known_columns, table_records
from topics.errors import InputError
from topics.types import Broken, Record

_MAX_UNPACKED = 1 << 30
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_PARTS = ("xl/workbook", "content.xml")


def _sniff(source: Source) -> int:
    if source.head.startswith(_OLE):
        return CERTAIN
    is_sheet = source.head.startswith(_ZIP) and source.plain_name.endswith(READER.suffixes)
    return CERTAIN if is_sheet or (source.head.startswith(_ZIP) and b"xl/" in source.head) else NO


def _read(source: Source, settings: CorpusSettings) -> Iterator[Record | Broken]:
    yield from table_records(source, _rows(source), settings)


def _rows(source: Source) -> Rows:
    """The rows of the sheet from its column names on, which may have some lines before them."""
    sheet = _sheet(source)
    first = next((place for place, cells in enumerate(sheet[:PREAMBLE]) if is_header(cells)), 0)
    for place, cells in enumerate(sheet[first:], first + 1):
        if any(cell not in ("", None) for cell in cells):
            yield place, [_value(cell) for cell in cells]


def _sheet(source: Source) -> Sequence[Sequence[Any]]:
    from python_calamine import CalamineError, CalamineWorkbook

    data = source.whole()
    _require_modest(source, data)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        sheets = [book.get_sheet_by_index(number).to_python() for number in range(len(book.sheet_names))]
    except (CalamineError, OSError, ValueError) as error:
        raise InputError(
            f"{source.name} is not a readable spreadsheet ({error}); save it again as .xlsx"
        ) from None
    filled = [sheet for sheet in sheets if sheet]
    if not filled:
        raise InputError(f"{source.name} has no sheet with cells")
    return max(filled, key=lambda sheet: max(known_columns(row) for row in sheet[:PREAMBLE]))


def _require_modest(source: Source, data: bytes) -> None:
    """Refuse a zip bomb by what the archive says of its parts."""
    if not data.startswith(_ZIP):
        return
    try:
        unpacked = sum(part.file_size for part in zipfile.ZipFile(io.BytesIO(data)).infolist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise InputError(
            f"{source.name} is not a readable spreadsheet ({error}); save it again as .xlsx"
        ) from None
    if unpacked > _MAX_UNPACKED or unpacked > MAX_RATIO * max(len(data), 1 << 16):
        raise InputError(
            f"{source.name} unpacks to {unpacked:,} bytes, far more than a table of papers; save it as CSV"
        )


def _value(cell: Any) -> Any:
    """Whole numbers as such: a spreadsheet stores a year as 2020.0."""
    return int(cell) if isinstance(cell, float) and cell.is_integer() else cell


READER = Reader(
    name="excel",
    title="Excel or OpenDocument sheets",
    suffixes=(".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"),
    sniff=_sniff,
    read=_read,
)
