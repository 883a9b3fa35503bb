"""RIS, in the dialects of EndNote, Zotero, Ovid, PsycINFO, Embase, Lens, Scopus, Cochrane and others.

The dialects differ in which tag holds what, so each field is taken from the first of several tags.
"""

from __future__ import annotations

import re

from topics.corpus.readers import Reader
from topics.corpus.readers.dates import parse_date
from topics.corpus.readers.fields import clean_doi, identifiers, is_pubmed
from topics.corpus.readers.tagged import Fields, Grammar, reading, starting_with
from topics.types import Record

_GRAMMAR = Grammar(
    # Some write a blank too few; "IL -6" may begin a line of an abstract.
    line=re.compile(
        r"^[ \t]{0,8}(?P<tag>(?:[A-Z][A-Z0-9]|DOI)(?=[ \xa0]{2,3}-|[ \xa0\t]-(?:[ \xa0]|$))"
        r"|(?:TY|T[12I]|A[1UB]|[PD][YOAB]|Y1|N2|J[OF]|KW|UR|LA)(?= -[^a-z]))"
        r"[ \xa0\t]+-(?P<value>.*)$"
    ),
    starts=frozenset({"TY"}),
    first_line="TY",
    ends="ER",
    titles=frozenset({"TI", "T1"}),
    content=frozenset({"AB", "N2"}),
)
_FIRST_LINE = re.compile(r"^[^\S\n]*+TY[ \xa0\t]{0,3}- ?[A-Z]", re.MULTILINE)
_TAGS = re.compile(r"^[ \t]{0,8}(TI|T1|AB|N2|AU|A1|PY|Y1|DO|JO|JF|ER)[ \xa0\t]{1,3}-(?= |$)", re.MULTILINE)
_PMID = re.compile(r"^[^\S\n]*+PMID:?\s*(\d{4,9})\b", re.IGNORECASE | re.MULTILINE)


def _record(fields: Fields, file: str) -> Record:
    kind = fields.first("M3")
    url = fields.first("UR", "LK", "US", "L2", "L1")
    doi = clean_doi(
        " ".join(
            [*fields.all("DO"), *fields.all("DOI"), *fields.all("M3"), *fields.all("UR"), *fields.all("L3")]
        )
    )
    return Record(
        title=fields.first("TI", "T1", "CT", "ST", "BT"),
        abstract=fields.whole("AB") or fields.whole("N2"),
        authors=fields.all("AU", "A1"),
        date=_date(fields),
        venue=fields.first("T2", "JF", "JO", "JA", "J2", "BT", "T3"),
        keywords=fields.listed("KW", "KY"),
        doi=doi,
        url=url,
        language=fields.first("LA"),
        kind="" if clean_doi(kind) else kind,
        identifiers=identifiers(doi=doi, pmid=_pmid(fields), hints=(url,)),
        file=file,
        position=fields.position,
        original=fields.original(),
    )


def _date(fields: Fields) -> str:
    """The most precise of the dates that agree on the year; the first one decides it, DA may lack it."""
    values = [value for tag in ("PY", "Y1", "DA", "Y2", "YR") for value in fields.all(tag)]
    year = next((date[:4] for value in values if (date := parse_date(value))), "")
    dates = [date for value in values if (date := parse_date(value) or parse_date(f"{year} {value}"))]
    return max((date for date in dates if date[:4] == dates[0][:4]), key=len, default="")


def _pmid(fields: Fields) -> str:
    if is_pubmed(fields.first("DB", "DP")):
        number = fields.first("AN", "C2")
        if number.isdigit():
            return number
    found = _PMID.search("\n".join([*fields.all("N1"), *fields.all("AN"), *fields.all("C2")]))
    return found[1] if found else ""


READER = Reader(
    name="ris",
    title="RIS (EndNote, Zotero, Ovid, Embase, Lens, Scopus ...)",
    suffixes=(".ris", ".txt"),
    sniff=starting_with(_FIRST_LINE, _TAGS),
    read=reading(_GRAMMAR, _record),
)
