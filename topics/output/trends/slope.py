"""A slope chart: each topic's share before and after, joined by a line; what rose or fell for certain has a
name.
"""

from __future__ import annotations

import numpy as np

from topics.output.canvas import Canvas, Palette, spread_out
from topics.output.maps.typeset import MM_PER_PT, clean, cut
from topics.output.trends.changes import explained, side_names
from topics.trends.compare import FELL, ROSE
from topics.types import Comparison, Doubles, TopicChange

MOST_NAMES = 30
"""Names on each side."""

MOST_UNCERTAIN_NAMES = 5
"""Names on each side where nothing changed for certain."""


def draw(comparison: Comparison, ink: Palette, width: float) -> Canvas:
    """A page `width` mm wide. A square-root scale lets small shares be seen."""
    margin, names = 5.0, 0.32 * width
    rows = [change for change in comparison.changes if change.before is not None and change.after is not None]
    rows += [change for change in comparison.changes if change.before is None or change.after is None]
    named = _named(rows)
    height = max(0.6 * width, 30.0 + 4.2 * len(named))
    canvas = Canvas(width, height, ink)
    top = canvas.heading(
        " → ".join(side_names(comparison)),
        (
            "Share of all papers on either side, on a square-root scale.",
            "Blue: rose, red: fell, both beyond chance; grey: no clear change.",
        ),
        margin,
    )
    bottom, left, right = margin + 3.0, margin + names, width - margin - names
    most = max(max(change.share_before, change.share_after) for change in rows)
    ends = np.array([[change.share_before, change.share_after] for change in rows])
    y = bottom + np.sqrt(ends / most) * (top - 7.0 - bottom)
    for x, text, side in zip((left, right), side_names(comparison), ("right", "left"), strict=True):
        canvas.line([x, x], [bottom, top - 5.0], ink.quiet, 0.4)
        canvas.text(x, top - 3.6, text, 7.0, ink.text, ha=side, weight="bold")
    for at in sorted(range(len(rows)), key=lambda at: at in named):
        strong = at in named
        color, hint = _color(rows[at], ink), explained(rows[at], comparison)
        wide, veil = (1.2, 0.9) if strong else (0.5, 0.5)
        canvas.line([left, right], y[at], color, wide, alpha=veil, hint=hint)
        canvas.dots([left, right], y[at], color, 1.3 if strong else 0.7, hint=hint)
    _names(canvas, comparison, rows, named, y, (left, right))
    return canvas


def _named(rows: list[TopicChange]) -> list[int]:
    """The certain changes, the largest first, or the largest of all where none is; with few topics, all."""
    moves = np.array([change.move for change in rows])
    largest = np.argsort(-moves, kind="stable").tolist()
    clear = [at for at in largest if _certain(rows[at])]
    return list(range(len(rows))) if len(rows) <= 12 else clear[:MOST_NAMES] or largest[:MOST_UNCERTAIN_NAMES]


def _certain(change: TopicChange) -> bool:
    return change.change in (ROSE, FELL) or change.before is None or change.after is None


def _color(change: TopicChange, ink: Palette) -> Doubles:
    if not _certain(change):
        return ink.quiet
    return ink.rise(change.share_after > change.share_before)


def _names(
    canvas: Canvas,
    comparison: Comparison,
    rows: list[TopicChange],
    named: list[int],
    y: Doubles,
    sides: tuple[float, float],
) -> None:
    size, ink = 6.2, canvas.ink
    gap = size * MM_PER_PT * 1.3
    for side, x in enumerate(sides):
        own = [at for at in named if (rows[at].before, rows[at].after)[side] is not None]
        places = spread_out(y[own, side], gap, 8.0, canvas.height - 24.0)
        outward = -1 if side == 0 else 1
        room = (x if side == 0 else canvas.width - x) - 5.0 - 14.0
        labels = comparison.labels_before if side == 0 else comparison.labels_after
        for at, place in zip(own, places.tolist(), strict=True):
            number = (rows[at].before, rows[at].after)[side]
            share = (rows[at].share_before, rows[at].share_after)[side]
            if number is None:
                continue
            color = _color(rows[at], ink)
            line = [x + outward * reach for reach in (1.0, 2.2, 3.8, 4.8)]
            canvas.line(line, [y[at, side], y[at, side], place, place], color, 0.4)
            text = cut(clean(labels[number]), size, room)
            figure = f"{100 * share:.1f}%"
            full = f"{text}  {figure}" if side == 0 else f"{figure}  {text}"
            ha = "right" if side == 0 else "left"
            canvas.text(x + outward * 5.4, place - 0.36 * size * MM_PER_PT, full, size, ink.text, ha=ha)
