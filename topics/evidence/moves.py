"""What grouping the papers anew does to figures of topics in groups of papers.

Whatever is said of a topic in a group is a sum over the papers of the topic: of what each adds to a share,
to a difference of shares, or to a change of one. So a repetition of the grouping gives the same figure anew,
with the papers that the topic has there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from topics.cluster.recovery import are_found, in_common
from topics.evidence.tallies import members
from topics.trends.shares import Z
from topics.types import Clustering, Doubles, Integers, Mask, Regroupings
from topics.types.groups import GroupMembership

PRIOR = 5
"""How many repetitions the usual effect of a new grouping on a topic is worth."""

Measure = Callable[[Doubles, Integers], Doubles]
"""(m, g) weights of papers in groups and their (m,) strata to the (m, g) that each adds to a figure."""


@dataclass(frozen=True)
class Moves:
    """What grouping the papers anew does to the figures. k topics, g groups.

    added: for each measure (k, g), the variance that it adds. found: (k,) in how many repetitions there is
    such a topic. upheld: (k, g) in how many of these the first measure has the same sign.
    """

    added: tuple[Doubles, ...]
    found: Integers
    upheld: Integers

    @classmethod
    def of(
        cls,
        clustering: Clustering,
        regroupings: Regroupings,
        membership: GroupMembership,
        stratum: Integers,
        measures: Sequence[tuple[Measure, Doubles]],
    ) -> Moves:
        """Set each repetition against the run's own grouping of the same papers.

        A topic's like in a repetition are the groups that together overlap with it most, so that a topic that
        is only split moves nothing. What papers that change sides at random add to the mean square falls with
        the number of papers, and a repetition may have only some of them; so that part is scaled to all.

        stratum: (n,) of each paper, -1 for those that do not count. measures: each with its (k, g) variance
            by the counts.
        """
        from scipy import stats

        (k, g), repetitions = measures[0][1].shape, len(regroupings)
        squares, noise = np.zeros((2, len(measures), k, g))
        found, upheld = np.zeros(k, np.int32), np.zeros((k, g), np.int32)
        counted = membership.known & (stratum >= 0)
        part = 1.0
        for rows, again in regroupings:
            kept = counted[rows]
            own = rows[kept]
            topic = clustering.nearest_topic[own]
            like = likeness(topic, again[kept], k)
            first, second = members(topic, k), like[:, again[kept]]
            part = len(own) / max(int(counted.sum()), 1)
            moved = np.abs(second - first.toarray())
            here = are_found(topic, again[kept], k)
            found += here
            for at, (measure, _) in enumerate(measures):
                weight = measure(membership.weights[own, :g], stratum[own])
                ours, theirs = np.asarray(first @ weight), second @ weight
                squares[at] += (theirs - ours) ** 2
                noise[at] += moved @ weight**2
                if at == 0:
                    upheld += here[:, None] & (np.sign(np.round(theirs, 12)) == np.sign(np.round(ours, 12)))
        if not repetitions:
            return cls(tuple(squares), found, upheld)
        added = (np.maximum(squares - noise, 0) + noise * min(part, 1.0)) / repetitions
        # A variance from few repetitions is uncertain itself: Student's distribution, not the normal one.
        wider = (stats.t.ppf(0.975, repetitions + PRIOR) / Z) ** 2
        return cls(
            tuple(
                _drawn_in(one, usual, repetitions) * wider
                for one, (_, usual) in zip(added, measures, strict=True)
            ),
            found,
            upheld,
        )


def _drawn_in(added: Doubles, usual: Doubles, repetitions: int) -> Doubles:
    """(k, g) variances by the grouping, each drawn towards what is usual in its topic.

    usual: (k, g) variances of the counts, to which those of a topic's groups are usually in proportion.
    """
    ratio = added.sum(axis=1, keepdims=True) / np.maximum(usual.sum(axis=1, keepdims=True), 1e-15)
    return np.asarray((repetitions * added + PRIOR * ratio * usual) / (repetitions + PRIOR))


def likeness(topic: Integers, again: Integers, k: int) -> Doubles:
    """(k, c) 1 for the groups that together are most like a topic, by their Jaccard overlap with it.

    topic, again: (m,) from 0 to k - 1, and the groups from 0 to c - 1.
    """
    table = in_common(topic, again, k, int(again.max(initial=0)) + 1)
    sizes, like = table.sum(axis=0), np.zeros(table.shape)
    for t, both in enumerate(table):
        order = np.argsort(-both / np.maximum(sizes, 1), kind="stable")
        inside, outside = np.cumsum(both[order]), np.cumsum(sizes[order])
        overlap = inside / np.maximum(both.sum() + outside - inside, 1)
        like[t, order[: int(overlap.argmax()) + 1]] = 1
    return like


def in_difference(weights: Doubles, stratum: Integers) -> Doubles:
    """What a paper of a topic adds to the difference between a group and the rest, within strata."""
    numbers = np.unique(stratum, return_inverse=True)[1]
    n = np.bincount(numbers)[:, None]
    total = np.zeros((len(n), weights.shape[1]))
    np.add.at(total, numbers, weights)
    balance = (total * (n - total) / np.maximum(n, 1)).sum(axis=0)
    return np.asarray((weights - (total / np.maximum(n, 1))[numbers]) / np.maximum(balance, 1e-12))


def in_share(weights: Doubles, _: Integers) -> Doubles:
    """What a paper of a topic adds to its share in a group."""
    return np.asarray(weights / np.maximum(weights.sum(axis=0), 1e-12))


def in_change(cut: int) -> Measure:
    """Of the difference after the stratum `cut` less that before its end."""

    def measure(weights: Doubles, stratum: Integers) -> Doubles:
        found = np.zeros(weights.shape)
        for side, sign in ((stratum <= cut, -1), (stratum > cut, 1)):
            found[side] = sign * in_difference(weights[side], stratum[side])
        return found

    return measure


def in_share_of(number: int) -> Measure:
    """Of the share within one stratum."""

    def measure(weights: Doubles, stratum: Integers) -> Doubles:
        here: Mask = stratum == number
        return in_share(weights * here[:, None], stratum)

    return measure
