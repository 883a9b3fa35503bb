"""The papers that stand for a large corpus wherever the work would grow faster than their number.

They are drawn from all corners of it: the space of the vectors is divided among anchors, and every cell gives
its share, and a few papers if it has them however small it is.
"""

from __future__ import annotations

import numpy as np

from topics.assign import assign, means
from topics.types import Floats, Integers

FITTED = 30_000
"""Most papers that a neighbour graph is made among, UMAP lays out and HDBSCAN judges."""

CELLS = 256
LEAST = 16
"""Papers that a cell gives at least, or all of fewer: as many as a neighbourhood has."""

LEARNT_ON = 10_000
ROUNDS = 10


def drawn(vectors: Floats, many: int, random_state: int) -> Integers:
    """(about `many`,) ascending rows of the papers that stand for all.

    vectors: (n, d) unit rows in `Embeddings.order`, so that the same papers are drawn however they come.
    """
    generator = np.random.default_rng(random_state)
    n = len(vectors)
    anchors = _anchors(vectors[np.sort(generator.choice(n, min(n, LEARNT_ON), replace=False))], generator)
    cell, _ = assign(vectors, anchors, 1.0)
    lots = generator.random(n)
    rows = np.lexsort((lots, cell))
    sizes = np.bincount(cell, minlength=len(anchors))
    quota = np.maximum(np.ceil(sizes * (many / n)), np.minimum(sizes, LEAST))
    turn = np.arange(n) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    found: Integers = np.sort(rows[turn < np.repeat(quota, sizes)]).astype(np.int32)
    return found


def _anchors(vectors: Floats, generator: np.random.Generator) -> Floats:
    """(CELLS or fewer, d) unit rows: some rounds of spherical k-means."""
    anchors = vectors[generator.choice(len(vectors), min(CELLS, len(vectors)), replace=False)]
    for _ in range(ROUNDS):
        cell, _ = assign(vectors, anchors, 1.0)
        anchors = means(vectors, cell)
    return anchors
