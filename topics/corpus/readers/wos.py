"""Web of Science plain text (.txt, .ciw, .isi)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from topics.config import CorpusSettings
from topics.corpus.readers import CERTAIN, NO, Reader
from topics.corpus.readers.dates import parse_date
from topics.corpus.readers.fields import clean_doi, identifiers
from topics.corpus.readers.source import Source
from topics.corpus.readers.tagged import Grammar, tagged_records
from topics.types import Broken, Record

_GRAMMAR = Grammar(
    line=re.compile(r"^(?P<tag>[A-Z][A-Z0-9])(?: (?P<value>.*))?$"),
    starts=frozenset({"PT"}),
    ends="ER",
)
_FIRST_LINES = re.compile(r"^\ufeff?(?:FN [^\n]*\r?\n)?(?:VR [^\n]*\r?\n)?\s*PT [A-Z](?:$|[\r\n])")


def _sniff(source: Source) -> int:
    return CERTAIN if _FIRST_LINES.match(source.head_text().lstrip()) else NO


def _read(source: Source, settings: CorpusSettings) -> Iterator[Record | Broken]:  # noqa: ARG001
    for found in tagged_records(source, _GRAMMAR):
        if isinstance(found, Broken):
            yield found
        else:
            yield wos_record(found.first, found.all, source.name, found.position, found.original())


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
    read=_read,
)
