"""topics compare: two spans of time in one run, two runs, or groups of papers by a column."""

from __future__ import annotations

import math
from pathlib import Path

import click

from topics.cli.output import print_paths, width
from topics.cli.settings import output_option, reads_runs
from topics.errors import ConfigError
from topics.output.text import printable


@click.command()
@click.argument("runs", metavar="RUN [RUN]...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--before", metavar="SPAN", help="The earlier time, as 2019, 2016..2019 or 2019-01..2019-06.")
@click.option("--after", metavar="SPAN", help="The later time; the two must not overlap.")
@click.option(
    "--by", metavar="COLUMN", help="Groups of papers instead: a column of the input, or country, ..."
)
@click.option(
    "--period",
    type=click.Choice(["auto", "year", "quarter", "month"]),
    help="With --by: compare within each period, and show the shares in each.",
)
@click.option(
    "--count",
    type=click.Choice(["fractional", "each"]),
    default="fractional",
    show_default=True,
    help="With --by: a paper of several values is divided among them, or counts in each.",
)
@click.option(
    "--bins", metavar="N|A,B,...", help="With --by: how many bins numbers are cut into, or the edges."
)
@click.option(
    "--least-papers",
    type=click.IntRange(min=2),
    default=20,
    show_default=True,
    help="With --by: papers that a value must have to be a group of its own.",
)
@click.option(
    "--separator",
    default=";",
    show_default=True,
    help='With --by: what parts the values of a cell; "" where each cell is one value.',
)
@click.option(
    "--spans",
    metavar="SPAN,SPAN,...",
    help="Two spans of time or more: how topics flow from each to the next, as a picture and a table.",
)
@click.option(
    "--refit",
    is_flag=True,
    help="With --spans: find the topics of each span anew, so that they can split and merge.",
)
@output_option("DIR", "Folder for tables, pictures and page. Default: RUN-compare-... beside the first run.")
@reads_runs
def compare(
    runs: tuple[Path, ...],
    before: str | None,
    after: str | None,
    by: str | None,
    period: str | None,
    count: str,
    bins: str | None,
    least_papers: int,
    separator: str,
    spans: str | None,
    refit: bool,
    output: Path | None,
) -> None:
    """Compare the topics of one RUN before and after, of two RUNs or more, over many periods or by a column.

    Nothing is fitted again, but with --refit.

    \b
    topics compare outputs/papers --before 2016..2019 --after 2022..2025
    topics compare outputs/acl-2019 outputs/acl-2024
    topics compare outputs/acl-2016 outputs/acl-2019 outputs/acl-2022
    topics compare outputs/papers --spans 2016..2018,2019..2021,2022..2025 --refit
    topics compare outputs/papers --by country
    topics compare outputs/papers --by journal --period year
    """  # noqa: D301
    from topics.cache import publish
    from topics.output.trends.listing import comparison_table
    from topics.runs.compare import (
        COMPARISON_FILE,
        compare_spans,
        compare_two,
        comparison_folder,
        open_runs,
        write_comparison,
    )

    if refit and not spans:
        raise ConfigError("--refit goes with --spans")
    if spans is not None or len(runs) > 2:
        if by or period or before or after or (spans is not None and len(runs) > 1):
            raise ConfigError(
                "--spans takes one run, and three runs or more are compared as they are; leave the other "
                "options out"
            )
        _flow(runs, [span.strip() for span in (spans or "").split(",") if span.strip()], refit, output)
        return
    if by is not None:
        if len(runs) > 1 or before or after:
            raise ConfigError("--by takes one run, without --before and --after")
        _by_column(runs[0], by, period, output, count, bins, least_papers, separator)
        return
    if period:
        raise ConfigError("--period goes with --by; two spans of time are given by --before and --after")
    sides = open_runs(runs, before, after)
    target = output or comparison_folder(runs, before, after)
    publish.check_target(target, COMPARISON_FILE)
    found = compare_spans(sides[0], before, after) if before and after else compare_two(*sides)
    files = write_comparison(sides, found, target)
    click.echo(printable(comparison_table(found, width())))
    click.echo()
    print_paths(files)


def _flow(runs: tuple[Path, ...], spans: list[str], refit: bool, output: Path | None) -> None:
    from topics.cache import publish
    from topics.output.progress import ProgressBars
    from topics.output.trends.flows import flow_lines
    from topics.runs.compare import COMPARISON_FILE, flow_between, flow_folder, flow_of_runs, write_flows
    from topics.runs.run import open_run

    opened = [open_run(path) for path in runs]
    target = output or flow_folder(runs, spans, refit=refit)
    publish.check_target(target, COMPARISON_FILE)
    if len(opened) > 1:
        found = flow_of_runs(opened)
    else:
        with ProgressBars() as bars, bars.progress("refit", len(spans), "periods") as progress:
            found = flow_between(opened[0], spans, refit=refit, progress=progress)
    files = write_flows(opened, found, target)
    for line in flow_lines(found):
        click.echo(printable(line))
    click.echo()
    print_paths(files)


def _by_column(
    path: Path,
    column: str,
    period: str | None,
    output: Path | None,
    count: str,
    bins: str | None,
    least: int,
    separator: str,
) -> None:
    from topics.cache import publish
    from topics.evidence.columns import Grouping
    from topics.output.evidence.tables import group_table
    from topics.runs.compare import COMPARISON_FILE, compare_columns, groups_folder, write_groups
    from topics.runs.run import open_run

    run = open_run(path)
    target = output or groups_folder(path, column, period)
    publish.check_target(target, COMPARISON_FILE)
    how = Grouping(count == "fractional", least, separator, _bins(bins))
    found = compare_columns(run, column, how, period)
    files = write_groups(run, found, target)
    click.echo(printable(group_table(found, width())))
    click.echo()
    print_paths(files)


def _bins(text: str | None) -> int | tuple[float, ...] | None:
    """A number of bins, or their edges. Raises ConfigError: neither."""
    if text is None:
        return None
    try:
        if "," not in text and int(text) >= 2:
            return int(text)
        edges = tuple(float(part) for part in text.split(",") if part.strip())
        if edges and "," in text and all(map(math.isfinite, edges)):
            return edges
    except ValueError:
        pass
    raise ConfigError(f"--bins {text} is neither a number of bins from 2 on nor edges, as in 4 or 2010,2020")
