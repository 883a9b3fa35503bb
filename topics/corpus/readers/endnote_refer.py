"""EndNote import (.enw), also called Refer: a line begins with % and the character of its field.

ACM, the AIS library, CNKI, Google Scholar and the ACL Anthology offer it.
"""

from __future__ import annotations

import re

from topics.corpus.readers import Reader
from topics.corpus.readers.dates import parse_date
from topics.corpus.readers.fields import clean_doi, identifiers, is_pubmed
from topics.corpus.readers.tagged import Fields, Grammar, reading, starting_with
from topics.types import Record

_GRAMMAR = Grammar(
    line=re.compile(r"^%(?P<tag>[0-9A-Z@!#$&()*+\[\]><?=|~^])(?:\s(?P<value>.*))?$"),
    starts=frozenset({"0"}),
    first_line="%0",
    blank_ends=False,
    titles=frozenset({"T"}),
    content=frozenset({"X"}),
)
_FIRST_LINE = re.compile(r"^%0 \w", re.MULTILINE)
_TAGS = re.compile(r"^%([TAXDJKU]) \S", re.MULTILINE)


def _record(fields: Fields, file: str) -> Record:
    url = fields.first("U")
    doi = clean_doi(fields.first("R")) or clean_doi(url)
    year, exact = parse_date(fields.first("D")), parse_date(fields.first("8"))
    source = f"{fields.first('W')} {fields.first('~')}"
    return Record(
        title=fields.first("T"),
        abstract=fields.whole("X"),
        authors=fields.listed("A"),
        date=exact if year and exact.startswith(year) else year or exact,
        venue=fields.first("J", "B", "S"),
        keywords=fields.listed("K"),
        doi=doi,
        url=url,
        language=fields.first("G"),
        kind=fields.first("0"),
        identifiers=identifiers(doi=doi, pmid=fields.first("M") if is_pubmed(source) else "", hints=(url,)),
        file=file,
        position=fields.position,
        original={f"%{tag}": value for tag, value in fields.original().items()},
    )


READER = Reader(
    name="endnote-refer",
    title="EndNote import (.enw, Refer)",
    suffixes=(".enw", ".txt"),
    sniff=starting_with(_FIRST_LINE, _TAGS),
    read=reading(_GRAMMAR, _record),
)
