"""A heatmap of topics by periods, ordered by the time of their peak."""

from __future__ import annotations

import numpy as np

from topics.output.canvas import Canvas, Palette
from topics.output.maps.colors import ramp
from topics.output.maps.typeset import clean, cut
from topics.output.trends.periods import among, counted_periods, peak_periods
from topics.types import Doubles, Rows, Topics, Trends

TITLE = "When topics had their time"


def draw(trends: Trends, topics: Topics, ink: Palette, width: float) -> Canvas:
    """A page `width` mm wide, one row per topic; colours compare a topic with its own highest share."""
    margin, pitch = 5.0, 4.2 if len(topics) <= 30 else 3.3
    size = 6.4 if len(topics) <= 30 else 5.6
    names, figures = 0.36 * width, 22.0
    left, right = margin + names + 2.0, width - margin - figures
    height = 2 * margin + 22.5 + pitch * len(topics)
    canvas = Canvas(width, height, ink)
    top = canvas.heading(
        TITLE,
        ("Topics in the order of their peak. A cell is the share of the period's papers, as a part of the "
         "topic's highest share (right).",
         f"Papers are those{among(trends)}. Pale columns are incomplete periods." if among(trends) else ""),
        margin,
    )  # fmt: skip
    top -= 6.0
    shares, whole = trends.shares, counted_periods(trends)
    most = shares[:, peak_periods(trends)].max(axis=1)
    part = shares / np.maximum(most[:, None], 1e-9)
    _columns(canvas, trends, (left, right), top)
    step = (right - left) / len(trends.periods)
    shades = _shades(part, ink)
    for row, k in enumerate(by_peak(trends).tolist()):
        y = top - (row + 1) * pitch
        label = cut(clean(topics[k].label), size, names)
        canvas.text(left - 2.0, y + 0.28 * pitch, label, size, ink.names[k], ha="right")
        for at, value in enumerate(part[k].tolist()):
            if np.isfinite(value):
                fade = 1.0 if trends.complete[at] else 0.45
                cell = (left + at * step + 0.15, y + 0.15, step - 0.3, pitch - 0.3)
                canvas.box(*cell, shades[k, at], alpha=fade)
        canvas.text(right + 2.0, y + 0.28 * pitch, f"{100 * most[k]:.1f}%", size - 0.8, ink.faint)
        papers = f"{trends.counts[k, whole].sum():,}"
        canvas.text(right + 21.0, y + 0.28 * pitch, papers, size - 0.8, ink.faint, ha="right")
    canvas.text(right + 2.0, top + 1.2, "peak", 5.0, ink.faint)
    canvas.text(right + 21.0, top + 1.2, "papers", 5.0, ink.faint, ha="right")
    return canvas


def by_peak(trends: Trends) -> Rows:
    """(k,) topics by the time of their peak: the middle of what exceeds half of their highest share.

    The period of the highest share alone would order topics by noise.
    """
    whole = np.flatnonzero(peak_periods(trends))
    shares = trends.shares[:, whole]
    weight = np.maximum(shares - shares.max(axis=1, keepdims=True) / 2, 0.0)
    middle = (weight * whole).sum(axis=1) / np.maximum(weight.sum(axis=1), 1e-12)
    return np.lexsort((np.arange(len(middle)), np.round(middle, 9)))


def _shades(values: Doubles, ink: Palette) -> Doubles:
    """Nothing is nearly the page's colour, the highest share the strong end of the maps' ramp."""
    share = np.clip(np.nan_to_num(values), 0.0, 1.0)
    strong = ramp(0.15 + 0.85 * share, ink.theme)
    veil = 0.94 * (1 - share[..., None]) ** 2.2
    return np.asarray(veil * ink.paper + (1 - veil) * strong)


def _columns(canvas: Canvas, trends: Trends, span: tuple[float, float], y: float) -> None:
    left, right = span
    step = (right - left) / len(trends.periods)
    every = max(1, int(np.ceil(7.2 / step)))
    for at in range(0, len(trends.periods), every):
        x = left + (at + 0.5) * step
        canvas.text(x, y + 1.2, trends.periods[at].name, 5.4, canvas.ink.faint, ha="center")
