"""Which topic of one run is which of another.

Two topics are as similar as their centroids (where one encoder made both) and the words that set each apart
from the others of its run. What similarity means "the same" is not fixed: different topics of one run are
known to be different, so the similarities between them are the distribution that a match has to stand out
from, and a topic must be clearly more alike to its match than to any other topic of its own run. And its
words must be at least half as much those of its match as those of other papers of its own. Pairs are one to
one (Hungarian algorithm); a topic left over that would still match is a part that split off or merged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from topics.errors import CorpusError
from topics.terms.lexicon import crude
from topics.types import Clustering, Counts, Doubles, Integers, Mask, Topics
from topics.types.arrays import presence, sum_rows, unit_rows

if TYPE_CHECKING:
    import scipy.sparse as sp

FEWEST = 3
"""Fewest pairs of different topics within the runs that show how alike different topics are."""

CLEARLY = 1.0
"""How many standard deviations more alike to its match than to any topic of its own run a topic must be."""

SHARED = 0.5
"""Least cosine of the words of two topics that match, corrected for attenuation (Spearman 1904): 1 is as much
as a topic shares with other papers of its own."""

FAINTEST = 0.2
"""Reliability that a topic of few papers is at least taken to have; little data must not make a match."""


class Matchable(Protocol):
    """What matching needs of a side."""

    @property
    def clustering(self) -> Clustering: ...
    @property
    def topics(self) -> Topics: ...
    @property
    def encoder(self) -> str: ...
    @property
    def own(self) -> bool: ...


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


def match_topics(sides: tuple[Matchable, Matchable], counts: Counts, alpha: float) -> Matches:
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
    words = _words(sides, counts)
    measures = [(words[0].vectors, words[1].vectors)]
    notes = []
    encoders = [side.encoder for side in sides]
    own = any(side.own for side in sides)
    if not own and encoders[0] == encoders[1]:
        first, second = (side.clustering.centroids.astype(np.float64) for side in sides)
        measures.append((first, second))
    else:
        notes.append(
            f"The vectors of the runs ({encoders[0]}; {encoders[1]}) cannot be compared, so topics are "
            "matched by their words alone."
        )
    scores = _Scores.of(measures)
    strict = float(stats.t.isf(alpha / scores.across.size, scores.degrees))
    shared = words[0].vectors @ words[1].vectors.T
    shared /= np.sqrt(np.outer(words[0].reliability, words[1].reliability))
    sure = (scores.across >= strict) & (scores.across >= scores.siblings() + CLEARLY) & (shared >= SHARED)
    similarity = np.mean([first @ second.T for first, second in measures], axis=0)
    return _paired(scores.across, sure, similarity, tuple(notes))


@dataclass(frozen=True)
class _Words:
    """The words of topics: unit vectors (k, v), and how far each is found again in other papers, (k,)."""

    vectors: Doubles
    reliability: Doubles

    @classmethod
    def of(cls, papers: sp.csr_matrix, topic: Integers, topics: int, idf: Doubles) -> _Words:
        """papers: (n, v) 1 where a paper uses a term; topic: (n,) of each paper.

        Each topic is divided into two halves, and the cosine of theirs stepped up to the whole (Spearman and
        Brown 1910).
        """
        order = np.argsort(topic, kind="stable")
        half = np.empty(len(topic), dtype=np.int64)
        half[order] = np.arange(len(topic)) % 2
        one, two = (_distinctive(papers[half == side], topic[half == side], topics, idf) for side in (0, 1))
        alike = (one * two).sum(axis=1)
        return cls(_distinctive(papers, topic, topics, idf), np.maximum(2 * alike / (1 + alike), FAINTEST))


def _words(sides: tuple[Matchable, Matchable], counts: Counts) -> tuple[_Words, _Words]:
    papers = presence(counts.matrix)
    used_by = np.asarray(papers.sum(axis=0)).ravel()
    idf = np.log(papers.shape[0] / np.maximum(used_by, 1))
    first = len(sides[0].clustering)
    parts = (papers[:first], papers[first:])
    one, two = (
        _Words.of(part, side.clustering.nearest_topic, len(side.topics), idf)
        for part, side in zip(parts, sides, strict=True)
    )
    return one, two


def _distinctive(papers: sp.csr_matrix, topic: Integers, topics: int, idf: Doubles) -> Doubles:
    """Unit vectors (k, v): by how much more of a topic's papers use a term than of the others, times its idf.

    What the whole run talks about says nothing about a topic, and what a field came to talk about from one
    run to the other does not hide that a topic is the same.
    """
    uses = sum_rows(papers, topic, topics).toarray().astype(np.float64)
    sizes = np.bincount(topic, minlength=topics)[:, None]
    others = (uses.sum(axis=0) - uses) / np.maximum(len(topic) - sizes, 1)
    weights = np.maximum(uses / np.maximum(sizes, 1) - others, 0.0) * idf
    return unit_rows(weights, np.float64)


@dataclass(frozen=True)
class _Scores:
    """By how many standard deviations topics are more alike than different topics of one run are.

    across: (a, b) all pairs of the two runs; first (a, a) and second (b, b): pairs within a run, -inf with
    itself; degrees: of freedom, of the standard deviation.
    """

    across: Doubles
    first: Doubles
    second: Doubles
    degrees: int

    @classmethod
    def of(cls, measures: Sequence[tuple[Doubles, Doubles]]) -> _Scores:
        """Several measures are added up, less what they have in common."""
        totals = [np.zeros((len(one), len(two))) for one, two in _blocks(measures[0])]
        for measure in measures:
            # Fisher's transformation, which spreads similarities near 1.
            blocks = [np.arctanh(np.clip(one @ two.T, -0.999, 0.999)) for one, two in _blocks(measure)]
            different = _within(blocks[1:])
            spread = max(float(different.std(ddof=1)), 1e-3) * np.sqrt(1 + 1 / len(different))
            for total, block in zip(totals, blocks, strict=True):
                total += (block - different.mean()) / spread
        together = _within(totals[1:])
        scale = max(float(together.std(ddof=1)), 1e-3) if len(measures) > 1 else 1.0
        across, first, second = (total / scale for total in totals)
        np.fill_diagonal(first, -np.inf)
        np.fill_diagonal(second, -np.inf)
        return cls(across, first, second, len(together) - 1)

    def siblings(self) -> Doubles:
        """(a, b) the score of either topic's most similar one in its own run, parts of the other left out.

        A topic of the same run that would go to the same partner is no rival but another part of it.
        """
        to_second, to_first = self.across.argmax(axis=1), self.across.argmax(axis=0)
        rivals = np.full(self.across.shape, -np.inf)
        for b in range(self.across.shape[1]):
            rivals[:, b] = self.first[:, to_second != b].max(axis=1, initial=-np.inf)
        for a in range(self.across.shape[0]):
            of_second = self.second[:, to_first != a].max(axis=1, initial=-np.inf)
            rivals[a] = np.maximum(rivals[a], of_second)
        return rivals


def _blocks(measure: tuple[Doubles, Doubles]) -> tuple[tuple[Doubles, Doubles], ...]:
    first, second = measure
    return (first, second), (first, first), (second, second)


def _within(blocks: Sequence[Doubles]) -> Doubles:
    """The pairs of different topics within the runs."""
    return np.concatenate([block[np.triu_indices(len(block), 1)] for block in blocks])


def _paired(across: Doubles, sure: Mask, similarity: Doubles, notes: tuple[str, ...]) -> Matches:
    """across: (a, b) scores; sure: which of these pairs may be a match."""
    from scipy.optimize import linear_sum_assignment

    rows, columns = linear_sum_assignment(np.where(sure, across, 0.0), maximize=True)
    partner = {int(a): int(b) for a, b in zip(rows, columns, strict=True) if sure[a, b]}
    back = {b: a for a, b in partner.items()}
    best = np.where(sure, across, -np.inf)
    splits = [
        (int(best[:, b].argmax()), b) for b in range(across.shape[1]) if b not in back and sure[:, b].any()
    ]
    merges = [
        (a, int(best[a].argmax())) for a in range(across.shape[0]) if a not in partner and sure[a].any()
    ]
    vanished = sorted(set(range(across.shape[0])) - partner.keys() - {a for a, _ in merges})
    born = sorted(set(range(across.shape[1])) - back.keys() - {b for _, b in splits})
    return Matches(
        tuple(partner.items()), tuple(splits), tuple(merges), tuple(vanished), tuple(born), similarity, notes
    )
