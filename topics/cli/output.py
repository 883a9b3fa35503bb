"""What the command line prints: safe text and tables."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click

from topics.output.text import printable


def width() -> int:
    """Columns of the terminal, within what reads well."""
    import shutil

    return min(shutil.get_terminal_size((100, 24)).columns, 120)


FIRST, SECOND, TABLES = "report.html", "map.html", ("topics.csv", "assignments.csv")
"""What to open of a run's files."""


def print_result(folder: Path, *, quiet: bool, verbose: bool = False) -> None:
    """The topics of a run that was written and what to open of it; all its paths if `verbose`, and nothing
    else if `quiet`.
    """
    from topics.runner import written

    files = written(folder)
    if not quiet:
        click.echo()
        print_run(folder)
        click.echo()
        click.echo(printable(f"Open {folder / FIRST}, then {folder / SECOND} to explore."))
    if not quiet and not verbose:
        others = len(files) - len(TABLES) - 2
        click.echo(printable(f"Tables: {' and '.join(TABLES)} in {folder}, beside {others} other files."))
    else:
        print_paths(files)


def print_paths(files: Iterable[Path]) -> None:
    for path in files:
        click.echo(printable(str(path)))


def print_run(folder: Path) -> None:
    from topics.runs import show as view

    click.echo(printable(view.table(folder, width())))
