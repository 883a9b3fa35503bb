"""The terms of a finished run, counted in any other papers by the rules that `topics.terms.matrix` went by.

Which forms are one word depends on the words that occur ("models" is a "model" where there is one), so the
forms of the run are kept with its terms.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from topics.terms.lexicon import Forms
from topics.terms.spelling import occurrences
from topics.terms.tokens import tokenise
from topics.types import Corpus, Integers

if TYPE_CHECKING:
    import scipy.sparse as sp

Longs = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Vocabulary:
    """terms: (v,) as `Counts.terms`. forms: the word forms of the run."""

    terms: tuple[str, ...]
    forms: Forms

    @classmethod
    def of(cls, corpus: Corpus, terms: tuple[str, ...], stop_words: tuple[str, ...]) -> Vocabulary:
        """The terms that were counted in a corpus."""
        tokens = tokenise(corpus.titles, corpus.abstracts)
        frequency = occurrences(tokens.surfaces, len(tokens.words))
        return cls(terms, Forms.of(tokens.words, frequency, stop_words))

    def save(self, path: Path) -> None:
        forms = self.forms
        parts = [list(self.terms), sorted(forms.known), sorted(forms.shouted), list(forms.stop_words)]
        path.write_text(json.dumps(parts, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> Vocabulary:
        terms, known, shouted, stop_words = json.loads(path.read_text(encoding="utf-8"))
        return cls(tuple(terms), Forms(frozenset(known), frozenset(shouted), tuple(stop_words)))

    def count(self, titles: Sequence[str], abstracts: Sequence[str]) -> sp.csr_matrix:
        """(n, v) int64 CSR, how often each of n papers uses each term."""
        import scipy.sparse as sp

        tokens = tokenise(titles, abstracts)
        word = self._numbers(tokens.words)[tokens.surfaces]
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

    def _numbers(self, forms: Sequence[str]) -> Integers:
        """(s,) the word number of each form, -1 for what no term holds; the first two are gaps."""
        lowered = [form.casefold() for form in forms]
        found = [
            self._words.get(self.forms.root(key), -1) if any(map(str.isalpha, key)) else -1 for key in lowered
        ]
        return np.array([-1, -1, *found[2:]], np.int32)

    @cached_property
    def _phrases(self) -> list[tuple[str, ...]]:
        return [tuple(self.forms.root(word.casefold()) for word in term.split(" ")) for term in self.terms]

    @cached_property
    def _words(self) -> dict[str, int]:
        return {
            word: number
            for number, word in enumerate(sorted({word for phrase in self._phrases for word in phrase}))
        }

    @cached_property
    def _levels(self) -> list[_Level]:
        """The beginnings of all phrases, word by word."""
        phrases = [tuple(self._words[word] for word in phrase) for phrase in self._phrases]
        levels: list[_Level] = []
        before: dict[tuple[int, ...], int] = {(): 0}
        for length in range(1, max(map(len, phrases)) + 1):
            starts = sorted({phrase[:length] for phrase in phrases if len(phrase) >= length})
            keys = np.array([before[start[:-1]] * len(self._words) + start[-1] for start in starts], np.int64)
            order = np.argsort(keys)
            before = {starts[old]: new for new, old in enumerate(order.tolist())}
            term = np.full(len(starts), -1, np.int64)
            for column, phrase in reversed(list(enumerate(phrases))):
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
