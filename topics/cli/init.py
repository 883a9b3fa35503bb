"""topics init: a config with everything explained."""

from __future__ import annotations

from pathlib import Path

import click

from topics.errors import ConfigError


@click.command()
@click.argument("path", default="topics.yaml", metavar="[FILE]", type=click.Path(path_type=Path))
def init(path: Path) -> None:
    """Write a config with every setting, its meaning and its range to FILE (default: topics.yaml)."""
    from topics.config import Config
    from topics.config.load import as_yaml

    try:
        with path.open("x", encoding="utf-8") as stream:
            stream.write(as_yaml(Config(), comments=True))
    except FileExistsError:
        raise ConfigError(f"{path} is there already; name another file or remove it first") from None
    click.echo(f"{path} written. Put your files under corpus.papers, then: topics run {path}")
