"""Whether more searching would find more: what the last papers added to the topics and words of the others.

Papers have no order that means anything here, so they are put in random order many times, and what is new is
counted tenth by tenth (a species accumulation curve: Gotelli and Colwell 2001). What as many papers again
would bring follows from how many words only one or two papers use (Chao 1987; Colwell et al. 2012).
"""

from __future__ import annotations

import numpy as np

from topics.cluster.recovery import are_found
from topics.evidence.tallies import members
from topics.types import Clustering, Counts, Doubles, Longs, Regroupings
from topics.types.arrays import presence
from topics.types.groups import Accumulation, Saturation

PARTS = 10

ORDERS, FEWER, LARGE = 200, 40, 20_000
"""Random orders; fewer of them for more than `LARGE` papers."""

SETTLED = 5
"""Papers from which on a topic or a word is more than a passing mention."""

NINE_TENTHS = 0.85
"""Least share of the papers in a repetition of the grouping that can speak for nine tenths of them."""


def saturation(
    clustering: Clustering, counts: Counts, regroupings: Regroupings, random_state: int
) -> Saturation:
    """Count new topics and words in random orders of the papers. Papers count by nearest topic.

    counts: of single words, however rare.
    """
    n = len(clustering)
    random = np.random.default_rng([random_state, 7])
    orders = ORDERS if n <= LARGE else FEWER
    used = presence(counts.matrix)
    of_topic = members(clustering.nearest_topic, clustering.n_topics).T.tocsr().astype(np.int64)
    ends = np.rint(n * np.arange(1, PARTS + 1) / PARTS).astype(np.int64)
    part = np.searchsorted(ends, np.arange(n), side="right").astype(np.int32)
    seen = np.zeros((4, orders, PARTS))
    for at in range(orders):
        tenths = members(part[random.permutation(n)], PARTS).astype(np.int64)
        for place, matrix in enumerate((of_topic, used)):
            total = np.cumsum((tenths @ matrix).toarray(), axis=0)
            seen[2 * place, at] = (total >= 1).sum(axis=1)
            seen[2 * place + 1, at] = (total >= SETTLED).sum(axis=1)
    names = ("topics", f"topics of {SETTLED} papers", "words", f"words of {SETTLED} papers")
    papers = np.asarray(used.sum(axis=0)).ravel()
    more = further(papers, n, int(ends[-1] - ends[-2]))
    curves = tuple(
        _curve(name, own, expected)
        for name, own, expected in zip(names, seen, (None, None, more, None), strict=True)
    )
    missed = _missed(clustering, regroupings)
    return Saturation(
        n, tuple(ends.tolist()), orders, curves, clustering.n_topics, missed, coverage(papers, n)
    )


def _curve(name: str, seen: Doubles, more: float | None) -> Accumulation:
    """seen: (orders, parts), how many were met by the end of each part."""
    each = np.column_stack([seen, seen[:, -1] - seen[:, -2]])
    mean = each.mean(axis=0)
    # What happens in few orders moves the mean out of the range of the others.
    low, high = np.quantile(each, (0.025, 0.975), axis=0)
    *lows, least = np.minimum(low, mean).tolist()
    *highs, most = np.maximum(high, mean).tolist()
    *means, last = mean.tolist()
    return Accumulation(name, tuple(means), tuple(lows), tuple(highs), last, least, most, more)


def further(papers: Longs, n: int, m: int) -> float:
    """How many new words m further papers like these n would bring (Colwell et al. 2012, equation 18).

    papers: (v,) how many papers use each word.
    """
    once, twice = int((papers == 1).sum()), int((papers == 2).sum())
    # Chao's (1987) estimate of the words that nobody has used yet, in its form for none used twice.
    unseen = (n - 1) / n * (once**2 / (2 * twice) if twice else once * (once - 1) / 2)
    return float(unseen * (1 - (1 - once / (n * unseen + once)) ** m)) if unseen else 0.0


def coverage(papers: Longs, n: int) -> float:
    """The share of the uses of words in a further paper that fall on known words (Chao and Jost 2012).

    papers: (v,) how many papers use each word.
    """
    once, twice, uses = int((papers == 1).sum()), int((papers == 2).sum()), int(papers.sum())
    return float(1 - once / uses * ((n - 1) * once / max((n - 1) * once + 2 * twice, 1)))


def _missed(clustering: Clustering, regroupings: Regroupings) -> tuple[int, ...]:
    """For each repetition of the grouping on nine tenths of the papers, the topics that it does not find."""
    found = []
    for rows, again in regroupings:
        if len(rows) >= NINE_TENTHS * len(clustering):
            there = are_found(clustering.nearest_topic[rows], again, clustering.n_topics)
            found.append(int((~there).sum()))
    return tuple(found)
