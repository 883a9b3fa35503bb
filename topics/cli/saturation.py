"""topics saturation: whether more papers would bring more topics and words."""

from __future__ import annotations

import textwrap
from pathlib import Path

import click

from topics.cli.output import print_paths, width
from topics.cli.settings import output_option, run_argument
from topics.output.text import printable


@click.command()
@run_argument
@output_option("DIR", "Folder for tables and picture. Default: RUN-saturation beside the run.")
def saturation(run_folder: Path, output: Path | None) -> None:
    """Say what the last tenth of the papers of a finished RUN brought: would more searching find more?"""
    from topics.cache import publish
    from topics.output.evidence.saturation import sentences
    from topics.runs.compare import SATURATION_FILE, folder_beside, saturation_of, write_saturation
    from topics.runs.run import open_run

    run = open_run(run_folder)
    target = output or folder_beside(run_folder, "saturation")
    publish.check_target(target, SATURATION_FILE)
    found = saturation_of(run)
    files = write_saturation(run, found, target)
    for sentence in sentences(found):
        click.echo(printable(textwrap.fill(sentence, width())))
    click.echo()
    print_paths(files)
