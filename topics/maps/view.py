"""What a map shows, decided before anything is drawn.

`build_view` turns a run into one `MapView`: places, sizes, colours, labels and captions, all in millimetres
and points of the printed page. `topics.maps.static` and `topics.maps.interactive` draw it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from topics.maps import colors
from topics.maps.dates import date_values, period
from topics.maps.glow import glow
from topics.maps.paint import Legend, paint
from topics.maps.place import Ink, place
from topics.maps.typeset import LINE_HEIGHT, MM_PER_PT, clean, text_width, wrap
from topics.types import OUTLIER, Clustering, Corpus, Projection, Topics

if TYPE_CHECKING:
    from topics.config import MapSettings

Array = npt.NDArray[np.float64]
Palettes = dict[colors.Theme, npt.NDArray[np.uint8]]

NOTE = "Near papers are alike. Distances between far groups, and the axes, mean little."


@dataclass(frozen=True)
class Label:
    """A topic's name on the page, centred lines around x, y in mm.

    leader: a line (x, y, x, y) in mm from the topic's densest place to its name, where that stands off.
    """

    topic: int
    lines: tuple[str, ...]
    size: float
    x: float
    y: float
    leader: tuple[float, float, float, float] | None


@dataclass(frozen=True)
class TextLine:
    """A line of the page outside the map: left end of the baseline in mm, size in points."""

    text: str
    size: float
    x: float
    y: float


@dataclass(frozen=True)
class MapView:
    """All that a map shows. Lengths in mm from the lower left corner of the page, colours as 0..255.

    positions: (n, 2) float32; point: diameter in mm of a paper that has a topic (outliers are drawn smaller).
    order: (n,) int32, the papers in the order of drawing, later ones on top.
    fills: (n, 3) uint8 in the colours of `theme`; alphas: (n,) float32, fainter where papers crowd.
    topic, nearest: (n,) int32 and probability: (n,) float32 as in `Clustering`.
    glow: RGBA picture of the page, lowest row first, to lie under the dots.
    dates: (n,) float32 in years, NaN where unknown.
    anchors: (t, 2) float32, the densest place of each topic.
    palettes: (t, 3) uint8 for each theme; inks: the same for labels.
    """

    theme: colors.Theme
    width: float
    height: float
    frame: tuple[float, float, float, float]
    positions: npt.NDArray[np.float32]
    order: npt.NDArray[np.int32]
    point: float
    fills: npt.NDArray[np.uint8]
    alphas: npt.NDArray[np.float32]
    topic: npt.NDArray[np.int32]
    nearest: npt.NDArray[np.int32]
    probability: npt.NDArray[np.float32]
    glow: npt.NDArray[np.uint8]
    dates: npt.NDArray[np.float32]
    anchors: npt.NDArray[np.float32]
    palettes: Palettes
    inks: Palettes
    labels: tuple[Label, ...]
    legend: Legend | None
    title: TextLine
    subtitle: TextLine
    note: TextLine

    def __len__(self) -> int:
        return len(self.positions)


def build_view(
    corpus: Corpus, clustering: Clustering, topics: Topics, projection: Projection, settings: MapSettings
) -> MapView:
    """Decide what the map of a run shows.

    projection: (n, 2), the 2-D one.
    Raises ValueError when the inputs are not of one run, `ConfigError` when `settings.color` names no column.
    """
    places = np.asarray(projection.coordinates, dtype=np.float64)
    if places.shape != (len(corpus), 2) or len(clustering) != len(corpus):
        raise ValueError(
            f"a map needs one 2-D place per paper: {len(corpus)} papers, {len(clustering)} cluster rows, "
            f"coordinates {places.shape}"
        )
    if len(topics) != clustering.n_topics:
        raise ValueError(f"{len(topics)} named topics but {clustering.n_topics} clusters")
    dates = date_values(corpus.dates)
    page = _Page.around(places, settings.width_mm)
    positions = page.lay(places)
    anchors, spreads = densest(positions, clustering.topic, len(topics))
    hues, steps = colors.topic_styles(anchors)
    palettes: Palettes = {
        "light": colors.to_bytes(colors.topic_colors(hues, steps, "light")),
        "dark": colors.to_bytes(colors.topic_colors(hues, steps, "dark")),
    }
    point = point_diameter(len(corpus), page.frame)
    fills, legend = paint(corpus, clustering, settings, palettes[settings.theme], dates)
    inks: Palettes = {
        "light": colors.to_bytes(colors.label_colors(hues, "light")),
        "dark": colors.to_bytes(colors.label_colors(hues, "dark")),
    }
    inside = clustering.topic != OUTLIER
    heading, subheading = _headings(corpus, clustering, settings)
    return MapView(
        theme=settings.theme,
        width=page.width,
        height=page.height,
        frame=page.frame,
        positions=positions.astype(np.float32),
        order=_order(clustering.topic),
        point=point,
        fills=fills,
        alphas=opacity(positions, point, (page.width, page.height)),
        topic=clustering.topic,
        nearest=clustering.nearest_topic,
        probability=clustering.probability,
        glow=glow(positions[inside], fills[inside], (page.width, page.height), settings.theme),
        dates=dates,
        anchors=anchors.astype(np.float32),
        palettes=palettes,
        inks=inks,
        labels=_labels(topics, positions, (anchors, spreads), page, point),
        legend=legend,
        title=TextLine(heading, 13.0 * page.scale, page.margin, page.title_y),
        subtitle=TextLine(subheading, 7.5 * page.scale, page.margin, page.subtitle_y),
        note=TextLine(NOTE, 5.5 * max(page.scale, 0.8), page.margin, page.margin),
    )


@dataclass(frozen=True)
class _Page:
    """The page's measures and the way from map coordinates to millimetres."""

    width: float
    height: float
    margin: float
    scale: float
    frame: tuple[float, float, float, float]
    title_y: float
    subtitle_y: float
    origin: Array
    middle: Array
    zoom: float

    @classmethod
    def around(cls, places: Array, width: float) -> _Page:
        scale = (width / 180.0) ** 0.58
        margin = max(3.0, 0.022 * width)
        head, foot = 11.5 * scale, 4.5 * scale
        low, high = places.min(axis=0), places.max(axis=0)
        span = np.maximum(high - low, 1e-9)
        inner = width - 2 * margin
        tall = inner * float(np.clip(span[1] / span[0], 0.56, 0.84))
        height = tall + head + foot + 2 * margin
        frame = (margin, margin + foot, width - margin, margin + foot + tall)
        room = np.array([inner, tall]) - np.array([0.1, 0.07]) * inner
        return cls(
            width=width,
            height=height,
            margin=margin,
            scale=scale,
            frame=frame,
            title_y=height - margin - 4.6 * scale,
            subtitle_y=height - margin - 9.2 * scale,
            origin=(low + high) / 2,
            middle=np.array([width / 2, frame[1] + tall / 2]),
            zoom=float((room / span).min()),
        )

    def lay(self, places: Array) -> Array:
        return (places - self.origin) * self.zoom + self.middle


def point_diameter(n: int, frame: tuple[float, float, float, float]) -> float:
    """Diameter in mm: 50 papers are dots one can point at, 500,000 a fine grain."""
    side = float(np.sqrt((frame[2] - frame[0]) * (frame[3] - frame[1])))
    return side * float(np.clip(0.0185 * (50 / max(n, 50)) ** 0.32, 0.0006, 0.0185))


def opacity(positions: Array, point: float, page: tuple[float, float]) -> npt.NDArray[np.float32]:
    """Alpha (n,) that falls with the number of papers drawn over the same place."""
    from scipy.ndimage import gaussian_filter

    cell = max(point, 0.004 * page[0])
    shape = (int(np.ceil(page[0] / cell)), int(np.ceil(page[1] / cell)))
    spot = np.clip((positions / cell).astype(np.int64), 0, np.array(shape) - 1)
    flat = np.ravel_multi_index((spot[:, 0], spot[:, 1]), shape)
    counts = np.bincount(flat, minlength=shape[0] * shape[1]).reshape(shape).astype(np.float64)
    crowd = gaussian_filter(counts, 1.0, mode="constant").ravel()[flat] * (np.pi / 4) * (point / cell) ** 2
    alphas: npt.NDArray[np.float32] = np.clip(0.9 / np.maximum(crowd, 1.0) ** 0.55, 0.12, 0.9).astype(
        np.float32
    )
    return alphas


def densest(positions: Array, topic: npt.NDArray[Any], count: int) -> tuple[Array, Array]:
    """Where each topic is densest, (count, 2), and how far half of its papers are from there, (count,).

    From its median uphill, by mean shift with a narrowing window, then to the nearest of its papers. A mean
    would lie between the halves of a topic that the map tears apart; this lands in one of them.
    """
    order = np.argsort(topic, kind="stable")[int((topic == OUTLIER).sum()) :]
    points, labels = positions[order], topic[order]
    bounds = np.searchsorted(labels, np.arange(count + 1)).tolist()

    def squared() -> Array:
        return np.asarray(((points - at[labels]) ** 2).sum(axis=1))

    def medians(values: Array) -> Array:
        return np.array([np.median(values[a:b], axis=0) for a, b in pairwise(bounds)])

    at = medians(points)
    spread = np.maximum(np.sqrt(medians(squared())), 1e-6)
    for window in (1.5, 1.5, 1.0, 1.0, 0.7, 0.7, 0.7, 0.5, 0.5, 0.5):
        weight = np.exp(-squared() / (2 * (window * spread[labels]) ** 2)) + 1e-12
        mass = np.bincount(labels, weight, count)
        at = np.stack(
            [np.bincount(labels, weight * points[:, axis], count) / mass for axis in (0, 1)], axis=1
        )
    distance = squared()
    at = points[[a + int(distance[a:b].argmin()) for a, b in pairwise(bounds)]]
    return at, np.sqrt(medians(squared()))


def _order(topic: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    """Outliers first, then all others shuffled, so that no topic hides another by its number alone."""
    shuffled = np.random.default_rng(0).permutation(len(topic)).astype(np.int32)
    return shuffled[np.argsort(topic[shuffled] != OUTLIER, kind="stable")]


def _labels(
    topics: Topics, positions: Array, seats: tuple[Array, Array], page: _Page, point: float
) -> tuple[Label, ...]:
    anchors, spreads = seats
    sizes = np.array([topic.size for topic in topics.topics], dtype=np.float64)
    shrink = float(np.clip((30 / max(len(topics), 1)) ** 0.15, 0.75, 1.12))
    points = np.maximum(page.scale * shrink * (6.4 + 3.0 * np.sqrt(sizes / sizes.max())), 4.8)
    texts = [wrap(clean(topic.label)) for topic in topics.topics]
    extents = np.array([_extent(lines, size) for lines, size in zip(texts, points.tolist(), strict=True)])
    unit = float(np.median(points)) * MM_PER_PT * 0.7
    ink = Ink.of(positions, (page.width, page.height), max(0.4, 0.003 * page.width))
    centres = place(anchors, extents, page.frame, ink, unit, point)
    return tuple(
        Label(
            topic=k,
            lines=texts[k],
            size=float(points[k]),
            x=float(centres[k, 0]),
            y=float(centres[k, 1]),
            leader=_leader(
                anchors[k], centres[k], extents[k], unit * float(np.clip(1.25 * spreads[k] / unit, 1.2, 2.4))
            ),
        )
        for k in np.flatnonzero(~np.isnan(centres[:, 0])).tolist()
    )


def _extent(lines: tuple[str, ...], size: float) -> tuple[float, float]:
    """Width and height in mm of a label with a little air around it."""
    widest = max(text_width(line, size) for line in lines)
    return widest + 0.5 * size * MM_PER_PT, (len(lines) * LINE_HEIGHT + 0.2) * size * MM_PER_PT


def _leader(
    anchor: Array, centre: Array, extent: Array, least: float
) -> tuple[float, float, float, float] | None:
    end = np.clip(anchor, centre - extent / 2, centre + extent / 2)
    if float(np.hypot(*(end - anchor))) < least:
        return None
    return float(anchor[0]), float(anchor[1]), float(end[0]), float(end[1])


def _headings(corpus: Corpus, clustering: Clustering, settings: MapSettings) -> tuple[str, str]:
    papers = f"{len(corpus):,} paper{'s' if len(corpus) != 1 else ''}"
    count = f"{clustering.n_topics:,} topic{'s' if clustering.n_topics != 1 else ''}"
    outliers = int((clustering.topic == OUTLIER).sum())
    parts = [count, period(corpus.dates), f"{outliers:,} papers outside any topic" if outliers else ""]
    if settings.title:
        return clean(settings.title), " · ".join(part for part in [papers, *parts] if part)
    return papers, " · ".join(part for part in parts if part)
