"""Records to `Corpus`: what is kept, what is left out and why.

Papers are kept column by column in Arrow batches while they stream in, so a corpus costs little more than its
text. The order of the papers is the order of the input.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from topics.config import CorpusSettings
from topics.errors import InputError
from topics.types import Broken, Corpus, Record

if TYPE_CHECKING:
    import pyarrow as pa

_STRING, _LIST, _INTEGER, _FLAG = "string", "list<string>", "int64", "bool"

PAPER_SCHEMA: Mapping[str, str] = {
    "id": _STRING,
    "title": _STRING,
    "abstract": _STRING,
    "date": _STRING,
    "doi": _STRING,
    "url": _STRING,
    "venue": _STRING,
    "language": _STRING,
    "authors": _LIST,
    "keywords": _LIST,
    "categories": _LIST,
    "file": _STRING,
    "position": _INTEGER,
    "original": _STRING,
}
"""Columns of `Corpus.papers` and their Arrow types."""

ACCOUNT_SCHEMA: Mapping[str, str] = {
    "file": _STRING,
    "position": _INTEGER,
    "id": _STRING,
    "title": _STRING,
    "kept": _FLAG,
    "reason": _STRING,
    "duplicate_of": _STRING,
}
"""Columns of `Corpus.account`. `reason` is empty for a kept record, else one of `REASONS`, with a detail
after a colon where there is more to say."""

REASONS: Mapping[str, str] = {
    "duplicate": "duplicates",
    "no abstract": "without abstract",
    "short abstract": "with too short an abstract",
    "broken": "unreadable",
}
"""Why a record is left out, and the words of the summary for it."""

_BATCH = 10_000


class _Table:
    """An Arrow table that grows by rows; what was added is held as Arrow data, not as Python objects."""

    def __init__(self, schema: Mapping[str, str]) -> None:
        import pyarrow as pa

        types = {
            _STRING: pa.string(), _LIST: pa.list_(pa.string()), _INTEGER: pa.int64(), _FLAG: pa.bool_()
        }  # fmt: skip
        self._schema = pa.schema([(name, types[kind]) for name, kind in schema.items()])
        self._rows: list[tuple[object, ...]] = []
        self._batches: list[pa.RecordBatch] = []

    def add(self, *row: object) -> None:
        self._rows.append(row)
        if len(self._rows) == _BATCH:
            self._flush()

    def _flush(self) -> None:
        import pyarrow as pa

        columns = [list(column) for column in zip(*self._rows, strict=True)]
        self._batches.append(pa.RecordBatch.from_arrays(
            [pa.array(column, kind) for column, kind in zip(columns, self._schema.types, strict=True)],
            schema=self._schema,
        ))  # fmt: skip
        self._rows.clear()

    def finish(self) -> pa.Table:
        import pyarrow as pa

        if self._rows:
            self._flush()
        return pa.Table.from_batches(self._batches, self._schema)


def build_corpus(records: Iterable[Record | Broken], settings: CorpusSettings) -> Corpus:
    """The kept papers, and one account row for every record that came in.

    Raises InputError when no paper is left.
    """
    papers, account = _Table(PAPER_SCHEMA), _Table(ACCOUNT_SCHEMA)
    taken: set[str] = set()
    assumed: Counter[str] = Counter()
    for item in records:
        if isinstance(item, Broken):
            account.add(item.file, item.position, "", "", False, f"broken: {item.reason}", "")
            continue
        record, original = item, _as_json(item.original)
        if not _is_unicode(record, original):
            reason = "broken: bytes that are not text in the file's encoding (see corpus.encoding)"
            account.add(record.file, record.position, "", "", False, reason, "")
            continue
        title, abstract = _tidy(record.title), _tidy(record.abstract)
        identifier = record.id or record.doi or _text_id(title, abstract)
        reason = _why_not(abstract, settings)
        if not reason and identifier in taken:
            account.add(
                record.file, record.position, identifier, title, False, "duplicate: same id", identifier
            )
            continue
        account.add(record.file, record.position, identifier, title, not reason, reason, "")
        if reason:
            continue
        taken.add(identifier)
        assumed.update([record.assumed] if record.assumed else [])
        papers.add(
            identifier, title, abstract, record.date, record.doi, record.url, record.venue, record.language,
            record.authors, record.keywords, record.categories, record.file, record.position, original,
        )  # fmt: skip
    notes = tuple(f"{_count(count, 'record')}: {text}" for text, count in assumed.items())
    corpus = Corpus(papers.finish(), account.finish(), notes)
    if not len(corpus):
        raise InputError(f"No paper is left: {summary_sentence(corpus)}")
    return corpus


def _why_not(abstract: str, settings: CorpusSettings) -> str:
    words = len(abstract.split())
    if words >= settings.min_abstract_words:
        return ""
    return "no abstract" if not words else f"short abstract: {words} words"


def _tidy(text: str) -> str:
    return " ".join(text.split())


def _text_id(title: str, abstract: str) -> str:
    """A stable id for a paper that came without one."""
    return hashlib.sha256(f"{title}\n{abstract}".encode()).hexdigest()[:16]


def _as_json(values: Mapping[str, object]) -> str:
    try:
        return json.dumps(values, ensure_ascii=False, default=str, allow_nan=False)
    except ValueError:
        return json.dumps(_without_nan(values), ensure_ascii=False, default=str)


def _without_nan(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _without_nan(member) for key, member in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(member) for member in value]
    return None if isinstance(value, float) and value - value != 0 else value


def _is_unicode(record: Record, original: str) -> bool:
    texts = (record.id, record.title, record.abstract, record.venue, record.url, record.language, original)
    lists = (*record.authors, *record.keywords, *record.categories)
    try:
        "".join((*texts, *lists)).encode()
    except UnicodeEncodeError:
        return False
    return True


def summary(corpus: Corpus) -> dict[str, int]:
    """Counts for `run.json`: files, records, kept, and one entry per reason that occurs."""
    reasons = Counter(
        reason.partition(":")[0] for reason in corpus.account.column("reason").to_pylist() if reason
    )
    counts = {
        "files": len(corpus.account.column("file").unique()),
        "records": corpus.account.num_rows,
        "kept": len(corpus),
    }
    return counts | {reason: reasons[reason] for reason in REASONS if reasons[reason]}


def summary_sentence(corpus: Corpus) -> str:
    """As in "5,510 records read from 3 files: 4,201 kept, 812 duplicates, 430 without abstract"."""
    counts = summary(corpus)
    files, records = _count(counts.pop("files"), "file"), _count(counts.pop("records"), "record")
    kept = f"{counts.pop('kept'):,} kept"
    left_out = [f"{count:,} {REASONS[name]}" for name, count in counts.items()]
    return f"{records} read from {files}: {', '.join([kept, *left_out])}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def original_columns(corpus: Corpus) -> pa.Table:
    """The input's own fields as n typed columns, in the order in which they were first seen.

    A column is int64, float64 or bool where all its values are; lists and mappings become JSON text; a column
    with text in some rows is text in all. Rows whose format has no such field are null.
    """
    import pyarrow as pa

    columns: dict[str, list[Any]] = {}
    for row, text in enumerate(corpus.papers.column("original").to_pylist()):
        for name, value in json.loads(text).items():
            column = columns.setdefault(name, [])
            column.extend([None] * (row - len(column)))
            column.append(value)
    for column in columns.values():
        column.extend([None] * (len(corpus) - len(column)))
    return pa.table({name: _typed(column) for name, column in columns.items()})


def _typed(values: list[Any]) -> pa.Array:
    import pyarrow as pa

    kinds = {type(value) for value in values if value is not None}
    if kinds == {bool}:
        return pa.array(values, pa.bool_())
    if kinds == {int} and all(value is None or -(2**63) <= value < 2**63 for value in values):
        return pa.array(values, pa.int64())
    if float in kinds and kinds <= {int, float}:
        return pa.array([None if value is None else float(value) for value in values], pa.float64())
    return pa.array([_as_text(value) for value in values], pa.string())


def _as_text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)
