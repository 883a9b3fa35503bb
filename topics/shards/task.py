"""The work on one shard: from files to a cache entry, the same wherever and whenever it is done.

A task carries everything that its result depends on as a key, and writes into the cache itself, so what
travels between machines are names of files. The cache must therefore be on a disk that all of them see. What
lies there for a shard of papers has its names here.
"""

from __future__ import annotations

import dataclasses
import functools
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from topics.cache import store
from topics.types import Hashes, Integers, Mask

PAPERS, LEFT_OUT = "papers.parquet", "left_out.parquet"

PRINTS, TALLIES = "prints", "tallies"

ASSIGNED, SUMS = "assignments.parquet", "sums.npy"


@dataclass(frozen=True)
class Recipe:
    """One step of the work on shards, and what its results depend on besides settings and inputs."""

    step: str
    modules: tuple[str, ...]
    libraries: tuple[str, ...]

    def key(self, settings: object, *inputs: object) -> str:
        """The name of an entry; inputs: keys or digests of what it is made from."""
        source, versions = _surroundings(self)
        return store.stage_key(
            f"shards/{self.step}", settings=settings, inputs=inputs, source=source, libraries=versions
        )


@functools.cache
def _surroundings(recipe: Recipe) -> tuple[str, dict[str, str]]:
    return store.source_digest([*recipe.modules, "types"]), store.versions(recipe.libraries)


@dataclass(frozen=True)
class Task(ABC):
    """The work of one step on one shard.

    root: the cache of this corpus. key: see `Recipe`. what: the shard as people know it.
    """

    recipe: ClassVar[Recipe]

    root: Path
    key: str
    what: str

    @property
    def place(self) -> Path:
        """The folder of the finished entry."""
        return store.Cache(self.root).place(self.recipe.step, self.key)

    @abstractmethod
    def make(self, folder: Path) -> None:
        """Write the result into a folder."""


def finish(task: Task) -> bool:
    """Make sure that a task's result is in the cache; says whether anything had to be done.

    An entry is checked by its digests and done again when it is damaged.
    """
    cache = store.Cache(task.root)
    if cache.check(task.recipe.step, task.key) is None:
        return False
    with cache.fill(task.recipe.step, task.key) as folder:
        task.make(folder)
    return True


@dataclass(frozen=True)
class Tallies:
    """What is counted of one shard, or of several together.

    records: read. reasons: of those left out. assumed: what readers had to guess. filled: which fields they
    found. languages, dates: of the papers ("" for no date), known once duplicates are dropped.
    """

    records: int = 0
    reasons: Counter[str] = dataclasses.field(default_factory=Counter)
    assumed: Counter[str] = dataclasses.field(default_factory=Counter)
    filled: Counter[str] = dataclasses.field(default_factory=Counter)
    languages: Counter[str] = dataclasses.field(default_factory=Counter)
    dates: Counter[str] = dataclasses.field(default_factory=Counter)

    def __add__(self, other: Tallies) -> Tallies:
        names = [field.name for field in dataclasses.fields(self)]
        return Tallies(*(getattr(self, name) + getattr(other, name) for name in names))


@dataclass(frozen=True)
class ShardFingerprints:
    """What tells the m papers of a shard from those of others.

    texts: (m,) uint64, a hash of title and abstract; papers with the same text have the same. years: (m,)
    int16, 0 without a date. identifiers: (i,) uint64 hashes of DOIs, arXiv and PubMed ids; owners: (i,)
    int32, the row of the paper that has each.
    """

    texts: Hashes
    years: npt.NDArray[np.int16]
    identifiers: Hashes
    owners: Integers

    def __len__(self) -> int:
        return len(self.texts)


def fingerprints_of(entry: Path) -> ShardFingerprints:
    """Those of a finished shard."""
    return store.unpack(ShardFingerprints, entry / PRINTS)


def tallies_of(entry: Path) -> Tallies:
    """Those of a finished shard."""
    return store.unpack(Tallies, entry / TALLIES)


def kept(prints: ShardFingerprints, dropped: Iterable[int]) -> Mask:
    """(m,) False for the dropped rows."""
    found = np.ones(len(prints), bool)
    found[list(dropped)] = False
    return found
