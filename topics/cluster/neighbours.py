"""The nearest papers by cosine: matrix products of blocks, and the largest numbers of each row."""

from __future__ import annotations

import numpy as np

from topics.types import Floats, Integers, Progress, unwatched

BLOCK_CELLS = 16_000_000
RUN = 64
"""Columns that are judged together by their largest number."""


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
    many = max(1, BLOCK_CELLS // len(among))
    for start in range(0, len(rows), many):
        block = rows[start : start + many]
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
