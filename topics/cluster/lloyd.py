"""Many runs of k-means (Lloyd 1982) at once, as fast as exact answers allow.

Distances are products of matrices. They are computed with 4 bytes a number, which takes half of the time, and
only to centres that have moved. Where rounding could decide which centre of a paper's is the nearest, the
distances are computed again with 8. So the groups are those that 8 bytes give everywhere,
but where two centres lie in one place the last bit decides.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from topics.types import Doubles, Floats, Integers, Rows

ITERATIONS = 12
"""Rounds of k-means: what they leave unsettled, other starts outvote."""

CELLS = 2**19
"""Distances that are held at a time: as many as lie in a processor's cache."""

ROUNDING = float(np.finfo(np.float32).eps) / 2


def k_means_from(points: Doubles, starts: Sequence[Rows]) -> Integers:
    """(s, n) int32, the groups of s runs of k-means.

    A centre without papers stays where it is.

    points: (n, d); starts: s times (k,) the rows whose points are the first centres.
    """
    at_once = max(1, CELLS // (len(points) * len(starts[0])))
    lengths = np.sqrt((points**2).sum(axis=1))
    # The ones are multiplied by the squares of the centres' lengths.
    short = np.ones((points.shape[1] + 1, len(points)), np.float32)
    short[:-1] = points.T
    found = [
        _settled(points, short, _doubt(lengths, points.shape[1]), starts[first : first + at_once])
        for first in range(0, len(starts), at_once)
    ]
    return np.concatenate(found)


def _doubt(lengths: Doubles, dimensions: int) -> Floats:
    """(n,) by how much two distances of a paper may at most seem to differ for rounding alone.

    A sum of m products is off by m roundings of the product of both lengths at most (Higham 2002, section
    3.1); some more are those of the factors. No centre, the mean of some papers, lies farther out than all.
    """
    most = lengths.max()
    doubt: Floats = (2 * ROUNDING * (dimensions + 10) * most * (2 * lengths + most)).astype(np.float32)
    return doubt


def _settled(points: Doubles, short: Floats, doubt: Floats, starts: Sequence[Rows]) -> Integers:
    """(s, n) the groups of some runs after `ITERATIONS` rounds, or when no centre moves any more.

    short: (d + 1, n) the points in single precision, and ones; doubt: (n,).
    """
    import scipy.sparse as sp

    n, runs, number = len(points), len(starts), len(starts[0])
    centres = points[np.concatenate(starts)]
    moved = np.arange(len(centres))
    apart = np.empty((len(centres), n), np.float32)
    # Made once, since checking a matrix takes longer than a product of a few hundred papers.
    members = sp.csc_matrix(
        (np.ones(n * runs), np.tile(np.arange(runs) * number, n), np.arange(n + 1) * runs),
        shape=(len(centres), n),
    )
    offset = np.arange(runs, dtype=np.int32) * number
    counting = np.stack([np.ones(number), np.arange(number)]).astype(np.float32)
    for last in range(1, ITERATIONS + 1):
        _measure(apart, short, centres, moved)
        groups = _nearest(apart.reshape(runs, number, n), counting, points, centres, doubt)
        if last == ITERATIONS:
            break
        members.indices[:] = (groups.T + offset).ravel()
        sizes = np.bincount(members.indices, minlength=len(centres))[:, None]
        before, centres = centres, np.where(sizes > 0, (members @ points) / np.maximum(sizes, 1), centres)
        moved = np.flatnonzero((centres != before).any(axis=1))
        if not len(moved):
            break
    return groups


def _measure(apart: Floats, short: Floats, centres: Doubles, moved: Rows) -> None:
    """Distances to some of the (c, d) centres in place of those in `apart`, (c, n): squares, less what is the
    same for all centres.
    """
    some = centres[moved]
    factors = np.empty((len(some), len(short)), np.float32)
    factors[:, :-1] = -2 * some
    factors[:, -1] = (some**2).sum(axis=1)
    if len(some) == len(apart):
        np.matmul(factors, short, out=apart)
    else:
        apart[moved] = factors @ short


def _nearest(apart: Floats, counting: Floats, points: Doubles, centres: Doubles, doubt: Floats) -> Integers:
    """(s, n) int32 the nearest centre of each paper in each run.

    apart: (s, k, n); counting: (2, k) ones and the centres' numbers; centres: (s * k, d).
    """
    number = apart.shape[1]
    near = np.empty_like(apart)
    np.less_equal(apart, (apart.min(axis=1) + doubt)[:, None], out=near)
    # How many there are, and which the one is.
    counted = counting @ near
    many, groups = counted[:, 0], counted[:, 1].astype(np.int32)
    if many.max() > 1:
        for run in np.flatnonzero((many > 1).any(axis=1)):
            rows = np.flatnonzero(many[run] > 1)
            own = centres[run * number : (run + 1) * number]
            groups[run, rows] = (points[rows] @ (-2 * own.T) + (own**2).sum(axis=1)).argmin(axis=1)
    return groups
