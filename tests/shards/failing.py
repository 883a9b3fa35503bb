"""Engines that are disturbed on the way. What they do is found by its name in workers, too."""

from __future__ import annotations

import contextlib
import functools
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from topics.shards.task import Task


@dataclass(frozen=True)
class Disturbed:
    """An engine whose tasks of some steps go through `harm`."""

    engine: Any
    steps: tuple[str, ...]
    harm: Callable[..., Any]

    @property
    def name(self) -> str:
        return self.engine.name

    def map(self, function, tasks):
        tasks = list(tasks)
        if tasks and isinstance(tasks[0], Task) and tasks[0].recipe.step in self.steps:
            function = functools.partial(self.harm, function)
        return self.engine.map(function, tasks)


@dataclass(frozen=True)
class Backwards:
    """Does the last shard first."""

    name: str = "local"

    def map(self, function, tasks):
        return iter([function(task) for task in reversed(list(tasks))][::-1])


def tries(folder: Path, task: Task) -> int:
    """How often a task has been tried, this time included; kept on disk, as workers may die."""
    place = folder / task.key
    place.mkdir(parents=True, exist_ok=True)
    (place / str(len(list(place.iterdir())))).touch()
    return len(list(place.iterdir()))


def fail_twice(folder, function, task):
    if tries(folder, task) < 3:
        raise OSError("the disk is away")
    return function(task)


def fail(folder, function, task):
    tries(folder, task)
    raise OSError("the disk is away")


def refuse(folder, function, task):
    from topics.errors import InputError

    tries(folder, task)
    raise InputError("this file is in no format; save it as CSV")


def die_once(folder, function, task):
    """One worker in each step is killed when half of an entry is written."""
    with contextlib.suppress(FileExistsError):
        (folder / task.recipe.step).mkdir(parents=True)
        np.save = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
    return function(task)
