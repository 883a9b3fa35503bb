"""Whether a paper is like anything in the run.

A paper is as close to the run as its five nearest neighbours are on average (Sun et al., "Out-of-Distribution
Detection with Deep Nearest Neighbors", 2022). Where that stands among the same figures of the run's own
papers, each compared with the others, is a conformal p-value (Bates et al., "Testing for Outliers with
Conformal p-values", 2023): of papers that are drawn like the run's, a share of `a` at most falls below `a`,
whatever the encoder and however the topics were made. `benchmarks/history/labelling.md` compares it with the
cosine to the nearest centroid.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from topics.types import Embeddings, Floats, Integers, Mask, Novelty
from topics.types.arrays import on_grid

NEAREST = 5

MOST_REFERENCES = 2_000
"""Most papers that represent the run; of a larger one, a sample."""

GRID = float(2**11)
"""Coordinates are rounded to multiples of 2**-11: every product is then a multiple of 2**-22, every partial
sum stays below 2, and float32 holds all of them exactly. So a paper's closeness does not depend on the
other papers, on the number of threads or on the machine."""

_BLOCK = 1024


def calibrate(embeddings: Embeddings, *, random_state: int) -> Novelty:
    """Choose the papers that represent the run and say how close each of them is to the others.

    The choice goes with the papers and not with their places.
    """
    order = embeddings.order
    if len(order) > MOST_REFERENCES:
        order = np.random.default_rng(random_state).choice(order, MOST_REFERENCES, replace=False)
    rows = np.sort(order).astype(np.int32)
    vectors = embeddings.vectors[rows]
    return Novelty(rows, _closeness(vectors, vectors, np.arange(len(rows), dtype=np.int32)))


def novelty_p_values(vectors: Floats, rows: Integers, references: Floats, novelty: Novelty) -> Floats:
    """Conformal p-values: the share of the run's papers, this one counted in, no closer to it.

    vectors: (m, d) unit rows. rows: (m,) the row of the run's paper that this is, -1 for none: it is not
    compared with itself. references: (r, d), the vectors of `novelty.rows`. Returns (m,) float32 in (0, 1].
    """
    place = np.searchsorted(novelty.rows, rows)
    place[place == len(novelty.rows)] = 0
    own = np.where(novelty.rows[place] == rows, place, -1).astype(np.int32)
    found = _closeness(vectors, references, own)
    below = np.searchsorted(np.sort(novelty.closeness), found, side="right")
    new = own < 0
    shares: Floats = ((below + new) / (len(references) + new)).astype(np.float32)
    return shares


def share_marked(vectors: Floats, references: Floats, marked: Mask) -> Floats:
    """(m,) the share of each row's nearest references that are marked; marked: (r,)."""
    n_neighbors = min(NEAREST, len(references))
    found = np.empty(len(vectors), np.float32)
    for block, cosine in _cosines(vectors, references):
        nearest = np.argpartition(-cosine, n_neighbors - 1, axis=1)[:, :n_neighbors]
        found[block] = marked[nearest].mean(axis=1)
    return found


def _closeness(vectors: Floats, references: Floats, own: Integers) -> Floats:
    """(m,) mean cosine of each row to its nearest references; own: (m,) the reference it is itself, or -1."""
    n_neighbors = min(NEAREST, len(references) - 1)
    found = np.empty(len(vectors), np.float32)
    for block, cosine in _cosines(vectors, references):
        itself = np.flatnonzero(own[block] >= 0)
        cosine[itself, own[block][itself]] = -2
        nearest = np.partition(cosine, -n_neighbors, axis=1)[:, -n_neighbors:]
        found[block] = nearest.sum(axis=1, dtype=np.float64) / n_neighbors
    return found


def _cosines(vectors: Floats, references: Floats) -> Iterator[tuple[slice, Floats]]:
    """Some rows at a time and their cosines to all references."""
    targets = on_grid(np.asarray(references, np.float32), GRID).T
    for start in range(0, len(vectors), _BLOCK):
        block = slice(start, start + _BLOCK)
        yield block, on_grid(np.asarray(vectors[block], np.float32), GRID) @ targets
