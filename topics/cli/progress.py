"""A run on stderr while it goes on: a line per stage and, on a terminal, a moving bar (rich)."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Iterator
from types import TracebackType
from typing import TYPE_CHECKING, TextIO

import click

from topics.cli.output import printable

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID

    from topics.types.arrays import Progress

_BAR = 24
_PER_SECOND = 5
_RECENT = 20.0
"""Seconds that the speed is measured over."""


class ProgressBars:
    """An observer (see `topics.cache.stage`) that prints. Use it as a context: the moving bar ends with it.

    verbosity: 0 prints nothing, 1 a line per stage, 2 also what the stages were made from.
    """

    def __init__(self, verbosity: int = 1, stream: TextIO | None = None) -> None:
        self._verbosity, self._stream = verbosity, stream or sys.stderr
        self._moving = _moving(self._stream) if verbosity > 0 and self._stream.isatty() else None
        self._task: TaskID | None = None

    def __enter__(self) -> ProgressBars:
        if self._moving:
            self._moving.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._remove()
        if self._moving:
            self._moving.stop()

    def started(self, stage: str) -> None:
        if self._moving:
            self._task = self._moving.add_task(f"{stage:<12}", total=None, unit="")

    def finished(self, stage: str, seconds: float, *, cached: bool) -> None:
        self._remove()
        self._say(f"{stage:<12} {'from cache' if cached else f'{seconds:6.1f} s'}")

    def note(self, text: str) -> None:
        self._say(f"Note: {text}")

    def detail(self, text: str) -> None:
        if self._verbosity > 1:
            self._say(f"  {text}")

    @contextlib.contextmanager
    def progress(self, stage: str, total: int | None, unit: str = "papers") -> Iterator[Progress]:
        if self._task is None:
            self.started(stage)
        if self._moving and self._task is not None:
            # The time goes on from the stage's beginning.
            self._moving.update(self._task, completed=0, total=total, unit=unit)
        waiting, last = 0, time.perf_counter()

        def advance(number: int) -> None:
            # Some stages count single records, faster than anybody can look.
            nonlocal waiting, last
            waiting += number
            now = time.perf_counter()
            if now - last > 1 / _PER_SECOND:
                show()
                last = now

        def show() -> None:
            nonlocal waiting
            if self._moving and self._task is not None:
                self._moving.advance(self._task, waiting)
            waiting = 0

        yield advance
        show()

    def _remove(self) -> None:
        if self._moving and self._task is not None:
            self._moving.remove_task(self._task)
            self._moving.refresh()
            self._task = None

    def _say(self, text: str) -> None:
        if self._moving:
            self._moving.console.print(printable(text), markup=False, highlight=False, soft_wrap=True)
        elif self._verbosity:
            click.echo(printable(text), file=self._stream)


def _moving(stream: TextIO) -> RichProgress:
    """A bar with count, speed, and time gone and left."""
    from rich.console import Console
    from rich.progress import BarColumn, ProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
    from rich.progress import Progress as RichProgress
    from rich.progress import Task as RichTask
    from rich.text import Text

    class CountColumn(ProgressColumn):
        def render(self, task: RichTask) -> Text:
            return Text(_counted(int(task.completed), task.total, task.fields["unit"], task.speed))

    return RichProgress(
        TextColumn("{task.description}", markup=False),
        BarColumn(_BAR),
        CountColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=Console(file=stream, force_terminal=True, emoji=False),
        refresh_per_second=_PER_SECOND,
        speed_estimate_period=_RECENT,
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    )


def _counted(done: int, total: float | None, unit: str, speed: float | None) -> str:
    if not unit:
        return ""
    rate = "" if not speed else f"  {speed:,.0f}/s" if speed >= 10 else f"  {speed:.1f}/s"
    return f"{done:,}{'' if total is None else f'/{int(total):,}'} {unit}{rate}"
