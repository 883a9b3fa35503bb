"""Ways to group papers: the registry behind `cluster.method`.

A method is one module of this package with a constant `METHOD`; docs/design.md says how to add one.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np

from topics.cluster.consensus import Level, ladder, partition_score
from topics.types import Floats, Integers, Progress, Rows

LEVELS = 16


@dataclass(frozen=True)
class MethodInput:
    """The papers as methods see them, in `Embeddings.order`.

    vectors: (n, d) unit rows.
    reduced: (n, c) a UMAP layout of them, with no columns for a method that takes none.
    neighbour_indices, distances: (n, k) every paper's neighbours, nearest first, and their cosine distances.
    fitted: (m,) ascending rows of the papers that stand for a large corpus, or ().
    size: the fewest papers of a topic.
    samples: HDBSCAN's `min_samples`.
    n_total: how many papers these stand for.
    resolution: see `cluster.resolution`.
    seed: of the starts of the consensus.
    """

    vectors: Floats
    reduced: Floats
    neighbour_indices: Integers
    distances: Floats
    fitted: Integers
    size: int
    samples: int
    n_total: int
    resolution: float
    random_state: int
    seed: int


@dataclass(frozen=True)
class Method:
    """One way to group papers.

    name: what `cluster.method` calls it.
    group: gives divisions of the papers (`Level`), the one to take first, with -1 for papers in no group.
        It gets the number of topics, None where that is open, and may raise ConfigError.
    description: what a methods section says after "grouped by".
    references: works to cite, each as its text and its address.
    papers: of a large corpus it groups a "sample" of the papers of the neighbour graph, all papers of that
        "graph", or "all" papers; the others go to the nearest topic.
    leaves_out: whether a paper that it puts in no group is an outlier where most of its neighbours lie in
        other topics, as with groups by density; else outliers are the papers that lie far from all others.
    rounds: of k-means that follow, which move papers to the nearest topic.
    takes_number: whether the number of topics can be asked for.
    reduced: whether it groups a UMAP layout in few dimensions.
    package, extra: a module that must be installed, and the extra of this package that brings it.
    """

    name: str
    group: Callable[[MethodInput, int | None, Progress], tuple[Level, ...]]
    description: str
    references: tuple[tuple[str, str], ...] = ()
    papers: Literal["sample", "graph", "all"] = "sample"
    leaves_out: bool = False
    rounds: int = 1
    takes_number: bool = True
    reduced: bool = False
    package: str = ""
    extra: str = ""


@cache
def methods() -> dict[str, Method]:
    """All methods by name."""
    found = {}
    for module in pkgutil.iter_modules(__path__, f"{__name__}."):
        method = importlib.import_module(module.name).METHOD
        found[method.name] = method
    return found


def numbers(n: int, n_topics: int | None) -> list[int]:
    """The numbers of groups of `n` papers to try: the one asked for, or a ladder of them."""
    return [n_topics] if n_topics else ladder(n, LEVELS)


def best(groupings: Iterable[Rows], inputs: MethodInput) -> Integers:
    """(n,) the grouping with the highest `partition_score`."""
    found: Integers = max(
        (labels.astype(np.int32) for labels in groupings),
        key=lambda labels: round(partition_score(labels, inputs.neighbour_indices, inputs.n_total), 9),
    )
    return found
