"""A student of MiniLM: the teacher reads a sample of the corpus and its words, the student all of it.

The student sees a paper three times: as TF-IDF of the words that the teacher would get to read, as a weighted
sum of what the teacher says of each of these words alone, and as the `lsa` vector of the whole text, learned
from the teacher's sample and other papers alike. A ridge regression (Hoerl and Kennard 1970) from these to
the teacher's vectors is the student; it reads thousands of papers per second. Of words that the sample has
seldom or never, the second view knows what they mean (static vectors of a model's words: Bommasani, Davis
and Cardie 2020). The regression blurs what near papers have in common, so its vector of a paper is drawn
towards what the teacher said of the nearest papers of its sample. Learning to say what a larger model says
is distillation (Hinton, Vinyals and Dean 2015). `benchmarks/distilled.py` compares it with lsa and with its
teacher on papers that the teacher never saw.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from topics.cache.untrusted import load_array, read_json
from topics.embed.embed import encode_in_parts
from topics.embed.encoder import EncoderKind, Fitting
from topics.embed.lsa import (
    FIT_ON,
    Lsa,
    as_written,
    count_words,
    damped,
    fit_lsa,
    load_lsa,
    sampled_texts,
    scaled,
    unit_sparse,
)
from topics.embed.minilm import OWN_WORDS, check_weights, load_as_set
from topics.errors import ModelError, RunError
from topics.types import Floats, Progress
from topics.types.arrays import unit_rows

if TYPE_CHECKING:
    from topics.config import EmbedSettings

FIRST_WORDS = 110
"""Words that the 128 tokens of the teacher reach to, on average."""

PENALTY, LSA_WEIGHT, MEANING_WEIGHT = 6.0, 8.0, 0.7
"""Chosen on ohsumed, arxiv-2k and 32 other categories of arXiv, among a dozen that differ by little."""

ANCHORS, NEAREST, PULL = 20_000, 5, 0.4
"""How many papers of the sample are kept, to how many of the nearest a paper is drawn, and how far, its own
vector being 1 long."""

WINDOW = 4096
"""Texts that are read at a time: bounds the memory."""

_ROUNDS = 60
_COMPARED = 256
_STEP = np.float32(2.0**-11)
_FILES = ("idf.npy", "from_words.npy", "from_lsa.npy", "mean.npy", "anchors.npy", "said.npy")
_ABOUT = "student.json"


@dataclass(frozen=True)
class Distilled:
    """A learned student. Make one with `fit_distilled` or `load_distilled`.

    lsa: v terms to e dimensions. idf: (v,) of the terms among the first words. from_words: (v, d), from_lsa:
    (e, d) and mean: (d,) float32, the regression. anchors: (m, d), what the regression says of papers that
    the teacher read, in multiples of `_STEP`, and said: (m, d), what that said of them. A text's vector
    depends on that text alone, to the last bit.
    """

    name: str
    lsa: Lsa = field(repr=False)
    idf: Floats = field(repr=False)
    from_words: Floats = field(repr=False)
    from_lsa: Floats = field(repr=False)
    mean: Floats = field(repr=False)
    anchors: Floats = field(repr=False)
    said: Floats = field(repr=False)

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> Floats:
        """(len(texts), d) float32 rows of length 1, or zero where a text has none of the terms."""
        import scipy.sparse as sp

        vectors = np.zeros((len(texts), len(self.mean)), np.float32)
        columns = self.lsa.columns
        for start in range(0, len(texts), WINDOW):
            window = texts[start : start + WINDOW]
            spanned = self.lsa.encode(window)
            words = _weighted(count_words(window, columns, FIRST_WORDS), self.idf)
            # A sparse product goes row by row; a dense one may round a row by the rows beside it.
            found = words @ self.from_words + sp.csr_matrix(spanned) @ self.from_lsa
            found[spanned.any(axis=1)] += self.mean
            vectors[start : start + WINDOW] = self._drawn(unit_rows(found))
            if progress:
                progress(len(window))
        return unit_rows(vectors)

    def _drawn(self, vectors: Floats) -> Floats:
        """(n, d), not of length 1: unit rows drawn towards the nearest anchors; zero rows stay."""
        if not len(self.anchors):
            return vectors
        result, n_neighbors = vectors.copy(), min(NEAREST, len(self.anchors))
        for start in range(0, len(vectors), _COMPARED):
            block = slice(start, start + _COMPARED)
            cosine = _stepped(vectors[block]) @ self.anchors.T
            nearest = np.sort(np.argpartition(-cosine, n_neighbors - 1, axis=1)[:, :n_neighbors], axis=1)
            result[block] += np.float32(PULL) * self.said[nearest].mean(axis=1)
        result[~vectors.any(axis=1)] = 0
        return result

    def save(self, folder: Path) -> None:
        self.lsa.save(folder)
        regression = (self.idf, self.from_words, self.from_lsa, self.mean)
        # Half precision holds both as they are.
        kept = [self.anchors.astype(np.float16), self.said.astype(np.float16)]
        for name, array in zip(_FILES, [*regression, *kept], strict=True):
            np.save(folder / name, np.asarray(array))
        (folder / _ABOUT).write_text(json.dumps({"name": self.name}) + "\n", encoding="utf-8")


def fit_distilled(
    texts: Sequence[str],
    sample: Sequence[str],
    taught: Floats,
    *,
    read: Callable[[Sequence[str]], Floats],
    name: str,
    dimensions: int = 200,
    random_state: int = 42,
) -> Distilled:
    """Learn words from texts, in whatever order they come, and from a sample what the teacher says.

    taught: (len(sample), d) unit rows, the teacher's vectors. read: gives the teacher's vectors of single
    words. name: the teacher. dimensions: of the student's lsa features. The sample's order matters, since
    its first papers are the anchors: that of `topics.embed.lsa.sampled_texts` goes by the texts.

    Raises CorpusError: no word distinguishes one text from another.
    """
    from threadpoolctl import threadpool_limits

    lsa = fit_lsa(texts, dimensions=dimensions, random_state=random_state, as_features=True)
    counts = count_words(sample, lsa.columns, FIRST_WORDS)
    idf = np.log((1 + len(sample)) / (1 + np.bincount(counts.indices, minlength=len(lsa.terms))))
    idf = idf.astype(np.float32)
    words = _weighted(counts, idf)
    read_alone = read(as_written(lsa.terms, sampled_texts(texts, FIT_ON, random_state)))
    mean = taught.mean(axis=0, dtype=np.float64).astype(np.float32)
    # One thread: a sum split among cores comes out differently with their number.
    with threadpool_limits(1):
        meaning = _meaning(words, idf, read_alone)
        spanned = np.hstack([LSA_WEIGHT * lsa.encode(sample), words @ meaning])
        from_words, from_others = _ridge(words, spanned, taught - mean)
        from_lsa, from_meaning = np.split(from_others, [lsa.width])
        # What the words say by their meaning is linear in them, too, so the student keeps the sum of both.
        from_words += meaning @ from_meaning
    none = np.zeros((0, len(mean)), np.float32)
    student = Distilled(
        f"distilled from {name} on {len(sample)} papers, {len(lsa.terms)} terms",
        lsa,
        idf,
        from_words,
        LSA_WEIGHT * from_lsa,
        mean,
        none,
        none,
    )
    anchors = _stepped(student.encode(sample[:ANCHORS]))
    said = taught[:ANCHORS].astype(np.float16).astype(np.float32)
    known = anchors.any(axis=1)
    return replace(student, anchors=anchors[known], said=said[known])


def load_distilled(folder: Path) -> Distilled:
    """Read what `Distilled.save` has written.

    Raises ModelError: it is not there, or is damaged.
    """
    lsa = load_lsa(folder)
    try:
        name = str(read_json(folder, _ABOUT)["name"])
        idf, from_words, from_lsa, mean, anchors, said = (
            load_array(folder, file).astype(np.float32) for file in _FILES
        )
    except (RunError, KeyError, TypeError):
        raise ModelError(f"{folder} does not hold a readable distilled encoder; repeat the run.") from None
    d = mean.size
    shapes = [array.shape for array in (idf, from_words, from_lsa, mean, anchors, said)]
    terms, papers = len(lsa.terms), said.size // max(d, 1)
    if shapes != [(terms,), (terms, d), (lsa.width, d), (d,), (papers, d), (papers, d)]:
        raise ModelError(f"{folder} holds parts of different encoders; repeat the run.")
    return Distilled(name, lsa, idf, from_words, from_lsa, mean, anchors, said)


def _stepped(vectors: Floats) -> Floats:
    """Rounded to multiples of `_STEP`, so that the cosine of two is exact, whatever else a product holds."""
    return np.round(vectors / _STEP) * _STEP


def _weighted(counts: Any, idf: Floats) -> Any:
    return unit_sparse(scaled(damped(counts), idf))


def _meaning(words: Any, idf: Floats, vectors: Floats) -> Floats:
    """(v, d) the words' vectors, less what all have in common, as they enter a paper's: rarer ones with more
    weight, and so that a paper's is `MEANING_WEIGHT` long on average.

    words: (n, v) weighted words of the sample. vectors: (v, d) the teacher's.
    """
    use = np.asarray(words.sum(axis=0, dtype=np.float64)).ravel()
    common = (use @ vectors) / max(use.sum(), 1e-12)
    meaning = ((vectors - common) * np.sqrt(idf)[:, np.newaxis]).astype(np.float32)
    length = np.sqrt(np.square(words @ meaning, dtype=np.float64).sum(axis=1).mean())
    scaled_to: Floats = meaning * np.float32(MEANING_WEIGHT / max(length, 1e-12))
    return scaled_to


def _ridge(words: Any, spanned: Floats, targets: Floats) -> tuple[Floats, Floats]:
    """Weights (v, d) and (e, d) that minimise the squared error plus `PENALTY` times the squared weights.

    Conjugate gradients on the normal equations (Hestenes and Stiefel 1952), all targets side by side:
    memory is a few times that of the weights, however many papers there are.
    """
    terms = words.shape[1]
    back = words.T.tocsr()

    def normal(weights: Floats) -> Floats:
        seen = words @ weights[:terms] + spanned @ weights[terms:]
        result: Floats = np.concatenate([back @ seen, spanned.T @ seen]) + np.float32(PENALTY) * weights
        return result

    residual = np.concatenate([back @ targets, spanned.T @ targets])
    weights, direction = np.zeros_like(residual), residual.copy()
    size = np.einsum("ij,ij->j", residual, residual)
    for _ in range(_ROUNDS):
        onward = normal(direction)
        step = size / np.maximum(np.einsum("ij,ij->j", direction, onward), np.float32(1e-20))
        weights += step * direction
        residual -= step * onward
        before, size = size, np.einsum("ij,ij->j", residual, residual)
        direction = residual + size / np.maximum(before, np.float32(1e-20)) * direction
    return weights[:terms], weights[terms:]


def _fit(texts: Sequence[str], settings: EmbedSettings, fitting: Fitting) -> Distilled | None:
    """None: the teacher can read so many papers itself."""
    if len(texts) <= settings.teacher_papers:
        return None
    teacher, parts = load_as_set(settings), fitting.parts
    sample = sampled_texts(texts, settings.teacher_papers, fitting.random_state)
    with fitting.watch(len(sample), "papers read by the teacher") as progress:
        taught = encode_in_parts(sample, teacher, progress, parts / "teacher" if parts else None)
    return fit_distilled(
        texts,
        sample,
        taught,
        read=lambda words: encode_in_parts(words, teacher, None, parts / "words" if parts else None),
        name=teacher.name,
        dimensions=settings.dimensions,
        random_state=fitting.random_state,
    )


ENCODER = EncoderKind(
    "distilled",
    load=load_as_set,
    check=check_weights,
    fit=_fit,
    restore=lambda folder: load_distilled(folder) if (folder / _ABOUT).exists() else None,
    english=True,
    own_words=OWN_WORDS,
)
