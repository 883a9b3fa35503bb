"""topics check: what a run would read, without a model."""

from __future__ import annotations

from pathlib import Path

import click

from topics.cli.output import printable
from topics.cli.settings import config_from, overrides_option, sources_argument


@click.command()
@sources_argument
@overrides_option
def check(sources: tuple[Path, ...], overrides: tuple[str, ...]) -> None:
    """Read config and papers, and say what would be kept. Loads no model, asks none, writes nothing."""
    from topics.cluster.guide import asked
    from topics.label.llm import Server
    from topics.pipeline import check_enough, read_papers
    from topics.runner import account, check_settings, language_notes, paper_files

    config = config_from(sources, overrides)
    wanted = asked(config.guide)
    server = Server.of(config.label.llm, config.random_state)
    corpus = read_papers(config, paper_files(config))
    check_enough(corpus)
    dateless = check_settings(corpus, config)
    click.echo(printable(account(corpus)))
    if wanted:
        names = ", ".join(one.name for one in wanted)
        click.echo(printable(f"Topics asked for ({config.guide.mode}): {names}"))
    if server:
        click.echo(printable(f"A run asks the language model {server.model} at {server.url} for labels."))
    told = (*corpus.notes, *language_notes(corpus, config))
    for note in (*told, *([f"No trends: {dateless}"] if dateless else [])):
        click.echo(printable(f"Note: {note}"))
