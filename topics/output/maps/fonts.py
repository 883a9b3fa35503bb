"""The fonts that pictures are set in: Matplotlib's own, and what is installed for letters that it lacks."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable
from functools import cache

from topics.corpus.segment import JOINERS

FONT = "DejaVu Sans"
# Fonts of one look that lend their letters before any other that is installed.
_LENDERS = (
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",
    "Noto Sans",
    "Noto Sans Devanagari",
    "Source Han Sans SC",
    "Arial Unicode MS",
    "PingFang SC",
    "Hiragino Sans",
    "Microsoft YaHei",
    "Malgun Gothic",
    "Nirmala UI",
    "WenQuanYi Zen Hei",
)
_NAMES = {"Cjk": "Han (Chinese, Japanese)", "Private": "private use"}
_UNDRAWN = frozenset(f"{JOINERS}\u200b\u200e\u200f\ufe0e\ufe0f\u00ad")


def families(text: str) -> tuple[str, ...]:
    """Families to set a text in: the first for all letters that it has, then what lends those it lacks."""
    if text.isascii():
        return (FONT,)
    lent = Counter(lender for letter in sorted(_lacking(text)) if (lender := _lender(letter)))
    return (FONT, *lent)


def without_font(texts: Iterable[str]) -> str:
    """A sentence on the scripts of these texts that no installed font has; "" where all have one."""
    letters = sorted({letter for text in texts for letter in _lacking(text) if not _lender(letter)})
    if not letters:
        return ""
    scripts = Counter(_script(letter) for letter in letters)
    named = " and ".join(filter(None, (", ".join(list(scripts)[:-1]), list(scripts)[-1])))
    return (
        f"no font here has the letters of {named}, so pictures show boxes in their place: install one that "
        "does, such as Noto Sans; the pages use the browser's fonts"
    )


def _script(letter: str) -> str:
    """The first word of a letter's Unicode name, which is its script's."""
    word = unicodedata.name(letter, "private use").partition(" ")[0].capitalize()
    return _NAMES.get(word, word)


def _lacking(text: str) -> set[str]:
    """The letters of a text that Matplotlib's font does not have."""
    if text.isascii():
        return set()
    has = _letters(FONT)
    return {letter for letter in text if ord(letter) not in has and not letter.isspace()} - _UNDRAWN


@cache
def _lender(letter: str) -> str:
    """The family that lends a letter: the first usual one, else by its name; "" where none has it."""
    installed = sorted(_files())
    usual = [name for name in _LENDERS if name in installed]
    return next((name for name in dict.fromkeys([*usual, *installed]) if ord(letter) in _letters(name)), "")


@cache
def _files() -> dict[str, str]:
    """The file of each installed family's regular face."""
    from matplotlib.font_manager import fontManager

    faces = sorted(
        fontManager.ttflist,
        key=lambda face: (face.name, face.style != "normal", abs(_weight(face.weight) - 400), face.fname),
    )
    found: dict[str, str] = {}
    for face in faces:
        # Matplotlib's font of last resort has a box for every letter.
        if not face.name.startswith("Last Resort"):
            found.setdefault(face.name, face.fname)
    return found


def _weight(said: object) -> int:
    return said if isinstance(said, int) else 700 if said == "bold" else 400


@cache
def _letters(family: str) -> frozenset[int]:
    """The code points that a family has; none of one whose file cannot be read."""
    from matplotlib.ft2font import FT2Font

    try:
        return frozenset(FT2Font(_files()[family]).get_charmap())
    except (OSError, RuntimeError):
        return frozenset()
