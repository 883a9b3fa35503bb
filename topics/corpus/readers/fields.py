"""From the names and values of an input's columns to a `Record`.

This serves every format whose fields have names: tables, JSON, Parquet, Excel. `column_names` has the names.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from topics.config import CorpusSettings
from topics.corpus.readers.column_names import CONVENTIONS, columns_of, normal, repeated
from topics.corpus.readers.dates import parse_date
from topics.errors import InputError
from topics.types import Record

_LONGEST_LIST = 1 << 17
"""Signs of a list in a cell: reading one takes a hundred times its size."""

_ARXIV_ID = r"(?:\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})"
ARXIV_ID = re.compile(rf"^(?:arxiv:)?({_ARXIV_ID})(v\d+)?$", re.IGNORECASE)
_ARXIV_LINK = re.compile(rf"(?:arxiv\.org/(?:abs|pdf)/|10\.48550/arxiv\.)({_ARXIV_ID})(v\d+)?", re.IGNORECASE)
_DOI = re.compile(r"10\.\d{4,9}/\S+")
_PMID = re.compile(
    r"^(?:(?:PMID|MEDLINE|pubmed)[: ]\s*|https?://\S+/)?0*([1-9]\d{0,8})(?:\.0)?/?$", re.IGNORECASE
)
_NO_ID = {"na", "n/a", "nan", "none", "null", "-", "unknown"}
_DEEPEST = 3
_WITHOUT_ABSTRACTS = (
    (
        {"pmid", "title", "authors", "citation", "firstauthor", "journalbook"},
        "it is PubMed's CSV, which holds no abstracts: save the search with the format PubMed (.nbib)",
    ),
    (
        {"authors", "title", "publication", "volume", "number", "pages", "year", "publisher"},
        "it is Google Scholar's CSV, which holds no abstracts: get the same papers from another database",
    ),
)


def plan(names: Sequence[str], settings: CorpusSettings, where: str) -> dict[str, tuple[str, ...]]:
    """The columns that each field is read from, of a file all of whose columns are known (`columns_of`).

    Raises InputError when a column named in the settings is missing, or when there is no abstract (or, with
    `min_abstract_words` 0, no title either).
    """
    chosen = columns_of(names, settings)
    for field in CONVENTIONS:
        named = getattr(settings.columns, field, None)
        if named is not None and not chosen[field]:
            raise InputError(
                f"{where} has no column {named!r}, which corpus.columns.{field} names; {listed(names)}"
            )
    if not chosen["abstract"] and not (settings.min_abstract_words == 0 and chosen["title"]):
        raise InputError(
            f"{where} has no column with abstracts; {_advice(names)}name the right one with "
            f"corpus.columns.abstract{TITLES_ALONE if chosen['title'] else ''}"
        )
    return chosen


TITLES_ALONE = ", or set corpus.min_abstract_words: 0 to work on titles alone"


def _advice(names: Sequence[str]) -> str:
    """What to do about a known table that never has abstracts, else the columns that there are."""
    held = {normal(name) for name in names}
    known = next((text for columns, text in _WITHOUT_ABSTRACTS if columns <= held), "")
    return f"{known or listed(names)}; "


def listed(names: Sequence[str]) -> str:
    """As in "it has title, text, year"."""
    shown = ", ".join(name[:40] for name in names[:40])
    return f"it has {shown}{f' and {len(names) - 40} more' if len(names) > 40 else ''}"


def flat(values: Mapping[str, Any], deepest: int = _DEEPEST) -> dict[str, Any]:
    """Values with those of nested mappings beside them, named by their path: "journal.title"."""
    found = dict(values)
    for name, value in values.items():
        if isinstance(value, dict) and deepest > 1:
            found.update({f"{name}.{inner}": held for inner, held in flat(value, deepest - 1).items()})
    return found


def record(
    values: Mapping[str, Any],
    columns: Mapping[str, Sequence[str]],
    file: str,
    position: int,
    original: Mapping[str, Any] | None = None,
) -> Record:
    """One record from named values; `columns` comes from `plan`.

    original: the input's own fields, where `values` are made from them.
    """

    def first(field: str) -> Any:
        for name in columns[field]:
            if (value := values.get(name)) not in (None, "", [], {}):
                return value
        return None

    def every(field: str, read: Callable[[object], tuple[str, ...]]) -> tuple[str, ...]:
        names = columns[field]
        if len(names) < 2:
            return read(values.get(names[0])) if names else ()
        found = next((name for name in names if values.get(name) not in (None, "", [], {})), "")
        members = (member for name in repeated(found, names) for member in read(values.get(name)))
        return tuple(dict.fromkeys(members))

    url = text(first("url"))
    identifier = text(first("id"))
    doi = clean_doi(text(first("doi")) or url) or clean_doi(_typed(values, "doi") or identifier)
    return Record(
        title=text(first("title")),
        abstract=abstract_text(first("abstract")),
        id="" if identifier.lower() in _NO_ID else identifier,
        authors=every("authors", people),
        date=next((date for name in columns["date"] if (date := parse_date(values.get(name)))), ""),
        venue=text(first("venue")),
        keywords=every("keywords", items),
        categories=every("categories", items),
        doi=doi,
        url=url,
        language=text(first("language")),
        kind=text(first("kind")),
        identifiers=identifiers(
            doi=doi,
            arxiv=text(first("arxiv")),
            pmid=text(first("pmid")) or _typed(values, "pmid"),
            hints=(identifier, url),
        ),
        file=file,
        position=position,
        original=dict(values) if original is None else original,
        by_name=True,
    )


_NAMED_IDS = (
    "external_ids", "externalIds", "identifier", "identifiers", "articleids", "pids", "dc:identifier"
)  # fmt: skip


def _typed(values: Mapping[str, Any], kind: str) -> str:
    """The value of this kind in a list of identifiers: [{"type": "doi", "id": "10.1000/1"}]."""
    for name in _NAMED_IDS:
        members = values.get(name)
        for member in members if isinstance(members, list) else ():
            if isinstance(member, Mapping):
                said = {normal(str(label)): text(value) for label, value in member.items()}
                label = next(
                    (said[name] for name in ("type", "idtype", "identifiertype", "scheme") if name in said),
                    "",
                )
                # CiNii writes "cir:DOI".
                if label.lower().rpartition(":")[2] == kind:
                    return said.get("value") or said.get("id") or said.get("identifier") or ""
    return ""


_TEXT_KEYS = (
    "name", "display_name", "value", "text", "en", "title", "label", "full_name", "fullName", "tag", "term",
    "keyword", "category", "content", "p", "#text", "$", "$t", "authname", "creator", "author",
    "journal_title", "description",
)  # fmt: skip


def text(value: object) -> str:
    """A value as one string; a list's first non-empty member, what a mapping holds under a usual name."""
    if isinstance(value, str):
        return value.strip()
    if value is None or isinstance(value, bool):
        return ""
    if isinstance(value, float):
        return "" if value != value else str(int(value)) if value.is_integer() else str(value)
    if isinstance(value, Mapping):
        named = next((found for name in _TEXT_KEYS if (found := text(value.get(name)))), "")
        return named or (text(next(iter(value.values()))) if len(value) == 1 else "")
    if isinstance(value, Sequence | set):
        return next((found for member in value if (found := text(member))), "")
    return str(value)


def abstract_text(value: object) -> str:
    """An abstract from text, from sections, from several texts of one paper, or from an inverted index.

    Several texts are paragraphs with a blank line between them: `topics.corpus.rows` takes the one in the
    language of the title.
    """
    if isinstance(value, str):
        is_index = value.startswith('{"') and (opened := _opened(value)) is not None
        return abstract_text(opened) if is_index else value.strip()
    if isinstance(value, Mapping):
        places = list(value.values())
        if (
            value
            and all(isinstance(own, list) for own in places)
            and all(type(place) is int for own in places for place in own)
        ):
            return rebuild(value)
        inner = next((held for held in places if isinstance(held, list | Mapping)), None)
        return text(value) or abstract_text(inner)
    if isinstance(value, Sequence):
        members = [member for member in value if isinstance(member, Mapping)]
        if len(members) < len(value) or not members:
            return "\n\n".join(found for member in value if (found := text(member)))
        stated = [
            member for member in members if "abstract" in str(member.get("descriptionType", "")).lower()
        ]
        if any(_head(member) for member in members):
            return "\n".join(f"{_head(member)}: {_body(member)}" for member in members)
        return text(stated or members)
    return text(value)


def is_pubmed(database: str) -> bool:
    """Whether the name of a database is PubMed's or MEDLINE's, so that its accession numbers are PMIDs."""
    return re.search("pubmed|medline|nlm", database, re.IGNORECASE) is not None


def _head(section: Mapping[str, Any]) -> str:
    return text(next((section[name] for name in ("label", "@Label", "heading") if name in section), ""))


def _body(section: Mapping[str, Any]) -> str:
    return text(
        next((section[name] for name in ("text", "#text", "value", "content") if name in section), "")
    )


_MAX_WORDS = 100_000


def rebuild(index: Mapping[str, list[int]]) -> str:
    """The text whose words stand at the given places. Raises ValueError on places beyond any abstract."""
    words = {place: word for word, places in index.items() for place in places}
    if any(not 0 <= place < _MAX_WORDS for place in words):
        raise ValueError("a word of the abstract stands at an impossible place")
    return " ".join(words[place] for place in sorted(words))


def items(value: object) -> tuple[str, ...]:
    """A list of strings from a list, or from text divided by semicolons, bars, line ends or commas."""
    if isinstance(value, str):
        return _split(value, (";", "|", "\n", ","))
    if isinstance(value, Mapping) and (inner := _inner_list(value)) is not None:
        return items(inner)
    if isinstance(value, Sequence | set):
        return tuple(found for member in value if (found := text(member)))
    single = text(value)
    return (single,) if single else ()


def _inner_list(value: Mapping[str, Any]) -> list[Any] | None:
    return next((held for held in value.values() if isinstance(held, list)), None)


def people(value: object) -> tuple[str, ...]:
    """Names from a list, or from text.

    Commas divide names only where they cannot stand inside one: "Smith, J." is one person, "John Smith, Mary
    Jones" two, "Stol K.-J., Babar M." two.
    """
    if isinstance(value, Mapping) and (inner := _inner_list(value)) is not None:
        return people(inner)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return tuple(name for member in _authors_of(value) if (name := _person(member)))
    whole = text(value)
    if whole.startswith("["):
        opened = _opened(whole)
        return people(opened) if isinstance(opened, list) else _split(whole, (",",))
    for sign in (";", "|", "\n", " and ", " & "):
        if sign in whole:
            parts = [part.strip(" ,") for part in whole.split(sign)]
            if sign in (" and ", " & ") and all(" " in part for part in parts[0].split(", ")):
                parts = [name for part in parts for name in part.split(", ")]
            return tuple(part for part in parts if part)
    parts = [part.strip() for part in whole.split(",") if part.strip()]
    if len(parts) > 1 and all(" " in part for part in parts):
        if whole.endswith(".") and whole.count(".") == 1:
            parts[-1] = parts[-1].rstrip(".")
        return tuple(parts)
    return (whole,) if whole else ()


def _authors_of(members: Iterable[Any]) -> list[Any]:
    """The members without editors and others, where the list says who is what."""
    listed = list(members)
    roles = [str(member.get("creatorType", "")) if isinstance(member, Mapping) else "" for member in listed]
    if "author" in roles:
        return [member for member, role in zip(listed, roles, strict=True) if role in ("", "author")]
    return listed


_FAMILY = ("family", "lastName", "last_name", "lastname", "last", "surname", "familyName")
_GIVEN = ("given", "firstName", "first_name", "firstname", "first", "givenName", "forename")


def _person(member: object) -> str:
    if isinstance(member, Mapping):
        family, given = (
            text(next((member[name] for name in names if member.get(name)), ""))
            for names in (_FAMILY, _GIVEN)
        )
        if isinstance(inner := member.get("author"), Mapping) and not family:
            return _person(inner)
        return f"{given} {family}".strip() if family else text(member)
    return text(member)


def _split(whole: str, signs: tuple[str, ...]) -> tuple[str, ...]:
    """Members of a written list; a list of Python or JSON in a cell ("['a', 'b']") is read as such."""
    if whole.startswith("[") and whole.rstrip().endswith("]"):
        if isinstance(members := _opened(whole), list | tuple | set):
            return tuple(name for member in members if (name := text(member)))
        whole = whole.strip("[] ")
    sign = next((sign for sign in signs if sign in whole), None)
    parts = whole.split(sign) if sign else [whole]
    return tuple(part.strip() for part in parts if part.strip())


def _opened(whole: str) -> Any:
    """What a value written in a cell as JSON or Python stands for; None for anything else."""
    for read in (json.loads, ast.literal_eval) if len(whole) < _LONGEST_LIST else ():
        try:
            return read(whole)
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            continue
    return None


def clean_doi(value: str) -> str:
    """The bare DOI in lower case, without address or "doi:"; "" when there is none."""
    found = _DOI.search(value)
    return found.group().rstrip(".,;)").lower() if found else ""


def identifiers(
    *, doi: str = "", arxiv: str = "", pmid: str = "", hints: Iterable[str] = ()
) -> tuple[str, ...]:
    """What makes two records the same paper: "doi:...", "arxiv:..." (without version), "pmid:...".

    A PMID of zeros, which some tools write for want of one, is none.
    """
    found = []
    if doi:
        found.append(f"doi:{doi}")
    for value in (arxiv, doi, *hints):
        if match := ARXIV_ID.match(value) or _ARXIV_LINK.search(value):
            found.append(f"arxiv:{match[1].lower()}")
            break
    if pmid and (match := _PMID.match(pmid.strip())):
        found.append(f"pmid:{match[1]}")
    return tuple(found)
