"""The input's own fields, as columns: what a table of papers brought along beside what every paper has."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from topics.corpus.rows import check_columns

if TYPE_CHECKING:
    import pyarrow as pa

AT_ONCE = 65_536
"""Papers whose own fields are Python objects at a time: bounds the memory."""


def original_columns(papers: pa.Table) -> pa.Table:
    """The input's own fields, opened from the column `original` of n papers into n rows of typed columns.

    They come in the order in which they were first seen. A column is int64, float64 or bool where all its
    values are; lists and mappings become JSON text; a column with text in some rows is text in all. Rows
    whose format has no such field are null.

    Raises InputError: there are too many different fields.
    """
    import pyarrow as pa

    originals = papers.column("original")
    starts = range(0, len(originals), AT_ONCE)

    def opened(start: int) -> list[dict[str, Any]]:
        return [json.loads(text or "{}") for text in originals.slice(start, AT_ONCE).to_pylist()]

    kinds: dict[str, set[type]] = {}
    for start in starts:
        for fields in opened(start):
            for name, value in fields.items():
                kinds.setdefault(name, set()).add(_kind(value))
        check_columns(kinds)
    parts: dict[str, list[pa.Array]] = {name: [] for name in kinds}
    for start in starts:
        rows = opened(start)
        for name, found in kinds.items():
            parts[name].append(_typed([fields.get(name) for fields in rows], found - {type(None)}))
    return pa.table({_writable(name): pa.chunked_array(arrays) for name, arrays in parts.items()})


def _writable(text: str) -> str:
    """Tables of text cannot hold a zero byte."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")


def _kind(value: object) -> type:
    """A value's type; `object` for a whole number that int64 does not hold."""
    return object if type(value) is int and not -(2**63) <= value < 2**63 else type(value)


def _typed(values: list[Any], kinds: set[type]) -> pa.Array:
    """kinds: of the whole column, null apart."""
    import pyarrow as pa

    if kinds == {bool}:
        return pa.array(values, pa.bool_())
    if kinds == {int}:
        return pa.array(values, pa.int64())
    if float in kinds and kinds <= {int, float, object}:
        return pa.array([None if value is None else float(value) for value in values], pa.float64())
    return pa.array([_as_text(value) for value in values], pa.string())


def _as_text(value: object) -> str | None:
    if value is None:
        return None
    return _writable(value) if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
