"""The engine of one process: a shard after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from topics.errors import TopicsError
from topics.shards.engine import ATTEMPTS, refusal

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True)
class Local:
    """Holds one shard at a time."""

    name: str = "local"

    def map(self, function: Callable[[T], R], tasks: Sequence[T]) -> Iterator[R]:
        """See `topics.shards.engine.Engine`."""
        for task in tasks:
            yield _tried(function, task)


def _tried(function: Callable[[T], R], task: T) -> R:
    attempt = 1
    while True:
        try:
            return function(task)
        except Exception as error:
            if attempt == ATTEMPTS or isinstance(error, TopicsError):
                raise refusal(error, task) from error
            attempt += 1
