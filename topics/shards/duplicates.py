"""Papers that are in several shards: found by a shuffle of hashes, each bucket of them by itself.

Inside a shard the whole rule of `topics.corpus.duplicates` holds. Between shards a paper counts once if title
and abstract are the same, letter by letter, after cleaning; the first one stays. Two papers that share an
identifier only are counted and both kept: whether they are one takes a look at both texts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from topics.cache import store
from topics.shards.task import Recipe, ShardFingerprints, Task, fingerprints_of
from topics.types import Hashes, Longs

V = TypeVar("V", np.int64, np.uint64)

PAPERS_PER_BUCKET = 4_000_000
"""Bounds the memory of a bucket: with as many identifiers, some 600 MB."""


@dataclass(frozen=True)
class Duplicates:
    """shard, row: (t,) the papers whose text an earlier shard has; first: (t,) which shard.

    sharing: (s,) uint64, the texts of papers that share no more than an identifier with an earlier shard's.
    """

    shard: Longs
    row: Longs
    first: Longs
    sharing: Hashes


@dataclass(frozen=True)
class FindDuplicates(Task):
    """The hashes of all shards that fall into one bucket. Makes a `Duplicates`.

    papers: the entries of all shards, in order.
    """

    recipe = Recipe("duplicates", ("shards/duplicates", "shards/task"), ("numpy",))

    papers: tuple[Path, ...]
    bucket: int
    buckets: int

    def make(self, folder: Path) -> None:
        store.pack(find_duplicates(map(fingerprints_of, self.papers), self.bucket, self.buckets), folder)


def find_duplicates(shards: Iterable[ShardFingerprints], bucket: int = 0, buckets: int = 1) -> Duplicates:
    """The duplicates among the hashes that leave the remainder `bucket` when divided by `buckets`.

    One shard is held at a time: a system lets a process have so many files open, and no more.
    """

    def own(hashes: Hashes) -> Longs:
        return np.flatnonzero(hashes % np.uint64(buckets) == bucket).astype(np.int64)

    rows, named = [], []
    for prints in shards:
        found = own(prints.texts)
        rows.append((prints.texts[found], found))
        found = own(prints.identifiers)
        named.append((prints.identifiers[found], prints.texts[prints.owners[found]]))
    hashes, shard, row = _joined(rows)
    first = np.searchsorted(hashes, hashes)
    again = first != np.arange(len(hashes))
    ids, id_shard, text = _joined(named)
    start = np.searchsorted(ids, ids)
    sharing = (id_shard != id_shard[start]) & (text != text[start])
    return Duplicates(shard[again], row[again], shard[first][again], np.unique(text[sharing]))


def _joined(pieces: Sequence[tuple[Hashes, npt.NDArray[V]]]) -> tuple[Hashes, Longs, npt.NDArray[V]]:
    """Hashes in ascending order, the shard of each and what goes with it; equal ones in their order.

    pieces: of one shard or more.
    """
    hashes, values = (np.concatenate(parts) for parts in zip(*pieces, strict=True))
    shard = np.repeat(np.arange(len(pieces)), [len(piece) for piece, _ in pieces])
    order = np.argsort(hashes, kind="stable")
    return hashes[order], shard[order], values[order]
