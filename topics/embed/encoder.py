"""What turns texts into vectors: one file per encoder, all of them behind `Encoder`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from topics.types import Floats, Progress


class Encoder(Protocol):
    """Texts to vectors. The vector of a text depends on that text alone, not on its company or its place."""

    @property
    def name(self) -> str:
        """What made the vectors, for people and for `run.json`: the model and all that changes its result."""

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> Floats:
        """(len(texts), d) float32; rows have length 1, or are all zero where a text has no known word."""

    def save(self, folder: Path) -> None:
        """Write what is needed to encode later papers into a folder that exists, if anything is."""


def unit_rows(vectors: npt.NDArray[Any]) -> Floats:
    """Divide every row by its length; rows of zeros stay as they are."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    rows = np.zeros(vectors.shape, np.float32)
    np.divide(vectors, lengths, out=rows, where=lengths > 0, casting="same_kind")
    return rows
