"""Abstracts that a database wrote in several languages one after another: the one to keep, and the others."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

from topics.corpus.clean import ABSTRACT_HEAD
from topics.corpus.screen import detected, is_english, language

_BLANK_LINE = re.compile(r"[\r\n]\s*[\r\n]")
_PARAGRAPH = re.compile(
    r"[\r\n]\s*[\r\n]"
    r"|</(?:jats:)?(?:[pP]|sec|div)>\s*"
    r"(?:<(?:jats:)?(?:[pP]|sec|div)(?:\s[^<>]*)?>|(?=<(?:jats:)?title\b))"
    r"|<[bB][rR]\s*/?>\s*<[bB][rR]\s*/?>"
)
# A head stands before a translation that goes on in the same paragraph.
_BEGINS = r"(?:(?<=[.!?)\]>\n\"”»。．！？।؟\u0e00-\u0e7f])|^)\s*"
_TRANSLATION = re.compile(rf"{_BEGINS}(?=[\[【]?{ABSTRACT_HEAD})")
# A line break after a sentence, or sentences of another script: a border only where the language is sure.
# What is rare comes first in each pattern: that makes them fast.
_OTHER_SCRIPTS = (
    "\u0370-\u03ff\u0400-\u052f\u0590-\u06ff\u0900-\u0dff\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
)
_STOP = r"[.!?:)\]\"”»。．！？।؟\u0e00-\u0e7f]"
_LINE_END = re.compile(rf"\n(?:(?<={_STOP}\n)|(?<={_STOP}[ \r]\n))\s*(?=[^\sa-z])")
_LINE_END_OR_TAG = re.compile(
    rf"{_LINE_END.pattern}|<[bB](?:(?<={_STOP}<.)|(?<={_STOP} <.))[rR]\s*/?>\s*(?=[^\sa-z])"
)
_OTHER_SCRIPT = re.compile(
    rf"(?<=[.!?)\]\"”])\s+(?=[{_OTHER_SCRIPTS}])|(?<=[。．！？।؟])\s*(?=[A-Z])"
    rf"|(?<=[{_OTHER_SCRIPTS}][.!?])\s+(?=[A-Z])"
)
_IS_OTHER_SCRIPT = re.compile(f"[{_OTHER_SCRIPTS}]")
# A part of each head that has plain letters: looking for it takes a fraction of the time that heads take.
_PLAIN_HEADS = (
    "bstra", "BSTRA", "esum", "ESUM", "iassun", "ommari", "amenva", "fassung", "nglish", "nish", "[E",
    "ntisar",
)  # fmt: skip
_LEAST_PART = 60
"""Bytes: what is shorter is not judged. A Chinese character has three."""

_FEW_ENGLISH, _NO_ENGLISH = 0.1, 0.02
"""Where only a line ends: shares of common English words from which on a text may be English, or has some."""

_LEAST_SURE, _HALF = 0.98, 0.5
"""The probability of another language where there are some and where there are none."""

_LEAST_KANA = 0.05


def one_language(abstract: str, title: str) -> tuple[str, str]:
    """An abstract without its translations, and those.

    Databases write the abstracts that a paper has in several languages one after another. The one in the
    title's language stays, else the first.
    """
    parts = _parts(abstract)
    if len(parts) < 2:
        return abstract, ""
    spoken = [_spoken(part) if _is_long(part) else "" for part in parts]
    for place, code in enumerate(spoken):
        if code.isupper():
            alike = (
                other for other, part in zip(spoken, parts, strict=True) if _script(part) == code != other
            )
            spoken[place] = next(filter(None, alike), code)
    known = [code for code in spoken if code]
    if len(set(known)) < 2:
        return abstract, ""
    wanted = language("", title)
    main = wanted if wanted in known else known[0]
    # A head or a short remark goes with the part after it.
    for place in range(len(parts) - 2, -1, -1):
        spoken[place] = spoken[place] or spoken[place + 1]
    own = [part for part, code in zip(parts, spoken, strict=True) if code in (main, "")]
    others = [part.strip() for part, code in zip(parts, spoken, strict=True) if code not in (main, "")]
    return "\n\n".join(own), "\n\n".join(others)


def _parts(abstract: str) -> list[str]:
    """The parts of an abstract that may be translations of each other: paragraphs, what a head begins, and
    lines or sentences in languages that are surely different.
    """
    parts = [abstract]
    has_tags = "<" in abstract
    if has_lines := has_tags or "\n" in abstract or "\r" in abstract:
        parts = (_PARAGRAPH if has_tags else _BLANK_LINE).split(abstract)
    if not abstract.isascii() or any(map(abstract.__contains__, _PLAIN_HEADS)):
        parts = [part for piece in parts for part in _TRANSLATION.split(piece)]
    if has_lines:
        border = _LINE_END_OR_TAG if has_tags else _LINE_END
        parts = [part for piece in parts for part in _where_sure(border, piece)]
    if not abstract.isascii() and _IS_OTHER_SCRIPT.search(abstract):
        parts = [part for piece in parts for part in _where_sure(_OTHER_SCRIPT, piece)]
    return [part for part in parts if part.strip()]


def _where_sure(border: re.Pattern[str], text: str) -> list[str]:
    """A text at the borders behind which another language surely begins."""
    pieces = border.split(text)
    if len(pieces) < 2:
        return [text]
    spoken = [_surely(piece) for piece in pieces]
    if len(set(spoken) - {""}) < 2:
        return [text]
    parts, last = [pieces[0]], spoken[0]
    for piece, code in zip(pieces[1:], spoken[1:], strict=True):
        if code and last and code != last:
            parts.append(piece)
        else:
            parts[-1] += f"\n{piece}"
        last = code or last
    return parts


def _surely(text: str) -> str:
    """The language of a line or some sentences; "" where it is not sure beyond doubt."""
    if not _is_long(text):
        return ""
    if " the " in text and " of " in text:
        return "en"
    if is_english(text, _FEW_ENGLISH):
        return "en" if is_english(text) else ""
    if script := _script(text):
        return script
    code, probability = detected(text)
    return code if probability >= (_LEAST_SURE if is_english(text, _NO_ENGLISH) else _HALF) else ""


def _is_long(text: str) -> bool:
    return len(text.encode(errors="replace")) >= _LEAST_PART


def _spoken(text: str) -> str:
    """The language of a text, or the script (in capitals) of one that is not sure, if it is not Latin."""
    return language("", text) or _script(text)


def _script(text: str) -> str:
    """The script that most of a text is in, as Unicode names it; "" for Latin. Kana make Han Japanese."""
    if text.isascii():
        return ""
    letters = [sign for sign in text[:400] if sign.isalpha()]
    others = [sign for sign in letters if sign > "\u036f"]
    if 2 * len(others) <= len(letters):
        return ""
    names = Counter(unicodedata.name(sign, "").partition(" ")[0] for sign in others)
    kana = names["HIRAGANA"] + names["KATAKANA"]
    return "HIRAGANA" if kana > _LEAST_KANA * len(others) else names.most_common(1)[0][0]
