"""What it is that a topic, or a paper's place, is found again when papers are grouped anew. One rule each:

a topic is found where one group there overlaps with it by `DISSOLVED` at least (`are_found`); a paper is in a
topic again where most papers of its group there are of that topic (`found_again`).
"""

from __future__ import annotations

import numpy as np

from topics.types import Clustering, Doubles, Integers, Longs, Mask, Rows

DISSOLVED = 0.5
"""A topic that overlaps less than this with every group of a repetition is not found there (Hennig 2007)."""


def best_overlap(topic: Integers, again: Integers, n_topics: int) -> tuple[Doubles, Longs]:
    """(k,) the best Jaccard overlap of each topic with a group (Hennig 2007), and (k,) the topics' sizes.

    topic, again: (n,) from 0 to n_topics - 1, and the groups from 0 on.
    """
    sizes = np.bincount(topic, minlength=n_topics)
    return jaccard(topic, again, n_topics).max(axis=1), sizes


def are_found(topic: Integers, again: Integers, n_topics: int) -> Mask:
    """(k,) the topics that a repetition finds again. topic, again: as in `best_overlap`."""
    found: Mask = best_overlap(topic, again, n_topics)[0] >= DISSOLVED
    return found


def found_again(clustering: Clustering, rows: Integers, groups: Integers) -> Integers:
    """(m,) the topic that each of the papers `rows` has in a repetition: the one that most papers of its
    group have in the run, of several the first.
    """
    table = in_common(groups, clustering.nearest_topic[rows], int(groups.max()) + 1, clustering.n_topics)
    found: Integers = table.argmax(axis=1).astype(np.int32)[groups]
    return found


def in_common(one: Rows, other: Rows, n_groups: int, n_others: int) -> Longs:
    """(n_groups, n_others) how many papers each group of one division has in common with each of the other.

    one, other: (n,) the group of each paper, from 0 on.
    """
    common = np.zeros((n_groups, n_others), np.int64)
    np.add.at(common, (one, other), 1)
    return common


def jaccard(one: Rows, other: Rows, n_groups: int) -> Doubles:
    """(n_groups, c) the Jaccard index of each group of one division with each of the other.

    one, other: (n,) the group of each paper, from 0 on.
    """
    common = in_common(one, other, n_groups, int(other.max(initial=0)) + 1)
    either = common.sum(axis=1)[:, None] + common.sum(axis=0) - common
    return np.asarray(common / np.maximum(either, 1))
