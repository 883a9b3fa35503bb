"""Arguments and options that several commands share."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

from topics.errors import ConfigError, InputError, RunError

if TYPE_CHECKING:
    from topics.config import Config

F = TypeVar("F", bound=Callable[..., Any])

overrides_option = click.option(
    "--set",
    "overrides",
    multiple=True,
    metavar="SECTION.KEY=VALUE",
    help="Change one setting, e.g. --set label.keywords=8. May be given several times.",
)


def reads_runs(command: F) -> F:
    """Say in a sentence that a run does not fit together, which shows only when something is done with it.

    Each of its files is checked by itself when it is opened.
    """

    @functools.wraps(command)
    def guarded(*arguments: Any, **options: Any) -> Any:
        try:
            return command(*arguments, **options)
        except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
            folders = options.get("runs") or (options["run_folder"],)
            why = " ".join(f"{type(error).__name__}: {error}".split())[:200]
            raise RunError(
                f"The files in {' and '.join(map(str, folders))} are inconsistent ({why}); repeat the run, "
                "and report this if topics wrote all of them"
            ) from error

    return cast(F, guarded)


def run_argument(command: F) -> F:
    return click.argument("run_folder", metavar="RUN", type=click.Path(path_type=Path))(reads_runs(command))


papers_argument = click.argument(
    "papers", nargs=-1, required=True, metavar="PAPERS...", type=click.Path(path_type=Path)
)
vectors_option = click.option(
    "--vectors",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="A .npy file with a vector per paper, from the model that made the run's, instead of encoding.",
)
name_option = click.option(
    "--name",
    metavar="TEXT",
    help="Heading of the run's pages and maps; its folder is called after it. Default: names of the files.",
)
quiet_option = click.option("-q", "--quiet", is_flag=True, help="Print only the paths of what was written.")
sources_argument = click.argument(
    "sources", nargs=-1, required=True, metavar="CONFIG_OR_PAPERS...", type=click.Path(path_type=Path)
)


def output_option(metavar: str, text: str, *, required: bool = False) -> Callable[[F], F]:
    """-o, --output; metavar: DIR or FILE."""
    return click.option(
        "-o",
        "--output",
        required=required,
        type=click.Path(path_type=Path),
        metavar=metavar,
        help=text,
    )


def config_from(sources: tuple[Path, ...], overrides: tuple[str, ...], name: str | None = None) -> Config:
    """The settings of a run. name: its heading, which names its folder too."""
    from topics.config.load import load_config

    configs = [path for path in sources if path.suffix.lower() in (".yaml", ".yml")]
    papers = [path for path in sources if path not in configs]
    if len(configs) > 1:
        raise ConfigError(f"give one config, not {' and '.join(str(path) for path in configs)}")
    config = load_config(configs[0] if configs else None, overrides)
    update: dict[str, Any] = {}
    if papers:
        corpus = config.corpus.model_copy(update={"papers": tuple(str(path) for path in papers)})
        update["corpus"] = corpus
    elif not config.corpus.papers:
        raise InputError(
            f"{configs[0]}: corpus.papers is empty; name paper files there or on the command line"
        )
    if name is not None:
        update |= _named(config, name, overrides)
    elif config.name is None:
        update["name"] = _folder_name(configs or papers)
    return config.model_copy(update=update)


def _named(config: Config, name: str, overrides: tuple[str, ...]) -> dict[str, Any]:
    from topics.config.fields import plain_name

    try:
        heading = plain_name(name)
    except ValueError as error:
        raise ConfigError(f"--name: {error}") from None
    folder = _safe(heading)
    if not folder:
        raise ConfigError(f"--name: {heading!r} has no letter or digit that a folder could be called after")
    titled = any(change.strip().startswith("map.title=") for change in overrides)
    maps = config.map if titled else config.map.model_copy(update={"title": heading})
    return {"name": folder, "map": maps}


MOST_LETTERS = 60
"""Longest name of a folder that is made of the names of several files."""


def _folder_name(files: list[Path]) -> str:
    """Of one file its name, of several all their names, or the first one and how many there are besides."""
    try:
        found = [path.resolve().name for path in files]
    except (OSError, RuntimeError) as error:
        # The working directory is gone, or links lead in a circle.
        why = getattr(error, "strerror", None) or "its links lead in a circle"
        raise InputError(f"{files[0]} cannot be looked for: {why}") from None
    stems = [_safe(name.removesuffix(".gz").rsplit(".", 1)[0]) or "run" for name in found]
    joined = "-".join(dict.fromkeys(stems))
    if len(stems) == 1 or len(joined) <= MOST_LETTERS:
        return joined
    return f"{stems[0][:MOST_LETTERS]}-and-{len(stems) - 1}-more"


def _safe(text: str) -> str:
    """As a folder may be called on any system."""
    return re.sub(r"[^\w-]+", "-", text).strip("-")
