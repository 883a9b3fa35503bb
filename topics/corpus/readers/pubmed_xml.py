"""PubMed XML (PubmedArticleSet)."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from topics.corpus.readers import CERTAIN, NO, Reader
from topics.corpus.readers.dates import parse_date
from topics.corpus.readers.fields import clean_doi, identifiers
from topics.corpus.readers.source import Source
from topics.corpus.readers.xml_records import as_mapping, content, contents, reading
from topics.types import Record


def _sniff(source: Source) -> int:
    head = source.head_text()
    return CERTAIN if "<PubmedArticle" in head or "<PubmedBookArticle" in head else NO


def _record(article: Element, file: str, number: int) -> Record:
    pmid = content(article.find(".//PMID"))
    doi = clean_doi(_identifier(article, "doi"))
    return Record(
        title=_title(article),
        abstract="\n".join(_abstract(article)),
        id=pmid,
        authors=tuple(name for author in article.iterfind(".//Author") if (name := _name(author))),
        date=_date(article),
        venue=content(_first(article, ".//Journal/Title", ".//MedlineTA", ".//Book/BookTitle")),
        keywords=contents(article, ".//Keyword"),
        categories=contents(article, ".//MeshHeading/DescriptorName"),
        doi=doi,
        url=f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/" if pmid.isdigit() else "",
        language=content(article.find(".//Language")),
        kind="; ".join(contents(article, ".//PublicationType")),
        identifiers=identifiers(doi=doi, pmid=pmid),
        file=file,
        position=number,
        original=as_mapping(article),
    )


def _title(article: Element) -> str:
    """The title, or the one in the paper's own language where PubMed has no translation."""
    title = content(_first(article, ".//ArticleTitle", ".//BookTitle"))
    own = content(article.find(".//VernacularTitle"))
    return own if own and title.startswith("[Not Available]") else title


def _first(article: Element, *paths: str) -> Element | None:
    return next((found for path in paths if (found := article.find(path)) is not None), None)


def _identifier(article: Element, kind: str) -> str:
    """The article's own identifier; those of the papers it cites stand deeper."""
    paths = (
        f".//Article/ELocationID[@EIdType='{kind}']",
        f"PubmedData/ArticleIdList/ArticleId[@IdType='{kind}']",
    )
    return content(_first(article, *paths))


def _abstract(article: Element) -> Iterator[str]:
    """The sections of the first abstract, each after its label."""
    abstract = _first(article, ".//Abstract", ".//OtherAbstract")
    for section in abstract.iterfind("AbstractText") if abstract is not None else ():
        label = section.get("Label")
        if text := content(section):
            yield f"{label}: {text}" if label else text


def _name(author: Element) -> str:
    family, given = content(author.find("LastName")), content(author.find("ForeName"))
    return ", ".join(part for part in (family, given) if part) or content(author.find("CollectiveName"))


def _date(article: Element) -> str:
    for path in (".//JournalIssue/PubDate", ".//Article/ArticleDate", ".//Book/PubDate", ".//PubMedPubDate"):
        date = article.find(path)
        if date is None:
            continue
        year, month, day = (content(date.find(part)) for part in ("Year", "Month", "Day"))
        said = f"{year}-{month}-{day}".rstrip("-") if month.isdigit() else f"{year} {month} {day}".rstrip()
        if found := parse_date(said if year else content(date.find("MedlineDate"))):
            return found
    return ""


READER = Reader(
    name="pubmed-xml",
    title="PubMed XML",
    suffixes=(".xml",),
    sniff=_sniff,
    read=reading(_record, "PubmedArticle", "PubmedBookArticle"),
)
