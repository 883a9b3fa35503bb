"""Arrays of frozen values: their checks, rows of length 1, sums of rows; and what stages are handed.

`Files` is the result of a stage that writes files; `Progress` and `Encode` are functions that it is given.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, overload

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import scipy.sparse as sp

Floats = npt.NDArray[np.float32]
Integers = npt.NDArray[np.int32]
Doubles = npt.NDArray[np.float64]
Longs = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]
Mask = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.integer[Any]]
"""Row numbers of whatever size."""


def freeze(owner: object, name: str, value: npt.ArrayLike, dtype: type, ndim: int) -> npt.NDArray[Any]:
    """Make a field of a frozen dataclass a read-only array; raises ValueError on other dimensions."""
    array: npt.NDArray[Any] = np.ascontiguousarray(value, dtype=dtype)
    if array.ndim != ndim:
        raise ValueError(f"{type(owner).__name__}.{name} must have {ndim} dimensions, not {array.ndim}")
    if array is value:
        array = array.view()
    array.flags.writeable = False
    object.__setattr__(owner, name, array)
    return array


def same_length(owner: object, **lengths: int) -> None:
    """Raises ValueError when the named lengths differ."""
    if len(set(lengths.values())) > 1:
        found = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise ValueError(f"{type(owner).__name__} must have one row per paper everywhere, found {found}")


@overload
def unit_rows(rows: npt.NDArray[Any]) -> Floats: ...
@overload
def unit_rows(rows: npt.NDArray[Any], dtype: type[np.float64]) -> Doubles: ...
def unit_rows(rows: npt.NDArray[Any], dtype: type = np.float32) -> npt.NDArray[Any]:
    """The rows of (n, d), each divided by its length; rows of zeros stay. dtype: of the result."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return (rows / np.where(lengths > 0, lengths, 1)).astype(dtype, copy=False)


def unit(vector: npt.NDArray[Any]) -> Doubles:
    """(d,) the vector divided by its length; one of zeros stays."""
    wide: Doubles = np.asarray(vector, np.float64)
    return wide / max(float(np.linalg.norm(wide)), 1e-12)


def sum_rows(matrix: sp.csr_matrix, groups: Rows, n_groups: int | None = None) -> sp.csr_matrix:
    """Sums of the rows of each group.

    matrix: (n, v). groups: (n,) from 0, -1 for rows in no group. n_groups: by default up to the largest.

    Returns (n_groups, v), int64 of whole numbers, with sorted indices.
    """
    import scipy.sparse as sp

    members = np.flatnonzero(groups >= 0)
    shape = (int(groups.max(initial=-1)) + 1 if n_groups is None else n_groups, len(groups))
    membership = sp.csr_matrix((np.ones(len(members), np.int64), (groups[members], members)), shape=shape)
    sums: sp.csr_matrix = (membership @ matrix).tocsr()
    sums.sort_indices()
    return sums


def evenly_spaced(rows: Rows, n: int) -> Rows:
    """`n` of the rows, the first and the last among them; all where there are no more."""
    return rows[np.linspace(0, len(rows) - 1, min(len(rows), n)).astype(np.int64)]


def on_grid(rows: npt.NDArray[Any], grid: float) -> npt.NDArray[Any]:
    """The coordinates, rounded to multiples of 1 / grid, in the type that they have."""
    rounded: npt.NDArray[Any] = np.rint(rows * grid) / grid
    return rounded


def presence(matrix: sp.csr_matrix) -> sp.csr_matrix:
    """(n, v) 1 where the matrix has an entry. The places of the entries are shared with it."""
    import scipy.sparse as sp

    ones = np.ones_like(matrix.data)
    return sp.csr_matrix((ones, matrix.indices, matrix.indptr), shape=matrix.shape)


@dataclass(frozen=True)
class Files:
    """The result of a stage that writes files: their names."""

    names: tuple[str, ...]

    def __post_init__(self) -> None:
        if any(name in ("", ".", "..") or set(name) & set("/\\:\0") for name in self.names):
            raise ValueError("Files.names must be the names of files in one folder")


Progress = Callable[[int], None]
"""Called with the number of papers (or what else is counted) just finished."""


Encode = Callable[[Sequence[str]], Floats]
"""Phrases to vectors in the space of the papers': (m, d) unit rows."""


def unwatched(_: int) -> None:
    """A `Progress` that does nothing."""
