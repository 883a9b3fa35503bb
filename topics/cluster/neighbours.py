"""The nearest papers by cosine, and the sample that represents a large corpus.

Neighbours come from matrix products of blocks and the largest numbers of each row. Wherever the work would
grow faster than the number of papers, a stratified sample represents all: the vector space is divided into
cells around anchors, and each cell contributes in proportion to its size, and at least a few papers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from topics.cluster.assign import assign, means
from topics.types import Floats, Integers, Progress, unwatched

BLOCK_CELLS = 16_000_000
RUN = 64
"""Columns that are judged together by their largest number."""

FITTED = 30_000
"""Most papers that a neighbour graph is made among, UMAP lays out and HDBSCAN judges."""

CELLS = 256

LEAST = 16
"""Papers that a cell gives at least, or all of fewer: as many as a neighbourhood has."""

LEARNT_ON = 10_000

ROUNDS = 10

PROBED = 32
"""Cells around a paper's own in which its nearest papers are looked for; nine of ten are found."""


def nearest(
    vectors: Floats, rows: Integers, among: Integers, k: int, progress: Progress = unwatched
) -> tuple[Integers, Floats]:
    """The k nearest papers of each of some papers, itself not among them.

    vectors: (n, d) unit rows; rows: (m,) whose are looked for; among: (c,) ascending rows, more than k, that
    they are looked for among.

    Returns (m, k) int32 row numbers, the nearest first, and (m, k) float32 cosine distances.
    """
    indices = np.empty((len(rows), k), np.int32)
    distances = np.empty((len(rows), k), np.float32)
    if not k:
        return indices, distances
    column = np.full(len(vectors), -1, np.int32)
    column[among] = np.arange(len(among), dtype=np.int32)
    targets = vectors[among].T
    step = max(1, BLOCK_CELLS // len(among))
    for start in range(0, len(rows), step):
        block = rows[start : start + step]
        similarity = vectors[block] @ targets
        own = np.flatnonzero(column[block] >= 0)
        similarity[own, column[block][own]] = -np.inf
        near = largest(similarity, k)
        values = np.take_along_axis(similarity, near, axis=1)
        ranked = np.argsort(-values, axis=1, kind="stable")
        place = slice(start, start + len(block))
        indices[place] = among[np.take_along_axis(near, ranked, axis=1)]
        distances[place] = np.clip(1 - np.take_along_axis(values, ranked, axis=1), 0, None)
        progress(len(block))
    return indices, distances


def largest(similarity: Floats, k: int) -> Integers:
    """(rows, k) ascending columns of the k largest numbers of each row.

    The k largest lie in the k runs of columns with the largest maxima; finding these first spares most of the
    sorting. A run is columns at equal distances, not a stretch of them: so maxima are taken many at a time.
    """
    rows, n = similarity.shape
    runs = n // RUN
    if runs <= 4 * k:
        return np.sort(np.argpartition(-similarity, k - 1, axis=1)[:, :k], axis=1)
    peaks = similarity[:, : runs * RUN].reshape(rows, RUN, runs).max(axis=1)
    best = np.sort(np.argpartition(-peaks, k - 1, axis=1)[:, :k], axis=1)
    inside = (best[:, :, None] + runs * np.arange(RUN)).reshape(rows, k * RUN)
    beyond = np.broadcast_to(np.arange(runs * RUN, n), (rows, n - runs * RUN))
    columns = np.concatenate([inside, beyond], axis=1)
    values = np.take_along_axis(similarity, columns, axis=1)
    chosen = np.argpartition(-values, k - 1, axis=1)[:, :k]
    return np.sort(np.take_along_axis(columns, chosen, axis=1), axis=1)


@dataclass(frozen=True)
class StratifiedSample:
    """Papers that represent all.

    rows: (m,) int32, ascending. cell: (n,) the cell that each paper lies in; anchors: (c, d) its unit rows.
    """

    rows: Integers
    cell: Integers
    anchors: Floats

    def neighbourhoods(self, least: int) -> Iterator[tuple[Integers, Integers]]:
        """The rows of all other papers, a cell's at a time, and the sampled papers of the cells around it.

        These are of the `PROBED` nearest cells, or of more until they are `least`.
        """
        sampled = np.zeros(len(self.cell), bool)
        sampled[self.rows] = True
        by_cell = np.argsort(self.cell, kind="stable").astype(np.int32)
        ends = np.searchsorted(self.cell[by_cell], np.arange(len(self.anchors) + 1))
        members = [by_cell[ends[number] : ends[number + 1]] for number in range(len(self.anchors))]
        in_sample = [rows[sampled[rows]] for rows in members]
        near = np.argsort(-np.round(self.anchors @ self.anchors.T, 6), axis=1, kind="stable")
        for number, rows in enumerate(members):
            others = rows[~sampled[rows]]
            if not len(others):
                continue
            reached = np.cumsum([len(in_sample[cell]) for cell in near[number]])
            cells = near[number][: max(PROBED, int(np.searchsorted(reached, least)) + 1)]
            yield others, np.sort(np.concatenate([in_sample[cell] for cell in cells]))


def stratified_sample(vectors: Floats, n_sampled: int, random_state: int) -> StratifiedSample:
    """About `n_sampled` papers that represent all.

    vectors: (n, d) unit rows in `Embeddings.order`, so that their order changes nothing.
    """
    generator = np.random.default_rng(random_state)
    n = len(vectors)
    anchors = _anchors(vectors[np.sort(generator.choice(n, min(n, LEARNT_ON), replace=False))], generator)
    cell, _ = assign(vectors, anchors, 1.0)
    keys = generator.random(n)
    rows = np.lexsort((keys, cell))
    sizes = np.bincount(cell, minlength=len(anchors))
    quota = np.maximum(np.ceil(sizes * (n_sampled / n)), np.minimum(sizes, LEAST))
    turn = np.arange(n) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return StratifiedSample(np.sort(rows[turn < np.repeat(quota, sizes)]).astype(np.int32), cell, anchors)


def _anchors(vectors: Floats, generator: np.random.Generator) -> Floats:
    """(CELLS or fewer, d) unit rows: some rounds of spherical k-means."""
    anchors = vectors[generator.choice(len(vectors), min(CELLS, len(vectors)), replace=False)]
    for _ in range(ROUNDS):
        cell, _ = assign(vectors, anchors, 1.0)
        anchors = means(vectors, cell)
    return anchors
