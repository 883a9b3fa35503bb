"""JSON and JSON lines with fields by convention.

Reads among others what Crossref, Europe PMC, bioRxiv, Semantic Scholar, OpenReview, INSPIRE, HAL, ERIC, PLOS,
DOAJ, DataCite and Zotero answer, and CSL JSON.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from topics.config import CorpusSettings
from topics.corpus.readers import LIKELY, NO, POSSIBLE, Reader
from topics.corpus.readers.column_names import columns_of
from topics.corpus.readers.fields import flat, plan, record
from topics.corpus.readers.json_values import first_object, looks_like_json, objects, paper_in
from topics.corpus.readers.source import Source
from topics.types import Broken, Record


def _sniff(source: Source) -> int:
    if not looks_like_json(source):
        return NO
    return LIKELY if first_object(source) is not None else POSSIBLE


def _read(source: Source, settings: CorpusSettings) -> Iterator[Record | Broken]:
    """Objects may lack fields, so that only all of them together say which fields a file has."""
    columns: dict[tuple[str, ...], dict[str, tuple[str, ...]]] = {}
    seen: dict[str, None] = {}
    held: list[Record | Broken] = []
    has_text = False
    for found in objects(source):
        if isinstance(found, Broken):
            item: Record | Broken = found
        else:
            position, value = found
            values = flat(_fields(value))
            names = tuple(values)
            if names not in columns:
                columns[names] = columns_of(names, settings)
                seen.update(dict.fromkeys(names))
                has_text = has_text or bool(columns[names]["abstract"])
            try:
                item = record(values, columns[names], source.name, position, value)
            except (TypeError, ValueError) as error:
                item = Broken(source.name, position, f"not a paper ({error})")
        held.append(item)
        if has_text:
            yield from held
            held = []
    if any(isinstance(item, Record) for item in held) or has_text:
        plan(list(seen), settings, source.name)
    yield from held


def _fields(value: dict[str, Any]) -> dict[str, Any]:
    """The fields of a paper with those around it, where it lies inside of another object."""
    paper = paper_in(value)
    if paper is None or paper is value:
        return value
    return {name: held for name, held in value.items() if not isinstance(held, dict)} | dict(paper)


READER = Reader(
    name="json",
    title="JSON or JSON lines",
    suffixes=(".json", ".jsonl", ".ndjson"),
    sniff=_sniff,
    read=_read,
)
