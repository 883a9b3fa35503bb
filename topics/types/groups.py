"""Topics across the values of a column, and how much the last papers added."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from topics.types.arrays import Doubles, Mask, freeze, same_length

MORE, LESS = "more", "less"
HANGS = "depends on the grouping"
EVEN = "no clear difference"
APART = "not comparable"

OTHERS = "(other values)"
"""The name of the last group where values too rare to be looked at are taken together."""


@dataclass(frozen=True)
class GroupMembership:
    """Which papers belong to which group. n papers, g groups.

    column: as the user named it. names: of the groups, the largest first; `OTHERS`, where there is one, last.
    weights: (n, g) float64 in [0, 1], how far a paper belongs to each group; fractional rows sum to 1.
    known: (n,) bool, papers with a value; the rows of all others are zero.
    fractional: whether a paper of several values is divided among them, or counts in each.
    notes: sentences for the user about what was cut, taken together or left out.
    """

    column: str
    names: tuple[str, ...]
    weights: Doubles
    known: Mask
    fractional: bool
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        weights = freeze(self, "weights", self.weights, np.float64, 2)
        known = freeze(self, "known", self.known, np.bool_, 1)
        same_length(self, weights=len(weights), known=len(known))
        if weights.shape[1] != len(self.names) or weights[~known].any():
            raise ValueError(
                "GroupMembership needs a column per group, and no weight for papers without a value"
            )

    @property
    def compared(self) -> int:
        """How many groups are set against the rest: all but `OTHERS`."""
        return len(self.names) - (self.names[-1] == OTHERS)

    @property
    def whole(self) -> bool:
        """Whether every paper is in a group or not, with no part of it anywhere."""
        return bool(np.isin(self.weights, (0.0, 1.0)).all())

    @property
    def single(self) -> bool:
        """Whether every paper is in one group only."""
        return self.whole and bool((self.weights.sum(axis=1) <= 1).all())


@dataclass(frozen=True)
class GroupShare:
    """One topic in one group, beside the rest of the papers. docs/groups.md explains every figure.

    papers, total: of the topic in the group, and of the group; parts of papers where these are divided.
    share, rest: the topic's share in the group and in the rest. low, high: of `share`, 95 %.
    difference, difference_low, difference_high: share in the group less that in the rest, 95 %; where periods
        are given, within periods.
    odds_ratio, odds_low, odds_high: the same comparison as a ratio of odds.
    residual: adjusted standardised residual. p_counts, q_counts: of the counts alone; p, q: with what the
        grouping adds. q is NaN where the papers are too few for any result to be clear.
    found, upheld: in how many repetitions of the grouping there is such a topic, and how many of these have a
        difference of the same sign.
    verdict: `MORE`, `LESS`, `HANGS`, `EVEN`, `TOO_FEW` or `APART`. For the last, where no period has papers
        of the topic and of others both in the group and outside it, nothing is compared: the figures from
        `difference` to `q` are NaN. words: terms that set the group apart inside the topic.
    early, late, change_q: the difference in the earlier and the later half of the periods, and q for a change
        from one to the other; None without periods or with too few papers.
    """

    topic: int
    group: int
    papers: float
    total: float
    share: float
    low: float
    high: float
    rest: float
    difference: float
    difference_low: float
    difference_high: float
    odds_ratio: float
    odds_low: float
    odds_high: float
    residual: float
    p_counts: float
    q_counts: float
    p: float
    q: float
    found: int
    upheld: int
    verdict: str
    words: tuple[str, ...] = ()
    early: float | None = None
    late: float | None = None
    change_q: float | None = None


@dataclass(frozen=True)
class GroupWord:
    """A term that the papers of a topic use more in one group than in the rest of the topic.

    z: weighted log-odds over its standard error. inside, outside: shares of the topic's papers that use it.
    """

    topic: int
    group: int
    term: str
    z: float
    inside: float
    outside: float
    q: float


@dataclass(frozen=True)
class PeriodShare:
    """The share of a topic in a group in one period, with its 95 % interval, and in the rest of that
    period.
    """

    period: str
    topic: int
    group: int
    papers: float
    total: float
    share: float
    low: float
    high: float
    rest: float


@dataclass(frozen=True)
class GroupComparison:
    """All topics in all groups. k topics, g groups set against the rest.

    labels: of the topics. sizes: (g,) papers of each group, parts added up. papers: how many have a value.
    shares: k times g of them, by topic. table_p, table_test: of no difference anywhere, and by which test.
    chi2, cramers_v, corrected_v: strength of the whole table, the last without what chance alone gives;
        within periods where these count.
    repetitions: how many groupings an interval covers. unit, periods: "" and none where time does not count.
    """

    column: str
    names: tuple[str, ...]
    sizes: tuple[float, ...]
    labels: tuple[str, ...]
    papers: int
    fractional: bool
    shares: tuple[GroupShare, ...]
    words: tuple[GroupWord, ...]
    chi2: float
    degrees: int
    table_p: float
    table_test: str
    cramers_v: float
    corrected_v: float
    repetitions: int
    unit: str = ""
    periods: tuple[PeriodShare, ...] = ()
    notes: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        if len(self.shares) != len(self.labels) * len(self.names) or len(self.sizes) != len(self.names):
            raise ValueError("GroupComparison needs a share per topic and group, and a size per group")

    @property
    def mirrored(self) -> bool:
        """Whether there are two groups and nothing else, so that each is the rest of the other."""
        return len(self.names) == 2 and abs(sum(self.sizes) - self.papers) < 0.5

    def at(self, topic: int, group: int) -> GroupShare:
        return self.shares[topic * len(self.names) + group]


@dataclass(frozen=True)
class Accumulation:
    """How many of one kind were met after each tenth of the papers, over random orders of these.

    mean, low, high: one per tenth, with the range of 95 % of the orders. last, last_low, last_high: what the
    last tenth added. more: what another tenth as large would add, None where that cannot be told.
    """

    name: str
    mean: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    last: float
    last_low: float
    last_high: float
    more: float | None


@dataclass(frozen=True)
class Saturation:
    """Whether the papers are enough. ends: how many papers the first tenth, two tenths ... hold. orders:
    random ones. curves: of topics and of words, all and those of some papers. missed: for each repetition
    of the grouping on nine tenths of the papers, how many of the `topics` it does not find. coverage: the
    share of the words of a further paper that are known.
    """

    papers: int
    ends: tuple[int, ...]
    orders: int
    curves: tuple[Accumulation, ...]
    topics: int
    missed: tuple[int, ...]
    coverage: float

    def __post_init__(self) -> None:
        if any(len(curve.mean) != len(self.ends) for curve in self.curves):
            raise ValueError("Saturation needs a figure for each part of the papers")
