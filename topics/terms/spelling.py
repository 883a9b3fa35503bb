"""How a counted phrase is written: the way most authors write it where a capital means something.

The first word of a sentence, the words of a Title Case title and those that introduce an acronym
("Differentially Private (DP)") are no evidence of capitals; there each word is taken as written elsewhere.
A small letter at the start of a sentence is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from topics.corpus.segment import join_words
from topics.terms.lexicon import CONTENT, Lexicon
from topics.terms.tokens import GAP, STOP, Tokens
from topics.types import Integers, Longs, Mask

_FORM_BITS = 4
_OTHER = (1 << _FORM_BITS) - 1
_CAPITALS_MARGIN = 1.5
"""How many more votes a phrase's own capitals need than the writing its words have elsewhere."""

_NO_RARITY = 0.5
"""Share of its commonest writing's uses from which on a word in small letters is what a title means."""

_LONGEST_ACRONYM = 6
_LOWER, _CAPITAL = 1, 2
_MARKS, _TORN = 2, 2
"""Bits of a ballot behind its forms: capitals of its own, and `_torn`."""

NOUNS_IN_CAPITALS = ("de", "lb")
"""Languages in which a capital tells a noun and no name."""

WAITING = 4_000_000
"""Numbers that are handled at once, whatever the size of the corpus."""


@dataclass(frozen=True)
class Spelling:
    """form: (t,) int8, which way of writing its word each token uses, 15 for a rare one; plain_form: the
    same with capitals as elsewhere; raw_form: as it stands there. written: for each counted word its ways of
    writing, commonest first.
    style, raw_style: (t,) int8, how `form` and `raw_form` begin: `_LOWER`, `_CAPITAL`, or 0 for neither
    and where a capital tells a noun. sure: (t,) where a token is `form` for more than what others do.
    """

    form: npt.NDArray[np.int8]
    plain_form: npt.NDArray[np.int8]
    raw_form: npt.NDArray[np.int8]
    style: npt.NDArray[np.int8]
    raw_style: npt.NDArray[np.int8]
    sure: Mask
    written: tuple[tuple[str, ...], ...]

    @classmethod
    def of(cls, tokens: Tokens, lexicon: Lexicon) -> Spelling:
        """Gather the evidence from a corpus."""
        surfaces = tokens.surfaces
        titles = _title_case(tokens, lexicon)
        small = np.array([word.islower() for word in tokens.words])
        starts = _sentence_starts(surfaces) & ~small[surfaces]
        telling = ~(starts | titles | _before_acronym(tokens))
        evidence = occurrences(surfaces[telling], len(tokens.words))
        plain, shown = _plain_case(tokens, evidence)
        effective = np.where(telling, surfaces, plain[surfaces])
        effective[titles] = _lower_case(tokens, evidence, plain)[surfaces[titles]]
        # A capital says nothing in a title, and there a word is taken as it would stand in a sentence.
        raw = np.where(titles, effective, surfaces)
        frequency = occurrences(effective, len(tokens.words))
        once = occurrences(raw, len(tokens.words))
        rank = np.full(len(tokens.words), _OTHER, dtype=np.int8)
        written: list[list[str]] = [[] for _ in lexicon.keys]
        order = sorted(
            np.flatnonzero((lexicon.word >= 0) & (frequency + once > 0)),
            key=lambda s: (-frequency[s], tokens.words[s]),
        )
        for surface in order:
            forms = written[lexicon.word[surface]]
            rank[surface] = min(len(forms), _OTHER)
            forms.append(shown[surface])
        joiner = np.isin(lexicon.word, np.flatnonzero(lexicon.joiner))
        nouns = np.isin(tokens.languages, NOUNS_IN_CAPITALS)
        styles = np.array([_style(word) for word in shown], dtype=np.int8)
        style = np.where(joiner | nouns, 0, styles)
        return cls(
            rank[effective],
            rank[plain][effective],
            rank[raw],
            style[effective],
            style[raw],
            telling | (~titles & (effective == surfaces)),
            tuple(map(tuple, written)),
        )

    def names(self, words: Integers, at: Integers, spans: Iterable[slice]) -> list[str]:
        """The written form of each phrase.

        words: (g, length) word numbers. at: (t,) the phrase that begins at each token, -1 for none.
        spans: blocks of tokens that end where papers end.
        """
        length = words.shape[1]
        votes = merge_tallies(tally(self._ballots(at[span], span, length)) for span in spans)
        best = _winners(*votes, phrases=len(words), bits=_FORM_BITS * length)
        forms = (best[:, None] >> (_FORM_BITS * np.arange(length))) & _OTHER
        return [
            join_words(self.written[word][form] for word, form in zip(*phrase, strict=True)).removesuffix(
                "'s"
            )
            for phrase in zip(words.tolist(), forms.tolist(), strict=True)
        ]

    def _ballots(self, at: Integers, span: slice, length: int) -> Longs:
        places = np.flatnonzero(at >= 0)
        plain = self.plain_form[span]
        form, raw = self.form[span], self.raw_form[span]
        torn, whole = self._torn(places, span, length)
        own = np.zeros(len(places), dtype=np.int64)
        elsewhere = own.copy()
        rare = np.zeros(len(places), dtype=bool)
        for step in range(length):
            written = np.where(whole, raw[places + step], form[places + step])
            own |= written.astype(np.int64) << (_FORM_BITS * step)
            elsewhere |= plain[places + step].astype(np.int64) << (_FORM_BITS * step)
            rare |= written == _OTHER
        ballots = (at[places].astype(np.int64) << (_FORM_BITS * length)) | own
        common: Longs = ((ballots << _MARKS) | (torn * _TORN) | (own != elsewhere))[~rare]
        return common

    def _torn(self, places: Longs, span: slice, length: int) -> tuple[Mask, Mask]:
        """Where words taken as written elsewhere could tear a name apart, "general Motors" or "artificial
        Intelligence": such a place votes only where no other does, or, outside of titles, for the capitals
        that each of its words has there.
        """
        steps = places[:, None] + np.arange(length)
        style, raw = self.style[span][steps], self.raw_style[span][steps]
        mixed = (style == _CAPITAL).any(axis=1) & (style == _LOWER).any(axis=1)
        whole: Mask = mixed & ~(raw == _LOWER).any(axis=1)
        torn: Mask = mixed & ~whole & ~self.sure[span][steps].all(axis=1)
        return torn, whole


def tally(keys: Longs) -> tuple[Longs, Longs]:
    """The distinct keys in order, and how often each occurs."""
    found: tuple[Longs, Longs] = np.unique(keys, return_counts=True)
    return found


def merge_tallies(tallies: Iterable[tuple[Longs, Longs]]) -> tuple[Longs, Longs]:
    """One tally of one or more. Never holds more than twice what comes out and `WAITING` keys."""
    waiting: list[tuple[Longs, Longs]] = []
    waited, most = 0, WAITING
    for one in tallies:
        waiting.append(one)
        waited += len(one[0])
        if waited > most:
            waiting = [_merged(waiting)]
            waited = len(waiting[0][0])
            most = waited + max(waited, WAITING)
    return _merged(waiting)


def _merged(tallies: list[tuple[Longs, Longs]]) -> tuple[Longs, Longs]:
    keys, counts = (np.concatenate(parts) for parts in zip(*tallies, strict=True))
    # Each tally is sorted. `np.unique` with its inverse would take twice the memory.
    order = np.argsort(keys, kind="stable")
    keys, counts = keys[order], counts[order]
    del order
    fresh = np.ones(len(keys), bool)
    fresh[1:] = keys[1:] != keys[:-1]
    first = np.flatnonzero(fresh)
    return keys[first], np.add.reduceat(counts, first) if len(first) else counts


def occurrences(numbers: Integers, n: int) -> Longs:
    """(n,) how often each number from 0 occurs; counted in pieces, since each is widened to be counted."""
    found = np.zeros(n, np.int64)
    for start in range(0, len(numbers), WAITING):
        found += np.bincount(numbers[start : start + WAITING], minlength=n)
    return found


def _winners(ballots: Longs, votes: Longs, phrases: int, bits: int) -> Longs:
    own_capitals, torn = ballots & 1, ballots & _TORN
    phrase, forms = ballots >> (bits + _MARKS), (ballots >> _MARKS) & ((1 << bits) - 1)
    order = np.lexsort((forms, -(votes - _CAPITALS_MARGIN * own_capitals), torn, phrase))
    first = np.unique(phrase[order], return_index=True)
    best = np.zeros(phrases, dtype=np.int64)
    best[first[0]] = forms[order][first[1]]
    return best


def _sentence_starts(surfaces: Integers) -> Mask:
    starts = np.ones(len(surfaces), dtype=bool)
    starts[1:] = surfaces[:-1] == STOP
    return starts


def _before_acronym(tokens: Tokens) -> Mask:
    """(t,) whether a token is one of the words whose initials follow in brackets."""
    surfaces = tokens.surfaces
    letters = [word.rstrip("s") for word in tokens.words]
    length = np.array([len(word) if word.isalpha() and word.isupper() else 0 for word in letters])
    initial = np.array([ord(word[0].upper()[0]) if word else 0 for word in letters])
    gap = np.flatnonzero((surfaces[:-1] == GAP) & (length > 1)[surfaces[1:]])
    inside = np.zeros(len(surfaces), dtype=bool)
    for size in range(2, _LONGEST_ACRONYM + 1):
        places = gap[(gap >= size) & (length[surfaces[np.minimum(gap + 1, len(surfaces) - 1)]] == size)]
        places = places[initial[surfaces[places - size]] == initial[surfaces[places + 1]]]
        for step in range(1, size + 1):
            inside[places - step] = True
    return inside


def _title_case(tokens: Tokens, lexicon: Lexicon) -> Mask:
    """(t,) whether a token stands in a title whose longer words nearly all begin with a capital."""
    lengths, papers = tokens.title_lengths, len(tokens.title_lengths)
    title = np.repeat(np.arange(papers), lengths)
    places = np.arange(len(title)) + np.repeat(tokens.starts[:-1] - (np.cumsum(lengths) - lengths), lengths)
    longer = np.array([len(word) > 3 for word in tokens.words]) & (lexicon.role == CONTENT)
    capital = longer & np.array([word[:1].isupper() for word in tokens.words])
    words = tokens.surfaces[places]
    counted = np.bincount(title[longer[words]], minlength=papers)
    shares = np.bincount(title[capital[words]], minlength=papers) / np.maximum(counted, 1)
    found = np.zeros(len(tokens.surfaces), dtype=bool)
    found[places] = (shares > 0.7)[title]
    return found


def _plain_case(tokens: Tokens, evidence: Longs) -> tuple[Integers, list[str]]:
    """For each form the one of the same letters that is commonest where capitals mean something; and how
    each form is shown: one that was only ever seen where they mean nothing loses its capital, but in German.
    """
    words, languages = tokens.words, tokens.languages
    best: dict[tuple[str, str], int] = {}
    for number, (word, language) in enumerate(zip(words, languages, strict=True)):
        key = word.casefold(), language
        rival = best.get(key)
        if rival is None or (-evidence[number], word[::-1].swapcase()) < (
            -evidence[rival],
            words[rival][::-1].swapcase(),
        ):
            best[key] = number
    keys = zip(map(str.casefold, words), languages, strict=True)
    plain = np.array([best[key] for key in keys], dtype=np.int32)
    shown = [
        word.lower()
        if not evidence[plain[number]] and _capitalised(word) and languages[number] not in NOUNS_IN_CAPITALS
        else word
        for number, word in enumerate(words)
    ]
    return plain, shown


def _lower_case(tokens: Tokens, evidence: Longs, plain: Integers) -> Integers:
    """For each form the one in small letters, where that is no rarity, else the plain one."""
    numbers = {key: number for number, key in enumerate(zip(tokens.words, tokens.languages, strict=True))}
    keys = zip(map(str.lower, tokens.words), tokens.languages, strict=True)
    lower = np.array([numbers.get(key, -1) for key in keys], dtype=np.int32)
    common = (lower >= 0) & (evidence[lower] > _NO_RARITY * evidence[plain])
    return np.where(common, lower, plain).astype(np.int32)


def _style(word: str) -> int:
    if word.islower():
        return _LOWER
    return _CAPITAL if word[:1].isupper() and word[1:].islower() else 0


def _capitalised(word: str) -> bool:
    return all(
        part[:1].isupper() and part[1:] == part[1:].lower() for part in word.split("-") if len(part) > 3
    )
