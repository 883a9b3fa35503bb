"""topics saturation: whether more papers would bring more topics and words."""

from __future__ import annotations

import textwrap
from pathlib import Path

import click

from topics.cli.output import print_paths, printable, width
from topics.cli.settings import output_option, run_argument


@click.command()
@run_argument
@output_option("DIR", "Folder for tables and picture. Default: RUN-saturation beside the run.")
def saturation(run_folder: Path, output: Path | None) -> None:
    """Say what the last tenth of the papers of a finished RUN brought: would more searching find more?"""
    from topics.cache import publish
    from topics.evidence.saturation import saturation
    from topics.output.evidence.saturation import sentences, write_saturation
    from topics.runs.compare import beside
    from topics.runs.run import open_run
    from topics.terms.matrix import count

    run = open_run(run_folder)
    target = output or beside(run_folder, "saturation")
    publish.check_target(target, SATURATION_FILE)
    # The run's own counts leave out rare words where there are many papers, and phrases never end.
    every = run.config.label.model_copy(update={"min_df": 1, "ngram_max": 1})
    words = count(run.corpus, every)
    found = saturation(run.clustering, words, run.regroupings, run.config.random_state)
    with publish.publish(target, SATURATION_FILE) as folder:
        names = write_saturation(found, run.config.map, folder)
        publish.leave_mark(
            folder,
            SATURATION_FILE,
            runs=[run.path.name],
            orders=found.orders,
            missed=list(found.missed),
            coverage=found.coverage,
        )
    for sentence in sentences(found):
        click.echo(printable(textwrap.fill(sentence, width())))
    click.echo()
    print_paths([target / name for name in names])


SATURATION_FILE = "saturation.json"
"""The mark by which such a folder may be written anew."""
