"""Every paper of a large corpus lies where its nearest of those that were judged lies."""

from __future__ import annotations

import numpy as np

from topics.cluster.methods.hdbscan import densities
from topics.types import OUTLIER


def scattered() -> np.ndarray:
    """Two crowds of 40 papers and 20 far from everything."""
    generator = np.random.default_rng(0)
    crowds = np.repeat([[0.0, 0.0], [10.0, 10.0]], 40, axis=0) + generator.normal(scale=0.1, size=(80, 2))
    return np.vstack([crowds, generator.uniform(30, 3000, size=(20, 2))]).astype(np.float32)


def test_crowds_are_dense_and_lonely_papers_are_not() -> None:
    found = densities(scattered(), np.zeros((100, 1), np.int32), np.zeros(0, np.int32), 10, 5)
    assert len(set(found[:40])) == len(set(found[40:80])) == 1
    assert found[0] != found[40]
    assert (found[:80] != OUTLIER).all()
    assert (found[80:] == OUTLIER).all()


def test_papers_that_were_not_judged_lie_where_their_nearest_do() -> None:
    points = scattered()
    fitted = np.arange(0, 100, 2, dtype=np.int32)
    neighbour_indices = np.column_stack([np.arange(100) // 2 * 2, np.full(100, 98)]).astype(np.int32)
    found = densities(points, neighbour_indices, fitted, 10, 6)
    assert np.array_equal(found[1::2], found[::2])
    alone = densities(points[::2], np.zeros((50, 1), np.int32), np.zeros(0, np.int32), 5, 3)
    assert np.array_equal(found[::2], alone)
    assert len(set(found[:40])) == len(set(found[40:80])) == 1
    assert OUTLIER not in found[:80]
