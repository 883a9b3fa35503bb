"""Layers above and below the topics: fields that hold several, subtopics that divide one.

The tree of topics is Ward's (1963) on two views of each topic: its centroid, and its class-based TF-IDF,
which is a product with the document-term matrix. Nothing is tokenised or embedded again. Fields are a cut of
that tree. Subtopics are the parts of a topic that its papers agree on (`topics.label.subtopics`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from topics.cache.parallel import in_threads
from topics.config import LabelSettings
from topics.label.keywords import Rows, class_tfidf, heaviest
from topics.label.labels import choose_labels
from topics.label.phrases import Doubles, fitness, kinds
from topics.label.subtopics import LEAST, Division, divide
from topics.types import (
    OUTLIER,
    Clustering,
    Corpus,
    Counts,
    Embeddings,
    Group,
    Hierarchy,
    Integers,
    Keyword,
    Topics,
)

FEWEST_TOPICS = 6
"""Below this many topics each is a field of its own: there is nothing to survey."""

TERMS = 3
"""Terms in the name of a field."""


def layers(
    corpus: Corpus,
    embeddings: Embeddings,
    clustering: Clustering,
    counts: Counts,
    topics: Topics,
    settings: LabelSettings,
    *,
    random_state: int,
) -> Hierarchy:
    """Fields, topics and subtopics, each layer named from its own papers' terms.

    A field of a single topic has that topic's name; no topic's or field's name is used for a subtopic.
    """
    merges, field = _fields(clustering, counts)
    parts = _subtopics(embeddings, clustering, random_state)
    namer = _Namer(counts, embeddings, *fitness(counts, corpus), settings.keywords, [*topics.labels])
    fields = namer.fields(clustering.topic, field, topics)
    subtopics = namer.subtopics(np.where(clustering.topic >= 0, parts.of, OUTLIER), parts, topics)
    return Hierarchy(merges, field, fields, parts.of, parts.parent, subtopics)


class _Namer:
    """Names groups of papers and remembers what it has used. `used` starts as the topics' labels."""

    def __init__(
        self,
        counts: Counts,
        embeddings: Embeddings,
        shape: Doubles,
        fit: Doubles,
        keywords: int,
        used: list[str],
    ) -> None:
        self.counts, self.embeddings, self.shape, self.fit = counts, embeddings, shape, fit
        self.keywords, self.used = keywords, used
        self.kind = kinds(counts.terms)

    def fields(self, topic: Integers, field: Integers, topics: Topics) -> tuple[Group, ...]:
        """A name per field: up to `TERMS` of its keywords, or the label of its only topic.

        One phrase cannot stand for the several things in a field, so it is named as a list: heavy keywords
        that together occur in most of its papers, each topic counting alike.
        """
        groups = np.where(topic >= 0, field[topic], OUTLIER)
        found: list[Group] = []
        spent: set[str] = set()
        for number, words in enumerate(self._keywords(groups)):
            own = np.flatnonzero(field == number)
            rows = np.flatnonzero(groups == number)
            weight = 1.0 / np.bincount(topic[rows], minlength=len(field))[topic[rows]]
            free = [keyword for keyword in words if keyword.term not in spent] or words
            terms = [topics.labels[own[0]]] if len(own) == 1 else self._covering(rows, weight, free)
            spent.update(terms)
            found.append(Group(", ".join(terms), len(rows), words))
        self.used += [group.label for group in found]
        return tuple(found)

    def _covering(self, rows: Rows, weight: Doubles, words: Sequence[Keyword]) -> list[str]:
        """Greedily the keywords whose weight, times the papers that have it and none before, is highest."""
        place = {term: column for column, term in enumerate(self.counts.terms)}
        terms = [keyword.term for keyword in words if keyword.term in place]
        worth = np.array([keyword.weight for keyword in words if keyword.term in place])
        carried = self.counts.matrix[rows][:, [place[term] for term in terms]].toarray() > 0
        chosen: list[int] = []
        for _ in range(min(TERMS, len(terms))):
            gain = np.round(worth * (weight @ carried), 9)
            gain[chosen] = -1.0
            chosen.append(int(gain.argmax()))
            weight = weight * ~carried[:, chosen[-1]]
        return [terms[at] for at in chosen]

    def subtopics(self, groups: Integers, parts: _Subtopics, topics: Topics) -> tuple[Group, ...]:
        """A phrase per subtopic, as topics are named, but told apart from the other parts of its topic only.

        groups: (n,) the subtopic of each paper that counts, else -1.
        """
        if not len(parts.parent):
            return ()
        taken = {name.casefold() for name in self.used}
        columns = [place for place, term in enumerate(self.counts.terms) if term.casefold() in taken]
        free = self.fit * ~np.isin(self.kind, self.kind[columns])
        families = np.unique(parts.parent, return_inverse=True)[1].astype(np.int64)
        chosen = choose_labels(self.counts, groups, self.embeddings, free, None, families=families)
        sizes = np.bincount(groups[groups >= 0]).tolist()
        found: list[Group] = []
        for number, words in enumerate(self._keywords(groups)):
            topic = int(parts.parent[number])
            rank = number - int(np.flatnonzero(parts.parent == topic)[0]) + 1
            label = chosen[number] or f"{topics.labels[topic]}, part {rank}"
            found.append(Group(label, sizes[number], words, parts.stability[number]))
        return tuple(found)

    def _keywords(self, groups: Integers) -> Iterator[tuple[Keyword, ...]]:
        weights = class_tfidf(self.counts, groups)
        most = weights.max(axis=0).toarray().ravel()
        for number in range(weights.shape[0]):
            rows = np.flatnonzero(groups == number)
            yield heaviest(weights[number], most, self.counts, rows, self.shape, self.keywords)


def _fields(clustering: Clustering, counts: Counts) -> tuple[npt.NDArray[np.float64], Integers]:
    """The tree of the k topics, (k - 1, 4) in scipy's form, and the field of each, by falling size."""
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    k = clustering.n_topics
    if k == 1:
        return np.zeros((0, 4)), np.zeros(1, np.int32)
    terms = class_tfidf(counts, clustering.topic)
    lengths = np.sqrt(np.asarray(terms.multiply(terms).sum(axis=1)).ravel())
    lengths = np.where(lengths > 0, lengths, 1.0)
    by_terms = 1 - (terms @ terms.T).toarray() / np.outer(lengths, lengths)
    centroids = clustering.centroids.astype(np.float64)
    apart: Doubles = np.zeros((k, k))
    for squares in (by_terms, 1 - centroids @ centroids.T):
        np.fill_diagonal(squares, 0)
        both = np.maximum(squares + squares.T, 0)
        apart += both / max(float(both.mean()), 1e-12)
    # Squared distances of unit vectors add up to those of the two views side by side, so Ward applies.
    apart = np.sqrt(apart).round(9)
    merges = linkage(squareform(apart, checks=False), "ward")
    if k < FEWEST_TOPICS:
        return merges, np.arange(k, dtype=np.int32)
    fewest, most = sorted((int(np.ceil(k**0.5)), int(np.ceil(k / 3))))
    cuts = [fcluster(merges, f, "maxclust") for f in range(fewest, most + 1)]
    return merges, _by_size(max(cuts, key=lambda cut: _separation(apart, cut)), clustering.sizes)


def _separation(apart: Doubles, field: npt.NDArray[np.integer]) -> float:
    """Mean silhouette (Rousseeuw 1987) of the topics in their fields."""
    from sklearn.metrics import silhouette_score

    if len(np.unique(field)) in (1, len(field)):
        return -1.0
    return round(float(silhouette_score(apart, field, metric="precomputed")), 9)


@dataclass(frozen=True)
class _Subtopics:
    """of: (n,) the subtopic of each paper or -1. parent: (s,) each one's topic; within a topic by falling
    size. stability: (s,).
    """

    of: Integers
    parent: Integers
    stability: tuple[float, ...]


def _by_size(groups: npt.NDArray[np.integer], weight: Integers) -> Integers:
    """The same groups numbered from 0 by falling total weight, ties by their first member."""
    _, first, number = np.unique(groups, return_index=True, return_inverse=True)
    order = np.lexsort((first, -np.bincount(number, weights=weight)))
    rank = np.empty(len(order), np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    ranked: Integers = rank[number]
    return ranked


def _subtopics(embeddings: Embeddings, clustering: Clustering, random_state: int) -> _Subtopics:
    # Before the threads start: limits hold for libraries that are loaded.
    import sklearn.cluster  # noqa: F401

    subtopic = np.full(len(clustering), OUTLIER, np.int32)
    parent: list[int] = []
    stability: list[float] = []
    order = embeddings.order

    def divided(topic: int) -> tuple[Integers, npt.NDArray[np.bool_], Division | None]:
        everyone = order[clustering.nearest_topic[order] == topic]
        core = clustering.topic[everyone] == topic
        return everyone, core, divide(embeddings.vectors[everyone], core, random_state)

    topics = np.flatnonzero(clustering.sizes >= 2 * LEAST).tolist()
    for topic, (everyone, core, division) in zip(topics, in_threads(divided, topics), strict=True):
        if division is not None:
            parts = _by_size(division.of, core.astype(np.int32))
            subtopic[everyone] = len(parent) + parts
            parent += [topic] * len(division.stability)
            old = division.of[np.unique(parts, return_index=True)[1]]
            stability += division.stability[old].tolist()
    return _Subtopics(subtopic, np.array(parent, dtype=np.int32), tuple(stability))
