"""Measuring, cleaning and breaking short texts for the printed map, in the font that Matplotlib ships."""

from __future__ import annotations

import textwrap
import unicodedata
import warnings
from functools import cache
from typing import Any

from topics.corpus.segment import JOINERS
from topics.output.maps.fonts import families

MM_PER_PT = 25.4 / 72
LINE_HEIGHT = 1.18
CAP_HEIGHT = 0.73
LONGEST = 200
"""No line has room for more characters than that."""


@cache
def _font(named: tuple[str, ...]) -> tuple[Any, Any]:
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextToPath

    return TextToPath(), FontProperties(family=list(named), size=100)


def text_width(text: str, size: float) -> float:
    """Width in mm of one line set at `size` points."""
    to_path, font = _font(families(text))
    with warnings.catch_warnings():
        # Letters that no font has are reported when they are drawn.
        warnings.simplefilter("ignore")
        width, _, _ = to_path.get_text_width_height_descent(text, font, False)
    return float(width) * size / 100 * MM_PER_PT


def extent(lines: tuple[str, ...], size: float) -> tuple[float, float]:
    """Width and height in mm of lines set at `size` points, with a little air around them."""
    widest = max(text_width(line, size) for line in lines)
    return widest + 0.5 * size * MM_PER_PT, (len(lines) * LINE_HEIGHT + 0.2) * size * MM_PER_PT


def fit(text: str, size: float, width: float, least: float = 0.6) -> tuple[str, float]:
    """A line and its size so that it is at most `width` mm wide: smaller first, down to a share, then cut."""
    wide = text_width(text[:LONGEST], size)
    if wide <= width and len(text) <= LONGEST:
        return text, size
    smaller = max(least, min(1.0, width / wide)) * size
    return cut(text, smaller, width), smaller


def cut(text: str, size: float, width: float) -> str:
    """A line that is at most `width` mm wide at this size, with an ellipsis where something is missing."""
    if len(text) <= LONGEST and (len(text) < 2 or text_width(text, size) <= width):
        return text
    # By halves: measuring costs as much as the text is long.
    low, high = 0, min(len(text) - 1, LONGEST)
    while low < high:
        middle = (low + high + 1) // 2
        if text_width(_ended(text[:middle]), size) <= width:
            low = middle
        else:
            high = middle - 1
    return _ended(text[:low])


def _ended(text: str) -> str:
    return text.rstrip(" ,;:-") + "…"


def clean(text: str) -> str:
    """One line of plain characters: controls, direction overrides and line breaks become spaces.

    Joiners stay, which are part of Persian and Indic words.
    """
    if text.isprintable():
        return " ".join(text.split())
    kept = (
        " " if unicodedata.category(char) in {"Cc", "Cf", "Zl", "Zp"} and char not in JOINERS else char
        for char in text
    )
    return " ".join("".join(kept).split())


def wrap(text: str, width: int = 20, lines: int = 3) -> tuple[str, ...]:
    """Break into at most `lines` lines of about equal length; what is longer still ends in an ellipsis."""
    wanted = min(lines, -(-len(text) // width))
    for measure in range(max(len(text) // max(wanted, 1), 1), len(text) + 1):
        broken = textwrap.wrap(text, measure, break_long_words=measure >= 2 * width, break_on_hyphens=False)
        if len(broken) <= wanted and measure <= 2 * width:
            return tuple(broken)
        if measure > 2 * width:
            break
    short = textwrap.wrap(text, 2 * width, max_lines=lines, placeholder=" …")
    return tuple(short) or (text,)
