"""A pretrained model's vectors beside those of the corpus' own words.

A model knows what words mean anywhere; `lsa` knows which words go together in these papers. Side by side, the
cosine of two papers is a weighted mean of both views, so everything after it sees one space of unit vectors.
`benchmarks/RESULTS.md` has what it gives and from how many papers on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from topics.encoders import Encoder, unit_rows
from topics.encoders.lsa import Lsa, load_lsa
from topics.types import Floats, Progress

WEIGHT = 0.3
"""Length of the words' vector beside the model's, which is 1: words make 8 % of a cosine. More is better yet
on arXiv and worse on medical papers, whose words say less of what they are about."""

FROM = 1000
"""Papers from which on `auto` has the words beside the model; fewer teach too little of their words."""

_BESIDE = ", beside "


@dataclass(frozen=True)
class Joined:
    """A model and the corpus' words. Made by `topics.embed.fit_encoder`."""

    model: Encoder = field(repr=False)
    words: Lsa = field(repr=False)
    weight: float

    @property
    def name(self) -> str:
        return f"{self.model.name}{_BESIDE}{self.weight} of {self.words.name}"

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> Floats:
        """(len(texts), d + e) float32 rows of length 1: d numbers of the model, e of the words."""
        return beside(self.model.encode(texts, progress), self.words.encode(texts), self.weight)

    def save(self, folder: Path) -> None:
        self.model.save(folder)
        self.words.save(folder)


def beside(vectors: Floats, words: Floats, weight: float = WEIGHT) -> Floats:
    """(n, d + e) unit rows of both. vectors: (n, d) and words: (n, e), unit rows or zeros."""
    return unit_rows(np.hstack([vectors, np.float32(weight) * words]))


def of_model(name: str, centroids: Floats, folder: Path) -> tuple[str, Floats]:
    """What another corpus can be compared with: the model, and the (k, d) centroids in its vectors.

    name, centroids: of a run, whatever its encoder; folder: where that was saved.
    """
    model, joined, _ = name.partition(_BESIDE)
    if not joined:
        return name, centroids
    return model, unit_rows(centroids[:, : -load_lsa(folder).width])
