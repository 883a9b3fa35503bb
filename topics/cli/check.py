"""topics check: what a run would read, without a model."""

from __future__ import annotations

from pathlib import Path

import click

from topics.cli.settings import (
    config_from,
    name_option,
    output_option,
    overrides_option,
    sources_argument,
)
from topics.output.text import printable


@click.command()
@sources_argument
@output_option("DIR", "Look also whether the run could be written here. Default: outputs/NAME.")
@name_option
@overrides_option
def check(
    sources: tuple[Path, ...], output: Path | None, name: str | None, overrides: tuple[str, ...]
) -> None:
    """Read config and papers, and say what would be kept and what would stop a run.

    Takes the arguments of `topics run`. Loads no model, asks none, writes nothing.
    """
    from topics.cache import folders, store
    from topics.cluster.guide import asked
    from topics.corpus.build import account_sentence
    from topics.corpus.read import read_papers, require_enough
    from topics.label.llm import Server
    from topics.output.notes import all_notes
    from topics.runner import (
        check_before,
        check_settings,
        check_vectors,
        folder_of,
        paper_files,
    )

    config = config_from(sources, overrides, name)
    check_before(config, folder_of(config, output))
    folders.check_writable(store.Cache.of(config.cache.dir).root, *store.CACHE)
    wanted = asked(config.guide)
    server = Server.of(config.label.llm, config.random_state)
    corpus = read_papers(config, paper_files(config))
    require_enough(corpus)
    dateless = check_settings(corpus, config)
    check_vectors(corpus, config)
    click.echo(printable(account_sentence(corpus)))
    if wanted:
        names = ", ".join(one.name for one in wanted)
        click.echo(printable(f"Topics asked for ({config.guide.mode}): {names}"))
    if server:
        click.echo(printable(f"A run asks the language model {server.model} at {server.url} for labels."))
    told = all_notes(corpus, config.embed)
    for note in (*told, *([f"No trends: {dateless}"] if dateless else [])):
        click.echo(printable(f"Note: {note}"))
