"""The map period by period: where each period's papers lie, all on one shared layout and one scale."""

from __future__ import annotations

import numpy as np

from topics.output.canvas import Canvas, Palette
from topics.output.maps.colors import ramp
from topics.types import Doubles, Longs, Mask, Projection, Trends, counted

MOST_PANELS = 12
"""Panels; with more periods, neighbours are taken together."""

CELLS = 110
"""Cells of a panel's picture across."""


def draw(trends: Trends, layout: Projection, ink: Palette, width: float) -> Canvas:
    """A page `width` mm wide. layout: (n, 2) places on the map."""
    margin, gutter = 5.0, 3.0
    periods = len(trends.periods)
    groups = [part.tolist() for part in np.array_split(np.arange(periods), min(MOST_PANELS, periods))]
    columns = min(4, len(groups))
    wide = (width - 2 * margin - (columns - 1) * gutter) / columns
    places = layout.coordinates.astype(np.float64)
    low, high = (np.quantile(places, q, axis=0) for q in (0.002, 0.998))
    span = np.maximum(high - low, 1e-9)
    low, span = low - 0.04 * span, 1.08 * span
    tall = wide * float(np.clip(span[1] / span[0], 0.6, 1.1))
    rows = -(-len(groups) // columns)
    canvas = Canvas(width, 2 * margin + 16.0 + rows * (tall + 6.5), ink)
    top = canvas.heading(
        "The map over time",
        (
            "Where each period's papers lie on the one map of all papers (grey).",
            "Colour: the density as a part of the period's papers, on one scale for all panels.",
        ),
        margin,
    )
    shape = (max(8, int(CELLS * tall / wide)), CELLS)
    limit = np.array(shape[::-1])
    cells = np.clip(((places - low) / span * limit).astype(np.int64), 0, limit - 1)
    ground = _smooth(cells, np.ones(len(places), dtype=bool), shape)
    panels = [_smooth(cells, np.isin(trends.period, group), shape) for group in groups]
    most = float(np.quantile(np.concatenate([panel[panel > 0] for panel in panels]), 0.995))
    for at, (group, panel) in enumerate(zip(groups, panels, strict=True)):
        row, column = divmod(at, columns)
        left, bottom = margin + column * (wide + gutter), top - (row + 1) * (tall + 6.5) + 6.5
        box = (left, left + wide, bottom, bottom + tall)
        canvas.image(_picture(panel / most, ground / ground.max(), ink), box)
        first, last = trends.periods[group[0]], trends.periods[group[-1]]
        name = first.name if first is last else f"{first.name} to {last.name}"
        papers = sum(trends.periods[number].total for number in group)
        whole = all(trends.periods[number].complete for number in group)
        canvas.text(left, bottom - 3.0, name, 6.6, ink.text, weight="bold")
        note = counted(papers, "paper") + ("" if whole else ", incomplete")
        canvas.text(left + wide, bottom - 3.0, note, 5.6, ink.faint, ha="right")
    return canvas


def _smooth(cells: Longs, chosen: Mask, shape: tuple[int, int]) -> Doubles:
    """Share of the chosen papers per cell, blurred."""
    from scipy.ndimage import gaussian_filter

    flat = np.ravel_multi_index((cells[chosen, 1], cells[chosen, 0]), shape)
    counts = np.bincount(flat, minlength=shape[0] * shape[1]).reshape(shape).astype(np.float64)
    blur = 1.3 + 6.0 / np.sqrt(max(int(chosen.sum()), 1) / 25 + 1)
    return np.asarray(gaussian_filter(counts, blur, mode="constant") / max(int(chosen.sum()), 1))


def _picture(density: Doubles, ground: Doubles, ink: Palette) -> Doubles:
    """RGB of a panel: grey where any paper lies, over it the ramp, fainter where fewer papers lie."""
    base = ink.paper + (ink.quiet - ink.paper) * 0.45 * np.minimum(ground * 4, 1.0)[..., None] ** 0.5
    share = np.clip(density, 0.0, 1.0)
    table = ramp(np.linspace(0, 1, 64), ink.theme)
    color = table[np.rint(share * 63).astype(int)]
    cover = np.minimum(share * 3.0, 1.0)[..., None] ** 0.8
    return np.asarray(base * (1 - cover) + color * cover)
