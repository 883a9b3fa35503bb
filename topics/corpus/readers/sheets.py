"""A spreadsheet's cells, read in a process of their own: python -P sheets.py MEMORY CELLS UNPACKED RATIO PATH

A file of a kilobyte can name a cell so far off that the library aborts on the memory for those between, and
repeat a text a million times. Here only this process ends. It is told of no other module, so that it starts
at once.

It reads 8 bytes, a length, and as many bytes of the workbook, or none and PATH. It writes lines of JSON: the
first rows of each sheet, or {"error": ...}; then, when the number of a sheet has come in a line, the numbers
and cells of its rows that are not empty.
"""

from __future__ import annotations

import contextlib
import datetime
import io
import json
import sys
import zipfile
from collections.abc import Iterator
from typing import Any

FIRST_ROWS = 10
MOST_SHEETS = 256
ZIP = b"PK\x03\x04"


class _RefusedError(Exception):
    pass


def _limit_memory(most: int) -> None:
    try:
        import resource
    except ImportError:
        return
    for kind, wanted in ((resource.RLIMIT_AS, most), (resource.RLIMIT_CORE, 0)):
        _, hard = resource.getrlimit(kind)
        if hard == resource.RLIM_INFINITY or wanted <= hard:
            with contextlib.suppress(ValueError, OSError):
                resource.setrlimit(kind, (wanted, hard))


def _refuse_bomb(file: Any, size: int, most: int, ratio: int) -> None:
    """Refuse a zip bomb by what the archive says of its parts."""
    try:
        unpacked = sum(part.file_size for part in zipfile.ZipFile(file).infolist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, RuntimeError) as error:
        raise _RefusedError(f"is not a readable spreadsheet ({error}); save it again as .xlsx") from None
    if unpacked > most or unpacked > ratio * max(size, 1 << 16):
        raise _RefusedError(f"unpacks to {unpacked:,} bytes, far more than a table of papers; save it as CSV")


def _sheets(book: Any, cells: int) -> Iterator[Any]:
    if len(book.sheet_names) > MOST_SHEETS:
        raise _RefusedError(
            f"has {len(book.sheet_names):,} sheets, more than {MOST_SHEETS}; save one of them as CSV"
        )
    total = 0
    for number in range(len(book.sheet_names)):
        sheet = book.get_sheet_by_index(number)
        total += sheet.height * sheet.width
        if total > cells:
            raise _RefusedError(
                f"has {total:,} cells up to a sheet of {sheet.height:,} rows and {sheet.width:,} columns, "
                f"more than {cells:,}; remove what stands far from the table, or save it as CSV"
            )
        yield sheet


def _plain(value: object) -> dict[str, object]:
    if isinstance(value, datetime.timedelta):
        return {"seconds": value.total_seconds()}
    if isinstance(value, datetime.datetime | datetime.date | datetime.time):
        return {type(value).__name__: value.isoformat()}
    return {"text": str(value)}


def _say(value: object) -> None:
    sys.stdout.write(json.dumps(value, default=_plain) + "\n")


def _main() -> None:
    memory, cells, most, ratio = map(int, sys.argv[1:5])
    _limit_memory(memory)
    from python_calamine import CalamineError, CalamineWorkbook

    given = sys.stdin.buffer
    length = int.from_bytes(given.read(8), "big")
    try:
        with io.BytesIO(given.read(length)) if length else open(sys.argv[5], "rb") as file:  # noqa: PTH123
            if file.read(4) == ZIP:
                _refuse_bomb(file, file.seek(0, io.SEEK_END), most, ratio)
            file.seek(0)
            book = CalamineWorkbook.from_filelike(file) if length else CalamineWorkbook.from_path(sys.argv[5])
        _say([sheet.to_python(nrows=FIRST_ROWS) for sheet in _sheets(book, cells)])
        sys.stdout.flush()
        chosen = given.readline()
        if chosen:
            for place, row in enumerate(book.get_sheet_by_index(int(chosen)).to_python(), 1):
                if any(cell not in ("", None) for cell in row):
                    _say((place, row))
    except _RefusedError as error:
        _say({"error": str(error)})
    except (CalamineError, OSError, ValueError) as error:
        _say({"error": f"is not a readable spreadsheet ({error}); save it again as .xlsx"})


if __name__ == "__main__":
    _main()
