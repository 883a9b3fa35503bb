"""Naming topics: which of the papers' own phrases lead a reader back to the right papers.

A label is good when a paper, asked which label is nearest to it, finds its own topic's
(`topics.label.choice`). A bonus goes to phrases that many of the topic's papers carry and few others do, and
that read like headings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from topics.label.choice import Choice, Indices, unit
from topics.label.phrases import Doubles, kinds, words_of
from topics.types import OUTLIER, Counts, Embeddings, Floats, Integers

if TYPE_CHECKING:
    import scipy.sparse as sp

Encode = Callable[[Sequence[str]], Floats]

MOST_CANDIDATES, MOST_PHRASES = 40, 4000
"""Candidates per topic, and about how many of a family's topics are placed in the embedding space."""

SMALL = 10
"""Up to this size a topic may be named by a phrase of only one of its papers."""

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


def choose_labels(
    counts: Counts,
    groups: Integers,
    embeddings: Embeddings,
    shape: Doubles,
    encode: Encode | None,
    names: Sequence[str] = (),
    families: Indices | None = None,
) -> tuple[str | None, ...]:
    """One label per topic, no two of the same words; None for a topic whose papers share no usable phrase.

    groups: (n,) the topic of each paper, from 0 to k - 1, -1 for papers in none.
    shape: (v,) in [0, 1], how fit a term is to be a label at all (see `topics.label.phrases`).
    encode: phrases to vectors in the space of the embeddings; without it a phrase is placed at the mean of
        the papers that carry it.
    names: labels that are settled, "" for topics that need one; the others keep clear of them.
    families: (k,) which topics are told apart from each other only, from 0 on; all of them by default.
    """
    presence = counts.matrix.astype(bool).astype(np.float64)
    many = int(groups.max()) + 1
    families = np.zeros(many, np.int64) if families is None else families
    most = int(np.clip(MOST_PHRASES / np.bincount(families).max(), 12, MOST_CANDIDATES))
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
    kind_of = np.concatenate([kind[short], kind[len(counts.terms) :]])
    picked = _told_apart(unit(places), candidates, bonus, kind_of, groups, embeddings, families)
    labels = [None if place is None else phrases[place] for place in picked]
    return tuple(settled.get(topic, label) for topic, label in enumerate(labels))


def _told_apart(
    places: Doubles,
    candidates: Sequence[Indices],
    bonus: Sequence[Doubles],
    kind: Indices,
    groups: Integers,
    embeddings: Embeddings,
    families: Indices,
) -> list[int | None]:
    """(k,) the phrase of each topic, chosen family by family; no two of one kind."""
    picked: list[int | None] = [None] * len(candidates)
    for family in range(int(families.max()) + 1):
        own = np.flatnonzero(families == family).tolist()
        number = np.full(len(candidates) + 1, OUTLIER, np.int32)
        number[own] = np.arange(len(own))
        taken = [kind[place] for place in picked if place is not None]
        free = [~np.isin(kind[candidates[topic]], taken) for topic in own]
        found = Choice.of(places, number[groups], embeddings).climb(
            [candidates[topic][left] for topic, left in zip(own, free, strict=True)],
            [bonus[topic][left] for topic, left in zip(own, free, strict=True)],
            kind,
        )
        for topic, place in zip(own, found, strict=True):
            picked[topic] = place
    return picked


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
