"""Dots: smaller and fainter where there are more; a topic's home is one of its papers, in its thick."""

import numpy as np

from topics.output.maps.density import densest, opacity, point_diameter

FRAME = (4.0, 8.0, 176.0, 140.0)


def test_dots_shrink_with_the_number_of_papers():
    sizes = [point_diameter(n, FRAME) for n in (2, 50, 2_000, 100_000, 500_000)]
    assert sizes[0] == sizes[1]
    assert sizes[1:] == sorted(sizes[1:], reverse=True)
    assert 2 < sizes[1] < 4
    assert 0.08 < sizes[-1] < 0.2


def test_crowded_dots_are_fainter():
    rng = np.random.default_rng(0)
    places = np.concatenate([rng.normal((50, 50), 0.5, size=(5000, 2)), rng.uniform(0, 100, size=(100, 2))])
    alphas = opacity(places, 0.5, (100, 100))
    assert alphas.dtype == np.float32
    assert np.median(alphas[:5000]) < 0.4
    assert np.median(alphas[5000:]) > 0.8
    assert alphas.min() >= 0.12


def test_home_is_in_one_half_of_a_torn_topic():
    rng = np.random.default_rng(1)
    places = np.concatenate([rng.normal((0, 0), 1, size=(60, 2)), rng.normal((40, 0), 1, size=(40, 2))])
    homes, spreads = densest(places, np.zeros(100, dtype=int), 1)
    assert np.hypot(*homes[0]) < 2
    assert (places == homes[0]).all(axis=1).any()
    assert 0 < spreads[0] < 30


def test_outliers_have_no_home():
    places = np.array([[0, 0], [0.1, 0], [90, 90], [50, 50]], dtype=float)
    homes, _ = densest(places, np.array([0, 0, -1, 1]), 2)
    assert np.hypot(*homes[0]) < 1
    assert homes[1].tolist() == [50, 50]


def test_a_topic_in_one_spot():
    homes, spreads = densest(np.ones((5, 2)), np.zeros(5, dtype=int), 1)
    assert homes.tolist() == [[1, 1]]
    assert np.isfinite(spreads).all()
