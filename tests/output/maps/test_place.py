"""Labels: within the frame, over nothing else that is said, near what they name."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from topics.output.maps.place import InkGrid, place

FRAME = (0.0, 0.0, 100.0, 80.0)
EMPTY = InkGrid.of(np.zeros((0, 2)), (100, 80), 1.0)


def boxes(centres, extents):
    return np.concatenate([centres - extents / 2, centres + extents / 2], axis=1)


@given(st.integers(0, 10_000), st.integers(1, 40))
@settings(max_examples=40, deadline=None)
def test_labels_neither_overlap_nor_leave_the_frame(seed, count):
    rng = np.random.default_rng(seed)
    anchors = rng.uniform((5, 5), (95, 75), size=(count, 2))
    extents = rng.uniform((4, 2), (25, 8), size=(count, 2))
    ink = InkGrid.of(rng.uniform((0, 0), (100, 80), size=(300, 2)), (100, 80), 1.0)
    centres = place(anchors, extents, FRAME, ink, unit=1.5)
    there = ~np.isnan(centres[:, 0])
    placed = boxes(centres[there], extents[there])
    assert (placed[:, :2] >= -1e-9).all()
    assert (placed[:, 2] <= 100 + 1e-9).all()
    assert (placed[:, 3] <= 80 + 1e-9).all()
    for one in range(len(placed)):
        for other in range(one):
            a, b = placed[one], placed[other]
            assert not (a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3])
    assert np.array_equal(centres, place(anchors, extents, FRAME, ink, unit=1.5), equal_nan=True)


def test_one_label_with_room_stands_at_its_place():
    centres = place([[50, 40]], [[20, 5]], FRAME, EMPTY)
    assert np.hypot(*(centres[0] - (50, 40))) < 15


def test_a_label_avoids_the_dots():
    rng = np.random.default_rng(0)
    ink = InkGrid.of(rng.normal((50, 40), 3, size=(500, 2)), (100, 80), 0.5)
    centres = place([[50, 40]], [[16, 4]], FRAME, ink)
    upon = ink.within(np.array([[42.0, 38.0, 58.0, 42.0]]))[0]
    assert ink.within(boxes(centres, np.array([[16, 4]])))[0] < 0.5 * upon


def test_the_important_one_stays_where_two_cannot():
    centres = place([[50, 40], [50, 40.5]], [[99, 79], [98, 78]], FRAME, EMPTY)
    assert not np.isnan(centres[0]).any()
    assert np.isnan(centres[1]).all()


def test_a_label_that_has_a_choice_makes_room():
    # The second can only stand where the first would like to.
    frame = (0.0, 0.0, 40.0, 10.0)
    centres = place([[20, 5], [31, 5]], [[17, 9.5], [17, 9.5]], frame, EMPTY)
    assert not np.isnan(centres).any()


def test_nothing_to_place():
    assert place(np.zeros((0, 2)), np.zeros((0, 2)), FRAME, EMPTY).shape == (0, 2)


@given(st.integers(0, 1000))
@settings(max_examples=20, deadline=None)
def test_ink_counts_dots_in_boxes(seed):
    rng = np.random.default_rng(seed)
    points = rng.uniform((0, 0), (30, 20), size=(200, 2))
    ink = InkGrid.of(points, (30, 20), 1.0)
    left, bottom = rng.integers(0, 15, 2)
    right, top = left + rng.integers(1, 15), min(bottom + rng.integers(1, 15), 20)
    wanted = ((points >= (left, bottom)) & (points < (right, top))).all(axis=1).sum()
    assert ink.within(np.array([[left, bottom, right, top]], dtype=float))[0] == wanted
    assert ink.points == 200
