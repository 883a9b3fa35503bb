"""topics compare: two spans of time in one run, or two runs."""

from __future__ import annotations

from pathlib import Path

import click

from topics.cli.output import print_paths, printable, width
from topics.cli.settings import output_option, reads_runs


@click.command()
@click.argument("runs", metavar="RUN [RUN]", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--before", metavar="SPAN", help="The earlier time, as 2019, 2016..2019 or 2019-01..2019-06.")
@click.option("--after", metavar="SPAN", help="The later time; the two must not overlap.")
@output_option("DIR", "Folder for tables, pictures and page. Default: RUN-compare-... beside the first run.")
@reads_runs
def compare(runs: tuple[Path, ...], before: str | None, after: str | None, output: Path | None) -> None:
    """Compare the topics of one RUN before and after, or of two RUNs; nothing is fitted again.

    \b
    topics compare outputs/papers --before 2016..2019 --after 2022..2025
    topics compare outputs/acl-2019 outputs/acl-2024
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

    sides = open_runs(runs, before, after)
    target = output or comparison_folder(runs, before, after)
    publish.check_target(target, COMPARISON_FILE)
    found = compare_spans(sides[0], before, after) if before and after else compare_two(*sides)
    files = write_comparison(sides, found, target)
    click.echo(printable(comparison_table(found, width())))
    click.echo()
    print_paths(files)
