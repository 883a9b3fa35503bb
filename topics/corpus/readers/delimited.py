"""Tables as text: CSV, TSV, semicolon- or bar-separated, with a line of column names.

Reads among others the exports of IEEE Xplore, Lens, Dimensions, Zotero and ASReview, whose columns the
conventions know.
"""

from __future__ import annotations

import re

from topics.corpus.readers import LIKELY, NO, POSSIBLE, Reader
from topics.corpus.readers.source import Source
from topics.corpus.readers.table_rows import column_names, known_columns, table_records, text_rows

_FIELD_A_LINE = re.compile(r'\A\s*"?TITLE"?,.*(?s:.{0,4000}?)^"?(?:AUTHOR NAMES|SOURCE)"?,', re.MULTILINE)
"""Embase's CSV with a field a line has no column names."""


def _sniff(source: Source) -> int:
    if _FIELD_A_LINE.match(source.head_text()):
        return NO
    names = column_names(source)
    if len(names) > 1 and known_columns(names):
        return LIKELY
    return POSSIBLE if names and source.plain_name.endswith((".csv", ".tsv", ".tab")) else NO


READER = Reader(
    name="table",
    title="a table with column names (CSV, TSV, semicolons)",
    suffixes=(".csv", ".tsv", ".tab", ".txt"),
    sniff=_sniff,
    read=lambda source, settings: table_records(source, text_rows(source), settings),
)
