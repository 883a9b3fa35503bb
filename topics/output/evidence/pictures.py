"""Groups of papers as pictures: a heatmap of residuals, a dot plot with intervals, shares by period."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from topics.config import MapSettings
from topics.output.evidence.sayings import claims, explained, telling
from topics.output.maps.typeset import clean, cut
from topics.output.trends.canvas import Canvas, Palette, make_ink
from topics.trends.shares import percent
from topics.types import Doubles
from topics.types.groups import HANGS, LESS, MORE, GroupComparison, GroupShare

PLOTS = ("groups_residuals", "groups_shares")
PERIODS = "groups_periods"
"""Stems of the files (.png and .svg); the last one only where periods are given."""

STRONG = 6.0
"""A residual from which on a colour does not grow stronger."""

PANELS = 12

LEAST = 3
"""Papers of a group in a period before its share is drawn: that of one paper is nothing or all."""

MARGIN = 5.0


def draw_groups(found: GroupComparison, settings: MapSettings, folder: Path) -> tuple[str, ...]:
    """Draw every picture in the map's theme and width; gives the file names."""
    ink = make_ink(None, 1, settings.theme)
    pages = pictures(found, ink, settings.width_mm)
    return tuple(name for stem, page in pages.items() for name in page.save(folder / stem))


def pictures(found: GroupComparison, ink: Palette, width: float) -> dict[str, Canvas]:
    """The pages by the stems of their files."""
    pages = dict(zip(PLOTS, (residuals(found, ink, width), dots(found, ink, width)), strict=True))
    if found.periods:
        pages[PERIODS] = by_period(found, ink, width)
    return pages


def residuals(found: GroupComparison, ink: Palette, width: float) -> Canvas:
    """A heatmap: a row per topic, a column per group."""
    many, wide = len(found.labels), len(found.names)
    pitch, size = (4.6, 6.4) if many <= 30 else (3.4, 5.4)
    names = 0.36 * width
    left, right = MARGIN + names + 2.0, width - MARGIN - 14.0
    step = min((right - left) / wide, 16.0)
    heads = max(len(name) for name in found.names)
    above = min(4.0 + 0.85 * min(heads, 26), 24.0)
    canvas = Canvas(width, 2 * MARGIN + 17.0 + above + pitch * many, ink)
    top = canvas.heading(
        f"Topics by {clean(found.column)}",
        (
            "Standardised residuals. Blue: more papers of the topic than in the rest, red: fewer.",
            "Dot: beyond chance, also allowing for the grouping. Ring: depends on the grouping.",
        ),
        MARGIN,
    )
    top -= above
    for j, name in enumerate(found.names):
        text = cut(clean(name), 5.6, 26.0)
        canvas.text(left + (j + 0.5) * step, top + 1.2, text, 5.6, ink.text, rotation=45)
    sizes = np.array([share.papers for share in found.shares]).reshape(many, wide)
    for row, t in enumerate(range(many)):
        y = top - (row + 1) * pitch
        label = cut(clean(found.labels[t]), size, names)
        canvas.text(left - 2.0, y + 0.28 * pitch, label, size, ink.text, ha="right")
        for j in range(wide):
            share = found.at(t, j)
            hint = explained(share, found)
            cell = (left + j * step + 0.15, y + 0.15, step - 0.3, pitch - 0.3)
            canvas.box(*cell, _shade(share.residual, ink), hint=hint)
            middle = ([left + (j + 0.5) * step], [y + pitch / 2])
            if share.verdict in (MORE, LESS):
                canvas.dots(*middle, ink.text, 1.3, hint=hint)
            elif share.verdict == HANGS:
                canvas.dots(*middle, ink.text, 1.3, hint=hint)
                canvas.dots(*middle, _shade(share.residual, ink), 0.8, hint=hint)
        canvas.text(
            left + wide * step + 2.0, y + 0.28 * pitch, f"{sizes[t].sum():,.0f}", size - 0.8, ink.faint
        )
    canvas.text(left + wide * step + 2.0, top + 1.2, "papers", 5.0, ink.faint)
    return canvas


def _shade(residual: float, ink: Palette) -> Doubles:
    """Nothing beyond chance is nearly the page's colour."""
    part = min(abs(residual) / STRONG, 1.0)
    plain = 0.93 * ink.paper + 0.07 * ink.quiet
    return np.asarray((1 - 0.85 * part) * plain + 0.85 * part * ink.rise(residual > 0))


def dots(found: GroupComparison, ink: Palette, width: float) -> Canvas:
    """A dot plot: the share in a group with its interval, and the share in the rest."""
    own = sorted(telling(found), key=lambda share: (share.topic, -share.difference, share.group))
    pitch, size = 4.6, 6.2
    names, groups = 0.34 * width, 0.18 * width
    left, right = MARGIN + names + groups + 4.0, width - MARGIN - 4.0
    canvas = Canvas(width, 2 * MARGIN + 22.0 + pitch * max(len(own), 1), ink)
    sure = bool(claims(found))
    top = (
        canvas.heading(
            f"Where the share of a topic differs, by {clean(found.column)}",
            (
                "Dot and line: share in the group with its 95% interval. Bar: share in the rest.",
                "Blue: more, red: less, beyond chance; grey: depends on the grouping, or not clear."
                if sure
                else "No difference is beyond chance; those are shown that chance would bring least.",
            ),
            MARGIN,
        )
        - 2.0
    )
    if not own:
        canvas.text(MARGIN, top - 5.0, "No topic has papers enough for a test.", size, ink.text)
        return canvas
    most = max(max(share.high, share.rest) for share in own)
    bottom = top - pitch * len(own)

    def x(share: float) -> float:
        return left + share / most * (right - left)

    for tick in _ticks(most):
        canvas.line([x(tick)] * 2, [bottom - 1.0, top], 0.75 * ink.paper + 0.25 * ink.quiet, 0.4)
        canvas.text(x(tick), bottom - 4.0, percent(tick).replace(".0%", "%"), 5.6, ink.faint, ha="center")
    before = -1
    for row, share in enumerate(own):
        y = top - (row + 0.5) * pitch
        if share.topic != before:
            label = cut(clean(found.labels[share.topic]), size, names)
            canvas.text(MARGIN + names, y - 0.8, label, size, ink.text, ha="right")
            if row:
                canvas.line([MARGIN, right], [y + pitch / 2] * 2, 0.75 * ink.paper + 0.25 * ink.quiet, 0.3)
        before = share.topic
        group = cut(clean(found.names[share.group]), size, groups)
        canvas.text(MARGIN + names + 3.0, y - 0.8, group, size, ink.text)
        _interval(canvas, (x(share.low), x(share.share), x(share.high)), y, share, found)
        canvas.line([x(share.rest)] * 2, [y - 1.5, y + 1.5], ink.text, 1.0, hint=explained(share, found))
    return canvas


def _interval(
    canvas: Canvas, ends: tuple[float, float, float], y: float, share: GroupShare, found: GroupComparison
) -> None:
    ink, hint = canvas.ink, explained(share, found)
    color = ink.rise(share.difference > 0) if share.verdict in (MORE, LESS) else ink.quiet
    canvas.line([ends[0], ends[2]], [y, y], color, 1.2, hint=hint)
    canvas.dots([ends[1]], [y], color, 1.9, hint=hint)


def _ticks(most: float) -> list[float]:
    """About five round shares from 0 to `most`."""
    rough = most / 5
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= rough)
    return [round(step * number, 10) for number in range(int(most / step) + 1)]


def by_period(found: GroupComparison, ink: Palette, width: float) -> Canvas:
    """Small charts: the share of a topic in a group over time with its interval, and in the rest."""
    own = telling(found)[:PANELS]
    across = 3 if len(own) > 2 else max(len(own), 1)
    rows = math.ceil(max(len(own), 1) / across)
    gap, tall = 7.0, 30.0
    wide = (width - 2 * MARGIN - gap * (across - 1)) / across
    canvas = Canvas(width, 2 * MARGIN + 12.0 + rows * (tall + 8.0), ink)
    top = canvas.heading(
        f"The same differences, {clean(found.unit)} by {clean(found.unit)}",
        (
            "Dots and area: share in the group with its 95% interval. Line: share in the rest of the papers.",
            f"Periods in which a group has fewer than {LEAST} papers are not drawn.",
        ),
        MARGIN,
    )
    names = list(dict.fromkeys(share.period for share in found.periods))
    for at, share in enumerate(own):
        left = MARGIN + (at % across) * (wide + gap)
        _panel(canvas, found, share, names, (left, top - (at // across) * (tall + 8.0), wide, tall))
    return canvas


def _panel(
    canvas: Canvas,
    found: GroupComparison,
    share: GroupShare,
    names: list[str],
    place: tuple[float, float, float, float],
) -> None:
    left, top, wide, tall = place
    ink, hint = canvas.ink, explained(share, found)
    label = cut(clean(f"{found.names[share.group]}: {found.labels[share.topic]}"), 6.2, wide)
    canvas.text(left, top - 4.0, label, 6.2, ink.text)
    own = [one for one in found.periods if (one.topic, one.group) == (share.topic, share.group)]
    known = [one for one in own if one.total >= LEAST]
    if not known:
        return
    most = max(1e-9, max(max(one.high, one.rest) for one in known))
    base, height = top - tall, tall - 7.0
    place_of = {name: left + (at + 0.5) * wide / len(names) for at, name in enumerate(names)}
    x = [place_of[one.period] for one in known]

    def y(value: float) -> float:
        return base + value / most * height

    color = ink.rise(share.difference > 0) if share.verdict in (MORE, LESS) else ink.quiet
    canvas.line([left, left + wide], [base, base], ink.quiet, 0.4)
    canvas.area(
        x, [y(one.low) for one in known], [y(one.high) for one in known], color, alpha=0.18, hint=hint
    )
    canvas.line(x, [y(one.share) for one in known], color, 0.6, alpha=0.6, hint=hint)
    canvas.dots(x, [y(one.share) for one in known], color, 1.4, hint=hint)
    canvas.line(x, [y(one.rest) for one in known], ink.text, 0.8)
    canvas.text(left, base + height + 0.6, percent(most).replace(".0%", "%"), 5.0, ink.faint)
    for name, side in ((names[0], "left"), (names[-1], "right")):
        canvas.text(left if side == "left" else left + wide, base - 2.8, name, 5.0, ink.faint, ha=side)
