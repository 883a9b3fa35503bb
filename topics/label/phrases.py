"""What makes a counted term a name: whether it is a whole noun phrase, whose it is, and what it is like.

There is no grammar here, only what counting has left behind: which kinds of words stand before and after a
term, and how its last word ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from topics.corpus.screen import read_languages
from topics.corpus.segment import split_terms
from topics.terms.lexicon import CONTENT, CUE, DETERMINER, crude, stop_list
from topics.types import Corpus, Counts, Doubles, Longs, Mask
from topics.types.arrays import presence

if TYPE_CHECKING:
    import scipy.sparse as sp


_ADJECTIVE = ("ive", "al", "ous", "able", "ible", "ful", "less", "ic", "ary", "ant", "ent", "wise", "like")
_BY_LENGTH = {1: 0.5, 2: 1.0, 3: 0.9}
_LONGER = 0.8

_SEVERAL = 3
"""Uses from which on it is no chance that the same word follows behind the same stop word."""


def nounlike(counts: Counts, english: Mask | None = None) -> Doubles:
    """(v,) in [0, 1]: how surely a term is a whole noun phrase that could stand as a heading.

    Two words are best. Against a term speak: that a content word mostly follows (it is an adjective or cut
    short), that one and the same word nearly always stands before or after, or a numeral after (it is cut out
    of a longer name; 0 if the same word always goes on and it ends like an adjective, or if, in every one of
    several uses, a proper name goes on behind a stop word: "American Joint Committee" on Cancer), that words
    announcing a verb stand before or determiners after (it is or begins with a verb), an ending of adjectives
    or adverbs, a last word that mostly stands before others, generic words, that only one paper has it, and
    more so where it is the name of that paper's system.

    english: (v,) whether English endings and generic words say anything of a term; of all by default.
    """
    english = np.ones(len(counts.terms), bool) if english is None else english
    split = split_terms(counts.terms)
    before, after = counts.before.astype(np.float64), counts.after.astype(np.float64)
    seen = np.maximum(before.sum(axis=1), 1.0)
    severed = (seen >= _SEVERAL) & (counts.continued[:, 1] == 1.0) & (after[:, CONTENT] == 0.0)
    free = np.clip(((after[:, :CONTENT].sum(axis=1) + 0.5) / (seen + 1.0) - 0.12) / 0.35, 0.0, 1.0)
    continued = counts.continued.astype(np.float64) * (seen / (seen + 0.5))[:, None]
    whole = np.clip(2.0 * (1.0 - continued.max(axis=1)), 0.0, 1.0)
    verb = (before[:, CUE] + after[:, DETERMINER]) / (seen + 1.0)
    modified = before[:, CONTENT] / seen
    papers = np.bincount(counts.matrix.indices, minlength=len(counts.terms))
    singles = {crude(term): column for column, term in enumerate(counts.terms) if " " not in term}
    result: Doubles = free * whole * np.where(papers == 1, 0.5, 1.0)
    for column in np.flatnonzero(result):
        words = split[column]
        # As many nouns end in -ent and -ant: "treatment", "agent".
        cut = words[-1].endswith(_ADJECTIVE) and not words[-1].endswith(("ent", "ant"))
        if cut and english[column] and words[-1].islower() and counts.continued[column, 1] == 1.0:
            result[column] = 0.0
            continue
        if severed[column] and len(words) > 1 and words[-1][0].isupper() and words[-1][1:].islower():
            result[column] = 0.0
            continue
        first, last = singles.get(crude(words[0])), singles.get(crude(words[-1]))
        verbness = max([verb[column], *(verb[end] for end in (first, last) if end is not None)])
        result[column] *= (
            max(0.0, 1.0 - 2.5 * verbness)
            * _BY_LENGTH.get(len(words), _LONGER)
            * (_ending(words[-1]) if english[column] else 1.0)
        )
        gerund = english[column] and words[0].endswith("ing") and words[0].islower()
        if gerund and (first is None or modified[first] < 0.1):
            result[column] *= 0.5 if len(words) > 1 else 0.2
        if last is not None and last != column:
            result[column] *= min(1.0, 2.0 * free[last])
        if english[column]:
            result[column] *= _emptiness(words)
        if any(
            papers[singles[key]] == 1
            for word in words
            if (key := crude(word)) in singles and word[1:] != word[1:].lower()
        ):
            result[column] *= 0.3
    return result


def _ending(word: str) -> float:
    """How well a phrase may end in this word; an acronym can, but names little."""
    if not word.islower():
        return 1.0 if word[1:].islower() else 0.7
    if word.endswith("ly") or (word.endswith("ed") and len(word) > 4):
        return 0.1
    return 0.5 if word.endswith(_ADJECTIVE) else 1.0


def _emptiness(words: Sequence[str]) -> float:
    """Below 1 for generic words, or a "number of" that adds nothing to what follows."""
    generic = [word.casefold() in stop_list() for word in words]
    empty = len(words) > 1 and (all(generic) or (generic[0] and words[1] == "of"))
    return 0.5 if empty else 1.0


def words_of(terms: Sequence[str]) -> sp.csr_matrix:
    """(v, v) rows that average over a term's words, where these are terms, else over the term itself."""
    import scipy.sparse as sp

    singles = {crude(term): column for column, term in enumerate(terms) if " " not in term}
    rows, columns, shares = [], [], []
    for column, split in enumerate(split_terms(terms)):
        found = [singles[key] for word in split if (key := crude(word)) in singles] if len(split) > 1 else []
        found = found or [column]
        rows.extend([column] * len(found))
        columns.extend(found)
        shares.extend([1.0 / len(found)] * len(found))
    return sp.csr_matrix((shares, (rows, columns)), shape=(len(terms), len(terms)))


def fitness(counts: Counts, corpus: Corpus) -> tuple[Doubles, Doubles]:
    """(v,) how fit a term is to be a keyword (`nounlike`), and (v,) to be a label: authors' names are not."""
    import pyarrow.compute as pc

    spoken = np.array(read_languages(corpus.languages, corpus.texts), dtype=object)
    uses = presence(counts.matrix).astype(np.int64)
    elsewhere = uses.T @ (spoken != "").astype(np.int64)
    noun_fitness = nounlike(counts, 2 * elsewhere <= np.asarray(uses.sum(axis=0)).ravel())
    people = pc.list_flatten(corpus.papers.column("authors")).unique().to_pylist()
    return noun_fitness, noun_fitness * ~are_names(counts.terms, people)


def are_names(terms: Sequence[str], people: Iterable[str]) -> Mask:
    """(v,) whether a term, written with a capital, consists of nothing but parts of these people's names."""
    written = set("\n".join(people).replace(".", " ").split())
    parts = {part.casefold() for part in written if len(part) > 1}
    return np.array(
        [
            term != term.lower()
            and all(word.casefold().removesuffix("'s") in parts for word in term.split(" "))
            for term in terms
        ],
        dtype=bool,
    )


def kinds(terms: Sequence[str]) -> Longs:
    """Number the terms so that those of the same words in any order, spelling or number are the same kind."""
    numbers: dict[tuple[str, ...], int] = {}
    keys = [
        tuple(sorted(crude(word) for part in term.split(" ") for word in part.split("-"))) for term in terms
    ]
    return np.array([numbers.setdefault(key, len(numbers)) for key in keys], dtype=np.int64)
