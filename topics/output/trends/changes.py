"""What is said of the changes between two sides, the same on the terminal, in tables, pages and pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from topics.output.maps.typeset import clean
from topics.trends.compare import BORN, FELL, MATCHED, MERGED, OPEN, ROSE, SPLIT, VANISHED
from topics.trends.shares import percent
from topics.types import Comparison, TopicChange

PARTS = "*: differences count a topic with all that split off or merged"

_SECTIONS: dict[str, Callable[[TopicChange], bool]] = {
    "Born": lambda change: change.status == BORN,
    "Rose": lambda change: change.status == MATCHED and change.change == ROSE,
    "Fell": lambda change: change.status == MATCHED and change.change == FELL,
    "Vanished": lambda change: change.status == VANISHED,
    "Split": lambda change: change.status == SPLIT,
    "Merged": lambda change: change.status == MERGED,
    "No clear change": lambda change: change.status == MATCHED and change.change == OPEN,
}


def sections(comparison: Comparison) -> Iterator[tuple[str, list[TopicChange]]]:
    """The kinds of change that there are, each with its changes, the largest move first."""
    for title, belongs in _SECTIONS.items():
        own = sorted(filter(belongs, comparison.changes), key=lambda change: -change.move)
        if own:
            yield title, own


def preface(comparison: Comparison) -> str:
    """How many papers are compared, and how to read what follows."""
    first = comparison.changes[0]
    return (
        f"{first.total_before:,} papers before, {first.total_after:,} after. Intervals are of 95%; what rose "
        "or fell allows for the number of topics."
    )


def has_parts(change: TopicChange, comparison: Comparison) -> bool:
    """Whether something split off from a matched topic or merged into it, and counts in its difference."""
    return change.status == MATCHED and any(
        (other.status == SPLIT and other.before == change.before)
        or (other.status == MERGED and other.after == change.after)
        for other in comparison.changes
    )


def marked(change: TopicChange, comparison: Comparison) -> str:
    """`points`, with the mark that `PARTS` explains."""
    return f"{points(change)}{'*' * has_parts(change, comparison)}"


def kind(change: TopicChange) -> str:
    """What became of a topic, in a word or two."""
    return change.change if change.status == MATCHED else change.status


def name(change: TopicChange, comparison: Comparison) -> str:
    """The label of a topic, or both labels where they differ."""
    first = "" if change.before is None else comparison.labels_before[change.before]
    second = "" if change.after is None else comparison.labels_after[change.after]
    same = first == second and change.status not in (SPLIT, MERGED)
    return first if same or not second else second if not first else f"{first} → {second}"


def points(change: TopicChange) -> str:
    """The difference of the shares in percentage points with its interval; empty where there is none."""
    if change.difference is None or change.low is None or change.high is None:
        return ""
    middle, low, high = (f"{100 * value:+.2f}" for value in (change.difference, change.low, change.high))
    return f"{middle} ({low} to {high})"


def explained(change: TopicChange, comparison: Comparison) -> str:
    """A change in a line: names, papers and shares on both sides, the difference."""
    sides = [
        f"{count:,} of {total:,} papers, {percent(share)}"
        for topic, count, total, share in (
            (change.before, change.count_before, change.total_before, change.share_before),
            (change.after, change.count_after, change.total_after, change.share_after),
        )
        if topic is not None
    ]
    difference = "" if change.difference is None else f"difference {points(change)} points, "
    return f"{clean(name(change, comparison))}: {' → '.join(sides)}; {difference}{kind(change)}"


def side_names(comparison: Comparison) -> tuple[str, str]:
    """The names of both sides as people write them: a span of years with a dash."""
    before, after = (clean(name).replace("..", "–") for name in (comparison.before, comparison.after))
    return before, after
