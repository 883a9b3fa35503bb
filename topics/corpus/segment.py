"""Scripts without blanks between words: where they are, how long such text is, its division into words.

Chinese is divided by jieba, Japanese by Sudachi and Thai by PyThaiNLP's newmm, each with its own dictionary.
"""

from __future__ import annotations

import importlib.util
import os
import re
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from functools import cache
from typing import Any

_HAN = "\u2e80-\u2fdf\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
_KANA = "\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\uff66-\uff9f"
_THAI = "\u0e01-\u0e3a\u0e40-\u0e4e"
_LAO_BURMESE_KHMER = "\u0e81-\u0ece\u1000-\u104f\u1780-\u17d3"

_UNSPACED = re.compile(f"[{_HAN}{_KANA}{_THAI}{_LAO_BURMESE_KHMER}]")
_RUN = re.compile(f"[{_HAN}{_KANA}]{{1,4000}}|[{_THAI}]{{1,4000}}")
_KANJI_OR_KATAKANA = re.compile(f"[{_HAN}]+|[\u30a1-\u30fa\u30fc-\u30ff]+|.")
_KANA_SIGN = re.compile(f"[{_KANA}]")
_SYLLABIC = re.compile(f"[{_THAI}{_LAO_BURMESE_KHMER}]")

_TERM_WORD = re.compile(r"(?<= )de l(?:as?|os?)(?= )|(?<= )de l'|(?<![^ ])[dl]'(?=[a-zß-ÿœ])|[^ ]+")

JOINERS = "\u200c\u200d"
"""ZERO WIDTH NON-JOINER and JOINER: inside a word they belong to it (UAX #29, WB4)."""

_LEAST_KANA = 0.05
"""Share of kana among a text's Han and kana from which on it is Japanese; a Chinese one may quote a word."""

_SIGNS_OF_A_WORD, _SIGNS_OF_A_SYLLABIC_WORD = 2, 5
"""About how many characters make a word: of Chinese and Japanese, and of Thai, Lao, Burmese and Khmer."""

PACKAGES = {"ja": ("sudachipy", "sudachidict_small"), "th": ("pythainlp",)}
"""What divides a language besides what is always installed, by import name."""

_JAPANESE_PARTS = {"名詞": "word", "形状詞": "word", "接尾辞": "after", "接頭辞": "before"}
_NO_NAMES = frozenset(("代名詞", "数詞"))
_CHINESE_GLUE = frozenset("p c d r m q f u y e o x t uj ul uv ud ug uz dg rr rz mq".split())
"""jieba's parts of speech of prepositions, conjunctions, adverbs, pronouns, numerals, particles and
punctuation."""


@cache
def marks() -> str:
    """Combining marks (general category M), as ranges of a character class.

    Unicode's word rules (UAX #29) keep them with the letter before them, which Python's regular expressions
    do not.
    """
    found = [code for code in range(0x300, 0x1E950) if unicodedata.category(chr(code))[0] == "M"]
    ranges: list[list[int]] = []
    for code in found:
        if ranges and code == ranges[-1][1] + 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in ranges)


@cache
def single_words() -> re.Pattern[str]:
    """Words for comparisons, none of which is ever cut: each character of a script without blanks is
    one, so that a run of them is found wherever it stands.
    """
    unspaced = _UNSPACED.pattern[1:-1]
    return re.compile(f"[{unspaced}]|(?:(?![{unspaced}])[^\\W_][{marks()}{JOINERS}]*)+")


def is_unspaced(text: str) -> bool:
    """Whether any of it is in a script without blanks between words."""
    return not text.isascii() and _UNSPACED.search(text) is not None


def length_in_words(text: str) -> tuple[int, int]:
    """How long a cleaned text, of one blank between words, is in words, and how many characters of it are of
    scripts without blanks.

    There two characters count as a word of Chinese or Japanese, and five of Thai, Lao, Burmese or Khmer.
    """
    if not is_unspaced(text):
        return text.count(" ") + 1 if text else 0, 0
    signs = len(_UNSPACED.findall(text))
    syllabic = len(_SYLLABIC.findall(text))
    spaced = len([word for word in _UNSPACED.sub(" ", text).split() if any(map(str.isalnum, word))])
    words = (signs - syllabic) / _SIGNS_OF_A_WORD + syllabic / _SIGNS_OF_A_SYLLABIC_WORD
    return spaced + int(words), signs


def join_words(words: Iterable[str]) -> str:
    """Words as a line: with blanks, but for two of a script that has none and after an elision ("l'eau")."""
    line = ""
    for word in words:
        glued = line.endswith("'") or (
            line and _UNSPACED.match(word) and _UNSPACED.match(line[-1]) and not line.isascii()
        )
        line += word if glued or not line else f" {word}"
    return line


def split_terms(terms: Sequence[str]) -> list[list[str]]:
    """The words of each term. Where there are no blanks, those that are terms themselves: "糖尿病患者" is two
    where 糖尿病 and 患者 are there. "de la" is one word, and so is the "l'" of "de l'eau".
    """
    singles = {term for term in terms if " " not in term and is_unspaced(term)}
    return [
        [part for word in _TERM_WORD.findall(term) for part in _known_parts(word, singles)]
        if "'" in term or " de l" in term or not term.isascii()
        else term.split(" ")
        for term in terms
    ]


def _known_parts(word: str, singles: Set[str]) -> list[str]:
    """The fewest of the single words, two at least, that make up a word without blanks; else the word."""
    if not is_unspaced(word):
        return [word]
    best: list[list[str] | None] = [[]]
    for end in range(1, len(word) + 1):
        found = [
            [*before, word[start:end]]
            for start in range(end)
            if (before := best[start]) is not None and word[start:end] in singles and end - start < len(word)
        ]
        best.append(min(found, key=len, default=None))
    return best[-1] or [word]


def divisions(words: Sequence[str], known: Set[str]) -> Iterator[tuple[str, ...]]:
    """All ways to divide the words of a term further into known ones, where they have no blanks; at least
    the words themselves.
    """
    if not words:
        yield ()
        return
    for rest in divisions(words[1:], known):
        yield (words[0], *rest)
        if is_unspaced(words[0]):
            for at in range(1, len(words[0])):
                if words[0][:at] in known:
                    for inner in divisions([words[0][at:]], known):
                        if set(inner) <= known:
                            yield (words[0][:at], *inner, *rest)


def is_japanese(text: str) -> bool:
    """Whether the Han and kana of a text are Japanese."""
    kana = len(_KANA_SIGN.findall(text))
    return kana > 0 and kana >= _LEAST_KANA * len(_UNSPACED.findall(text))


def segment(text: str, *, japanese: bool | None = None) -> str:
    """The text with blanks around its words of Chinese, Japanese and Thai, and a comma for what is no part
    of a name there: particles, verbs' endings, numerals. All other text stays as it is.

    japanese: how to read Han characters; by the kana of this text unless told.
    """
    if not is_unspaced(text):
        return text
    if japanese is None:
        japanese = is_japanese(text)

    def divided(run: re.Match[str]) -> str:
        if _SYLLABIC.match(run[0]):
            divide = _newmm()
            words = list(divide(run[0])) if divide else [""]
        else:
            words = _japanese(run[0]) if japanese else _chinese(run[0])
        return f" {' '.join(word or ',' for word in words)} "

    return _RUN.sub(divided, text)


def undivided(language: str) -> str:
    """The package to install for dividing a language into words; empty where nothing is missing."""
    missing = [name for name in PACKAGES.get(language, ()) if importlib.util.find_spec(name) is None]
    return "paper-topics[languages]" if missing else ""


def _chinese(run: str) -> list[str]:
    import rjieba

    return ["" if part in _CHINESE_GLUE else word for word, part in rjieba.tag(run)]


def _japanese(run: str) -> list[str]:
    tokenizer = _sudachi()
    if tokenizer is None:
        # Nouns are mostly written in one of these two scripts, and what stands between them in hiragana.
        return [part if len(part) > 1 else "" for part in _KANJI_OR_KATAKANA.findall(run)]
    words: list[str] = []
    pending = ""
    for part in tokenizer(run):
        speech, kind = part.part_of_speech()[:2]
        role = "" if kind in _NO_NAMES else _JAPANESE_PARTS.get(speech, "")
        # One character behind a noun is an ending, whatever it is called: 日本 and 語, 効力 and 感.
        ending = role == "word" and len(part.surface()) == 1 and not pending
        if (role == "after" or ending) and words and words[-1]:
            words[-1] += part.surface()
        elif role == "before":
            pending += part.surface()
        else:
            words.append(pending + part.surface() if role else "")
            pending = ""
    return [*words, pending] if pending else words


@cache
def _sudachi() -> Callable[[str], Any] | None:
    """None where it is not installed."""
    if undivided("ja"):
        return None
    from sudachipy import Dictionary, SplitMode

    tokenize: Callable[[str], Any] = Dictionary(dict="small").tokenizer(mode=SplitMode.C).tokenize
    return tokenize


@cache
def _newmm() -> Callable[[str], Iterable[str]] | None:
    """None where it is not installed."""
    if undivided("th"):
        return None
    if "pythainlp" not in sys.modules and "PYTHAINLP_READ_MODE" not in os.environ:
        # Otherwise importing it makes a folder in the user's home.
        os.environ.setdefault("PYTHAINLP_READ_ONLY", "1")
    from pythainlp.tokenize.newmm import segment as divide

    found: Callable[[str], Iterable[str]] = divide
    return found
