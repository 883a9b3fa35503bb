"""PubMed's tagged format, also called MEDLINE or nbib, which ERIC writes too."""

from __future__ import annotations

import re

from topics.corpus.readers import Reader
from topics.corpus.readers.dates import parse_date
from topics.corpus.readers.fields import clean_doi, identifiers
from topics.corpus.readers.tagged import Fields, Grammar, reading, starting_with
from topics.types import Record

_GRAMMAR = Grammar(
    line=re.compile(r"^(?P<tag>[A-Z][A-Z0-9 ]{3}) ?- ?(?P<value>.*)$"),
    starts=frozenset({"PMID", "PMC", "OWN"}),
    first_line="PMID or OWN",
    content=frozenset({"AB", "FAU", "AU", "DP", "LID", "OT", "MH"}),
)
_FIRST_LINE = re.compile(r"^(?:PMID- ?\d|PMC - ?PMC\d|OWN - ?ERIC)", re.MULTILINE)
# What PubMed writes where a title has no translation; the title itself is the vernacular one.
_NO_TITLE = re.compile(r"\[(?:Not Available|No title available)\]", re.IGNORECASE)
_DOI = re.compile(r"^(10\.\S+) \[doi\]$")


def _record(fields: Fields, file: str) -> Record:
    stated = [match[1] for value in fields.all("LID") + fields.all("AID") if (match := _DOI.match(value))]
    doi = clean_doi(stated[0]) if stated else ""
    pmid = fields.first("PMID")
    return Record(
        title=fields.first(*(("TT", "TI") if _NO_TITLE.match(fields.first("TI")) else ("TI", "BTI", "CTI"))),
        abstract=fields.whole("AB") or fields.whole("OAB"),
        id=pmid or fields.first("OID"),
        authors=fields.all("FAU", "AU"),
        date=parse_date(fields.first("DP")) or parse_date(fields.first("DEP")),
        venue=fields.first("JT", "TA"),
        keywords=fields.all("OT"),
        categories=fields.all("MH"),
        doi=doi,
        url=f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/" if pmid.isdigit() else _address(fields),
        language=fields.first("LA"),
        kind="; ".join(fields.all("PT")),
        identifiers=identifiers(doi=doi, pmid=pmid),
        file=file,
        position=fields.position,
        original=fields.original(),
    )


def _address(fields: Fields) -> str:
    return next((value for value in fields.all("LID") if value.startswith("http")), "")


READER = Reader(
    name="pubmed",
    title="PubMed nbib (MEDLINE, ERIC)",
    suffixes=(".nbib", ".txt"),
    sniff=starting_with(_FIRST_LINE),
    read=reading(_GRAMMAR, _record),
)
