"""topics show: a finished run on the terminal."""

from __future__ import annotations

from pathlib import Path

import click

from topics.cli.output import print_run, printable
from topics.cli.settings import run_argument


@click.command()
@run_argument
@click.option("--topic", type=int, metavar="N", help="One topic with its keywords and papers; -1: outliers.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def show(run_folder: Path, topic: int | None, as_json: bool) -> None:
    """Show the topics of a finished RUN, or one topic."""
    from topics.runs import show as view

    if as_json:
        click.echo(view.as_json(run_folder, topic))
    elif topic is None:
        print_run(run_folder)
    else:
        click.echo(printable(view.topic_page(run_folder, topic)))
