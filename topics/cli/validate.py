"""topics validate: blind questions about a finished run for people to answer, and what the answers say."""

from __future__ import annotations

from pathlib import Path

import click

from topics.cli.output import print_paths
from topics.cli.settings import output_option, overrides_option, run_argument
from topics.errors import ConfigError
from topics.output.progress import ProgressBars
from topics.output.text import printable


@click.command()
@run_argument
@click.argument("sheets", nargs=-1, metavar="[SHEETS]...", type=click.Path(path_type=Path))
@click.option("--score", is_flag=True, help="Read answered SHEETS; the figures go into report and run.json.")
@click.option(
    "--precision",
    type=click.FloatRange(0.02, 0.3),
    default=0.1,
    show_default=True,
    metavar="SHARE",
    help="Draw as many papers as a share needs whose 95% interval reaches so far to either side.",
)
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), help="Other questions. Default: the run's own.")
@click.option(
    "--model",
    is_flag=True,
    help="Let the language model of label.llm fill a sheet, too; it is marked as a model's.",
)
@overrides_option
@output_option("DIR", "Folder of questions and key. Default: RUN-validation beside the run.")
def validate(
    run_folder: Path,
    sheets: tuple[Path, ...],
    score: bool,
    precision: float,
    seed: int | None,
    model: bool,
    overrides: tuple[str, ...],
    output: Path | None,
) -> None:
    """Write blind questions about a finished RUN, or score answered SHEETS.

    \b
    topics validate outputs/papers                          writes questions and key
    topics validate outputs/papers --score anna.csv ben.csv
    topics validate outputs/papers --model --set label.llm.url=... --set label.llm.model=...

    Coders get sheet.html or sheet.csv: which word or paper does not belong, which label is a paper's, does a
    label fit.
    """  # noqa: D301
    from topics.runs.run import open_run
    from topics.runs.validate import check

    if sheets and not score:
        raise ConfigError("answered sheets are read with --score; without sheets the questions are written")
    if score and not sheets:
        raise ConfigError("--score needs answered sheets: topics validate RUN --score anna.csv ben.csv")
    if score and model:
        raise ConfigError("--model fills a sheet and --score reads some; do one after the other")
    if overrides and not model:
        raise ConfigError("--set names the language model of --model; give both or neither")
    run = open_run(run_folder)
    target = output or check.folder(run_folder)
    if score:
        for line in check.score_sheets(run, target, sheets):
            click.echo(printable(line))
        click.echo()
        print_paths(check.written(run, target))
    elif model:
        server = check.server(run, overrides)
        with ProgressBars() as bars:
            print_paths(check.fill_by_model(run, target, server, bars, (precision, seed)))
    else:
        files, lines = check.write_questions(run, target, precision, seed)
        for line in lines:
            click.echo(printable(line))
        print_paths(files)
