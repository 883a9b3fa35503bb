"""Many runs of k-means (Lloyd 1982) at once, as fast as exact answers allow.

Distances are products of matrices. They are computed with 4 bytes a number, which takes half of the time, and
only to centres that have moved. Where rounding could decide which centre of a paper's is the nearest, the
distances are computed again with 8. So the groups are those that 8 bytes give everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from topics.types import Doubles, Floats, Integers, Longs, Rows

ITERATIONS = 12
"""Rounds of k-means: what they leave unsettled, other starts outvote."""

CELLS = 2**19
"""Distances that are held at a time: as many as lie in a processor's cache."""

ROUNDING = float(np.finfo(np.float32).eps) / 2


def k_means_from(points: Doubles, starts: Sequence[Rows]) -> Integers:
    """(s, n) int32, the groups of s runs of k-means. Of centres that are equally near a paper takes the first;
    a centre without papers stays where it is.

    points: (n, d); starts: s times (k,) the rows whose points are the first centres.
    """
    at_once = max(1, CELLS // (len(points) * len(starts[0])))
    # The ones are multiplied by the squares of the centres' lengths.
    short = np.ones((points.shape[1] + 1, len(points)), np.float32)
    short[:-1] = points.T
    found = [
        _Runs(points, short, starts[first : first + at_once]).settled()
        for first in range(0, len(starts), at_once)
    ]
    return np.concatenate(found)


class _Runs:
    """Some runs of k-means from as many centres each, which are numbered through.

    apart: (runs, k, n) float32, the squared distance of every paper to every centre, less what is the same for
    all centres. groups: (runs, n) int32. sums: (runs * k, d) of each centre's papers; sizes: (runs * k, 1).
    """

    def __init__(self, points: Doubles, short: Floats, starts: Sequence[Rows]) -> None:
        self.points, self.short = points, short
        self.runs, self.number = len(starts), len(starts[0])
        self.centres = points[np.concatenate(starts)]
        self.apart = np.empty((self.runs, self.number, len(points)), np.float32)
        self.near = np.empty_like(self.apart)
        self.lengths = np.sqrt((points**2).sum(axis=1))
        self.count = np.stack([np.ones(self.number), np.arange(self.number)]).astype(np.float32)
        self._measure(np.arange(len(self.centres)))
        self.groups = self._nearest()
        self.sums, self.sizes = self._sums()

    def settled(self) -> Integers:
        """(runs, n) the groups after `ITERATIONS` rounds, or when no paper changes its own any more."""
        changed = np.arange(len(self.centres))
        for _ in range(1, ITERATIONS):
            self._move(changed)
            self._measure(changed)
            changed = self._regroup()
            if not len(changed):
                break
        return self.groups

    def _measure(self, some: Rows) -> None:
        """Distances to some of the centres."""
        centres = self.centres[some]
        factors = np.empty((len(some), len(self.short)), np.float32)
        factors[:, :-1] = -2 * centres
        factors[:, -1] = (centres**2).sum(axis=1)
        apart = self.apart.reshape(len(self.centres), -1)
        if len(some) == len(apart):
            np.matmul(factors, self.short, out=apart)
        else:
            apart[some] = factors @ self.short

    def _nearest(self) -> Integers:
        """(runs, n) the nearest centre of each paper."""
        least = self.apart.min(axis=1)
        np.less_equal(self.apart, (least + self._doubt())[:, None], out=self.near)
        many, place = np.moveaxis(np.matmul(self.count, self.near), 1, 0)
        found = place.astype(np.int32)
        if many.max() > 1:
            for run in np.flatnonzero((many > 1).any(axis=1)):
                rows = np.flatnonzero(many[run] > 1)
                centres = self.centres[run * self.number : (run + 1) * self.number]
                apart = self.points[rows] @ (-2 * centres.T) + (centres**2).sum(axis=1)
                found[run, rows] = apart.argmin(axis=1)
        return found

    def _doubt(self) -> Floats:
        """(runs, n) by how much two distances of a paper may at most seem to differ for rounding alone.

        A sum of m products is off by m roundings of the product of the two lengths (Higham 2002, section 3.1);
        some more are those of the factors.
        """
        longest = np.sqrt((self.centres**2).sum(axis=1).reshape(self.runs, -1).max(axis=1))[:, None]
        roundings = 2 * ROUNDING * (self.points.shape[1] + 10)
        doubt: Floats = (roundings * longest * (2 * self.lengths + longest)).astype(np.float32)
        return doubt

    def _sums(self) -> tuple[Doubles, Longs]:
        import scipy.sparse as sp

        n = len(self.points)
        own = self.groups + np.arange(self.runs, dtype=np.int32)[:, None] * self.number
        entries = (np.ones(own.size), own.T.ravel(), np.arange(n + 1) * self.runs)
        members = sp.csc_matrix(entries, shape=(len(self.centres), n))
        return members @ self.points, np.bincount(own.ravel(), minlength=len(self.centres))[:, None]

    def _regroup(self) -> Rows:
        """Let papers go to the nearest centres; gives those that they leave and that they join."""
        import scipy.sparse as sp

        found = self._nearest()
        run, paper = np.nonzero(found != self.groups)
        joined, left = (groups[run, paper] + run * self.number for groups in (found, self.groups))
        self.groups = found
        # Each column moves one paper.
        both = np.stack([joined, left], axis=1).ravel()
        entries = (np.tile([1.0, -1.0], len(run)), both, np.arange(len(run) + 1) * 2)
        moves = sp.csc_matrix(entries, shape=(len(self.centres), len(run)))
        self.sums += moves @ self.points[paper]
        self.sizes += np.bincount(joined, minlength=len(self.centres))[:, None]
        self.sizes -= np.bincount(left, minlength=len(self.centres))[:, None]
        return np.flatnonzero(np.bincount(both, minlength=len(self.centres)))

    def _move(self, some: Rows) -> None:
        """Some centres to the means of their papers."""
        full = some[self.sizes[some, 0] > 0]
        self.centres[full] = self.sums[full] / self.sizes[full]
