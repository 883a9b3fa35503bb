"""Topics over time, and two sides compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from topics.types.arrays import Doubles, Floats, Integers, Mask, freeze

POSSIBLE = "possible: clear by itself, not certain after the correction for all topics that are tested"
"""Explains the short form of the verdicts that are not certain."""

TOO_FEW = "too few papers to say"
"""The verdict that claims nothing, of trends and of groups of papers (`topics.trends.verdicts`,
`topics.types.groups`)."""


def shortened(outcome: str) -> str:
    """A verdict without its qualification, "?" for none."""
    return "?" if outcome == TOO_FEW else outcome.partition(",")[0]


@dataclass(frozen=True)
class Period:
    """A year, quarter or month: "2023", "2023-Q2" or "2023-05".

    `start` is its first day; `total` the dated papers in it; `reason` says why it is not complete.
    """

    name: str
    start: str
    total: int
    complete: bool = True
    reason: str = ""


def totals_of(periods: Sequence[Period]) -> Integers:
    """(t,) dated papers in each period."""
    return np.array([period.total for period in periods], dtype=np.int32)


@dataclass(frozen=True)
class Burst:
    """Periods, both inclusive, with a share that was `ratio` times that of all others; q as in TopicTrend."""

    first: str
    last: str
    ratio: float
    q: float


@dataclass(frozen=True)
class TopicTrend:
    """What the complete periods say about one topic; docs/trends.md explains every figure.

    papers: those in complete periods. verdict: one of `topics.trends.verdicts.VERDICTS`; when: the periods of
        a burst; reason: the verdict's grounds in one sentence.
    rate_ratio, low, high: how many times its share grows per year, with a 95 % interval.
    p, q: chance of so steep a course without a trend, and the same allowing for all claims about all topics.
    tau, tau_p, slope: Mann-Kendall and Theil-Sen, the latter in shares per year.
    All of these are None where they were not computed, for want of papers or periods.
    peak: the period of the highest share. change_points: the periods in which a new level begins.
    """

    topic: int
    papers: int
    verdict: str
    when: str
    reason: str
    rate_ratio: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    q: float | None = None
    tau: float | None = None
    tau_p: float | None = None
    slope: float | None = None
    peak: str = ""
    bursts: tuple[Burst, ...] = ()
    change_points: tuple[str, ...] = ()

    @property
    def outcome(self) -> str:
        """The verdict, and of a burst the periods too."""
        return f"{self.verdict} {self.when}".strip()

    @property
    def brief(self) -> str:
        """The outcome where there is little room: "possible rise"."""
        return shortened(self.outcome)


@dataclass(frozen=True)
class PeriodKeyword:
    """A term of one topic in one period: how many of its papers there use it, and its c-TF-IDF weight."""

    topic: int
    period: str
    rank: int
    term: str
    papers: int
    weight: float


@dataclass(frozen=True)
class TermChange:
    """A term that came into a topic or went: the share of the topic's papers with it before and after."""

    topic: int
    term: str
    before: float
    after: float
    q: float


@dataclass(frozen=True)
class Trends:
    """Topics over time. t periods without gaps, k topics; no period where the papers' dates tell nothing.

    unit: "year", "quarter" or "month".
    counts: (k, t) int32 papers by nearest topic; core: the same without outliers.
    low, high: (k, t) float32 95 % Wilson interval of the share, NaN where a period has no papers.
    period: (n,) int32 number of each paper's period, -1 where it has none.
    tests: one per topic, in order. keywords: by topic, period and rank. changes: terms that came or went
        between the first and the second half of the complete periods, whose first names are in `halves`.
    undated, coarse, outside: papers of no period: without date, with too coarse a date, out of the span.
    """

    unit: str
    periods: tuple[Period, ...]
    counts: Integers
    core: Integers
    low: Floats
    high: Floats
    period: Integers
    tests: tuple[TopicTrend, ...]
    keywords: tuple[PeriodKeyword, ...]
    changes: tuple[TermChange, ...]
    halves: tuple[str, ...]
    undated: int
    coarse: int
    outside: int
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        shape = (len(self.tests), len(self.periods))
        kinds = {"counts": np.int32, "core": np.int32, "low": np.float32, "high": np.float32}
        for name, kind in kinds.items():
            if freeze(self, name, getattr(self, name), kind, 2).shape != shape:
                raise ValueError(f"Trends.{name} needs a row per topic and a column per period: {shape}")
        freeze(self, "period", self.period, np.int32, 1)
        if self.counts.sum(axis=0).tolist() != [period.total for period in self.periods]:
            raise ValueError("Trends: the topics' papers in a period must add up to the period's total")

    @property
    def telling(self) -> bool:
        """Whether anything is said about any topic."""
        return any(test.verdict != TOO_FEW for test in self.tests)

    @property
    def totals(self) -> Integers:
        """(t,) papers of all topics."""
        return totals_of(self.periods)

    @property
    def shares(self) -> Doubles:
        """(k, t) share of each topic, NaN where a period has no papers."""
        totals = np.where(self.totals > 0, self.totals, np.nan)
        return np.asarray(self.counts / totals)

    @property
    def complete(self) -> Mask:
        """(t,) whether a period is complete."""
        return np.array([period.complete for period in self.periods])


@dataclass(frozen=True)
class TopicChange:
    """One topic on two sides: the same topic in two periods, or a topic of one run and its match in another.

    before, after: topic numbers, None where a side has no such topic. status: matched, split (a part of
    `before` that another topic continues), merged (joins `after`), born or vanished. change: rose, fell, or
    "no clear change"; empty where there is nothing to compare.
    similarity: of the two topics, 0 to 1, None for two periods.
    count and total: papers of the topic and of all.
    difference, low, high: share after minus share before with its 95 % interval, a matched topic taken with
        all that split off or merged; p, q as in TopicTrend.
    came, went: terms. papers: rows of the corpus of the only side that has the topic, most telling first.
    """

    before: int | None
    after: int | None
    status: str
    change: str
    similarity: float | None
    count_before: int
    total_before: int
    count_after: int
    total_after: int
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    q: float | None = None
    came: tuple[str, ...] = ()
    went: tuple[str, ...] = ()
    papers: tuple[int, ...] = ()

    @property
    def share_before(self) -> float:
        return self.count_before / self.total_before

    @property
    def share_after(self) -> float:
        return self.count_after / self.total_after

    @property
    def move(self) -> float:
        """How far the share moved, up or down."""
        return abs(self.share_after - self.share_before)


@dataclass(frozen=True)
class Comparison:
    """Two sides set against each other. before, after: their names; labels: of their topics, by number."""

    before: str
    after: str
    labels_before: tuple[str, ...]
    labels_after: tuple[str, ...]
    changes: tuple[TopicChange, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class FlowColumn:
    """The topics of one period, or of one run. counts: papers of each by nearest topic; total: of all."""

    name: str
    labels: tuple[str, ...]
    counts: tuple[int, ...]
    total: int

    def __post_init__(self) -> None:
        if len(self.labels) != len(self.counts) or self.total < max(1, sum(self.counts)):
            raise ValueError("FlowColumn needs a count per topic, and at least as many papers in all")


@dataclass(frozen=True)
class FlowLink:
    """A topic of a column and what it is in the next one. status: matched, split or merged (`TopicChange`).

    similarity: of the two topics, from 0 to 1; None where one fit has them both.
    """

    column: int
    before: int
    after: int
    status: str
    similarity: float | None = None


@dataclass(frozen=True)
class TopicFlow:
    """How topics of successive periods flow into one another. fit: which kind of fit found them, in words."""

    fit: str
    columns: tuple[FlowColumn, ...]
    links: tuple[FlowLink, ...]
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if len(self.columns) < 2:
            raise ValueError("TopicFlow needs two columns or more")
        for link in self.links:
            sides = self.columns[link.column : link.column + 2]
            if len(sides) < 2 or link.before >= len(sides[0].counts) or link.after >= len(sides[1].counts):
                raise ValueError("TopicFlow.links must join topics of successive columns")

    @property
    def nodes(self) -> dict[tuple[int, int], int]:
        """The papers of each topic by number of its column and its own: topics with papers or a link."""
        ends = {(link.column, link.before) for link in self.links}
        ends |= {(link.column + 1, link.after) for link in self.links}
        return {
            (number, topic): count
            for number, column in enumerate(self.columns)
            for topic, count in enumerate(column.counts)
            if count or (number, topic) in ends
        }
