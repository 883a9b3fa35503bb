"""What the command line prints: safe text, tables, progress."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from topics.stage import Progress


def printable(text: str) -> str:
    """Text without control characters, so that a title or a file name cannot steer the terminal."""
    return "".join(
        sign if sign.isprintable() or sign in "\n " else "\N{REPLACEMENT CHARACTER}" for sign in text
    )


def print_run(folder: Path) -> None:
    import shutil

    from topics import show as view

    width = min(shutil.get_terminal_size((100, 24)).columns, 120)
    click.echo(printable(view.table(folder, width)))


class Lines:
    """Progress on stderr: a line per stage, a bar where one is worth it; bars only on a terminal."""

    def __init__(self, quiet: bool) -> None:
        self.quiet = quiet

    def started(self, stage: str) -> None:
        if not self.quiet and sys.stderr.isatty():
            click.echo(f"{stage:<12} ...", err=True, nl=False)

    def finished(self, stage: str, seconds: float, *, cached: bool) -> None:
        if not self.quiet:
            start = "\r" if sys.stderr.isatty() else ""
            click.echo(f"{start}{stage:<12} {'from cache' if cached else f'{seconds:6.1f} s'}", err=True)

    def note(self, text: str) -> None:
        if not self.quiet:
            click.echo(printable(f"Note: {text}"), err=True)

    def progress(self, stage: str, total: int) -> AbstractContextManager[Progress]:
        return self._bar(stage, total)

    @contextlib.contextmanager
    def _bar(self, stage: str, total: int) -> Iterator[Progress]:
        terminal = sys.stderr
        if self.quiet or not terminal.isatty():
            yield lambda _: None
            return
        begin, done = time.perf_counter(), 0
        terminal.write("\r")

        def advance(papers: int) -> None:
            nonlocal done
            done += papers
            speed = done / max(time.perf_counter() - begin, 1e-9)
            bar = ("█" * round(24 * done / max(total, 1))).ljust(24, "░")
            left = (total - done) / max(speed, 1e-9)
            terminal.write(
                f"\r{stage:<12} {bar} {done:,}/{total:,} papers  {speed:,.0f}/s  {left:,.0f} s left "
            )
            terminal.flush()

        yield advance
        terminal.write("\r" + " " * 90 + "\r")
        terminal.flush()
