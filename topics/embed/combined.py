"""Combined vectors: a pretrained model's, followed by those of the corpus' own words.

A model knows what words mean anywhere; `lsa` knows which words go together in these papers. Side by side, the
cosine of two papers is a weighted mean of both views, so everything after it sees one space of unit vectors.
`benchmarks/history/topics.md` has what it gives, and `grouping.md` there from how many papers on.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from topics.cache.untrusted import read_json
from topics.embed.encoder import Encoder
from topics.embed.lsa import Lsa, count_words, load_lsa, sampled_texts
from topics.embed.minilm import without_windows
from topics.errors import ModelError, RunError
from topics.types import Floats, Progress
from topics.types.arrays import unit_rows

TELLING = 10
"""Different known words that half of the papers have at least, or the words are not used on `auto`. Where
words are not parted by spaces, all that recurs are a few connectives."""

LOOKED_UP = 1000
"""Texts that it is looked up in."""

_ABOUT = "joined.json"


@dataclass(frozen=True)
class OwnWords:
    """The vectors of a corpus' own words, which follow a model's in the combined ones.

    model: its name. lsa: of the corpus. weight: the length of the words' vectors, the model's being 1.
    """

    model: str
    lsa: Lsa = field(repr=False)
    weight: float

    @property
    def name(self) -> str:
        return f"{self.model}, beside {self.weight} of {self.lsa.name}"

    def joined_to(self, vectors: Floats, texts: Sequence[str]) -> Floats:
        """(n, d + e) unit rows. vectors: (n, d) unit rows, the model's of these texts."""
        return combined(vectors, self.lsa.encode(texts), self.weight)

    def without(self, vectors: Floats) -> Floats:
        """(n, d) unit rows, the model's part of (n, d + e)."""
        return unit_rows(vectors[:, : vectors.shape[1] - self.lsa.width])

    def telling(self, texts: Sequence[str]) -> bool:
        """Whether most of the texts have words enough that are known; looked up in some of them."""
        counts = count_words(sampled_texts(texts, LOOKED_UP, 0), self.lsa.columns)
        return bool(np.median(np.diff(counts.indptr)) >= TELLING)

    def save(self, folder: Path) -> None:
        self.lsa.save(folder)
        about = {"model": self.model, "weight": self.weight}
        (folder / _ABOUT).write_text(json.dumps(about) + "\n", encoding="utf-8")


def load_own_words(folder: Path) -> OwnWords | None:
    """What `OwnWords.save` has written; None where nothing stands beside a model.

    Raises ModelError: it is damaged.
    """
    if not (folder / _ABOUT).exists():
        return None
    lsa = load_lsa(folder)
    try:
        about = read_json(folder, _ABOUT)
        return OwnWords(str(about["model"]), lsa, float(about["weight"]))
    except (RunError, ValueError, KeyError, TypeError):
        raise ModelError(f"{folder} does not hold a readable encoder; repeat the run.") from None


@dataclass(frozen=True)
class CombinedEncoder:
    """A model and the corpus' words."""

    model: Encoder = field(repr=False)
    words: OwnWords

    @property
    def name(self) -> str:
        return self.words.name

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> Floats:
        """(len(texts), d + e) float32 rows of length 1: d numbers of the model, e of the words."""
        return self.words.joined_to(self.model.encode(texts, progress), texts)

    def save(self, folder: Path) -> None:
        self.model.save(folder)
        self.words.save(folder)


def combined(vectors: Floats, words: Floats, weight: float) -> Floats:
    """(n, d + e) unit rows of both. vectors: (n, d) and words: (n, e), unit rows or zeros.

    weight: the length of the words' part, the model's being 1; at 0.3 words make 8 % of a cosine.
    """
    return unit_rows(np.hstack([vectors, np.float32(weight) * words]))


def model_part(name: str, centroids: Floats, folder: Path) -> tuple[str, Floats]:
    """What another corpus can be compared with: the model's name without its windows, which are averaged in
    the one space of its vectors, and the (k, d) centroids there.

    name, centroids: of a run, whatever its encoder. folder: where that was saved.
    """
    if words := load_own_words(folder):
        name, centroids = words.model, words.without(centroids)
    return without_windows(name), centroids
