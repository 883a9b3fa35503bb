"""Texts to vectors: which encoder the settings mean, and its use on a corpus."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from topics.cache.untrusted import file_in, load_array
from topics.config import EmbedSettings
from topics.embed.encoder import Encoder, Fitting, Watch, kind_of, no_bar
from topics.errors import CorpusError, ModelError, RunError
from topics.types import Corpus, Embeddings, Floats, Progress, counted, share_of_many

if TYPE_CHECKING:
    from topics.embed.combined import OwnWords

PART = 4096
"""Papers whose vectors are kept together on disk while a corpus is being encoded."""

ONE_LANGUAGE = 0.9
"""Share of the papers of a known language that makes them papers of one language."""

ALL_WINDOWS_UP_TO, ONE_WINDOW_FROM = 100, 200
"""Papers up to which `embed.windows: auto` is `WINDOWS`, and from which on it is 1. It falls evenly between,
so that a few papers more change no topics."""

WINDOWS = 3
"""Windows of 128 tokens that most abstracts end within."""

MOST_OTHERS = 0.1
"""Largest share of papers in other languages that an encoder of English reads without a note."""


def fit_encoder(
    texts: Sequence[str],
    settings: EmbedSettings,
    *,
    random_state: int,
    watch: Watch = no_bar,
    parts: Path | None = None,
    languages: Sequence[str] = (),
) -> Encoder:
    """The encoder for a corpus: learned from the texts where its kind learns, else loaded. From some number
    of papers on a pretrained one gets what `lsa` learns beside it (`topics.embed.combined`).

    random_state, watch, parts: as in `topics.embed.encoder.Fitting`. languages: of the papers, as in
    `Corpus.languages`.

    Raises ModelError: the model, its package or the file of vectors is missing or not as it should be.
    Raises CorpusError: the texts share no words, so there is nothing to learn from that was asked for.
    """
    from topics.embed.combined import CombinedEncoder

    kind = kind_of(settings)
    if kind.fit and (learned := kind.fit(texts, settings, Fitting(random_state, watch, parts))):
        return learned
    pretrained = load_pretrained(with_windows(settings, len(texts)))
    words = learn_own_words(texts, settings, pretrained.name, random_state=random_state, languages=languages)
    return CombinedEncoder(pretrained, words) if words else pretrained


def with_windows(settings: EmbedSettings, papers: int) -> EmbedSettings:
    """The settings with the number of windows that `auto` means for so many papers."""
    if settings.windows != "auto":
        return settings
    windows = np.interp(papers, (ALL_WINDOWS_UP_TO, ONE_WINDOW_FROM), (WINDOWS, 1))
    return settings.model_copy(update={"windows": round(float(windows), 4)})


def weight_of_own_words(papers: int, settings: EmbedSettings, languages: Sequence[str] = ()) -> float:
    """How much the words of so many papers count beside a pretrained model; 0: they are not learned.

    On `auto` they count beside models alone with which they were measured. Beside a model of many languages
    they would part papers by language, so there nearly all papers must be in one.
    """
    kind = kind_of(settings)
    if not kind.encodes:
        return 0.0
    if settings.own_words != "auto":
        return settings.own_words
    if not kind.english:
        known = Counter(code for code in languages if code)
        if max(known.values(), default=0) < ONE_LANGUAGE * known.total():
            return 0.0
    # Every step of the share gives four decimals; the weight stands in the encoder's name.
    return round(kind.own_words * share_of_many(papers), 4)


def learn_own_words(
    texts: Sequence[str],
    settings: EmbedSettings,
    model: str,
    *,
    random_state: int,
    languages: Sequence[str] = (),
) -> OwnWords | None:
    """What a corpus' own words say beside a model of this name; None where the settings ask for none.

    Raises CorpusError: the texts share no words, and the settings insist on them.
    """
    from topics.embed.combined import OwnWords
    from topics.embed.lsa import fit_lsa

    weight = weight_of_own_words(len(texts), settings, languages)
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
    words = OwnWords(model, lsa, weight)
    return None if chosen and not words.telling(texts) else words


def unread_languages(stated: Sequence[str], texts: Sequence[str], settings: EmbedSettings) -> tuple[str, ...]:
    """A sentence on papers in other languages than English, where the encoder reads English alone and more
    than a tenth of them are.

    stated: their languages' ISO 639-1 codes, "" for unknown. texts: as `embed_papers` takes them.
    """
    from topics.corpus.screen import read_languages

    kind = kind_of(settings)
    spoken = Counter(code for code in read_languages(stated, texts) if code) if kind.english else Counter()
    others = sum(spoken.values())
    if others <= MOST_OTHERS * len(texts):
        return ()
    listed = ", ".join(f"{code} {number:,}" for code, number in spoken.most_common())
    return (
        f"{others:,} of {counted(len(texts), 'paper')} are not in English ({listed}), and "
        f"{kind.name} reads English: set embed.encoder to multilingual (`pip install "
        "'paper-topics[multilingual]'`), or to lsa, which learns from the papers themselves",
    )


def load_encoder(settings: EmbedSettings, folder: Path) -> Encoder | None:
    """The encoder of an earlier run, to encode other texts into the same space.

    folder: where its `save` has written. None for precomputed vectors, which no model stands behind.

    Raises ModelError: the model or its package is missing, or not the one it was.
    """
    kind = kind_of(settings)
    if not kind.encodes:
        return None
    if kind.restore and (learned := kind.restore(folder)):
        return learned
    from topics.embed.combined import CombinedEncoder, load_own_words
    from topics.embed.minilm import saved_windows

    if settings.windows == "auto":
        settings = settings.model_copy(update={"windows": saved_windows(folder)})
    pretrained = kind.reload(settings) if kind.reload else load_pretrained(settings)
    words = load_own_words(folder)
    return CombinedEncoder(pretrained, words) if words else pretrained


def embed_papers(
    corpus: Corpus, encoder: Encoder, progress: Progress | None = None, parts: Path | None = None
) -> Embeddings:
    """One vector per paper, from its title and abstract.

    parts: a folder where every few thousand finished vectors are kept; a later call with the same corpus,
    encoder and folder takes them from there instead of encoding again.

    Raises ModelError: precomputed vectors are not one per paper.
    """
    from topics.embed.precomputed import Vectors

    if isinstance(encoder, Vectors):
        vectors = encoder.select(corpus.account.column("kept").to_pylist())
    else:
        vectors = encode_in_parts(corpus.texts, encoder, progress, parts)
    return Embeddings(vectors, encoder.name, text_keys(corpus.texts))


def text_keys(texts: Sequence[str]) -> npt.NDArray[np.uint64]:
    """(len(texts),) the first eight bytes of each text's SHA-256."""
    digests = (hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:8] for text in texts)
    return np.frombuffer(b"".join(digests), ">u8").astype(np.uint64)


def encode_in_parts(
    texts: Sequence[str], encoder: Encoder, progress: Progress | None, parts: Path | None
) -> Floats:
    """(len(texts), d) vectors; with `parts`, as `embed_papers` keeps them."""
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


def load_pretrained(settings: EmbedSettings) -> Encoder:
    """The model that `embed.encoder` names. Raises ModelError: it is not here, or learns from papers only."""
    load = kind_of(settings).load
    if load is None:
        raise ModelError(
            f"embed.encoder {settings.encoder} learns from papers and can be used on a corpus only."
        )
    return load(settings)
