"""Plain text and Markdown: what a terminal may be sent, tables, figures."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from topics.corpus.segment import JOINERS


def printable(text: str) -> str:
    """Text without control characters, so that a title or a file name cannot steer the terminal."""
    return "".join(
        sign if sign.isprintable() or sign in f"\n {JOINERS}" else "\N{REPLACEMENT CHARACTER}"
        for sign in text
    )


@dataclass(frozen=True)
class Column:
    """A column of a table that is shown; number: set to the right."""

    head: str
    cells: Sequence[str]
    number: bool = False


def clipped(text: str, width: int) -> str:
    """The beginning of a text that is longer than `width` characters, with a mark that it goes on."""
    return text if len(text) <= width else f"{text[: width - 1]}…"


def aligned(columns: Sequence[Column], width: int, most: int | None = None) -> list[str]:
    """Columns as lines of text; the second gives way where the whole is wider than `width`. most: rows."""
    heads, sides = (column.head for column in columns), [">" if column.number else "<" for column in columns]
    rows = [tuple(heads), *zip(*(column.cells[:most] for column in columns), strict=True)]
    wide = [max(len(row[at]) for row in rows) for at in range(len(columns))]
    wide[1] = min(wide[1], max(16, width - sum(wide) + wide[1] - 2 * (len(columns) - 1)))
    return [
        "  ".join(
            f"{clipped(text, room):{side}{room}}" for text, room, side in zip(row, wide, sides, strict=True)
        ).rstrip()
        for row in rows
    ]


def markdown_table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """The lines of a table in Markdown, whose cells stand as they are (`topics.output.pages.escaped`).

    heads: that of a column of numbers, which are set to the right, ends in a colon.
    """
    sides = "|".join("--:" if head.endswith(":") else "---" for head in heads)
    head, *lines = [f"| {' | '.join(row)} |" for row in ([name.removesuffix(":") for name in heads], *rows)]
    return [head, f"|{sides}|", *lines]


def write_lines(path: Path, lines: Iterable[str]) -> None:
    """UTF-8 text with Unix line ends."""
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", newline="\n")


def figure(value: float | None) -> str:
    """Four significant digits, without exponents for what people compare; empty where there is none."""
    if value is None or not math.isfinite(value):
        return ""
    return f"{value:.4g}" if value == 0 or 1e-4 <= abs(value) < 1e5 else f"{value:.1e}"
