"""Layers above and below the topics: fields that hold several, subtopics that divide one.

The tree of topics is Ward's (1963) on two views of each topic: its centroid, and its class-based TF-IDF,
which is a product with the document-term matrix. Nothing is tokenised or embedded again. Fields are a cut of
that tree, where halves of the papers give the same one; elsewhere there are none. Subtopics are the parts of
a topic that its papers agree on (`topics.label.subtopics`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from topics.cache.parallel import in_threads, one_thread_of_blas
from topics.cluster.neighbours import FITTED
from topics.config import LabelSettings
from topics.label.bertopic import class_tfidf
from topics.label.coverage import link_of, name_of_several
from topics.label.keywords import heaviest
from topics.label.labels import choose_labels
from topics.label.phrases import fitness, kinds
from topics.label.subtopics import LEAST, STARTS, STARTS_OF_MANY, Division, divide
from topics.types import (
    OUTLIER,
    Clustering,
    Corpus,
    Counts,
    Doubles,
    Embeddings,
    Group,
    Hierarchy,
    Integers,
    Keyword,
    Mask,
    Rows,
    Topics,
)
from topics.types.arrays import unit_rows

if TYPE_CHECKING:
    import scipy.sparse as sp

FEWEST_TOPICS, FEWEST_FIELDS = 6, 3
"""Below so many topics, or fields, there is nothing to survey."""

LARGEST, ALONE = 0.5, 1 / 3
"""Most papers of one field, as a share of all; and most fields of one topic, as a share of the fields."""

HALVES, AGREEMENT = 8, 0.8
"""How many trees are made of half of the papers; and the mean adjusted Rand index of their cuts with those
of all papers from which on fields count as real."""

MOST_OF_A_HALF = 200
"""Papers of one topic that a tree of a half is made of."""


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
    """Fields, topics and subtopics: fields are named after their topics, subtopics by their papers' terms.

    A field of a single topic has that topic's name; no topic's or field's name is used for a subtopic.
    """
    merges, field = _fields(embeddings, clustering, counts, random_state)
    parts = _subtopics(embeddings, clustering, random_state)
    namer = _Namer(counts, embeddings, *fitness(counts, corpus), settings.keywords, [*topics.labels])
    fields = namer.fields(clustering.topic, field, topics, link_of(corpus))
    with one_thread_of_blas():
        subtopics = namer.subtopics(np.where(clustering.topic >= 0, parts.of, OUTLIER), parts, topics)
    return Hierarchy(merges, field, fields, parts.of, parts.parent, subtopics)


class _Namer:
    """Names groups of papers and remembers what it has used. `used` starts as the topics' labels."""

    def __init__(
        self,
        counts: Counts,
        embeddings: Embeddings,
        noun_fitness: Doubles,
        label_fitness: Doubles,
        keywords: int,
        used: list[str],
    ) -> None:
        self.counts, self.embeddings = counts, embeddings
        self.noun_fitness, self.label_fitness = noun_fitness, label_fitness
        self.keywords, self.used = keywords, used
        self.kind = kinds(counts.terms)

    def fields(self, topic: Integers, field: Integers, topics: Topics, link: str) -> tuple[Group, ...]:
        """A name per field, none where there are none: what its topics are called, that cover most papers."""
        if not len(field) or field.max() < 0:
            return ()
        groups = np.where(topic >= 0, field[topic], OUTLIER)
        rows = np.bincount(groups[groups >= 0])
        found = tuple(
            Group(
                name_of_several(topics, np.flatnonzero(field == number).tolist(), link),
                int(rows[number]),
                words,
            )
            for number, words in enumerate(self._keywords(groups))
        )
        self.used += [group.label for group in found]
        return found

    def subtopics(self, groups: Integers, parts: _Subtopics, topics: Topics) -> tuple[Group, ...]:
        """A phrase per subtopic, as topics are named, but told apart from the other parts of its topic only.

        groups: (n,) the subtopic of each paper that counts, else -1.
        """
        if not len(parts.parent):
            return ()
        taken = {name.casefold() for name in self.used}
        columns = [place for place, term in enumerate(self.counts.terms) if term.casefold() in taken]
        free = self.label_fitness * ~np.isin(self.kind, self.kind[columns])
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
        members = np.flatnonzero(groups >= 0)
        weights = class_tfidf(self.counts.matrix[members], groups[members])
        most = weights.max(axis=0).toarray().ravel()
        for number in range(weights.shape[0]):
            rows = np.flatnonzero(groups == number)
            yield heaviest(weights[number], most, self.counts, rows, self.noun_fitness, self.keywords)


def _fields(
    embeddings: Embeddings, clustering: Clustering, counts: Counts, random_state: int
) -> tuple[Doubles, Integers]:
    """The tree of the k topics, (k - 1, 4) in scipy's form, and the field of each, by falling size; -1 for
    all where the tree has no cut that holds.
    """
    from scipy.cluster.hierarchy import fcluster

    k, nowhere = clustering.n_topics, np.full(clustering.n_topics, OUTLIER, np.int32)
    if k == 1:
        return np.zeros((0, 4)), nowhere
    apart = _distances(embeddings, clustering.topic, counts.matrix)
    merges = _tree(apart)
    if k < FEWEST_TOPICS:
        return merges, nowhere
    shares = clustering.sizes / clustering.sizes.sum()
    cuts = []
    for number in range(FEWEST_FIELDS, k // 2 + 1):
        cut = fcluster(merges, number, "maxclust")
        alone = (np.bincount(cut)[1:] == 1).mean()
        if len(np.unique(cut)) == number and np.bincount(cut, shares).max() <= LARGEST and alone <= ALONE:
            cuts.append(cut)
    if not cuts:
        return merges, nowhere
    trees = _trees_of_halves(embeddings, clustering.topic, counts, random_state)
    held = [cut for cut in cuts if _comes_back(cut, trees) >= AGREEMENT]
    if not held:
        return merges, nowhere
    return merges, _by_size(max(held, key=lambda cut: _separation(apart, cut)), clustering.sizes)


def _distances(embeddings: Embeddings, groups: Integers, matrix: sp.csr_matrix) -> Doubles:
    """(k, k) how far topics are apart by their mean vectors and their terms together."""
    from sklearn.preprocessing import normalize

    k = int(groups.max()) + 1
    members = np.flatnonzero(groups >= 0)
    terms = normalize(class_tfidf(matrix[members], groups[members]), copy=False)
    by_terms = 1 - (terms @ terms.T).toarray()
    means = [embeddings.vectors[groups == topic].mean(axis=0, dtype=np.float64) for topic in range(k)]
    centroids = unit_rows(np.array(means), np.float64)
    apart: Doubles = np.zeros((k, k))
    for squares in (by_terms, 1 - centroids @ centroids.T):
        np.fill_diagonal(squares, 0)
        both = np.maximum(squares + squares.T, 0)
        apart += both / max(float(both.mean()), 1e-12)
    # Squared distances of unit vectors add up to those of the two views side by side, so Ward applies.
    return np.sqrt(apart).round(9)


def _tree(apart: Doubles) -> Doubles:
    from scipy.cluster.hierarchy import linkage
    from scipy.spatial.distance import squareform

    merges: Doubles = linkage(squareform(apart, checks=False), "ward")
    return merges


def _trees_of_halves(
    embeddings: Embeddings, groups: Integers, counts: Counts, random_state: int
) -> list[Doubles]:
    """The tree of the same topics as half of each one's papers give it; of a large topic, of a sample."""
    order = embeddings.order
    members = [order[groups[order] == topic] for topic in range(int(groups.max()) + 1)]
    trees = []
    for half in range(HALVES):
        random = np.random.default_rng([random_state, half])
        drawn = [
            own[random.choice(len(own), min(max(len(own) // 2, 1), MOST_OF_A_HALF), replace=False)]
            for own in members
        ]
        rows = np.sort(np.concatenate(drawn))
        part = Embeddings(embeddings.vectors[rows], embeddings.encoder)
        trees.append(_tree(_distances(part, groups[rows], counts.matrix[rows])))
    return trees


def _comes_back(cut: Rows, trees: Sequence[Doubles]) -> float:
    """How well trees find a division of the topics: the mean adjusted Rand index (Hubert and Arabie 1985)."""
    from scipy.cluster.hierarchy import fcluster
    from sklearn.metrics import adjusted_rand_score

    again = [fcluster(tree, len(np.unique(cut)), "maxclust") for tree in trees]
    return float(np.mean([adjusted_rand_score(cut, one) for one in again]))


def _separation(apart: Doubles, field: Rows) -> float:
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


def _by_size(groups: Rows, weight: Integers) -> Integers:
    """(n,) the groups numbered from 0 by falling total weight, ties by their first member."""
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
    starts = STARTS_OF_MANY if len(clustering) > FITTED else STARTS

    def divided(topic: int) -> tuple[Integers, Mask, Division | None]:
        everyone = order[clustering.nearest_topic[order] == topic]
        core = clustering.topic[everyone] == topic
        return everyone, core, divide(embeddings.vectors[everyone], core, random_state, starts)

    topics = np.flatnonzero(clustering.sizes >= 2 * LEAST).tolist()
    for topic, (everyone, core, division) in zip(topics, in_threads(divided, topics), strict=True):
        if division is not None:
            parts = _by_size(division.of, core.astype(np.int32))
            subtopic[everyone] = len(parent) + parts
            parent += [topic] * len(division.stability)
            old = division.of[np.unique(parts, return_index=True)[1]]
            stability += division.stability[old].tolist()
    return _Subtopics(subtopic, np.array(parent, dtype=np.int32), tuple(stability))
