"""Papers as points: vectors, their neighbours, and places in few dimensions."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from topics.types.arrays import Floats, Integers, Rows, freeze


@dataclass(frozen=True)
class Embeddings:
    """Papers as vectors.

    vectors: (n, d) float32, each row of length 1 (or all zero where a paper has no known word).
    keys: (n,) uint64, a digest of each paper's text, or () where it is not known.
    """

    vectors: Floats
    encoder: str
    keys: npt.NDArray[np.uint64] = field(default_factory=lambda: np.zeros(0, np.uint64))

    def __post_init__(self) -> None:
        vectors = freeze(self, "vectors", self.vectors, np.float32, 2)
        if not np.isfinite(vectors).all():
            raise ValueError("Embeddings.vectors holds NaN or infinity")
        if len(freeze(self, "keys", self.keys, np.uint64, 1)) not in (0, len(vectors)):
            raise ValueError(f"Embeddings has {len(vectors)} vectors, but {len(self.keys)} keys")

    @cached_property
    def order(self) -> Integers:
        """(n,) the papers' row numbers sorted by their keys, or by their vectors where there are none.

        The same sequence of papers however they are arranged: stages work in it, so that permuting the papers
        permutes the answer. With keys it is the same sequence, too, where vectors differ in their last bits.
        """
        if len(self.keys):
            return np.argsort(self.keys, kind="stable").astype(np.int32)
        first = self.vectors[:, 0]
        order = np.argsort(first, kind="stable")
        # Hardly any two papers share a first number, so the other columns are sorted for those only.
        same = first[order[1:]] == first[order[:-1]]
        tied = np.zeros(len(order), bool)
        tied[1:] |= same
        tied[:-1] |= same
        rows = np.sort(order[tied])
        order[tied] = rows[np.lexsort(self.vectors[rows].T[::-1])]
        return order.astype(np.int32)

    def of(self, rows: Rows) -> Embeddings:
        """Those of the papers `rows`."""
        return Embeddings(self.vectors[rows], self.encoder, self.keys[rows] if len(self.keys) else self.keys)

    @cached_property
    def rank(self) -> Integers:
        """(n,) the place of each paper in `order`."""
        rank = np.empty(len(self.order), np.int32)
        rank[self.order] = np.arange(len(rank), dtype=np.int32)
        return rank


@dataclass(frozen=True)
class Neighbours:
    """The one k-nearest-neighbour graph.

    indices (n, k) int32 and cosine distances (n, k) float32, ascending; column 0 is the paper itself at
    distance 0.
    among: (m,) int32, ascending rows of the papers that represent a large corpus: all columns but the first
        hold these only. () where neighbours were looked for among all papers.
    """

    indices: Integers
    distances: Floats
    among: Integers = field(default_factory=lambda: np.zeros(0, np.int32))

    def __post_init__(self) -> None:
        indices = freeze(self, "indices", self.indices, np.int32, 2)
        distances = freeze(self, "distances", self.distances, np.float32, 2)
        if indices.shape != distances.shape:
            raise ValueError(f"Neighbours: indices {indices.shape} and distances {distances.shape} differ")
        among = freeze(self, "among", self.among, np.int32, 1)
        if len(among):
            stands = np.zeros(len(indices), bool)
            stands[among] = True
            if (np.diff(among) <= 0).any() or not stands[indices[:, 1:]].all():
                raise ValueError("Neighbours.among must hold ascending rows, and all neighbours")


@dataclass(frozen=True)
class Projection:
    """A UMAP layout of the papers.

    coordinates: (n, dimensions) float32; no dimensions where a clustering method takes no layout.
    """

    coordinates: Floats

    @classmethod
    def none(cls, n: int) -> Projection:
        """What methods get that group no layout of the n papers."""
        return cls(np.zeros((n, 0), np.float32))

    def __post_init__(self) -> None:
        freeze(self, "coordinates", self.coordinates, np.float32, 2)
