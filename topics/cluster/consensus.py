"""What many groupings of the same papers agree on, and at which of its levels the papers are best divided.

Papers are grouped by k-means at several numbers of groups and from many starts, once by the principal axes of
their vectors and once by the leading eigenvectors of their neighbour graph (spectral clustering: Ng, Jordan
and Weiss 2002). How often two papers share a group is a similarity that no single grouping has (evidence
accumulation: Fred and Jain 2005). Average linkage on it gives a hierarchy, and each of its levels, after
every paper has gone to the group that it shares most with, a division into topics.

No step jumps where a vector moves by its last bit: edge weights fall to zero at a paper's last neighbour,
starts are rows and not floats, and votes are counted.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from topics.cache.parallel import in_threads
from topics.cluster.assign import means
from topics.cluster.discriminant import sphered
from topics.cluster.lloyd import k_means_from
from topics.types import OUTLIER, Doubles, Floats, Integers, Longs, Progress, Rows, share_of_many, unwatched

NUMBERS = 8
"""Numbers of groups that papers are grouped into."""

STARTS = 24
"""Starts of k-means for each number of groups."""

AXES, EIGENVECTORS = 64, 24

DENSE_UP_TO = 600
"""Papers up to which all eigenvectors are computed, which is faster there."""

COUNTED = 128
"""Papers whose pairs with others are counted at a time: what that takes lies in a processor's cache."""

LEVELS = 30

ROUNDS = 5
"""Most rounds in which papers of a level go to the group that they share most with."""

N_NEIGHBOURS = 5
"""Of its neighbours, those whose group is compared with a paper's own."""

SPREAD, FEW = 0.16, 350
"""Weight of the evenness of sizes beside the share of neighbours; below `FEW` papers, whose neighbours lie
far, it grows by the root of their number."""

SPREAD_OF_MANY, THINNED = 0.18, 1 / 12
"""The same weight of many papers, and the power by which it grows with the share of papers left out. Between
few papers and many it lies between both weights (`topics.types.share_of_many`)."""

BEND = 0.2
"""Order of Tsallis' entropy less one."""

MARGIN = 0.25
"""Weight of the margin by which papers share more groupings with their own topic than with the next."""

EXPECTED, GROWTH = 9.0, 0.35
"""The effective number of topics that n papers usually have: `EXPECTED`, or n to the power of `GROWTH` where
that is more."""

PENALTY = 0.05
"""Weight of the squared logarithm of the effective number over the expected one."""

BANDWIDTH = 0.2
"""Of the smoothing of the scores of levels, in the logarithm of their effective numbers."""

BANDS = (0.2, 0.4, 0.75, 1.33, 2.5, 5.0)
"""Bounds of the bands that other levels are looked for in, as multiples of the effective number taken."""


@dataclass(frozen=True)
class Level:
    """One division of n papers.

    groups: (n,) int32 from 0, -1 for papers in none. score: what is maximised over levels. effective: exp of
    the entropy of the groups' shares, which counts small groups for less. agreement: in [0, 1], the mean
    share of groupings in which a paper is together with the others of its group.
    """

    groups: Integers
    score: float = 0.0
    effective: float = 0.0
    agreement: float = 0.0

    @property
    def figures(self) -> tuple[float, float, float]:
        """The number of groups, the score and the agreement."""
        return float(self.groups.max() + 1), self.score, self.agreement


@dataclass(frozen=True)
class Votes:
    """How often papers share a group.

    together: (n, n) float32, whole numbers, of the `groupings` those in which two papers are together.
    """

    together: Floats
    groupings: int


def group(
    vectors: Floats,
    neighbour_indices: Integers,
    distances: Floats,
    *,
    n_topics: int | None,
    size: int,
    n_total: int,
    resolution: float = 1.0,
    starts: int = STARTS,
    by_margin: bool = False,
    seed: int = 0,
    progress: Progress = unwatched,
) -> tuple[Level, ...]:
    """Levels of what many groupings agree on, the best first.

    vectors: (n, d) unit rows.
    neighbour_indices, distances: (n, k) every paper's neighbours, nearest first, and their cosine distances.
    n_topics: the number of groups, or None to choose it.
    size: the fewest papers of a group.
    n_total: how many papers these n stand for.
    resolution: the effective number of groups over that of the best level; the level nearest to it is taken.
    starts: of k-means for each number of groups.
    by_margin: whether the margin by which papers share more groupings with their own group than with the next
        decides alone, and the vectors are taken as they are.
    seed: of the starts.

    Returns the level to take, then the others from coarse to fine, or by falling margin. With `n_topics` only
    the one.
    """
    numbers = _numbers(len(vectors), n_topics)
    graph = _neighbour_graph(neighbour_indices, distances)
    # k-means takes every group for a ball.
    seen = vectors if by_margin else sphered(vectors, graph, share_of_many(n_total))
    votes = _votes((principal_axes(seen, AXES), _spectral(graph)), numbers, starts, seed, progress)
    if n_topics:
        return (_asked_level(seen, votes, n_topics, size),)
    levels = _levels(seen, votes, neighbour_indices, size, n_total, by_margin=by_margin)
    if by_margin:
        return tuple(sorted(levels, key=lambda level: -round(level.score, 9)))
    return _best_first(levels, n_total, resolution)


def alternatives(levels: Sequence[Level]) -> tuple[Level, ...]:
    """The best level of each of up to four bands of the effective number, two coarser and two finer than the
    first level's; from coarse to fine.
    """
    if len(levels) < 2:
        return ()
    taken = levels[0].effective
    found = []
    for low, high in itertools.pairwise(BANDS):
        band = [level for level in levels[1:] if taken * low <= level.effective < taken * high]
        if band and not low < 1 < high:
            found.append(max(band, key=lambda level: level.score))
    return tuple(found)


def large_groups(groups: Integers, size: int, *, least: int = 1) -> Integers:
    """The groups of at least `size` papers, -1 for papers of others; all, where fewer than `least` are."""
    large = np.bincount(groups) >= size
    if large.sum() < least:
        return groups
    kept: Integers = np.where(large, np.cumsum(large) - 1, OUTLIER)[groups].astype(np.int32)
    return kept


def _numbers(n: int, n_topics: int | None) -> list[int]:
    """The numbers of groups that are tried: around the one asked for, or from coarse to fine."""
    if n_topics:
        spread = np.round(n_topics * np.geomspace(0.7, 1.4, NUMBERS))
        return sorted({min(max(2, int(k)), n) for k in spread})
    coarse = min(4, max(2, int(np.sqrt(n) / 4)))
    fine = max(coarse, min(n // 2, max(6, int(2 * np.sqrt(n)))))
    return sorted({int(k) for k in np.round(np.geomspace(coarse, fine, NUMBERS))})


def _votes(
    spaces: Sequence[Doubles], numbers: Sequence[int], starts: int, seed: int, progress: Progress
) -> Votes:
    """How often any two papers share a group of k-means. spaces: each (n, m)."""
    n = len(spaces[0])
    generator = np.random.default_rng(seed)
    jobs: list[tuple[Doubles, list[Rows]]] = [
        (space, [np.sort(generator.choice(n, number, replace=False)) for _ in range(starts)])
        for space, number in itertools.product(spaces, numbers)
    ]
    found = []
    for groups in in_threads(lambda job: k_means_from(*job), jobs):
        found.append(groups.astype(np.min_scalar_type(max(numbers))))
        progress(starts)
    return Votes(_together(np.concatenate(found)), starts * len(jobs))


def _together(groups: Rows) -> Floats:
    """(n, n) in how many of the (s, n) groupings papers share a group."""
    n = groups.shape[1]
    together = np.empty((n, n), np.float32)

    def counted(first: int) -> Floats:
        """(r, n - first) those of the r papers from `first` on, with themselves and with later ones."""
        own, others = groups[:, first : first + COUNTED], groups[:, first:]
        some = np.zeros((own.shape[1], others.shape[1]), np.uint8)
        same = np.empty(some.shape, bool)
        every = np.zeros(some.shape, np.float32)
        for number in range(len(groups)):
            np.equal(own[number][:, None], others[number], out=same)
            some += same.view(np.uint8)
            # As many as a byte holds.
            if number % 255 == 254:
                every += some
                some[:] = 0
        every += some
        return every

    firsts = range(0, n, COUNTED)
    for first, every in zip(firsts, in_threads(counted, firsts), strict=True):
        last = first + COUNTED
        together[first:last, first:] = every
        together[last:, first:last] = every[:, COUNTED:].T
    return together


def principal_axes(vectors: Floats, axes: int) -> Doubles:
    """(n, min(axes, d)) the papers along the axes that carry most of them."""
    from scipy.linalg import eigh

    points = vectors.astype(np.float64)
    points -= points.mean(axis=0)
    if axes >= points.shape[1]:
        return np.ascontiguousarray(points)
    d = points.shape[1]
    _, directions = eigh(points.T @ points, subset_by_index=(d - axes, d - 1))
    carried: Doubles = points @ directions
    return carried


def _neighbour_graph(neighbour_indices: Integers, distances: Floats) -> Any:
    """(n, n) sparse, symmetric, the weights of pairs of near papers; a paper's own add up to 1/2.

    An edge's weight falls linearly to zero at the last neighbour's distance, so that nothing jumps when two
    neighbours change places.
    """
    import scipy.sparse as sp

    n, k = neighbour_indices.shape
    far = distances.astype(np.float64)
    weight = far[:, -1:] - far
    # Copies of one text are all equally near.
    weight[weight.sum(axis=1) <= 1e-9] = 1.0
    weight /= weight.sum(axis=1, keepdims=True)
    walk = sp.csr_matrix((weight.ravel(), neighbour_indices.ravel(), np.arange(n + 1) * k), shape=(n, n))
    return (walk + walk.T) / 2


def _spectral(graph: Any) -> Doubles:
    """(n, m) the papers along the leading eigenvectors of the random walk on their neighbour graph.

    Each axis has the length of its eigenvalue: distances are diffusion distances (Coifman and Lafon 2006)
    after one step.
    """
    import scipy.sparse as sp
    from scipy.sparse.linalg import eigsh

    n = graph.shape[0]
    degree = np.asarray(graph.sum(axis=1)).ravel()
    scale = sp.diags(1 / np.sqrt(degree))
    normalised = scale @ graph @ scale
    many = min(EIGENVECTORS, n - 1)
    if n <= DENSE_UP_TO:
        values, axes = _leading(normalised.toarray(), many)
    else:
        start = np.random.default_rng(0).random(n)
        values, axes = eigsh(normalised, k=many, which="LA", v0=start, tol=1e-10)
    placed: Doubles = axes * values / np.sqrt(degree)[:, None] * np.sqrt(degree.sum())
    return placed


def _leading(matrix: Doubles, many: int) -> tuple[Doubles, Doubles]:
    """The largest eigenvalues of a symmetric matrix, ascending, and their vectors, one in each column."""
    import scipy.linalg

    last = len(matrix) - 1
    try:
        values, axes = scipy.linalg.eigh(matrix, subset_by_index=(last + 1 - many, last))
    except np.linalg.LinAlgError:
        # The fast method gives up where many eigenvalues are the same, as those of groups of copies.
        values, axes = np.linalg.eigh(matrix)
    return values[-many:], axes[:, -many:]


def _average_linkage(votes: Votes) -> Doubles:
    from scipy.cluster.hierarchy import linkage
    from scipy.spatial.distance import squareform

    shared = squareform(votes.together, checks=False) / np.float32(votes.groupings)
    tree: Doubles = linkage(1 - shared.astype(np.float64), "average")
    return tree


def cuts(tree: Doubles, numbers: Sequence[int]) -> list[Integers]:
    """For each number the (n,) labels of the groups left when the last merges are undone, by first member.

    tree: (n - 1, 4) merges as scipy writes them. Exactly that many groups, or n, also where merges are tied.
    The same as scipy's cut_tree, which walks the tree in Python and took a fifth of the grouping.
    """
    n = len(tree) + 1
    children = tree[:, :2].astype(np.int64)
    merges = _from_the_bottom(children, tree[:, 2])
    number_of = np.arange(2 * n - 1)
    number_of[n + merges] = np.arange(n, 2 * n - 1)
    above = np.arange(2 * n - 1)
    above[number_of[children]] = number_of[n:, None]
    found = []
    for number in numbers:
        last = 2 * n - min(number, n)
        # Each step doubles how far up a node looks, so few are needed, however lopsided the tree.
        root = np.where(above[:last] < last, above[:last], np.arange(last))
        while (root != root[root]).any():
            root = root[root]
        _, first, label = np.unique(root[:n], return_index=True, return_inverse=True)
        found.append(np.argsort(np.argsort(first))[label].astype(np.int32))
    return found


def _from_the_bottom(children: Longs, heights: Doubles) -> Integers:
    """The merges by their height; of tied ones those first that lie deeper, then those more to the left."""
    n = len(children) + 1
    pairs, nodes = children.tolist(), [2 * n - 2]
    for node in nodes:
        if node >= n:
            nodes += reversed(pairs[node - n])
    merges = np.array([node - n for node in nodes if node >= n], np.int32)
    return merges[np.lexsort((-np.arange(len(merges)), heights[merges]))]


def ladder(n: int, levels: int) -> list[int]:
    """Numbers of groups to try for n papers, from coarse to fine."""
    most = min(n // 2, max(10, int(2.5 * np.sqrt(n))))
    return sorted({int(k) for k in np.round(np.geomspace(2, max(2, most), levels))})


def _levels(
    vectors: Floats, votes: Votes, neighbour_indices: Integers, size: int, n_total: int, *, by_margin: bool
) -> list[Level]:
    """The different divisions that the levels of the tree lead to, from coarse to fine, with plain scores."""
    found: dict[bytes, Level] = {}
    wide = vectors.astype(np.float64)
    divisions = cuts(_average_linkage(votes), ladder(len(vectors), LEVELS))
    finest = divisions[-1]
    sums: Floats = votes.together @ _memberships(finest)
    first = np.unique(finest, return_index=True)[1]
    # Cuts that part off small groups only lead to the same level.
    starts = {kept.tobytes(): kept for kept in (large_groups(cut, size) for cut in divisions)}
    for kept in starts.values():
        # Each group of a level is the union of groups of the finest.
        whole: Floats = sums @ _memberships(kept[first])
        groups, shared = _handed_out(vectors, wide, votes, kept, whole)
        if groups.tobytes() in found:
            continue
        own, next_best = _shared(votes, groups, shared)
        margin = float((own - next_best).mean())
        score = margin if by_margin else partition_score(groups, neighbour_indices, n_total) + MARGIN * margin
        found[groups.tobytes()] = Level(groups, score, _effective(groups), float(own.mean()))
    return sorted(found.values(), key=lambda level: level.effective)


def _asked_level(vectors: Floats, votes: Votes, n_topics: int, size: int) -> Level:
    """The coarsest level with `n_topics` groups; where there is none, the cut into so many, small ones
    too.
    """
    tree = _average_linkage(votes)
    finer = cuts(tree, range(n_topics, min(3 * n_topics, len(tree) + 1) + 1))
    groups = finer[0]
    shared = votes.together @ _memberships(groups)
    for cut in finer:
        if np.count_nonzero(np.bincount(cut) >= size) != n_topics:
            continue
        kept = large_groups(cut, size)
        together = votes.together @ _memberships(kept)
        handed, sums = _handed_out(vectors, vectors.astype(np.float64), votes, kept, together)
        if handed.max() + 1 == n_topics:
            groups, shared = handed, sums
            break
    return Level(groups, 0.0, _effective(groups), float(_shared(votes, groups, shared)[0].mean()))


def _effective(groups: Integers) -> float:
    shares = np.bincount(groups) / len(groups)
    return float(np.exp(-(shares * np.log(shares)).sum()))


def _memberships(groups: Integers) -> Floats:
    """(n, g) 1 where a paper is in a group; papers in none (-1) have no 1."""
    found = np.zeros((len(groups), groups.max() + 1), np.float32)
    members = np.flatnonzero(groups >= 0)
    found[members, groups[members]] = 1
    return found


def _handed_out(
    vectors: Floats, wide: Doubles, votes: Votes, groups: Integers, shared: Floats
) -> tuple[Integers, Floats]:
    """(n,) groups from 0, without gaps: every paper where it shares most, then where its vector is nearest.

    wide: the vectors in double precision, which their means are taken in. groups: (n,), -1 for papers in
    none; shared: (n, g) the sums of a paper's votes with each group's papers.
    Returns also these sums for the groups that result.
    """
    for _ in range(ROUNDS):
        sizes = np.bincount(groups[groups >= 0], minlength=shared.shape[1])
        to = (shared / sizes.astype(np.float32)).argmax(axis=1)
        if np.array_equal(to, groups):
            break
        groups, shared = _moved(votes, groups, shared, to)
    for _ in range(2):
        to = (vectors @ means(wide, groups).T).argmax(axis=1)
        if np.array_equal(to, groups):
            break
        groups, shared = _moved(votes, groups, shared, to)
    return groups, shared


def _moved(votes: Votes, groups: Integers, shared: Floats, to: Rows) -> tuple[Integers, Floats]:
    """(n,) the groups `to` without gaps, and their sums of votes, from those of `groups`.

    Only papers that change groups change sums. These are whole numbers, so the order of adding does not
    matter.
    """
    taken = np.bincount(to, minlength=shared.shape[1]) > 0
    kept, again = np.flatnonzero(taken), (np.cumsum(taken) - 1)[to]
    changed = np.flatnonzero(to != groups)
    change = np.zeros((len(changed), shared.shape[1]), np.float32)
    every = np.arange(len(changed))
    change[every, to[changed]] = 1
    left = groups[changed] >= 0
    change[every[left], groups[changed][left]] = -1
    sums: Floats = shared[:, kept] + votes.together[changed].T @ change[:, kept]
    return again.astype(np.int32), sums


def _shared(votes: Votes, groups: Integers, sums: Floats) -> tuple[Floats, Floats]:
    """(n,) in which share of groupings a paper is together with its group's other papers, in the mean, and
    the next group's.

    sums: (n, g) of a paper's votes with each group's papers.
    """
    sizes = np.bincount(groups).astype(np.float32)
    shared: Floats = sums / np.float32(votes.groupings)
    every = np.arange(len(groups))
    own: Floats = np.divide(shared[every, groups] - 1, np.maximum(sizes[groups] - 1, 1))
    shared /= sizes
    shared[every, groups] = 0
    return own, shared.max(axis=1)


def partition_score(groups: Integers, neighbour_indices: Integers, n_total: int) -> float:
    """How good a division is: the share of nearest neighbours of one group, and the evenness of sizes.

    groups: (n,) group of each paper; neighbour_indices: (n, k) of its neighbours, the nearest first; n_total:
    how many papers these n stand for.

    Evenness is Tsallis' entropy (1988) of order 1 + `BEND`. Modularity has order 2, the Gini-Simpson index,
    and so its limit: the more groups there are, the more alike may those be that it merges (Fortunato and
    Barthelemy 2007).
    """
    n = len(groups)
    together = float((groups[neighbour_indices[:, :N_NEIGHBOURS]] == groups[:, None]).mean())
    shares = np.bincount(groups) / n
    shares = shares[shares > 0]
    evenness = float((shares * (1 - shares**BEND)).sum()) / BEND
    many = share_of_many(n_total)
    weight = (1 - many) * SPREAD * max(1.0, math.sqrt(FEW / n)) + many * SPREAD_OF_MANY
    return together + weight * math.pow(n_total / n, THINNED) * evenness


def _best_first(levels: Sequence[Level], n_total: int, resolution: float) -> tuple[Level, ...]:
    """The levels with smoothed scores less the penalty for unusual numbers of topics; the best first."""
    plain = np.array([level.score for level in levels])
    places = np.log([level.effective for level in levels])
    near = np.exp(-0.5 * ((places[:, None] - places) / BANDWIDTH) ** 2)
    usual = max(EXPECTED, n_total**GROWTH)
    scores = near @ plain / near.sum(axis=1) - PENALTY * (places - math.log(usual)) ** 2
    best = int(scores.argmax())
    if resolution != 1:
        best = int(np.abs(places - places[best] - math.log(resolution)).argmin())
    scored = [replace(level, score=float(score)) for level, score in zip(levels, scores, strict=True)]
    return (scored.pop(best), *scored)
