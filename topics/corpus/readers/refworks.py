"""RefWorks tagged format, as RefWorks, ProQuest and CNKI write it."""

from __future__ import annotations

import re

from topics.corpus.readers import CERTAIN, LIKELY, NO, Reader
from topics.corpus.readers.dates import parse_date
from topics.corpus.readers.fields import clean_doi, identifiers
from topics.corpus.readers.source import Source
from topics.corpus.readers.tagged import FEWEST_TAGS, Fields, Grammar, reading
from topics.types import Record

# A tag and a space may begin a line of an abstract too ("AI is ..."), so only tags that exist count.
_TAGS = (
    "RT|SR|ID|A[1-6D]|T[1-3]|J[FO]|YR|FD|VO|IS|SP|OP|K1|AB|N[OA]|P[BP]|SN|AV|LA|UL|DO|D[BS]|IP|RD|LK|OL|ST|WV|WT|"
    "ED|CL|SF|OT|CA|CN|CR|AN|PM|PMID|PMCID|U[1-9]|U1[0-5]|LL|SB|SP|CT|RP|CO|SL|GE|ML|NT|ER"
)
_GRAMMAR = Grammar(
    line=re.compile(rf"^(?P<tag>{_TAGS})(?: (?P<value>.*))?$"),
    starts=frozenset({"RT"}),
    first_line="RT",
    blank_ends=False,
    titles=frozenset({"T1"}),
)
_FIRST_LINE = re.compile(r"^RT [A-Z]\w+", re.MULTILINE)
_SECOND_LINE = re.compile(r"^(?:SR|ID|A1|T1|JF|YR|AB|UL) \S", re.MULTILINE)
_FEW_TAGS = re.compile(r"^(A1|T1|JF|YR|AB|K1) \S", re.MULTILINE)


def _sniff(source: Source) -> int:
    head = source.head_text()
    if found := _FIRST_LINE.search(head):
        return CERTAIN if _SECOND_LINE.search(head, found.end()) else NO
    return LIKELY if len(set(_FEW_TAGS.findall(head))) >= FEWEST_TAGS else NO


def _record(fields: Fields, file: str) -> Record:
    url = fields.first("UL", "LK")
    doi = clean_doi(fields.first("DO")) or clean_doi(url)
    year, day = parse_date(fields.first("YR")), fields.first("FD")
    exact = parse_date(day) or parse_date(f"{year} {day}")
    return Record(
        title=fields.first("T1"),
        abstract=fields.whole("AB"),
        authors=fields.listed("A1"),
        date=exact if exact.startswith(year) else year,
        venue=fields.first("JF", "JO", "T2"),
        keywords=fields.listed("K1"),
        doi=doi,
        url=url,
        language=fields.first("LA"),
        kind=fields.first("RT"),
        identifiers=identifiers(doi=doi, pmid=fields.first("PMID", "PM"), hints=(url,)),
        file=file,
        position=fields.position,
        original=fields.original(),
    )


READER = Reader(
    name="refworks",
    title="RefWorks tagged",
    suffixes=(".txt",),
    sniff=_sniff,
    read=reading(_GRAMMAR, _record),
)
