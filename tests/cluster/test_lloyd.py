"""Many runs of k-means at once: the groups are those of Lloyd's rounds in double precision."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

from tests.cluster.test_umap import groups
from topics.cluster import lloyd
from topics.cluster.consensus import principal_axes
from topics.cluster.lloyd import ITERATIONS, k_means_from


def plainly(points, start):
    """(n,) the groups of one run, each round over everything anew."""
    centres = points[start].copy()
    for _ in range(ITERATIONS):
        groups = ((points[:, None] - centres) ** 2).sum(axis=2).argmin(axis=1)
        for number in np.unique(groups):
            centres[number] = points[groups == number].mean(axis=0)
    return groups


def starts_of(generator, n, number, runs):
    return [np.sort(generator.choice(n, number, replace=False)) for _ in range(runs)]


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10**6), st.integers(5, 90), st.integers(1, 12), st.integers(1, 5), st.floats(1e-3, 1e3))
def test_groups_are_those_of_plain_rounds(seed, n, number, runs, scale):
    generator = np.random.default_rng(seed)
    points = generator.normal(size=(n, 3)) * scale
    starts = starts_of(generator, n, min(number, n), runs)
    found = k_means_from(points, starts)
    assert np.array_equal(found, [plainly(points, start) for start in starts])


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10**6), st.integers(5, 90), st.integers(1, 12), st.integers(1, 3))
def test_of_equally_near_centres_papers_take_the_first(seed, n, number, side):
    """Whole numbers, few of them different, and one round: every sum is exact."""
    generator = np.random.default_rng(seed)
    points = generator.integers(-side, side + 1, (n, 2)).astype(np.float64)
    (start,) = starts_of(generator, n, min(number, n), 1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lloyd, "ITERATIONS", 1)
        (found,) = k_means_from(points, [start])
    assert np.array_equal(found, ((points[:, None] - points[start]) ** 2).sum(axis=2).argmin(axis=1))


@pytest.mark.parametrize("apart", [1e-6, 1e-9])
def test_what_four_bytes_cannot_tell_apart_is_told(apart):
    """Points a hair left or right of the middle between two centres, far from zero."""
    generator = np.random.default_rng(0)
    sides = generator.choice([-1.0, 1.0], 400)
    points = np.column_stack([np.r_[-1.0, 1.0, sides * apart], np.full(402, 50.0)])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lloyd, "ITERATIONS", 1)
        (found,) = k_means_from(points, [np.array([0, 1])])
    assert np.array_equal(found[2:], sides > 0)
    short = points.astype(np.float32)
    misjudged = (short @ (-2 * short[:2].T) + (short[:2] ** 2).sum(axis=1)).argmin(axis=1)
    assert not np.array_equal(misjudged[2:], sides > 0)


def test_a_centre_without_papers_stays_and_can_take_some_later():
    points = np.array([[0.0], [0.0], [1.0], [9.0], [9.0], [8.0]])
    (found,) = k_means_from(points, [np.array([0, 1, 2])])
    assert np.array_equal(found, plainly(points, np.array([0, 1, 2])))


def test_runs_do_not_depend_on_their_company(monkeypatch):
    generator = np.random.default_rng(1)
    points = generator.normal(size=(200, 5))
    starts = starts_of(generator, 200, 7, 6)
    together = k_means_from(points, starts)
    monkeypatch.setattr(lloyd, "CELLS", 1)
    assert np.array_equal(together, k_means_from(points, starts))
    assert together.dtype == np.int32


def test_k_means_is_that_of_scikit_learn():
    papers = groups((30, 25, 20), noise=0.2)
    points = principal_axes(papers.vectors, 10)
    rows = [np.array([0, 35, 60]), np.array([1, 2, 3])]
    for first, found in zip(rows, k_means_from(points, rows), strict=True):
        theirs = KMeans(3, init=points[first], n_init=1, max_iter=12, tol=0).fit(points).labels_
        assert adjusted_rand_score(theirs, found) == 1
