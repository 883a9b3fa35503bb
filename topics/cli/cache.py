"""topics cache: what the cache of finished stages holds, and emptying it."""

from __future__ import annotations

import re
from pathlib import Path

import click

from topics.output.text import printable

_SECONDS = {"h": 3_600.0, "d": 86_400.0, "w": 604_800.0}

dir_option = click.option(
    "--dir",
    "folder",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="The cache folder. Default: $TOPICS_CACHE, or the one for this system.",
)


@click.group(invoke_without_command=True)
@dir_option
@click.pass_context
def cache(context: click.Context, folder: Path | None) -> None:
    """Show what the cache of finished stages holds: entries, size and age per stage."""
    from topics.cache.store import default_cache_dir

    context.obj = folder or default_cache_dir()
    if context.invoked_subcommand is None:
        _show(context.obj)


def _show(root: Path) -> None:
    from topics.runs.prune import survey

    cached = survey(root)
    click.echo(printable(f"{root}"))
    if not cached:
        click.echo("empty")
        return
    click.echo(f"\n{'stage':<12} {'entries':>7} {'size':>10}  last of use")
    for stage in cached:
        ages = [_days(stage.newest), _days(stage.oldest)]
        when = ages[0] if ages[0] == ages[1] else f"{ages[0]} to {ages[1]}"
        click.echo(f"{printable(stage.stage):<12} {stage.entries:>7,} {_size(stage.bytes):>10}  {when}")
    entries, size = sum(stage.entries for stage in cached), sum(stage.bytes for stage in cached)
    click.echo(f"{'total':<12} {entries:>7,} {_size(size):>10}")
    click.echo("\n`topics cache prune` removes: --older-than 30d, --keep RUN, or --all.")


def _duration(_: click.Context, __: click.Parameter, text: str | None) -> float | None:
    if text is None:
        return None
    found = re.fullmatch(r"(\d+)([hdw])", text)
    if not found:
        raise click.BadParameter(f"{text!r} is not a time; give a number and h, d or w, as in 30d.")
    return int(found[1]) * _SECONDS[found[2]]


@cache.command()
@click.option(
    "--older-than",
    callback=_duration,
    metavar="TIME",
    help="What was of no use to a run for so long, as in 12h, 30d or 4w.",
)
@click.option("--all", "everything", is_flag=True, help="Everything.")
@click.option(
    "--keep",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="RUN",
    help="Everything but the entries of this run's folder. May be given several times, and with the others.",
)
@click.pass_obj
def prune(root: Path, older_than: float | None, everything: bool, keep: tuple[Path, ...]) -> None:
    """Remove entries from the cache. Finished runs do not need them; what a running process uses stays."""
    from topics.runs.prune import prune as remove

    if older_than is None and not everything and not keep:
        raise click.UsageError("Say what to remove: --older-than TIME, --keep RUN or --all.")
    gone, freed = remove(root, older_than=older_than or 0.0, keep=keep)
    click.echo(f"Removed {gone:,} {'entry' if gone == 1 else 'entries'}, {_size(freed)}.")


def _size(amount: float) -> str:
    for unit in ("B", "kB", "MB"):
        if amount < 1000:
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} GB"


def _days(days: float) -> str:
    if days < 1:
        return "today"
    return f"{days:.0f} day{'s' * (round(days) != 1)} ago"
