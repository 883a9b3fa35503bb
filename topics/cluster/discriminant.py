"""Where topics part: directions that tell a topic's papers from the others', not only where its middle is.

Papers of one topic spread far along some directions of the space and hardly along others, and nearest means
take no account of it. Linear discriminant analysis (Fisher 1936) does: it weighs every direction by how
little papers spread along it inside topics. Here its directions are rows of length 1 and have no offsets, so
that `topics.cluster.assign` compares papers with them as it would with means.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from topics.types import Doubles, Floats, Integers
from topics.types.arrays import unit_rows

SHRINKAGE = 0.5
"""How far the spread inside topics of many papers is shrunk towards one that is alike in all directions.
Fewer say less about it: with `topics.types.share_of_many` it comes near 1, where topics part by means."""

LEARNT_ON = 20_000
"""Most papers that the spread is learned from, taken at even steps: bounds the memory."""


def spread_inside(vectors: Floats, groups: Integers, weight: float) -> Doubles | None:
    """(d, d) covariance of papers around the means of their groups, shrunk; None of one paper or of copies.

    vectors: (n, d); groups: (n,), -1 for papers in none, which do not count. weight: `share_of_many` of the
    corpus; at 0 nothing is learned.
    """
    import scipy.sparse as sp
    from threadpoolctl import threadpool_limits

    if not weight:
        return None
    rows = np.flatnonzero(groups >= 0)
    rows = rows[:: -(-len(rows) // LEARNT_ON)] if len(rows) else rows
    if len(rows) < 2:
        return None
    points = vectors[rows].astype(np.float64)
    kept, numbers = np.unique(groups[rows], return_inverse=True)
    sizes = np.bincount(numbers)
    # One entry per column: each paper's group.
    columns = (np.ones(len(points)), numbers, np.arange(len(points) + 1))
    middles = sp.csc_matrix(columns, shape=(len(kept), len(points))) @ points / sizes[:, None]
    points -= middles[numbers]
    # One thread: a sum split among cores comes out differently with their number.
    with threadpool_limits(1):
        covariance = points.T @ points / len(rows)
    return _shrunk(covariance, weight)


def sphered(vectors: Floats, graph: Any, weight: float) -> Floats:
    """(n, d) unit rows in a space where papers of a topic lie alike in all directions, as far as is known.

    How they spread is learned from pairs of near papers, before there are topics (Art, Gnanadesikan and
    Kettenring 1982, "Data-based metrics for cluster analysis").

    vectors: (n, d); they stay as they are where near papers are copies.
    graph: (n, n) sparse, symmetric, the weights of the pairs.
    weight: `share_of_many` of the corpus; at 0 the vectors stay as they are, too.
    """
    from threadpoolctl import threadpool_limits

    if not weight:
        return vectors
    points = vectors.astype(np.float64)
    weights = np.asarray(graph.sum(axis=1))
    with threadpool_limits(1):
        spread = _shrunk(points.T @ (weights.reshape(-1, 1) * points - graph @ points), weight)
        if spread is None:
            return vectors
        values, axes = np.linalg.eigh(spread)
        return unit_rows(points @ ((axes / np.sqrt(values)) @ axes.T))


def _shrunk(covariance: Doubles, weight: float) -> Doubles | None:
    """The covariance, of mean variance 1, part of the way to a sphere; None of points that do not spread."""
    dimensions = len(covariance)
    mean = np.trace(covariance) / dimensions
    if not mean > 0:
        return None
    shrinkage = 1 - (1 - SHRINKAGE) * weight
    shrunk: Doubles = (1 - shrinkage) * covariance / mean + shrinkage * np.eye(dimensions)
    return shrunk


def discriminants(centroids: Floats, spread: Doubles | None) -> Floats:
    """(c, d) unit rows that papers are compared with; the centroids where no spread is known.

    A centroid of zeros, that of texts without a known word, gives a row of zeros.
    """
    from threadpoolctl import threadpool_limits

    if spread is None:
        return centroids
    with threadpool_limits(1):
        found = np.linalg.solve(spread, centroids.astype(np.float64).T).T
    return unit_rows(found)
