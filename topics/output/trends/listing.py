"""Trends and comparisons on a terminal, as tables of plain text."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

import numpy as np

from topics.output.text import Column, aligned
from topics.output.trends.changes import PARTS, has_parts, kind, marked, name
from topics.trends.compare import MATCHED, OPEN
from topics.trends.shares import percent
from topics.trends.verdicts import ordered, pace
from topics.types import TOO_FEW, Comparison, Doubles, TopicChange, Topics, Trends, counted
from topics.types.trends import POSSIBLE

BARS = "▁▂▃▄▅▆▇█"
EMPTY = "·"
"""A period without papers."""

WIDEST = 24
"""Characters of a sparkline; of more periods, neighbours are taken together."""

LISTED = 30
"""Changes that are printed; the files hold all."""


def trend_table(trends: Trends, topics: Topics, width: int) -> str:
    """A line per topic, by verdict: papers, verdict, growth per year with its interval, peak, sparkline."""
    lines = [textwrap.fill(note, width) for note in trends.notes]
    span = f"{trends.periods[0].name} to {trends.periods[-1].name}"
    papers = f"{trends.totals.sum():,} dated papers"
    lines += [f"{counted(len(topics), 'topic')} in {papers}, {span} in {trends.unit}s", ""]
    lines += aligned(trend_columns(trends, topics), width)
    for mark in trend_marks(trends):
        lines += ["", mark]
    return "\n".join(lines)


def trend_columns(trends: Trends, topics: Topics) -> list[Column]:
    """What is shown of every topic, by verdict."""
    tests = ordered(trends)
    paces = [pace(test).replace(" a year", "") for test in tests]
    return [
        Column("topic", [str(test.topic) for test in tests], number=True),
        Column("label", [topics[test.topic].label for test in tests]),
        Column("papers", [f"{trends.counts[test.topic].sum():,}" for test in tests], number=True),
        Column("over time", [test.brief for test in tests]),
        *([Column("share per year", paces)] if any(paces) else []),
        Column("peak", [test.peak for test in tests]),
        Column(
            f"{trends.periods[0].name} to {trends.periods[-1].name}",
            [sparkline(trends, test.topic) for test in tests],
        ),
    ]


def trend_marks(trends: Trends) -> list[str]:
    """What the short forms of these verdicts mean."""
    marks = [f"?: {TOO_FEW}"] * any(test.brief == "?" for test in trends.tests)
    return marks + [POSSIBLE] * any(test.brief not in ("?", test.outcome) for test in trends.tests)


def sparkline(trends: Trends, topic: int) -> str:
    """The course of a topic's share from nothing to its highest, a character per period."""
    groups = np.array_split(np.arange(len(trends.periods)), min(WIDEST, len(trends.periods)))
    totals = np.array([trends.totals[group].sum() for group in groups])
    papers = np.array([trends.counts[topic, group].sum() for group in groups])
    shares: Doubles = papers / np.where(totals > 0, totals, np.nan)
    most = max(float(np.nanmax(shares)), 1e-12)
    return "".join(
        BARS[min(int(share / most * len(BARS)), len(BARS) - 1)] if np.isfinite(share) else EMPTY
        for share in shares.tolist()
    )


def comparison_table(comparison: Comparison, width: int) -> str:
    """The clear changes, the largest first, and how many topics there are of each kind."""
    clear = [change for change in comparison.changes if change.status != MATCHED or change.change != OPEN]
    clear.sort(key=lambda change: -change.move)
    counts: dict[str, int] = {}
    for change in comparison.changes:
        counts[kind(change)] = counts.get(kind(change), 0) + 1
    lines = [textwrap.fill(note, width) for note in comparison.notes]
    lines += [
        f"{comparison.before} and {comparison.after}: "
        + ", ".join(f"{number} {what}" for what, number in sorted(counts.items(), key=lambda item: -item[1]))
    ]
    if clear:
        lines += ["", *aligned(change_columns(clear, comparison), width, LISTED)]
        if any(has_parts(change, comparison) for change in clear[:LISTED]):
            lines += [PARTS]
    if len(clear) > LISTED:
        lines += [f"... and {len(clear) - LISTED} more in compare.csv"]
    return "\n".join(lines)


def change_columns(
    changes: Sequence[TopicChange], comparison: Comparison, before: str = "before", after: str = "after"
) -> list[Column]:
    """What is shown of every change. before, after: how the sides are called."""
    return [
        Column("", [kind(change) for change in changes]),
        Column("topic", [name(change, comparison) for change in changes]),
        Column(before, [percent(change.share_before) for change in changes], number=True),
        Column(after, [percent(change.share_after) for change in changes], number=True),
        Column("difference in points", [marked(change, comparison) for change in changes]),
    ]
