"""Groups of papers as tables: CSV for spreadsheets, a page of Markdown, lines for the terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from pathlib import Path

from topics.output.evidence.sayings import (
    LISTED,
    claims,
    coverage,
    groups_in_order,
    papers_of,
    points,
    strength_of,
    summary,
)
from topics.output.pages import escaped
from topics.output.tables.csv_file import write_csv
from topics.output.text import Column, aligned, figure, markdown_table, write_lines
from topics.trends.shares import percent
from topics.types.groups import HANGS, GroupComparison, GroupShare

TABLES = ("groups.md", "groups.csv", "group_words.csv")
PERIODS = "group_periods.csv"
"""Files; the last one only where periods are given."""

_SHARES = (
    "topic", "label", "group", "papers", "total", "share", "low", "high", "rest", "difference",
    "difference_low", "difference_high", "odds_ratio", "odds_low", "odds_high", "residual",
    "p_counts", "q_counts", "p", "q",
    "repetitions", "found", "upheld", "verdict", "words", "early", "late", "change_q",
)  # fmt: skip


def write_groups(found: GroupComparison, folder: Path) -> tuple[str, ...]:
    """Write the tables; gives the file names."""
    write_lines(folder / "groups.md", _page(found))
    write_csv(folder / "groups.csv", _SHARES, (_row(share, found) for share in found.shares))
    words = (
        (
            word.topic,
            found.labels[word.topic],
            found.names[word.group],
            word.term,
            *(figure(value) for value in (word.z, word.inside, word.outside, word.q)),
        )
        for word in found.words
    )
    write_csv(
        folder / "group_words.csv", ("topic", "label", "group", "term", "z", "inside", "outside", "q"), words
    )
    if not found.periods:
        return TABLES
    heads = ("period", "topic", "label", "group", "papers", "total", "share", "low", "high", "rest")
    write_csv(folder / PERIODS, heads, _periods(found))
    return (*TABLES, PERIODS)


def _row(share: GroupShare, found: GroupComparison) -> Sequence[object]:
    return (
        share.topic,
        found.labels[share.topic],
        found.names[share.group],
        *(
            figure(value)
            for value in (
                share.papers, share.total, share.share, share.low, share.high, share.rest, share.difference,
                share.difference_low, share.difference_high, share.odds_ratio, share.odds_low,
                share.odds_high, share.residual, share.p_counts, share.q_counts, share.p, share.q,
            )
        ),
        found.repetitions,
        share.found,
        share.upheld,
        share.verdict,
        "; ".join(share.words),
        *(figure(value) for value in (share.early, share.late, share.change_q)),
    )  # fmt: skip


def _periods(found: GroupComparison) -> Iterable[Sequence[object]]:
    for one in found.periods:
        figures = (one.papers, one.total, one.share, one.low, one.high, one.rest)
        yield (
            one.period,
            one.topic,
            found.labels[one.topic],
            found.names[one.group],
            *(figure(value) for value in figures),
        )


def _page(found: GroupComparison) -> list[str]:
    lines = [f"# Topics by {escaped(found.column)}", "", escaped(summary(found))]
    lines += [escaped(strength_of(found)), escaped(coverage(found))]
    lines += ["", *(f"- {escaped(note)}" for note in found.notes)] if found.notes else []
    for group, own in groups_in_order(found):
        if own:
            name, size = escaped(found.names[group]), papers_of(found.sizes[group])
            lines += ["", f"## {name} ({size})", "", *_claims(own, found)]
    rows = (
        (escaped(label), *(percent(found.at(t, j).share) for j in range(len(found.names))))
        for t, label in enumerate(found.labels)
    )
    lines += ["", "## All shares", ""]
    return [*lines, *markdown_table(("topic", *(f"{escaped(name)}:" for name in found.names)), rows)]


def _claims(own: Sequence[GroupShare], found: GroupComparison) -> list[str]:
    halves = any(share.early is not None for share in own)
    heads = ("topic", "verdict", "here:", "rest:", "difference in points:", "q:", "groupings:", "words here")
    rows = (
        (
            escaped(found.labels[share.topic]),
            share.verdict,
            percent(share.share),
            percent(share.rest),
            points(share),
            figure(share.q),
            f"{share.upheld} of {found.repetitions}",
            escaped(", ".join(share.words[:4])),
            *([halves_of(share)] if halves else []),
        )
        for share in own
    )
    return markdown_table((*heads, *(["earlier, later"] if halves else [])), rows)


def halves_of(share: GroupShare) -> str:
    """The difference in the earlier and the later half of the time, in points."""
    if share.early is None or share.late is None or share.change_q is None:
        return ""
    changed = f", q {figure(share.change_q)}" if share.change_q <= 0.05 else ""
    return f"{100 * share.early:+.1f}, {100 * share.late:+.1f}{changed}"


def group_table(found: GroupComparison, width: int) -> str:
    """What is said on a terminal."""
    lines = [textwrap.fill(note, width) for note in found.notes]
    lines += [textwrap.fill(text, width) for text in (summary(found), strength_of(found), coverage(found))]
    own = claims(found)
    if own:
        verdicts = ["?" if share.verdict == HANGS else share.verdict for share in own]
        lines += ["", *aligned(claim_columns(own, found, verdicts), width, LISTED)]
        if "?" in verdicts[:LISTED]:
            lines += ["", f"?: {HANGS}"]
    if len(own) > LISTED:
        lines += [f"... and {len(own) - LISTED} more in groups.csv"]
    return "\n".join(lines)


def claim_columns(own: Sequence[GroupShare], found: GroupComparison, verdicts: Sequence[str]) -> list[Column]:
    """What is shown of some pairs of topic and group. verdicts: of each, in full or in short."""
    return [
        Column("", verdicts),
        Column("topic", [found.labels[share.topic] for share in own]),
        Column("group", [found.names[share.group] for share in own]),
        Column("here", [percent(share.share) for share in own], number=True),
        Column("rest", [percent(share.rest) for share in own], number=True),
        Column("difference in points", [points(share) for share in own], number=True),
        Column("q", [figure(share.q) for share in own], number=True),
    ]
