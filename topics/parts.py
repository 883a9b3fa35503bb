"""The parts of one topic: what its papers fall into when they are taken for a corpus of their own.

They are grouped as the papers of a run are (`topics.consensus`), in a sample and in fewer dimensions. A topic
stays whole where nine tenths of its papers, grouped again, do not agree with the division.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from topics.consensus import group
from topics.nearest import nearest
from topics.overlap import best_overlap
from topics.types import OUTLIER, Floats, Integers

LEAST = 10
"""Fewest papers of a part."""

SAMPLE = 600
"""Most papers that are grouped; the others go where they are nearest."""

AXES = 100
"""Principal axes of the sample that papers are compared in: half of the time, and the same parts."""

NEIGHBOURS = 15

REPETITIONS, KEPT_SHARE = 3, 0.9

FEWER = (3, 2)
"""Numbers of parts that are tried where the division of most worth does not come back."""

AGREEMENT, OF_FEW = 0.5, 0.8
"""Mean adjusted mutual information with the repetitions from which on a division counts: `AGREEMENT`, and
`OF_FEW` over the number of parts. A cloud without any parts, normal with the mean and covariance of a class
of arXiv or OHSUMED, is cut in two much the same way each time, but not in five: benchmarks/RESULTS.md."""


@dataclass(frozen=True)
class Division:
    """of: (m,) int32, the part of each paper of a topic, from 0 to p - 1. stability: (p,) in [0, 1], how well
    each part is found again, as for topics (`topics.quality`).
    """

    of: Integers
    stability: Floats


def divide(vectors: Floats, core: npt.NDArray[np.bool_], random_state: int) -> Division | None:
    """The parts of a topic, or None where it has none that come back.

    vectors: (m, d) unit rows, the topic's papers; core: (m,) those of them that are no outliers, which alone
    are grouped and counted.
    """
    rows: npt.NDArray[np.integer] = np.flatnonzero(core)
    if len(rows) < 2 * LEAST:
        return None
    if len(rows) > SAMPLE:
        rows = np.sort(np.random.default_rng(random_state).choice(rows, SAMPLE, replace=False))
    points = _in_fewer_dimensions(vectors, rows)
    for number in (None, *FEWER):
        parts = _large_parts(points, core, _middles(points[rows], number, random_state))
        many = int(parts.max()) + 1
        if many < 2:
            continue
        agreement, stability = _found_again(points[rows], parts[rows], number, random_state)
        if agreement >= AGREEMENT + OF_FEW / many:
            return Division(parts, stability)
    return None


def _found_again(
    points: Floats, parts: Integers, number: int | None, random_state: int
) -> tuple[float, Floats]:
    """How much of a division comes back from nine tenths of the papers: mean AMI, and (p,) of each part."""
    from sklearn.metrics import adjusted_mutual_info_score

    kept, agreement, overlap = round(KEPT_SHARE * len(points)), [], []
    for repetition in range(1, REPETITIONS + 1):
        draw = np.random.default_rng([random_state, repetition]).choice(len(points), kept, replace=False)
        middles = _middles(points[np.sort(draw)], number, random_state + repetition)
        again = _nearest(points, middles)
        agreement.append(adjusted_mutual_info_score(parts, again))
        overlap.append(best_overlap(parts, again, int(parts.max()) + 1)[0])
    return float(np.mean(agreement)), np.mean(overlap, axis=0).astype(np.float32)


def _in_fewer_dimensions(vectors: Floats, rows: npt.NDArray[np.integer]) -> Floats:
    """(m, AXES) unit rows: the papers along the axes that carry most of the sample."""
    _, _, axes = np.linalg.svd(vectors[rows], full_matrices=False)
    points: Floats = vectors @ axes[:AXES].T
    points /= np.maximum(np.linalg.norm(points, axis=1, keepdims=True), 1e-9)
    return points


def _middles(points: Floats, number: int | None, random_state: int) -> Floats:
    """(p, d) the mean of each group of these papers; number: how many, None to choose."""
    everyone = np.arange(len(points), dtype=np.int32)
    around, _ = nearest(points, everyone, everyone, min(NEIGHBOURS, len(points) - 1))
    groups = group(
        points,
        [points],
        around,
        n_topics=number,
        size=LEAST,
        of=len(points),
        random_state=random_state % 2**32,
    )
    return np.array([points[groups == one].mean(axis=0) for one in range(groups.max() + 1)])


def _large_parts(points: Floats, core: npt.NDArray[np.bool_], middles: Floats) -> Integers:
    """(m,) the part of each paper, where papers of parts of fewer than `LEAST` have gone elsewhere; -1 where
    none is so large.
    """
    while len(middles):
        parts = _nearest(points, middles)
        large = np.bincount(parts[core], minlength=len(middles)) >= LEAST
        if large.all():
            return parts
        middles = middles[large]
    return np.full(len(points), OUTLIER, np.int32)


def _nearest(points: Floats, middles: Floats) -> Integers:
    """(m,) the nearest of the (p, d) middles; |x - m|^2 without what is the same for all."""
    apart = (middles**2).sum(axis=1) - 2 * points @ middles.T
    found: Integers = apart.round(6).argmin(axis=1).astype(np.int32)
    return found
