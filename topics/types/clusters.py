"""Which paper belongs where: as found, as asked for, in which layers, how far to be trusted; later papers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from topics.types.arrays import Doubles, Floats, Integers, Longs, Mask, freeze, same_length
from topics.types.topics import Keyword

OUTLIER = -1

MIN_PAPERS = 5
"""Fewest papers that can be clustered."""

NEARLY_AS_GOOD = 0.01
"""Difference of scores up to which another number of topics is nearly as good as the best."""


@dataclass(frozen=True)
class Clustering:
    """Which paper belongs where.

    topic: (n,) int32, 0 .. n_topics-1, -1 where density says outlier. A fit numbers by falling size; after an
        edit or a refit the topics that stay keep their numbers, so sizes follow no order.
    nearest_topic: (n,) int32, never -1; equal to `topic` wherever `topic` is not -1.
    probability: (n,) float32 in [0, 1], how firmly the paper belongs to `nearest_topic`.
    centroids: (n_topics, d) float32 unit rows in the space of the embeddings: means that the fit
        found, drawn towards the words for topics asked for.
    directions: (n_topics, d) float32 unit rows, by default the centroids; with `temperature` they are all
        that `topics.cluster.assign` needs, and it gives exactly `nearest_topic` and `probability` again,
        except for the rows in `by_hand`.
    temperature: the difference of cosines that makes one topic e times as likely as another.
    chosen: what `auto` settings were resolved to, for `run.json`.
    names: (n_topics,) labels that are settled before labelling, "" where one is to be found; () when all are.
    by_hand: (m,) int32, ascending rows of papers that an edit put where the one rule would not.
    curve: (c, 3) float64, of every number of topics that was weighed, the one taken first: the number, its
        score, and the mean share of groupings in which papers of one topic are together. (0, 3) where one
        plain method found the topics, or their number was given.
    levels: (l, n) int32, the nearest topics at the best of the coarser and finer numbers, ascending and none
        of them that of this clustering; topics are numbered by falling size.
    level_figures: (l, 3) float64, the number of topics of each, its score and agreement as in `curve`.
    """

    topic: Integers
    nearest_topic: Integers
    probability: Floats
    centroids: Floats
    temperature: float
    chosen: Mapping[str, object] = field(default_factory=dict)
    names: tuple[str, ...] = ()
    by_hand: Integers = field(default_factory=lambda: np.zeros(0, np.int32))
    directions: Floats = field(default_factory=lambda: np.zeros((0, 0), np.float32))
    curve: Doubles = field(default_factory=lambda: np.zeros((0, 3)))
    levels: Integers = field(default_factory=lambda: np.zeros((0, 0), np.int32))
    level_figures: Doubles = field(default_factory=lambda: np.zeros((0, 3)))

    def __post_init__(self) -> None:
        topic = freeze(self, "topic", self.topic, np.int32, 1)
        nearest = freeze(self, "nearest_topic", self.nearest_topic, np.int32, 1)
        probability = freeze(self, "probability", self.probability, np.float32, 1)
        same_length(self, topic=len(topic), nearest_topic=len(nearest), probability=len(probability))
        if len(topic) == 0 or nearest.min() < 0 or topic.min() < OUTLIER:
            raise ValueError("Clustering: nearest_topic starts at 0, topic at -1, and neither may be empty")
        if (topic[topic >= 0] != nearest[topic >= 0]).any():
            raise ValueError("Clustering: nearest_topic must equal topic where topic is not -1")
        if not ((probability >= 0) & (probability <= 1)).all():
            raise ValueError("Clustering.probability must lie in [0, 1]")
        centroids = freeze(self, "centroids", self.centroids, np.float32, 2)
        if len(centroids) != nearest.max() + 1 or not self.temperature > 0:
            raise ValueError("Clustering needs one centroid per topic and a temperature above 0")
        if not self.directions.size:
            object.__setattr__(self, "directions", centroids)
        if freeze(self, "directions", self.directions, np.float32, 2).shape != centroids.shape:
            raise ValueError("Clustering needs one direction per topic, of the centroids' dimensions")
        if (self.sizes == 0).any():
            raise ValueError("Clustering: topics must be numbered without gaps")
        if self.names and len(self.names) != len(centroids):
            raise ValueError("Clustering.names must hold one entry per topic, or none")
        by_hand = freeze(self, "by_hand", self.by_hand, np.int32, 1)
        if len(by_hand) and (by_hand[0] < 0 or by_hand[-1] >= len(topic) or (np.diff(by_hand) <= 0).any()):
            raise ValueError("Clustering.by_hand must hold ascending row numbers")
        freeze(self, "curve", self.curve, np.float64, 2)
        levels = freeze(self, "levels", self.levels, np.int32, 2)
        figures = freeze(self, "level_figures", self.level_figures, np.float64, 2)
        if len(levels) != len(figures) or (len(levels) and levels.shape[1] != len(topic)):
            raise ValueError("Clustering.levels must hold a topic per paper, and figures per level")

    def __len__(self) -> int:
        return len(self.topic)

    @property
    def n_topics(self) -> int:
        return int(self.nearest_topic.max()) + 1

    @property
    def sizes(self) -> Integers:
        """(n_topics,) papers per topic, outliers not counted."""
        members = self.topic[self.topic >= 0]
        return np.bincount(members, minlength=self.n_topics).astype(np.int32)


@dataclass(frozen=True)
class Group:
    """A field above the topics, or a subtopic inside one.

    size: its papers, outliers not counted. stability: of a subtopic, in [0, 1], how well it is found again
    when its topic is divided anew; None for a field, and in runs made before it was looked at.
    """

    label: str
    size: int
    keywords: tuple[Keyword, ...]
    stability: float | None = None


@dataclass(frozen=True)
class Hierarchy:
    """Three layers: fields, topics, subtopics. k topics, f fields, s subtopics.

    merges: (k - 1, 4) float64, the tree of topics in scipy's linkage form.
    field: (k,) int32, the field of each topic; fields: their names, by falling size. Where topics form no
        fields, field is -1 throughout and fields is empty.
    subtopic: (n,) int32, the subtopic of each paper, -1 where its nearest topic is not divided.
    parent: (s,) int32, the topic that each subtopic is a part of; subtopics: their names.
    """

    merges: Doubles
    field: Integers
    fields: tuple[Group, ...]
    subtopic: Integers
    parent: Integers
    subtopics: tuple[Group, ...]

    def __post_init__(self) -> None:
        merges = freeze(self, "merges", self.merges, np.float64, 2)
        owner = freeze(self, "field", self.field, np.int32, 1)
        subtopic = freeze(self, "subtopic", self.subtopic, np.int32, 1)
        parent = freeze(self, "parent", self.parent, np.int32, 1)
        if merges.shape != (len(owner) - 1, 4):
            raise ValueError(f"Hierarchy.merges must have shape {(len(owner) - 1, 4)}, not {merges.shape}")
        known = list(range(len(self.fields))) or [OUTLIER]
        if sorted(set(owner.tolist())) != known:
            raise ValueError("Hierarchy: every field needs a topic, and every topic a field or none does")
        if len(parent) != len(self.subtopics) or not set(subtopic.tolist()) <= {
            OUTLIER,
            *range(len(parent)),
        }:
            raise ValueError("Hierarchy: subtopics are numbered from 0, each with one topic as its parent")

    def field_of(self, topic: int) -> str:
        """The name of a topic's field; "" where there are no fields."""
        return self.fields[self.field[topic]].label if self.fields else ""

    def parts(self, topic: int) -> list[int]:
        """The subtopics of one topic; none where it is not divided."""
        parts: list[int] = np.flatnonzero(self.parent == topic).tolist()
        return parts


@dataclass(frozen=True)
class NamedLevel:
    """One number of topics that the papers can be divided into, and those topics.

    labels, sizes: one per topic, outliers not counted. score, agreement: as in `Clustering.curve`.
    """

    labels: tuple[str, ...]
    sizes: tuple[int, ...]
    score: float
    agreement: float

    def __post_init__(self) -> None:
        if not self.labels or len(self.labels) != len(self.sizes) or min(self.sizes) < 1:
            raise ValueError("NamedLevel needs a label and a size of at least 1 per topic")
        if len({label.casefold() for label in self.labels}) != len(self.labels):
            raise ValueError("NamedLevel: labels must be unique within a level")

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def by_size(self) -> list[tuple[str, int]]:
        """Labels and sizes, the largest topic first."""
        return sorted(zip(self.labels, self.sizes, strict=True), key=lambda pair: -pair[1])


@dataclass(frozen=True)
class Levels:
    """Numbers of topics to choose from. l levels; none where the number was given, where topics were asked
    for, or where one plain method found them.

    levels: from few topics to many; a topic that is not the run's own has the number of its row in
        `Clustering.levels`. taken: the place of the run's own topics among them.
    best: the highest score of all numbers that were weighed.
    """

    levels: tuple[NamedLevel, ...] = ()
    taken: int = 0
    best: float = 0.0

    def __post_init__(self) -> None:
        numbers = [len(level) for level in self.levels]
        if numbers != sorted(set(numbers)):
            raise ValueError("Levels must be ordered by their numbers of topics, no two of the same")
        if self.levels and not 0 <= self.taken < len(self.levels):
            raise ValueError("Levels.taken must be the place of one of them")

    def __len__(self) -> int:
        return len(self.levels)

    @property
    def own(self) -> NamedLevel:
        """The run's own topics."""
        return self.levels[self.taken]

    @property
    def others(self) -> tuple[NamedLevel, ...]:
        return tuple(level for level in self.levels if len(level) != len(self.own))

    @property
    def nearly(self) -> tuple[NamedLevel, ...]:
        """The levels besides the one taken whose score is within `NEARLY_AS_GOOD` of the best."""
        return tuple(level for level in self.others if round(self.best - level.score, 6) <= NEARLY_AS_GOOD)

    @property
    def notes(self) -> tuple[str, ...]:
        """A sentence where another number is nearly as good, or better than the one that was asked for."""
        if not (near := self.nearly):
            return ()
        *first, last = [str(len(level)) for level in near]
        numbers = f"{', '.join(first)} and {last} hold" if first else f"{last} holds"
        best = max(near, key=lambda level: level.score)
        well = "nearly as well" if self.best - self.own.score <= NEARLY_AS_GOOD else "better"
        return (f"{len(self.own)} topics; {numbers} {well}: --set cluster.n_topics={len(best)}",)


@dataclass(frozen=True)
class Regroupings:
    """The grouping repeated on parts of the papers, from other starts. r repetitions of m papers each.

    rows: (r, m) int32, the papers of each repetition; none twice in one.
    groups: (r, m) int32, the groups that these papers formed alone, numbered from 0 in each repetition and
        on their own: group 3 of one repetition has nothing to do with group 3 of another, nor with topic 3.
    """

    rows: Integers = field(default_factory=lambda: np.zeros((0, 0), np.int32))
    groups: Integers = field(default_factory=lambda: np.zeros((0, 0), np.int32))

    def __post_init__(self) -> None:
        rows = freeze(self, "rows", self.rows, np.int32, 2)
        groups = freeze(self, "groups", self.groups, np.int32, 2)
        if rows.shape != groups.shape or (groups.size and groups.min() < 0):
            raise ValueError("Regroupings needs a group from 0 on for each paper of each repetition")
        if any(len(np.unique(own)) < len(own) for own in rows):
            raise ValueError("Regroupings: a paper can be in one repetition only once")

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[tuple[Integers, Integers]]:
        return zip(self.rows, self.groups, strict=True)


@dataclass(frozen=True)
class Quality:
    """How far a clustering and its keywords can be trusted. k topics.

    stability: (k,) float32 in [0, 1], how well a topic is found again when the run is repeated on other seeds
        and on parts of the papers.
    coherence: (k,) float32 in [-1, 1], NPMI of its keywords in the corpus.
    agreement: mean AMI between the clustering and its repetitions.
    diversity: share of distinct terms among all keywords. outlier_share: in [0, 1].
    doubts: one line per topic that says why it is not to be trusted, or "".
    """

    stability: Floats
    coherence: Floats
    agreement: float
    diversity: float
    outlier_share: float
    doubts: tuple[str, ...]

    def __post_init__(self) -> None:
        stability = freeze(self, "stability", self.stability, np.float32, 1)
        coherence = freeze(self, "coherence", self.coherence, np.float32, 1)
        same_length(self, stability=len(stability), coherence=len(coherence), doubts=len(self.doubts))
        if not ((stability >= 0) & (stability <= 1)).all():
            raise ValueError("Quality.stability must lie in [0, 1]")

    @property
    def means(self) -> dict[str, float]:
        """The figures of the run as a whole, a topic's own taken as means."""
        return {
            "stability": float(self.stability.mean()),
            "agreement": self.agreement,
            "coherence": float(self.coherence.mean()),
            "diversity": self.diversity,
            "outlier_share": self.outlier_share,
        }

    def doubting(self, also: Sequence[str]) -> Quality:
        """Quality with further doubts, one per topic or "", said after its own."""
        both = zip(self.doubts, also, strict=True)
        return replace(self, doubts=tuple("; ".join(filter(None, pair)) for pair in both))

    @property
    def doubtful(self) -> int:
        """How many topics are not to be trusted."""
        return sum(map(bool, self.doubts))


@dataclass(frozen=True)
class ShareRule:
    """What turns a paper's cosines into its shares of topics (`topics.cluster.memberships`). c knots.

    temperature: the difference of cosines that makes one topic e times as likely as another, for the nearest
        topic against all others; others: the same among all but the nearest.
    knots: (c, 2) float64, what the softmax says of the nearest topic and what regroupings say, ascending.
    """

    temperature: float
    others: float
    knots: Doubles

    def __post_init__(self) -> None:
        knots = freeze(self, "knots", self.knots, np.float64, 2)
        if not self.temperature > 0 or not self.others > 0:
            raise ValueError("ShareRule needs temperatures above 0")
        if knots.shape[1:] != (2,) or not len(knots) or (np.diff(knots, axis=0) < 0).any():
            raise ValueError("ShareRule.knots must be ascending pairs")
        if not ((knots >= 0) & (knots <= 1)).all():
            raise ValueError("ShareRule.knots must lie in [0, 1]")

    @classmethod
    def plain(cls, temperature: float) -> ShareRule:
        """The softmax itself."""
        return cls(temperature, temperature, np.array([[0.0, 0.0], [1.0, 1.0]]))


BETWEEN = 0.5
"""A paper lies between topics where its second topic is at least this likely, as a part of the nearest."""


def lies_between(second_topic: Integers, probability: Floats, second_probability: Floats) -> Mask:
    """(n,) papers whose second topic is at least `BETWEEN` times as likely as the nearest."""
    found: Mask = (second_topic >= 0) & (second_probability >= BETWEEN * probability)
    return found


@dataclass(frozen=True)
class Memberships:
    """How much of each topic a paper is. n papers, s shares that are listed.

    temperature, others, knots: as in `ShareRule`.
    starts: (n + 1,) int64, where each paper's shares begin and end; topics: (s,) int32 and shares: (s,)
        float32: first that of `Clustering.nearest_topic`, then the largest other, then all not small.
    reliability: of each tenth of shares that has pairs of a paper and a topic: how many pairs, their mean
        share, and in which share of regroupings, none of which the rule was learned from, the paper was in
        the topic. Empty where nothing was learned.
    """

    temperature: float
    others: float
    knots: tuple[tuple[float, float], ...]
    starts: Longs
    topics: Integers
    shares: Floats
    reliability: tuple[tuple[int, float, float], ...] = ()

    def __post_init__(self) -> None:
        starts = freeze(self, "starts", self.starts, np.int64, 1)
        topics = freeze(self, "topics", self.topics, np.int32, 1)
        shares = freeze(self, "shares", self.shares, np.float32, 1)
        if len(starts) < 2 or starts[0] != 0 or (np.diff(starts) < 1).any() or starts[-1] != len(topics):
            raise ValueError("Memberships.starts must say where each paper's shares begin and end")
        if len(topics) != len(shares) or topics.min() < 0 or not ((shares >= 0) & (shares <= 1)).all():
            raise ValueError("Memberships needs a share in [0, 1] per listed topic")
        if len(self.rule.knots) != len(self.knots):
            raise ValueError("Memberships.knots must be those of a ShareRule")

    def __len__(self) -> int:
        return len(self.starts) - 1

    @cached_property
    def probability(self) -> Floats:
        """(n,) float32, the share of `Clustering.nearest_topic`."""
        return self.shares[self.starts[:-1]]

    @cached_property
    def second_topic(self) -> Integers:
        """(n,) int32, the topic of the largest share besides; -1 in a run of one topic."""
        return np.where(self._more, self.topics[self._second], np.int32(OUTLIER))

    @cached_property
    def second_probability(self) -> Floats:
        """(n,) float32, that share; 0 in a run of one topic."""
        return np.where(self._more, self.shares[self._second], np.float32(0))

    @property
    def _more(self) -> Mask:
        return np.diff(self.starts) > 1

    @property
    def _second(self) -> Longs:
        return self.starts[:-1] + self._more

    @property
    def rule(self) -> ShareRule:
        return ShareRule(self.temperature, self.others, np.array(self.knots, np.float64).reshape(-1, 2))

    @property
    def between(self) -> Mask:
        """(n,) papers whose second topic is at least `BETWEEN` times as likely as the nearest."""
        return lies_between(self.second_topic, self.probability, self.second_probability)

    @property
    def calibration_error(self) -> float:
        """How far shares of .1 and more are from what regroupings say, in the mean over pairs (the expected
        calibration error: Naeini et al. 2015).
        """
        larger = [(abs(said - seen), pairs) for pairs, said, seen in self.reliability if said >= 0.1]
        off, weights = ([pair[place] for pair in larger] for place in (0, 1))
        return float(np.average(off, weights=weights)) if larger else 0.0


@dataclass(frozen=True)
class Guidance:
    """The topics that a run is asked to have. g topics; all empty where it is asked for none.

    names: (g,) their labels. seeds: (g,) for each the row numbers of the papers that support it best, best
        first, never none; a paper is a seed of one topic only.
    places: (g, d) float32 unit rows in the space of the embeddings: where the words that ask for each topic
        lie; zero where that is not known.
    only: whether papers of no such topic become outliers.
    without: names of the taxonomy that no paper supports, which are therefore left out.
    """

    names: tuple[str, ...] = ()
    seeds: tuple[tuple[int, ...], ...] = ()
    places: Floats = field(default_factory=lambda: np.zeros((0, 0), np.float32))
    only: bool = False
    without: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        rows = [row for seeds in self.seeds for row in seeds]
        places = freeze(self, "places", self.places, np.float32, 2)
        if len(places) != len(self.names):
            raise ValueError("Guidance needs one place per name")
        if len(self.names) != len(self.seeds) or not all(self.seeds):
            raise ValueError("Guidance needs at least one seed paper per name")
        if len(set(rows)) != len(rows):
            raise ValueError("Guidance: a paper can be a seed of one topic only")

    def within(self, rows: Integers) -> Guidance:
        """For a part of the papers, `rows` of them: the topics that still have a seed there."""
        place = {row: at for at, row in enumerate(rows.tolist())}
        seeds = [tuple(place[row] for row in own if row in place) for own in self.seeds]
        kept = [topic for topic, own in enumerate(seeds) if own]
        return Guidance(
            tuple(self.names[topic] for topic in kept),
            tuple(seeds[topic] for topic in kept),
            self.places[kept],
            self.only,
        )

    @property
    def notes(self) -> tuple[str, ...]:
        if not self.without:
            return ()
        return (f"No paper supports these topics of the taxonomy, left out: {', '.join(self.without)}.",)


@dataclass(frozen=True)
class Novelty:
    """What later papers are compared with, to see whether they are like anything in the run.

    rows: (r,) int32, ascending row numbers of the papers that represent the run.
    closeness: (r,) float32, how close each of them is to the others (`topics.cluster.novelty`).
    """

    rows: Integers
    closeness: Floats

    def __post_init__(self) -> None:
        rows = freeze(self, "rows", self.rows, np.int32, 1)
        closeness = freeze(self, "closeness", self.closeness, np.float32, 1)
        same_length(self, rows=len(rows), closeness=len(closeness))
        if len(rows) < 2 or (np.diff(rows) <= 0).any():
            raise ValueError("Novelty needs two papers or more, in ascending rows")


@dataclass(frozen=True)
class Labelled:
    """Papers with their topics. m papers, row `i` of every array belongs to the i-th paper asked for.

    topic: (m,) int32, equal to `nearest_topic`, or -1 for a paper that is unlike all papers of the run or, in
        a zero-shot run, most like its outliers; what the run says where it holds the paper itself.
    nearest_topic, probability: (m,) int32 and float32 in [0, 1], as in `Clustering`.
    second_topic, second_probability: the same of the next topic; -1 and 0 in a run of one topic.
    familiarity: (m,) float32 in (0, 1], the conformal p-value of a paper's novelty: the share of the run's
        papers that are no closer to the rest of the run than this one is.
    row: (m,) int32, the row of the run's paper with the same text; -1 for a paper that is new.
    """

    topic: Integers
    nearest_topic: Integers
    probability: Floats
    second_topic: Integers
    second_probability: Floats
    familiarity: Floats
    row: Integers

    def __post_init__(self) -> None:
        for name in ("topic", "nearest_topic", "second_topic", "row"):
            freeze(self, name, getattr(self, name), np.int32, 1)
        for name in ("probability", "second_probability", "familiarity"):
            freeze(self, name, getattr(self, name), np.float32, 1)
        same_length(self, **{name: len(getattr(self, name)) for name in vars(self)})
        if ((self.topic != -1) & (self.topic != self.nearest_topic)).any():
            raise ValueError("Labelled: nearest_topic must equal topic where topic is not -1")

    @property
    def between(self) -> Mask:
        """(m,) papers between two topics, as in `Memberships`."""
        return lies_between(self.second_topic, self.probability, self.second_probability)

    def __len__(self) -> int:
        return len(self.topic)
