"""What a stage that writes files gives back."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Files:
    """The result of a stage that writes files: their names."""

    names: tuple[str, ...]
