"""The document-term matrix: one sparse count of every phrase of one to a few words, made once.

Phrases grow word by word, and only from phrases that are frequent enough themselves (the Apriori
principle), so the vocabulary stays bounded while the corpus grows. Everything after the split into words is
arithmetic on arrays of word numbers, in blocks of papers.
"""

from __future__ import annotations

import itertools
from bisect import bisect
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from topics.config import LabelSettings
from topics.corpus.screen import read_languages
from topics.corpus.segment import is_unspaced
from topics.errors import CorpusError
from topics.terms.lexicon import ROLES, Lexicon, read_lexicon
from topics.terms.spelling import NOUNS_IN_CAPITALS, Spelling, merge_tallies, occurrences, tally
from topics.terms.tokens import Tokens, tokenise
from topics.types import Corpus, Counts, Floats, Integers, Longs, Mask, Progress, unwatched

if TYPE_CHECKING:
    import scipy.sparse as sp


BLOCK = 2_000_000
"""Words handled at once; bounds the memory that sorting takes."""

MAX_TERMS = 300_000
"""Most terms of any one length; beyond it the rarest go."""

_LEAST_OF_A_PAIR, _SHARE_OF_A_PAIR = 4, 0.4
"""How often two words must be tied by "and", and in what share of the rarer one's uses, to be a name."""

_STOP_WORDS_INSIDE = 2
"""Most that may stand between two words of a name: "Centers for the Study"."""


def count_terms(corpus: Corpus, settings: LabelSettings, progress: Progress = unwatched) -> Counts:
    """Count every phrase of 1 to `ngram_max` words in the titles and abstracts of n papers.

    A phrase never crosses punctuation and never begins or ends with a stop word; inside it only "of" may
    stand, and "and" between two words that mostly stand so ("head and neck"). Spelling and case do not
    divide the count (`Models`, `model`; `pre-training`, `pretraining`); the commonest way of writing names
    the term. Terms are sorted, so the order of the papers changes nothing but the order of the rows.

    Terms in fewer than `min_df` papers are left out; "auto" grows with the square root of the number of
    papers: 1 up to some 1,000 papers, 4 at 10,000, 18 at 200,000. Raises CorpusError when none is left.
    """
    import scipy.sparse as sp

    spoken = read_languages(corpus.languages, corpus.texts)
    stream = _Stream.of(tokenise(corpus.titles, corpus.abstracts, progress, languages=spoken), settings)
    min_df = least_papers(len(corpus), settings)
    phrases = stream.words_in(min_df)
    parts, beside = [], []
    names: list[str] = []
    for length in range(1, settings.ngram_max + 1):
        if length > 1:
            phrases = stream.lengthened(phrases, min_df)
        kept = phrases.are_terms
        parts.append(stream.matrix(phrases)[:, kept])
        spelled = stream.spelling.names(phrases.words, phrases.at, stream.spans)
        names.extend(name for name, keep in zip(spelled, kept, strict=True) if keep)
        beside.append([table[kept] for table in stream.surroundings(phrases)])
    if not names:
        raise CorpusError(
            f"no word occurs in at least {min_df} of the {len(corpus)} papers; lower label.min_df "
            "or give papers with longer abstracts"
        )
    order = sorted(range(len(names)), key=lambda number: (names[number].casefold(), names[number]))
    before, after, continued = (np.concatenate(tables)[order] for tables in zip(*beside, strict=True))
    matrix = sp.hstack(parts, format="csc")[:, order].tocsr()
    matrix.sort_indices()
    return _alike_as_one(Counts(matrix, tuple(names[number] for number in order), before, after, continued))


def _alike_as_one(counts: Counts) -> Counts:
    """Terms without blanks that read the same, divided in one place and not in another, counted as one."""
    import scipy.sparse as sp

    first: dict[str, int] = {}
    for number, term in enumerate(counts.terms):
        first.setdefault(term if is_unspaced(term) else f"{number}", number)
    if len(first) == len(counts.terms):
        return counts
    kept = list(first.values())
    of = np.array([bisect(kept, number) - 1 for number in range(len(counts.terms))])
    gather = sp.csr_matrix((np.ones(len(of), np.int32), (np.arange(len(of)), of)), shape=(len(of), len(kept)))
    matrix = (counts.matrix @ gather).tocsr()
    matrix.sort_indices()
    continued = np.zeros((len(kept), 2), np.float32)
    np.maximum.at(continued, of, counts.continued)
    return Counts(
        matrix,
        tuple(counts.terms[number] for number in kept),
        (gather.T @ counts.before).astype(np.int32),
        (gather.T @ counts.after).astype(np.int32),
        continued,
    )


def least_papers(papers: int, settings: LabelSettings) -> int:
    """In how many of this many papers a term must occur."""
    return max(1, round(papers**0.5 / 25)) if settings.min_df == "auto" else settings.min_df


@dataclass(frozen=True)
class _Phrases:
    """All phrases of one length.

    words: (g, length) word numbers. at: (t,) int32, the phrase that begins at each token, -1 for none.
    are_terms: (g,) bool, False where a phrase ends in "of" or "and" or says nothing ("large number").
    """

    words: Integers
    at: Integers
    are_terms: Mask


@dataclass(frozen=True)
class _Stream:
    """A corpus of t tokens, in blocks (`spans`); `starts` says where each paper begins.

    word: (t,) word numbers, -1 for gaps and stop words. role: (t,) indices into ROLES. stop: (t,) bool, may
    stand inside a name. link: (t,) bool, "and". capital: (t,) bool, begins with a capital. numeral: (t,), see
    `Tokens.numerals`.
    """

    word: Integers
    role: npt.NDArray[np.int8]
    stop: Mask
    link: Mask
    capital: Mask
    numeral: Mask
    lexicon: Lexicon
    spelling: Spelling
    starts: Longs
    spans: tuple[slice, ...]

    @classmethod
    def of(cls, tokens: Tokens, settings: LabelSettings) -> _Stream:
        surfaces = tokens.surfaces
        frequency = occurrences(surfaces, len(tokens.words))
        lexicon = read_lexicon(tokens.words, frequency, settings.stop_words, tokens.languages)
        targets = np.arange(0, len(surfaces) + BLOCK, BLOCK)
        edges = np.unique(
            tokens.starts[np.minimum(np.searchsorted(tokens.starts, targets), len(tokens.starts) - 1)]
        )
        # First, since it takes most memory on the way.
        spelling = Spelling.of(tokens, lexicon)
        stop = np.isin(lexicon.role, [ROLES.index("determiner"), ROLES.index("function")])
        stream = cls(
            lexicon.word[surfaces],
            lexicon.role[surfaces],
            stop[surfaces],
            lexicon.link[surfaces],
            np.array(
                [
                    form[:1].isupper() and language not in NOUNS_IN_CAPITALS
                    for form, language in zip(tokens.words, tokens.languages, strict=True)
                ]
            )[surfaces],
            tokens.numerals,
            lexicon,
            spelling,
            tokens.starts,
            tuple(slice(int(a), int(b)) for a, b in itertools.pairwise(edges)),
        )
        stream.link_pairs()
        return stream

    def link_pairs(self) -> None:
        """Let "and" be a word only between two that mostly stand so."""
        if not (self.link & (self.word >= 0)).any():
            return
        n_words = len(self.lexicon.keys)

        def pairs(span: slice) -> tuple[Longs, Longs]:
            """Where "and" stands between two words, and the number of these as a pair."""
            word, link = self.word[span].astype(np.int64), self.link[span]
            first, last = _shifted(word, -1, -1), _shifted(word, 1, -1)
            tied = link & (first >= 0) & (last >= 0) & (first != last)
            at = np.flatnonzero(tied & ~self.lexicon.joiner[first] & ~self.lexicon.joiner[last])
            return at, first[at] * n_words + last[at]

        keys, times = merge_tallies(tally(pairs(span)[1]) for span in self.spans)
        frequency = occurrences(self.word[self.word >= 0], n_words)
        rarer = np.minimum(frequency[keys // n_words], frequency[keys % n_words])
        fixed = keys[(times >= _LEAST_OF_A_PAIR) & (times >= _SHARE_OF_A_PAIR * rarer)]
        for span in self.spans:
            at, pair = pairs(span)
            kept = at[np.isin(pair, fixed)]
            word = np.where(self.link[span], -1, self.word[span])
            word[kept] = self.word[span][kept]
            self.word[span] = word

    def words_in(self, min_df: int) -> _Phrases:
        """The single words in at least `min_df` papers; all others are gaps from now on."""
        kept = self._frequent((self.word[span].astype(np.int64) for span in self.spans), min_df)
        renumbered = np.full(len(self.lexicon.keys) + 1, -1, dtype=np.int32)
        renumbered[kept] = np.arange(len(kept), dtype=np.int32)
        renumbered[:-1][self.lexicon.joiner] = -1
        lost = np.ones(len(self.lexicon.keys) + 1, dtype=bool)
        lost[kept] = False
        self.word[lost[self.word]] = -1
        return _Phrases(
            kept.astype(np.int32)[:, None], renumbered[self.word], self._say_something(kept[:, None])
        )

    def lengthened(self, phrases: _Phrases, min_df: int) -> _Phrases:
        """The phrases of one word more in at least `min_df` papers; their places overwrite the old."""
        kept = self._frequent((self._joined(phrases, span) for span in self.spans), min_df)
        at = phrases.at
        for span in self.spans:
            keys = self._joined(phrases, span)
            place = np.minimum(np.searchsorted(kept, keys), max(len(kept) - 1, 0))
            at[span] = np.where((keys >= 0) & (kept[place] == keys), place, -1) if len(kept) else -1
        first, last = np.divmod(kept, len(self.lexicon.keys))
        words = np.column_stack([phrases.words[first], last]).astype(np.int32)
        return _Phrases(words, at, self._say_something(words))

    def _say_something(self, words: npt.NDArray[Any]) -> Mask:
        """(g,) whether a phrase is a term: it does not end in "of" or "and" and has more than generic words,
        unless two nouns among these make a compound ("data structures", but not "high performance" or "number
        of users").
        """
        joiner = self.lexicon.joiner[words]
        hollow = self.lexicon.generic[words]
        loose = self.lexicon.qualifier[words] | joiner
        compound = (words.shape[1] > 1) & ~loose.any(axis=1)
        says: Mask = ~joiner[:, -1] & (~(hollow | loose).all(axis=1) | compound)
        return says

    def _joined(self, phrases: _Phrases, span: slice) -> Longs:
        at, following = (
            phrases.at[span].astype(np.int64),
            _shifted(self.word[span], phrases.words.shape[1], -1),
        )
        return np.where((at >= 0) & (following >= 0), at * len(self.lexicon.keys) + following, -1)

    def _frequent(self, blocks: Iterable[Longs], min_df: int) -> Longs:
        """The keys that occur in at least `min_df` papers, sorted; -1 is no key."""
        keys, papers = merge_tallies(
            tally(_once_per_paper(block, self._papers(span)))
            for block, span in zip(blocks, self.spans, strict=True)
        )
        if (papers >= min_df).sum() > MAX_TERMS:
            min_df = int(np.partition(papers, -MAX_TERMS - 1)[-MAX_TERMS - 1]) + 1
        return keys[papers >= min_df]

    def _papers(self, span: slice) -> Integers:
        first, last = np.searchsorted(self.starts, [span.start, span.stop])
        lengths = np.diff(self.starts[first : last + 1])
        return np.repeat(np.arange(first, last, dtype=np.int32), lengths)

    def matrix(self, phrases: _Phrases) -> sp.csr_matrix:
        """(n, g) CSR int32, how often each paper uses each phrase."""
        import scipy.sparse as sp

        parts = []
        for span in self.spans:
            at, papers = phrases.at[span], self._papers(span)
            found = at >= 0
            first, last = papers[0], papers[-1] + 1
            ones = np.ones(int(found.sum()), dtype=np.int32)
            shape = (int(last - first), len(phrases.words))
            parts.append(sp.csr_matrix((ones, (papers[found] - first, at[found])), shape=shape))
        return sp.vstack(parts, format="csr")

    def surroundings(self, phrases: _Phrases) -> tuple[Integers, Integers, Floats]:
        """`Counts.before`, `.after` and `.continued` of these phrases."""
        length, n_phrases = phrases.words.shape[1], len(phrases.words)
        times = np.maximum(occurrences(phrases.at[phrases.at >= 0], n_phrases), 1)
        roles, most = [], []
        for step in (-1, length):
            table = np.zeros(n_phrases * len(ROLES), dtype=np.int64)
            pairs = []
            for span in self.spans:
                at = phrases.at[span].astype(np.int64)
                found = at >= 0
                role = _shifted(self.role[span], step, 0)[found]
                word = self._reached(span, step)[found]
                table += np.bincount(at[found] * len(ROLES) + role, minlength=len(table))
                pairs.append(tally((at[found] * (self._any_numeral + 1) + word)[word >= 0]))
            keys, together = merge_tallies(pairs)
            commonest = np.zeros(n_phrases, dtype=np.int64)
            np.maximum.at(commonest, keys // (self._any_numeral + 1), together)
            roles.append(table.reshape(n_phrases, len(ROLES)).astype(np.int32))
            most.append((commonest / times).astype(np.float32))
        return roles[0], roles[1], np.column_stack(most)

    @property
    def _any_numeral(self) -> int:
        """The word that numerals behind a term are taken for: "collagen type" goes on with I as with II."""
        return len(self.lexicon.keys)

    def _reached(self, span: slice, step: int) -> Integers:
        """(t,) the word `step` tokens away, -1 for none. "and" is passed over, and between capitals other
        stop words but "of" are, since a name goes on behind these ("Foot and Ankle", "Committee on Cancer").
        Numerals behind are one word.
        """
        onward = 1 if step > 0 else -1

        def word(place: int) -> Integers:
            return _shifted(self.word[span], place, -1)

        def holds(table: Mask, place: int) -> Mask:
            return _shifted(table[span], place, False)

        reached, numbered = word(step), holds(self.numeral, step)
        reached = np.where(holds(self.link, step), word(step + onward), reached)
        inside = holds(self.capital, step - onward)
        for _ in range(_STOP_WORDS_INSIDE):
            inside &= holds(self.stop, step)
            step += onward
            reached = np.where((reached < 0) & inside & holds(self.capital, step), word(step), reached)
        return np.where(numbered, self._any_numeral, reached) if onward > 0 else reached


def _once_per_paper(keys: Longs, papers: Integers) -> Longs:
    """Each key once for every paper that has it; `papers` ascends."""
    keys, papers = keys[keys >= 0], papers[keys >= 0]
    order = np.argsort(keys, kind="stable")
    keys, papers = keys[order], papers[order]
    fresh = np.ones(len(keys), dtype=bool)
    fresh[1:] = (keys[1:] != keys[:-1]) | (papers[1:] != papers[:-1])
    return keys[fresh]


def _shifted(values: npt.NDArray[Any], step: int, fill: int | bool) -> npt.NDArray[Any]:
    """values[i + step] at i, `fill` beyond the ends."""
    shifted = np.full_like(values, fill)
    if step >= 0:
        shifted[: max(len(values) - step, 0)] = values[step:]
    else:
        shifted[-step:] = values[:step]
    return shifted
