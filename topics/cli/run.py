"""topics run: from papers to a finished run."""

from __future__ import annotations

from pathlib import Path

import click

from topics.cli.output import print_result
from topics.cli.progress import Lines
from topics.cli.settings import config_from, output_option, overrides_option, quiet_option, sources_argument

STAGES = (
    "read",
    "embed",
    "guide",
    "neighbours",
    "reduce",
    "cluster",
    "novelty",
    "count",
    "label",
    "names",
    "hierarchy",
    "quality",
    "layout",
    "trends",
    "tables",
    "maps",
    "trend_files",
    "report",
)


@click.command()
@sources_argument
@output_option("DIR", "Folder of the run. Default: outputs/NAME.")
@overrides_option
@click.option("--until", type=click.Choice(STAGES), help="Stop after this stage; only the cache is filled.")
@click.option("--force", type=click.Choice(STAGES), help="Do this stage and all after it again.")
@quiet_option
@click.option("-v", "--verbose", is_flag=True, help="Print also what each stage is made from.")
def run(
    sources: tuple[Path, ...],
    output: Path | None,
    overrides: tuple[str, ...],
    until: str | None,
    force: str | None,
    quiet: bool,
    verbose: bool,
) -> None:
    """Find the topics of papers and write tables and maps.

    Give one YAML config, or paper files, or a config and the paper files that it shall read instead of its
    own.
    """
    from topics import pipeline

    config = config_from(sources, overrides)
    forced = STAGES[STAGES.index(force) :] if force else ()
    with Lines(0 if quiet else 1 + verbose) as lines:
        done = pipeline.run(config, output=output, observer=lines, until=until, forced=frozenset(forced))
    if done is None:
        click.echo(f"Stopped after {until}; the run's folder was not written.")
        return
    print_result(done, quiet=quiet)
