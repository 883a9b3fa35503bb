"""Communities of the neighbour graph (Traag, Waltman and van Eck 2019, as scikit-network has it).

Where the number of groups is open, modularity decides; else the resolution is searched that gives so many.
"""

from __future__ import annotations

import numpy as np

from topics.cluster.consensus import Level, large_groups
from topics.cluster.methods import Method, MethodInput
from topics.errors import ConfigError
from topics.types import Integers, Progress

RESOLUTION = 1.3
"""Resolution of the modularity where no number of topics is asked for: above 1, more and smaller groups."""

BISECTIONS = 30


def _leiden(inputs: MethodInput, n_topics: int | None, progress: Progress) -> tuple[Level, ...]:  # noqa: ARG001
    """Raises ConfigError: no resolution gives `n_topics`."""
    return (Level(large_groups(_communities(inputs, n_topics), inputs.size)),)


def _communities(inputs: MethodInput, n_topics: int | None) -> Integers:
    import scipy.sparse as sp
    from sknetwork.clustering import Leiden

    n, k = inputs.neighbour_indices.shape
    edges = (np.ones(n * k), (np.repeat(np.arange(n), k), inputs.neighbour_indices.ravel()))
    graph = sp.csr_matrix(edges, shape=(n, n))
    graph = ((graph + graph.T) > 0).astype(np.float64)

    def at(resolution: float) -> Integers:
        model = Leiden(resolution=resolution, random_state=inputs.random_state)
        found: Integers = model.fit_predict(graph).astype(np.int32)
        return found

    if n_topics is None:
        return at(RESOLUTION)
    low, high = np.log(1e-3), np.log(float(n))
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        labels = at(float(np.exp(middle)))
        n_found = int((np.bincount(labels) >= inputs.size).sum())
        if n_found == n_topics:
            return labels
        # Beyond the point where communities get smaller than `size`, fewer count although there are more.
        coarse = n_found < n_topics and int(labels.max()) + 1 <= n_topics + np.sqrt(n)
        low, high = (middle, high) if coarse else (low, middle)
    raise ConfigError(
        f"cluster.method leiden finds no division into {n_topics} topics; take another number or method auto."
    )


METHOD = Method(
    "leiden",
    _leiden,
    "the Leiden method in the graph of nearest neighbours",
    (
        (
            "Traag, V. A., Waltman, L. and van Eck, N. J. (2019). From Louvain to Leiden: guaranteeing "
            "well-connected communities. Scientific Reports 9, 5233.",
            "https://doi.org/10.1038/s41598-019-41695-z",
        ),
    ),
    papers="graph",
    package="sknetwork",
    extra="leiden",
)
