"""A codebook: what each topic is, in the words of its own papers, and what it is not.

A definition is made of the sentences of a topic's most central papers that say most of what sets the topic
apart. A term weighs by how much more of the topic's papers use it than of the others; a term that a chosen
sentence has said counts for half in the next one (maximal marginal relevance: Carbonell and Goldstein 1998).
Sentences in which authors speak of themselves count for less, since they say what one paper did.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from topics.corpus.segment import is_unspaced
from topics.evidence.words import log_odds
from topics.terms.lexicon import crude
from topics.trends.words import distinct
from topics.types import Doubles, Floats, Integers
from topics.types.arrays import presence, sum_rows
from topics.types.run import Values

SENTENCES, CENTRAL = 3, 30
"""Sentences of a definition, and how many of the topic's most central papers they are taken from."""

SHORTEST, LONGEST = 6, 45
"""Words of a sentence that is quoted; in scripts without spaces, four characters are about a word."""

TERMS = 150
"""Terms that sentences are weighed by."""

SAID = 0.5
"""What a term counts for that a chosen sentence has said already."""

OWN_WORK = 0.6
"""What a sentence counts for in which authors speak of their own work."""

WORDS, BORDER = 8, 3
"""Words that part two topics, on each side; borderline papers."""

_END = re.compile(r"(?<=[.!?])\s+(?=[\"'(\[]?[^\W_a-z])|(?<=[。！？])")
_ABBREVIATED = re.compile(r"\b(e\.g|i\.e|et al|cf|vs|resp|approx|Fig|Eq|no|Dr|St)\.$", re.IGNORECASE)
_OWN = re.compile(r"\b(we|our|us|here|code|github|this (paper|study|work|article|review))\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+(?:[-'][^\W_]+)*")


@dataclass(frozen=True)
class Quote:
    """A sentence of a paper. row: of the paper."""

    text: str
    row: int


@dataclass(frozen=True)
class Inclusion:
    """A word of a topic, and the shares of papers inside and outside it that use it."""

    term: str
    inside: float
    outside: float


@dataclass(frozen=True)
class Borderline:
    """A paper at the edge of a topic. second: the topic it is nearest to besides."""

    row: int
    probability: float
    second: int
    second_probability: float


@dataclass(frozen=True)
class CodebookEntry:
    """One topic.

    definition: quotes, the most telling first. inclusion: its keywords. typical: rows of papers.
    nearest: the topic most alike, -1 where there is no other; ours, theirs: words that part the two.
    by_hand: rows of papers that an edit put there.
    """

    topic: int
    definition: tuple[Quote, ...]
    inclusion: tuple[Inclusion, ...]
    typical: tuple[int, ...]
    borderline: tuple[Borderline, ...]
    nearest: int
    ours: tuple[str, ...]
    theirs: tuple[str, ...]
    by_hand: tuple[int, ...]


def codebook(run: Values) -> tuple[CodebookEntry, ...]:
    """An entry per topic, in the order of their numbers."""
    topics, groups = run.topics, run.clustering
    used = presence(run.counts.matrix)
    uses = sum_rows(used, groups.nearest_topic, len(topics)).toarray().astype(float)
    sizes = np.bincount(groups.nearest_topic, minlength=len(topics)).astype(float)
    place = {term: column for column, term in enumerate(run.counts.terms)}
    alike = _alike(groups.centroids)
    entries = []
    for topic in topics.topics:
        k = topic.id
        inside = uses[k] / sizes[k]
        outside = (uses.sum(axis=0) - uses[k]) / max(sizes.sum() - sizes[k], 1)
        weights = _weights(inside - outside, run.counts.terms)
        known = [(word.term, place[word.term]) for word in topic.keywords if word.term in place]
        # A topic whose papers repeat the words of the whole corpus has these among its keywords.
        columns = [(term, column) for term, column in known if inside[column] > outside[column]]
        other = int(alike[k].argmax()) if len(topics) > 1 else -1
        ours, theirs = _parting(uses, sizes, k, other, run.counts.terms) if other >= 0 else ((), ())
        entries.append(
            CodebookEntry(
                topic=k,
                definition=definition(run, k, weights),
                inclusion=tuple(
                    Inclusion(term, float(inside[column]), float(outside[column])) for term, column in columns
                ),
                typical=topic.representative,
                borderline=_borderline(run, k),
                nearest=other,
                ours=ours,
                theirs=theirs,
                by_hand=tuple(row for row in groups.by_hand.tolist() if groups.nearest_topic[row] == k),
            )
        )
    return tuple(entries)


def definition(run: Values, topic: int, weights: dict[str, float]) -> tuple[Quote, ...]:
    """The sentences that say most of what sets a topic apart, each of another paper.

    weights: of terms, as `terms_in` gives them.
    """
    candidates = [
        (Quote(text, row), terms_in(text) & weights.keys())
        for row in _central(run, topic)
        for text in sentences(run.corpus.abstracts[row])
    ]
    left, chosen = dict(weights), list[Quote]()
    while len(chosen) < SENTENCES:
        used = {quote.row for quote in chosen}
        scored = [
            (round(_worth(quote.text, sum(left[term] for term in sorted(terms))), 9), -at)
            for at, (quote, terms) in enumerate(candidates)
            if quote.row not in used
        ]
        if not scored or max(scored)[0] <= 0:
            break
        quote, terms = candidates[-max(scored)[1]]
        chosen.append(quote)
        left |= {term: SAID * left[term] for term in terms}
    return tuple(chosen)


def _worth(text: str, weight: float) -> float:
    """Per root of its length: a long sentence says more, and less to the point."""
    return weight / math.sqrt(length(text)) * (OWN_WORK if _OWN.search(text) else 1.0)


def sentences(text: str) -> list[str]:
    """The sentences of a text that are neither very short nor very long."""
    parts: list[str] = []
    for part in _END.split(" ".join(text.split())):
        if parts and _ABBREVIATED.search(parts[-1]):
            parts[-1] += f" {part}"
        else:
            parts.append(part or "")
    return [part.strip() for part in parts if SHORTEST <= length(part) <= LONGEST]


def length(text: str) -> float:
    """In words, of text without spaces about."""
    return len(text) / 4 if is_unspaced(text) else len(text.split())


def terms_in(text: str) -> set[str]:
    """Words and phrases of up to four words of a sentence, in the form in which `_weights` has terms."""
    words = [crude(word) for word in _WORD.findall(text)]
    found = {" ".join(words[at : at + n]) for n in range(1, 5) for at in range(len(words) - n + 1)}
    if is_unspaced(text):
        found |= {text[at : at + n] for n in range(2, 7) for at in range(len(text) - n + 1)}
    return found


def _weights(more: Doubles, terms: Sequence[str]) -> dict[str, float]:
    order = np.argsort(-np.round(more, 9), kind="stable")[:TERMS]
    found: dict[str, float] = {}
    for column in order.tolist():
        if more[column] > 0:
            name = " ".join(crude(word) for word in terms[column].split(" "))
            found.setdefault(name, float(more[column]))
    return found


def _central(run: Values, topic: int) -> Sequence[int]:
    """Rows of the topic's papers that lie nearest to its middle."""
    groups, order = run.clustering, run.embeddings.order
    own = order[groups.topic[order] == topic]
    cosine = run.embeddings.vectors[own].astype(np.float64) @ groups.centroids[topic].astype(np.float64)
    nearest: list[int] = own[np.argsort(-np.round(cosine, 6), kind="stable")[:CENTRAL]].tolist()
    return nearest


def _alike(centroids: Floats) -> Doubles:
    wide = centroids.astype(np.float64)
    alike: Doubles = np.round(wide @ wide.T, 6)
    np.fill_diagonal(alike, -np.inf)
    return alike


def _parting(
    uses: Doubles, sizes: Doubles, ours: int, theirs: int, terms: Sequence[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The terms that part two topics, surest first: weighted log-odds (Monroe et al. 2008)."""
    whole = (uses[ours] + uses[theirs]).astype(np.int64)
    some = np.flatnonzero(whole > 1)
    z = np.zeros(len(whole))
    z[some] = log_odds(uses[ours][some], uses[theirs][some], sizes[ours], sizes[theirs])
    found = []
    for side in (1, -1):
        order = np.argsort(-np.round(side * z, 9), kind="stable")[: 6 * WORDS].tolist()
        sure = [column for column in order if side * z[column] > 0]
        found.append(tuple(terms[column] for column in distinct(sure, whole, terms, WORDS)))
    return found[0], found[1]


def _borderline(run: Values, topic: int) -> tuple[Borderline, ...]:
    """The topic's papers whose second topic comes nearest, the closest first."""
    members: Integers = np.flatnonzero(run.clustering.topic == topic).astype(np.int32)
    shares = run.memberships
    if len(run.topics) == 1:
        return ()
    ratio = shares.second_probability[members] / np.maximum(shares.probability[members], 1e-9)
    order = members[np.argsort(-np.round(ratio.astype(np.float64), 6), kind="stable")[:BORDER]]
    return tuple(
        Borderline(
            row,
            float(shares.probability[row]),
            int(shares.second_topic[row]),
            float(shares.second_probability[row]),
        )
        for row in order.tolist()
    )
