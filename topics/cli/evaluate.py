"""topics evaluate: the figures of a finished run, alone or against known classes."""

from __future__ import annotations

from pathlib import Path

import click

from topics.cli.output import print_paths
from topics.cli.settings import output_option, run_argument
from topics.output.text import printable


@click.command()
@run_argument
@click.option("--labels", metavar="COLUMN", help="Column of the input that holds known classes.")
@output_option("DIR", "Folder for evaluation.json and evaluation.md. Default: RUN-evaluation beside the run.")
def evaluate(run_folder: Path, labels: str | None, output: Path | None) -> None:
    """Say how good the topics of a finished RUN are, each figure explained in a phrase."""
    from topics.cache import publish
    from topics.runs import compare, evaluate
    from topics.runs.run import open_run

    run = open_run(run_folder)
    target = output or compare.folder_beside(run_folder, "evaluation")
    publish.check_target(target, evaluate.EVALUATION_FILE)
    found = evaluate.evaluate(run, labels)
    for line in evaluate.lines(found):
        click.echo(printable(line))
    click.echo()
    print_paths(evaluate.write_evaluation(found, target))
