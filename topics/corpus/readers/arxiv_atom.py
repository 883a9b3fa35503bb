"""Answers of the arXiv API (Atom)."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from topics.corpus.readers import Reader
from topics.corpus.readers.dates import parse_date
from topics.corpus.readers.fields import clean_doi, identifiers
from topics.corpus.readers.xml_records import as_mapping, content, contents, holding, reading
from topics.types import Broken, Record


def _record(entry: Element, file: str, number: int) -> Record | Broken:
    address = content(entry.find("id"))
    if "/api/errors" in address:
        return Broken(file, number, f"arXiv answered with an error: {content(entry.find('summary'))}")
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
    sniff=holding("http://www.w3.org/2005/Atom", "arxiv.org"),
    read=reading(_record, "entry"),
)
