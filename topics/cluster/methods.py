"""One plain grouping of the papers, for a user who asks for its method by name.

Where the number of groups is open, k-means and Ward take the one of most worth, as the consensus does; Leiden
has a measure of its own, modularity.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from topics.cache.parallel import in_threads
from topics.cluster.consensus import cuts, ladder, worth
from topics.errors import ConfigError
from topics.types import Floats, Integers

RESOLUTION = 1.3
"""Leiden's, where no number of topics is asked for. Above one, modularity prefers more and smaller groups.
1.3 was found for a former rule of the consensus; for Leiden alone it was not tuned."""

STARTS = 5
LEVELS = 16
BISECTIONS = 30


def k_means(
    vectors: Floats, around: Integers, n_topics: int | None, of: int, size: int, random_state: int
) -> Integers:
    """(n,) groups by k-means of the vectors (n, d).

    around: (n, k) row numbers of each paper's neighbours; of: how many papers these n stand for; size: the
    fewest papers of a topic.
    """
    from sklearn.cluster import KMeans

    def grouped(number: int) -> Integers:
        found: Integers = KMeans(number, n_init=STARTS, random_state=random_state).fit_predict(vectors)
        return found

    return _best(in_threads(grouped, _numbers(len(vectors), n_topics)), around, of, size)


def agglomerate(layout: Floats, around: Integers, n_topics: int | None, of: int, size: int) -> Integers:
    """(n,) groups by Ward's linkage of one layout (n, c), cut where `n_topics` are left.

    around, of, size: as for `k_means`.
    """
    from scipy.cluster.hierarchy import linkage

    tree = linkage(layout.astype(np.float64), "ward")
    return _best(cuts(tree, _numbers(len(layout), n_topics)), around, of, size)


def leiden(around: Integers, n_topics: int | None, size: int, random_state: int) -> Integers:
    """(n,) communities of the neighbour graph (Traag, Waltman and van Eck 2019, as scikit-network has it).

    With `n_topics` the resolution is searched that gives so many of at least `size` papers.
    Raises ConfigError: scikit-network is not installed, or no resolution gives so many.
    """
    try:
        from sknetwork.clustering import Leiden
    except ImportError:
        raise ConfigError(
            "cluster.method leiden needs scikit-network: pip install 'paper-topics[leiden]', or take "
            "another method."
        ) from None
    import scipy.sparse as sp

    n, k = around.shape
    edges = (np.ones(n * k), (np.repeat(np.arange(n), k), around.ravel()))
    graph = sp.csr_matrix(edges, shape=(n, n))
    graph = ((graph + graph.T) > 0).astype(np.float64)

    def at(resolution: float) -> Integers:
        model = Leiden(resolution=resolution, random_state=random_state)
        found: Integers = model.fit_predict(graph).astype(np.int32)
        return found

    if n_topics is None:
        return at(RESOLUTION)
    low, high = np.log(1e-3), np.log(float(n))
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        labels = at(float(np.exp(middle)))
        many = int((np.bincount(labels) >= size).sum())
        if many == n_topics:
            return labels
        # Beyond the point where communities get smaller than `size`, fewer count although there are more.
        coarse = many < n_topics and int(labels.max()) + 1 <= n_topics + np.sqrt(n)
        low, high = (middle, high) if coarse else (low, middle)
    raise ConfigError(
        f"cluster.method leiden finds no division into {n_topics} topics; take another number or method auto."
    )


def _numbers(n: int, n_topics: int | None) -> list[int]:
    return [n_topics] if n_topics else ladder(n, LEVELS)


def _best(groupings: Iterable[npt.NDArray[np.integer]], around: Integers, of: int, size: int) -> Integers:
    best: Integers = max(
        (labels.astype(np.int32) for labels in groupings),
        key=lambda labels: round(worth(labels, around, of, size), 9),
    )
    return best
