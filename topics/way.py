"""A run under way."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from topics.cache.stage import Ledger, Stage
from topics.config import Config
from topics.types import Progress
from topics.types.run import Values

if TYPE_CHECKING:
    from topics.embed.encoder import Encoder

T = TypeVar("T")


@dataclass
class Way(Values):
    """One run under way: its settings and its stages, each computed or loaded when first asked for."""

    config: Config
    files: list[Path]
    inputs: Mapping[str, str]
    ledger: Ledger
    stages: dict[str, Stage[Any]]
    history: tuple[str, ...] = ()
    loaded: Encoder | None = None

    @property
    def encoder(self) -> Encoder | None:
        """What made the vectors, from the embed stage's folder; None where the vectors were given."""
        if self.loaded is None:
            from topics.embed.embed import load_encoder

            self.loaded = load_encoder(self.config.embed, self.stages["embed"].folder / "encoder")
        return self.loaded

    def progress(self, stage: str) -> AbstractContextManager[Progress]:
        """For a stage that knows how many papers it has done."""
        return self.ledger.observer.progress(stage, len(self.corpus))

    def value(self, stage: str, kind: type[T]) -> T:  # noqa: ARG002
        found: T = self.stages[stage].value
        return found
