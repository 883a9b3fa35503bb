"""The parts of one topic: what its papers fall into when they are taken for a corpus of their own.

They are grouped as the papers of a run are (`topics.cluster.consensus`), in a sample and in fewer dimensions.
A topic stays whole where nine tenths of its papers, grouped again, do not agree with the division.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from topics.cluster.consensus import group
from topics.cluster.neighbours import nearest
from topics.cluster.recovery import best_overlap
from topics.types import Doubles, Floats, Integers, Mask, Rows
from topics.types.arrays import unit_rows

LEAST = 10
"""Fewest papers of a part."""

SAMPLE = 600
"""Most papers that are grouped; the others go where they are nearest."""

AXES = 100
"""Principal axes of the sample that papers are compared in: half of the time, and parts as good."""

NEIGHBOURS = 15

STARTS, STARTS_OF_MANY = 8, 4
"""Starts of k-means for each number of parts; and in a corpus of more than `FITTED` papers, whose many topics
would take long."""

REPETITIONS, KEPT_SHARE = 3, 0.9

FEWER = (3, 2)
"""Numbers of parts that are tried where the division of most worth does not come back."""

LASTING = 0.5
"""Stability below which a part is not found again (Hennig 2007); its papers go to the others."""

AGREEMENT, OF_FEW = 0.65, 0.65
"""Mean adjusted mutual information with the repetitions from which on a division counts: `AGREEMENT`, and
`OF_FEW` over the number of parts."""


@dataclass(frozen=True)
class Division:
    """of: (m,) int32, the part of each paper of a topic, from 0 to p - 1. stability: (p,) in [0, 1], how well
    each part is found again, as for topics (`topics.label.quality`).
    """

    of: Integers
    stability: Floats


def divide(vectors: Floats, core: Mask, random_state: int, starts: int = STARTS) -> Division | None:
    """The parts of a topic, or None where it has none that come back.

    vectors: (m, d) unit rows, the topic's papers; core: (m,) those of them that are no outliers, which alone
    are grouped and counted. starts: of k-means for each number of parts.
    """
    rows: Rows = np.flatnonzero(core)
    if len(rows) < 2 * LEAST:
        return None
    if len(rows) > SAMPLE:
        rows = np.sort(np.random.default_rng(random_state).choice(rows, SAMPLE, replace=False))
    # Along the axes that carry most of the sample.
    points = unit_rows(vectors @ np.linalg.svd(vectors[rows], full_matrices=False)[2][:AXES].T)
    for number in (None, *FEWER):
        middles = _large(points, core, _middles(points[rows], number, LEAST, 0, starts))
        if len(middles) < 2:
            continue
        again = _agreeing(
            _nearest(points[rows], middles),
            _repetitions(points[rows], number, random_state, starts),
            AGREEMENT + OF_FEW / len(middles),
        )
        if again and (found := _lasting(points, rows, core, middles, again)):
            return found
    return None


def _agreeing(of: Integers, repetitions: Iterable[Integers], least: float) -> list[Integers]:
    """The repetitions, or none where their mean agreement with (s,) the parts of papers is below `least`: no
    more of them are made than that takes.
    """
    from sklearn.metrics import adjusted_mutual_info_score

    again, agreements = [], []
    for groups in repetitions:
        again.append(groups)
        agreements.append(adjusted_mutual_info_score(of, groups))
        # An agreement is at most 1.
        if np.mean(agreements + [1.0] * (REPETITIONS - len(again))) < least:
            return []
    return again


def _large(points: Floats, core: Mask, middles: Floats) -> Floats:
    """The middles around which at least `LEAST` papers of the core lie; those of the others go to these."""
    while len(middles):
        small = np.bincount(_nearest(points, middles)[core], minlength=len(middles)) < LEAST
        if not small.any():
            break
        middles = middles[~small]
    return middles


def _lasting(
    points: Floats,
    rows: Rows,
    core: Mask,
    middles: Floats,
    again: Sequence[Integers],
) -> Division | None:
    """The parts around the middles that come back, with the papers of the others; None of fewer than two.

    points: (m, d), core: (m,); rows: (s,) those that were grouped; again: (s,) each, the repetitions' groups.
    """
    middles = _large(points, core, middles[_overlap(points[rows], middles, again) >= LASTING])
    if len(middles) < 2:
        return None
    return Division(_nearest(points, middles), _overlap(points[rows], middles, again).astype(np.float32))


def _overlap(points: Floats, middles: Floats, again: Sequence[Integers]) -> Doubles:
    """(p,) how well the part around each middle is found again: its best overlap, in the mean."""
    of = _nearest(points, middles)
    found: Doubles = np.mean([best_overlap(of, groups, len(middles))[0] for groups in again], axis=0)
    return found


def _repetitions(points: Floats, number: int | None, random_state: int, starts: int) -> Iterator[Integers]:
    """The groups of all these papers by the middles that nine tenths of them give."""
    kept = round(KEPT_SHARE * len(points))
    for repetition in range(1, REPETITIONS + 1):
        draw = np.random.default_rng([random_state, repetition]).choice(len(points), kept, replace=False)
        part, least = points[np.sort(draw)], round(KEPT_SHARE * LEAST)
        yield _nearest(points, _middles(part, number, least, repetition, starts))


def _middles(points: Floats, number: int | None, least: int, repetition: int, starts: int) -> Floats:
    """(p, d) the mean of each group of at least `least` papers; number: how many, None to choose.
    repetition: the seed of the starts.
    """
    everyone = np.arange(len(points), dtype=np.int32)
    neighbour_indices, distances = nearest(points, everyone, everyone, min(NEIGHBOURS, len(points) - 1))
    levels = group(
        points,
        neighbour_indices,
        distances,
        n_topics=number,
        size=least,
        n_total=len(points),
        starts=starts,
        by_margin=True,
        seed=repetition,
    )
    groups = levels[0].groups
    return np.array([points[groups == one].mean(axis=0) for one in range(groups.max() + 1)])


def _nearest(points: Floats, middles: Floats) -> Integers:
    """(m,) the nearest of the (p, d) middles; |x - m|^2 without what is the same for all."""
    apart = (middles**2).sum(axis=1) - 2 * points @ middles.T
    found: Integers = apart.round(6).argmin(axis=1).astype(np.int32)
    return found
