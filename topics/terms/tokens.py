"""Titles and abstracts to a stream of words.

Words stay as the authors write them (`LLMs`, `DP-SGD`, `test-time`, `C++`). Mathematics, LaTeX commands, web
addresses, citations and bare numbers leave a gap that no phrase crosses, and so does punctuation. Combining
marks belong to their letter; text without blanks is divided by `topics.corpus.segment`.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count, repeat

import numpy as np

from topics.cache.parallel import PART, in_order, parts_of
from topics.corpus.segment import JOINERS, is_japanese, is_unspaced, marks, segment
from topics.terms.lexicon import stop_list
from topics.types import Integers, Longs, Mask, Progress, unwatched

GAP = 0
"""Surface number of anything a phrase cannot cross: a comma, a formula, a bracket."""

STOP = 1
"""Surface number of the end of a sentence, a title or an abstract: a capital after it means nothing."""

_LETTERS, _ASCII_LETTERS = rf"(?:[^\W_][{marks()}{JOINERS}]*)", "[A-Za-z0-9]"
_WORD_PATTERN, _ASCII_PATTERN = (
    rf"{letters}+(?:['-]{letters}+|(?<=\d)\.\d{letters}*)*(?:\+\+|(?<=\b[A-Z])\#)?"
    r"|[.?!:](?=\s|$)|[^\w\s]+|_+"
    for letters in (_LETTERS, _ASCII_LETTERS)
)
_WORD, _ASCII_WORD = re.compile(_WORD_PATTERN), re.compile(_ASCII_PATTERN)
"""The second finds the same in ASCII text, in a quarter of the time."""

_ELIDED = (
    r"\b(?:de\s+)?l'(?=[^\W_])|\b(?:[cdjmnst]|qu|jusqu|lorsqu|puisqu|(?:de|a|ne|su|da)ll|un|quest)'(?=[^\W_])"
)
_DE_LA = r"\bde\s+l(?:as?|os?)\b(?=\s)"
_WORD_OF: Mapping[str, re.Pattern[str]] = {
    **dict.fromkeys(
        ("fr", "it", "ca", "pt"), re.compile(f"{_ELIDED}|{_DE_LA}|{_WORD_PATTERN}", re.IGNORECASE)
    ),
    **dict.fromkeys(("es", "gl"), re.compile(f"{_DE_LA}|{_WORD_PATTERN}", re.IGNORECASE)),
}
"""Where elided words ("l'eau") are two, and a preposition and its article ("de la") are one joiner."""

_OF = "\t"
"""Stands between a word and its language while words are numbered."""
_NUMERAL = re.compile(r"[1-9]\d?[a-zA-Z]?|(?:I{1,3}|IV|VI{0,3})[ab]?")
_SENTENCE_END = frozenset(".?!:")
_CHARACTERS = str.maketrans(
    {
        "’": "'",
        "‘": "'",
        "‐": "-",
        "‑": "-",
        "‒": "-",
        "–": "-",
        "—": ",",
        "−": "-",
        "\u00ad": "",
        "\u00a0": " ",
    }
)
_WEB = re.compile(r"(?:https?://|www\.)\S+|\b[\w.+-]+@[\w-]+\.[\w.]+|\b(?:doi|arxiv):\s?\S+", re.IGNORECASE)
_NAME = r"[A-Z][^\W\d_]+(?:[-'][^\W\d_]+)*"
_CITATION = re.compile(rf"{_NAME}(?:,? (?:and|&) {_NAME})?,? et al\b\.?(?:,?\s*[(\[]?\d{{4}}[a-z]?[)\]]?)?")
_PARENTHESIS = re.compile(r"[(\[][^()\[\]]{0,120}\b(?:19|20)\d\d[a-z]?\s*[)\]]")

_INSIDE = r"(?:[^$.]|\.(?!\s+[A-Z]))"
_TEX = re.compile(
    rf"\$\$.*?\$\$|(?<!\\)\$(?!\s){_INSIDE}{{1,400}}?(?<![\s\\])\$(?!\d)"
    r"|\\[a-zA-Z]*(?:cite|ref|label|url)[a-zA-Z]*\*?(?:\[[^\]]*\])*\{[^{}]*\}"
    r"|\\begin\{(\w+)\*?\}.*?\\end\{\1\*?\}",
    re.DOTALL,
)
_STYLE = re.compile(r"\\(?:em|it|bf|sc|tt|rm|sf|sl|emph|text[a-z]*|underline)(?![a-zA-Z])\s*")
_COMMAND = re.compile(r"\\(?:[a-zA-Z]+\*?|.)")
_SIGNS = r"[\^_=<>∈∉⊂⊆∪∩∞≤≥≪≫≲≳∼≈≃≡≠±×∝→⟶↦⇒∀∃∂∇∑∏∫√⟨⟩∥⊗⊕]"
_SIGN = re.compile(_SIGNS)
_FORMULA = re.compile(rf"\S*{_SIGNS}\S*")


@dataclass(frozen=True)
class Tokens:
    """The words of all papers in one row.

    surfaces: (t,) int32, an index into `words` per token; GAP and STOP stand for what ends a phrase.
    starts: (n + 1,) int64, where each paper begins; a paper always ends with STOP.
    title_lengths: (n,) int64, how many of a paper's first tokens are its title.
    numerals: (t,) whether a token is a small number, in digits or Roman, which may be part of a name.
    words: the distinct words of each language as written; the first two entries are GAP and STOP.
    languages: of each of these, "" for English, else an ISO 639-1 code.
    """

    surfaces: Integers
    starts: Longs
    title_lengths: Longs
    numerals: Mask
    words: tuple[str, ...]
    languages: tuple[str, ...]


@dataclass(frozen=True)
class _Part:
    """Some papers' words, numbered by themselves.

    surfaces: (t,) int32, GAP and STOP as in `Tokens`; lengths: (2, m) tokens of each title and abstract.
    words: from number 2 on, in the order of their first places; those of other languages than English are
        followed by `_OF` and their language.
    """

    surfaces: Integers
    lengths: Longs
    words: tuple[str, ...]


def tokenise(
    titles: Sequence[str],
    abstracts: Sequence[str],
    progress: Progress = unwatched,
    *,
    languages: Sequence[str] = (),
) -> Tokens:
    """Read n titles and n abstracts.

    languages: (n,) as from `topics.screen.read_languages`; all English by default.
    """
    numbers: dict[str, int] = defaultdict(count(2).__next__)
    stream, lengths = array("i"), []
    papers = zip(titles, abstracts, languages or repeat("", len(titles)), strict=True)
    for part in in_order(_read, parts_of(papers, PART)):
        own = np.fromiter(map(numbers.__getitem__, part.words), np.int32, len(part.words))
        stream.frombytes(np.concatenate([[GAP, STOP], own]).astype(np.int32)[part.surfaces].tobytes())
        lengths.append(part.lengths)
        progress(part.lengths.shape[1])
    named = [word.partition(_OF) for word in ["", "", *numbers]]
    surfaces = np.frombuffer(stream, dtype=np.int32)
    numerals = np.array([_NUMERAL.fullmatch(word) is not None for word, _, _ in named])[surfaces]
    gaps = np.array([_is_gap(word, language) for word, _, language in named])
    gaps[STOP] = False
    surfaces[gaps[surfaces]] = GAP
    both = np.concatenate([np.zeros((2, 0), np.int64), *lengths], axis=1)
    return Tokens(
        surfaces,
        np.concatenate([[0], np.cumsum(both.sum(axis=0))]),
        both[0],
        numerals,
        tuple(word for word, _, _ in named),
        tuple(language for _, _, language in named),
    )


def _is_gap(word: str, language: str) -> bool:
    """Whether it is no word. A single small letter is a variable, where it is no word of the language; a
    single capital may be a vitamin.
    """
    if not any(map(str.isalpha, word)):
        return True
    signs = len(word) if word.isascii() else sum(unicodedata.category(sign)[0] != "M" for sign in word)
    alone = signs == 1 and word.islower()
    return alone and word not in stop_list(language) if language else alone


def _read(papers: Sequence[tuple[str, str, str]]) -> _Part:
    numbers: dict[str, int] = defaultdict(count(2).__next__)
    for mark in _SENTENCE_END:
        numbers[mark] = STOP
    number = numbers.__getitem__
    stream = array("i")
    lengths = np.zeros((2, len(papers)), dtype=np.int64)
    for row, (title, abstract, language) in enumerate(papers):
        pattern = _WORD_OF.get(language, _WORD)
        japanese = is_japanese(title + abstract) if is_unspaced(title) else None
        for part, text in enumerate((title, abstract)):
            plain = clean(segment(text, japanese=japanese))
            quick = pattern is _WORD and plain.isascii()
            found = (_ASCII_WORD if quick else pattern).findall(plain)
            if language:
                found = [word if word in _SENTENCE_END else f"{word}{_OF}{language}" for word in found]
            found.append(".")
            stream.extend(map(number, found))
            lengths[part, row] = len(found)
    words = tuple(word for word, place in numbers.items() if place > STOP)
    return _Part(np.frombuffer(stream, dtype=np.int32), lengths, words)


def clean(text: str) -> str:
    """The text with a comma in place of formulas, web addresses and citations.

    `Corpus` holds LaTeX already converted; what was not convertible goes here.
    """
    if not text.isascii():
        text = text.translate(_CHARACTERS)
    if " & " in text:
        text = text.replace(" & ", " and ")
    if "\\" in text or "$" in text:
        text = _COMMAND.sub(" , ", _STYLE.sub("", _TEX.sub(" , ", text)))
    if ":" in text or "www." in text or "@" in text:
        text = _WEB.sub(" , ", text)
    if "et al" in text:
        text = _CITATION.sub(" , ", text)
    if ("(" in text or "[" in text) and ("19" in text or "20" in text):
        text = _PARENTHESIS.sub(" , ", text)
    if _SIGN.search(text):
        text = _FORMULA.sub(" , ", text)
    return text.replace("{", "").replace("}", "").replace("--", "-").replace("~", " ")
