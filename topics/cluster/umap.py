"""From vectors to the k-nearest-neighbour graph, and from the graph to few dimensions with UMAP.

The graph is computed once; the clustered space and the map are two layouts of it. A large corpus is laid out
by the papers that stand for it (`topics.cluster.neighbours`), and all others go where their nearest of these
are. Papers are handled in `Embeddings.order`, which depends on the vectors and not on the file, so permuting
the papers permutes the answer and changes nothing else.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np

from topics.cache.parallel import with_kernels
from topics.cluster.neighbours import FITTED, nearest, stratified_sample
from topics.config import ReduceSettings
from topics.types import (
    Doubles,
    Embeddings,
    Floats,
    Integers,
    Neighbours,
    Progress,
    Projection,
    unwatched,
)

if TYPE_CHECKING:
    import scipy.sparse as sp

PLACED = 65_536
"""Papers that are placed at a time: bounds the memory."""

WEISZFELD = 10
"""Rounds of Weiszfeld's algorithm for the geometric median."""

SAME_PLACE = 0.01
"""A distance in a layout, some twenty wide, below which two papers lie in one place."""

SPECTRAL_FROM = 20


def find_neighbours(
    embeddings: Embeddings,
    settings: ReduceSettings,
    *,
    random_state: int,
    progress: Progress = unwatched,
) -> Neighbours:
    """The k nearest papers of every paper by cosine distance, the paper itself first.

    Of more than `FITTED` papers, every paper's nearest among so many that stand for all. Of these they are
    exact; of all others they are looked for in the nearest cells of the sample only, which finds nine of ten
    and makes a further paper cheap.

    Returns
    -------
    Neighbours with (n, k) indices and distances; k counts the paper itself and is at most n.
    """
    n = len(embeddings.vectors)
    k = min(n, _neighbourhood(n, settings))
    order = embeddings.order
    vectors = embeddings.vectors[order]
    back = embeddings.rank
    indices = np.tile(np.arange(n, dtype=np.int32)[:, None], k)
    distances = np.zeros((n, k), np.float32)
    if n <= FITTED:
        indices[:, 1:], distances[:, 1:] = nearest(vectors, indices[:, 0], indices[:, 0], k - 1, progress)
        return Neighbours(order[indices[back]], distances[back])
    sample = stratified_sample(vectors, FITTED, random_state)
    for rows, among in ((sample.rows, sample.rows), *sample.neighbourhoods(k)):
        indices[rows, 1:], distances[rows, 1:] = nearest(vectors, rows, among, k - 1, progress)
    return Neighbours(order[indices[back]], distances[back], np.sort(order[sample.rows]))


def project(
    embeddings: Embeddings,
    neighbours: Neighbours,
    *,
    n_components: int,
    min_dist: float,
    random_state: int,
) -> Projection:
    """Lay the neighbour graph out in `n_components` dimensions with UMAP (McInnes et al. 2018, umap-learn).

    Returns
    -------
    Projection with (n, n_components) float32 coordinates.
    """
    with_kernels("umap.umap_")
    from umap.umap_ import find_ab_params, simplicial_set_embedding

    order = embeddings.order
    fitted = order[np.isin(order, neighbours.among)] if len(neighbours.among) else order
    vectors = embeddings.vectors[fitted]
    place = np.full(len(order), -1, np.int32)
    place[fitted] = np.arange(len(fitted), dtype=np.int32)
    graph = fuzzy_graph(Neighbours(place[neighbours.indices[fitted]], neighbours.distances[fitted]))
    generator = np.random.RandomState(random_state)
    a, b = find_ab_params(1.0, min_dist)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        coordinates, _ = simplicial_set_embedding(
            data=vectors,
            graph=graph,
            n_components=n_components,
            initial_alpha=1.0,
            a=a,
            b=b,
            gamma=1.0,
            negative_sample_rate=5,
            n_epochs=None,
            init="spectral" if len(fitted) >= SPECTRAL_FROM else _principal(vectors, n_components, generator),
            random_state=generator,
            metric="cosine",
            metric_kwds={},
            densmap=False,
            densmap_kwds={},
            output_dens=False,
        )
    return Projection(_all_placed(coordinates, place, neighbours))


def _all_placed(coordinates: Floats, place: Integers, neighbours: Neighbours) -> Floats:
    """(n, c) where the layout has the papers that it was made of, and where these put all others.

    coordinates: (m, c) the layout; place: (n,) each paper's row in it, -1 for none.
    """
    found = coordinates[place]
    others = np.flatnonzero(place < 0)
    for start in range(0, len(others), PLACED):
        some = others[start : start + PLACED]
        weights = _memberships(neighbours.distances[some].astype(np.float64))
        found[some] = _median(coordinates[place[neighbours.indices[some, 1:]]].astype(np.float64), weights)
    return found


def _median(points: Doubles, weights: Doubles) -> Doubles:
    """(n, c) the weighted geometric median of each paper's neighbours (Weiszfeld 1937).

    points: (n, k, c); weights: (n, k), what UMAP's graph gives them. Their mean, where UMAP's transform
    starts, puts a paper whose neighbours lie in two places into the void between.
    """
    pull = weights
    for _ in range(WEISZFELD):
        middle: Doubles = np.einsum("ij,ijc->ic", pull / pull.sum(axis=1, keepdims=True), points)
        pull = weights / np.maximum(np.linalg.norm(points - middle[:, None], axis=2), SAME_PLACE)
    return middle


def fuzzy_graph(neighbours: Neighbours) -> sp.coo_matrix:
    """UMAP's weighted graph of the neighbours: (n, n) symmetric, weights in (0, 1].

    The same numbers as `umap.umap_.fuzzy_simplicial_set`, which spends five seconds compiling at every
    start of Python; here the bandwidths of all papers are bisected together.
    """
    import scipy.sparse as sp

    n, k = neighbours.indices.shape
    weights = _memberships(neighbours.distances.astype(np.float64))
    rows = np.repeat(np.arange(n, dtype=np.int32), k - 1)
    directed = sp.csr_matrix((weights.ravel(), (rows, neighbours.indices[:, 1:].ravel())), shape=(n, n))
    both = directed.multiply(directed.T)
    graph = (directed + directed.T - both).astype(np.float32).tocoo()
    graph.eliminate_zeros()
    return graph


def _memberships(distances: Doubles) -> Doubles:
    """(n, k - 1) how much each neighbour belongs to a paper's neighbourhood, in (0, 1].

    distances: (n, k), the paper itself first. Neighbours that are only copies belong with 1 each.
    """
    n, k = distances.shape
    others = distances[:, 1:]
    positive = np.where(others > 0, others, np.inf).min(axis=1)
    nearest = np.where(np.isfinite(positive), positive, 0.0)[:, None]
    beyond = np.maximum(others - nearest, 0.0)
    low, high = np.zeros((n, 1)), np.full((n, 1), np.inf)
    width = np.ones((n, 1))
    for _ in range(64):
        too_wide = np.exp(-beyond / width).sum(axis=1, keepdims=True) > np.log2(k)
        high, low = np.where(too_wide, width, high), np.where(too_wide, low, width)
        width = np.where(np.isinf(high), width * 2, (low + high) / 2)
    floor = 1e-3 * distances.mean(axis=1, keepdims=True)
    weights: Doubles = np.exp(-beyond / np.maximum(width, np.maximum(floor, 1e-12)))
    return weights


def _neighbourhood(n: int, settings: ReduceSettings) -> int:
    if settings.n_neighbors != "auto":
        return settings.n_neighbors
    return int(np.clip(round(np.sqrt(n)), 5, 15))


def _principal(vectors: Floats, n_components: int, generator: np.random.RandomState) -> Floats:
    """Where the layout starts when there are too few papers for the spectral start."""
    centred = vectors - vectors.mean(axis=0)
    left, scale, _ = np.linalg.svd(centred, full_matrices=False)
    start = np.zeros((len(vectors), n_components), np.float32)
    kept = min(n_components, len(scale))
    start[:, :kept] = left[:, :kept] * scale[:kept]
    spread = np.abs(start).max() or 1.0
    noise = generator.normal(scale=1e-3, size=start.shape)
    placed: Floats = (10 * start / spread + noise).astype(np.float32)
    return placed
