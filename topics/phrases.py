"""Naming topics: which of the papers' own phrases says best what a group of papers is about.

A candidate is a phrase of the topic's papers that is whole (nothing nearly always continues it) and looks
like a noun phrase by what stands around it. It is scored by how well it tells the topic from its siblings,
by how many of the topic's papers carry it and by how near it lies to the topic's centre; then all topics
get their names at once, no two alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from topics.lexicon import crude
from topics.types import Clustering, Counts, Floats

Doubles = npt.NDArray[np.float64]
Encode = Callable[[Sequence[str]], Floats]

SHORT_LIST = 40
"""Candidates per topic that are compared in the embedding space."""


def choose_labels(
    counts: Counts, clustering: Clustering, vectors: Floats, names: Iterable[str], encode: Encode | None
) -> tuple[str | None, ...]:
    """One label per topic, or None for a topic whose papers share no usable phrase.

    counts: of the n papers. vectors: (n, d). names: the authors' names, none of which may become a label.
    encode: phrases to unit vectors in the space of `vectors`; without it a phrase is placed at the mean of
    the papers that carry it.
    """
    import scipy.optimize

    spread = _Spread.of(counts, clustering)
    shape = nounlike(counts) * ~_is_name(counts.terms, names)
    score = spread.distinctive() * shape
    short = _short_list(score, SHORT_LIST)
    if not len(short):
        return (None,) * clustering.n_topics
    words = [counts.terms[column] for column in short]
    places = encode(words) if encode else spread.mean_vectors(vectors, short)
    near = _nearness(places, _centres(vectors, clustering))
    total = np.where(score[:, short] > 0, score[:, short] * near, 0.0)
    groups = _groups(words)
    grouped = np.zeros((len(total), groups.max() + 1))
    np.maximum.at(grouped.T, groups, total.T)
    topics, chosen = scipy.optimize.linear_sum_assignment(np.log(grouped + 1e-6), maximize=True)
    labels: list[str | None] = [None] * clustering.n_topics
    for topic, group in zip(topics, chosen, strict=True):
        row = np.where(groups == group, total[topic], 0.0)
        if row.max() > 0:
            labels[topic] = words[int(row.argmax())]
    return tuple(labels)


@dataclass(frozen=True)
class _Spread:
    """papers: (k, v) of each topic's members, how many carry each term; everywhere: (v,) of all n papers."""

    presence: npt.NDArray[np.int64]
    papers: Doubles
    everywhere: Doubles
    sizes: Doubles
    total: int

    @classmethod
    def of(cls, counts: Counts, clustering: Clustering) -> _Spread:
        import scipy.sparse as sp

        presence = counts.matrix.copy()
        presence.data = np.ones_like(presence.data)
        member = np.flatnonzero(clustering.topic >= 0)
        shape = (clustering.n_topics, len(clustering))
        indicator = sp.csr_matrix((np.ones(len(member)), (clustering.topic[member], member)), shape=shape)
        papers = np.asarray((indicator @ presence).todense(), dtype=np.float64)
        everywhere = np.asarray(presence.sum(axis=0), dtype=np.float64).ravel()
        return cls(presence, papers, everywhere, clustering.sizes.astype(np.float64), len(clustering))

    def distinctive(self) -> Doubles:
        """(k, v) how well a term picks out a topic's papers: share of them that carry it, times the smoothed
        logarithm of how much commoner it is here than elsewhere.
        """
        rest = self.everywhere - self.papers
        elsewhere = np.maximum(self.total - self.sizes, 1.0)[:, None]
        prior = self.everywhere / self.total
        here = (self.papers + prior) / (self.sizes[:, None] + 1.0)
        there = (rest + prior) / (elsewhere + 1.0)
        lift = np.log(np.maximum(here, 1e-12) / np.maximum(there, 1e-12))
        lift /= np.log(self.total + 1.0)
        least = np.where(self.sizes >= 3, 2, 1)[:, None]
        score = np.sqrt(here) * np.maximum(lift, 0.0)
        return np.where(self.papers >= least, score, 0.0)

    def mean_vectors(self, vectors: Floats, columns: npt.NDArray[np.int64]) -> Doubles:
        """(c, d) where the papers that carry each term lie."""
        return _unit(np.asarray(self.presence[:, columns].T @ vectors.astype(np.float64)))


def nounlike(counts: Counts) -> Doubles:
    """(v,) in [0, 1]: how surely a term is a whole noun phrase, from its neighbours and its ending."""
    before, after = counts.before.astype(np.float64), counts.after.astype(np.float64)
    seen = np.maximum(before.sum(axis=1), 1.0)
    free = (after[:, :4].sum(axis=1) + 1.0) / (seen + 2.0)
    whole = np.clip((1.0 - counts.continued.max(axis=1)) * 2.0, 0.0, 1.0)
    verb = (before[:, 2] + after[:, 1]) / seen
    singles = {crude(term): column for column, term in enumerate(counts.terms) if " " not in term}
    result = np.zeros(len(counts.terms))
    for column, term in enumerate(counts.terms):
        words = term.split(" ")
        ends = [singles.get(crude(word)) for word in (words[0], words[-1])]
        verbness = max([verb[column], *(verb[end] for end in ends if end is not None)])
        score = free[column] * whole[column] * max(0.0, 1.0 - 2.0 * verbness)
        result[column] = score * _ending(words[-1]) * _LENGTH[min(len(words), 4)]
    return result


_LENGTH = (0.0, 0.7, 1.0, 0.95, 0.8)
_ADJECTIVE = ("ive", "al", "ous", "able", "ible", "ful", "less", "ic", "ary", "ant", "ent", "wise", "like")


def _ending(word: str) -> float:
    if word.isupper() or not word.islower():
        return 1.0
    if word.endswith("ly") or (word.endswith("ed") and len(word) > 4):
        return 0.1
    return 0.7 if word.endswith(_ADJECTIVE) else 1.0


def _is_name(terms: Sequence[str], names: Iterable[str]) -> npt.NDArray[np.bool_]:
    parts = {part.casefold() for name in names for part in name.replace(".", " ").split() if len(part) > 1}
    return np.array(
        [
            term != term.lower()
            and all(word.casefold().removesuffix("'s") in parts for word in term.split(" "))
            for term in terms
        ],
        dtype=bool,
    )


def _short_list(score: Doubles, most: int) -> npt.NDArray[np.int64]:
    kept: set[int] = set()
    for row in score:
        best = np.argsort(-row, kind="stable")[:most]
        kept.update(best[row[best] > 0].tolist())
    return np.array(sorted(kept), dtype=np.int64)


def _unit(rows: npt.NDArray[np.floating]) -> Doubles:
    wide: Doubles = rows.astype(np.float64)
    wide /= np.maximum(np.linalg.norm(wide, axis=1, keepdims=True), 1e-12)
    return wide


def _centres(vectors: Floats, clustering: Clustering) -> Doubles:
    rows = [
        vectors[clustering.topic == topic].mean(axis=0, dtype=np.float64)
        for topic in range(clustering.n_topics)
    ]
    return _unit(np.array(rows))


def _nearness(places: npt.NDArray[np.floating], centres: Doubles) -> Doubles:
    """(k, c) in (0, 1]: closeness of each phrase to a topic, against its closeness to the others."""
    cosines = np.round(centres @ _unit(places).T, 6)
    odds = np.exp((cosines - cosines.max(axis=0)) / 0.1)
    share: Doubles = (odds / odds.sum(axis=0)) ** 0.5
    return np.maximum(cosines, 0.01) * share


def _groups(words: Sequence[str]) -> npt.NDArray[np.int64]:
    """Number equal words in any order, number or spelling alike: at most one of them becomes a label."""
    numbers: dict[tuple[str, ...], int] = {}
    keys = [tuple(sorted(crude(word) for word in phrase.split(" "))) for phrase in words]
    return np.array([numbers.setdefault(key, len(numbers)) for key in keys], dtype=np.int64)
