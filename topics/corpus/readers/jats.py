"""JATS XML, the articles of PubMed Central and Europe PMC: the front matter of each."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from topics.corpus.readers import CERTAIN, NO, Reader
from topics.corpus.readers.dates import parse_date
from topics.corpus.readers.fields import clean_doi, identifiers
from topics.corpus.readers.source import Source
from topics.corpus.readers.xml_records import as_mapping, content, contents, reading
from topics.types import Broken, Record

_OTHER_TEXTS = (
    "graphical",
    "toc",
    "teaser",
    "key-points",
    "plain-language-summary",
    "executive-summary",
    "summary",
)
_DATES = ("epub", "pub", "ppub", "collection", "electronic", "print")


def _sniff(source: Source) -> int:
    head = source.head_text()
    own = any(sign in head for sign in ("<journal-meta", "<article-meta", "<pmc-articleset", "//NLM//DTD J"))
    return CERTAIN if "<article" in head and own else NO


def _record(article: Element, file: str, number: int) -> Record | Broken:
    front = article.find("front")
    if front is None:
        return Broken(file, number, f"record {number} has no front matter")
    ids = {
        found.get("pub-id-type", ""): content(found) for found in front.iterfind("article-meta/article-id")
    }
    doi = clean_doi(ids.get("doi", ""))
    pmc = (ids.get("pmcid") or ids.get("pmc") or "").removeprefix("PMC")
    return Record(
        title=content(front.find(".//title-group/article-title")),
        abstract=_abstract(front),
        id=f"PMC{pmc}" if pmc.isdigit() else "",
        authors=tuple(
            name for author in front.iterfind(".//contrib-group/contrib") if (name := _name(author))
        ),
        date=_date(front),
        venue=content(front.find(".//journal-title")),
        keywords=contents(front, ".//kwd-group/kwd"),
        categories=contents(front, ".//subj-group/subject"),
        doi=doi,
        url=f"https://pmc.ncbi.nlm.nih.gov/articles/PMC{pmc}/" if pmc.isdigit() else "",
        language=article.get("xml:lang", ""),
        kind=article.get("article-type", ""),
        identifiers=identifiers(doi=doi, pmid=ids.get("pmid", "")),
        file=file,
        position=number,
        original=as_mapping(front),
    )


def _abstract(front: Element) -> str:
    """The sections of the abstract, each after its title; other texts and translations stand apart."""
    found = front.findall(".//article-meta/abstract")
    chosen = next((text for text in found if text.get("abstract-type") not in _OTHER_TEXTS), None)
    if chosen is None:
        chosen = found[0] if found else front.find(".//article-meta/trans-abstract")
    return "" if chosen is None else "\n".join(_paragraphs(chosen))


def _paragraphs(section: Element) -> Iterator[str]:
    """Paragraphs and inner sections; a title goes before the first paragraph of its section."""
    title = ""
    for child in section:
        if child.tag == "title":
            title = "" if section.tag == "abstract" else content(child).rstrip(".: ")
            continue
        for text in _paragraphs(child) if child.tag == "sec" else [" ".join(content(child).split())]:
            if text:
                yield f"{title}: {text}" if title else text
                title = ""


def _name(author: Element) -> str:
    if author.get("contrib-type", "author") != "author":
        return ""
    family, given = (content(author.find(f".//name/{part}")) for part in ("surname", "given-names"))
    return ", ".join(part for part in (family, given) if part) or content(author.find(".//collab"))


def _date(front: Element) -> str:
    """The first day of publication that is stated, by the usual order of its kinds."""
    dates = front.findall(".//article-meta/pub-date")

    def order(date: Element) -> int:
        kind = date.get("pub-type") or date.get("date-type") or date.get("publication-format") or ""
        return _DATES.index(kind) if kind in _DATES else len(_DATES)

    for date in sorted(dates, key=order):
        year, month, day = (content(date.find(part)) for part in ("year", "month", "day"))
        said = f"{year}-{month}-{day}".rstrip("-") if month.isdigit() else f"{year} {month} {day}".rstrip()
        if found := parse_date(said) or parse_date(year):
            return found
    return ""


READER = Reader(
    name="jats",
    title="JATS XML (PubMed Central)",
    suffixes=(".xml", ".nxml"),
    sniff=_sniff,
    read=reading(_record, "article"),
)
