"""The command line: parse, call, print.

Every `TopicsError` becomes one sentence and exit code 2 here and nowhere else.
"""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from topics import __version__
from topics.errors import ConfigError, InputError, TopicsError

if TYPE_CHECKING:
    from topics.config import Config
    from topics.stage import Progress

STAGES = ("read", "embed", "neighbours", "reduce", "cluster", "count", "label", "layout", "tables", "maps")


class _Refusal(click.ClickException):
    exit_code = 2

    def show(self, file: Any = None) -> None:
        click.echo(f"Error: {printable(self.message)}", err=True, file=file)


class _Commands(click.Group):
    """A group that turns this package's errors, and the disk's, into click's."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except TopicsError as error:
            raise _Refusal(str(error)) from None
        except OSError as error:
            if error.filename is None and error.errno is None:
                raise
            raise _Refusal(f"{error.filename or 'the disk'}: {error.strerror}; nothing was written") from None
        except KeyboardInterrupt:
            raise _Refusal(
                "stopped; run the same command again to go on after the last finished stage"
            ) from None


def printable(text: str) -> str:
    """Text without control characters, so that a title or a file name cannot steer the terminal."""
    return "".join(
        sign if sign.isprintable() or sign in "\n " else "\N{REPLACEMENT CHARACTER}" for sign in text
    )


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="topics")
def main() -> None:
    """Turn research-paper abstracts into named topics, labelled papers and maps.

    \b
    Start with your own papers:    topics run papers.csv
    Or with a config:              topics init my.yaml, then topics run my.yaml
    """  # noqa: D301


_overrides = click.option(
    "--set",
    "overrides",
    multiple=True,
    metavar="SECTION.KEY=VALUE",
    help="Change one setting, e.g. --set label.keywords=8. May be given several times.",
)
_sources = click.argument(
    "sources", nargs=-1, required=True, metavar="CONFIG_OR_PAPERS...", type=click.Path(path_type=Path)
)


@main.command()
@_sources
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Folder of the run. Default: outputs/NAME.",
)
@_overrides
@click.option("--until", type=click.Choice(STAGES), help="Stop after this stage; only the cache is filled.")
@click.option("--force", type=click.Choice(STAGES), help="Do this stage and all after it again.")
@click.option("-q", "--quiet", is_flag=True, help="Print only the paths of what was written.")
def run(
    sources: tuple[Path, ...],
    output: Path | None,
    overrides: tuple[str, ...],
    until: str | None,
    force: str | None,
    quiet: bool,
) -> None:
    """Find the topics of papers and write tables and maps.

    Give one YAML config, or paper files, or a config and the paper files that it shall read instead of its
    own.
    """
    from topics import pipeline

    config = _config(sources, overrides)
    forced = STAGES[STAGES.index(force) :] if force else ()
    done = pipeline.run(config, output=output, observer=_Lines(quiet), until=until, forced=frozenset(forced))
    if done is None:
        click.echo(f"Stopped after {until}; the run's folder was not written.")
        return
    if not quiet:
        click.echo()
        _print_run(done)
        click.echo()
    for path in pipeline.written(done):
        click.echo(printable(str(path)))


@main.command()
@_sources
@_overrides
def check(sources: tuple[Path, ...], overrides: tuple[str, ...]) -> None:
    """Read config and papers, and say what would be kept. Loads no model, writes nothing."""
    from topics import pipeline

    config = _config(sources, overrides)
    corpus = pipeline.read(config)
    click.echo(printable(pipeline.account(corpus)))
    for note in corpus.notes:
        click.echo(printable(f"Note: {note}"))
    pipeline.check_enough(corpus)


@main.command()
@click.argument("run_folder", metavar="RUN", type=click.Path(path_type=Path))
@click.option("--topic", type=int, metavar="N", help="One topic with its keywords and papers; -1: outliers.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def show(run_folder: Path, topic: int | None, as_json: bool) -> None:
    """Show the topics of a finished RUN, or one topic."""
    from topics import show as view

    if as_json:
        click.echo(view.as_json(run_folder, topic))
    elif topic is None:
        _print_run(run_folder)
    else:
        click.echo(printable(view.topic_page(run_folder, topic)))


@main.command()
@click.argument("path", default="topics.yaml", metavar="[FILE]", type=click.Path(path_type=Path))
def init(path: Path) -> None:
    """Write a config with every setting, its meaning and its range to FILE (default: topics.yaml)."""
    from topics.config import Config
    from topics.configfile import as_yaml

    try:
        with path.open("x", encoding="utf-8") as stream:
            stream.write(as_yaml(Config(), comments=True))
    except FileExistsError:
        raise ConfigError(f"{path} is there already; name another file or remove it first") from None
    click.echo(f"{path} written. Put your files under corpus.papers, then: topics run {path}")


def _config(sources: tuple[Path, ...], overrides: tuple[str, ...]) -> Config:
    from topics.configfile import load_config

    configs = [path for path in sources if path.suffix.lower() in (".yaml", ".yml")]
    papers = [path for path in sources if path not in configs]
    if len(configs) > 1:
        raise ConfigError(f"one config at a time, not {' and '.join(str(path) for path in configs)}")
    config = load_config(configs[0] if configs else None, overrides)
    update: dict[str, Any] = {}
    if papers:
        corpus = config.corpus.model_copy(update={"papers": tuple(str(path) for path in papers)})
        update["corpus"] = corpus
    elif not config.corpus.papers:
        raise InputError(
            f"{configs[0]}: corpus.papers is empty; name paper files there or on the command line"
        )
    if config.name is None:
        update["name"] = _run_name(configs[0] if configs else papers[0])
    return config.model_copy(update=update)


def _run_name(path: Path) -> str:
    stem = path.resolve().name.removesuffix(".gz").rsplit(".", 1)[0]
    return "".join(sign if sign.isalnum() or sign in "_-" else "-" for sign in stem).strip("-") or "run"


def _print_run(folder: Path) -> None:
    import shutil

    from topics import show as view

    width = min(shutil.get_terminal_size((100, 24)).columns, 120)
    click.echo(printable(view.table(folder, width)))


class _Lines:
    """Progress on stderr: a line per stage, a bar where one is worth it; bars only on a terminal."""

    def __init__(self, quiet: bool) -> None:
        self.quiet = quiet

    def started(self, stage: str) -> None:
        if not self.quiet and sys.stderr.isatty():
            click.echo(f"{stage:<12} ...", err=True, nl=False)

    def finished(self, stage: str, seconds: float, *, cached: bool) -> None:
        if not self.quiet:
            start = "\r" if sys.stderr.isatty() else ""
            click.echo(f"{start}{stage:<12} {'from cache' if cached else f'{seconds:6.1f} s'}", err=True)

    def note(self, text: str) -> None:
        if not self.quiet:
            click.echo(printable(f"Note: {text}"), err=True)

    def progress(self, stage: str, total: int) -> AbstractContextManager[Progress]:
        return self._bar(stage, total)

    @contextlib.contextmanager
    def _bar(self, stage: str, total: int) -> Iterator[Progress]:
        terminal = sys.stderr
        if self.quiet or not terminal.isatty():
            yield lambda _: None
            return
        begin, done = time.perf_counter(), 0
        terminal.write("\r")

        def advance(papers: int) -> None:
            nonlocal done
            done += papers
            speed = done / max(time.perf_counter() - begin, 1e-9)
            bar = ("█" * round(24 * done / max(total, 1))).ljust(24, "░")
            left = (total - done) / max(speed, 1e-9)
            terminal.write(
                f"\r{stage:<12} {bar} {done:,}/{total:,} papers  {speed:,.0f}/s  {left:,.0f} s left "
            )
            terminal.flush()

        yield advance
        terminal.write("\r" + " " * 90 + "\r")
        terminal.flush()
