"""Papers that are in several shards: found by a shuffle of hashes, each bucket of them by itself.

Inside a shard the whole rule of `topics.dedupe` holds. Between shards a paper counts once if title and
abstract are the same, letter by letter, after cleaning; the first one stays. Two papers that share an
identifier only are counted and both kept: whether they are one takes a look at both texts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from topics import store
from topics.shards.papers import Fingerprints, Hashes, fingerprints_of
from topics.shards.work import Recipe, Task

Rows = npt.NDArray[np.int64]

PAPERS_PER_BUCKET = 4_000_000
"""Bounds the memory of a bucket: with as many identifiers, some 600 MB."""


@dataclass(frozen=True)
class Twins:
    """shard, row: (t,) the papers whose text an earlier shard has; first: (t,) which shard.

    sharing: (s,) uint64, the texts of papers that share no more than an identifier with an earlier shard's.
    """

    shard: Rows
    row: Rows
    first: Rows
    sharing: Hashes


@dataclass(frozen=True)
class FindTwins(Task):
    """The hashes of all shards that fall into one bucket. Makes a `Twins`.

    papers: the entries of all shards, in order.
    """

    recipe = Recipe("twins", ("shards/twins", "shards/papers"), ("numpy",))

    papers: tuple[Path, ...]
    bucket: int
    buckets: int

    def make(self, folder: Path) -> None:
        store.pack(
            twins([fingerprints_of(entry) for entry in self.papers], self.bucket, self.buckets), folder
        )


def twins(shards: Sequence[Fingerprints], bucket: int = 0, buckets: int = 1) -> Twins:
    """The twins among the hashes that leave the remainder `bucket` when divided by `buckets`."""

    def own(hashes: Hashes) -> npt.NDArray[np.intp]:
        return np.flatnonzero(hashes % np.uint64(buckets) == bucket)

    texts = _joined((prints.texts[rows], rows) for prints in shards for rows in [own(prints.texts)])
    hashes, shard, row = texts
    first = _first_of_run(hashes)
    again = first != np.arange(len(hashes))
    ids, id_shard, id_row = _joined(
        (prints.identifiers[rows], prints.owners[rows])
        for prints in shards
        for rows in [own(prints.identifiers)]
    )
    held = [shards[at].texts[id_row[id_shard == at]] for at in range(len(shards))]
    text = np.empty(len(ids), np.uint64)
    for at, values in enumerate(held):
        text[id_shard == at] = values
    start = _first_of_run(ids)
    sharing = (id_shard != id_shard[start]) & (text != text[start])
    return Twins(shard[again], row[again], shard[first][again], np.unique(text[sharing]))


def _joined(parts: Iterator[tuple[Hashes, npt.NDArray[np.integer]]]) -> tuple[Hashes, Rows, Rows]:
    """Hashes in ascending order, the shard and row of each; equal ones in the order of shards and rows."""
    pieces = list(parts)
    hashes = np.concatenate([piece for piece, _ in pieces]) if pieces else np.zeros(0, np.uint64)
    shard = np.repeat(np.arange(len(pieces)), [len(piece) for piece, _ in pieces])
    rows = np.concatenate([rows for _, rows in pieces]) if pieces else np.zeros(0, np.int64)
    order = np.argsort(hashes, kind="stable")
    return hashes[order], shard[order], rows[order].astype(np.int64)


def _first_of_run(hashes: Hashes) -> Rows:
    """For each of some sorted hashes the place of the first equal one."""
    fresh = np.ones(len(hashes), bool)
    fresh[1:] = hashes[1:] != hashes[:-1]
    first: Rows = (
        np.maximum.accumulate(np.where(fresh, np.arange(len(hashes)), 0))
        if len(hashes)
        else np.zeros(0, np.int64)
    )
    return first
