"""HDBSCAN (Campello, Moulavi and Sander 2013) of one UMAP layout; papers that lie too sparse are outliers."""

from __future__ import annotations

import warnings

import numpy as np

from topics.cluster.consensus import Level
from topics.cluster.methods import Method, MethodInput
from topics.types import Floats, Integers, Progress


def _dense(inputs: MethodInput, n_topics: int | None, progress: Progress) -> tuple[Level, ...]:  # noqa: ARG001
    return (
        Level(
            densities(inputs.reduced, inputs.neighbour_indices, inputs.fitted, inputs.size, inputs.samples)
        ),
    )


def densities(
    layout: Floats, neighbour_indices: Integers, fitted: Integers, size: int, samples: int
) -> Integers:
    """(n,) the dense place in which each paper lies, -1 for none.

    layout: (n, c) papers in few dimensions.
    neighbour_indices: (n, k) of every paper's neighbours, nearest first.
    fitted: (m,) ascending rows of papers that stand for a large corpus: HDBSCAN judges these, by limits in
        proportion, and every other paper lies where its nearest of them does. Empty: it judges all.
    size: the fewest papers of a dense place.
    samples: HDBSCAN's `min_samples`.
    """
    n = len(layout)
    if not len(fitted):
        return _hdbscan(layout, size, min(samples, n - 1))
    share = len(fitted) / n
    found = np.empty(n, np.int32)
    found[fitted] = _hdbscan(layout[fitted], max(2, int(size * share)), max(2, int(samples * share)))
    others = np.ones(n, bool)
    others[fitted] = False
    found[others] = found[neighbour_indices[others, 0]]
    return found


def _hdbscan(points: Floats, size: int, samples: int) -> Integers:
    import hdbscan

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = hdbscan.HDBSCAN(
            min_cluster_size=size,
            min_samples=samples,
            cluster_selection_method="leaf",
            core_dist_n_jobs=1,
        ).fit(points.astype(np.float64))
    labels: Integers = model.labels_.astype(np.int32)
    return labels


METHOD = Method(
    "hdbscan",
    _dense,
    "HDBSCAN of a UMAP layout",
    (
        (
            "McInnes, L., Healy, J. and Astels, S. (2017). hdbscan: Hierarchical density based clustering. "
            "Journal of Open Source Software 2(11), 205.",
            "https://doi.org/10.21105/joss.00205",
        ),
    ),
    papers="all",
    leaves_out=True,
    rounds=5,
    takes_number=False,
    reduced=True,
)
