"""A record on its way into the corpus: cleaned, screened and held in Arrow batches.

What has been added is kept as Arrow data and not as Python objects, so that a corpus costs little more than
its text while it is read.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from topics.cache.parallel import PART, parts_of
from topics.config import CorpusSettings
from topics.corpus.clean import clean_abstract, clean_name, clean_title
from topics.corpus.duplicates import Text
from topics.corpus.readers.source import MAX_COLUMNS
from topics.corpus.screen import language, notice
from topics.corpus.segment import length_in_words
from topics.corpus.translations import one_language
from topics.errors import InputError
from topics.types import Broken, Record

if TYPE_CHECKING:
    import pyarrow as pa

STRING, LIST, INTEGER, FLAG = "string", "list<string>", "int64", "bool"

PAPER_SCHEMA: Mapping[str, str] = {
    "id": STRING,
    "title": STRING,
    "abstract": STRING,
    "date": STRING,
    "doi": STRING,
    "url": STRING,
    "venue": STRING,
    "language": STRING,
    "authors": LIST,
    "keywords": LIST,
    "categories": LIST,
    "file": STRING,
    "position": INTEGER,
    "original": STRING,
}
"""Columns of `Corpus.papers` and their Arrow types."""

_STAGED = {**PAPER_SCHEMA, "identifiers": LIST, "version": INTEGER, "reason": STRING}
_BRACE = re.compile(r"[{}]")
_VERSION = re.compile(r"v(\d{1,3})$")
MAX_TITLE, MAX_ABSTRACT, MAX_FIELD = 10_000, 100_000, 10_000
"""Characters of a title, of an abstract, and of each other text and member of a list that a paper has. All of
a paper has some 50,000."""

MAX_MEMBERS = 10_000
"""Authors, keywords or categories of a paper: twice the longest list of authors."""

MAX_NESTED = 30
"""Levels of braces in a title or an abstract."""

_LISTS = ("authors", "keywords", "categories", "identifiers")
_NUL = "\0"

OTHER_ABSTRACT = "abstract_other_language"
"""The input column for what an abstract says again in other languages."""

NOT_TEXT = "bytes that are not text in the file's encoding (see corpus.encoding)"


def arrow_schema(schema: Mapping[str, str]) -> pa.Schema:
    """The columns of `PAPER_SCHEMA` or its like as Arrow has them."""
    import pyarrow as pa

    types = {STRING: pa.string(), LIST: pa.list_(pa.string()), INTEGER: pa.int64(), FLAG: pa.bool_()}
    return pa.schema([(name, types[kind]) for name, kind in schema.items()])


class Staged:
    """Every input record in order, broken ones included: the columns of a paper, and why it is left out.

    All batches but the last have `PART` rows.
    """

    def __init__(self) -> None:
        self.batches: list[pa.RecordBatch] = []

    def value(self, row: int, name: str) -> Any:
        """One cell of a column."""
        batch = self.batches[row // PART]
        return batch.column(name)[row % PART].as_py()

    def column(self, name: str) -> list[Any]:
        return [value for batch in self.batches for value in batch.column(name).to_pylist()]

    def text(self, row: int) -> Text:
        """What is compared of a record to find duplicates."""
        return text_of(
            {
                name: self.value(row, name)
                for name in ("title", "abstract", "authors", "identifiers", "date", "reason")
            }
        )


def stage_records(records: Iterable[Record | Broken], settings: CorpusSettings) -> pa.Table:
    """Every record as a row: the columns of a paper, and in `reason` why a run leaves it out, if it does.

    Duplicates are not looked for.
    """
    import pyarrow as pa

    batches = [as_batch([paper_row(item, settings) for item in part]) for part in parts_of(records, PART)]
    return pa.Table.from_batches(batches, arrow_schema(_STAGED))


def as_batch(rows: Sequence[Mapping[str, object]]) -> pa.RecordBatch:
    """Rows of `paper_row` as Arrow data."""
    import pyarrow as pa

    schema = arrow_schema(_STAGED)
    arrays = [pa.array([row[field.name] for row in rows], field.type) for field in schema]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def text_of(row: Mapping[str, Any]) -> Text:
    """What is compared of a row; nothing of one that is no paper."""
    if row["reason"].startswith(("notice", "broken")):
        return Text("", "", (), (), 0)
    year = int(row["date"][:4] or 0)
    return Text(row["title"], row["abstract"], row["authors"], row["identifiers"], year)


def broken_row(file: str, position: int, reason: str) -> dict[str, object]:
    """The row of a place where no record could be read."""
    empty = {name: () if kind == LIST else 0 if kind == INTEGER else "" for name, kind in _STAGED.items()}
    return {**empty, "file": file, "position": position, "reason": reason}


def paper_row(item: Record | Broken, settings: CorpusSettings) -> dict[str, object]:
    """A record cleaned, with its id, its language and the reason to leave it out, if any."""
    if isinstance(item, Broken):
        return broken_row(item.file, item.position, f"broken: {item.reason}")
    if beyond := _beyond_limits(item):
        return broken_row(item.file, item.position, f"broken: {beyond}")
    original = as_json(item.original)
    if not is_text(item, original):
        return broken_row(item.file, item.position, f"broken: {NOT_TEXT}")
    title = clean_title(item.title)
    own, others = one_language(item.abstract, title)
    abstract = clean_abstract(own)
    if others:
        original = as_json({**item.original, OTHER_ABSTRACT: others})
    spoken = language(item.language, abstract or title)
    version = _VERSION.search(item.id) if any(key.startswith("arxiv:") for key in item.identifiers) else None
    return {
        "id": item.id or item.doi or _text_id(title, abstract),
        "title": title,
        "abstract": abstract,
        "date": item.date,
        "doi": item.doi,
        "url": item.url,
        "venue": clean_name(item.venue),
        "language": spoken,
        "authors": [clean_name(name) for name in item.authors],
        "keywords": [clean_name(word) for word in item.keywords],
        "categories": list(item.categories),
        "file": item.file,
        "position": item.position,
        "original": original,
        "identifiers": list(item.identifiers),
        "version": int(version[1]) if version else 0,
        "reason": _why_not(item.kind, title, abstract, spoken, settings),
    }


def check_columns(names: Collection[str]) -> None:
    """Raises InputError: papers have more different fields than a table may have columns."""
    if len(names) > MAX_COLUMNS:
        raise InputError(
            f"The records have more than {MAX_COLUMNS:,} different fields, more than a table of papers can "
            f"hold, among them {', '.join(sorted(names)[:3])}"
        )


def _beyond_limits(item: Record) -> str:
    """What of a record is more than what is done with it can take, or "" for a record as they are."""
    for name, value in vars(item).items():
        if isinstance(value, str):
            most = {"title": MAX_TITLE, "abstract": MAX_ABSTRACT}.get(name, MAX_FIELD)
            if len(value) > most:
                return f"{name} of {len(value):,} characters, more than {most:,}"
            if _NUL in value and name not in ("title", "abstract"):
                return f"{name} with a zero byte"
    for name in _LISTS:
        members = getattr(item, name)
        if len(members) > MAX_MEMBERS:
            return f"{len(members):,} {name}, more than {MAX_MEMBERS:,}"
        if any(len(member) > MAX_FIELD or _NUL in member for member in members):
            return f"{name} with one of more than {MAX_FIELD:,} characters, or with a zero byte"
    for name, value in (("title", item.title), ("abstract", item.abstract)):
        if value.count("{") > MAX_NESTED and _nested(value) > MAX_NESTED:
            return f"{name} with braces nested more than {MAX_NESTED} deep"
    return ""


def _nested(text: str) -> int:
    deepest = depth = 0
    for brace in _BRACE.findall(text):
        depth = depth + 1 if brace == "{" else max(depth - 1, 0)
        deepest = max(deepest, depth)
    return deepest


def _why_not(kind: str, title: str, abstract: str, spoken: str, settings: CorpusSettings) -> str:
    if settings.notices == "drop" and (found := notice(kind, title, abstract)):
        return f"notice: {found}"
    words, signs = length_in_words(abstract)
    if words < settings.min_abstract_words:
        return f"short abstract: {_length(words, signs)}" if abstract else "no abstract"
    if not title and not abstract:
        return "no abstract"
    if settings.languages and spoken and spoken not in settings.languages:
        return f"language: {spoken}"
    return ""


def _length(words: int, signs: int) -> str:
    """In words; in characters where a text has no blanks between words."""
    number, noun = (signs, "character") if signs > words else (words, "word")
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _text_id(title: str, abstract: str) -> str:
    """A stable id for a paper that came without one."""
    return hashlib.sha256(f"{title}\n{abstract}".encode()).hexdigest()[:16]


def as_json(values: Mapping[str, object]) -> str:
    """Fields as JSON text; NaN and infinities, which JSON has not, become null."""
    try:
        return json.dumps(values, ensure_ascii=False, default=str, allow_nan=False)
    except (ValueError, TypeError):
        return json.dumps(_without_nan(values), ensure_ascii=False, default=str)


def _without_nan(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _without_nan(member) for key, member in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(member) for member in value]
    return None if isinstance(value, float) and value - value != 0 else value


def is_text(record: Record, original: str) -> bool:
    """Whether all of a record can be written as UTF-8: readers leave undecodable bytes in as lone surrogates.

    original: the record's own fields as JSON.
    """
    texts = [original]
    for value in vars(record).values():
        texts += [value] if isinstance(value, str) else value if isinstance(value, tuple) else []
    try:
        "".join(texts).encode()
    except UnicodeEncodeError:
        return False
    return True
