"""The work on one shard: from files to a cache entry, the same wherever and whenever it is done.

A task carries everything that its result depends on as a key, and writes into the cache itself, so what
travels between machines are names of files. The cache must therefore be on a disk that all of them see.
"""

from __future__ import annotations

import functools
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from topics.cache import store


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
