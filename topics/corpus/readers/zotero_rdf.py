"""Zotero RDF."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from xml.etree.ElementTree import Element

from topics.config import CorpusSettings
from topics.corpus.readers import Reader
from topics.corpus.readers.dates import parse_date
from topics.corpus.readers.fields import clean_doi, identifiers
from topics.corpus.readers.source import Source
from topics.corpus.readers.xml_records import as_mapping, content, contents, holding, xml_records
from topics.types import Broken, Record

# What holds papers (`Journal`) and what belongs to them (`Memo`, `Attachment`) are items of their own.
_PAPERS = (
    "Article", "Book", "BookSection", "Thesis", "Report", "Document", "Manuscript", "Patent", "Legislation",
    "Description", "ConferenceProceedings", "Recording", "Letter", "Interview", "Image", "Illustration",
)  # fmt: skip
_VOLUMES = ("Journal", "Periodical", "Newspaper", "Magazine", "CourtReporter")
_PMID = re.compile(r"\bPMID:\s*(\d+)")


def _read(source: Source, settings: CorpusSettings) -> Iterator[Record | Broken]:  # noqa: ARG001
    volumes = {
        found[1].get("rdf:about", ""): content(found[1].find("title"))
        for found in xml_records(source, *_VOLUMES, attribute="rdf:about")
        if not isinstance(found, Broken)
    }
    for found in xml_records(source, *_PAPERS, attribute="rdf:about"):
        if isinstance(found, Broken):
            yield found
        elif found[1].find("itemType") is None or content(found[1].find("itemType")) not in (
            "attachment",
            "note",
        ):
            yield _record(found[1], volumes, source.name, found[0])


def _record(item: Element, volumes: Mapping[str, str], file: str, number: int) -> Record:
    named = [text for element in item.iter("identifier") if (text := content(element))]
    doi = next((doi for text in named if (doi := clean_doi(text))), "")
    url = next((text for text in named if text.startswith("http")), "")
    pmid = _PMID.search(content(item.find("description")))
    return Record(
        title=content(item.find("title")),
        abstract=content(item.find("abstract")),
        authors=tuple(name for person in item.iterfind("authors//Person") if (name := _name(person))),
        date=parse_date(content(item.find("date"))),
        venue=_volume(item, volumes),
        keywords=contents(item, "subject"),
        doi=doi,
        url=url,
        language=content(item.find("language")),
        kind=content(item.find("itemType")),
        identifiers=identifiers(doi=doi, pmid=pmid[1] if pmid else "", hints=(url,)),
        file=file,
        position=number,
        original=as_mapping(item),
    )


def _volume(item: Element, volumes: Mapping[str, str]) -> str:
    """The journal or book that an item is part of, which may stand elsewhere in the file."""
    for part in item.iterfind("isPartOf"):
        inside = next((title for held in part if (title := content(held.find("title")))), "")
        if found := inside or volumes.get(part.get("rdf:resource", ""), ""):
            return found
    return content(item.find("presentedAt//title"))


def _name(person: Element) -> str:
    family = content(person.find("surname"))
    given = content(person.find("givenName")) or content(person.find("givenname"))
    return ", ".join(part for part in (family, given) if part)


READER = Reader(
    name="zotero-rdf",
    title="Zotero RDF",
    suffixes=(".rdf", ".xml"),
    sniff=holding("<rdf:RDF", "zotero.org/namespaces"),
    read=_read,
)
