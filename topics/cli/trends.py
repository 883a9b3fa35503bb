"""topics trends: how the topics of a finished run move over time."""

from __future__ import annotations

from pathlib import Path

import click

from topics.cli.output import print_paths, width
from topics.cli.settings import output_option, run_argument
from topics.output.text import printable


@click.command()
@run_argument
@click.option(
    "--period",
    type=click.Choice(["auto", "year", "quarter", "month"]),
    help="Length of a period. Default: the run's trends.period.",
)
@click.option("--from", "start", metavar="DATE", help="Leave out papers before this year, month or day.")
@click.option("--to", "end", metavar="DATE", help="Leave out papers after this year, month or day.")
@output_option(
    "DIR", "Folder for tables and pictures. Default: RUN-trends beside the run, with what was asked for."
)
def trends(
    run_folder: Path, period: str | None, start: str | None, end: str | None, output: Path | None
) -> None:
    """Show how the topics of a finished RUN move over time, in any periods; nothing is fitted again.

    The run stays as it is. docs/trends.md explains every figure.
    """
    from topics.cache import publish
    from topics.output.trends.listing import trend_table
    from topics.runs import compare
    from topics.runs.run import open_run

    asked = {"period": period, "start": start, "end": end}
    run = open_run(run_folder)
    target = output or compare.trends_folder(run_folder, **asked)
    publish.check_target(target, compare.TRENDS_FILE)
    found = compare.trends_of(run, **asked)
    files = compare.write_trends(run, found, target)
    click.echo(printable(trend_table(found, run.topics, width())))
    click.echo()
    print_paths(files)
