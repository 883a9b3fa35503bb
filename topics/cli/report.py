"""topics report: the report of a finished run."""

from __future__ import annotations

from pathlib import Path

import click

from topics.cli.output import printable
from topics.cli.settings import output_option, run_argument


@click.command()
@run_argument
@output_option("FILE", "What to write. Default: report.html in RUN.")
@click.option("--open", "opened", is_flag=True, help="Show it in the browser.")
def report(run_folder: Path, output: Path | None, opened: bool) -> None:
    """Write the report of a finished RUN: one page for somebody who was not there."""
    from topics.runs.redraw import report_again
    from topics.runs.run import open_run

    target = output or run_folder / "report.html"
    report_again(open_run(run_folder), target)
    click.echo(printable(str(target)))
    if opened:
        import webbrowser

        if not webbrowser.open(target.resolve().as_uri()):
            click.echo("No browser was found; open the file yourself.", err=True)
