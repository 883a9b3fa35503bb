"""topics update: new papers for a finished run."""

from __future__ import annotations

from pathlib import Path

import click

from topics.cli.output import print_result
from topics.cli.settings import (
    output_option,
    overrides_option,
    papers_argument,
    quiet_option,
    run_argument,
    vectors_option,
)
from topics.errors import ConfigError
from topics.output.progress import ProgressBars
from topics.output.text import printable


@click.command()
@run_argument
@papers_argument
@output_option("DIR", "Folder of a new run with the new papers in it; without it nothing is written.")
@click.option(
    "--refit",
    is_flag=True,
    help="Fit all papers, old and new; topics that are there again keep their number and label.",
)
@vectors_option
@overrides_option
@quiet_option
def update(
    run_folder: Path,
    papers: tuple[Path, ...],
    output: Path | None,
    refit: bool,
    vectors: Path | None,
    overrides: tuple[str, ...],
    quiet: bool,
) -> None:
    """Label new PAPERS with the topics of a finished RUN, and say whether the topics still fit.

    They are read as the run read its own; --set corpus... changes that. RUN stays as it is.
    """
    from topics.cache import publish
    from topics.cli.label import run_settings
    from topics.corpus.readers import expand
    from topics.embed.precomputed import load_vectors
    from topics.runs import update as updating
    from topics.runs.run import open_run

    if refit and not output:
        raise ConfigError("--refit writes a new run; name its folder with -o")
    if output:
        publish.check_target(output)
    given = load_vectors(vectors) if vectors else None
    run = open_run(run_folder)
    config = run.config.model_copy(update={"corpus": run_settings(run, overrides)})
    with ProgressBars(0 if quiet else 1) as bars:
        update = updating.examine(run, expand(papers), config, given)
        report = updating.refit(update, output, observer=bars) if refit and output else []
        if output and not refit:
            updating.extend(update, output, observer=bars)
    for line in () if quiet else (*update.lines(fitted_again=refit), *report):
        click.echo(printable(line))
    if output:
        print_result(output, quiet=quiet)
