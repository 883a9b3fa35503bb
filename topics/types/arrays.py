"""Arrays of frozen values: of one kind and shape, and read-only; files that a stage wrote; its progress."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Integers = npt.NDArray[np.int32]
Doubles = npt.NDArray[np.float64]
Longs = npt.NDArray[np.int64]
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


@dataclass(frozen=True)
class Files:
    """The result of a stage that writes files: their names."""

    names: tuple[str, ...]

    def __post_init__(self) -> None:
        if any(name in ("", ".", "..") or set(name) & set("/\\:\0") for name in self.names):
            raise ValueError("Files.names must be the names of files in one folder")


Progress = Callable[[int], None]
"""Called with the number of papers (or what else is counted) just finished."""


def unwatched(_: int) -> None:
    """Where nobody wants to know."""
