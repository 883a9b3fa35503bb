"""EndNote XML, as EndNote and Zotero write it."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from topics.corpus.readers import Reader
from topics.corpus.readers.dates import parse_date
from topics.corpus.readers.fields import clean_doi, identifiers, is_pubmed
from topics.corpus.readers.xml_records import as_mapping, content, contents, holding, reading
from topics.types import Record


def _record(record: Element, file: str, number: int) -> Record:
    doi = clean_doi(content(record.find("electronic-resource-num")))
    url = content(record.find("urls//url")) or (f"https://doi.org/{doi}" if doi else "")
    provider = content(record.find("remote-database-provider")) + content(record.find("remote-database-name"))
    pmid = content(record.find("accession-num")) if is_pubmed(provider) else ""
    return Record(
        title=content(record.find("titles/title")),
        abstract=content(record.find("abstract")),
        authors=contents(record, "contributors/authors/author"),
        date=_date(record),
        venue=content(record.find("titles/secondary-title")) or content(record.find("periodical/full-title")),
        keywords=contents(record, "keywords/keyword"),
        doi=doi,
        url=url,
        language=content(record.find("language")),
        kind=content(record.find("work-type")),
        identifiers=identifiers(doi=doi, pmid=pmid, hints=(url,)),
        file=file,
        position=number,
        original=as_mapping(record),
    )


def _date(record: Element) -> str:
    year = parse_date(content(record.find("dates/year")))
    exact = content(record.find("dates/pub-dates/date"))
    found = parse_date(exact) or parse_date(f"{year} {exact}")
    return found if found[:4] == year[:4] and len(found) > len(year) else year or found


READER = Reader(
    name="endnote",
    title="EndNote XML",
    suffixes=(".xml",),
    sniff=holding("<record>", "<ref-type"),
    read=reading(_record, "record"),
)
