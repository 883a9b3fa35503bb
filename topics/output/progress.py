"""A run while it goes on: a line per stage on stderr; on a terminal or in a notebook a moving bar (rich)."""

from __future__ import annotations

import contextlib
import io
import sys
import threading
import time
from collections.abc import Iterator
from types import TracebackType
from typing import TYPE_CHECKING, TextIO

import click

from topics.output.text import printable

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress
    from rich.progress import ProgressColumn, TaskID

    from topics.types.arrays import Progress

_BAR = 24
_PER_SECOND = 5
_RECENT = 20.0
"""Seconds that the speed is measured over."""

_CELL = 88
"""Columns of the bar in a notebook."""


class ProgressBars:
    """An observer (see `topics.cache.stage`) that prints. Use it as a context: the moving bar ends with it.

    verbosity: 0 prints nothing, 1 a line per stage, 2 also what the stages were made from.
    brief: no line per stage, only the moving bar and notes; in a notebook the bar stands in the cell.
    """

    def __init__(self, verbosity: int = 1, stream: TextIO | None = None, *, brief: bool = False) -> None:
        cell = brief and verbosity > 0 and _in_notebook()
        self._verbosity, self._brief = verbosity, brief
        self._stream = stream or (sys.stdout if cell else sys.stderr)
        terminal = not cell and verbosity > 0 and self._stream.isatty()
        self._moving = _in_cell() if cell else _moving(self._stream) if terminal else None
        self._console = self._moving.console if self._moving and terminal else None
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
        if not self._brief:
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
        if self._console:
            self._console.print(printable(text), markup=False, highlight=False, soft_wrap=True)
        elif self._verbosity:
            click.echo(printable(text), file=self._stream)


def _in_notebook() -> bool:
    from rich.console import Console

    return Console().is_jupyter


def _columns() -> tuple[ProgressColumn, ...]:
    """A bar with count, speed, and time gone and left."""
    from rich.progress import BarColumn, ProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
    from rich.progress import Task as RichTask
    from rich.text import Text

    class CountColumn(ProgressColumn):
        def render(self, task: RichTask) -> Text:
            return Text(_counted(int(task.completed), task.total, task.fields["unit"], task.speed))

    return (
        TextColumn("{task.description}", markup=False),
        BarColumn(_BAR),
        CountColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )


def _in_cell() -> RichProgress:
    """The bar as the output of a notebook's cell, drawn anew there: rich's own needs ipywidgets for that."""
    from IPython.display import display
    from rich.console import Console
    from rich.progress import Progress as RichProgress

    class CellProgress(RichProgress):
        def start(self) -> None:
            self._began, self._ended = time.perf_counter(), threading.Event()
            self._cell = display(self._drawn(), raw=True, display_id=True)
            threading.Thread(target=self._keep_drawing, daemon=True).start()

        def stop(self) -> None:
            self._ended.set()
            done = f"{time.perf_counter() - self._began:.1f} s"
            self._cell.update({"text/plain": done, "text/html": f"<small>{done}</small>"}, raw=True)

        def _keep_drawing(self) -> None:
            while not self._ended.wait(1 / _PER_SECOND):
                drawn = self._drawn()
                if not self._ended.is_set():
                    self._cell.update(drawn, raw=True)

        def _drawn(self) -> dict[str, str]:
            paper = Console(
                file=io.StringIO(), record=True, width=_CELL, force_terminal=True, force_jupyter=False
            )
            paper.print(self.get_renderable())
            code = paper.export_html(
                inline_styles=True, clear=False, code_format="<pre style='margin:0'>{code}</pre>"
            )
            return {"text/plain": paper.export_text(), "text/html": code}

    return CellProgress(*_columns(), auto_refresh=False, speed_estimate_period=_RECENT)


def _moving(stream: TextIO) -> RichProgress:
    from rich.console import Console
    from rich.progress import Progress as RichProgress

    return RichProgress(
        *_columns(),
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
