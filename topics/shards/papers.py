"""What lies in the cache of a shard of papers, by name, and what is known of its papers."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from topics.cache import store

Hashes = npt.NDArray[np.uint64]

PAPERS, LEFT_OUT = "papers.parquet", "left_out.parquet"
PRINTS, TALLIES = "prints", "tallies"
ASSIGNED, SUMS = "assignments.parquet", "sums.npy"


@dataclass(frozen=True)
class Tallies:
    """What is counted of one shard, or of several together.

    records: read. reasons: of those left out. assumed: what readers had to guess. languages, dates: of the
    papers ("" for no date), known once twins are dropped.
    """

    records: int = 0
    reasons: Counter[str] = dataclasses.field(default_factory=Counter)
    assumed: Counter[str] = dataclasses.field(default_factory=Counter)
    languages: Counter[str] = dataclasses.field(default_factory=Counter)
    dates: Counter[str] = dataclasses.field(default_factory=Counter)

    def __add__(self, other: Tallies) -> Tallies:
        names = [field.name for field in dataclasses.fields(self)]
        return Tallies(*(getattr(self, name) + getattr(other, name) for name in names))


@dataclass(frozen=True)
class Fingerprints:
    """What tells the m papers of a shard from those of others.

    texts: (m,) uint64, a hash of title and abstract; papers with the same text have the same. years: (m,)
    int16, 0 without a date. identifiers: (i,) uint64 hashes of DOIs, arXiv and PubMed ids; owners: (i,)
    int32, the row of the paper that has each.
    """

    texts: Hashes
    years: npt.NDArray[np.int16]
    identifiers: Hashes
    owners: npt.NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.texts)


def fingerprints_of(entry: Path) -> Fingerprints:
    """Those of a finished shard."""
    return store.unpack(Fingerprints, entry / PRINTS)


def tallies_of(entry: Path) -> Tallies:
    """Those of a finished shard."""
    return store.unpack(Tallies, entry / TALLIES)


def kept(prints: Fingerprints, dropped: Iterable[int]) -> npt.NDArray[np.bool_]:
    """(m,) False for the dropped rows."""
    found = np.ones(len(prints), bool)
    found[list(dropped)] = False
    return found
