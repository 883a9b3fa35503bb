"""The keywords that stand beside a topic's label in its name.

A label is short, to be read; a name of several terms finds more of the papers. Which of the keywords help the
label most is asked as it is for labels (`topics.label.choice`): of all topics together, where a paper is led.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np

from topics.label.choice import PAPERS_PER_TOPIC, Choice, unit
from topics.label.labels import Encode
from topics.label.phrases import Doubles
from topics.terms.lexicon import crude
from topics.types import Counts, Embeddings, Integers, Keyword

MANY = 3
"""Keywords beside a label."""

CHOSEN_FROM, MOST_SETS = 10, 5_000
"""How many of a topic's keywords may be chosen, and about how many sets of them are compared in all."""

STEM = 6
"""Letters that words have in common at their beginning where they say the same."""

PAPERS, MOST_PAPERS = 256, 8_000
"""How many papers of a topic are asked, and about how many in all. Sets of keywords differ less than labels
do: with 64 papers the mean retrieval of benchmarks/labels.py was .707, with 256 .714."""

WEIGHT = 1.0
"""Of the mean logarithm of the keywords' c-TF-IDF weights, against the papers' log-probability."""


def choose_beside(
    labels: Sequence[str],
    keywords: Sequence[Sequence[Keyword]],
    counts: Counts,
    groups: Integers,
    embeddings: Embeddings,
    encode: Encode | None,
) -> tuple[tuple[str, ...], ...]:
    """For each topic up to `MANY` keywords that, with its label, best lead a paper to it; heaviest first.

    None of them says what the label or another one says. A name lies where its terms' directions add up to.

    labels: (k,); keywords: by topic, heaviest first; groups: (n,) from 0 to k - 1, -1 for papers in none.
    encode: phrases to vectors in the space of the embeddings; without it a keyword lies at the mean of the
        papers that carry it, and a label at the mean of its topic.
    """
    many = _how_many(len(labels))
    free = [_saying_more(label, own)[:many] for label, own in zip(labels, keywords, strict=True)]
    terms = sorted({keyword.term for own in free for keyword in own})
    starts, places = _places(labels, terms, counts, groups, embeddings, encode)
    row = {term: at for at, term in enumerate(terms)}
    sets, sums, bonus = [], [], []
    for start, own in zip(starts, free, strict=True):
        chosen = _sets([_words(keyword.term) for keyword in own])
        rows = places[[row[keyword.term] for keyword in own]]
        heavy = WEIGHT * np.log(np.maximum([keyword.weight for keyword in own], 1e-9))
        sums += [start + rows[list(one)].sum(axis=0) for one in chosen]
        bonus.append(np.array([heavy[list(one)].sum() / max(1, len(one)) for one in chosen]))
        sets.append(chosen)
    ends = np.cumsum([len(chosen) for chosen in sets])
    candidates = [np.arange(end - len(chosen), end) for chosen, end in zip(sets, ends, strict=True)]
    papers = int(np.clip(MOST_PAPERS // len(labels), PAPERS_PER_TOPIC, PAPERS))
    choice = Choice.of(unit(np.array(sums)), groups, embeddings, papers)
    picked = choice.climb(candidates, bonus, np.arange(ends[-1]))
    return tuple(
        tuple(own[at].term for at in chosen[place - rows[0]] if place is not None)
        for own, chosen, rows, place in zip(free, sets, candidates, picked, strict=True)
    )


def _how_many(topics: int) -> int:
    """How many keywords of each topic can be tried in sets without comparing more than `MOST_SETS`."""
    sizes = range(CHOSEN_FROM, MANY, -1)
    return next((size for size in sizes if math.comb(size, MANY) * topics <= MOST_SETS), MANY)


def _sets(words: Sequence[set[str]]) -> list[tuple[int, ...]]:
    """Which keywords may stand together: `MANY` without a word in common, or as many as there are."""
    for size in range(min(MANY, len(words)), 0, -1):
        alone = [
            chosen
            for chosen in itertools.combinations(range(len(words)), size)
            if all(words[a].isdisjoint(words[b]) for a, b in itertools.combinations(chosen, 2))
        ]
        if alone:
            return alone
    return [()]


def _saying_more(label: str, keywords: Sequence[Keyword]) -> list[Keyword]:
    said = _words(label)
    return [word for word in keywords if word.term != label and said.isdisjoint(_words(word.term))]


def _words(term: str) -> set[str]:
    """What a term says: "watermarked" as "watermarks" and "watermarking" do, "stem cells" as "SCs" does."""
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
        both = unit(encode([*labels, *terms]))
        return both[: len(labels)], both[len(labels) :]
    means = [embeddings.vectors[groups == topic].mean(axis=0) for topic in range(len(labels))]
    column = {term: at for at, term in enumerate(counts.terms)}
    carried = counts.matrix[:, [column[term] for term in terms]].astype(bool).astype(np.float64)
    return unit(np.array(means)), unit(carried.T @ embeddings.vectors)
