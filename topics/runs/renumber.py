"""Numbers and labels that outlive a fit: the topics of one that are there again in the next."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from topics.cluster.recovery import jaccard
from topics.types import OUTLIER, Clustering

MATCH = 1 / 3
"""Least share of common papers, of those in either, for two topics to be one topic in two fits."""

SAME = 1 / 2
"""Least share of common papers for a topic to keep its label as well as its number."""


def kept_numbers(
    old: Clustering, labels: Sequence[str], found: Clustering
) -> tuple[Clustering, dict[int, int]]:
    """A fit whose topics have the numbers and labels of an older one, where they are the same.

    found: of the older one's n papers, in their order, and more. Topics are matched one to one so that the
    share of common papers, of those in either, is greatest in sum (Kuhn 1955); pairs below `MATCH` are none,
    and those below `SAME` share the number only.
    What is new takes the numbers that are free, the largest first. A topic moves to a free number only where
    there are fewer topics than before. Returns also the old number of each matched new one.
    """
    from scipy.optimize import linear_sum_assignment

    n = len(old)
    share = jaccard(old.nearest_topic, found.nearest_topic[:n], old.n_topics)
    pairs = [(a, b) for a, b in zip(*linear_sum_assignment(-share), strict=True) if share[a, b] >= MATCH]
    matched = {int(b): int(a) for a, b in pairs}
    number = {b: a for b, a in matched.items() if a < found.n_topics}
    free = iter(sorted(set(range(found.n_topics)) - set(number.values())))
    for topic in sorted(range(found.n_topics), key=lambda b: (b not in matched, b)):
        if topic not in number:
            number[topic] = next(free)
    order = sorted(number, key=lambda topic: number[topic])
    place = np.array([number[topic] for topic in range(found.n_topics)] + [OUTLIER], np.int32)
    given = found.names or ("",) * found.n_topics
    same = {b for b, a in matched.items() if share[a, b] >= SAME}
    names = [given[topic] or (labels[matched[topic]] if topic in same else "") for topic in order]
    taken = [name.casefold() for name in names]
    names = [
        name if taken.count(name.casefold()) == 1 else given[topic]
        for name, topic in zip(names, order, strict=True)
    ]
    clustering = Clustering(
        topic=place[found.topic],
        nearest_topic=place[found.nearest_topic],
        probability=found.probability,
        centroids=found.centroids[order],
        temperature=found.temperature,
        chosen=found.chosen,
        names=tuple(names),
        directions=found.directions[order],
    )
    return clustering, {number[topic]: matched[topic] for topic in matched}
