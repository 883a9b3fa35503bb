"""What is said of a topic in a group, the same on the terminal, in tables, pages and pictures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np

from topics.output.maps.typeset import clean
from topics.trends.shares import percent
from topics.types import counted
from topics.types.groups import APART, HANGS, LESS, MORE, GroupComparison, GroupShare
from topics.types.trends import TOO_FEW

LISTED = 40
"""Differences that a picture shows, and that are printed."""


def claims(found: GroupComparison) -> list[GroupShare]:
    """What is more or less than in the rest, the surest first; then what depends on the grouping."""
    order = {MORE: 0, LESS: 0, HANGS: 1}
    own = [share for share in _each_once(found) if share.verdict in order]
    return sorted(own, key=lambda share: (order[share.verdict], share.p, share.topic, share.group))


def _each_once(found: GroupComparison) -> list[GroupShare]:
    """The shares; of two groups that are each other's rest, only where there is more, or of the first."""
    return [
        share
        for share in found.shares
        if not found.mirrored or share.difference > 0 or (not share.group and not share.difference < 0)
    ]


def telling(found: GroupComparison) -> list[GroupShare]:
    """The claims, or the least unlikely differences where there are hardly any; `LISTED` at most."""
    tested = sorted(
        (share for share in _each_once(found) if np.isfinite(share.q)),
        key=lambda share: (share.p, share.topic, share.group),
    )
    own = claims(found)
    return (own if len(own) >= 5 else tested[:12])[:LISTED]


def groups_in_order(found: GroupComparison) -> Iterator[tuple[int, list[GroupShare]]]:
    """Each group with its claims, the largest difference first."""
    for group in range(len(found.names)):
        own = [share for share in claims(found) if share.group == group]
        yield group, sorted(own, key=lambda share: (share.verdict == HANGS, -abs(share.difference)))


def nothing_said(found: GroupComparison, group: int) -> str:
    """Why there is no claim on a group."""
    verdicts = {found.at(topic, group).verdict for topic in range(len(found.labels))}
    if verdicts <= {TOO_FEW}:
        return "Too few papers to say."
    return "Not comparable." if verdicts <= {TOO_FEW, APART} else "No clear difference from the rest."


def summary(found: GroupComparison) -> str:
    """The whole table in two sentences."""
    once, groups = _each_once(found), counted(len(found.names), "group")
    counts = Counter(share.verdict for share in once)
    within = f", compared within each {found.unit}" if found.unit else ""
    what = (
        f"{counted(found.papers, 'paper')} in {groups} by {found.column}{within}; "
        f"{counted(len(found.labels), 'topic')}."
    )
    if counts[TOO_FEW] + counts[APART] == len(once):
        return f"{what} No pair of topic and group has papers enough for a test."
    clear, hanging = counts[MORE] + counts[LESS], counts[HANGS]
    silent = [
        f"{counts[verdict]:,} {'has' if counts[verdict] == 1 else 'have'} {what_for}"
        for verdict, what_for in ((TOO_FEW, TOO_FEW), (APART, "nothing to compare with"))
        if counts[verdict]
    ]
    return (
        f"{what} Of {len(once):,} pairs of topic and group {clear} {'differs' if clear == 1 else 'differ'} "
        f"clearly from the rest of the papers ({counts[MORE]} more, {counts[LESS]} less); {hanging} "
        f"{'depends' if hanging == 1 else 'depend'} on the grouping"
        + "".join(f"; {text}" for text in silent)
        + "."
    )


def strength_of(found: GroupComparison) -> str:
    """Cramer's V and the test of the whole table."""
    p = "p < 0.001" if found.table_p < 0.001 else f"p = {found.table_p:.3f}"
    return (
        f"Topics and {found.column} hang together with Cramér's V = {found.cramers_v:.2f} "
        f"({found.corrected_v:.2f} without what chance alone gives; 0 is nothing, 1 is all); {p} "
        f"({found.table_test})."
    )


def coverage(found: GroupComparison) -> str:
    """What the intervals cover, and what is not within periods although other figures are."""
    words = " Words are compared over all periods together." if found.unit and found.words else ""
    if not found.repetitions:
        return (
            "Intervals are of 95% and cover sampling only: this run was written by a version that kept no "
            f"repetitions of the grouping; run it again to have them covered, too.{words}"
        )
    return (
        "Intervals are of 95% and cover both sampling and the grouping, which was repeated "
        f"{counted(found.repetitions, 'time')} on parts of the papers; q allows for all tested pairs at "
        f"once.{words}"
    )


def points(share: GroupShare) -> str:
    """The difference in percentage points with its interval."""
    values = (share.difference, share.difference_low, share.difference_high)
    middle, low, high = (f"{100 * value:+.1f}" for value in values)
    return f"{middle} ({low} to {high})"


def amount(papers: float) -> str:
    """Papers, or parts of them added up."""
    return f"{papers:,.0f}" if abs(papers - round(papers)) < 1e-6 else f"{papers:,.1f}"


def papers_of(papers: float) -> str:
    """As in "1 paper" and "16.8 papers"."""
    return f"{amount(papers)} paper{'s' * (amount(papers) != '1')}"


def explained(share: GroupShare, found: GroupComparison) -> str:
    """A topic in a group in a line."""
    upheld = (
        f"; same direction in {share.upheld} of {found.repetitions} groupings" if found.repetitions else ""
    )
    q = f", q {share.q:.2g}" if np.isfinite(share.q) else ""
    compared = (
        f"; difference {points(share)} points; residual {share.residual:+.1f}{q}"
        if np.isfinite(share.difference)
        else ""
    )
    return (
        f"{clean(found.labels[share.topic])}, {clean(found.names[share.group])}: {amount(share.papers)} of "
        f"{papers_of(share.total)}, {percent(share.share)} ({percent(share.low)} to {percent(share.high)}); "
        f"rest {percent(share.rest)}{compared}; {share.verdict}{upheld if compared else ''}"
    )
