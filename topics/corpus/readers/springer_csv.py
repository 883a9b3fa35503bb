"""CSV of SpringerLink's search results, which has no abstracts and writes authors without a separator."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator

from topics.config import CorpusSettings
from topics.corpus.readers import CERTAIN, NO, Reader
from topics.corpus.readers.column_names import normal
from topics.corpus.readers.source import Source
from topics.corpus.readers.table_rows import column_names, table_records, text_rows
from topics.errors import InputError
from topics.types import Broken, Record

_TOUCH = re.compile(r"(?<=[^\W\d_A-Z])(?<!\bMc)(?<!\bMac)(?<!\bDe)(?<!\bLe)(?=[A-ZÀ-ÖØ-Þ])")


def _sniff(source: Source) -> int:
    names = {normal(name) for name in column_names(source)}
    return CERTAIN if {"itemtitle", "itemdoi", "contenttype"} <= names else NO


def _read(source: Source, settings: CorpusSettings) -> Iterator[Record | Broken]:
    if settings.min_abstract_words > 0 and settings.columns.abstract is None:
        raise InputError(
            f"{source.name} is a list of search results from SpringerLink, which holds no abstracts; get the "
            "same papers with abstracts from another database (their DOIs are in it), or set "
            "corpus.min_abstract_words: 0 to work on titles alone"
        )
    for item in table_records(source, text_rows(source), settings):
        yield item if isinstance(item, Broken) else _part_authors(item)


def _part_authors(paper: Record) -> Record:
    names = tuple(name.strip() for whole in paper.authors for name in _TOUCH.split(whole) if name.strip())
    return dataclasses.replace(paper, authors=names)


READER = Reader(name="springer", title="SpringerLink CSV", suffixes=(".csv",), sniff=_sniff, read=_read)
