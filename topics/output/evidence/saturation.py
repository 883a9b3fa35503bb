"""Saturation as a page of Markdown, a table and a picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from topics.config import MapSettings
from topics.output.canvas import Canvas, Palette, make_ink
from topics.output.tables.csv_file import write_csv
from topics.output.text import figure, markdown_table, write_lines
from topics.trends.shares import percent
from topics.types import counted
from topics.types.groups import Accumulation, Saturation

FILES = ("saturation.md", "saturation.csv")
PLOT = "saturation"
"""Stem of the picture (.png and .svg)."""

MARGIN = 5.0


def write_saturation(found: Saturation, settings: MapSettings, folder: Path) -> tuple[str, ...]:
    """Write tables and picture; gives the file names."""
    write_lines(folder / FILES[0], _page(found))
    rows = (
        (end, curve.name, *(figure(values[at]) for values in (curve.mean, curve.low, curve.high)))
        for curve in found.curves
        for at, end in enumerate(found.ends)
    )
    write_csv(folder / FILES[1], ("papers", "what", "met", "low", "high"), rows)
    ink = make_ink(None, 1, settings.theme)
    return (*FILES, *draw(found, ink, settings.width_mm).save(folder / PLOT))


def sentences(found: Saturation) -> list[str]:
    """What the figures say, for the terminal and the page."""
    topics, _, words, settled = found.curves
    last = found.ends[-1] - found.ends[-2]
    share, lasting = words.last / words.mean[-1], settled.last / max(settled.mean[-1], 1)
    lines = [
        f"{counted(found.papers, 'paper')} in {found.orders} random orders. The last tenth "
        f"({counted(last, 'paper')}) brought {_range(topics)} of {counted(found.topics, 'topic')} that the "
        f"others do not touch; {_range(words)} new words, "
        f"{percent(share)} of {words.mean[-1]:,.0f}; and to {_range(settled)} words their fifth paper, "
        f"{percent(lasting)} of {settled.mean[-1]:,.0f} that have one."
    ]
    if found.missed:
        few = ", ".join(str(topic) for topic in found.missed)
        lines.append(
            f"Grouped without a random tenth, the papers miss {np.mean(found.missed):.1f} of "
            f"{counted(found.topics, 'topic')} on average ({few} in "
            f"{counted(len(found.missed), 'repetition')}): at most so many hang on the last tenth, and "
            "some of these on borders that move anyway."
        )
    else:
        lines.append(
            "How many topics are missed without a tenth of the papers is not known: the run's repetitions of "
            "its grouping hold fewer papers, or were not kept."
        )
    if words.more is not None:
        lines.append(
            f"Another {counted(last, 'paper')} from the same sources would bring about {words.more:,.0f} new "
            f"words, and {percent(found.coverage)} of the words in a further paper are known already."
        )
    return lines


def _range(curve: Accumulation) -> str:
    middle = f"{curve.last:,.0f}" if curve.last >= 10 or curve.last < 0.05 else f"{curve.last:.1f}"
    return f"{middle} ({curve.last_low:,.0f} to {curve.last_high:,.0f})"


def _page(found: Saturation) -> list[str]:
    shown = [at for at in (0, 4, 7, 8, 9) if at < len(found.ends)]
    heads = [f"{counted(found.ends[at], 'paper')}:" for at in shown]
    lines = ["# Would more papers bring more?", ""]
    for sentence in sentences(found):
        lines += [sentence, ""]
    rows = [
        (
            curve.name,
            *(f"{curve.mean[at]:,.1f}" for at in shown),
            _range(curve),
            "" if curve.more is None else f"{curve.more:,.0f}",
        )
        for curve in found.curves
    ]
    lines += markdown_table(("met after", *heads, "the last tenth:", "another tenth:"), rows)
    lines += ["", "Means over the orders; in brackets the range of 95 % of them."]
    return lines


def draw(found: Saturation, ink: Palette, width: float) -> Canvas:
    """A page `width` mm wide: topics and words met, by the number of papers."""
    tall, gap = 46.0, 12.0
    wide = (width - 2 * MARGIN - gap) / 2
    canvas = Canvas(width, 2 * MARGIN + 24.0 + tall, ink)
    top = canvas.heading(
        "Would more papers bring more?",
        (
            f"What was met after so many papers, in {found.orders} random orders: mean and 95% of them.",
            "Strong: met in one paper or more. Pale: in five or more.",
        ),
        MARGIN,
    )
    pairs = (("topics", found.curves[:2]), ("words", found.curves[2:]))
    for at, (name, curves) in enumerate(pairs):
        _panel(canvas, found, name, curves, (MARGIN + at * (wide + gap), top - 4.0, wide, tall))
    return canvas


def _panel(
    canvas: Canvas,
    found: Saturation,
    name: str,
    curves: Sequence[Accumulation],
    place: tuple[float, float, float, float],
) -> None:
    left, top, wide, tall = place
    ink, base = canvas.ink, top - tall + 4.0
    most = max(curve.high[-1] for curve in curves) or 1.0
    height, start = tall - 9.0, left + 9.0
    x = start + np.array([0, *found.ends]) / found.papers * (wide - 10.0)

    def y(values: Sequence[float]) -> list[float]:
        return [base + value / most * height for value in (0.0, *values)]

    canvas.text(left, top, name, 7.0, ink.text, weight="bold")
    canvas.line([start, left + wide], [base, base], ink.quiet, 0.4)
    for curve, color in zip(curves, (ink.rise(True), ink.quiet), strict=True):
        hint = f"{curve.name}: {curve.mean[-1]:,.0f}; the last tenth brought {_range(curve)}"
        canvas.area(x, y(curve.low), y(curve.high), color, alpha=0.2, hint=hint)
        canvas.line(x, y(curve.mean), color, 1.2, hint=hint)
        canvas.dots(x[1:], y(curve.mean)[1:], color, 1.2, hint=hint)
    canvas.text(start - 1.5, base + height - 1.0, f"{most:,.0f}", 5.4, ink.faint, ha="right")
    canvas.text(start - 1.5, base - 0.8, "0", 5.4, ink.faint, ha="right")
    canvas.text(start, base - 3.4, "0", 5.4, ink.faint, ha="center")
    canvas.text(left + wide, base - 3.4, counted(found.papers, "paper"), 5.4, ink.faint, ha="right")
