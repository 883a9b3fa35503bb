"""A run on the terminal while it goes on: a line per stage, with a bar where the stage can say how far it is.

The moving line is drawn on stderr, on a terminal only. A thread draws it, so that the time goes on where a
library call says nothing.
"""

from __future__ import annotations

import contextlib
import shutil
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, TextIO

import click

from topics.cli.output import printable

if TYPE_CHECKING:
    from topics.types.arrays import Progress

_SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_BAR = 24
_EVERY = 0.2
_RECENT = 20.0
"""Seconds that the speed is measured over: what an earlier run left counts at once and is no speed."""


@dataclass
class ProgressBar:
    """How far a stage is, as a line of text.

    total: how many papers (or what `unit` says) there are, None when nobody knows yet.
    """

    stage: str
    begin: float
    total: int | None = None
    unit: str = "papers"
    done: int = 0
    seen: deque[tuple[float, int]] = field(default_factory=deque)

    def advance(self, number: int, now: float) -> None:
        self.done += number
        if self.seen and now - self.seen[-1][0] < _EVERY / 2:
            return
        self.seen.append((now, self.done))
        while len(self.seen) > 2 and now - self.seen[0][0] > _RECENT:
            self.seen.popleft()

    def line(self, now: float) -> str:
        elapsed = now - self.begin
        turn = _SPINNER[int(elapsed / _EVERY) % len(_SPINNER)]
        start = f"{self.stage:<12} "
        if not self.done:
            return f"{start}{turn} {_clock(elapsed)}"
        if self.total is None:
            return f"{start}{turn} {self.done:,} {self.unit}{self._rate(now)}  {_clock(elapsed)}"
        filled = round(_BAR * min(1.0, self.done / max(self.total, 1)))
        bar = "█" * filled + "░" * (_BAR - filled)
        rate, left = self._rate(now), self._left(now)
        return f"{start}{bar} {self.done:,}/{self.total:,} {self.unit}{rate}{left}"

    def _speed(self, now: float) -> float:
        if len(self.seen) < 2:
            return 0.0
        (first, before), (_, last) = self.seen[0], self.seen[-1]
        return (last - before) / max(now - first, 1e-9)

    def _rate(self, now: float) -> str:
        speed = self._speed(now)
        return f"  {speed:,.0f}/s" if speed >= 10 else f"  {speed:.1f}/s" if speed else ""

    def _left(self, now: float) -> str:
        speed = self._speed(now)
        return f"  {_clock((self.total - self.done) / speed)} left" if speed and self.total else ""


def _clock(seconds: float) -> str:
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60}:{whole % 60:02} min"
    return f"{whole // 3600}:{whole // 60 % 60:02} h"


class ProgressBars:
    """An observer (see `topics.cache.stage`) that prints. Use it as a context: the moving line ends with it.

    verbosity: 0 prints nothing, 1 a line per stage, 2 also what the stages were made from.
    """

    def __init__(
        self,
        verbosity: int = 1,
        stream: TextIO | None = None,
        now: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._verbosity, self._now = verbosity, now
        self._stream = stream or sys.stderr
        self._moving = verbosity > 0 and self._stream.isatty()
        self._meter: ProgressBar | None = None
        self._guard = threading.RLock()
        self._ended = threading.Event()
        self._painter: threading.Thread | None = None

    def __enter__(self) -> ProgressBars:
        if self._moving:
            self._painter = threading.Thread(target=self._paint, name="progress", daemon=True)
            self._painter.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        if self._painter:
            self._painter.join()
        with self._guard:
            self._clear()

    def started(self, stage: str) -> None:
        with self._guard:
            self._meter = ProgressBar(stage, self._now())
            self.draw()

    def finished(self, stage: str, seconds: float, *, cached: bool) -> None:
        with self._guard:
            self._clear()
            self._meter = None
            self._say(f"{stage:<12} {'from cache' if cached else f'{seconds:6.1f} s'}")

    def note(self, text: str) -> None:
        self._say(f"Note: {text}")

    def detail(self, text: str) -> None:
        if self._verbosity > 1:
            self._say(f"  {text}")

    @contextlib.contextmanager
    def progress(self, stage: str, total: int | None, unit: str = "papers") -> Iterator[Progress]:
        with self._guard:
            meter = self._meter = ProgressBar(
                stage, self._meter.begin if self._meter else self._now(), total, unit
            )
            meter.advance(0, self._now())

        def advance(number: int) -> None:
            with self._guard:
                meter.advance(number, self._now())

        yield advance
        with self._guard:
            self._meter = ProgressBar(stage, meter.begin)

    def draw(self) -> None:
        """The moving line as it is now, cut to the terminal's width."""
        with self._guard:
            if self._moving and self._meter:
                width = shutil.get_terminal_size((80, 24)).columns - 1
                self._stream.write(f"\r{printable(self._meter.line(self._now()))[:width]}\x1b[K")
                self._stream.flush()

    def _paint(self) -> None:
        while not self._ended.wait(_EVERY):
            self.draw()

    def _clear(self) -> None:
        if self._moving:
            self._stream.write("\r\x1b[K")
            self._stream.flush()

    def _say(self, text: str) -> None:
        if self._verbosity:
            with self._guard:
                self._clear()
                click.echo(printable(text), file=self._stream)
