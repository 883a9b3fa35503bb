"""Which encoder of this installation made vectors that somebody gives.

Vectors from a file say where papers lie and nothing of where a phrase would. A run's own vectors, given back,
get the labels of that run only where the encoder that made them is known again.
"""

from __future__ import annotations

import numpy as np

from topics.config import EmbedSettings
from topics.embed.embed import learn_own_words, load_pretrained, with_windows
from topics.embed.encoder import Encoder
from topics.embed.lsa import Lsa, fit_lsa, most_dimensions
from topics.errors import CorpusError, ModelError
from topics.types import Corpus, Embeddings, Floats
from topics.types.arrays import unit_rows

PRETRAINED = ("minilm", "multilingual")
"""Encoders whose model no setting names; nothing is downloaded for them."""

ASKED = 16
"""Papers that are encoded to compare their vectors."""

ALIKE = 0.8
"""Least cosine, in the median, of the given vectors and the encoder's: the same model that read more or less
of the texts has .9 and more, and vectors of another model lie across its own."""


def recognised(
    corpus: Corpus, embeddings: Embeddings, settings: EmbedSettings, random_state: int
) -> Encoder | None:
    """The encoder in whose space given vectors lie; None where none here is it.

    settings: all but `encoder` are taken as those that the vectors were made with.
    """
    from topics.embed.combined import CombinedEncoder

    rows = embeddings.order[:ASKED]
    texts, given = [corpus.texts[row] for row in rows.tolist()], embeddings.vectors[rows]
    for name in PRETRAINED:
        own = with_windows(settings.model_copy(update={"encoder": name}), len(corpus))
        try:
            encoder = load_pretrained(own)
        except ModelError:
            continue
        found = encoder.encode(texts)
        width = found.shape[1]
        if width > given.shape[1] or not _alike(unit_rows(given[:, :width]), found):
            continue
        if width == given.shape[1]:
            return encoder
        languages = corpus.languages
        words = learn_own_words(
            corpus.texts, own, encoder.name, random_state=random_state, languages=languages
        )
        joined = CombinedEncoder(encoder, words) if words else encoder
        return joined if _alike(given, joined.encode(texts)) else None
    return _learned(corpus, given, texts, settings, random_state)


def _learned(
    corpus: Corpus, given: Floats, texts: list[str], settings: EmbedSettings, random_state: int
) -> Lsa | None:
    if given.shape[1] > most_dimensions(len(corpus), settings.dimensions):
        return None
    try:
        lsa = fit_lsa(corpus.texts, dimensions=settings.dimensions, random_state=random_state)
    except CorpusError:
        return None
    return lsa if _alike(given, lsa.encode(texts)) else None


def _alike(given: Floats, found: Floats) -> bool:
    return given.shape == found.shape and float(np.median((given * found).sum(axis=1))) >= ALIKE
