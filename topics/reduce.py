"""From vectors to the k-nearest-neighbour graph, and from the graph to few dimensions with UMAP.

The graph is computed once; the clustered space and the map are two layouts of it. A large corpus is laid out
by the papers that stand for it (`topics.sample`), and all others go where their nearest of these are. Papers
are handled in `Embeddings.order`, which depends on the vectors and not on the file, so permuting the papers
permutes the answer and changes nothing else.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from topics.config import ReduceSettings
from topics.sample import FITTED, drawn
from topics.types import Embeddings, Floats, Integers, Layouts, Neighbours, Progress, Projection, unwatched

if TYPE_CHECKING:
    import scipy.sparse as sp

BLOCK_CELLS = 16_000_000
RUN = 64
"""Columns that are judged together by their largest number."""

PLACED = 65_536
"""Papers that are placed at a time: bounds the memory."""

WEISZFELD = 10
"""Rounds of it. On arxiv-9k with half of the papers placed, 3 rounds keep 32.4 % of neighbours on the map,
10 keep 32.9 %; the mean keeps 29.0 % and 100 epochs of UMAP's transform 29.6 %."""

NEARLY = 0.01
"""A distance in a layout, some twenty wide, below which two papers lie in one place."""

SPECTRAL_FROM = 20


def find_neighbours(
    embeddings: Embeddings,
    settings: ReduceSettings,
    *,
    random_state: int,
    progress: Progress = unwatched,
) -> Neighbours:
    """The k nearest papers of every paper by cosine distance, the paper itself first; by matrix products.

    Of more than `FITTED` papers, every paper's nearest among so many that stand for all: the work grows with
    the papers and not with their square, and no neighbour is approximate.

    Returns
    -------
    Neighbours with (n, k) indices and distances; k counts the paper itself and is at most n.
    """
    n = len(embeddings.vectors)
    k = min(n, _neighbourhood(n, settings))
    order = embeddings.order
    vectors = embeddings.vectors[order]
    back = embeddings.rank
    if n <= FITTED:
        indices, distances = _exact(vectors, k, progress)
        return Neighbours(order[indices[back]], distances[back])
    among = drawn(vectors, FITTED, random_state)
    indices, distances = _exact_among(vectors, among, k, progress)
    return Neighbours(order[indices[back]], distances[back], np.sort(order[among]))


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


def _median(points: npt.NDArray[np.float64], weights: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """(n, c) the weighted geometric median of each paper's neighbours (Weiszfeld 1937).

    points: (n, k, c); weights: (n, k), what UMAP's graph gives them. Their mean, where UMAP's transform
    starts, puts a paper whose neighbours lie in two places into the void between.
    """
    pull = weights
    for _ in range(WEISZFELD):
        middle: npt.NDArray[np.float64] = np.einsum(
            "ij,ijc->ic", pull / pull.sum(axis=1, keepdims=True), points
        )
        pull = weights / np.maximum(np.linalg.norm(points - middle[:, None], axis=2), NEARLY)
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


def _memberships(distances: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
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
    weights: npt.NDArray[np.float64] = np.exp(-beyond / np.maximum(width, np.maximum(floor, 1e-12)))
    return weights


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


def _exact_among(vectors: Floats, among: Integers, k: int, progress: Progress) -> tuple[Integers, Floats]:
    """(n, k) every paper itself and its k - 1 nearest among the rows `among`, and their distances."""
    n = len(vectors)
    indices = np.empty((n, k), np.int32)
    distances = np.zeros((n, k), np.float32)
    indices[:, 0] = np.arange(n, dtype=np.int32)
    column = np.full(n, -1, np.int32)
    column[among] = np.arange(len(among), dtype=np.int32)
    targets = np.ascontiguousarray(vectors[among].T)
    rows = max(1, BLOCK_CELLS // len(among))
    for start in range(0, n, rows):
        block = slice(start, min(n, start + rows))
        similarity = vectors[block] @ targets
        own = np.flatnonzero(column[block] >= 0)
        similarity[own, column[block][own]] = -np.inf
        near = _largest(similarity, k - 1)
        values = np.take_along_axis(similarity, near, axis=1)
        ranked = np.argsort(-values, axis=1, kind="stable")
        indices[block, 1:] = among[np.take_along_axis(near, ranked, axis=1)]
        distances[block, 1:] = np.maximum(1 - np.take_along_axis(values, ranked, axis=1), 0)
        progress(len(similarity))
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
