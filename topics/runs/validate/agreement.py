"""How far coders agree beyond chance: Cohen's kappa by scikit-learn, Krippendorff's alpha here.

The package `krippendorff` is GPL, so alpha follows its author's description: K. Krippendorff (2011),
"Computing Krippendorff's Alpha-Reliability", sections A to E.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np

from topics.types import Doubles, Longs

MISSING = -1


def kappa(answers: Longs, *, ordered: bool = False) -> float | None:
    """Cohen's kappa (1960), the mean over all pairs of coders that answered a question in common.

    answers: (c, u) of c coders to u questions, categories from 0, `MISSING` where there is none. ordered:
    nearby categories count as half agreement (linear weights: Cohen 1968). None where no pair has one: fewer
    than two coders, or both gave one and the same answer throughout.
    """
    from sklearn.metrics import cohen_kappa_score

    found = []
    for one, other in combinations(answers, 2):
        both = (one != MISSING) & (other != MISSING)
        names = np.unique([one[both], other[both]])
        if len(names) > 1:
            weights = "linear" if ordered else None
            # Weights go by the distance between categories, so the ones between must be known.
            every = np.arange(names[0], names[-1] + 1)
            found.append(float(cohen_kappa_score(one[both], other[both], labels=every, weights=weights)))
    return float(np.mean(found)) if found else None


def alpha(answers: Longs, *, ordered: bool = False) -> float | None:
    """Krippendorff's alpha, nominal or ordinal; any number of coders, answers may be missing.

    answers: as in `kappa`. None where no question has two answers, or all answers are the same.
    """
    names, place = np.unique(answers, return_inverse=True)
    known = names != MISSING
    values = np.zeros((answers.shape[1], len(names)))
    np.add.at(values, (np.tile(np.arange(answers.shape[1]), len(answers)), place.ravel()), 1)
    values = values[:, known]
    pairable = values.sum(axis=1) > 1
    values = values[pairable]
    if values.shape[1] < 2 or not len(values):
        return None
    weights = values / (values.sum(axis=1, keepdims=True) - 1)
    coincidences = values.T @ weights - np.diag(weights.sum(axis=0))
    totals = coincidences.sum(axis=1)
    apart = _ordinal(totals) if ordered else 1.0 - np.eye(len(totals))
    expected = float((np.outer(totals, totals) * apart).sum())
    if expected == 0:
        return None
    return 1 - (float(totals.sum()) - 1) * float((coincidences * apart).sum()) / expected


def _ordinal(totals: Doubles) -> Doubles:
    """(c, c) squared distance of ordered categories: the answers between them, half of their own counted."""
    places = np.cumsum(totals) - totals / 2
    distance: Doubles = (places[:, None] - places) ** 2
    return distance
