"""Whether papers can be divided into topics at all."""

from __future__ import annotations

import numpy as np

from topics.errors import CorpusError
from topics.types import Floats

MIN_PAPERS = 5
SHUFFLES = 20
SAMPLE = 500

ALIKE = 0.8
"""Mean cosine of the papers from which they are one text in many copies. MiniLM gives .95 for texts drawn
from twelve words, .33 for fifty papers of one group and at most .40 for any category of arXiv.
"""


def require_structure(vectors: Floats, random_state: int) -> None:
    """Compare the closeness of nearest neighbours with that in corpora whose coordinates are shuffled
    independently, which keeps each coordinate's distribution and nothing else.

    vectors: (n, d) unit rows.
    Raises CorpusError: there are fewer than `MIN_PAPERS` papers, they are copies of one text, or they are no
        closer to their neighbours than chance makes them.
    """
    n = len(vectors)
    if n < MIN_PAPERS:
        raise CorpusError(f"{n} papers are too few; give at least {MIN_PAPERS}.")
    generator = np.random.default_rng(random_state)
    if float(np.linalg.norm(vectors.mean(axis=0))) ** 2 > ALIKE:
        raise CorpusError(
            f"The {n} papers are too uniform to be divided into topics: their texts are nearly the same; add "
            "papers on other subjects, or drop copies of one text."
        )
    sample = vectors if n <= SAMPLE else vectors[np.sort(generator.choice(n, SAMPLE, replace=False))]
    centred = sample - sample.mean(axis=0)
    seen = _closeness(centred)
    chance = [_closeness(generator.permuted(centred, axis=0)) for _ in range(SHUFFLES)]
    if not seen > np.mean(chance) + 4 * np.std(chance) + 1e-3:
        raise CorpusError(
            f"The {n} papers are too uniform, or too few, to be divided into topics: no paper is closer to "
            "its neighbours than chance would have it; add papers, or drop copies of one text."
        )


def _closeness(centred: Floats) -> float:
    lengths = np.linalg.norm(centred, axis=1, keepdims=True)
    unit = centred / np.where(lengths > 1e-6, lengths, np.float32(np.inf))
    cosine = unit @ unit.T
    np.fill_diagonal(cosine, -1)
    return float(np.partition(cosine, -3, axis=1)[:, -3:].mean())
