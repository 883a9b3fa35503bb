"""Naming topics: which of the papers' own phrases lead a reader back to the right papers.

A label is good when a paper, asked which label is nearest to it, finds its own topic's: near the papers,
away from the other topics' papers and unlike the other labels all at once. So the labels are chosen
together, by climbing the mean log-probability of that answer, with a bonus for phrases that many of the
topic's papers carry and few others do, and that read like headings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from topics.phrases import Doubles, kinds, words_of
from topics.types import Counts, Embeddings, Floats, Integers

if TYPE_CHECKING:
    import scipy.sparse as sp

Encode = Callable[[Sequence[str]], Floats]
Indices = npt.NDArray[np.int64]

MOST_CANDIDATES, MOST_PHRASES = 40, 4000
"""Candidates per topic, and about how many in all are placed in the embedding space."""

SMALL = 10
"""Up to this size a topic may be named by a phrase of only one of its papers."""

PAPERS_PER_TOPIC = 64
"""A larger topic is represented by this many of its papers."""

TEMPERATURE = 0.1
"""Difference of cosines that makes a paper e times as likely to be led to one label as to another."""

KEYNESS_WEIGHT, SHAPE_WEIGHT, SHARED_WEIGHT = 1.2, 0.4, 1.5
"""Of the logarithms of a phrase's keyness and shape, and of the square of how much of the topic shares it,
against the papers' log-probability."""

LEAST_SHAPE = 0.1
MOST_CREDIT = 0.4
"""How much a paper may count for a phrase of which it has all words, but not side by side."""

LEAST_LIFT, LEAST_LIFT_OF_A_WORD = 2.0, 4.0
"""How many times commoner than elsewhere a phrase, or a single word, must be in the topic it names."""

MOST_ELSEWHERE = 0.25
"""Largest share of the other papers that may carry it: what a quarter of a corpus says is its language."""

SWEEPS = 10
"""The climb nearly always ends after three or four."""


def choose_labels(
    counts: Counts,
    groups: Integers,
    embeddings: Embeddings,
    shape: Doubles,
    encode: Encode | None,
    names: Sequence[str] = (),
) -> tuple[str | None, ...]:
    """One label per topic, no two of the same words; None for a topic whose papers share no usable phrase.

    groups: (n,) the topic of each paper, from 0 to k - 1, -1 for papers in none.
    shape: (v,) in [0, 1], how fit a term is to be a label at all (see `topics.phrases`).
    encode: phrases to vectors in the space of the embeddings; without it a phrase is placed at the mean of
        the papers that carry it.
    names: labels that are settled, "" for topics that need one; the others keep clear of them.
    """
    presence = counts.matrix.astype(bool).astype(np.float64)
    many = int(groups.max()) + 1
    most = int(np.clip(MOST_PHRASES / many, 12, MOST_CANDIDATES))
    settled = {topic: name for topic, name in enumerate(names) if name}
    kind, words = kinds((*counts.terms, *settled.values())), words_of(counts.terms)
    ranked = [
        _candidates(*row, shape, most) for row in _bonuses(presence, kind[: len(counts.terms)], words, groups)
    ]
    short = np.unique(np.concatenate([columns for columns, _ in ranked]))
    if not len(short):
        return tuple(settled.get(topic) for topic in range(many))
    phrases = [*(counts.terms[column] for column in short), *settled.values()]
    candidates = [np.searchsorted(short, columns) for columns, _ in ranked]
    bonus = [bonus for _, bonus in ranked]
    for place, topic in enumerate(settled, start=len(short)):
        candidates[topic], bonus[topic] = np.array([place]), np.array([np.inf])
    if encode:
        places = encode(phrases)
    else:
        means = [embeddings.vectors[groups == topic].mean(axis=0) for topic in settled]
        places = np.vstack([presence[:, short].T @ embeddings.vectors, *means])
    choice = _Choice.of(_unit(places), groups, embeddings)
    picked = choice.climb(candidates, bonus, np.concatenate([kind[short], kind[len(counts.terms) :]]))
    labels = [None if place is None else phrases[place] for place in picked]
    return tuple(settled.get(topic, label) for topic, label in enumerate(labels))


def _bonuses(
    presence: sp.csr_matrix, kind: Indices, words: sp.csr_matrix, groups: Integers
) -> Iterator[tuple[Indices, Doubles]]:
    """For each topic the terms that its papers carry more often than the rest, and what that is worth.

    Keyness is the square root of the log-likelihood ratio (Dunning 1993) as a share of the topic's highest;
    a phrase of several words in two papers or more also earns by the square of the share of the topic's
    papers it is in: a phrase that all of them use is their own name for it.

    Terms of one kind ("human computer interaction", "human-computer interaction") count together. A paper
    that has a phrase's words apart from each other counts in part, the more the smaller the topic: few
    papers share a phrase to the letter.
    """
    import scipy.sparse as sp

    member, n = np.flatnonzero(groups >= 0), len(groups)
    sizes = np.bincount(groups[member])
    ones = np.ones(len(member))
    exact = sp.csr_matrix((ones, (groups[member], member)), shape=(len(sizes), n)) @ presence
    everywhere = np.bincount(kind, weights=np.asarray(presence.sum(axis=0)).ravel())[kind]
    everywhere = np.minimum(everywhere, n)
    apart = words @ everywhere - everywhere
    single = words.diagonal() == 1.0
    for topic, size in enumerate(sizes.tolist()):
        row = exact[topic]
        columns = row.indices[row.data >= (1 if size <= SMALL else 2)].astype(np.int64)
        dense = np.minimum(np.bincount(kind, weights=row.toarray().ravel())[kind], size)
        credit = min(MOST_CREDIT, 2.0 / size)
        papers = dense[columns] + credit * (words[columns] @ dense - dense[columns])
        total = everywhere[columns] + credit * apart[columns]
        inside, outside = papers / size, (total - papers) / max(n - size, 1)
        lift = np.where(single[columns], LEAST_LIFT_OF_A_WORD, LEAST_LIFT)
        kept = (inside >= lift * outside) & (outside <= MOST_ELSEWHERE)
        ratio = _log_likelihood(papers[kept], total[kept], size, n)
        key = np.sqrt(ratio / max(ratio.max(initial=0.0), 1e-12))
        shared = np.where(single[columns] | (dense[columns] < 2), 0.0, inside)[kept]
        yield columns[kept], KEYNESS_WEIGHT * np.log(np.maximum(key, 1e-9)) + SHARED_WEIGHT * shared**2


def _log_likelihood(papers: Doubles, everywhere: Doubles, size: int, total: int) -> Doubles:
    """The G statistic of the 2 x 2 table "paper carries the term" by "paper is in the topic"."""
    statistic = np.zeros_like(papers)
    for carrying, within in ((True, True), (True, False), (False, True), (False, False)):
        margin = everywhere if carrying else total - everywhere
        part = size if within else total - size
        inside = papers if carrying else size - papers
        seen = inside if within else margin - inside
        expected = margin * part / total
        statistic += np.where(
            seen > 0, seen * np.log(np.maximum(seen, 1e-12) / np.maximum(expected, 1e-12)), 0.0
        )
    return np.maximum(2.0 * statistic, 0.0)


def _candidates(columns: Indices, bonus: Doubles, shape: Doubles, most: int) -> tuple[Indices, Doubles]:
    usable = shape[columns] > LEAST_SHAPE
    columns, bonus = columns[usable], bonus[usable]
    bonus = bonus + SHAPE_WEIGHT * np.log(shape[columns])
    order = np.sort(np.lexsort((columns, -np.round(bonus, 9)))[:most])
    return columns[order], bonus[order]


@dataclass(frozen=True)
class _Choice:
    """phrases: (c, d) unit rows. papers: (m, d) a sample of each topic's papers. topic: (m,) their topics.

    weight: (m,) so that every topic counts alike. centres: (k, d) unit rows.
    """

    phrases: Doubles
    papers: Doubles
    topic: Indices
    weight: Doubles
    centres: Doubles

    @classmethod
    def of(cls, phrases: Doubles, groups: Integers, embeddings: Embeddings) -> _Choice:
        sample, topics, centres = [], [], []
        for topic in range(int(groups.max()) + 1):
            members = embeddings.order[groups[embeddings.order] == topic]
            centres.append(embeddings.vectors[members].mean(axis=0, dtype=np.float64))
            places = np.linspace(0, len(members) - 1, min(len(members), PAPERS_PER_TOPIC))
            sample.append(members[places.astype(np.int64)])
            topics.append(np.full(len(sample[-1]), topic))
        sizes = np.array([len(rows) for rows in sample])
        return cls(
            phrases,
            embeddings.vectors[np.concatenate(sample)].astype(np.float64),
            np.concatenate(topics),
            np.repeat(1.0 / sizes, sizes),
            _unit(np.array(centres)),
        )

    def climb(
        self, candidates: Sequence[Indices], bonus: Sequence[Doubles], kind: Indices
    ) -> list[int | None]:
        """Start from each topic's own best phrase, then change one label at a time while that helps.

        candidates: per topic, rows of `phrases`; bonus: what each is worth besides.
        kind: (c,) no two labels may be of one kind.
        """
        near = self.centres @ self.phrases.T / TEMPERATURE
        near -= np.log(np.exp(near - near.max(axis=0)).sum(axis=0)) + near.max(axis=0)
        picked: list[int | None] = [None] * len(candidates)
        for topic in np.argsort([-row.max(initial=-np.inf) for row in bonus], kind="stable"):
            self._pick(picked, topic, candidates[topic], bonus[topic] + near[topic, candidates[topic]], kind)
        scores = np.column_stack([self._scores(place) for place in picked])
        for _ in range(SWEEPS):
            before = list(picked)
            for topic, places in enumerate(candidates):
                gain = bonus[topic] + self._gain(topic, places, scores)
                self._pick(picked, topic, places, gain, kind)
                scores[:, topic] = self._scores(picked[topic])
            if picked == before:
                break
        return picked

    @staticmethod
    def _pick(picked: list[int | None], topic: int, places: Indices, gain: Doubles, kind: Indices) -> None:
        taken = [kind[place] for other, place in enumerate(picked) if place is not None and other != topic]
        free = ~np.isin(kind[places], taken)
        if free.any():
            picked[topic] = int(places[free][np.argmax(np.round(gain[free], 9))])

    def _scores(self, place: int | None) -> Doubles:
        """(m,) how near each paper is to one phrase, in temperatures."""
        if place is None:
            return np.full(len(self.papers), -1.0 / TEMPERATURE)
        scores: Doubles = self.papers @ self.phrases[place] / TEMPERATURE
        return scores

    def _gain(self, topic: int, places: Indices, scores: Doubles) -> Doubles:
        """(p,) the mean log-probability of the papers' own labels if this topic took each of the phrases."""
        others = np.delete(scores, topic, axis=1)
        rest = others.max(axis=1, initial=-1e9)
        rest += np.log(np.exp(others - rest[:, None]).sum(axis=1) + 1e-300)
        new = self.papers @ self.phrases[places].T / TEMPERATURE
        own = np.where(
            (self.topic == topic)[:, None], new, scores[np.arange(len(scores)), self.topic][:, None]
        )
        gain: Doubles = self.weight @ (own - np.logaddexp(rest[:, None], new))
        return gain


def _unit(rows: npt.NDArray[np.floating]) -> Doubles:
    wide: Doubles = rows.astype(np.float64)
    wide /= np.maximum(np.linalg.norm(wide, axis=1, keepdims=True), 1e-12)
    return wide
