"""Where the work on shards is done: what an engine is, how often a shard is tried, and the local engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from topics.errors import RunError, TopicsError

T = TypeVar("T")
R = TypeVar("R")

ATTEMPTS = 3
"""How often a shard is tried: machines fail, and so do disks."""


class Engine(Protocol):
    """Something that does the same to many shards."""

    @property
    def name(self) -> str:
        """For run.json."""

    def map(self, function: Callable[[T], R], tasks: Sequence[T]) -> Iterator[R]:
        """What the function gives for each task, in their order.

        The function must be found by its name on every machine, and so must be what it is given. What fails
        is done again, up to `ATTEMPTS` times in all, unless the error is a `TopicsError`.

        Raises TopicsError: what the function raised. RunError: a task that failed every time.
        """


@dataclass(frozen=True)
class Local:
    """The engine of one process: a shard after the other, one in memory at a time."""

    name: str = "local"

    def map(self, function: Callable[[T], R], tasks: Sequence[T]) -> Iterator[R]:
        """See `Engine`."""
        for task in tasks:
            for attempt in range(1, ATTEMPTS + 1):
                try:
                    yield function(task)
                    break
                except Exception as error:
                    if attempt == ATTEMPTS or isinstance(error, TopicsError):
                        raise refusal(error, task) from error


def refusal(error: BaseException, task: Any) -> TopicsError:
    """What is said of a task that failed every time, or of an error that trying again does not mend."""
    if isinstance(error, TopicsError):
        return error
    step = f"the step {task.recipe.step}" if hasattr(task, "recipe") else "reading it"
    why = " ".join(f"{type(error).__name__}: {error}".split())[:300]
    return RunError(
        f"{getattr(task, 'what', task)}: {step} failed {ATTEMPTS} times ({why}); finished shards are kept, "
        "so the same command goes on from there"
    )
