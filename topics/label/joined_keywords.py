"""The keywords that stand beside a topic's label in its name.

A label is short, to be read; a name of several terms leads to more of the papers. Which keywords help the
label most is asked as labels are chosen (`topics.label.choice`).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np

from topics.corpus.segment import is_unspaced
from topics.label.choice import PAPERS_PER_TOPIC, Choice
from topics.terms.lexicon import crude
from topics.types import Counts, Doubles, Embeddings, Encode, Integers, Keyword
from topics.types.arrays import presence, unit_rows

KEYWORDS_BESIDE = 3
"""Keywords beside a label."""

CHOSEN_FROM, MOST_SETS = 10, 5_000
"""How many of a topic's keywords may be chosen, and about how many sets of them are compared in all."""

STEM = 6
"""Letters that words have in common at their beginning where they say the same."""

PAPERS_ASKED, MOST_PAPERS_ASKED = 256, 8_000
"""How many papers of a topic are asked, and about how many in all."""

KEYWORD_WEIGHT = 1.0
"""Weight of the mean logarithm of the keywords' c-TF-IDF weights; the papers' log-probability has 1."""


def choose_joined_keywords(
    labels: Sequence[str],
    keywords: Sequence[Sequence[Keyword]],
    counts: Counts,
    groups: Integers,
    embeddings: Embeddings,
    encode: Encode | None,
) -> tuple[tuple[str, ...], ...]:
    """For each topic up to `KEYWORDS_BESIDE` keywords that, with its label, best lead a paper to it; the
    heaviest first.

    They repeat neither the label nor one another. The direction of a name is the sum of those of its terms.

    labels: (k,); keywords: by topic, heaviest first; groups: (n,) from 0 to k - 1, -1 for papers in none.
    encode: phrases to vectors in the space of the embeddings; without it a keyword lies at the mean of the
        papers that carry it, and a label at the mean of its topic.
    """
    many = _how_many(len(labels))
    free = [
        [word for word in own if word.term != label and _words(label).isdisjoint(_words(word.term))][:many]
        for label, own in zip(labels, keywords, strict=True)
    ]
    terms = sorted({keyword.term for own in free for keyword in own})
    starts, places = _places(labels, terms, counts, groups, embeddings, encode)
    row = {term: at for at, term in enumerate(terms)}
    sets, sums, bonus = [], [], []
    for start, own in zip(starts, free, strict=True):
        chosen = _sets([_words(keyword.term) for keyword in own])
        rows = places[[row[keyword.term] for keyword in own]]
        heavy = KEYWORD_WEIGHT * np.log(np.maximum([keyword.weight for keyword in own], 1e-9))
        sums += [start + rows[list(one)].sum(axis=0) for one in chosen]
        bonus.append(np.array([heavy[list(one)].sum() / max(1, len(one)) for one in chosen]))
        sets.append(chosen)
    ends = np.cumsum([len(chosen) for chosen in sets])
    candidates = [np.arange(end - len(chosen), end) for chosen, end in zip(sets, ends, strict=True)]
    papers = int(np.clip(MOST_PAPERS_ASKED // len(labels), PAPERS_PER_TOPIC, PAPERS_ASKED))
    choice = Choice.of(unit_rows(np.array(sums), np.float64), groups, embeddings, papers)
    picked = choice.climb(candidates, bonus, np.arange(ends[-1]))
    return tuple(
        tuple(own[at].term for at in chosen[place - rows[0]] if place is not None)
        for own, chosen, rows, place in zip(free, sets, candidates, picked, strict=True)
    )


def _how_many(topics: int) -> int:
    """How many keywords of each topic can be tried in sets without comparing more than `MOST_SETS`."""
    sizes = range(CHOSEN_FROM, KEYWORDS_BESIDE, -1)
    return next(
        (size for size in sizes if math.comb(size, KEYWORDS_BESIDE) * topics <= MOST_SETS), KEYWORDS_BESIDE
    )


def _sets(words: Sequence[set[str]]) -> list[tuple[int, ...]]:
    """Which keywords may stand together: `KEYWORDS_BESIDE` without a word in common, or as many as can."""
    for size in range(min(KEYWORDS_BESIDE, len(words)), 0, -1):
        alone = [
            chosen
            for chosen in itertools.combinations(range(len(words)), size)
            if all(words[a].isdisjoint(words[b]) for a, b in itertools.combinations(chosen, 2))
        ]
        if alone:
            return alone
    return [()]


def _words(term: str) -> set[str]:
    """What a term says: "watermarked" as "watermarks" and "watermarking" do, "stem cells" as "SCs" does."""
    if is_unspaced(term):
        # Two characters together say what a word of other scripts does.
        return {term[at : at + 2] for at in range(max(1, len(term) - 1))}
    words = [crude(word) for word in term.replace("-", " ").split()]
    initials = {"".join(word[0] for word in words if word)} if len(words) > 1 else set()
    return {word[:STEM] for word in words} | initials


def _places(
    labels: Sequence[str],
    terms: Sequence[str],
    counts: Counts,
    groups: Integers,
    embeddings: Embeddings,
    encode: Encode | None,
) -> tuple[Doubles, Doubles]:
    """(k, d) and (t, d) unit rows: where the labels and the terms lie among the papers."""
    if encode:
        both = unit_rows(encode([*labels, *terms]).astype(np.float64), np.float64)
        return both[: len(labels)], both[len(labels) :]
    means = [embeddings.vectors[groups == topic].mean(axis=0) for topic in range(len(labels))]
    column = {term: at for at, term in enumerate(counts.terms)}
    carried = presence(counts.matrix[:, [column[term] for term in terms]]).astype(np.float64)
    return unit_rows(np.array(means), np.float64), unit_rows(carried.T @ embeddings.vectors, np.float64)
