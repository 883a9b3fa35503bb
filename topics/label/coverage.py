"""Which of a topic's papers a label fits.

By words: the paper has all words of the label in its title or abstract, in any form and order, or the label's
abbreviation. By an encoder: the paper lies nearer to the label than nine tenths of the papers of other topics
do, and at least a third of the way from the papers' mean to those that have the label's words. Neither is
enough alone: papers on differential privacy may speak of private training only, and an encoder finds
everything a little like everything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from topics.corpus.screen import main_language
from topics.corpus.segment import split_terms
from topics.terms.lexicon import crude, stem
from topics.types import Corpus, Counts, Doubles, Integers, Longs, Mask, Topics
from topics.types.arrays import evenly_spaced, presence

if TYPE_CHECKING:
    import scipy.sparse as sp


NEARER, ON_THE_WAY = 0.9, 1 / 3
"""Share of the papers of other topics that a paper must be nearer to the label than; and how far it must be
on the way from the mean of all papers to the middle of those with the label's words."""

ABBREVIATES = 0.2
"""Least share of an abbreviation's papers that also have the words which it stands for."""

MOST_ASKED, FEWEST_ASKED = 8_000, 64
"""How many papers are asked in all, all topics alike; and of how many of each topic at least."""

NAMED = 2
"""Names of topics in the name of several, or of a field."""

BEGINNING = 4
"""Letters that a word and its stem have in common at least, or all of the stem's."""

FEWEST_LETTERS, ENDING = 4, 3
"""Letters that two forms of a word have in common at least, and in which their ends may differ."""

_LINKS = frozenset({"and", "of"})


@dataclass(frozen=True)
class Sample:
    """Papers that labels are checked against: all of them, or of a large corpus as many of each topic.

    rows: (m,) their row numbers, ascending. topic: (m,) from 0 on, none of them -1.
    matrix: (m, v) CSC, 1 where a paper has a term. terms: (v,).
    """

    rows: Longs
    matrix: sp.csc_matrix
    terms: tuple[str, ...]
    topic: Integers
    _known: dict[str, Mask] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, counts: Counts, groups: Integers, order: Integers) -> Sample:
        """groups: (n,) from 0 on, -1 for papers that are not asked. order: (n,) see `Embeddings.order`."""
        n_topics = int(groups.max()) + 1
        each = max(MOST_ASKED // n_topics, FEWEST_ASKED)
        rows = [evenly_spaced(order[groups[order] == topic], each) for topic in range(n_topics)]
        chosen = np.sort(np.concatenate(rows)).astype(np.int64)
        return cls(chosen, presence(counts.matrix[chosen]).tocsc(), counts.terms, groups[chosen])

    def have(self, label: str) -> Mask:
        """(m,) which papers have the words of a label, or of one of the names that "and" or a comma joins."""
        found = np.zeros(len(self.topic), bool)
        for name in parts_of(label, self._terms):
            found |= self._have_all([word for word in name.split() if word not in _LINKS])
        return found

    def _have_all(self, words: Sequence[str]) -> Mask:
        found = np.ones(len(self.topic), bool)
        for word in words:
            has = self._have_stem(stem(word))
            parts = self._divided.get(word) or [half for half in word.split("-") if half]
            if len(parts) > 1:
                has = has | np.logical_and.reduce([self._have_stem(stem(part)) for part in parts])
            found &= has
        letters = "".join(half[0] for word in words for half in word.split("-") if half).upper()
        if len(letters) > 1 and letters in self._abbreviations:
            short = self._carry(self._abbreviations[letters])
            if (short & found).sum() >= ABBREVIATES * short.sum():
                found |= short
        return found

    def _have_stem(self, key: str) -> Mask:
        if key not in self._known:
            alike = (columns for word, columns in self._words.get(key[:BEGINNING], ()) if stem(word) == key)
            self._known[key] = self._carry([column for columns in alike for column in columns])
        return self._known[key]

    def _carry(self, columns: Sequence[int]) -> Mask:
        found = np.zeros(len(self.topic), bool)
        for column in columns:
            found[self.matrix.indices[self.matrix.indptr[column] : self.matrix.indptr[column + 1]]] = True
        return found

    @cached_property
    def _terms(self) -> frozenset[str]:
        return frozenset(term.casefold() for term in self.terms if " and " in term)

    @cached_property
    def _words(self) -> dict[str, list[tuple[str, list[int]]]]:
        """By their first letters the words of terms and their halves, and the terms that each is in; generic
        words are in longer terms only.
        """
        columns: dict[str, list[int]] = {}
        for column, term in enumerate(self.terms):
            for word in (*term.split(" "), *self._divided.get(term, ())):
                columns.setdefault(word, []).append(column)
        found: dict[str, list[tuple[str, list[int]]]] = {}
        for word, own in columns.items():
            for part in {word, *(half for half in word.split("-") if half)}:
                found.setdefault(crude(part)[:BEGINNING], []).append((part, own))
        return found

    @cached_property
    def _divided(self) -> dict[str, list[str]]:
        """The words of terms that are written without blanks between them."""
        terms = [term for term in self.terms if " " not in term]
        split = zip(terms, split_terms(terms), strict=True)
        return {term: words for term, words in split if len(words) > 1}

    @cached_property
    def _abbreviations(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for column, term in enumerate(self.terms):
            letters = term.removesuffix("s")
            if letters.isalpha() and letters.isupper():
                found.setdefault(letters, []).append(column)
        return found


def parts_of(label: str, terms: frozenset[str] = frozenset()) -> list[str]:
    """The names that a label joins. terms: names in lower case that have "and" in themselves."""
    if label.casefold() in terms:
        return [label]
    names = [name.strip() for part in label.split(",") for name in part.split(" and ")]
    return [name for name in names if name] or [label]


def are_near(closeness: Doubles, have: Mask, topic: Integers, own: int) -> Mask:
    """(m, c) which papers an encoder finds to be of what c labels of topic `own` say; none where there is no
    other topic to compare with.

    closeness: (m, c) cosines of papers and labels; have: (m, c) which papers have their words.
    """
    inside = topic == own
    if inside.all():
        return np.zeros(closeness.shape, bool)
    outside = closeness[~inside]
    place = min(int(NEARER * len(outside)), len(outside) - 1)
    least = np.partition(outside, place, axis=0)[place]
    mean = closeness.mean(axis=0)
    middle = np.array(
        [
            np.median(column[has]) if has.any() else -np.inf
            for column, has in zip(closeness.T, have.T, strict=True)
        ]
    )
    reach = np.where(np.isfinite(middle), mean + ON_THE_WAY * (middle - mean), -np.inf)
    near: Mask = np.round(closeness, 6) > np.round(np.maximum(least, reach), 6)
    return near


def link_of(corpus: Corpus) -> str:
    """What joins two names into one: "and" where most papers are in English, else a comma."""
    return " and " if main_language(corpus.languages) == "en" else ", "


def name_of_several(topics: Topics, own: Sequence[int], link: str) -> str:
    """The label of the only topic of `own`, or the first names in those of the topics of most papers."""
    order = sorted(own, key=lambda topic: (-topics[topic].size, topic))
    labels = [topics[topic].label for topic in order]
    if len(labels) == 1:
        return labels[0]
    names = [parts_of(label)[0] for label in labels]
    return link.join(list(dict.fromkeys(names))[:NAMED])


def joined(one: str, two: str, link: str = " and ") -> str | None:
    """Two phrases as one name, a first word of both said once: "osteochondral allograft and autograft". None
    where one says what the other does, in part or in short.

    link: see `link_of`.
    """
    first, second = words_in(one), words_in(two)
    if " and " in f"{one} {two}":
        return None
    if any(_same(left, right) for left in first for right in second):
        alike = len(first) == len(second) == 2 and first[0] == second[0] and not _same(first[1], second[1])
        return f"{one}{link}{second[1]}" if alike and link == " and " else None
    short = {"".join(word[0] for word in words).casefold() for words in (first, second)}
    return (
        None
        if short & {one.casefold().removesuffix("s"), two.casefold().removesuffix("s")}
        else f"{one}{link}{two}"
    )


def _same(one: str, other: str) -> bool:
    """Whether two words say the same: "corpora" does what "corpus" does, and "biases" what "bias" does."""
    common = max(FEWEST_LETTERS, max(len(one), len(other)) - ENDING)
    return stem(one) == stem(other) or one[:common].casefold() == other[:common].casefold()


def words_in(name: str) -> list[str]:
    """The words of a name that say something, hyphens opened."""
    return [half for word in name.split() if word not in _LINKS for half in word.split("-") if half]
