"""topics map: the map of a finished run, drawn anew."""

from __future__ import annotations

import re
from pathlib import Path

import click

from topics.cli.settings import output_option, run_argument
from topics.output.text import printable

_MM = {"mm": 1.0, "cm": 10.0, "in": 25.4, "": 1.0}


def _in_mm(_context: click.Context, _option: click.Parameter, value: str | None) -> float | None:
    if value is None:
        return None
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(mm|cm|in|)", value.strip().lower())
    if found is None:
        raise click.BadParameter(f"{value!r} is no width; write it as 180mm, 18cm or 7in")
    return float(found[1]) * _MM[found[2]]


@click.command("map")
@run_argument
@output_option(
    "FILE", "What to write; its suffix says how: .png (300 dpi), .svg, .pdf or .html.", required=True
)
@click.option(
    "--color",
    metavar="WHAT",
    help="topic, date, probability, category or any column of the input.",
)
@click.option("--theme", type=click.Choice(("light", "dark")), help="Background.")
@click.option(
    "--width",
    callback=_in_mm,
    metavar="LENGTH",
    help="As in 180mm, 18cm or 7in, from 60 to 600 mm; 85mm fits one column of a journal, 180mm two.",
)
@click.option("--title", metavar="TEXT", help="The heading, instead of the number of papers.")
def draw(run_folder: Path, output: Path, **wanted: str | float | None) -> None:
    """Draw the map of a finished RUN anew, for a figure of a paper or a slide.

    What is not given is as in the run's settings. Nothing in RUN is changed.
    """
    from topics.runs.redraw import redraw
    from topics.runs.run import open_run

    chosen = {name: value for name, value in wanted.items() if value is not None}
    if note := redraw(open_run(run_folder), output, chosen):
        click.echo(printable(f"Note: {note}"), err=True)
    click.echo(printable(str(output)))
