"""Two sides set against each other: two periods of one run, or two runs.

Two periods share their topics, so shares are compared topic by topic; where a side spans several years (or
quarters, months), their overdispersion is part of every interval and p-value, as in a trend. Two runs
have topics of their own, which `topics.trends.match_runs` pairs first; their shares are compared as two
samples of independent papers, since one run alone says nothing about overdispersion.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from topics.config import TrendSettings
from topics.trends.dispersion import measure_noise
from topics.trends.growth import effect, fit
from topics.trends.match_runs import Matches, joined, match_topics
from topics.trends.periods import AFTER, BEFORE, cells_of, sides_of
from topics.trends.shares import adjusted, crossed, difference, exact_p
from topics.trends.words import Usage, term_changes
from topics.types import (
    Clustering,
    Comparison,
    Corpus,
    Counts,
    Doubles,
    Integers,
    Rows,
    TermChange,
    TopicChange,
    Topics,
)

ROSE, FELL, OPEN = "rose", "fell", "no clear change"
MATCHED, SPLIT, MERGED, BORN, VANISHED = "matched", "split", "merged", "born", "vanished"

SHOWN = 5
"""Papers that are named for a topic which only one side has."""

Sizes = tuple[Doubles, Doubles]


@dataclass(frozen=True)
class Side:
    """One run to be compared. encoder: what made its vectors; own: they mean nothing outside the run."""

    name: str
    corpus: Corpus
    clustering: Clustering
    topics: Topics
    counts: Counts
    encoder: str
    own: bool = False


def compare_periods(
    corpus: Corpus,
    clustering: Clustering,
    topics: Topics,
    counts: Counts,
    spans: tuple[str, str],
    settings: TrendSettings,
) -> Comparison:
    """The topics of one run before and after.

    spans: before and after, each a year, month or day, or two of them: "2019", "2019-05", "2016..2019".

    Raises ConfigError: a span that cannot be read, or spans that overlap or stand in the wrong order.
    Raises CorpusError: no dates, or a span without papers.
    """
    side = sides_of(corpus.dates, spans)
    cells, side_of_cell = cells_of(corpus.dates, side, settings)
    every, core = (
        crossed(numbers, cells, (len(topics), len(side_of_cell))).astype(float)
        for numbers in (clustering.nearest_topic, clustering.topic)
    )
    sizes = (every[:, side_of_cell == BEFORE].sum(axis=1), every[:, side_of_cell == AFTER].sum(axis=1))
    if len(side_of_cell) > 2:
        p, inflation = _overdispersed(every, core, side_of_cell)
    else:
        p, inflation = _fisher(sizes), np.ones(len(topics))
    figures = _Figures.of(sizes, p, inflation)
    usage = Usage.of(counts)
    words = term_changes(usage, clustering.nearest_topic, side, settings.keywords, settings.alpha)
    changes = []
    for k in range(len(topics)):
        change = _with_words(figures.judge(k, _row(k, k, MATCHED, sizes), settings), words, k)
        if change.change == ROSE and not change.count_before:
            change = replace(change, status=BORN)
        elif change.change == FELL and not change.count_after:
            change = replace(change, status=VANISHED)
        if change.status != MATCHED:
            change = replace(change, papers=_surest(clustering, np.flatnonzero(side >= 0), k))
        changes.append(change)
    outside = int((side < 0).sum())
    notes = (f"Papers in neither period, or with a date too coarse to tell: {outside:,}.",) if outside else ()
    return Comparison(*spans, topics.labels, topics.labels, tuple(changes), notes)


def compare_runs(before: Side, after: Side, settings: TrendSettings) -> Comparison:
    """The topics of two runs: matched one to one, split, merged, born and vanished.

    Papers count by nearest topic. Words that came and went are looked for in matched pairs.

    Raises CorpusError: so few topics that nothing shows how alike different ones are.
    """
    counts = joined(before.counts, after.counts)
    matches = match_topics((before, after), counts, settings.alpha)
    sizes = (_sizes(before), _sizes(after))
    paired = np.array(matches.pairs, dtype=np.intp).reshape(-1, 2)
    pair_sizes = _with_parts(matches, sizes)
    totals = (float(sizes[0].sum()), float(sizes[1].sum()))
    figures = _Figures.of(pair_sizes, _fisher(pair_sizes, totals), np.ones(len(paired)), totals)
    words = _pair_words((before, after), counts, paired, settings)
    changes = [
        _with_words(figures.judge(at, _row(a, b, MATCHED, sizes), settings), words, at)
        for at, (a, b) in enumerate(matches.pairs)
    ]
    changes += [_row(a, b, SPLIT, sizes) for a, b in matches.splits]
    changes += [_row(a, b, MERGED, sizes) for a, b in matches.merges]
    changes = [replace(row, similarity=_similarity(matches, row)) for row in changes]
    for side, numbers, status in ((before, matches.vanished, VANISHED), (after, matches.born, BORN)):
        for k in numbers:
            row = _row(k, None, status, sizes) if status == VANISHED else _row(None, k, status, sizes)
            papers = _surest(side.clustering, np.arange(len(side.corpus)), k)
            changes.append(replace(row, papers=papers))
    labels = (before.topics.labels, after.topics.labels)
    notes = (*matches.notes, *_in_both(before.corpus, after.corpus))
    return Comparison(before.name, after.name, *labels, tuple(changes), notes)


def _in_both(before: Corpus, after: Corpus) -> tuple[str, ...]:
    """A sentence on papers of the same title in two corpora, if there are any."""
    known = {title.casefold() for title in before.titles if title}
    common = sum(title.casefold() in known for title in after.titles)
    if not common:
        return ()
    return (
        f"Papers in both runs: {common:,}. The tests take the runs for independent samples, so their "
        "intervals are too wide.",
    )


@dataclass(frozen=True)
class _Figures:
    """Tests and intervals of topics that both sides have, each (k,)."""

    change: Doubles
    p: Doubles
    q: Doubles
    low: Doubles
    high: Doubles
    papers: Doubles

    @classmethod
    def of(
        cls, sizes: Sizes, p: Doubles, inflation: Doubles, totals: tuple[float, float] | None = None
    ) -> _Figures:
        """inflation: how many times the variance of independent papers the shares have."""
        whole = totals or (float(sizes[0].sum()), float(sizes[1].sum()))
        thinned = [(size / inflation, total / inflation) for size, total in zip(sizes, whole, strict=True)]
        change = sizes[1] / whole[1] - sizes[0] / whole[0]
        return cls(change, p, adjusted(p), *difference(thinned[0], thinned[1]), sizes[0] + sizes[1])

    def judge(self, at: int, row: TopicChange, settings: TrendSettings) -> TopicChange:
        certain = self.papers[at] >= settings.min_papers and self.q[at] <= settings.alpha
        return replace(
            row,
            change=(ROSE if self.change[at] > 0 else FELL) if certain else OPEN,
            difference=float(self.change[at]),
            low=float(self.low[at]),
            high=float(self.high[at]),
            p=float(self.p[at]),
            q=float(self.q[at]),
        )


def _overdispersed(every: Doubles, core: Doubles, side_of_cell: Integers) -> tuple[Doubles, Doubles]:
    """P of no difference with and without outliers, and the inflation of the variance by overdispersion."""
    design = np.column_stack([np.ones(len(side_of_cell)), side_of_cell - side_of_cell.mean()])
    effects = []
    for table in (every, core):
        totals = np.maximum(table.sum(axis=0), 1e-6)
        noise, _ = measure_noise(table, totals, design)
        effects.append(effect(table, totals, design, noise))
    same = np.sign(effects[0].estimate) == np.sign(effects[1].estimate)
    p = np.where(same, np.maximum(effects[0].p, effects[1].p), 1.0)
    plain = fit(every, every.sum(axis=0), design).covariance[:, 1, 1]
    return p, np.maximum(effects[0].error ** 2 / plain, 1.0)


def _fisher(sizes: Sizes, totals: tuple[float, float] | None = None) -> Doubles:
    whole = totals or (float(sizes[0].sum()), float(sizes[1].sum()))
    sides = [(size, np.full(len(size), total)) for size, total in zip(sizes, whole, strict=True)]
    return exact_p(sides[0], sides[1])


def _sizes(side: Side) -> Doubles:
    return np.bincount(side.clustering.nearest_topic, minlength=len(side.topics)).astype(float)


def _row(a: int | None, b: int | None, status: str, sizes: Sizes) -> TopicChange:
    counts = [0 if k is None else int(size[k]) for k, size in zip((a, b), sizes, strict=True)]
    return TopicChange(a, b, status, "", None, counts[0], int(sizes[0].sum()), counts[1], int(sizes[1].sum()))


def _with_parts(matches: Matches, sizes: Sizes) -> Sizes:
    """Papers of each matched pair on both sides, with what split off from it or merged into it."""
    before = [sizes[0][a] + sum(sizes[0][c] for c, d in matches.merges if d == b) for a, b in matches.pairs]
    after = [sizes[1][b] + sum(sizes[1][d] for c, d in matches.splits if c == a) for a, b in matches.pairs]
    return np.array(before, dtype=float), np.array(after, dtype=float)


def _similarity(matches: Matches, row: TopicChange) -> float | None:
    if row.before is None or row.after is None:
        return None
    return float(np.clip(matches.similarity[row.before, row.after], 0.0, 1.0))


def _with_words(row: TopicChange, words: Sequence[TermChange], topic: int) -> TopicChange:
    own = [word for word in words if word.topic == topic]
    return replace(
        row,
        came=tuple(word.term for word in own if word.after > word.before),
        went=tuple(word.term for word in own if word.after < word.before),
    )


def _surest(clustering: Clustering, rows: Rows, topic: int) -> tuple[int, ...]:
    """The papers that belong to a topic most firmly, out of some rows."""
    own = rows[clustering.nearest_topic[rows] == topic]
    order = np.argsort(-clustering.probability[own], kind="stable")
    return tuple(own[order][:SHOWN].tolist())


def _pair_words(
    sides: tuple[Side, Side], counts: Counts, paired: Rows, settings: TrendSettings
) -> tuple[TermChange, ...]:
    """The words that came and went in each matched pair, which counts as one topic here."""
    topic, half = [], []
    for at, side in enumerate(sides):
        pair_of = np.full(len(side.topics), -1, dtype=np.int32)
        pair_of[paired[:, at]] = np.arange(len(paired))
        topic.append(pair_of[side.clustering.nearest_topic])
        half.append(np.full(len(side.corpus), at, dtype=np.int32))
    both = np.concatenate(topic), np.concatenate(half)
    return term_changes(Usage.of(counts), *both, settings.keywords, settings.alpha)
