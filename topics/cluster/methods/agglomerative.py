"""Ward's linkage of one UMAP layout. With an open number of groups, that of the highest score is taken."""

from __future__ import annotations

import numpy as np

from topics.cluster.consensus import Level, cuts, large_groups
from topics.cluster.methods import Method, MethodInput, best, numbers
from topics.types import Progress


def _ward(inputs: MethodInput, n_topics: int | None, progress: Progress) -> tuple[Level, ...]:  # noqa: ARG001
    from scipy.cluster.hierarchy import linkage

    tree = linkage(inputs.reduced.astype(np.float64), "ward")
    groups = best(cuts(tree, numbers(len(inputs.reduced), n_topics)), inputs)
    return (Level(groups if n_topics else large_groups(groups, inputs.size)),)


METHOD = Method(
    "agglomerative",
    _ward,
    "Ward's linkage of a UMAP layout",
    (
        (
            "Ward, J. H. (1963). Hierarchical grouping to optimize an objective function. Journal of the "
            "American Statistical Association 58(301), 236-244.",
            "https://doi.org/10.1080/01621459.1963.10500845",
        ),
    ),
    reduced=True,
)
