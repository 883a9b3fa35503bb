"""Measuring, cleaning and breaking short texts for the printed map, in the font that Matplotlib ships."""

from __future__ import annotations

import textwrap
import unicodedata
from functools import cache
from typing import Any

FONT = "DejaVu Sans"
MM_PER_PT = 25.4 / 72
LINE_HEIGHT = 1.18
CAP_HEIGHT = 0.73


@cache
def _font() -> tuple[Any, Any]:
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextToPath

    return TextToPath(), FontProperties(family=FONT, size=100)


def text_width(text: str, size: float) -> float:
    """Width in mm of one line set at `size` points."""
    to_path, font = _font()
    width, _, _ = to_path.get_text_width_height_descent(text, font, False)
    return float(width) * size / 100 * MM_PER_PT


def clean(text: str) -> str:
    """One line of plain characters: controls, direction overrides and line breaks become spaces."""
    if text.isprintable():
        return " ".join(text.split())
    kept = (" " if unicodedata.category(char) in {"Cc", "Cf", "Zl", "Zp"} else char for char in text)
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
