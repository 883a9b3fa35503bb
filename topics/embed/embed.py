"""Texts to vectors: which encoder the settings mean, and its use on a corpus."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from topics.cache.untrusted import file_in, load_array
from topics.config import EmbedSettings
from topics.embed.encoder import Encoder
from topics.errors import CorpusError, RunError
from topics.types import Corpus, Embeddings, Floats, Progress

if TYPE_CHECKING:
    from topics.embed.combined import Words

PART = 4096
"""Papers whose vectors are kept together on disk while a corpus is being encoded."""

_MINILM = ("minilm", "distilled")
"""The encoders whose pretrained model is minilm."""


def fit_encoder(
    texts: Sequence[str],
    settings: EmbedSettings,
    *,
    random_state: int,
    progress: Progress | None = None,
    parts: Path | None = None,
) -> Encoder:
    """The encoder for a corpus: `lsa` and `distilled` learn it from the texts, all others are loaded, and
    from some number of papers on get what `lsa` learns beside them (`topics.embed.combined`).

    random_state: seed of whatever is learned. progress: told how many papers the teacher has read. parts: as
    for `embed`, for the teacher's vectors.

    Raises ModelError: the model, its package or the file of vectors is missing or not as it should be.
    Raises CorpusError: the texts share no words, so there is nothing to learn from that was asked for.
    """
    if settings.encoder == "lsa":
        from topics.embed.lsa import fit_lsa

        return fit_lsa(texts, dimensions=settings.dimensions, random_state=random_state)
    if settings.encoder == "distilled" and len(texts) > settings.teacher_papers:
        from topics.embed.distilled import fit_distilled
        from topics.embed.lsa import drawn

        teacher = _load_pretrained(settings)
        sample = drawn(texts, settings.teacher_papers, random_state)

        def read(words: Sequence[str]) -> Floats:
            return _in_parts(words, teacher, None, parts / "words" if parts else None)

        return fit_distilled(
            texts,
            sample,
            _in_parts(sample, teacher, progress, parts / "teacher" if parts else None),
            read=read,
            name=teacher.name,
            dimensions=settings.dimensions,
            random_state=random_state,
        )
    from topics.embed.combined import Joined

    pretrained = _load_pretrained(settings)
    words = learn_words(texts, settings, pretrained.name, random_state=random_state)
    return Joined(pretrained, words) if words else pretrained


def weight_of_words(papers: int, settings: EmbedSettings) -> float:
    """How much the words of so many papers count beside a pretrained model; 0: they are not learned.

    On `auto` they count beside minilm alone, with which they were measured. Beside a model of many languages
    they would part papers by language.
    """
    from topics.embed.combined import FROM, WEIGHT

    if _is_vectors(settings):
        return 0.0
    if settings.own_words != "auto":
        return settings.own_words
    return WEIGHT if settings.encoder in _MINILM and papers >= FROM else 0.0


def learn_words(
    texts: Sequence[str], settings: EmbedSettings, model: str, *, random_state: int
) -> Words | None:
    """What a corpus' own words say beside a model of this name; None where the settings want nothing.

    Raises CorpusError: the texts share no words, and the settings insist on them.
    """
    from topics.embed.combined import Words
    from topics.embed.lsa import fit_lsa

    weight = weight_of_words(len(texts), settings)
    if not weight:
        return None
    chosen = settings.own_words == "auto"
    try:
        lsa = fit_lsa(texts, dimensions=settings.dimensions, random_state=random_state)
    except CorpusError:
        if chosen:
            return None
        raise CorpusError(
            f"No word tells the {len(texts)} papers apart, so embed.own_words has nothing to learn from; "
            "set it to 0."
        ) from None
    words = Words(model, lsa, weight)
    return None if chosen and not words.telling(texts) else words


def load_encoder(settings: EmbedSettings, folder: Path) -> Encoder | None:
    """The encoder of an earlier run, to encode other texts into the same space.

    folder: where its `save` has written. None for precomputed vectors, which no model stands behind.

    Raises ModelError: the model or its package is missing, or not the one it was.
    """
    if settings.encoder == "lsa":
        from topics.embed.lsa import load_lsa

        return load_lsa(folder)
    if settings.encoder == "distilled":
        from topics.embed.distilled import is_distilled, load_distilled

        if is_distilled(folder):
            return load_distilled(folder)
    if _is_vectors(settings):
        return None
    from topics.embed.combined import Joined, load_words

    pretrained, words = _load_pretrained(settings), load_words(folder)
    return Joined(pretrained, words) if words else pretrained


def embed(
    corpus: Corpus, encoder: Encoder, progress: Progress | None = None, parts: Path | None = None
) -> Embeddings:
    """One vector per paper, from its title and abstract.

    parts: a folder where every few thousand finished vectors are kept; a later call with the same corpus,
    encoder and folder takes them from there instead of encoding again.

    Raises ModelError: precomputed vectors are not one per paper.
    """
    from topics.embed.precomputed import Vectors

    if isinstance(encoder, Vectors):
        return Embeddings(encoder.select(corpus.account.column("kept").to_pylist()), encoder.name)
    return Embeddings(_in_parts(corpus.texts, encoder, progress, parts), encoder.name)


def _in_parts(
    texts: Sequence[str], encoder: Encoder, progress: Progress | None, parts: Path | None
) -> Floats:
    if parts is None or len(texts) <= PART:
        return encoder.encode(texts, progress)
    parts.mkdir(parents=True, exist_ok=True)
    whole = np.empty((len(texts), 0), np.float32)
    for start in range(0, len(texts), PART):
        some = texts[start : start + PART]
        vectors = _read_part(parts, start)
        if vectors is None:
            vectors = encoder.encode(some, progress)
            _write_part(parts, start, vectors)
        elif progress:
            progress(len(some))
        if not start:
            whole = np.empty((len(texts), vectors.shape[1]), np.float32)
        whole[start : start + len(some)] = vectors
    return whole


def _read_part(parts: Path, start: int) -> Floats | None:
    """The vectors kept from row `start` on; None when there are none or they are damaged."""
    for path in parts.glob(f"{start}-*.npy"):
        with contextlib.suppress(RunError):
            if path.name == _part_name(start, file_in(parts, path.name).read_bytes()):
                vectors: Floats = np.array(load_array(parts, path.name))
                return vectors
        path.unlink()
    return None


def _write_part(parts: Path, start: int, vectors: Floats) -> None:
    buffer = io.BytesIO()
    np.save(buffer, vectors, allow_pickle=False)
    content = buffer.getvalue()
    unfinished = parts / f".{start}-{os.getpid()}"
    # Another process that has just finished the same stage has removed the folder: nothing is kept then.
    with contextlib.suppress(FileNotFoundError):
        unfinished.write_bytes(content)
        unfinished.replace(parts / _part_name(start, content))


def _part_name(start: int, content: bytes) -> str:
    return f"{start}-{hashlib.sha256(content).hexdigest()[:32]}.npy"


def _is_vectors(settings: EmbedSettings) -> bool:
    return settings.encoder.endswith(".npy")


def _load_pretrained(settings: EmbedSettings) -> Encoder:
    if _is_vectors(settings):
        from topics.embed.precomputed import load_vectors

        return load_vectors(Path(settings.encoder))
    if settings.encoder in _MINILM:
        from topics.embed.minilm import load_minilm

        folder = Path(settings.model_dir) if settings.model_dir else None
        return load_minilm(
            max_tokens=settings.max_tokens,
            windows=settings.windows,
            precision=settings.precision,
            folder=folder,
        )
    from topics.embed.sentence_transformers import load_transformer

    return load_transformer(settings.encoder)
