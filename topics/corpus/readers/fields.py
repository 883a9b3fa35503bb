"""From the names and values of an input's columns to a `Record`.

The conventions below serve every format whose fields have names: tables, JSON, Parquet, Excel. Names are
compared without case, spaces and signs, so "Source Title", "source_title" and "SourceTitle" are one.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from topics.config import CorpusSettings
from topics.corpus.readers.dates import parse_date
from topics.errors import InputError
from topics.types import Record

CONVENTIONS: Mapping[str, tuple[str, ...]] = {
    "id": ("id", "paperid", "articleid", "recordid", "docid", "documentid"),
    "title": (
        "title", "documenttitle", "articletitle", "papertitle", "itemtitle", "primarytitle", "displayname",
        "ti",
    ),
    "abstract": (
        "abstract", "abstracts", "abstractnote", "abstracttext", "paperabstract", "summary", "description",
        "ab",
    ),
    "date": (
        "date", "publicationdate", "datepublished", "published", "publisheddate", "pubdate", "coverdate",
        "issued", "year", "publicationyear", "pubyear", "yearpublished", "py", "created", "updatedate",
    ),
    "authors": ("authors", "author", "authornames", "firstauthors", "creators", "creator", "au"),
    "url": ("url", "link", "urls", "links", "pdflink", "sourceurls", "externalurl", "weburl"),
    "doi": ("doi", "itemdoi", "digitalobjectidentifier", "di"),
    "venue": (
        "venue", "journal", "journaltitle", "sourcetitle", "publicationtitle", "secondarytitle",
        "containertitle", "journalname", "booktitle", "conference", "conferencename", "so", "source",
    ),
    "keywords": ("keywords", "authorkeywords", "keyword", "tags", "manualtags", "de"),
    "categories": (
        "categories", "category", "subjects", "subject", "subjectareas", "fieldsofstudy", "labels",
        "meshterms", "ieeeterms", "wc",
    ),
    "language": ("language", "languageoforiginaldocument", "lang", "la"),
    "kind": ("documenttype", "publicationtype", "itemtype", "typeofreference", "contenttype", "type", "dt"),
    "pmid": ("pmid", "pubmedid", "pm"),
    "arxiv": ("arxivid", "arxiv", "eprint"),
}  # fmt: skip

_LONGEST_LIST = 1 << 17
"""Signs of a Python list in a cell: reading one takes a hundred times its size."""

_LISTS = ("authors", "keywords", "categories")
_ARXIV_ID = r"(?:\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})"
ARXIV_ID = re.compile(rf"^(?:arxiv:)?({_ARXIV_ID})(v\d+)?$", re.IGNORECASE)
_ARXIV_LINK = re.compile(rf"(?:arxiv\.org/(?:abs|pdf)/|10\.48550/arxiv\.)({_ARXIV_ID})(v\d+)?", re.IGNORECASE)
_DOI = re.compile(r"10\.\d{4,9}/\S+")


def normal(name: str) -> str:
    """A column's name without case, spaces and signs."""
    return "".join(sign for sign in name.casefold() if sign.isalnum())


def plan(names: Iterable[str], settings: CorpusSettings, where: str) -> dict[str, tuple[str, ...]]:
    """Which columns hold which field, the best first.

    Raises InputError when a column named in the settings is missing, or when there is no abstract (or, with
    `min_abstract_words` 0, no title either).
    """
    columns: dict[str, str] = {}
    for name in names:
        columns.setdefault(normal(name), name)
    chosen: dict[str, tuple[str, ...]] = {}
    for field, aliases in CONVENTIONS.items():
        named = getattr(settings.columns, field, None)
        if named is None:
            chosen[field] = tuple(columns[alias] for alias in aliases if alias in columns)
        elif normal(named) in columns:
            chosen[field] = (columns[normal(named)],)
        else:
            raise InputError(
                f"{where} has no column {named!r}, which corpus.columns.{field} names; {_found(columns)}"
            )
    if not chosen["abstract"] and not (settings.min_abstract_words == 0 and chosen["title"]):
        raise InputError(
            f"{where} has no column with abstracts; {_found(columns)}; name the right one with "
            "corpus.columns.abstract"
        )
    return chosen


def _found(columns: Mapping[str, str]) -> str:
    names = list(columns.values())
    shown = ", ".join(name[:40] for name in names[:40])
    return f"it has {shown}{f' and {len(names) - 40} more' if len(names) > 40 else ''}"


def record(
    values: Mapping[str, Any], columns: Mapping[str, Sequence[str]], file: str, position: int
) -> Record:
    """One record from named values; `columns` comes from `plan`."""

    def first(field: str) -> Any:
        for name in columns[field]:
            if (value := values.get(name)) not in (None, "", [], {}):
                return value
        return None

    url = text(first("url"))
    doi = clean_doi(text(first("doi")) or url)
    identifier = text(first("id"))
    return Record(
        title=text(first("title")),
        abstract=text(first("abstract")),
        id=identifier,
        authors=people(first("authors")),
        date=next((date for name in columns["date"] if (date := parse_date(values.get(name)))), ""),
        venue=text(first("venue")),
        keywords=items(first("keywords")),
        categories=items(first("categories")),
        doi=doi,
        url=url,
        language=text(first("language")),
        kind=text(first("kind")),
        identifiers=identifiers(
            doi=doi, arxiv=text(first("arxiv")), pmid=text(first("pmid")), hints=(identifier, url)
        ),
        file=file,
        position=position,
        original=dict(values),
    )


def text(value: object) -> str:
    """A value as one string; a list's first non-empty member, a mapping's name or value."""
    if isinstance(value, str):
        return value.strip()
    if value is None or isinstance(value, bool):
        return ""
    if isinstance(value, float):
        return "" if value != value else str(int(value)) if value.is_integer() else str(value)
    if isinstance(value, Mapping):
        return next(
            (text(value[key]) for key in ("name", "display_name", "value", "text") if key in value), ""
        )
    if isinstance(value, Sequence | set):
        return next((found for member in value if (found := text(member))), "")
    return str(value)


def items(value: object) -> tuple[str, ...]:
    """A list of strings from a list, or from text divided by semicolons, bars, line ends or commas."""
    if isinstance(value, str):
        return _split(value, (";", "|", "\n", ","))
    if isinstance(value, Sequence | set):
        return tuple(found for member in value if (found := text(member)))
    single = text(value)
    return (single,) if single else ()


def people(value: object) -> tuple[str, ...]:
    """Names from a list, or from text.

    Commas divide names only where they cannot stand inside one: "Smith, J." is one person, "John Smith, Mary
    Jones" two, "Stol K.-J., Babar M." two.
    """
    if isinstance(value, Sequence) and not isinstance(value, str):
        return tuple(name for member in value if (name := _person(member)))
    whole = text(value)
    if not whole.startswith("["):
        for sign in (";", "|", "\n", " and ", " & "):
            if sign in whole:
                parts = [part.strip(" ,") for part in whole.split(sign)]
                if sign in (" and ", " & ") and all(" " in part for part in parts[0].split(", ")):
                    parts = [name for part in parts for name in part.split(", ")]
                return tuple(part for part in parts if part)
        parts = [part.strip() for part in whole.split(",") if part.strip()]
        if len(parts) > 1 and all(" " in part for part in parts):
            return tuple(parts)
        return (whole,) if whole else ()
    return _split(whole, (",",))


def _person(member: object) -> str:
    if isinstance(member, Mapping):
        family = text(member.get("family") or member.get("lastName") or member.get("last"))
        given = text(member.get("given") or member.get("firstName") or member.get("first"))
        return f"{given} {family}".strip() if family else text(member)
    return text(member)


def _split(whole: str, signs: tuple[str, ...]) -> tuple[str, ...]:
    """Members of a written list; a Python list in a cell ("['a', 'b']") is read as such."""
    if whole.startswith("[") and whole.rstrip().endswith("]"):
        try:
            members = ast.literal_eval(whole) if len(whole) < _LONGEST_LIST else None
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            members = None
        if not isinstance(members, list):
            whole = whole.strip("[] ")
        else:
            return tuple(name for member in members if (name := text(member)))
    sign = next((sign for sign in signs if sign in whole), None)
    parts = whole.split(sign) if sign else [whole]
    return tuple(part.strip() for part in parts if part.strip())


def clean_doi(value: str) -> str:
    """The bare DOI in lower case, without address or "doi:"; "" when there is none."""
    found = _DOI.search(value)
    return found.group().rstrip(".,;)").lower() if found else ""


def identifiers(
    *, doi: str = "", arxiv: str = "", pmid: str = "", hints: Iterable[str] = ()
) -> tuple[str, ...]:
    """What makes two records the same paper: "doi:...", "arxiv:..." (without version), "pmid:..."."""
    found = []
    if doi:
        found.append(f"doi:{doi}")
    for value in (arxiv, doi, *hints):
        if match := ARXIV_ID.match(value) or _ARXIV_LINK.search(value):
            found.append(f"arxiv:{match[1].lower()}")
            break
    if pmid.isdigit():
        found.append(f"pmid:{pmid.lstrip('0')}")
    return tuple(found)
