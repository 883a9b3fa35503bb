"""Keywords of a group of papers: the terms of most class-based TF-IDF that many of its papers share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from topics.corpus.segment import split_terms
from topics.terms.lexicon import crude
from topics.types import Counts, Doubles, Keyword, Mask, Rows

if TYPE_CHECKING:
    import scipy.sparse as sp

MOSTLY = 0.6
"""Share of a keyword's uses within a longer one from which on the longer one stands for it."""

SHARED = 0.5
"""Power of the share of the group's papers that have a term."""

MEETING = 0.7
"""Power of the share of the keywords so far that a term meets in one of the group's papers."""


OWN = 1.0
"""Power of a term's weight by its weight in the group where it has most."""


def heaviest(
    weights: sp.csr_matrix,
    most: Doubles,
    counts: Counts,
    members: Rows,
    noun_fitness: Doubles,
    n_keywords: int,
) -> tuple[Keyword, ...]:
    """The terms that weigh most, here more than elsewhere, that many of the group's papers share and that
    meet there; heaviest first.

    Without those that a longer or heavier one already says. A term of a single paper is taken only where
    there are not enough others: it says what that paper is about.

    weights: (1, v), the group's row of `topics.label.bertopic.class_tfidf`; most: (v,) each term's weight in
        the group where it has most.
    members: the group's rows in `counts.matrix`; noun_fitness: see `topics.label.phrases.nounlike`.
    """
    within = counts.matrix[members]
    uses = np.asarray(within.sum(axis=0)).ravel()
    papers = np.bincount(within.indices, minlength=len(counts.terms))[weights.indices]
    own = weights.data / np.maximum(most[weights.indices], 1e-12)
    worth = weights.data * own**OWN * (papers / len(members)) ** SHARED
    single = papers < min(2, len(members) - 1)
    order = np.lexsort((weights.indices, -np.round(worth, 12), single))
    columns = weights.indices[order]
    heavy = columns[noun_fitness[columns] > 0.1][: 6 * n_keywords].tolist() or columns[:n_keywords].tolist()
    split = split_terms([counts.terms[column] for column in heavy])
    # Each word on a line of its own, so that one term stands in another only as whole words.
    words = {
        column: "".join(f"\n{crude(word)}\n" for word in parts)
        for column, parts in zip(heavy, split, strict=True)
    }
    kept: list[int] = []
    for column in heavy:
        said = words[column]
        clashes = [place for place, other in enumerate(kept) if said in words[other] or words[other] in said]
        if not clashes:
            kept.append(column)
        elif len(clashes) == 1:
            short, long = sorted((column, kept[clashes[0]]), key=lambda term: words[term].count("\n"))
            kept[clashes[0]] = long if uses[long] >= MOSTLY * uses[short] else short
    kept.sort(key=heavy.index)
    places = np.searchsorted(weights.indices, kept)
    chosen = _meeting(within[:, kept], worth[places], single[places], n_keywords)
    keywords = [Keyword(counts.terms[kept[at]], float(weights.data[places[at]])) for at in chosen]
    return tuple(sorted(keywords, key=lambda keyword: -round(keyword.weight, 12)))


def _meeting(uses: sp.csr_matrix, worth: Doubles, last: Mask, n_keywords: int) -> list[int]:
    """Up to `n_keywords` columns of `uses` (m, t), chosen one by one: of most worth, and met by those before.

    last: terms that are taken when there are no others.
    """
    used = (uses > 0).astype(np.float32).toarray()
    meets = used.T @ used > 0
    met = np.zeros(len(worth))
    chosen: list[int] = []
    left = np.ones(len(worth), bool)
    while left.any() and len(chosen) < n_keywords:
        pool = np.flatnonzero(left & ~last if (left & ~last).any() else left)
        value = worth[pool] * ((1 + met[pool]) / (1 + len(chosen))) ** MEETING
        best = int(pool[np.argmax(np.round(value, 12))])
        chosen.append(best)
        left[best] = False
        met += meets[best]
    return chosen
