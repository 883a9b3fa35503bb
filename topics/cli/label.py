"""topics label: the topics of a finished run for other papers."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from topics.cli.settings import output_option, overrides_option, papers_argument, run_argument, vectors_option
from topics.errors import ConfigError, InputError
from topics.output.progress import ProgressBars
from topics.output.text import printable

if TYPE_CHECKING:
    from topics.config import CorpusSettings
    from topics.runs.predict import Answers
    from topics.runs.run import Run


@click.command()
@run_argument
@papers_argument
@output_option("FILE", "A .csv, .parquet or .jsonl file. Default: CSV on standard output.")
@click.option(
    "--abstain",
    type=click.FloatRange(0, 0.5),
    default=0.05,
    show_default=True,
    metavar="SHARE",
    help="Leave this share of papers like the run's own without a topic (-1), so that papers unlike them "
    "can be; 0 gives every paper one.",
)
@vectors_option
@overrides_option
@click.option("-q", "--quiet", is_flag=True, help="Print no summary.")
def label(
    run_folder: Path,
    papers: tuple[Path, ...],
    output: Path | None,
    abstain: float,
    vectors: Path | None,
    overrides: tuple[str, ...],
    quiet: bool,
) -> None:
    """Give PAPERS the topics of a finished RUN.

    Every record of the input is a row of the output: its own columns, then topic, nearest_topic, label,
    probability, the second choice, whether the paper lies between the two, familiarity, and in left_out why
    it got no topic, if it got none. Papers are read as the run read its own; --set corpus... changes that.
    """
    from topics.cache import publish
    from topics.corpus.readers import expand, read_files
    from topics.embed.precomputed import load_vectors
    from topics.runs import predict
    from topics.runs.predict import Labeller
    from topics.runs.run import open_run

    run = open_run(run_folder)
    settings = run_settings(run, overrides)
    files = expand(papers)
    if output:
        predict.check_format(output)
        publish.check_file(output)
        if output.resolve() in [file.resolve() for file in files]:
            raise InputError(f"{output} is one of the files to label; name another one with -o")
    given = load_vectors(vectors) if vectors else None
    labeller = Labeller(run, abstain)
    with ProgressBars(0 if quiet else 1) as lines, lines.progress("label", None) as progress:
        found = predict.label_records(
            labeller, read_files(files, settings), settings, vectors=given, progress=progress
        )
    if output:
        predict.write(found, output)
    else:
        _print(found)
    for line in () if quiet else found.summary(labeller):
        click.echo(printable(line), err=True)
    if output:
        click.echo(printable(str(output)))


def run_settings(run: Run, overrides: tuple[str, ...]) -> CorpusSettings:
    """How the run read its papers, with other corpus settings where asked for."""
    from topics.config.load import override, without_value

    for change in overrides:
        if not change.strip().startswith("corpus."):
            raise ConfigError(
                f"{without_value(change)}: only corpus settings can change here; all others are those of the "
                "run"
            )
    return override(run.config, overrides, f"the settings of {run.path}").corpus


def _print(found: Answers) -> None:
    import tempfile

    from topics.runs.predict import write_answers_csv

    with tempfile.TemporaryDirectory() as folder:
        write_answers_csv(found, Path(folder) / "labelled.csv")
        # Whoever reads the output may have seen enough of it.
        with contextlib.suppress(BrokenPipeError):
            stream = sys.stdout.buffer
            stream.write((Path(folder) / "labelled.csv").read_bytes())
            stream.flush()
