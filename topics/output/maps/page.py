"""The printed page: its measures, the way from map coordinates to millimetres, the lines around the map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from topics.output.maps.paint import Legend
from topics.output.maps.typeset import MM_PER_PT, fit, text_width
from topics.types import Doubles

NOTE = "Near papers are alike. Distances between far groups, and the axes, mean little."


@dataclass(frozen=True)
class TextLine:
    """A line of the page outside the map: left end of the baseline in mm, size in points."""

    text: str
    size: float
    x: float
    y: float


@dataclass(frozen=True)
class Page:
    """Lengths in mm from the lower left corner. frame: left, bottom, right, top of the map.

    scale: how large text is against a page of 180 mm. A place of the map lies at
        (place - origin) * zoom + middle.
    key: the names of the legend, under the map.
    """

    width: float
    height: float
    margin: float
    scale: float
    frame: tuple[float, float, float, float]
    origin: Doubles
    middle: Doubles
    zoom: float
    key: tuple[TextLine, ...]

    @classmethod
    def fitting(cls, places: Doubles, width: float, legend: Legend | None) -> Page:
        """A page for places (n, 2): as high as the map asks for, within what looks well."""
        scale = (width / 180.0) ** (0.58 if width < 180 else 0.75)
        margin = max(3.0, 0.022 * width)
        inner = width - 2 * margin
        key, deep = _key(legend.names if legend else (), margin, inner, scale)
        low, high = places.min(axis=0), places.max(axis=0)
        span = np.maximum(high - low, 1e-9)
        tall = inner * float(np.clip(span[1] / span[0], 0.56, 0.84))
        bottom = margin + deep + 4.5 * scale
        # Labels of outer topics need room beside them.
        room = np.array([inner, tall]) - np.array([0.1, 0.07]) * inner
        return cls(
            width=width,
            height=bottom + tall + 11.5 * scale + margin,
            margin=margin,
            scale=scale,
            frame=(margin, bottom, width - margin, bottom + tall),
            origin=(low + high) / 2,
            middle=np.array([width / 2, bottom + tall / 2]),
            zoom=float((room / span).min()),
            key=key,
        )

    @property
    def size(self) -> tuple[float, float]:
        return self.width, self.height

    def lay(self, places: Doubles) -> Doubles:
        """Map coordinates (n, 2) to mm."""
        return (places - self.origin) * self.zoom + self.middle

    def head(self, text: str, size: float, down: float, share: float = 1.0) -> TextLine:
        """A line `down` below the upper margin; it shrinks or is cut to a share of the page's width."""
        room = share * (self.width - 2 * self.margin)
        short, fitting = fit(text, size * self.scale, room)
        return TextLine(short, fitting, self.margin, self.height - self.margin - down * self.scale)

    def foot(self) -> TextLine:
        text, size = fit(NOTE, 5.5 * max(self.scale, 0.8), self.width - 2 * self.margin)
        return TextLine(text, size, self.margin, self.margin)


def _key(
    names: Sequence[str], margin: float, inner: float, scale: float
) -> tuple[tuple[TextLine, ...], float]:
    """The legend's names in rows above the note, a dot's room before each, and how deep they are in mm."""
    size = 6.5 * max(scale, 0.8)
    pitch, dot = size * MM_PER_PT * 1.5, size * MM_PER_PT * 1.2
    places: list[tuple[str, float, int]] = []
    x, row = 0.0, 0
    for name in names:
        text, _ = fit(name, size, inner - dot, least=1.0)
        wide = dot + text_width(text, size)
        if x and x + wide > inner:
            x, row = 0.0, row + 1
        places.append((text, margin + x + dot, row))
        x += wide + 1.2 * dot
    rows = row + 1 if places else 0
    first = margin + 5.0 * max(scale, 0.8) + (rows - 1) * pitch
    lines = tuple(TextLine(text, size, x, first - row * pitch) for text, x, row in places)
    return lines, rows * pitch + (2.0 * max(scale, 0.8) if rows else 0.0)
