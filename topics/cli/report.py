"""topics report: the report of a finished run."""

from __future__ import annotations

from pathlib import Path

import click

from topics.cli.output import print_paths
from topics.cli.settings import output_option, run_argument


@click.command()
@run_argument
@output_option("FILE", "What to write. Default: report.html in RUN; codebook.md and .html in RUN-codebook.")
@click.option(
    "--codebook",
    is_flag=True,
    help="What each topic is, for a methods appendix, as Markdown and HTML: a definition quoted from its "
    "papers, words, typical and borderline papers, what it is not, edits.",
)
@click.option("--open", "opened", is_flag=True, help="Show it in the browser.")
def report(run_folder: Path, output: Path | None, codebook: bool, opened: bool) -> None:
    """Write the report of a finished RUN: one page for somebody who was not there; or its codebook."""
    from topics.runs.redraw import report_again, write_codebooks
    from topics.runs.run import open_run

    if codebook:
        files = write_codebooks(open_run(run_folder), output)
        target = files[-1]
    else:
        target = output or run_folder / "report.html"
        report_again(open_run(run_folder), target)
        files = [target]
    print_paths(files)
    if opened:
        import webbrowser

        if not webbrowser.open(target.resolve().as_uri()):
            click.echo("No browser was found; open the file yourself.", err=True)
