"""Trends and comparisons on a terminal, as tables of plain text."""

from __future__ import annotations

import textwrap

import numpy as np

from topics.output.text import aligned
from topics.output.trends.changes import PARTS, has_parts, kind, marked, name
from topics.trends.compare import MATCHED, OPEN
from topics.trends.shares import percent
from topics.trends.verdicts import ordered, pace
from topics.types import TOO_FEW, Comparison, Doubles, Topics, Trends, counted
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
    span = f"{trends.periods[0].name} to {trends.periods[-1].name}"
    rows: list[tuple[str, ...]] = [
        (
            str(test.topic),
            topics[test.topic].label,
            f"{trends.counts[test.topic].sum():,}",
            test.brief,
            pace(test).replace(" a year", ""),
            test.peak,
            sparkline(trends, test.topic),
        )
        for test in ordered(trends)
    ]
    heads: tuple[str, ...] = ("topic", "label", "papers", "over time", "share per year", "peak", span)
    sides = "><><<<<"
    if not any(row[4] for row in rows):
        heads, rows, sides = (*heads[:4], *heads[5:]), [(*row[:4], *row[5:]) for row in rows], "><><<<"
    lines = [textwrap.fill(note, width) for note in trends.notes]
    lines += [
        f"{counted(len(topics), 'topic')} in {trends.totals.sum():,} dated papers, {span} in {trends.unit}s",
        "",
    ]
    lines += aligned(heads, rows, sides, width)
    if any(row[3] == "?" for row in rows):
        lines += ["", f"?: {TOO_FEW}"]
    if any(test.brief != test.outcome for test in trends.tests if test.verdict != TOO_FEW):
        lines += ["", POSSIBLE]
    return "\n".join(lines)


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
        + ", ".join(f"{many} {what}" for what, many in sorted(counts.items(), key=lambda item: -item[1]))
    ]
    if clear:
        heads = ("", "topic", "before", "after", "difference in points")
        rows = [
            (
                kind(change),
                name(change, comparison),
                percent(change.share_before),
                percent(change.share_after),
                marked(change, comparison),
            )
            for change in clear[:LISTED]
        ]
        lines += ["", *aligned(heads, rows, "<<>><", width)]
        if any(has_parts(change, comparison) for change in clear[:LISTED]):
            lines += [PARTS]
    if len(clear) > LISTED:
        lines += [f"... and {len(clear) - LISTED} more in compare.csv"]
    return "\n".join(lines)
