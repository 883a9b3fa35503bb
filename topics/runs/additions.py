"""The papers of a run and new ones in one corpus, with ids that are unique and the account of both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from topics.types import Corpus

if TYPE_CHECKING:
    import pyarrow as pa

Rows = npt.NDArray[np.integer[Any]]


def joined(old: Corpus, read: Corpus, new: Rows) -> Corpus:
    """The papers of a run and then the rows `new` of those just read; the account says why others are not."""
    import pyarrow as pa

    fresh = set(new.tolist())
    kept, reasons, row = [], [], 0
    for was, reason in zip(
        read.account.column("kept").to_pylist(), read.account.column("reason").to_pylist(), strict=True
    ):
        kept.append(was and row in fresh)
        reasons.append("duplicate: already in the run" if was and row not in fresh else reason)
        row += was
    account = _replaced(_replaced(read.account, "kept", kept), "reason", reasons)
    papers = pa.concat_tables([old.papers, read.papers.take(new).cast(old.papers.schema)])
    return Corpus(
        papers,
        pa.concat_tables([old.account, account.cast(old.account.schema)]),
        tuple(dict.fromkeys((*old.notes, *read.notes))),
    )


def with_free_ids(read: Corpus, new: Rows, taken: Sequence[str]) -> tuple[Corpus, int]:
    """The papers just read, with ids of the rows `new` that no paper of the run has, and how many changed."""
    ids, others = list(read.ids), set(taken)
    used = others | set(ids)
    changed = 0
    for row in new.tolist():
        free, number = ids[row], 1
        while free in (used if number > 1 else others):
            number += 1
            free = f"{ids[row]}-{number}"
        used.add(free)
        changed += number > 1
        ids[row] = free
    if not changed:
        return read, 0
    names = iter(ids)
    account = [
        next(names) if kept else name
        for kept, name in zip(
            *(read.account.column(part).to_pylist() for part in ("kept", "id")), strict=True
        )
    ]
    note = f"{new_papers(changed)} had the id of another paper of the run and got a number added to it"
    papers, told = _replaced(read.papers, "id", ids), _replaced(read.account, "id", account)
    return Corpus(papers, told, (*read.notes, note)), changed


def new_papers(number: int) -> str:
    return f"{number:,} new paper{'s' * (number != 1)}"


def _replaced(table: pa.Table, name: str, values: list[Any]) -> pa.Table:
    import pyarrow as pa

    field = table.schema.field(name)
    return table.set_column(table.column_names.index(name), field, pa.array(values, field.type))
