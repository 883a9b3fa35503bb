"""How topics of successive periods flow into one another: more than two sides, each compared with the next.

Topics of one fit are the same in all periods, so only their shares move; nothing can split or merge. Where
each period (or run) has a fit of its own, topics are matched with those of the next one as two runs are
(`topics.trends.match_runs`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from topics.config import TrendSettings
from topics.trends.compare import MATCHED, MERGED, SPLIT, Side, compare_runs
from topics.trends.periods import sides_of
from topics.types import Clustering, Corpus, FlowColumn, FlowLink, Integers, TopicFlow, Topics, counted

ONE_FIT = "one fit of all papers: topics are the same in all periods, so shares move and nothing splits"
EACH_FIT = "a fit per period: topics were found in each period's papers alone and matched with the next's"
EACH_RUN = "a fit per run: topics of each run are matched with the next one's"


def spans_of(dates: Sequence[str], spans: Sequence[str]) -> Integers:
    """(n,) the number of the span that each paper is dated in, -1 for none.

    Raises ConfigError, CorpusError: see `topics.trends.periods.sides_of`.
    """
    found = np.full(len(dates), -1, np.int32)
    for number in range(len(spans) - 1):
        side = sides_of(dates, (spans[number], spans[number + 1]))
        found[side == 0] = number
        found[side == 1] = number + 1
    return found


def flow_of_spans(corpus: Corpus, clustering: Clustering, topics: Topics, spans: Sequence[str]) -> TopicFlow:
    """The topics of one run in successive spans of time.

    Raises ConfigError, CorpusError: see `spans_of`.
    """
    span = spans_of(corpus.dates, spans)
    columns = []
    for number, name in enumerate(spans):
        counts = np.bincount(clustering.nearest_topic[span == number], minlength=len(topics))
        columns.append(FlowColumn(name, topics.labels, tuple(counts.tolist()), int(counts.sum())))
    # A topic without papers in one period is there in the next one all the same.
    used = [k for k in range(len(topics)) if any(column.counts[k] for column in columns)]
    links = [FlowLink(number, k, k, MATCHED) for number in range(len(spans) - 1) for k in used]
    return TopicFlow(ONE_FIT, tuple(columns), tuple(links), _outside(span))


def flow_of_sides(sides: Sequence[Side], settings: TrendSettings, fit: str) -> TopicFlow:
    """The topics of successive runs, or of fits of successive periods.

    Raises CorpusError: see `topics.trends.compare.compare_runs`.
    """
    columns = []
    for side in sides:
        counts = np.bincount(side.clustering.nearest_topic, minlength=len(side.topics))
        columns.append(
            FlowColumn(side.name, side.topics.labels, tuple(counts.tolist()), len(side.clustering))
        )
    links: list[FlowLink] = []
    notes: dict[str, None] = {}
    for number in range(len(sides) - 1):
        found = compare_runs(sides[number], sides[number + 1], settings)
        notes |= dict.fromkeys(found.notes)
        joined = [
            FlowLink(number, change.before, change.after, change.status, change.similarity)
            for change in found.changes
            if change.status in (MATCHED, SPLIT, MERGED)
            and change.before is not None
            and change.after is not None
        ]
        notes |= dict.fromkeys(_unmatched(columns[number], columns[number + 1], joined))
        links += joined
    return TopicFlow(fit, tuple(columns), tuple(links), tuple(notes))


def _unmatched(before: FlowColumn, after: FlowColumn, links: Sequence[FlowLink]) -> Iterator[str]:
    """What a reader would wonder at: no topic goes on, or one does not that has its name on both sides."""
    if not links:
        sizes = [
            f"{counted(column.total, 'paper')} in {counted(len(column.labels), 'topic')}"
            for column in (before, after)
        ]
        yield (
            f"No topic of {before.name} is alike enough to one of {after.name} to match "
            f"({' and '.join(sizes)}); the fewer papers topics have, the fewer match."
        )
    going = {before.labels[link.before] for link in links} | {after.labels[link.after] for link in links}
    if alone := sorted(set(before.labels) & set(after.labels) - going):
        yield (
            f"Under one label in {before.name} and {after.name}, but not alike enough to match: "
            f"{', '.join(alone)}."
        )


def _outside(span: Integers) -> tuple[str, ...]:
    if not (outside := int((span < 0).sum())):
        return ()
    if outside == 1:
        return ("1 paper is in none of the periods, or its date is too coarse to tell.",)
    return (f"{outside:,} papers are in none of the periods, or their dates are too coarse to tell.",)
