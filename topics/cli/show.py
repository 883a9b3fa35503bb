"""topics show: a finished run on the terminal."""

from __future__ import annotations

from pathlib import Path

import click

from topics.cli.output import print_run, width
from topics.cli.settings import run_argument
from topics.output.text import printable


@click.command()
@run_argument
@click.option("--topic", type=int, metavar="N", help="One topic with its keywords and papers; -1: outliers.")
@click.option("--levels", is_flag=True, help="Other numbers of topics to choose from, with their topics.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def show(run_folder: Path, topic: int | None, levels: bool, as_json: bool) -> None:
    """Show the topics of a finished RUN, one topic, or the numbers of topics to choose from."""
    from topics.runs import show as view

    if levels and topic is not None:
        raise click.UsageError("--levels is about all topics; leave out --topic")
    if levels:
        click.echo(
            view.levels_json(run_folder) if as_json else printable(view.levels_table(run_folder, width()))
        )
    elif as_json:
        click.echo(view.as_json(run_folder, topic))
    elif topic is None:
        print_run(run_folder)
    else:
        click.echo(printable(view.topic_page(run_folder, topic)))
