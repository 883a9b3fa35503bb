"""Latent semantic analysis (Deerwester et al., 1990): TF-IDF and a truncated SVD, learned from the corpus.

Needs no weights and some thousand papers take seconds. Words that authors share stand for meaning here, so
topics come out coarser than with a pretrained model; `benchmarks/history/embedding.md` has the
measurements behind every choice below.
"""

from __future__ import annotations

import functools
import hashlib
import json
import math
import re
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np

from topics.cache.parallel import PART, in_order, parts_of
from topics.cache.untrusted import load_array, read_json
from topics.corpus.segment import JOINERS, is_japanese, marks, segment
from topics.embed.encoder import EncoderKind
from topics.errors import CorpusError, ModelError, RunError
from topics.types import Floats, Integers, Longs, Progress, Rows
from topics.types.arrays import unit_rows

_WORD = re.compile(rf"[^\W\d_][\w{marks()}{JOINERS}-]*[\w{marks()}]")
_ASCII_WORD = re.compile(r"[a-z][\w-]*\w")
"""`_WORD` in ASCII text in lower case, in half of the time."""

_SHORTEST_TEXT = 40
"""Characters from which on a text tells by itself whether its Han characters are Japanese."""

_FEWEST_DIMENSIONS = 5
_IDF_POWER = 1.5
"""Above 1, words of a few papers weigh more; without a term for smoothing, words of all papers weigh nothing,
which makes a list of stop words needless."""

FIT_ON = 50_000
"""Most papers that terms and components are learned from; a larger corpus is represented by this many."""

_PAPERS_PER_TERM = 10_000
"""A term has to occur in one paper of this many, and in two if there are enough papers to ask for that."""

_COMPARED = 512
"""Texts that are compared with all others at a time: bounds the memory."""

_NAME = "TF-IDF and SVD"
_TERMS, _PROJECTION = "terms.json", "projection.npy"


@dataclass(frozen=True)
class Lsa:
    """A learned encoder. Make one with `fit_lsa` or `load_lsa`.

    terms: (v,) the words it knows. projection: (v, d) float32, the idf of each term times its loadings on
    the components. A text's vector depends on that text alone, to the last bit.
    """

    terms: tuple[str, ...] = field(repr=False)
    projection: Floats = field(repr=False)

    @property
    def name(self) -> str:
        return f"{_NAME}, {len(self.terms)} terms, {self.projection.shape[1]} dimensions"

    @property
    def columns(self) -> dict[str, int]:
        """The row of `projection` of each term."""
        return {term: column for column, term in enumerate(self.terms)}

    @cached_property
    def japanese(self) -> bool:
        """Whether it learned from Japanese texts, and so reads phrases of Han characters alone as such."""
        return is_japanese("".join(self.terms))

    @property
    def width(self) -> int:
        """d, the length of its vectors."""
        return int(self.projection.shape[1])

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> Floats:
        """(len(texts), d) float32 rows of length 1, or zero where a text has none of the terms."""
        vectors, start = np.empty((len(texts), self.projection.shape[1]), np.float32), 0
        for counts in _counts_of_parts(texts, self.columns, japanese=self.japanese):
            part = slice(start, start := start + counts.shape[0])
            vectors[part] = unit_rows(damped(counts) @ self.projection)
            if progress:
                progress(counts.shape[0])
        return vectors

    def save(self, folder: Path) -> None:
        (folder / _TERMS).write_text(json.dumps(self.terms, ensure_ascii=False), encoding="utf-8")
        np.save(folder / _PROJECTION, self.projection)


def fit_lsa(
    texts: Sequence[str], *, dimensions: int = 200, random_state: int = 42, as_features: bool = False
) -> Lsa:
    """Learn terms and components from texts, in whatever order they come.

    dimensions: greatest length of the vectors. They get as many as the square root of the number of texts:
        what the weaker components of a small corpus hold is chance.
    as_features: get all dimensions whatever the number of texts, for a model that weighs them itself.

    Raises CorpusError: no word distinguishes one text from another.
    """
    from sklearn.decomposition import TruncatedSVD
    from threadpoolctl import threadpool_limits

    # The order of the rows moves the components' last digits, so it is the same for every random_state.
    sample = sampled_texts(texts, FIT_ON, random_state if len(texts) > FIT_ON else 0)
    min_df = max(2 if len(sample) >= 10 else 1, len(sample) // _PAPERS_PER_TERM)
    terms, counts = _learnt_counts(sample, min_df)
    if not terms:
        raise _uniform(texts)
    idf = np.log(len(sample) / np.bincount(counts.indices, minlength=counts.shape[1])) ** _IDF_POWER
    weighted = unit_sparse(scaled(damped(counts), idf.astype(np.float32)))
    if weighted.shape[1] < 2 or weighted.count_nonzero() == 0:
        raise _uniform(texts)
    # One thread: a sum split among cores comes out differently with their number.
    with threadpool_limits(1):
        useful = dimensions if as_features else most_dimensions(len(sample), dimensions)
        wanted = min(useful, *weighted.shape)
        # Exact, so that nothing hangs on a random start; the randomized one is so only at full rank.
        exact = "arpack" if wanted < min(weighted.shape) else "randomized"
        svd = TruncatedSVD(wanted, algorithm=exact, random_state=0).fit(weighted.astype(np.float64))
    spanned = svd.singular_values_ > 1e-5 * svd.singular_values_[0]
    projection = idf[:, np.newaxis] * svd.components_[spanned].T
    return Lsa(terms, np.ascontiguousarray(projection, np.float32))


def most_dimensions(texts: int, dimensions: int) -> int:
    """How long the vectors learned from so many texts are at most. dimensions: see `fit_lsa`."""
    return min(dimensions, max(_FEWEST_DIMENSIONS, round(math.sqrt(min(texts, FIT_ON)))))


def distances_by_words(texts: Sequence[str], k: int) -> Floats:
    """(n, k) cosine distances of every text to the k nearest others, ascending, by TF-IDF of all words.

    texts: (n,) in an order that does not depend on the file, k < n.

    The components of `fit_lsa` hold what many papers share: a paper whose words are found nowhere else lies
    in them among the others, by the few words left. Here what it has alone counts as well.
    """
    _, counts = _learnt_counts(texts, 1)
    if not counts.shape[1]:
        return np.ones((len(texts), k), np.float32)
    idf = np.log(len(texts) / np.bincount(counts.indices, minlength=counts.shape[1]))
    weights = unit_sparse(scaled(damped(counts), idf.astype(np.float32)))
    found = np.empty((len(texts), k), np.float32)
    for start in range(0, len(texts), _COMPARED):
        cosine = (weights[start : start + _COMPARED] @ weights.T).toarray()
        every = np.arange(len(cosine))
        cosine[every, start + every] = -1
        nearest = np.sort(np.partition(cosine, -k, axis=1)[:, -k:], axis=1)
        found[start : start + _COMPARED] = 1 - nearest[:, ::-1]
    return np.clip(found, 0, None)


def is_lsa(name: str) -> bool:
    """Whether an encoder of this name is `lsa` alone."""
    return name.startswith(_NAME)


def load_lsa(folder: Path) -> Lsa:
    """Read what `Lsa.save` has written.

    Raises ModelError: it is not there, or is damaged.
    """
    try:
        terms, projection = read_json(folder, _TERMS), load_array(folder, _PROJECTION)
        if projection.ndim != 2 or not all(isinstance(term, str) for term in terms):
            raise ModelError(f"{folder} holds no terms, or no vector for each; repeat the run.")
    except (RunError, TypeError):
        raise ModelError(f"{folder} does not hold a readable lsa encoder; repeat the run.") from None
    if len(terms) != len(projection):
        raise ModelError(f"{folder} holds {len(terms)} terms but {len(projection)} rows; repeat the run.")
    return Lsa(tuple(terms), projection)


@functools.lru_cache(maxsize=4096)
def words(text: str, japanese: bool = False) -> tuple[str, ...]:
    """What is counted of a text; japanese: how to read a phrase of Han characters alone.

    A corpus is learned from, looked up and encoded; then labels are judged by its words.
    """
    return tuple(map(_fold, _written(text, japanese)))


def _written(text: str, japanese: bool = False) -> list[str]:
    divided = segment(text, japanese=True if japanese and len(text) < _SHORTEST_TEXT else None)
    lowered = divided.lower()
    return (_ASCII_WORD if lowered.isascii() else _WORD).findall(lowered)


def as_written(terms: Sequence[str], texts: Sequence[str]) -> list[str]:
    """Terms as the texts mostly write them: "therapie" stands for "therapies"."""
    times: Counter[str] = Counter()
    for text in texts:
        times.update(_written(text))
    # Where both are as common, the singular, which is the term itself.
    return [
        max((term, f"{term}s"), key=lambda form: times[form] if _fold(form) == term else -1) for term in terms
    ]


@functools.lru_cache(maxsize=1 << 18)
def _fold(word: str) -> str:
    """Singular and plural together, by the ending alone."""
    plural = len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is"))
    return word[:-1] if plural else word


def count_words(texts: Sequence[str], columns: Mapping[str, int], first: int | None = None) -> Any:
    """(n, v) CSR float32, how often each of n texts, at least one, has each known word, all others left out.

    columns: of the v known words. first: count in so many words of each text, by default in all.
    """
    import scipy.sparse as sp

    return sp.vstack(list(_counts_of_parts(texts, columns, first)), format="csr")


def _counts_of_parts(
    texts: Sequence[str], columns: Mapping[str, int], first: int | None = None, *, japanese: bool = False
) -> Iterator[Any]:
    """The counts of `count_words`, for some texts at a time. japanese: see `words`."""
    for part in in_order(partial(_read, first, japanese), parts_of(texts, PART)):
        known = np.array([columns.get(word, -1) for word in part.words], np.int32)
        yield _counted(known[part.stream], part.lengths, len(columns))


def _learnt_counts(texts: Sequence[str], min_df: int) -> tuple[tuple[str, ...], Any]:
    """The words in at least `min_df` texts, sorted, and (n, v) CSR float32, how often each text has them."""
    numbers: dict[str, int] = defaultdict(count().__next__)
    streams, lengths = [], []
    for part in in_order(partial(_read, None, False), parts_of(texts, PART)):
        streams.append(np.array([numbers[word] for word in part.words], np.int32)[part.stream])
        lengths.append(part.lengths)
    every = _counted(np.concatenate(streams), np.concatenate(lengths), len(numbers))
    frequent = np.bincount(every.indices, minlength=len(numbers)) >= min_df
    terms = tuple(sorted(word for word, kept in zip(numbers, frequent, strict=True) if kept))
    place = {term: column for column, term in enumerate(terms)}
    # A row's entries stay in the order of the words' first places, in which their squares are added up.
    column = np.array([place.get(word, -1) for word in numbers], np.int32)
    return terms, _of_known(every.data, column[every.indices], every.indptr, len(terms))


@dataclass(frozen=True)
class _NumberedWords:
    """Some texts' words, numbered by themselves.

    words: in the order of their first places. stream: (t,) int32, the numbers of all texts' words; lengths:
    (n,) how many each text has.
    """

    words: tuple[str, ...]
    stream: Integers
    lengths: Longs


def _read(first: int | None, japanese: bool, texts: Sequence[str]) -> _NumberedWords:
    numbers: dict[str, int] = defaultdict(count().__next__)
    stream, lengths = array("i"), []
    for text in texts:
        found = words(text, japanese)[:first]
        stream.extend(map(numbers.__getitem__, found))
        lengths.append(len(found))
    return _NumberedWords(tuple(numbers), np.frombuffer(stream, np.int32), np.array(lengths, np.int64))


def _counted(columns: Integers, lengths: Longs, n_columns: int) -> Any:
    """(n, many) CSR float32 with sorted indices. columns: of the words of n texts one by one, -1 for none."""
    ends = np.concatenate([[0], np.cumsum(lengths)])
    counts = _of_known(np.ones(len(columns), np.float32), columns, ends, n_columns)
    counts.sum_duplicates()
    return counts


def _of_known(values: Floats, columns: Integers, ends: Rows, n_columns: int) -> Any:
    """A CSR matrix of `n_columns` columns from the entries whose column is not -1, in their order."""
    import scipy.sparse as sp

    known = columns >= 0
    starts = np.concatenate([[0], np.cumsum(known)])[ends]
    return sp.csr_matrix((values[known], columns[known], starts), shape=(len(ends) - 1, n_columns))


def sampled_texts(texts: Sequence[str], most: int, random_state: int) -> list[str]:
    """At most so many texts, in an order that depends on the texts and not on their places."""

    def digest(text: str) -> bytes:
        key = random_state.to_bytes(8, "little")
        return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16, key=key).digest()

    digests = [digest(text) for text in texts]
    return [texts[row] for row in sorted(range(len(digests)), key=digests.__getitem__)[:most]]


def damped(counts: Any) -> Any:
    """Sublinear term frequency: 1 + log(count)."""
    counts.data = 1 + np.log(counts.data)
    return counts


def scaled(matrix: Any, columns: Floats) -> Any:
    """(n, v) with every column multiplied by its number in `columns`, (v,); in place."""
    matrix.data *= columns[matrix.indices]
    return matrix


def unit_sparse(matrix: Any) -> Any:
    """(n, v) with rows of length 1, those of zeros as they are; in place."""
    from sklearn.preprocessing import normalize

    return normalize(matrix, copy=False)


def _uniform(texts: Sequence[str]) -> CorpusError:
    return CorpusError(
        f"No word tells the {len(texts)} papers apart, so lsa has nothing to learn from; "
        "set embed.encoder to minilm."
    )


ENCODER = EncoderKind(
    "lsa",
    fit=lambda texts, settings, fitting: fit_lsa(
        texts, dimensions=settings.dimensions, random_state=fitting.random_state
    ),
    restore=load_lsa,
    mark="tf-idf",
    references=(
        (
            "Deerwester, S., Dumais, S. T., Furnas, G. W., Landauer, T. K. and Harshman, R. (1990). Indexing "
            "by latent semantic analysis. Journal of the American Society for Information Science 41(6), "
            "391-407.",
            "",
        ),
    ),
)
