"""Adding up what shards have counted. All of it are whole numbers, so no order makes a difference."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from topics.types import Integers

if TYPE_CHECKING:
    import scipy.sparse as sp


@dataclass(frozen=True)
class Tally:
    """Papers and their words in r rows, one for each topic, side and period (`topics.shards.count`).

    papers: (r,) int64. uses: (r, v) int64 CSR, how often their papers use each term. users: the same, how
    many papers do.
    """

    papers: npt.NDArray[np.int64]
    uses: sp.csr_matrix
    users: sp.csr_matrix

    def __post_init__(self) -> None:
        if (
            not len(self.papers) == self.uses.shape[0] == self.users.shape[0]
            or self.uses.shape != self.users.shape
        ):
            raise ValueError("Tally needs as many rows of papers, uses and users")

    @classmethod
    def of(cls, row: Integers, counted: sp.csr_matrix, cells: int) -> Tally:
        """row: (n,) the row that each paper is counted in; counted: (n, v), how often it uses each term."""
        import scipy.sparse as sp

        once = sp.csr_matrix(
            (np.ones_like(counted.data), counted.indices, counted.indptr), shape=counted.shape
        )
        member = sp.csr_matrix(
            (np.ones(len(row), np.int64), (row, np.arange(len(row)))), shape=(cells, len(row))
        )
        return cls(
            np.bincount(row, minlength=cells).astype(np.int64), _tidy(member @ counted), _tidy(member @ once)
        )

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.papers + other.papers, _tidy(self.uses + other.uses), _tidy(self.users + other.users)
        )


def _tidy(matrix: sp.csr_matrix) -> sp.csr_matrix:
    tidy: sp.csr_matrix = matrix.tocsr()
    tidy.sort_indices()
    return tidy


class Addable(Protocol):
    def __add__(self: A, other: A) -> A: ...


A = TypeVar("A", bound=Addable)


def total(parts: Iterable[A]) -> A:
    """The sum of one part or more.

    Neighbours are added first, then their sums, so that large sums are added seldom and few are held.
    """
    sums: list[tuple[int, A]] = []
    for part in parts:
        weight = 1
        while sums and sums[-1][0] == weight:
            weight, part = 2 * weight, sums.pop()[1] + part
        sums.append((weight, part))
    _, found = sums.pop()
    while sums:
        found = sums.pop()[1] + found
    return found
