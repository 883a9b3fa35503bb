"""topics edit: a new run with the topics changed by hand."""

from __future__ import annotations

from pathlib import Path

import click

from topics.cli.output import print_result
from topics.cli.settings import output_option, quiet_option, run_argument
from topics.output.progress import ProgressBars
from topics.output.text import printable


@click.command()
@run_argument
@click.argument("edits", metavar="EDITS", type=click.Path(path_type=Path))
@output_option("DIR", "Folder of the new run; RUN stays as it is.", required=True)
@click.option(
    "--from",
    "written_for",
    type=click.Path(path_type=Path),
    metavar="RUN",
    help="The run that EDITS was written for, to replay them on another fit: its topics are found again by "
    "the papers in common.",
)
@quiet_option
def edit(run_folder: Path, edits: Path, output: Path, written_for: Path | None, quiet: bool) -> None:
    """Rename, merge, split and drop topics of a finished RUN, or move papers, as a YAML file says.

    docs/steering.md describes the file. What depends on the topics (keywords, tables, maps, trends) follows.
    """
    from topics.runs.edit import edit as edit_topics
    from topics.runs.edits import read_edits
    from topics.runs.run import open_run

    changes = read_edits(edits)
    run = open_run(run_folder)
    other = open_run(written_for) if written_for else None
    with ProgressBars(0 if quiet else 1) as bars:
        outcomes = edit_topics(run, changes, output, written_for=other, observer=bars)
    if not quiet:
        click.echo()
        for outcome in outcomes:
            state = "applied" if outcome.applied else "not applied"
            why = f" ({outcome.why})" if outcome.why else ""
            click.echo(printable(f"{state}: {outcome.edit}{why}"))
    print_result(output, quiet=quiet)
