"""Excel and OpenDocument sheets, through calamine: the first sheet that has column names."""

from __future__ import annotations

import datetime
import itertools
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any, cast

from topics.corpus.readers import CERTAIN, NO, Reader
from topics.corpus.readers.source import MAX_RATIO, Source
from topics.corpus.readers.table_rows import PREAMBLE, Rows, is_header, known_columns, table_records
from topics.errors import InputError

MAX_MEMORY, MAX_CELLS = 768 << 20, 5_000_000
"""What reading a spreadsheet may take: bytes of memory, and cells of its sheets, empty ones among them."""

_MAX_UNPACKED = 1 << 30
_SPECIAL: dict[str, Callable[[Any], Any]] = {
    "datetime": datetime.datetime.fromisoformat,
    "date": datetime.date.fromisoformat,
    "time": datetime.time.fromisoformat,
    "seconds": lambda seconds: datetime.timedelta(seconds=seconds),
    "text": str,
}
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


def _sniff(source: Source) -> int:
    if source.head.startswith(_OLE):
        return CERTAIN
    is_sheet = source.head.startswith(_ZIP) and source.plain_name.endswith(READER.suffixes)
    return CERTAIN if is_sheet or (source.head.startswith(_ZIP) and b"xl/" in source.head) else NO


def _rows(source: Source) -> Rows:
    """The rows of the sheet from its column names on, which may have some lines before them."""
    rows, first = _sheet(source), list[tuple[int, list[Any]]]()
    for place, cells in rows:
        first = [(place, cells)] if place <= PREAMBLE + 1 and is_header(cells) else [*first, (place, cells)]
        if place > PREAMBLE or is_header(cells):
            break
    for place, cells in itertools.chain(first, rows):
        yield (
            place,
            [
                # A spreadsheet stores a year as 2020.0.
                int(cell) if isinstance(cell, float) and cell.is_integer() else cell
                for cell in cells
            ],
        )


def _sheet(source: Source) -> Iterator[tuple[int, list[Any]]]:
    """The rows with cells, and their numbers, of the sheet with the most known column names.

    Raises InputError: it is no spreadsheet, has no cells, or needs more than `MAX_MEMORY`.
    """
    limits = (MAX_MEMORY, MAX_CELLS, _MAX_UNPACKED, MAX_RATIO)
    command = [sys.executable, "-P", str(Path(__file__).with_name("sheets.py")), *map(str, limits)]
    process = subprocess.Popen(  # noqa: S603 - the one program that it runs is Python
        [*command, str(source.path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield from _told(source, process)
    except BrokenPipeError:
        raise _too_much(source) from None
    finally:
        process.kill()
        process.communicate()


def _told(source: Source, process: subprocess.Popen[bytes]) -> Iterator[tuple[int, list[Any]]]:
    asked, said = cast(IO[bytes], process.stdin), cast(IO[bytes], process.stdout)
    packed = source.whole() if source.is_gzip() else b""
    asked.write(len(packed).to_bytes(8, "big") + packed)
    asked.flush()
    sheets = _line(source, said)
    filled = [number for number, rows in enumerate(sheets) if rows]
    if not filled:
        raise InputError(f"{source.name} has no sheet with cells")
    chosen = max(filled, key=lambda number: max(known_columns(row) for row in sheets[number]))
    asked.write(b"%d\n" % chosen)
    asked.flush()
    size, rows = len(packed) or source.path.stat().st_size, 0
    while line := said.readline():
        rows += 1
        if rows > size:
            raise InputError(f"{source.name} has more rows than bytes ({size:,}), too many for papers")
        place, cells = json.loads(line, object_hook=_special)
        yield place, cells
    if process.wait() != 0:
        raise _too_much(source)


def _line(source: Source, said: IO[bytes]) -> list[list[Any]]:
    line = said.readline()
    if not line.endswith(b"\n"):
        raise _too_much(source)
    found = json.loads(line, object_hook=_special)
    if isinstance(found, dict):
        raise InputError(f"{source.name} {found['error']}")
    return cast(list[list[Any]], found)


def _too_much(source: Source) -> InputError:
    return InputError(
        f"{source.name} cannot be read as a spreadsheet with {MAX_MEMORY >> 20} MB of memory; it is "
        "damaged, or a cell stands far from the table; save it as CSV"
    )


def _special(found: dict[str, Any]) -> Any:
    """The values that JSON has not, as `sheets.py` writes them."""
    ((kind, value),) = found.items()
    return _SPECIAL[kind](value) if kind in _SPECIAL else found


READER = Reader(
    name="excel",
    title="Excel or OpenDocument sheets",
    suffixes=(".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"),
    sniff=_sniff,
    read=lambda source, settings: table_records(source, _rows(source), settings),
)
