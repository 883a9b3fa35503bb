"""Answers of the arXiv API (Atom)."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from topics.config import CorpusSettings
from topics.corpus.readers import CERTAIN, NO, Reader
from topics.corpus.readers.dates import parse_date
from topics.corpus.readers.fields import clean_doi, identifiers
from topics.corpus.readers.source import Source
from topics.corpus.readers.xml_records import as_mapping, content, contents, xml_records
from topics.types import Broken, Record


def _sniff(source: Source) -> int:
    head = source.head_text()
    return CERTAIN if "http://www.w3.org/2005/Atom" in head and "arxiv.org" in head else NO


def _read(source: Source, settings: CorpusSettings) -> Iterator[Record | Broken]:  # noqa: ARG001
    for found in xml_records(source, "entry"):
        if isinstance(found, Broken):
            yield found
            continue
        number, entry = found
        address = content(entry.find("id"))
        if "/api/errors" in address:
            said = content(entry.find("summary"))
            yield Broken(source.name, number, f"arXiv answered with an error: {said}")
        else:
            yield _record(entry, address, source.name, number)


def _record(entry: Element, address: str, file: str, number: int) -> Record:
    doi = clean_doi(content(entry.find("doi")))
    arxiv = address.rpartition("/abs/")[2]
    return Record(
        title=content(entry.find("title")),
        abstract=content(entry.find("summary")),
        id=arxiv,
        authors=contents(entry, "author/name"),
        date=parse_date(content(entry.find("published"))),
        venue=content(entry.find("journal_ref")),
        categories=tuple(child.get("term", "") for child in entry.iterfind("category")),
        doi=doi,
        url=address.replace("http://", "https://"),
        identifiers=identifiers(doi=doi, arxiv=arxiv),
        file=file,
        position=number,
        original=as_mapping(entry),
    )


READER = Reader(
    name="arxiv",
    title="arXiv API (Atom)",
    suffixes=(".xml", ".atom"),
    sniff=_sniff,
    read=_read,
)
