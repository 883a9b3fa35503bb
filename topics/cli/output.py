"""What the command line prints: safe text and tables."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click

from topics.output.progress import printable as printable


def width() -> int:
    """Columns of the terminal, within what reads well."""
    import shutil

    return min(shutil.get_terminal_size((100, 24)).columns, 120)


def print_result(folder: Path, *, quiet: bool) -> None:
    """The topics of a run that was written, unless `quiet`, and the paths of its files."""
    from topics.runner import written

    if not quiet:
        click.echo()
        print_run(folder)
        click.echo()
    print_paths(written(folder))


def print_paths(files: Iterable[Path]) -> None:
    for path in files:
        click.echo(printable(str(path)))


def print_run(folder: Path) -> None:
    from topics.runs import show as view

    click.echo(printable(view.table(folder, width())))
