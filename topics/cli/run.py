"""topics run: from papers to a finished run."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click

from topics.cli import limits
from topics.cli.output import print_paths, print_result
from topics.cli.settings import (
    config_from,
    name_option,
    output_option,
    overrides_option,
    quiet_option,
    sources_argument,
)
from topics.errors import ConfigError
from topics.output.progress import ProgressBars
from topics.output.text import printable
from topics.pipeline import STAGES, depending_on, needed_by

if TYPE_CHECKING:
    from topics.config import Config

ENGINES = ("local", "ray")


@click.command()
@sources_argument
@output_option("DIR", "Folder of the run. Default: outputs/NAME.")
@name_option
@overrides_option
@click.option(
    "--until",
    type=click.Choice(tuple(STAGES)),
    help="Do this stage and those that it needs, no others; only the cache is filled.",
)
@click.option(
    "--force",
    type=click.Choice(tuple(STAGES)),
    help="Do this stage again, and all that depend on it.",
)
@click.option(
    "--engine",
    type=click.Choice(ENGINES),
    help="For more papers than fit in memory: find the topics in a sample and label all papers in shards, in "
    "this process or on a Ray cluster.",
)
@click.option(
    "--address",
    metavar="ADDRESS",
    help="With --engine ray: a cluster that is up, as in 10.0.0.5:6379. Default: one on this machine.",
)
@quiet_option
@click.option(
    "-v", "--verbose", is_flag=True, help="Print also what each stage is made from, and all files written."
)
def run(
    sources: tuple[Path, ...],
    output: Path | None,
    name: str | None,
    overrides: tuple[str, ...],
    until: str | None,
    force: str | None,
    engine: str | None,
    address: str | None,
    quiet: bool,
    verbose: bool,
) -> None:
    """Find the topics of papers and write tables and maps.

    Give one YAML config, or paper files, or a config and paper files to read instead of those
    that it names.
    """
    config = config_from(sources, overrides, name)
    limits.check(limits.LEXICAL if config.embed.encoder == "lsa" else limits.ENCODING, "run")
    from topics import runner

    if engine or address is not None:
        if until or force:
            raise ConfigError("--until and --force are for runs without --engine")
        _in_shards(config, engine or "local", address, output, quiet=quiet, verbose=verbose)
        return
    forced = depending_on(force) if force else frozenset()
    if until and force and forced.isdisjoint(needed_by(until)):
        raise ConfigError(f"--until {until} needs nothing that --force {force} does again; leave one out")
    with ProgressBars(0 if quiet else 1 + verbose) as bars:
        done = runner.run(config, output=output, observer=bars, until=until, forced=forced)
    if done is None:
        click.echo(f"Stopped after {until}; the run's folder was not written.")
        return
    print_result(done, quiet=quiet, verbose=verbose)


def _in_shards(
    config: Config, engine: str, address: str | None, output: Path | None, *, quiet: bool, verbose: bool
) -> None:
    from topics.shards.engine import Engine, Local
    from topics.shards.run import run as run_shards
    from topics.shards.run import written

    opened: AbstractContextManager[Engine] = nullcontext(Local())
    if engine == "ray":
        from topics.shards.ray_engine import started

        opened = started(address)
    elif address is not None:
        raise ConfigError("--address is that of a Ray cluster; give --engine ray with it")
    with opened as chosen, ProgressBars(0 if quiet else 1 + verbose) as bars:
        done = run_shards(config, chosen, output=output, observer=bars)
    if not quiet:
        click.echo(f"\n{printable((done / 'topics.md').read_text(encoding='utf-8'))}")
    print_paths(written(done))
