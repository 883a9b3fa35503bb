"""From vectors to the k-nearest-neighbour graph, and from the graph to few dimensions with UMAP.

The graph is computed once; the clustered space and the map are two layouts of it. Papers are handled in
`Embeddings.order`, which depends on the vectors and not on the file, so permuting the papers permutes the
answer and changes nothing else.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np

from topics.config import ReduceSettings
from topics.types import Embeddings, Floats, Integers, Layouts, Neighbours, Progress, Projection, unwatched

if TYPE_CHECKING:
    import scipy.sparse as sp

EXACT_UP_TO = 30_000
BLOCK_CELLS = 16_000_000
RUN = 64
"""Columns that are judged together by their largest number."""

SPECTRAL_FROM = 20


def find_neighbours(
    embeddings: Embeddings,
    settings: ReduceSettings,
    *,
    random_state: int,
    progress: Progress = unwatched,
) -> Neighbours:
    """The k nearest papers of every paper by cosine distance, the paper itself first.

    Exact by blocked matrix products up to `EXACT_UP_TO` papers, above that by pynndescent.

    Returns
    -------
    Neighbours with (n, k) indices and distances; k counts the paper itself and is at most n.
    """
    n = len(embeddings.vectors)
    k = min(n, _neighbourhood(n, settings))
    order = embeddings.order
    vectors = embeddings.vectors[order]
    if n <= EXACT_UP_TO:
        indices, distances = _exact(vectors, k, progress)
    else:
        indices, distances = _approximate(vectors, k, random_state)
    back = embeddings.rank
    return Neighbours(order[indices[back]], distances[back])


def layouts(
    embeddings: Embeddings,
    neighbours: Neighbours,
    settings: ReduceSettings,
    *,
    random_state: int,
    progress: Progress = unwatched,
) -> Layouts:
    """As many layouts as the settings say, each from a seed of its own: what the papers are grouped in."""
    found = []
    for number in range(settings.layouts):
        projection = project(
            embeddings,
            neighbours,
            n_components=settings.n_components,
            min_dist=settings.min_dist,
            random_state=(random_state + number) % 2**32,
        )
        found.append(projection.coordinates)
        progress(1)
    return Layouts(np.stack(found))


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
    from umap.umap_ import find_ab_params, simplicial_set_embedding

    n = len(embeddings.vectors)
    order, back = embeddings.order, embeddings.rank
    vectors = embeddings.vectors[order]
    graph = fuzzy_graph(Neighbours(back[neighbours.indices[order]], neighbours.distances[order]))
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
            init="spectral" if n >= SPECTRAL_FROM else _principal(vectors, n_components, generator),
            random_state=generator,
            metric="cosine",
            metric_kwds={},
            densmap=False,
            densmap_kwds={},
            output_dens=False,
        )
    return Projection(coordinates[back])


def fuzzy_graph(neighbours: Neighbours) -> sp.coo_matrix:
    """UMAP's weighted graph of the neighbours: (n, n) symmetric, weights in (0, 1].

    The same numbers as `umap.umap_.fuzzy_simplicial_set`, which spends five seconds compiling at every
    start of Python; here the bandwidths of all papers are bisected together.
    """
    import scipy.sparse as sp

    n, k = neighbours.indices.shape
    distances = neighbours.distances.astype(np.float64)
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
    floor = 1e-3 * np.where(nearest > 0, distances.mean(axis=1, keepdims=True), distances.mean())
    weights = np.exp(-beyond / np.maximum(width, np.maximum(floor, 1e-12)))
    rows = np.repeat(np.arange(n, dtype=np.int32), k - 1)
    directed = sp.csr_matrix((weights.ravel(), (rows, neighbours.indices[:, 1:].ravel())), shape=(n, n))
    both = directed.multiply(directed.T)
    graph = (directed + directed.T - both).astype(np.float32).tocoo()
    graph.eliminate_zeros()
    return graph


def _neighbourhood(n: int, settings: ReduceSettings) -> int:
    if settings.n_neighbors != "auto":
        return settings.n_neighbors
    return int(np.clip(round(np.sqrt(n)), 5, 15))


def _exact(vectors: Floats, k: int, progress: Progress) -> tuple[Integers, Floats]:
    n = len(vectors)
    indices = np.empty((n, k), np.int32)
    distances = np.empty((n, k), np.float32)
    rows = max(1, BLOCK_CELLS // n)
    for start in range(0, n, rows):
        stop = min(n, start + rows)
        similarity = vectors[start:stop] @ vectors.T
        own = np.arange(start, stop)
        similarity[own - start, own] = np.inf
        near = _largest(similarity, k)
        values = np.take_along_axis(similarity, near, axis=1)
        ranked = np.argsort(-values, axis=1, kind="stable")
        indices[start:stop] = np.take_along_axis(near, ranked, axis=1)
        distances[start:stop] = 1 - np.minimum(np.take_along_axis(values, ranked, axis=1), 1)
        progress(stop - start)
    distances[:, 0] = 0
    return indices, distances


def _largest(similarity: Floats, k: int) -> Integers:
    """(rows, k) ascending columns of the k largest numbers of each row.

    The k largest lie in the k runs of columns with the largest maxima; finding these first spares most of the
    sorting. A run is columns at equal distances, not a stretch of them: so maxima are taken many at a time.
    """
    rows, n = similarity.shape
    runs = n // RUN
    if runs <= 4 * k:
        return np.sort(np.argpartition(-similarity, k - 1, axis=1)[:, :k], axis=1)
    peaks = similarity[:, : runs * RUN].reshape(rows, RUN, runs).max(axis=1)
    best = np.sort(np.argpartition(-peaks, k - 1, axis=1)[:, :k], axis=1)
    inside = (best[:, :, None] + runs * np.arange(RUN)).reshape(rows, k * RUN)
    beyond = np.broadcast_to(np.arange(runs * RUN, n), (rows, n - runs * RUN))
    columns = np.concatenate([inside, beyond], axis=1)
    values = np.take_along_axis(similarity, columns, axis=1)
    chosen = np.argpartition(-values, k - 1, axis=1)[:, :k]
    return np.sort(np.take_along_axis(columns, chosen, axis=1), axis=1)


def _approximate(vectors: Floats, k: int, random_state: int) -> tuple[Integers, Floats]:
    from pynndescent import NNDescent

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = NNDescent(
            vectors, metric="cosine", n_neighbors=k, random_state=random_state, compressed=False
        )
    indices, distances = found.neighbor_graph
    n = len(vectors)
    own = np.arange(n, dtype=indices.dtype)[:, None]
    ranks = np.where(indices == own, -1.0, distances)
    missing = (indices == own).sum(axis=1) == 0
    indices[missing, -1], ranks[missing, -1] = own[missing, 0], -1.0
    ranked = np.argsort(ranks, axis=1, kind="stable")
    indices = np.take_along_axis(indices, ranked, axis=1)
    distances = np.maximum(np.take_along_axis(ranks, ranked, axis=1), 0)
    return indices.astype(np.int32), distances.astype(np.float32)


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
