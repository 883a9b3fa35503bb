"""Plain text: what a terminal may be sent, aligned columns, figures."""

from __future__ import annotations

import math
from collections.abc import Sequence

from topics.corpus.segment import JOINERS


def printable(text: str) -> str:
    """Text without control characters, so that a title or a file name cannot steer the terminal."""
    return "".join(
        sign if sign.isprintable() or sign in f"\n {JOINERS}" else "\N{REPLACEMENT CHARACTER}"
        for sign in text
    )


def aligned(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]], sides: str, width: int) -> list[str]:
    """Aligned columns; the second one gives way where the whole is wider than `width`."""
    wide = [max(len(row[at]) for row in (heads, *rows)) for at in range(len(heads))]
    wide[1] = min(wide[1], max(16, width - sum(wide) + wide[1] - 2 * (len(heads) - 1)))
    return [
        "  ".join(
            f"{text if len(text) <= room else text[: room - 1] + '…':{side}{room}}"
            for text, room, side in zip(row, wide, sides, strict=True)
        ).rstrip()
        for row in (heads, *rows)
    ]


def figure(value: float | None) -> str:
    """Four significant digits, without exponents for what people compare; empty where there is none."""
    if value is None or not math.isfinite(value):
        return ""
    return f"{value:.4g}" if value == 0 or 1e-4 <= abs(value) < 1e5 else f"{value:.1e}"
