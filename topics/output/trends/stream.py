"""A streamgraph: papers per period of the topics with the highest peaks, around a common middle."""

from __future__ import annotations

import numpy as np

from topics.output.canvas import Canvas, Palette, spread_out
from topics.output.maps.typeset import MM_PER_PT, clean, cut
from topics.output.trends.periods import counted_periods, peak_periods
from topics.types import Doubles, Rows, Topics, Trends

MOST_STREAMS = 18
"""Streams that have a name; all other topics flow together."""

NAMES = 0.27
"""Share of the page's width for the names."""

TITLE = "Papers by topic"


def draw(trends: Trends, topics: Topics, ink: Palette, width: float) -> Canvas:
    """A page `width` mm wide. Thickness is papers per period; incomplete end periods are left out."""
    margin = 5.0
    canvas = Canvas(width, 0.66 * width, ink)
    named = largest(trends)
    top = canvas.heading(TITLE, (note(trends, len(topics) - len(named)),), margin)
    whole, x, edges = layers(trends, named)
    left, right, bottom = margin, width - margin - NAMES * width, margin + 6.0
    scale = (top - bottom) / max(float(edges.max() - edges.min()), 1e-9)
    px = left + (x - x[0]) / max(float(x[-1] - x[0]), 1e-9) * (right - left)
    py = bottom + (edges - edges.min()) * scale
    for layer, fill in enumerate([ink.quiet, *ink.palette[named], ink.quiet]):
        shade = 0.3 if layer in (0, len(named) + 1) else 0.92
        canvas.area(px, py[layer], py[layer + 1], fill, alpha=shade)
        canvas.line(px, py[layer + 1], ink.paper, 0.35)
    _axis(canvas, trends, whole, (left, right), margin)
    _names(canvas, topics, named, (py[1:-2, -1] + py[2:-1, -1]) / 2, (bottom, top))
    return canvas


def note(trends: Trends, rest: int) -> str:
    """How to read the picture. rest: topics that have no stream of their own."""
    others = f" Grey: {rest} other topics, half above and half below." if rest else ""
    return f"Thickness is papers per {trends.unit} by nearest topic.{others}"


def layers(trends: Trends, named: Rows, steps: int = 24) -> tuple[Rows, Doubles, Doubles]:
    """The periods drawn, and their streams: places in periods (x,) and edges (len(named) + 3, x) in papers.

    The first and the last stream are each half of all topics that have no stream of their own.
    """
    whole = np.flatnonzero(counted_periods(trends))
    counts = trends.counts[:, whole].astype(float)
    other = np.delete(counts, named, axis=0).sum(axis=0, keepdims=True) / 2
    x, smooth = smoothed(whole.astype(float), np.concatenate([other, counts[named], other]), steps)
    return whole, x, stacked(smooth)


def largest(trends: Trends) -> Rows:
    """The topics with the highest peaks, in the order in which they had most of their papers."""
    shares = trends.shares[:, peak_periods(trends)]
    n_streams = MOST_STREAMS if len(shares) > MOST_STREAMS + 1 else len(shares)
    chosen = np.argsort(-shares.max(axis=1), kind="stable")[:n_streams]
    own = shares[chosen]
    middle = own @ np.arange(own.shape[1]) / np.maximum(own.sum(axis=1), 1e-12)
    return chosen[np.argsort(middle, kind="stable")]


def smoothed(at: Doubles, counts: Doubles, steps: int = 24) -> tuple[Doubles, Doubles]:
    """Curves through the counts that never overshoot, `steps` places from one period to the next."""
    from scipy.interpolate import PchipInterpolator

    if len(at) < 2:
        return np.array([0.0, 1.0]), np.repeat(counts, 2, axis=1)
    x = np.linspace(at[0], at[-1], steps * (len(at) - 1) + 1)
    return x, np.maximum(PchipInterpolator(at, counts, axis=1)(x), 0.0)


def stacked(streams: Doubles) -> Doubles:
    """(n + 1, x) edges, symmetric around a level middle."""
    edges = np.concatenate([np.zeros((1, streams.shape[1])), np.cumsum(streams, axis=0)])
    return np.asarray(edges - edges[-1] / 2)


def _axis(canvas: Canvas, trends: Trends, whole: Rows, span: tuple[float, float], y: float) -> None:
    left, right = span
    x = left + (whole - whole[0]) / max(int(whole[-1] - whole[0]), 1) * (right - left)
    every = max(1, int(np.ceil(10.0 * len(whole) / (right - left))))
    for place in range(0, len(whole), every):
        side = "left" if place == 0 else "right" if place == len(whole) - 1 else "center"
        name = trends.periods[int(whole[place])].name
        canvas.text(float(x[place]), y, name, 5.6, canvas.ink.faint, ha=side)


def _names(canvas: Canvas, topics: Topics, named: Rows, ends: Doubles, room: tuple[float, float]) -> None:
    """Each name beside the end of its stream, joined to it by a line."""
    size, ink = 6.2, canvas.ink
    right = (1 - NAMES) * canvas.width - 5.0
    places = spread_out(ends, size * MM_PER_PT * 1.25, room[0], room[1] - 2.0)
    for k, end, place in zip(named.tolist(), ends.tolist(), places.tolist(), strict=True):
        x = [right + reach for reach in (0.6, 2.5, 5.0, 6.4)]
        canvas.line(x, [end, end, place, place], ink.palette[k], 0.6)
        text = cut(clean(topics[k].label), size, canvas.width - right - 12.0)
        canvas.text(right + 7.0, place - 0.36 * size * MM_PER_PT, text, size, ink.names[k])
