"""JSON and JSON lines with fields by convention."""

from __future__ import annotations

from collections.abc import Iterator

from topics.config import CorpusSettings
from topics.corpus.readers import LIKELY, NO, POSSIBLE, Reader
from topics.corpus.readers.fields import plan, record
from topics.corpus.readers.json_values import first_object, looks_like_json, objects
from topics.corpus.readers.source import Source
from topics.errors import InputError
from topics.types import Broken, Record


def _sniff(source: Source) -> int:
    if not looks_like_json(source):
        return NO
    return LIKELY if first_object(source) is not None else POSSIBLE


def _read(source: Source, settings: CorpusSettings) -> Iterator[Record | Broken]:
    plans: dict[tuple[str, ...], dict[str, tuple[str, ...]]] = {}
    for found in objects(source):
        if isinstance(found, Broken):
            yield found
            continue
        position, values = found
        names = tuple(values)
        if names not in plans:
            try:
                plans[names] = plan(names, settings, source.name)
            except InputError as error:
                if not plans:
                    raise
                yield Broken(source.name, position, str(error).removeprefix(f"{source.name} "))
                continue
        yield record(values, plans[names], source.name, position)


READER = Reader(
    name="json",
    title="JSON or JSON lines",
    suffixes=(".json", ".jsonl", ".ndjson"),
    sniff=_sniff,
    read=_read,
)
