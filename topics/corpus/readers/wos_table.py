"""Web of Science tab-delimited (UTF-8 or UTF-16)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from topics.config import CorpusSettings
from topics.corpus.readers import CERTAIN, NO, Reader
from topics.corpus.readers.source import Source
from topics.corpus.readers.table_rows import column_names, named_rows, text_rows
from topics.corpus.readers.wos import wos_record
from topics.types import Broken, Record


def _sniff(source: Source) -> int:
    return CERTAIN if {"PT", "AU", "TI", "SO", "UT"} <= set(column_names(source)) else NO


def _read(source: Source, settings: CorpusSettings) -> Iterator[Record | Broken]:  # noqa: ARG001
    _, rows = named_rows(source, text_rows(source), _needed)
    for row in rows:
        if isinstance(row, Broken):
            yield row
        else:
            position, cells = row
            first, every = partial(_first, cells), partial(_every, cells)
            yield wos_record(first, every, source.name, position, dict(cells))


def _needed(names: list[str]) -> int:
    return 1 + max((names.index(tag) for tag in ("TI", "AB") if tag in names), default=0)


def _first(cells: dict[str, str], *tags: str) -> str:
    return next((cells[tag] for tag in tags if cells.get(tag)), "")


def _every(cells: dict[str, str], *tags: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in _first(cells, *tags).split(";") if part.strip())


READER = Reader(
    name="wos-table",
    title="Web of Science tab-delimited",
    suffixes=(".txt", ".tsv"),
    sniff=_sniff,
    read=_read,
)
