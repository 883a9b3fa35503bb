"""Groups of papers as pictures: a heatmap of residuals, a dot plot with intervals, shares by period."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from topics.config import MapSettings
from topics.output.canvas import Canvas, Palette, make_ink
from topics.output.evidence.sayings import claims, explained, telling
from topics.output.maps.typeset import LONGEST, clean, fit, text_width
from topics.trends.shares import percent
from topics.types import Doubles
from topics.types.groups import APART, HANGS, LESS, MORE, GroupComparison, GroupShare
from topics.types.trends import TOO_FEW

PLOTS = ("groups_residuals", "groups_shares")
PERIODS = "groups_periods"
"""Stems of the files (.png and .svg); the last one only where periods are given."""

STRONG = 6.0
"""A residual from which on a colour does not grow stronger."""

SMALLER = 0.75
"""How much smaller a name may be set before it is cut."""

HEADS = 60.0
"""Most room in mm for the name of a group above its column."""

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
    """A heatmap: a row per topic, a column per group, and the scale of its colours."""
    rows, wide = len(found.labels), len(found.names)
    pitch, size = (4.6, 6.4) if rows <= 30 else (3.4, 5.4)
    names = _widest(found.labels, size, 0.42 * width)
    left, right = MARGIN + names + 2.0, width - MARGIN - 14.0
    step = min((right - left) / wide, 16.0)
    heads = _widest(found.names, 5.6, HEADS)
    slanted = heads * math.cos(math.pi / 4) < width - MARGIN - (left + (wide - 0.5) * step)
    above = heads * (math.sin(math.pi / 4) if slanted else 1.0) + 4.0
    canvas = Canvas(width, 2 * MARGIN + 32.0 + above + pitch * rows, ink)
    top = canvas.heading(
        f"Topics by {clean(found.column)}",
        (
            "Standardised residuals. Blue: more papers of the topic than in the rest, red: fewer.",
            "Dot: beyond chance, also allowing for the grouping. Ring: depends on the grouping.",
            "Dash: too few papers to say, or nothing to compare with.",
        ),
        MARGIN,
    )
    top -= above
    for j, name in enumerate(found.names):
        text, set_at = fit(clean(name), 5.6, heads, SMALLER)
        x, turned = left + (j + 0.5) * step, 45 if slanted else 90
        canvas.text(x, top + 1.2, text, set_at, ink.text, rotation=turned, ha="left" if slanted else "center")
    for t in range(rows):
        y = top - (t + 1) * pitch
        label, set_at = fit(clean(found.labels[t]), size, names, SMALLER)
        canvas.text(left - 2.0, y + 0.28 * pitch, label, set_at, ink.text, ha="right")
        for j in range(wide):
            _cell(canvas, found, found.at(t, j), (left + j * step, y, step, pitch))
        papers = sum(found.at(t, j).papers for j in range(wide))
        canvas.text(left + wide * step + 2.0, y + 0.28 * pitch, f"{papers:,.0f}", size - 0.8, ink.faint)
    canvas.text(left + wide * step + 2.0, top + 1.2, "papers", 5.0, ink.faint)
    _scale(canvas, left, top - rows * pitch - 8.0)
    return canvas


def _widest(names: Sequence[str], size: float, most: float) -> float:
    """Room in mm for the longest of the names, `most` at most."""
    return min(max(text_width(clean(name)[:LONGEST], size) for name in names) + 0.5, most)


def _cell(
    canvas: Canvas,
    found: GroupComparison,
    share: GroupShare,
    place: tuple[float, float, float, float],
) -> None:
    x, y, wide, tall = place
    ink, hint = canvas.ink, explained(share, found)
    middle = ([x + wide / 2], [y + tall / 2])
    unknown = share.verdict in (TOO_FEW, APART)
    shade = ink.paper if unknown else _shade(share.residual, ink)
    canvas.box(x + 0.15, y + 0.15, wide - 0.3, tall - 0.3, shade, hint=hint)
    if unknown:
        reach = min(0.7, wide / 4)
        canvas.line([middle[0][0] - reach, middle[0][0] + reach], middle[1] * 2, ink.quiet, 0.5, hint=hint)
    elif share.verdict in (MORE, LESS, HANGS):
        canvas.dots(*middle, ink.text, 1.3, hint=hint)
        if share.verdict == HANGS:
            canvas.dots(*middle, shade, 0.8, hint=hint)


def _scale(canvas: Canvas, left: float, y: float) -> None:
    """Which colour is which residual."""
    ink, wide = canvas.ink, 5.0
    marks, said = np.arange(-STRONG, STRONG + 1.0).tolist(), "standard errors from what chance gives"
    left = min(left, canvas.width - MARGIN - len(marks) * wide - 2.0 - text_width(said, 5.6))
    for at, mark in enumerate(marks):
        canvas.box(left + at * wide, y, wide, 2.6, _shade(mark, ink))
        if mark % 2 == 0:
            beyond = {-STRONG: " or less", STRONG: " or more"}.get(mark, "")
            sign = "" if mark == 0 else f"{mark:+.0f}"
            text = f"{sign or 0}{beyond}".replace("-", "−")
            ha = {-STRONG: "right", STRONG: "left"}.get(mark, "center")
            x = left + (at + {"right": 1.0, "left": 0.0}.get(ha, 0.5)) * wide
            canvas.text(x, y - 2.8, text, 5.2, ink.faint, ha=ha)
    canvas.text(left + len(marks) * wide + 2.0, y + 0.5, said, 5.6, ink.faint)


def _shade(residual: float, ink: Palette) -> Doubles:
    """Nothing beyond chance is nearly the page's colour."""
    part = min(abs(residual) / STRONG, 1.0)
    plain = 0.93 * ink.paper + 0.07 * ink.quiet
    return np.asarray((1 - 0.85 * part) * plain + 0.85 * part * ink.rise(residual > 0))


def dots(found: GroupComparison, ink: Palette, width: float) -> Canvas:
    """A dot plot: the share in a group with its interval, and the share in the rest."""
    own = sorted(telling(found), key=lambda share: (share.topic, -share.difference, share.group))
    pitch, size = 4.6, 6.2
    names = _widest([found.labels[share.topic] for share in own] or [""], size, 0.36 * width)
    groups = _widest([found.names[share.group] for share in own] or [""], size, 0.24 * width)
    left, right = MARGIN + names + groups + 6.5, width - MARGIN - 4.0
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
            label, set_at = fit(clean(found.labels[share.topic]), size, names, SMALLER)
            canvas.text(MARGIN + names, y - 0.8, label, set_at, ink.text, ha="right")
            if row:
                canvas.line([MARGIN, right], [y + pitch / 2] * 2, 0.75 * ink.paper + 0.25 * ink.quiet, 0.3)
        before = share.topic
        group, set_at = fit(clean(found.names[share.group]), size, groups, SMALLER)
        canvas.text(MARGIN + names + 3.0, y - 0.8, group, set_at, ink.text)
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
    gap, tall, between = 7.0, 33.0, 8.0
    wide = (width - 2 * MARGIN - gap * (across - 1)) / across
    canvas = Canvas(width, 2 * MARGIN + 12.0 + rows * (tall + between), ink)
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
        _panel(canvas, found, share, names, (left, top - (at // across) * (tall + between), wide, tall))
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
    for line, name in enumerate((found.labels[share.topic], found.names[share.group])):
        label, set_at = fit(clean(name), 6.2, wide, SMALLER)
        canvas.text(left, top - 4.0 - 2.7 * line, label, set_at, (ink.text, ink.faint)[line])
    own = [one for one in found.periods if (one.topic, one.group) == (share.topic, share.group)]
    known = [one for one in own if one.total >= LEAST]
    if not known:
        return
    most = max(1e-9, max(max(one.high, one.rest) for one in known))
    base, height = top - tall, tall - 10.0
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
