"""Titles and abstracts to a stream of words.

Words stay as the authors write them (`LLMs`, `DP-SGD`, `test-time`, `C++`). Mathematics, LaTeX commands, web
addresses, citations and bare numbers leave a gap that no phrase crosses, and so does punctuation.
"""

from __future__ import annotations

import re
from array import array
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

import numpy as np
import numpy.typing as npt

from topics.cache.parallel import PART, in_order, parts_of
from topics.types import Integers, Progress, unwatched

GAP = 0
"""Surface number of anything a phrase cannot cross: a comma, a formula, a bracket."""

STOP = 1
"""Surface number of the end of a sentence, a title or an abstract: a capital after it means nothing."""

_WORD = re.compile(
    r"[^\W_]+(?:['-][^\W_]+|(?<=\d)\.\d[^\W_]*)*(?:\+\+|(?<=\b[A-Z])\#)?|[.?!:](?=\s|$)|[^\w\s]+|_+"
)
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
    words: the distinct words as written; the first two entries are GAP and STOP.
    """

    surfaces: Integers
    starts: npt.NDArray[np.int64]
    title_lengths: npt.NDArray[np.int64]
    words: tuple[str, ...]


@dataclass(frozen=True)
class _Part:
    """Some papers' words, numbered by themselves.

    surfaces: (t,) int32, GAP and STOP as in `Tokens`; lengths: (2, m) tokens of each title and abstract.
    words: from number 2 on, in the order of their first places.
    """

    surfaces: Integers
    lengths: npt.NDArray[np.int64]
    words: tuple[str, ...]


def tokenise(titles: Sequence[str], abstracts: Sequence[str], progress: Progress = unwatched) -> Tokens:
    """Read n titles and n abstracts."""
    numbers: dict[str, int] = defaultdict(count(2).__next__)
    stream, lengths = array("i"), []
    for part in in_order(_read, parts_of(zip(titles, abstracts, strict=True), PART)):
        own = np.fromiter(map(numbers.__getitem__, part.words), np.int32, len(part.words))
        stream.frombytes(np.concatenate([[GAP, STOP], own]).astype(np.int32)[part.surfaces].tobytes())
        lengths.append(part.lengths)
        progress(part.lengths.shape[1])
    words = ["", "", *numbers]
    surfaces = np.frombuffer(stream, dtype=np.int32)
    # A single small letter is a variable; a single capital may be a vitamin.
    gaps = np.array(
        [not any(map(str.isalpha, word)) or (len(word) == 1 and word.islower()) for word in words]
    )
    gaps[STOP] = False
    surfaces[gaps[surfaces]] = GAP
    both = np.concatenate([np.zeros((2, 0), np.int64), *lengths], axis=1)
    return Tokens(surfaces, np.concatenate([[0], np.cumsum(both.sum(axis=0))]), both[0], tuple(words))


def _read(papers: Sequence[tuple[str, str]]) -> _Part:
    numbers: dict[str, int] = defaultdict(count(2).__next__)
    for mark in _SENTENCE_END:
        numbers[mark] = STOP
    number = numbers.__getitem__
    stream = array("i")
    lengths = np.zeros((2, len(papers)), dtype=np.int64)
    for row, pair in enumerate(papers):
        for part, text in enumerate(pair):
            found = _WORD.findall(clean(text))
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
