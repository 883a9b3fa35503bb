"""The nearest papers are those of the highest cosine, whoever is looked for among whom."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cluster.test_umap import groups
from topics.cluster.neighbours import largest, nearest


@pytest.mark.parametrize("k", [0, 1, 6])
def test_the_nearest_of_some_papers_among_others(k: int) -> None:
    vectors = groups((40, 30, 20)).vectors
    rows, among = np.arange(60, 10, -1, dtype=np.int32), np.arange(0, 90, 3, dtype=np.int32)
    found, distances = nearest(vectors, rows, among, k)
    cosine = vectors[rows].astype(np.float64) @ vectors[among].T.astype(np.float64)
    cosine[rows[:, None] == among] = -np.inf
    expected = np.argsort(-cosine, axis=1)[:, :k]
    assert np.array_equal(found, among[expected])
    np.testing.assert_allclose(distances, 1 - np.take_along_axis(cosine, expected, axis=1), atol=1e-6)
    assert (distances >= 0).all()


@given(st.integers(1, 3), st.integers(1, 4000), st.integers(1, 5), st.integers(0, 2**32 - 1))
def test_largest_finds_the_k_largest(rows, columns, k, seed):
    numbers = np.random.default_rng(seed).choice(7 * columns, (rows, columns)).astype(np.float32)
    found = largest(numbers, min(k, columns))
    assert (np.diff(found, axis=1) > 0).all()
    expected = np.sort(numbers, axis=1)[:, ::-1][:, : min(k, columns)]
    np.testing.assert_array_equal(-np.sort(-np.take_along_axis(numbers, found, axis=1)), expected)
