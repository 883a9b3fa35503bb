"""Which records are the same paper: by identifier, by title, by nearly the same abstract.

`Fingerprints` finds candidates through 64-bit numbers kept in arrays, about 250 bytes a record, with work
that grows with the number of records and not of pairs; `same_paper` then compares a candidate's texts. Near
duplicates are found by MinHash with banding (Broder 1997; Leskovec, Rajaraman and Ullman, Mining of Massive
Datasets, chapter 3) over runs of three words.
"""

from __future__ import annotations

import hashlib
import math
import re
import sys
import unicodedata
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

import numpy as np

from topics.corpus.segment import JOINERS, is_unspaced, single_words
from topics.types import Hashes, Longs

_BANDS, _ROWS, _SHINGLE = 20, 4, 3
_FEWEST_WORDS, _FEWEST_LETTERS = 15, 30
_CROWD = 32
_WORD = re.compile(r"[^\W_]+")
_ASCII_WORDS = {code: chr(code).lower() if chr(code).isalnum() else " " for code in range(128)}
# Databases take out joiners, which Persian and Indic words are written with, as they take out accents.
_ACCENT = re.compile(f"[\u0300-\u036f{JOINERS}]")
_NUMERAL = re.compile(r"^(?:\d{1,4}|[ivx]{1,4})$")


def _odd(name: str, *shape: int) -> Hashes:
    """Odd numbers that are the same with every version of everything."""
    digest = hashlib.shake_256(name.encode()).digest(8 * math.prod(shape))
    return np.frombuffer(digest, np.uint64).reshape(shape) | np.uint64(1)


# The permutations of MinHash are affine maps modulo 2**32, which need half the memory of wider ones.
_FACTORS = _odd("factors", _BANDS * _ROWS, 1).astype(np.uint32)
_SUMMANDS = _odd("summands", _BANDS * _ROWS, 1).astype(np.uint32)
_PLACES = _odd("places", _SHINGLE)
_COLUMNS = _odd("columns", _ROWS)


@dataclass(frozen=True)
class Text:
    """What is compared of two records: cleaned texts, identifiers as in `Record`, the year or 0."""

    title: str
    abstract: str
    authors: Sequence[str]
    identifiers: Sequence[str]
    year: int

    @cached_property
    def words(self) -> tuple[str, ...]:
        return tuple(plain_words(self.title))

    @cached_property
    def letters(self) -> str:
        """The abstract without case and spaces; "" where it is too short to be a copy of another one."""
        found = self.abstract.casefold()
        for sign in f" {JOINERS}":
            found = found.replace(sign, "")
        return found if len(found) >= _FEWEST_LETTERS else ""

    @cached_property
    def names(self) -> frozenset[str]:
        return frozenset(word for name in self.authors for word in plain_words(name) if len(word) > 2)

    @cached_property
    def shingles(self) -> Hashes:
        return shingles(self.abstract)


def plain_words(text: str) -> list[str]:
    """Words in lower case without accents and punctuation."""
    if text.isascii():
        return text.translate(_ASCII_WORDS).split()
    return _WORD.findall(_ACCENT.sub("", unicodedata.normalize("NFKD", text)).casefold())


def shingles(text: str) -> Hashes:
    """Distinct hashes of all runs of three words, sorted; none for text of fewer than 15 words.

    A character of a script without blanks counts as a word.
    """
    words = single_words().findall(text) if is_unspaced(text) else plain_words(text)
    if len(words) < _FEWEST_WORDS:
        return np.empty(0, np.uint64)
    hashes = np.frombuffer(b"".join(map(_WORD_DIGESTS.__getitem__, words)), np.uint64)
    runs = len(hashes) - _SHINGLE + 1
    mixed: Hashes = hashes[:runs] * _PLACES[0]
    for place in range(1, _SHINGLE):
        mixed += hashes[place : place + runs] * _PLACES[place]
    mixed ^= mixed >> np.uint64(29)
    mixed.sort()
    is_first = np.ones(runs, np.bool_)
    np.not_equal(mixed[1:], mixed[:-1], out=is_first[1:])
    return mixed[is_first]


class _Digests(dict[str, bytes]):
    """Digests of words, remembered; twice as fast as `lru_cache`, which keeps an order of use."""

    def __missing__(self, word: str) -> bytes:
        if len(self) >= _MOST_DIGESTS:
            self.clear()
        self[word] = digest = hashlib.blake2b(word.encode(), digest_size=8).digest()
        return digest


_MOST_DIGESTS = 300_000
_WORD_DIGESTS = _Digests()


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), sys.byteorder)


def _bands(found: Hashes) -> Hashes:
    """(20,) hashes, each of four minima; two texts agree on one with probability 1 - (1 - J**4)**20."""
    narrow = (found >> np.uint64(32)).astype(np.uint32)
    minima = (narrow * _FACTORS + _SUMMANDS).min(axis=1).astype(np.uint64)
    bands: Hashes = (minima.reshape(_BANDS, _ROWS) * _COLUMNS).sum(axis=1, dtype=np.uint64)
    return bands


def _title_keys(words: Sequence[str]) -> tuple[int, int]:
    """Two hashes of a title: its letters without spaces, and its set of words.

    Zeros for a title too short to tell papers apart.
    """
    letters = "".join(words)
    if len(words) < 3 or len(letters) < 15:
        return 0, 0
    return _hash(letters), _hash(" ".join(sorted(set(words))))


class Fingerprints:
    """The numbers of all records, one row each, from which candidates are found."""

    def __init__(self) -> None:
        self._rows = 0
        self._identifiers, self._identified = array("Q"), array("q")
        self._letters, self._words, self._copies = array("Q"), array("Q"), array("Q")
        self._content = array("Q")
        self._bands, self._banded = array("Q"), array("q")

    def add(self, text: Text) -> None:
        """The next row."""
        for identifier in text.identifiers:
            self._identifiers.append(_hash(identifier))
            self._identified.append(self._rows)
        letters, words = _title_keys(text.words)
        self._letters.append(letters)
        self._words.append(words)
        self._copies.append(_hash(text.letters) if text.letters else 0)
        said = (text.title, text.abstract, *text.authors, *text.identifiers, str(text.year))
        self._content.append(_hash("\n".join(said)))
        if len(text.shingles):
            self._bands.frombytes(_bands(text.shingles).tobytes())
            self._banded.append(self._rows)
        self._rows += 1

    def extend(self, others: Fingerprints) -> None:
        """The rows of `others` after one's own."""
        for own, added in (
            (self._identifiers, others._identifiers),
            (self._letters, others._letters),
            (self._words, others._words),
            (self._copies, others._copies),
            (self._content, others._content),
            (self._bands, others._bands),
        ):
            own.extend(added)
        for places, added in ((self._identified, others._identified), (self._banded, others._banded)):
            places.frombytes((np.frombuffer(added, np.int64) + self._rows).tobytes())
        self._rows += others._rows

    def __len__(self) -> int:
        return self._rows

    def candidates(self) -> Iterator[tuple[int, int]]:
        """Pairs of rows, the earlier first, that share a number; a pair may come more than once.

        All pairs of up to `_CROWD` rows with the same number. In a larger crowd a row is paired with the one
        before it and with the first only. Before is what comes first by content, so that the order of the
        input decides nothing; abstracts that are nearly the same come one after the other.
        """
        content = np.frombuffer(self._content, np.uint64)
        near = np.zeros(self._rows, np.uint64)
        banded = np.frombuffer(self._banded, np.int64)
        bands = np.frombuffer(self._bands, np.uint64).reshape(-1, _BANDS)
        near[banded] = bands[:, 0]
        rank = np.empty(self._rows, np.int64)
        rank[np.lexsort((content, near))] = np.arange(self._rows)
        yield from _pairs(
            np.frombuffer(self._identifiers, np.uint64), np.frombuffer(self._identified, np.int64), rank
        )
        everyone = np.arange(self._rows, dtype=np.int64)
        for keys in (self._letters, self._words, self._copies):
            yield from _pairs(np.frombuffer(keys, np.uint64), everyone, rank)
        for band in bands.T:
            yield from _pairs(band, banded, rank)


def _pairs(keys: Hashes, rows: Longs, rank: Longs) -> Iterator[tuple[int, int]]:
    """rank: (n,) the order of all rows in which those with the same key are paired."""
    order = np.lexsort((rank[rows], keys))
    keys, rows = keys[order], rows[order]
    starts = np.concatenate(([True], keys[1:] != keys[:-1])) if len(keys) else np.empty(0, bool)
    first = np.maximum.accumulate(np.where(starts, np.arange(len(rows)), 0))
    for place in np.flatnonzero(~starts & (keys != 0)).tolist():
        start, row = int(first[place]), int(rows[place])
        others = range(start, place) if place - start < _CROWD else {start, place - 1}
        for other in others:
            if (before := int(rows[other])) != row:
                yield min(before, row), max(before, row)


def same_paper(one: Text, two: Text, threshold: float = 0.8) -> str:
    """Why two records are the same paper, or "" when they are not.

    threshold: the share of three-word runs (Jaccard) from which abstracts are the same text.
    """
    shared = next((key for key in one.identifiers if key in two.identifiers), "")
    alike = jaccard(one.shingles, two.shingles) if len(one.shingles) and len(two.shingles) else None
    if shared:
        return f"same {_SCHEMES.get(shared.partition(':')[0], 'id')}" if _may_share(one, two, alike) else ""
    if _parts_differ(one.words, two.words):
        return ""
    is_copy = bool(one.letters) and one.letters == two.letters and _lacks_title(one, two)
    if is_copy and not _conflict(one, two) and _share_authors(one, two) is not False:
        return "same abstract"
    near = not one.year or not two.year or abs(one.year - two.year) <= 1
    if near and _same_title(one.words, two.words) and _agree(one, two, alike):
        return "same title and year"
    return _same_abstract(one, two, alike, threshold) if alike is not None and alike >= _LEAST else ""


def _lacks_title(one: Text, two: Text) -> bool:
    """Whether titles tell nothing: one has none, or both have the same."""
    return not one.words or not two.words or one.words == two.words


def _same_abstract(one: Text, two: Text, alike: float, threshold: float) -> str:
    """Why two abstracts are of one paper, "" where they are not. alike: how much of their text they share.

    Such abstracts need a title or authors to go with them: databases attach an abstract to the wrong paper.
    Where one has neither, nearly all of the text must be the same.

    Companion papers share much of their abstracts; two identifiers of one kind are a sign of them.
    """
    titles, authors = _overlap(set(one.words), set(two.words)), _share_authors(one, two)
    conflict = _conflict(one, two)
    if alike >= threshold and (titles >= 0.4 or authors):
        return "" if conflict and alike < 0.9 and titles < 0.7 else "same abstract"
    if alike >= max(threshold, _COPY) and _lacks_title(one, two) and authors is None and not conflict:
        return "same abstract"
    return "similar title and abstract" if titles >= 0.7 and authors and not conflict else ""


_SCHEMES = {"doi": "DOI", "arxiv": "arXiv id", "pmid": "PMID"}
_NOT_ALIKE, _LEAST, _COPY = 0.2, 0.5, 0.95


def _may_share(one: Text, two: Text, alike: float | None) -> bool:
    """Whether a common identifier can be trusted.

    Databases give papers the DOI of their proceedings, and now and then a wrong number.
    """
    if alike is not None and alike >= _NOT_ALIKE:
        return True
    titles = _overlap(set(one.words), set(two.words)) if one.words and two.words else 1.0
    if _conflict(one, two) and alike is not None:
        return False
    return titles >= 0.4 or (alike is None and one.year == two.year and _share_authors(one, two) is not False)


def _conflict(one: Text, two: Text) -> bool:
    """Whether both have an identifier of one kind, and not the same."""
    schemes = [{key.partition(":")[0]: key for key in text.identifiers} for text in (one, two)]
    return any(schemes[1].get(scheme, key) != key for scheme, key in schemes[0].items())


def _agree(one: Text, two: Text, alike: float | None) -> bool:
    """Whether abstracts or authors confirm what the same title suggests."""
    authors = _share_authors(one, two)
    if alike is None:
        return authors is not False and not _conflict(one, two)
    return alike >= _NOT_ALIKE or authors is True


def _same_title(one: Sequence[str], two: Sequence[str]) -> bool:
    keys = zip(_title_keys(one), _title_keys(two), strict=True)
    return any(first == second != 0 for first, second in keys)


def _parts_differ(one: Sequence[str], two: Sequence[str]) -> bool:
    """Whether both titles carry numbers, and not the same: Part I and Part II, the tasks of 2023 and 2024."""
    numbers = [{word for word in words if _NUMERAL.match(word)} for words in (one, two)]
    return bool(numbers[0] and numbers[1] and numbers[0] != numbers[1])


def _share_authors(one: Text, two: Text) -> bool | None:
    """Whether half of the shorter list of names is in the other; None when one has no names."""
    if not one.names or not two.names:
        return None
    return 2 * len(one.names & two.names) >= min(len(one.names), len(two.names))


def _overlap(one: set[str], two: set[str]) -> float:
    return len(one & two) / len(one | two) if one or two else 0.0


def jaccard(one: Hashes, two: Hashes) -> float:
    """Share of common members among all members of two sorted sets."""
    common = len(np.intersect1d(one, two, assume_unique=True))
    return common / (len(one) + len(two) - common) if common else 0.0


@dataclass
class Groups:
    """Union of rows that are the same paper; `reasons` says why for each row that was ever joined."""

    size: int
    reasons: dict[int, str] = field(default_factory=dict)
    _parent: dict[int, int] = field(default_factory=dict)

    def root(self, row: int) -> int:
        while (above := self._parent.get(row, row)) != row:
            self._parent[row] = row = self._parent.get(above, above)
        return row

    def join(self, one: int, two: int, reason: str) -> None:
        self.reasons.setdefault(one, reason)
        self.reasons.setdefault(two, reason)
        one, two = self.root(one), self.root(two)
        self._parent[max(one, two)] = min(one, two)

    def members(self) -> dict[int, list[int]]:
        """Rows of each group of two or more, by the group's first row."""
        found: dict[int, list[int]] = {}
        for row in sorted(self.reasons):
            found.setdefault(self.root(row), []).append(row)
        return found


def find_groups(prints: Fingerprints, text_of: Callable[[int], Text], threshold: float) -> Groups:
    """Groups of rows that are the same paper: whoever is the same as a member belongs to the group.

    text_of: the texts of a row; called for candidates only.
    """
    groups = Groups(len(prints))
    compared: set[tuple[int, int]] = set()
    recent = lru_cache(maxsize=10_000)(text_of)
    for pair in prints.candidates():
        if pair in compared or groups.root(pair[0]) == groups.root(pair[1]):
            continue
        compared.add(pair)
        if reason := same_paper(recent(pair[0]), recent(pair[1]), threshold):
            groups.join(*pair, reason)
    return groups
