"""Web of Science plain text (.txt, .ciw, .isi)."""

from __future__ import annotations

import re
from collections.abc import Callable

from topics.corpus.readers import CERTAIN, LIKELY, NO, Reader
from topics.corpus.readers.dates import parse_date
from topics.corpus.readers.fields import clean_doi, identifiers
from topics.corpus.readers.source import Source
from topics.corpus.readers.tagged import FEWEST_TAGS, Grammar, reading
from topics.types import Record

_GRAMMAR = Grammar(
    line=re.compile(r"^(?P<tag>[A-Z][A-Z0-9])(?: (?P<value>.*))?$"),
    starts=frozenset({"PT"}),
    first_line="PT",
    ends="ER",
)
_FIRST_LINES = re.compile(
    r"^\ufeff?(?:FN [^\n]*\r?\n)?(?:VR [^\n]*\r?\n)?\s*PT [A-Z](?:$|[\r\n])|FN (?:Clarivate|Thomson|ISI)\b"
)
_TAGS = re.compile(r"^(TI|AB|SO|UT|AF|WC)(?= \S)", re.MULTILINE)


def _sniff(source: Source) -> int:
    head = source.head_text().lstrip()
    if _FIRST_LINES.match(head):
        return CERTAIN
    return LIKELY if len(set(_TAGS.findall(head))) >= FEWEST_TAGS else NO


def wos_record(
    first: Callable[..., str],
    every: Callable[..., tuple[str, ...]],
    file: str,
    position: int,
    original: dict[str, object],
) -> Record:
    """A record from the tags of Web of Science, which its text and its table share.

    first: the text of the first of some tags that is filled; every: the values of the first such tag.
    """
    doi = clean_doi(first("DI"))
    pmid = first("PM")
    return Record(
        title=first("TI"),
        abstract=first("AB"),
        id=first("UT"),
        authors=every("AF", "AU"),
        date=parse_date(f"{first('PY')} {first('PD')}"),
        venue=first("SO"),
        keywords=_divided(first("DE")) + _divided(first("ID")),
        categories=_divided(first("WC") or first("SC")),
        doi=doi,
        url=f"https://doi.org/{doi}" if doi else "",
        language=first("LA"),
        kind=first("DT"),
        identifiers=identifiers(doi=doi, pmid=pmid),
        file=file,
        position=position,
        original=original,
    )


def _divided(text: str) -> tuple[str, ...]:
    return tuple(part for piece in text.split(";") if (part := " ".join(piece.split())))


READER = Reader(
    name="wos",
    title="Web of Science plain text",
    suffixes=(".txt", ".ciw", ".isi"),
    sniff=_sniff,
    read=reading(
        _GRAMMAR,
        lambda found, file: wos_record(found.first, found.all, file, found.position, found.original()),
    ),
)
