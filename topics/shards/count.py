"""A shard of assignments to whole numbers: papers and terms of each topic in each period.

The terms are those of a finished run, counted in other papers by the rules that `topics.terms.matrix` went
by. Which forms are one word depends on the words that occur ("models" is a "model" where there is one), so
the forms of the run are kept with its terms. No order of adding up whole numbers makes a difference.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Protocol, TypeVar

import numpy as np

from topics.cache import store
from topics.corpus.screen import main_language, read_languages
from topics.corpus.segment import divisions, is_unspaced, split_terms
from topics.pipeline import SEGMENTATION_LIBRARIES
from topics.runs.run import open_run
from topics.shards.task import ASSIGNED, PAPERS, Recipe, Task, fingerprints_of, kept
from topics.terms.lexicon import Forms
from topics.terms.spelling import occurrences
from topics.terms.tokens import tokenise
from topics.types import OUTLIER, Corpus, Integers, Longs
from topics.types.arrays import presence, sum_rows
from topics.types.papers import join_text

if TYPE_CHECKING:
    import scipy.sparse as sp

MODULES = (*("shards/count", "shards/task", "terms", "corpus/segment", "corpus/screen"),)
TERMS, DATES = "terms.json", "dates.json"


@dataclass(frozen=True)
class CountShard(Task):
    """The papers of one shard. Makes a `Tally`.

    labelled: the entry with their assignments. words: that of `ShardWords`. topics: k. periods: t.
    """

    recipe = Recipe(
        "count",
        MODULES,
        ("numpy", "pyarrow", "scipy", *SEGMENTATION_LIBRARIES.split()),
    )

    papers: Path
    labelled: Path
    dropped: tuple[int, ...]
    words: Path
    topics: int
    periods: int

    def make(self, folder: Path) -> None:
        import pyarrow.parquet as pq

        papers = pq.ParquetFile(self.papers / PAPERS).read(["title", "abstract", "language"])
        papers = papers.filter(kept(fingerprints_of(self.papers), self.dropped))
        assigned = pq.ParquetFile(self.labelled / ASSIGNED).read(["topic", "nearest_topic", "date"])
        of_date = _calendar(self.words / DATES)
        period = [of_date.get(date, self.periods) for date in assigned.column("date").to_pylist()]
        cells = cells_of(
            assigned.column("topic").to_numpy(),
            assigned.column("nearest_topic").to_numpy(),
            np.array(period, np.int32),
            self.topics,
            self.periods,
        )
        counted = _vocabulary(self.words / TERMS).count(
            *(papers.column(name).to_pylist() for name in ("title", "abstract", "language"))
        )
        store.pack(Tally.of(cells, counted, cells=2 * self.topics * (self.periods + 1)), folder)


def cells_of(topic: Integers, nearest: Integers, period: Integers, topics: int, periods: int) -> Integers:
    """(n,) the row of a `Tally` that each paper is counted in; period: `periods` for papers without one.

    Rows go by whether the paper is an outlier, by its nearest topic, by period.
    """
    side = (topic == OUTLIER).astype(np.int32)
    cells: Integers = ((side * topics + nearest) * (periods + 1) + period).astype(np.int32)
    return cells


def sides_of(topics: int, periods: int) -> tuple[Integers, Integers, Integers]:
    """(r,) topic, nearest topic and period (-1 for none) of each row of a `Tally`."""
    side, nearest, period = np.indices((2, topics, periods + 1), dtype=np.int32).reshape(3, -1)
    return (
        np.where(side == 1, np.int32(OUTLIER), nearest),
        nearest,
        np.where(period == periods, np.int32(-1), period),
    )


@dataclass(frozen=True)
class ShardWords(Task):
    """What the shards count by. Makes TERMS, the terms of the sample's run, and DATES, of each date the
    number of its period.
    """

    recipe = Recipe(
        "words",
        MODULES,
        ("numpy", *SEGMENTATION_LIBRARIES.split()),
    )

    reads: ClassVar[tuple[str, ...]] = ("read", "count")
    """Stages of the run on the sample whose values it takes."""

    fit: Path
    of_date: Mapping[str, int]

    def make(self, folder: Path) -> None:
        run = open_run(self.fit)
        Vocabulary.of(run.corpus, run.counts.terms, run.config.label.stop_words).save(folder / TERMS)
        store.write_json(folder / DATES, dict(self.of_date))


@functools.lru_cache(maxsize=1)
def _vocabulary(path: Path) -> Vocabulary:
    return Vocabulary.load(path)


@functools.lru_cache(maxsize=1)
def _calendar(path: Path) -> Mapping[str, int]:
    found: dict[str, int] = json.loads(path.read_text(encoding="utf-8"))
    return found


@dataclass(frozen=True)
class Vocabulary:
    """terms: (v,) as `Counts.terms`. forms: the word forms of the run, by language. main: the language of
    most of its papers.
    """

    terms: tuple[str, ...]
    forms: Mapping[str, Forms]
    main: str = "en"

    @classmethod
    def of(cls, corpus: Corpus, terms: tuple[str, ...], stop_words: tuple[str, ...]) -> Vocabulary:
        """The terms that were counted in a corpus."""
        spoken = read_languages(corpus.languages, corpus.texts)
        tokens = tokenise(corpus.titles, corpus.abstracts, languages=spoken)
        frequency = occurrences(tokens.surfaces, len(tokens.words))
        forms = Forms.of(tokens.words, frequency, stop_words, tokens.languages)
        return cls(terms, forms, main_language(corpus.languages))

    def save(self, path: Path) -> None:
        forms = {
            language: [sorted(own.known), sorted(own.shouted), list(own.stop_words)]
            for language, own in self.forms.items()
        }
        parts = {"terms": self.terms, "forms": forms, "main": self.main}
        path.write_text(json.dumps(parts, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> Vocabulary:
        parts = json.loads(path.read_text(encoding="utf-8"))
        forms = {
            language: Forms(frozenset(known), frozenset(shouted), tuple(stop_words), language)
            for language, (known, shouted, stop_words) in parts["forms"].items()
        }
        return cls(tuple(parts["terms"]), forms, parts["main"])

    def count(
        self, titles: Sequence[str], abstracts: Sequence[str], stated: Sequence[str] = ()
    ) -> sp.csr_matrix:
        """(n, v) int64 CSR, how often each of n papers uses each term.

        stated: (n,) the papers' languages as in `Corpus.papers`; unknown by default.
        """
        import scipy.sparse as sp

        texts = [join_text(title, abstract) for title, abstract in zip(titles, abstracts, strict=True)]
        spoken = read_languages(stated or [""] * len(texts), texts, self.main)
        tokens = tokenise(titles, abstracts, languages=spoken)
        word = self._numbers(tokens.words, tokens.languages)[tokens.surfaces]
        paper = np.repeat(np.arange(len(titles)), np.diff(tokens.starts))
        rows, columns = [], []
        at = np.zeros(len(word), np.int64)
        for length, level in enumerate(self._levels):
            following = np.full(len(word), -1, np.int64)
            following[: max(len(word) - length, 0)] = word[length:]
            at = level.place(at, following)
            found = np.flatnonzero(at >= 0)
            found = found[level.term[at[found]] >= 0]
            rows.append(paper[found])
            columns.append(level.term[at[found]])
        row, column = (np.concatenate(parts) for parts in (rows, columns))
        shape = len(titles), len(self.terms)
        counted = sp.csr_matrix((np.ones(len(row), np.int64), (row, column)), shape=shape)
        counted.sort_indices()
        return counted

    def _numbers(self, forms: Sequence[str], languages: Sequence[str]) -> Integers:
        """(s,) the word number of each form, -1 for what no term holds; the first two are gaps."""
        found = [
            self._words.get(self.forms[language].root(form.casefold()), -1)
            if language in self.forms and any(map(str.isalpha, form))
            else -1
            for form, language in zip(forms, languages, strict=True)
        ]
        return np.array([-1, -1, *found[2:]], np.int32)

    @cached_property
    def _phrases(self) -> list[tuple[int, tuple[str, ...]]]:
        """The number of each term, and its words as they are counted: in every language, and divided in every
        way that the run has words for.
        """
        known = {form for own in self.forms.values() for form in own.known if is_unspaced(form)}
        found = [
            (number, tuple(own.root(word.casefold()) for word in words))
            for number, split in enumerate(split_terms(self.terms))
            for words in divisions(split, known)
            for own in self.forms.values()
        ]
        return list(dict.fromkeys(found))

    @cached_property
    def _words(self) -> dict[str, int]:
        return {
            word: number
            for number, word in enumerate(sorted({word for _, phrase in self._phrases for word in phrase}))
        }

    @cached_property
    def _levels(self) -> list[_Level]:
        """The beginnings of all phrases, word by word."""
        phrases = [(number, tuple(self._words[word] for word in phrase)) for number, phrase in self._phrases]
        levels: list[_Level] = []
        before: dict[tuple[int, ...], int] = {(): 0}
        for length in range(1, max(len(phrase) for _, phrase in phrases) + 1):
            starts = sorted({phrase[:length] for _, phrase in phrases if len(phrase) >= length})
            keys = np.array([before[start[:-1]] * len(self._words) + start[-1] for start in starts], np.int64)
            order = np.argsort(keys)
            before = {starts[old]: new for new, old in enumerate(order.tolist())}
            term = np.full(len(starts), -1, np.int64)
            for column, phrase in reversed(phrases):
                if len(phrase) == length:
                    term[before[phrase]] = column
            levels.append(_Level(keys[order], term, len(self._words)))
        return levels


@dataclass(frozen=True)
class _Level:
    """The beginnings of one length: sorted keys, each the number of the one that is a word shorter, times
    the number of words, plus the last word; and the term that each is, -1 for none.
    """

    keys: Longs
    term: Longs
    words: int

    def place(self, before: Longs, word: Longs) -> Longs:
        """(t,) the beginning at each token, given the one that is a word shorter and the next word; or -1."""
        keys = np.where((before >= 0) & (word >= 0), before * self.words + word, -1)
        place = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return np.where((keys >= 0) & (self.keys[place] == keys), place, -1)


@dataclass(frozen=True)
class Tally:
    """Papers and their words in r rows, one for each topic, side and period (`topics.shards.count`).

    papers: (r,) int64. uses: (r, v) int64 CSR, how often their papers use each term. users: the same, how
    many papers do.
    """

    papers: Longs
    uses: sp.csr_matrix
    users: sp.csr_matrix

    def __post_init__(self) -> None:
        if (
            not len(self.papers) == self.uses.shape[0] == self.users.shape[0]
            or self.uses.shape != self.users.shape
        ):
            raise ValueError("Tally needs as many rows of papers, uses and users")

    @classmethod
    def of(cls, row: Integers, counted: sp.csr_matrix, cells: int) -> Tally:
        """row: (n,) the row that each paper is counted in; counted: (n, v), how often it uses each term."""
        papers = np.bincount(row, minlength=cells).astype(np.int64)
        return cls(papers, sum_rows(counted, row, cells), sum_rows(presence(counted), row, cells))

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.papers + other.papers, _tidy(self.uses + other.uses), _tidy(self.users + other.users)
        )


def _tidy(matrix: sp.csr_matrix) -> sp.csr_matrix:
    tidy: sp.csr_matrix = matrix.tocsr()
    tidy.sort_indices()
    return tidy


class Addable(Protocol):
    def __add__(self: A, other: A) -> A: ...


A = TypeVar("A", bound=Addable)


def total(parts: Iterable[A]) -> A:
    """The sum of one part or more.

    Neighbours are added first, then their sums, so that large sums are added seldom and few are held.
    """
    sums: list[tuple[int, A]] = []
    for part in parts:
        weight = 1
        while sums and sums[-1][0] == weight:
            weight, part = 2 * weight, sums.pop()[1] + part
        sums.append((weight, part))
    _, found = sums.pop()
    while sums:
        found = sums.pop()[1] + found
    return found
