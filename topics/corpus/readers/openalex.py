"""OpenAlex works, as JSON lines or as the API's answers; abstracts are rebuilt from the inverted index."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from topics.config import CorpusSettings
from topics.corpus.readers import CERTAIN, NO, Reader
from topics.corpus.readers.dates import parse_date
from topics.corpus.readers.fields import clean_doi, identifiers, rebuild, text
from topics.corpus.readers.json_values import looks_like_json, objects
from topics.corpus.readers.source import Source
from topics.types import Broken, Record


def _sniff(source: Source) -> int:
    head = source.head_text()
    own = "https://openalex.org/W" in head and (
        '"authorships"' in head or '"abstract_inverted_index"' in head
    )
    return CERTAIN if own and looks_like_json(source) else NO


def _read(source: Source, settings: CorpusSettings) -> Iterator[Record | Broken]:  # noqa: ARG001
    for found in objects(source):
        if isinstance(found, Broken):
            yield found
            continue
        try:
            yield _record(found[1], source.name, found[0])
        except (AttributeError, TypeError, ValueError) as error:
            yield Broken(source.name, found[0], f"not an OpenAlex work ({error})")


def _record(work: dict[str, Any], file: str, position: int) -> Record:
    ids = work.get("ids") or {}
    doi = clean_doi(work.get("doi") or "")
    pmid = str(ids.get("pmid") or "").rpartition("/")[2]
    place = work.get("primary_location") or work.get("host_venue") or {}
    venue = place.get("source") or place
    topics = work.get("topics") or [
        concept for concept in work.get("concepts") or () if float(concept.get("score") or 0) >= 0.3
    ]
    return Record(
        title=text(work.get("title")) or text(work.get("display_name")),
        # pyalex and openalexR rebuild the abstract and flatten what is nested.
        abstract=rebuild(work.get("abstract_inverted_index") or {}) or text(work.get("abstract")),
        id=str(work.get("id") or "").rpartition("/")[2],
        authors=tuple(
            name for entry in work.get("authorships") or () if (name := text(entry.get("author") or entry))
        ),
        date=parse_date(work.get("publication_date") or work.get("publication_year")),
        venue=text(venue.get("display_name")) or text(work.get("source_display_name")),
        keywords=tuple(word for entry in work.get("keywords") or () if (word := text(entry))),
        categories=tuple(name for entry in topics if (name := text(entry))),
        doi=doi,
        url=text(place.get("landing_page_url")) or text(work.get("doi")) or text(work.get("id")),
        language=text(work.get("language")),
        kind="retracted publication" if work.get("is_retracted") else text(work.get("type")),
        identifiers=identifiers(doi=doi, pmid=pmid, hints=(text(place.get("landing_page_url")),)),
        file=file,
        position=position,
        original=work,
    )


READER = Reader(
    name="openalex",
    title="OpenAlex works (JSON)",
    suffixes=(".json", ".jsonl"),
    sniff=_sniff,
    read=_read,
)
