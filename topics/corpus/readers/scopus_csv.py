"""CSV of Scopus.

Its own fault: where papers have several funding texts, it names one column for them and writes more cells.
"""

from __future__ import annotations

from typing import Any

from topics.corpus.readers import CERTAIN, NO, Reader
from topics.corpus.readers.column_names import normal
from topics.corpus.readers.source import Source
from topics.corpus.readers.table_rows import column_names, table_records, text_rows


def _sniff(source: Source) -> int:
    names = {normal(name) for name in column_names(source)}
    return CERTAIN if {"eid", "title", "sourcetitle"} <= names else NO


def _fit(names: list[str], cells: list[Any]) -> list[Any]:
    """The cells without the funding texts that have no name of their own."""
    extra = len(cells) - len(names)
    funding = [place for place, name in enumerate(names) if normal(name).startswith("fundingtext")]
    if extra <= 0 or not funding:
        return cells
    return cells[: funding[-1] + 1] + cells[funding[-1] + 1 + extra :]


READER = Reader(
    name="scopus",
    title="Scopus CSV",
    suffixes=(".csv",),
    sniff=_sniff,
    read=lambda source, settings: table_records(source, text_rows(source), settings, _fit),
)
