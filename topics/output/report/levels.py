"""The numbers of topics that were weighed, with their scores, as a picture; it marks those to choose from."""

from __future__ import annotations

import numpy as np

from topics.output.canvas import Canvas, inline_svg, make_ink
from topics.types import NEARLY_AS_GOOD, Clustering, Doubles, Levels

WIDE, NARROW, TALL = 150.0, 84.0, 52.0
"""The picture's width on a page and on a telephone, and its height, in mm."""

_LEFT, _RIGHT, _TOP, _BOTTOM = 14.0, 6.0, 7.0, 12.0

_TICKS = (2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100, 150, 200, 300, 500)

_ROOM = 0.02
"""Room for scores below that of the lowest level to choose from; lower ones lie outside the picture."""


def draw_levels(clustering: Clustering, levels: Levels, wide: float = WIDE) -> str:
    """The picture as an SVG element, `wide` mm; "" where there is nothing to choose from."""
    if not levels.levels:
        return ""
    ink = make_ink(None, 1, "light")
    canvas = Canvas(wide, TALL, ink)
    curve = _curve(clustering, levels)
    lowest = min(min(level.score for level in levels.levels), levels.best - 2 * NEARLY_AS_GOOD) - _ROOM
    curve = curve[curve[:, 1] >= lowest]
    low, high = np.log(curve[:, 0].min()), np.log(curve[:, 0].max())

    def x(number: float) -> float:
        return _LEFT + 3 + float((np.log(number) - low) / max(high - low, 1e-9)) * (wide - _LEFT - _RIGHT - 6)

    def y(score: float) -> float:
        return _BOTTOM + (score - lowest) / (levels.best - lowest) * (TALL - _BOTTOM - _TOP)

    foot, across = y(levels.best - NEARLY_AS_GOOD), wide - _LEFT - _RIGHT
    hint = f"scores within {NEARLY_AS_GOOD:g} of the best"
    canvas.box(_LEFT, foot, across, y(levels.best) - foot, ink.faint, alpha=0.14, hint=hint)
    canvas.line([_LEFT, wide - _RIGHT], [_BOTTOM, _BOTTOM], ink.faint, 0.5)
    for number in _TICKS:
        if low - 1e-9 <= np.log(number) <= high + 1e-9:
            canvas.line([x(number)] * 2, [_BOTTOM - 1, _BOTTOM], ink.faint, 0.5)
            canvas.text(x(number), _BOTTOM - 4.4, str(number), 7, ink.faint, ha="center")
    canvas.text((_LEFT + wide - _RIGHT) / 2, 1.6, "number of topics", 7, ink.faint, ha="center")
    step = next(step for step in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0) if (levels.best - lowest) / step <= 5)
    for below in np.arange(0, levels.best - lowest + 1e-9, step).tolist():
        name = f"\N{MINUS SIGN}{below:.2f}" if below else "best"
        canvas.text(_LEFT - 1.5, y(levels.best - below) - 0.9, name, 7, ink.faint, ha="right")
    canvas.line([x(n) for n in curve[:, 0]], [y(score) for score in curve[:, 1]], ink.faint, 0.9)
    for number, score, agreement in curve.tolist():
        canvas.dots(
            [x(number)], [y(score)], ink.faint, 1.1, hint=_says(int(number), score, agreement, levels)
        )
    for place, level in enumerate(levels.levels):
        taken = place == levels.taken
        at = x(len(level)), y(level.score)
        hint = _says(len(level), level.score, level.agreement, levels)
        canvas.dots([at[0]], [at[1]], ink.text, 3.0 if taken else 2.4, hint=hint)
        if not taken:
            canvas.dots([at[0]], [at[1]], ink.paper, 1.5, hint=hint)
        weight = {"weight": "bold"} if taken else {}
        canvas.text(at[0], at[1] + 2.4, str(len(level)), 8.5, ink.text, ha="center", **weight)
    return inline_svg(canvas, "Scores of the numbers of topics that were weighed")


def _curve(clustering: Clustering, levels: Levels) -> Doubles:
    """(c, 3) the best of each number, ascending; a level to choose from at its own number."""
    rows = [(len(level), level.score, level.agreement) for level in levels.levels]
    named = {score for _, score, _ in rows}
    rows += [row for row in map(tuple, clustering.curve.tolist()) if row[1] not in named]
    best: dict[float, tuple[float, float, float]] = {}
    for row in sorted(rows, key=lambda row: -row[1]):
        best.setdefault(row[0], row)
    return np.array([best[number] for number in sorted(best)])


def _says(number: int, score: float, agreement: float, levels: Levels) -> str:
    below = levels.best - score
    told = f"{below:.3f} below the best" if round(below, 3) else "the best"
    return f"{number} topics: score {told}, agreement {agreement:.2f}"
