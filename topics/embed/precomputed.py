"""Vectors that somebody else computed, from a .npy file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from topics.cache.untrusted import array_at
from topics.embed.encoder import EncoderKind
from topics.errors import ModelError, RunError
from topics.types import Floats, Progress
from topics.types.arrays import unit_rows

ROUNDED = 1e-6
"""How far the length of a row of length 1 may be from it through rounding to float32."""


@dataclass(frozen=True)
class Vectors:
    """One vector per record of the papers' files, in their order. Make one with `load_vectors`."""

    path: Path
    rows: Floats = field(repr=False)

    @property
    def name(self) -> str:
        return f"precomputed vectors {self.path.name}, {self.rows.shape[1]} dimensions"

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> Floats:  # noqa: ARG002
        """Raises ModelError: there is no model behind the vectors that could read a text."""
        raise ModelError(
            f"{self.path} holds vectors and no model, so new text cannot be encoded; "
            "set embed.encoder to minilm, lsa or a sentence-transformers model for that."
        )

    def save(self, folder: Path) -> None:
        """Nothing to keep: later papers cannot be encoded."""

    def select(self, kept: Sequence[bool]) -> Floats:
        """(sum(kept), d): the rows of the kept records.

        kept: for every record of the input, whether it is in the corpus.

        Raises ModelError: the file has neither one row per record nor one per kept paper.
        """
        papers = sum(kept)
        if len(self.rows) == len(kept):
            chosen: Floats = self.rows[np.array(kept, bool)]
            return chosen
        if len(self.rows) == papers:
            return self.rows
        among = f" ({papers} kept)" if papers != len(kept) else ""
        raise ModelError(
            f"{self.path} has {len(self.rows)} vectors for {len(kept)} papers{among}; "
            "give one vector per paper, in the order of the paper files."
        )


def load_vectors(path: Path) -> Vectors:
    """Read (n, d) numbers and make every row one of length 1.

    Raises ModelError: no such file, not a .npy of numbers, not two-dimensional, or NaN or infinity in it.
    """
    try:
        path.stat()
        found = array_at(path)
    except OSError as error:
        raise ModelError(f"{path} cannot be read ({error.strerror or error}); give a .npy file.") from None
    except (RunError, ValueError):
        raise ModelError(f"{path} is not a .npy file of numbers; write it with numpy.save.") from None
    return of_array(found, path)


def of_array(found: Any, path: Path) -> Vectors:
    """Vectors from an array, one row per record; `path` is what errors call it.

    Raises ModelError: it is not two-dimensional, or not all numbers.
    """
    if (
        not isinstance(found, np.ndarray)
        or found.ndim != 2
        or not found.shape[1]
        or found.dtype.kind not in "fiu"
    ):
        raise ModelError(f"{path} must hold a two-dimensional array of numbers, one row per paper.")
    broken = np.flatnonzero(~np.isfinite(found).all(axis=1))
    if len(broken):
        raise ModelError(
            f"{path} has NaN or infinity in {len(broken)} of {len(found)} rows, first in row {broken[0]} "
            "(counted from 0); compute these vectors again."
        )
    rows = unit_rows(found.astype(np.float64))
    # Rows of length 1 stay as they are to the last bit, so that a run's own vectors give its topics again.
    unit = np.abs(np.linalg.norm(found.astype(np.float64), axis=1) - 1) < ROUNDED
    rows[unit] = found[unit]
    return Vectors(path, rows)


ENCODER = EncoderKind(
    "precomputed",
    load=lambda settings: load_vectors(Path(settings.encoder)),
    check=lambda settings: load_vectors(Path(settings.encoder)),
    takes=lambda value: value.endswith(".npy"),
    encodes=False,
)
