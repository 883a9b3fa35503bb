"""The arXiv metadata snapshot (JSON lines)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from topics.config import CorpusSettings
from topics.corpus.readers import CERTAIN, NO, Reader
from topics.corpus.readers.dates import parse_date
from topics.corpus.readers.fields import clean_doi, identifiers, text
from topics.corpus.readers.json_values import first_object, looks_like_json, objects
from topics.corpus.readers.source import Source
from topics.types import Broken, Record

_DAY = len("Mon, 12 Apr 2007")
"""The time of day would make every date one that was not read before."""


def _sniff(source: Source) -> int:
    own = ("authors_parsed", "update_date")
    first = first_object(source)
    if first is None and looks_like_json(source):
        head = source.head_text()
        return CERTAIN if all(f'"{name}":' in head for name in own) else NO
    return CERTAIN if first and first.keys() >= set(own) else NO


def _read(source: Source, settings: CorpusSettings) -> Iterator[Record | Broken]:  # noqa: ARG001
    for found in objects(source):
        if isinstance(found, Broken):
            yield found
            continue
        try:
            yield _record(found[1], source.name, found[0])
        except (AttributeError, IndexError, KeyError, TypeError) as error:
            yield Broken(source.name, found[0], f"not a record of the arXiv snapshot ({error!r})")


def _record(paper: dict[str, Any], file: str, position: int) -> Record:
    arxiv = text(paper["id"])
    doi = clean_doi(paper.get("doi") or "")
    versions = paper.get("versions")
    return Record(
        title=text(paper["title"]),
        abstract=text(paper.get("abstract")),
        id=arxiv,
        authors=tuple(
            [
                " ".join(filter(None, (given, family, suffix)))
                for family, given, suffix, *_ in paper["authors_parsed"]
            ]
        ),
        date=parse_date(text(versions[0]["created"])[:_DAY] if versions else paper["update_date"]),
        venue=text(paper.get("journal-ref")),
        categories=tuple(paper["categories"].split()),
        doi=doi,
        url=f"https://arxiv.org/abs/{arxiv}",
        identifiers=identifiers(doi=doi, arxiv=arxiv),
        file=file,
        position=position,
        original=paper,
    )


READER = Reader(
    name="arxiv-snapshot",
    title="arXiv metadata snapshot",
    suffixes=(".json", ".jsonl"),
    sniff=_sniff,
    read=_read,
)
