"""Many plain groupings of the same papers, and the one that they agree on.

Each grouping is right about something else and unsure about something else: hierarchical cuts of several UMAP
layouts, k-means of the vectors, all at several numbers of groups. How often two papers share a group is a
similarity that no single one has (evidence accumulation: Fred and Jain 2005). Average linkage on it gives a
hierarchy. Its level is the one of most `worth`: near papers together, and the papers spread over many groups.
Of many papers, k-means is then done again in a space where the groups found so lie alike in all directions.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from topics.cache.parallel import in_threads
from topics.cluster.discriminant import FROM, rounded
from topics.types import OUTLIER, Floats, Integers, Progress, unwatched

NEAREST = 5
"""Of its neighbours, those whose group is compared with a paper's own."""

SPREAD, FEW = 0.16, 350
"""What the spread of the papers over groups is worth, in shares of neighbours. Below `FEW` papers it is worth
more, by the root of their number: neighbours of few papers lie far, so more of them are of another topic.
Chosen on draws of arXiv and OHSUMED; benchmarks/history/topics.md has others."""

SPREAD_OF_TOPICS = 0.205
"""The same from `FROM` papers on, where the spread is that of the groups large enough for topics, in shares
of the papers of these: papers of others go to some topic in the end. Of fewer papers many groups are small at
the level that is right, and they lose by this. Shares of all papers were worse."""

THINNED = 1 / 12
"""The power of how many times more papers there are than are compared, by which spread is worth more: in a
part of a corpus neighbours lie farther than they do in the whole. While all groups counted, 20,000 papers of
all arXiv were 20 topics without it, and with it 35 that agree better with its categories."""

BEND = 0.2
"""Where the measure of spread stands between Shannon's entropy (0) and the Gini-Simpson index (1). With the
one, parting a paper's small group is worth as much as parting its large one, and whether thousands of papers
are dozens of topics or three continents hangs by a hair; with the other, like groups merge where there are
many."""

SMALL = 1000
"""Papers up to which each grouping of the first pass has one vote. Above, those of the layouts have half of
the votes: no difference up to 500 papers, but on 4,000 of 20 arXiv classes 21 topics, not 31, and a better
AMI (measured while Shannon's entropy chose the level)."""

LAYOUTS_AGAIN = 0.2
"""The layouts' part of the votes in the second pass. k-means knows more then, and layouts nothing new: with a
half, groups of OHSUMED were alike by .78 from seed to seed and part to part, now by .83."""

ROUGHNESS = 8
RESTARTS, RESTARTS_AGAIN = 3, 8
LEVELS = 36

AT_ONCE = 256
"""Papers compared with all others at a time: what stays in the processor's cache takes half the time."""

Distances = npt.NDArray[np.floating[Any]]


def group(
    vectors: Floats,
    layouts: Sequence[Floats],
    around: Integers,
    *,
    n_topics: int | None,
    size: int,
    of: int,
    random_state: int,
    progress: Progress = unwatched,
) -> Integers:
    """Which group each paper is in, by agreement of many groupings.

    vectors: (n, d) unit rows; layouts: each (n, c), the papers in few dimensions; around: (n, k) row numbers
    of every paper's neighbours. n_topics: how many groups of at least `size` papers, or None to choose.
    of: how many papers these n stand for.

    Returns (n,) int32 from 0, in no particular order; smaller groups are -1.
    """
    n = len(vectors)
    numbers = _numbers(n, n_topics)
    by_layouts = _count(_of_layouts(layouts, numbers), n, progress)

    def agreed(seen: Floats, restarts: int, part: float | None) -> Integers:
        by_vectors = _count(_of_vectors(seen, numbers, restarts, random_state), n, progress)
        tree = _average_linkage(_disagreement(by_layouts, by_vectors, part))
        labels = _asked_level(tree, n_topics, size) if n_topics else _best_level(tree, around, of, size)
        return large_groups(labels, size, least=n_topics or 1)

    groups = agreed(vectors, RESTARTS, None if n <= SMALL else 0.5)
    if of < FROM:
        return groups
    # k-means takes every group for a ball: once it is known how groups lie, they are made such.
    return agreed(rounded(vectors, groups), RESTARTS_AGAIN, LAYOUTS_AGAIN)


def large_groups(groups: Integers, size: int, *, least: int = 1) -> Integers:
    """The groups of at least `size` papers, -1 for papers of others; all, where fewer than `least` are."""
    large = np.bincount(groups) >= size
    if large.sum() < least:
        return groups
    kept: Integers = np.where(large, np.cumsum(large) - 1, OUTLIER)[groups].astype(np.int32)
    return kept


@dataclass(frozen=True)
class _Votes:
    """together: (n, n) uint16, how many of `many` groupings keep two papers together."""

    together: npt.NDArray[np.uint16]
    many: int


def _count(groupings: Iterable[Integers], n: int, progress: Progress) -> _Votes:
    together, many = np.zeros((n, n), np.uint16), 0
    for labels in groupings:
        short = labels.astype(np.int16)
        for start in range(0, n, AT_ONCE):
            rows = slice(start, start + AT_ONCE)
            together[rows] += short[rows, None] == short
        many += 1
        progress(1)
    return _Votes(together, many)


def _disagreement(by_layouts: _Votes, by_vectors: _Votes, part: float | None) -> Distances:
    """(n, n) float32: the share of votes that keep two papers apart.

    part: the layouts' part of the votes; None: each grouping has one.
    """
    layout = vector = 1.0
    if part is not None:
        layout, vector = part / by_layouts.many, (1 - part) / by_vectors.many
    together = by_layouts.together * np.float32(layout)
    together += by_vectors.together * np.float32(vector)
    # Parts of votes need not add up to exactly one.
    votes = np.float32(layout * by_layouts.many + vector * by_vectors.many)
    apart: Distances = np.maximum(1 - together / votes, 0)
    np.fill_diagonal(apart, 0)
    return apart


def _numbers(n: int, n_topics: int | None) -> list[int]:
    """The numbers of groups that are tried: around the one asked for, or from coarse to fine."""
    if n_topics:
        spread = np.round(n_topics * np.array([0.7, 0.85, 1.0, 1.2, 1.4]))
        return sorted({min(max(2, int(k)), n) for k in spread})
    coarse = min(4, max(2, int(np.sqrt(n) / 4)))
    fine = max(coarse, min(n // 2, max(6, int(2 * np.sqrt(n)))))
    return sorted({int(k) for k in np.round(np.geomspace(coarse, fine, ROUGHNESS))})


def _of_layouts(layouts: Sequence[Floats], numbers: Sequence[int]) -> Iterator[Integers]:
    from scipy.cluster.hierarchy import linkage

    for layout in layouts:
        for method in ("average", "ward"):
            yield from cuts(linkage(layout.astype(np.float64), method), numbers)


def _of_vectors(
    vectors: Floats, numbers: Sequence[int], restarts: int, random_state: int
) -> Iterator[Integers]:
    from sklearn.cluster import KMeans

    def grouped(job: tuple[int, int]) -> Integers:
        number, restart = job
        model = KMeans(number, n_init=1, random_state=(random_state + restart) % 2**32)
        found: Integers = model.fit_predict(vectors).astype(np.int32)
        return found

    yield from in_threads(grouped, [(number, restart) for number in numbers for restart in range(restarts)])


def _average_linkage(distances: Distances) -> npt.NDArray[np.float64]:
    from scipy.cluster.hierarchy import linkage
    from scipy.spatial.distance import squareform

    tree: npt.NDArray[np.float64] = linkage(squareform(distances, checks=False), "average")
    return tree


def cuts(tree: npt.NDArray[np.float64], numbers: Sequence[int]) -> list[Integers]:
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


def _from_the_bottom(children: npt.NDArray[np.int64], heights: npt.NDArray[np.float64]) -> Integers:
    """The merges by their height; of tied ones those first that lie deeper, then those more to the left."""
    n = len(children) + 1
    pairs, nodes = children.tolist(), [2 * n - 2]
    for node in nodes:
        if node >= n:
            nodes += reversed(pairs[node - n])
    merges = np.array([node - n for node in nodes if node >= n], np.int32)
    return merges[np.lexsort((-np.arange(len(merges)), heights[merges]))]


def _asked_level(tree: npt.NDArray[np.float64], n_topics: int, size: int) -> Integers:
    """The coarsest cut that has `n_topics` groups of at least `size` papers, besides stray ones."""
    finer = cuts(tree, range(n_topics, min(3 * n_topics, len(tree) + 1) + 1))
    for labels in finer:
        if np.count_nonzero(np.bincount(labels) >= size) == n_topics:
            return labels
    return finer[0]


def ladder(n: int, levels: int) -> list[int]:
    """Numbers of groups to try for n papers, from coarse to fine."""
    most = min(n // 2, max(10, int(2.5 * np.sqrt(n))))
    return sorted({int(k) for k in np.round(np.geomspace(2, max(2, most), levels))})


def _best_level(tree: npt.NDArray[np.float64], around: Integers, of: int, size: int) -> Integers:
    levels = cuts(tree, ladder(len(tree) + 1, LEVELS))
    return max(levels, key=lambda labels: worth(labels, around, of, size))


def worth(labels: Integers, around: Integers, of: int, size: int) -> float:
    """How good a grouping is: the share of nearest neighbours of one group, and the spread of their sizes.

    labels: (n,) group of each paper; around: (n, k) row numbers of its neighbours, the nearest first; of: how
    many papers these n stand for; size: the fewest papers of a topic.

    The spread is Tsallis' entropy (1988) of order 1 + `BEND`. Modularity has order 2, the Gini-Simpson index,
    and so its limit: the more groups there are, the more alike may those be that it merges (Fortunato and
    Barthelemy 2007).
    """
    nearest = around[:, :NEAREST]
    together = float((labels[nearest] == labels[:, None]).mean())
    sizes = np.bincount(labels)
    if of >= FROM:
        sizes, weight = sizes[sizes >= size], SPREAD_OF_TOPICS
    else:
        sizes, weight = sizes[sizes > 0], SPREAD * max(1.0, math.sqrt(FEW / len(labels)))
    shares = sizes / max(1, sizes.sum())
    spread = float((shares * (1 - shares**BEND)).sum()) / BEND
    return together + weight * math.pow(of / len(labels), THINNED) * spread
