"""Small multiples: each topic's share over time with its interval, the strongest movers first."""

from __future__ import annotations

import numpy as np

from topics.output.canvas import Canvas, Palette
from topics.output.maps.typeset import clean, cut, wrap
from topics.output.trends.periods import among_peaks, peak_of, peak_periods
from topics.trends.shares import percent
from topics.trends.verdicts import ordered
from topics.types import TOO_FEW, Doubles, Topics, TopicTrend, Trends


def draw(trends: Trends, topics: Topics, ink: Palette, width: float) -> Canvas:
    """A page `width` mm wide, with as many rows of panels as it takes."""
    margin, gutter = 5.0, 4.0
    columns = 2 if len(topics) <= 2 else 3 if len(topics) <= 6 else 4 if len(topics) <= 16 else 5
    columns = columns if len(topics) <= 40 else 6
    wide = (width - 2 * margin - (columns - 1) * gutter) / columns
    tall = 13.0 + 0.44 * wide
    rows = -(-len(topics) // columns)
    height = 2 * margin + 16.0 + rows * (tall + 3.0)
    canvas = Canvas(width, height, ink)
    top = canvas.heading(
        f"{len(topics)} topics over time",
        (
            "Share of all dated papers with its 95% interval. Each panel has its own scale.",
            f"The figure is the highest share{among_peaks(trends)}. Hollow dots: incomplete periods.",
        ),
        margin,
    )
    for place, test in enumerate(ordered(trends)):
        row, column = divmod(place, columns)
        left = margin + column * (wide + gutter)
        bottom = top - (row + 1) * (tall + 3.0) + 3.0
        _panel(canvas, trends, topics, test, (left, bottom, wide, tall))
    return canvas


def _panel(
    canvas: Canvas, trends: Trends, topics: Topics, test: TopicTrend, frame: tuple[float, float, float, float]
) -> None:
    left, bottom, wide, tall = frame
    k, ink = test.topic, canvas.ink
    size = 6.4 if wide > 32 else 5.8
    lines = wrap(clean(topics[k].label), width=max(10, int(wide / (0.21 * size))), lines=2)
    for at, line in enumerate(lines):
        canvas.text(left, bottom + tall - 2.4 - 2.8 * at, cut(line, size, wide), size, ink.names[k])
    note = TOO_FEW if test.verdict == TOO_FEW else test.brief.replace(" to ", "–")
    canvas.text(left, bottom + tall - 2.4 - 2.8 * len(lines), cut(note, 5.2, wide), 5.2, ink.faint)
    base, room = bottom + 2.8, tall - 2.8 * len(lines) - 7.6
    shares, high, low = trends.shares[k], trends.high[k].astype(float), trends.low[k].astype(float)
    most = max(float(shares[peak_periods(trends)].max()), 1e-6)
    scale = room / max(1.18 * most, min(float(np.nanmax(high)), 1.5 * most))
    x = left + 0.8 + np.linspace(0, 1, len(shares)) * (wide - 1.6)
    canvas.line([left, left + wide], [base, base], ink.quiet, 0.4)
    ceiling = np.minimum(high * scale, room)
    held, foot = (base + np.minimum(part * scale, room) for part in (shares, low))
    _curve(canvas, x, (held, foot, base + ceiling), trends, k)
    at = peak_of(trends, k)
    outward, side = (0.8, "left") if at < len(x) / 2 else (-0.8, "right")
    peak = float(shares[at])
    y = base + peak * scale + 0.8
    canvas.text(float(x[at]) + outward, y, percent(peak), 5.0, ink.text, ha=side)
    canvas.text(left, bottom + 0.2, trends.periods[0].name, 4.8, ink.faint)
    canvas.text(left + wide, bottom + 0.2, trends.periods[-1].name, 4.8, ink.faint, ha="right")


def _curve(canvas: Canvas, x: Doubles, ys: tuple[Doubles, Doubles, Doubles], trends: Trends, k: int) -> None:
    y, low, high = ys
    ink, known = canvas.ink, np.isfinite(y)
    color, whole = ink.palette[k], trends.complete
    canvas.area(x[known], low[known], high[known], color, alpha=0.22)
    canvas.line(x[known], y[known], color, 0.5, alpha=0.6)
    canvas.line(np.where(whole, x, np.nan), np.where(whole, y, np.nan), color, 1.0, solid_capstyle="round")
    if len(x) <= 60:
        size = 0.9 if len(x) <= 24 else 0.5
        full, part = known & whole, known & ~whole
        canvas.dots(x[full], y[full], color, size)
        canvas.dots(x[part], y[part], ink.paper, size, edgecolors=[color], linewidths=0.5)
