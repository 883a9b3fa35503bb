"""The values that flow from stage to stage.

Each stage takes some of these and returns the next one. All are frozen, check their shapes when made and
hold read-only arrays, so a stage can be cached, repeated or replaced without looking at its neighbours.
`n` is the number of kept papers throughout; row `i` of every array belongs to row `i` of `Corpus.papers`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import pyarrow as pa
    import scipy.sparse as sp

Floats = npt.NDArray[np.float32]
Integers = npt.NDArray[np.int32]

OUTLIER = -1


def _freeze(owner: object, name: str, value: npt.ArrayLike, dtype: type, ndim: int) -> npt.NDArray[Any]:
    array: npt.NDArray[Any] = np.ascontiguousarray(value, dtype=dtype)
    if array.ndim != ndim:
        raise ValueError(f"{type(owner).__name__}.{name} must have {ndim} dimensions, not {array.ndim}")
    if array is value:
        array = array.view()
    array.flags.writeable = False
    object.__setattr__(owner, name, array)
    return array


def _same_length(owner: object, **lengths: int) -> None:
    if len(set(lengths.values())) > 1:
        found = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise ValueError(f"{type(owner).__name__} must have one row per paper everywhere, found {found}")


@dataclass(frozen=True)
class Record:
    """One paper as a reader found it: text untouched, fields named.

    `date` is ISO 8601 cut to what is known: "2023", "2023-05" or "2023-05-14"; empty when unknown.
    `position` is the 1-based place in `file` (a line for line-based formats, else the record's number).
    `original` holds every field of the input under the input's own name.
    `kind` is the database's own word for what this is: "Article", "Erratum", "Editorial" ...
    `identifiers` are what makes two records the same paper, as "doi:...", "arxiv:...", "pmid:...".
    `assumed` says what the reader had to guess to fill a field; empty when nothing.
    """

    title: str
    abstract: str
    id: str = ""
    authors: tuple[str, ...] = ()
    date: str = ""
    venue: str = ""
    keywords: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    doi: str = ""
    url: str = ""
    language: str = ""
    kind: str = ""
    identifiers: tuple[str, ...] = ()
    assumed: str = ""
    file: str = ""
    position: int = 0
    original: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Broken:
    """A place in a file where no record could be read, and why."""

    file: str
    position: int
    reason: str


@dataclass(frozen=True)
class Corpus:
    """The kept papers and the account of every input record.

    papers: table of n rows with the columns of `topics.corpus.PAPER_SCHEMA`: id, title, abstract, date, doi,
        url, venue, language, file (strings), authors, keywords, categories (lists of strings), position
        (int64) and original (string: the input's own fields as JSON). `title` and `abstract` are cleaned
        for reading; `original` is untouched. Ids are unique.
    account: one row per input record with the columns of `topics.corpus.ACCOUNT_SCHEMA`: file, position,
        id, title, kept (bool), reason, duplicate_of.
    notes: sentences for the user about what was assumed or repaired.
    """

    papers: pa.Table
    account: pa.Table
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if len(set(self.ids)) != len(self.ids):
            raise ValueError("Corpus.papers has an id twice")

    def __len__(self) -> int:
        return int(self.papers.num_rows)

    def column(self, name: str) -> list[Any]:
        values: list[Any] = self.papers.column(name).to_pylist()
        return values

    @cached_property
    def ids(self) -> tuple[str, ...]:
        return tuple(self.column("id"))

    @cached_property
    def titles(self) -> tuple[str, ...]:
        return tuple(self.column("title"))

    @cached_property
    def abstracts(self) -> tuple[str, ...]:
        return tuple(self.column("abstract"))

    @cached_property
    def dates(self) -> tuple[str, ...]:
        return tuple(self.column("date"))

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """What is embedded: the title, a stop, the abstract."""
        pairs = zip(self.titles, self.abstracts, strict=True)
        return tuple(join_text(title, abstract) for title, abstract in pairs)


def join_text(title: str, abstract: str) -> str:
    """Title first, so that a truncated reading keeps it."""
    if not title or not abstract:
        return title or abstract
    return f"{title}{'' if title[-1] in '.?!:' else '.'} {abstract}"


@dataclass(frozen=True)
class Embeddings:
    """vectors: (n, d) float32, each row of length 1 (or all zero where a paper has no known word)."""

    vectors: Floats
    encoder: str

    def __post_init__(self) -> None:
        vectors = _freeze(self, "vectors", self.vectors, np.float32, 2)
        if not np.isfinite(vectors).all():
            raise ValueError("Embeddings.vectors holds NaN or infinity")

    @cached_property
    def order(self) -> Integers:
        """(n,) the papers' row numbers sorted by their vectors.

        The same sequence of vectors however the papers are arranged: stages work in it, so that permuting
        the papers permutes the answer.
        """
        return np.lexsort(self.vectors.T[::-1]).astype(np.int32)


@dataclass(frozen=True)
class Neighbours:
    """The one k-nearest-neighbour graph.

    indices (n, k) int32 and cosine distances (n, k) float32, ascending; column 0 is the paper itself at
    distance 0.
    """

    indices: Integers
    distances: Floats

    def __post_init__(self) -> None:
        indices = _freeze(self, "indices", self.indices, np.int32, 2)
        distances = _freeze(self, "distances", self.distances, np.float32, 2)
        if indices.shape != distances.shape:
            raise ValueError(f"Neighbours: indices {indices.shape} and distances {distances.shape} differ")


@dataclass(frozen=True)
class Projection:
    """coordinates: (n, dimensions) float32, from UMAP."""

    coordinates: Floats

    def __post_init__(self) -> None:
        _freeze(self, "coordinates", self.coordinates, np.float32, 2)


@dataclass(frozen=True)
class Layouts:
    """coordinates: (layouts, n, dimensions) float32, from UMAP with as many seeds."""

    coordinates: Floats

    def __post_init__(self) -> None:
        _freeze(self, "coordinates", self.coordinates, np.float32, 3)


@dataclass(frozen=True)
class Clustering:
    """Which paper belongs where.

    topic: (n,) int32, 0 .. n_topics-1 by falling size, -1 where density says outlier.
    nearest_topic: (n,) int32, never -1; equal to `topic` wherever `topic` is not -1.
    probability: (n,) float32 in [0, 1], how firmly the paper belongs to `nearest_topic`.
    centroids: (n_topics, d) float32 unit rows in the space of the embeddings; with `temperature` they are all
        that `topics.assign` needs, and it gives exactly `nearest_topic` and `probability` again.
    temperature: the difference of cosines that makes one topic e times as likely as another.
    chosen: what `auto` settings were resolved to, for `run.json`.
    """

    topic: Integers
    nearest_topic: Integers
    probability: Floats
    centroids: Floats
    temperature: float
    chosen: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        topic = _freeze(self, "topic", self.topic, np.int32, 1)
        nearest = _freeze(self, "nearest_topic", self.nearest_topic, np.int32, 1)
        probability = _freeze(self, "probability", self.probability, np.float32, 1)
        _same_length(self, topic=len(topic), nearest_topic=len(nearest), probability=len(probability))
        if len(topic) == 0 or nearest.min() < 0 or topic.min() < OUTLIER:
            raise ValueError("Clustering: nearest_topic starts at 0, topic at -1, and neither may be empty")
        if (topic[topic >= 0] != nearest[topic >= 0]).any():
            raise ValueError("Clustering: nearest_topic must equal topic where topic is not -1")
        if not ((probability >= 0) & (probability <= 1)).all():
            raise ValueError("Clustering.probability must lie in [0, 1]")
        centroids = _freeze(self, "centroids", self.centroids, np.float32, 2)
        if len(centroids) != nearest.max() + 1 or not self.temperature > 0:
            raise ValueError("Clustering needs one centroid per topic and a temperature above 0")
        sizes = self.sizes
        if (sizes == 0).any() or (np.diff(sizes) > 0).any():
            raise ValueError("Clustering: topics must be numbered without gaps by falling size")

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
class Counts:
    """The document-term matrix and what stands beside each term.

    matrix: (n, v) scipy CSR int32. terms: (v,) as the authors write them, sorted without regard to case.
    before, after: (v, 5) int32, how often a term's neighbour on either side is punctuation or nothing, a
        determiner, a word that announces a verb ("we", "to", "can"), another stop word, a content word.
    continued: (v, 2) float32, the share of the commonest content word before and after it.
    The last three are evidence on where a phrase begins and ends; left out, they are all zero.
    """

    matrix: sp.csr_matrix
    terms: tuple[str, ...]
    before: Integers = field(default_factory=lambda: np.zeros((0, 5), dtype=np.int32))
    after: Integers = field(default_factory=lambda: np.zeros((0, 5), dtype=np.int32))
    continued: Floats = field(default_factory=lambda: np.zeros((0, 2), dtype=np.float32))

    def __post_init__(self) -> None:
        terms = len(self.terms)
        if self.matrix.shape[1] != terms:
            raise ValueError(f"Counts: {self.matrix.shape[1]} columns but {terms} terms")
        for name, dtype, columns in (
            ("before", np.int32, 5),
            ("after", np.int32, 5),
            ("continued", np.float32, 2),
        ):
            given = getattr(self, name)
            table = _freeze(self, name, given if len(given) else np.zeros((terms, columns)), dtype, 2)
            if table.shape != (terms, columns):
                raise ValueError(f"Counts.{name} must have shape {(terms, columns)}, not {table.shape}")


@dataclass(frozen=True)
class Keyword:
    """A term and its c-TF-IDF weight in one topic."""

    term: str
    weight: float


@dataclass(frozen=True)
class Topic:
    """One named topic. `representative` are row numbers of the corpus, most central first."""

    id: int
    label: str
    size: int
    keywords: tuple[Keyword, ...]
    representative: tuple[int, ...]

    def __post_init__(self) -> None:
        if not self.label.strip() or self.size < 1 or not self.keywords:
            raise ValueError(f"Topic {self.id} needs a label, a size of at least 1 and keywords")


@dataclass(frozen=True)
class Topics:
    """All topics in the order of their ids, 0 first."""

    topics: tuple[Topic, ...]

    def __post_init__(self) -> None:
        if [topic.id for topic in self.topics] != list(range(len(self.topics))):
            raise ValueError("Topics must be numbered 0, 1, 2, ... in order")
        labels = [topic.label.casefold() for topic in self.topics]
        if len(set(labels)) != len(labels):
            raise ValueError("Topics: labels must be unique within a run")

    def __len__(self) -> int:
        return len(self.topics)

    def __getitem__(self, topic: int) -> Topic:
        return self.topics[topic]

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(topic.label for topic in self.topics)


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
    """Topics over time. t periods without gaps, k topics.

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
            if _freeze(self, name, getattr(self, name), kind, 2).shape != shape:
                raise ValueError(f"Trends.{name} needs a row per topic and a column per period: {shape}")
        _freeze(self, "period", self.period, np.int32, 1)
        if self.counts.sum(axis=0).tolist() != [period.total for period in self.periods]:
            raise ValueError("Trends: the topics' papers in a period must add up to the period's total")

    @property
    def totals(self) -> Integers:
        """(t,) papers of all topics."""
        return np.array([period.total for period in self.periods], dtype=np.int32)

    @property
    def shares(self) -> npt.NDArray[np.float64]:
        """(k, t) share of each topic, NaN where a period has no papers."""
        totals = np.where(self.totals > 0, self.totals, np.nan)
        return np.asarray(self.counts / totals)

    @property
    def complete(self) -> npt.NDArray[np.bool_]:
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
class Files:
    """The result of a stage that writes files: their names."""

    names: tuple[str, ...]
