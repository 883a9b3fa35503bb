"""Keywords of a group of papers: class-based TF-IDF, and the terms that stand for the others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from topics.lexicon import crude
from topics.phrases import Doubles
from topics.types import Counts, Integers, Keyword

if TYPE_CHECKING:
    import scipy.sparse as sp

Rows = npt.NDArray[np.integer[Any]]

MOSTLY = 0.6
"""Share of a keyword's uses within a longer one from which on the longer one stands for it."""

SHARED = 0.5
"""Power of the share of the group's papers that have a term. On draws of 50 and 200 arXiv abstracts it raises
the keywords' NPMI by .2 against 0; above .5 topics begin to share keywords."""


def class_tfidf(counts: Counts, groups: Integers) -> sp.csr_matrix:
    """(g, v) class-based TF-IDF (Grootendorst 2022), frequent words reduced, as `topics.label` has it.

    groups: (n,) from 0 to g - 1, -1 for papers in none, which do not count.
    """
    import scipy.sparse as sp

    member = np.flatnonzero(groups >= 0)
    shape = (int(groups.max()) + 1, len(groups))
    within = sp.csr_matrix((np.ones(len(member)), (groups[member], member)), shape=shape)
    uses = (within @ counts.matrix).tocsr().astype(np.float64)
    each = np.asarray(uses.sum(axis=1)).ravel()
    everywhere = np.asarray(uses.sum(axis=0)).ravel()
    share = sp.diags(1.0 / np.maximum(each, 1.0)) @ uses
    share.data = np.sqrt(share.data)
    weights: sp.csr_matrix = (share @ sp.diags(np.log1p(each.mean() / np.maximum(everywhere, 1.0)))).tocsr()
    weights.sort_indices()
    return weights


def heaviest(
    weights: sp.csr_matrix, counts: Counts, members: Rows, shape: Doubles, many: int
) -> tuple[Keyword, ...]:
    """The terms that weigh most and that many of the group's papers share, heaviest first.

    Without those that a longer or heavier one already says. A term of a single paper is taken only where
    there are not enough others: it says what that paper is about, and never meets the other keywords.

    weights: (1, v), one row of c-TF-IDF; members: the group's rows in `counts.matrix`; shape: see
    `topics.phrases.nounlike`.
    """
    within = counts.matrix[members]
    uses = np.asarray(within.sum(axis=0)).ravel()
    papers = np.bincount(within.indices, minlength=len(counts.terms))[weights.indices]
    worth = weights.data * (papers / len(members)) ** SHARED
    order = np.lexsort((weights.indices, -np.round(worth, 12), papers < min(2, len(members) - 1)))
    columns = weights.indices[order]
    heavy = [int(column) for column in columns if shape[column] > 0.1][: 6 * many] or columns[:many].tolist()
    words = {column: [crude(word) for word in counts.terms[column].split(" ")] for column in heavy}
    kept: list[int] = []
    for column in heavy:
        clashes = [place for place, other in enumerate(kept) if _overlap(words[column], words[other])]
        if not clashes:
            kept.append(column)
        elif len(clashes) == 1:
            short, long = sorted((column, kept[clashes[0]]), key=lambda term: len(words[term]))
            kept[clashes[0]] = long if uses[long] >= MOSTLY * uses[short] else short
    weight = dict(zip(weights.indices.tolist(), weights.data.tolist(), strict=True))
    kept = sorted(kept, key=heavy.index)[:many]
    kept.sort(key=lambda column: -round(weight[column], 12))
    return tuple(Keyword(counts.terms[column], float(weight[column])) for column in kept)


def _overlap(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether the shorter list of words stands in the longer one as it is."""
    short, long = sorted((list(one), list(other)), key=len)
    return any(long[at : at + len(short)] == short for at in range(len(long) - len(short) + 1))
