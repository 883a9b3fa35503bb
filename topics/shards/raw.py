"""Records as Arrow tables and back, so that what a reader found can wait on disk."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from topics.corpus.rows import INTEGER, LIST, NOT_TEXT, STRING, arrow_schema, as_json, is_text
from topics.types import Broken, Record

if TYPE_CHECKING:
    import pyarrow as pa

_LISTS = ("authors", "keywords", "categories", "identifiers")
_KINDS = {field.name: LIST if field.name in _LISTS else STRING for field in dataclasses.fields(Record)}
SCHEMA = {**_KINDS, "position": INTEGER, "broken": STRING}
"""A record's fields, its own ones as JSON; `broken` says why there is none, where there is none."""


def as_table(items: Sequence[Record | Broken]) -> pa.Table:
    """A row for each. A record that is not text in any encoding becomes a broken one, as in any run."""
    import pyarrow as pa

    rows = [_row(item) for item in items]
    schema = arrow_schema(SCHEMA)
    return pa.table(
        [pa.array([row[name] for row in rows], schema.field(name).type) for name in SCHEMA], schema=schema
    )


def records(rows: Iterable[dict[str, Any]]) -> Iterator[Record | Broken]:
    """What `as_table` was made from; rows may have other columns, and lack those of a record."""
    for row in rows:
        if row.get("broken"):
            yield Broken(row["file"], row["position"], row["broken"])
            continue
        fields = {name: row[name] for name in _KINDS if name in row}
        lists = {name: tuple(fields[name]) for name in _LISTS}
        yield Record(**{**fields, **lists, "original": json.loads(row["original"] or "{}")})


def _row(item: Record | Broken) -> dict[str, Any]:
    if isinstance(item, Record):
        original = as_json(item.original)
        if is_text(item, original):
            values = {name: getattr(item, name) for name in _KINDS}
            return {**values, "original": original, "position": item.position, "broken": ""}
        item = Broken(item.file, item.position, NOT_TEXT)
    empty = {name: () if name in _LISTS else "" for name in _KINDS}
    return {**empty, "file": item.file, "position": item.position, "broken": item.reason}
