"""What the system must grant a command: looked at before the first library is loaded that would not say it.

Below these limits OpenBLAS, Arrow, onnxruntime and the C++ library end the process themselves, each in its
own way, or wait for ever for a thread that was not started.
"""

from __future__ import annotations

import contextlib
import functools
import os
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import click

from topics.errors import LimitError

MOST_CORES = 8
"""Cores that are counted: what more would take is not known, and nothing may be refused that works."""

DATA_SHARE = 0.7
"""Share of the address space that `ulimit -d` counts: not what files and unused stacks take."""


@dataclass(frozen=True)
class Needs:
    """What a command is refused below: the seed corpus on two cores, rounded up.

    Bisected: `cache`, `check`, `label`, `report`, `map`, `trends` and `run`. From the peak without limits:
    `edit`. Others stand with those that they are like. One core gave the part per core.

    memory, per_core: kB of address space. threads, threads_per_core: beside the main one. files: open ones.
    """

    memory: int
    per_core: int
    threads: int
    threads_per_core: int
    files: int


LIGHT = Needs(110_000, 45_000, 0, 1, 16)
READING = Needs(600_000, 75_000, 0, 3, 32)
DRAWING = Needs(1_050_000, 150_000, 2, 4, 32)
REFITTING = Needs(1_500_000, 250_000, 2, 6, 48)
LEXICAL = Needs(2_400_000, 300_000, 2, 6, 48)
ENCODING = Needs(2_800_000, 300_000, 2, 6, 48)

COMMANDS = {
    "cache": LIGHT,
    "show": LIGHT,
    "evaluate": LIGHT,
    "check": READING,
    "label": READING,
    "validate": READING,
    "report": DRAWING,
    "map": DRAWING,
    "trends": DRAWING,
    "compare": DRAWING,
    "saturation": DRAWING,
    "edit": REFITTING,
    "update": REFITTING,
}
"""By the command's name; `run` asks when it knows its encoder, and `init` takes what Python takes."""


def limited(command: click.Command) -> click.Command:
    """The command, refused in one sentence where the system grants less than it needs."""
    needs, call = COMMANDS.get(command.name or ""), command.callback
    if needs and call:

        @functools.wraps(call)
        def checked(*arguments: Any, **options: Any) -> Any:
            check(needs, command.name or "")
            return call(*arguments, **options)

        command.callback = checked
    return command


def check(needs: Needs, name: str) -> None:
    """Raises LimitError: the system grants less memory, files or threads than the command `name` needs."""
    try:
        import resource
    except ImportError:
        return
    cores = min(len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1, MOST_CORES)
    memory, bounded = needs.memory + needs.per_core * cores, False
    for kind, letter, share in ((resource.RLIMIT_AS, "v", 1.0), (resource.RLIMIT_DATA, "d", DATA_SHARE)):
        granted, least = resource.getrlimit(kind)[0], int(memory * share)
        bounded = bounded or granted != resource.RLIM_INFINITY
        if granted != resource.RLIM_INFINITY and granted < least << 10:
            what = "memory" if letter == "d" else "address space"
            raise LimitError(
                f"topics {name} needs at least {least:,} kB of {what} on this machine, and the system grants "
                f"{granted >> 10:,}; raise that with `ulimit -{letter} {least}` or more, or "
                f"`ulimit -{letter} unlimited`"
            )
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if files != resource.RLIM_INFINITY and files < needs.files:
        raise LimitError(
            f"topics {name} has up to {needs.files} files open, and the system grants {files}; raise that "
            f"with `ulimit -n {needs.files}` or more"
        )
    if bounded:
        # The C library reserves 64 MB of address space for each thread, and does not give them back.
        return
    threads = needs.threads + needs.threads_per_core * cores
    if (started := _startable(threads)) < threads:
        raise LimitError(
            f"topics {name} needs {threads} threads on this machine, and the system lets it start {started}; "
            "raise that with `ulimit -u`, or in the settings of the container"
        )


def _startable(wanted: int) -> int:
    """How many threads can be started at once, up to `wanted`: no limit tells what others have taken."""
    end, started = threading.Event(), list[threading.Thread]()
    with _small_stacks():
        try:
            for _ in range(wanted):
                thread = threading.Thread(target=end.wait, daemon=True)
                thread.start()
                started.append(thread)
        except RuntimeError:
            pass
        finally:
            end.set()
            for thread in started:
                thread.join()
    return len(started)


@contextlib.contextmanager
def _small_stacks() -> Iterator[None]:
    before = threading.stack_size(1 << 18)
    try:
        yield
    finally:
        threading.stack_size(before)
