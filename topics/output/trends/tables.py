"""Trends and comparisons as files: CSV for spreadsheets, a page of Markdown to read or paste.

`TABLES` and `COMPARISON` list what is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from topics.output.pages import escaped
from topics.output.tables.csv_file import write_csv
from topics.output.text import figure, markdown_table, write_lines
from topics.output.trends.changes import PARTS, has_parts, marked, name, preface, sections
from topics.output.trends.periods import among
from topics.trends.compare import VANISHED
from topics.trends.shares import percent
from topics.trends.verdicts import (
    BURSTING,
    DECLINING,
    EMERGING,
    FADING,
    GROWING,
    POSSIBLE_FALL,
    POSSIBLE_RISE,
    STABLE,
)
from topics.types import TOO_FEW, Comparison, Corpus, TopicChange, Topics, TopicTrend, Trends

TABLES = ("trends.md", "trends.csv", "trend_tests.csv", "period_keywords.csv", "term_changes.csv")
"""Files that `write_trends` writes; `topics.output.tables.OUTPUTS` says what each holds."""

COMPARISON = ("compare.md", "compare.csv")
"""Files that `write_comparison` writes."""

_SHARES = ("period", "topic", "label", "count", "total", "share", "low", "high", "core", "complete")
_TESTS = (
    "topic", "label", "papers", "verdict", "when", "reason", "rate_ratio", "low", "high", "p", "q", "peak",
    "change_points", "bursts", "tau", "tau_p", "slope",
)  # fmt: skip
_CHANGES = (
    "status", "change", "before", "label_before", "after", "label_after", "similarity", "count_before",
    "total_before", "share_before", "count_after", "total_after", "share_after", "difference", "low", "high",
    "p", "q", "came", "went", "papers",
)  # fmt: skip


def write_trends(trends: Trends, topics: Topics, folder: Path) -> tuple[str, ...]:
    """Write every table of `TABLES` into `folder`; gives the file names."""
    write_lines(folder / "trends.md", _trends_page(trends, topics))
    write_csv(folder / "trends.csv", _SHARES, _share_rows(trends, topics))
    write_csv(folder / "trend_tests.csv", _TESTS, (_test_row(test, topics) for test in trends.tests))
    words = (
        (word.period, word.topic, word.rank, word.term, word.papers, f"{word.weight:.6f}")
        for word in trends.keywords
    )
    write_csv(folder / "period_keywords.csv", ("period", "topic", "rank", "term", "papers", "weight"), words)
    changes = (
        (
            change.topic,
            change.term,
            "came" if change.after > change.before else "went",
            f"{change.before:.4f}",
            f"{change.after:.4f}",
            figure(change.q),
        )
        for change in trends.changes
    )
    write_csv(folder / "term_changes.csv", ("topic", "term", "change", "before", "after", "q"), changes)
    return TABLES


def write_comparison(comparison: Comparison, corpora: tuple[Corpus, Corpus], folder: Path) -> tuple[str, ...]:
    """Write the tables of `COMPARISON` into `folder`; gives the file names. corpora: of the two sides."""
    write_lines(folder / "compare.md", _comparison_page(comparison, corpora))
    rows = (_change_row(change, comparison, corpora) for change in comparison.changes)
    write_csv(folder / "compare.csv", _CHANGES, rows)
    return COMPARISON


def _share_rows(trends: Trends, topics: Topics) -> Iterable[Sequence[object]]:
    shares = trends.shares
    for at, period in enumerate(trends.periods):
        for topic in topics.topics:
            k = topic.id
            interval = [figure(float(ends[k, at])) for ends in (shares, trends.low, trends.high)]
            yield (
                period.name,
                k,
                topic.label,
                int(trends.counts[k, at]),
                period.total,
                *interval,
                int(trends.core[k, at]),
                "yes" if period.complete else "no",
            )


def _test_row(test: TopicTrend, topics: Topics) -> Sequence[object]:
    return (
        test.topic,
        topics[test.topic].label,
        test.papers,
        test.verdict,
        test.when,
        test.reason,
        *(figure(value) for value in (test.rate_ratio, test.low, test.high, test.p, test.q)),
        test.peak,
        "; ".join(test.change_points),
        "; ".join(
            f"{burst.first} to {burst.last} (x{burst.ratio:.1f}, q {figure(burst.q)})"
            for burst in test.bursts
        ),
        *(figure(value) for value in (test.tau, test.tau_p, test.slope)),
    )


def _change_row(
    change: TopicChange, comparison: Comparison, corpora: tuple[Corpus, Corpus]
) -> Sequence[object]:
    figures = (change.difference, change.low, change.high, change.p, change.q)
    return (
        change.status,
        change.change,
        "" if change.before is None else change.before,
        "" if change.before is None else comparison.labels_before[change.before],
        "" if change.after is None else change.after,
        "" if change.after is None else comparison.labels_after[change.after],
        figure(change.similarity),
        change.count_before,
        change.total_before,
        figure(change.share_before),
        change.count_after,
        change.total_after,
        figure(change.share_after),
        *(figure(value) for value in figures),
        "; ".join(change.came),
        "; ".join(change.went),
        "; ".join(home(change, corpora).ids[row] for row in change.papers),
    )


def home(change: TopicChange, corpora: tuple[Corpus, Corpus]) -> Corpus:
    """The corpus that a change's `papers` are rows of."""
    return corpora[0] if change.after is None or change.status == VANISHED else corpora[1]


_READING = {
    EMERGING: "their share grew at least fourfold from the first to the last third of the time",
    GROWING: "their share grew",
    POSSIBLE_RISE: "their share seems to have grown, not certainly among so many topics",
    BURSTING: "their share was unusually high for a while",
    POSSIBLE_FALL: "their share seems to have shrunk, not certainly among so many topics",
    DECLINING: "their share shrank",
    FADING: "their share fell to a quarter or less from the first to the last third of the time",
    STABLE: "that their share tripled or fell to a third can be ruled out",
    TOO_FEW: "the counts do not carry any of the above",
}


def _trends_page(trends: Trends, topics: Topics) -> list[str]:
    tested = [period.name for period in trends.periods if period.complete and period.total]
    span = f"{trends.periods[0].name} to {trends.periods[-1].name}"
    lines = [f"# {len(topics)} topics, {span}", "", f"{trends.totals.sum():,} papers in {trends.unit}s; "]
    lines[-1] += (
        f"{len(tested)} complete {trends.unit}s are tested, {tested[0]} to {tested[-1]}. "
        if tested
        else f"no {trends.unit} is complete. "
    )
    lines[-1] += "Shares are shares of all dated papers; a topic also loses share when others grow faster."
    lines += _remarks(trends.notes)
    for verdict, meaning in _READING.items():
        own = [test for test in trends.tests if test.verdict == verdict]
        if own:
            lines += [
                "",
                f"## {verdict.capitalize()}",
                "",
                f"{len(own)} of {len(topics)} topics: {meaning}.",
                "",
            ]
            lines += _verdict_table(trends, topics, own)
    return lines


def _remarks(notes: Sequence[str]) -> list[str]:
    return ["", *(f"- {note}" for note in notes)] if notes else []


def _verdict_table(trends: Trends, topics: Topics, tests: Sequence[TopicTrend]) -> list[str]:
    rows = []
    for test in sorted(tests, key=lambda test: (-abs(np.log(test.rate_ratio or 1.0)), test.topic)):
        own = [change for change in trends.changes if change.topic == test.topic]
        came = [change.term for change in own if change.after > change.before]
        went = [change.term for change in own if change.after < change.before]
        words = (escaped(", ".join(terms[:4])) for terms in (came, went))
        label = escaped(topics[test.topic].label)
        rows.append((str(test.topic), label, f"{test.papers:,}", test.reason, test.peak, *words))
    heads = ("topic:", "label", f"papers{among(trends)}:", "why", "peak", "came", "went")
    return markdown_table(heads, rows)


def _comparison_page(comparison: Comparison, corpora: tuple[Corpus, Corpus]) -> list[str]:
    lines = [
        f"# {escaped(comparison.before)} and {escaped(comparison.after)} compared",
        "",
        preface(comparison),
        *_remarks(comparison.notes),
    ]
    for title, own in sections(comparison):
        lines += ["", f"## {title}", "", *_change_table(own, comparison)]
        lines += _paper_lists(own, comparison, corpora)
    return lines


def _change_table(changes: Sequence[TopicChange], comparison: Comparison) -> list[str]:
    rows = [
        (
            escaped(name(change, comparison)),
            percent(change.share_before),
            percent(change.share_after),
            f"{escaped(marked(change, comparison))} points" if change.difference is not None else "",
            escaped(", ".join(change.came[:4])),
            escaped(", ".join(change.went[:4])),
        )
        for change in changes
    ]
    lines = markdown_table(("topic", "before:", "after:", "difference:", "came", "went"), rows)
    if any(has_parts(change, comparison) for change in changes):
        lines += ["", escaped(PARTS)]
    return lines


def _paper_lists(
    changes: Sequence[TopicChange], comparison: Comparison, corpora: tuple[Corpus, Corpus]
) -> list[str]:
    lines: list[str] = []
    for change in changes:
        if change.papers:
            own = home(change, corpora)
            lines += ["", f"**{escaped(name(change, comparison))}**", ""]
            lines += [
                f"- {escaped(own.titles[row])} ({own.dates[row] or 'no date'})" for row in change.papers
            ]
    return lines
