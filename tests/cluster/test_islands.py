"""A layout on a page: its islands come nearer, its neighbourhoods stay."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from topics.cluster.islands import arranged, gathered


def heaps(middles, seed=0, papers=60):
    random = np.random.default_rng(seed)
    return np.concatenate([np.array(middle) + random.normal(size=(papers, 2)) for middle in middles])


def nearest(places, number=5):
    distances = np.linalg.norm(places[:, None] - places[None], axis=2)
    return [set(row[:number].tolist()) for row in np.argsort(distances, axis=1, kind="stable")[:, 1:]]


def between(places, one, other):
    return np.linalg.norm(places[one][:, None] - places[other][None], axis=2).min()


FAR = [(0, 0), (80, 0), (0, 70), (60, 60)]
PARTS = [slice(60 * k, 60 * (k + 1)) for k in range(4)]


def test_far_islands_come_nearer_and_keep_their_neighbours_and_a_gap():
    before = heaps(FAR)
    after = gathered(before)
    assert np.ptp(after, axis=0).max() < 0.6 * np.ptp(before, axis=0).max()
    assert nearest(after) == nearest(before)
    for part in PARTS:
        inside = before[part] - before[part].mean(axis=0)
        assert np.allclose(after[part] - after[part].mean(axis=0), inside)
    gaps = [between(after, one, other) for at, one in enumerate(PARTS) for other in PARTS[:at]]
    assert min(gaps) > 0.04 * np.ptp(before, axis=0).max()


def test_one_heap_stays_as_it_is():
    places = heaps([(0, 0), (3, 1)])
    assert np.array_equal(gathered(places), places)


@given(st.floats(0, np.pi))
@settings(max_examples=10, deadline=None)
def test_a_long_layout_is_turned_to_fill_a_landscape_page(angle):
    places = np.random.default_rng(1).normal(size=(200, 2)) * [10, 2]
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    after = arranged((places @ turn).astype(np.float32))
    wide, tall = np.ptp(after, axis=0)
    assert tall <= 0.84 * wide
    same = [len(own & other) for own, other in zip(nearest(after), nearest(places), strict=True)]
    assert np.mean(same) > 3.98  # of 4; rounding moves some that are as far
    assert np.abs(after.max(axis=0) + after.min(axis=0)).max() < 1e-4 * wide


@pytest.mark.parametrize("places", [np.zeros((0, 2)), np.ones((3, 2)), np.ones((50, 2)), np.eye(50, 2)])
def test_few_papers_and_papers_in_one_place_are_no_problem(places):
    after = arranged(places.astype(np.float32))
    assert after.shape == places.shape
    assert np.isfinite(after).all()
