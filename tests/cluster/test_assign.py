"""The assignment rule gives a paper the same answer wherever and with whomever it is asked."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from topics.cluster import assign as module
from topics.cluster.assign import assign, margins, means, similarities


def unit(n: int, d: int, seed: int) -> np.ndarray:
    vectors = np.random.default_rng(seed).normal(size=(n, d))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def test_similarities_are_cosines() -> None:
    vectors, centroids = unit(40, 384, 1), unit(7, 384, 2)
    expected = vectors.astype(np.float64) @ centroids.T.astype(np.float64)
    assert np.abs(similarities(vectors, centroids) - expected).max() < 1e-6


def test_the_nearest_centroid_wins_and_probabilities_are_a_softmax() -> None:
    vectors, centroids = unit(40, 16, 1), unit(5, 16, 2)
    topic, probability = assign(vectors, centroids, 0.1)
    cosine = vectors.astype(np.float64) @ centroids.T.astype(np.float64)
    likely = np.exp(cosine / 0.1)
    likely /= likely.sum(axis=1, keepdims=True)
    assert np.array_equal(topic, cosine.argmax(axis=1))
    assert np.allclose(probability, likely.max(axis=1), atol=1e-6)


def test_a_tie_goes_to_the_larger_topic() -> None:
    centroids = np.eye(3, dtype=np.float32)
    middle = np.full((1, 3), 3**-0.5, dtype=np.float32)
    topic, probability = assign(np.vstack([middle, np.zeros((1, 3), np.float32)]), centroids, 0.1)
    assert topic.tolist() == [0, 0]
    assert np.allclose(probability, 1 / 3)


@given(seed=st.integers(0, 2**16), n=st.integers(1, 60), d=st.integers(1, 400), cells=st.integers(1, 20_000))
@settings(max_examples=60, deadline=None)
def test_neither_batch_nor_order_matters(seed: int, n: int, d: int, cells: int) -> None:
    vectors, centroids = unit(n, d, seed), unit(9, d, seed + 1)
    topic, probability = assign(vectors, centroids, 0.05)
    shuffled = np.random.default_rng(seed).permutation(n)
    before = module.BLOCK_CELLS
    module.BLOCK_CELLS = cells
    try:
        again, likely = assign(vectors[shuffled], centroids, 0.05)
    finally:
        module.BLOCK_CELLS = before
    alone = [assign(vectors[i : i + 1], centroids, 0.05) for i in range(n)]
    assert np.array_equal(again, topic[shuffled])
    assert np.array_equal(likely, probability[shuffled])
    assert np.array_equal([t[0] for t, _ in alone], topic)
    assert np.array_equal([p[0] for _, p in alone], probability)


def test_margins_are_what_the_best_leads_by(monkeypatch) -> None:
    vectors, centroids = unit(40, 16, 1), unit(5, 16, 2)
    monkeypatch.setattr(module, "BLOCK_CELLS", 100)
    ordered = np.sort(similarities(vectors, centroids), axis=1)
    assert margins(vectors, centroids).tobytes() == (ordered[:, -1] - ordered[:, -2]).tobytes()


def test_means_do_not_depend_on_how_many_vectors_are_widened_at_a_time(monkeypatch) -> None:
    vectors = unit(45, 16, 3)
    labels = np.repeat([0, -1, 5], (20, 15, 10)).astype(np.int32)
    whole = means(vectors, labels)
    monkeypatch.setattr(module, "SUMMED", 7)
    np.testing.assert_allclose(means(vectors, labels), whole, atol=1e-7)
    expected = vectors[labels == 5].mean(axis=0)
    np.testing.assert_allclose(whole[1], expected / np.linalg.norm(expected), atol=1e-6)
