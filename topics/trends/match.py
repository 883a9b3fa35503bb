"""Which topic of one run is which of another.

Two topics are as similar as their centroids (where one encoder made both) and their words (cosine of TF-IDF
vectors). What similarity means "the same" is not fixed: different topics of one run are known to be
different, so the similarities between them are the distribution that a match has to stand out from. Pairs
are one to one (Hungarian algorithm); a topic left over that would still match is a part that split off or
merged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from topics.errors import CorpusError
from topics.lexicon import crude
from topics.trends.growth import Doubles
from topics.trends.words import by_topic, presence
from topics.types import Clustering, Counts, Topics

FEWEST = 3
"""Fewest pairs of different topics within the runs that show how alike different topics are."""


class Run(Protocol):
    """What matching needs of a side."""

    @property
    def clustering(self) -> Clustering: ...
    @property
    def topics(self) -> Topics: ...
    @property
    def encoder(self) -> str: ...


@dataclass(frozen=True)
class Matches:
    """Pairs of topic numbers (before, after), and what has no partner. similarity: (a, b) of all pairs."""

    pairs: tuple[tuple[int, int], ...]
    splits: tuple[tuple[int, int], ...]
    merges: tuple[tuple[int, int], ...]
    vanished: tuple[int, ...]
    born: tuple[int, ...]
    similarity: Doubles
    notes: tuple[str, ...] = ()


def joined(before: Counts, after: Counts) -> Counts:
    """One document-term matrix of both runs' papers over both vocabularies; case and plurals do not matter.

    A term that only one run counted is 0 in the other.
    """
    import scipy.sparse as sp

    folded = [
        [" ".join(crude(word) for word in term.split(" ")) for term in counts.terms]
        for counts in (before, after)
    ]
    spelled = dict(zip(folded[1], after.terms, strict=True)) | dict(zip(folded[0], before.terms, strict=True))
    place = {term: column for column, term in enumerate(sorted(spelled))}
    parts = []
    for counts, terms in zip((before, after), folded, strict=True):
        where = np.array([place[term] for term in terms], dtype=np.int32)
        matrix = counts.matrix.tocsr()
        shape = (matrix.shape[0], len(place))
        parts.append(sp.csr_matrix((matrix.data, where[matrix.indices], matrix.indptr), shape=shape))
    stacked = sp.vstack(parts, format="csr")
    stacked.sum_duplicates()
    return Counts(stacked, tuple(spelled[term] for term in place))


def match_topics(sides: tuple[Run, Run], counts: Counts, alpha: float) -> Matches:
    """Pair the topics of two runs. counts: from `joined`.

    Raises CorpusError: so few topics that nothing shows how alike different ones are.
    """
    from scipy import stats

    pairs = [len(side.topics) * (len(side.topics) - 1) // 2 for side in sides]
    if sum(pairs) < FEWEST:
        raise CorpusError(
            f"{len(sides[0].topics)} and {len(sides[1].topics)} topics are too few to tell a match from "
            "chance; at least one of the runs needs 3."
        )
    measures = [_word_vectors(sides, counts)]
    notes = []
    if sides[0].encoder and sides[0].encoder == sides[1].encoder:
        first, second = (side.clustering.centroids.astype(np.float64) for side in sides)
        measures.append((first, second))
    else:
        notes.append(
            "The vectors of the runs cannot be compared, so topics are matched by their words alone."
        )
    scores, behind = _scores(measures)
    similarity = np.mean([first @ second.T for first, second in measures], axis=0)
    strict = float(stats.t.isf(alpha / scores.size, behind))
    return _paired(scores, strict, similarity, tuple(notes))


def _word_vectors(sides: tuple[Run, Run], counts: Counts) -> tuple[Doubles, Doubles]:
    """Unit vectors (k, v) of each side's topics: the share of a topic's papers that use a term, times its
    idf.
    """
    papers = presence(counts.matrix)
    used_by = np.asarray(papers.sum(axis=0)).ravel()
    idf = np.log(papers.shape[0] / np.maximum(used_by, 1))
    vectors, start = [], 0
    for side in sides:
        rows = slice(start, start + len(side.clustering))
        start = rows.stop
        topic = side.clustering.nearest_topic
        sizes = np.bincount(topic, minlength=len(side.topics))
        weights = by_topic(papers[rows], topic, len(side.topics)).toarray() / sizes[:, None] * idf
        vectors.append(weights / np.maximum(np.linalg.norm(weights, axis=1, keepdims=True), 1e-12))
    return vectors[0], vectors[1]


def _scores(measures: Sequence[tuple[Doubles, Doubles]]) -> tuple[Doubles, int]:
    """(a, b) by how many standard deviations each pair is more alike than different topics of one run, and
    the degrees of freedom of that deviation. Several measures are added up, less what they have in common.
    """
    standard, known = [], []
    for first, second in measures:
        different = np.concatenate(
            [_stretch(one @ one.T)[np.triu_indices(len(one), 1)] for one in (first, second)]
        )
        spread = max(float(different.std(ddof=1)), 1e-3) * np.sqrt(1 + 1 / len(different))
        known.append((different - different.mean()) / spread)
        standard.append((_stretch(first @ second.T) - different.mean()) / spread)
    together = float(np.sum(known, axis=0).std(ddof=1)) if len(known) > 1 else 1.0
    return np.sum(standard, axis=0) / max(together, 1e-3), len(known[0]) - 1


def _stretch(cosines: Doubles) -> Doubles:
    """Fisher's transformation, which spreads similarities near 1."""
    return np.asarray(np.arctanh(np.clip(cosines, -0.999, 0.999)))


def _paired(scores: Doubles, strict: float, similarity: Doubles, notes: tuple[str, ...]) -> Matches:
    from scipy.optimize import linear_sum_assignment

    sure = scores >= strict
    rows, columns = linear_sum_assignment(np.where(sure, scores, 0.0), maximize=True)
    pairs = tuple((int(a), int(b)) for a, b in zip(rows, columns, strict=True) if sure[a, b])
    left = set(range(scores.shape[0])) - {a for a, _ in pairs}
    new = set(range(scores.shape[1])) - {b for _, b in pairs}
    splits = tuple((int(scores[:, b].argmax()), b) for b in sorted(new) if sure[:, b].any())
    merges = tuple((a, int(scores[a].argmax())) for a in sorted(left) if sure[a].any())
    vanished = tuple(sorted(left - {a for a, _ in merges}))
    born = tuple(sorted(new - {b for _, b in splits}))
    return Matches(pairs, splits, merges, vanished, born, similarity, notes)
