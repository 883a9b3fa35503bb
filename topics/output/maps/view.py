"""What a map shows, decided before anything is drawn.

`build_view` turns a run into one `MapView`: places, sizes, colours, labels and captions, all in millimetres
and points of the printed page. `topics.output.maps.static` and `topics.output.maps.interactive` draw it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from topics.output.maps import colors
from topics.output.maps.dates import date_values, period
from topics.output.maps.density import densest, opacity, point_diameter
from topics.output.maps.glow import glow
from topics.output.maps.layers import Caption, Papers, captions
from topics.output.maps.page import Page, TextLine
from topics.output.maps.paint import BUILT_IN, Legend, paint
from topics.output.maps.place import InkGrid, place
from topics.output.maps.typeset import MM_PER_PT, clean, extent, wrap
from topics.types import (
    OUTLIER,
    Clustering,
    Corpus,
    Doubles,
    Floats,
    Hierarchy,
    Integers,
    Projection,
    Quality,
    Topics,
    counted,
)

if TYPE_CHECKING:
    from topics.config import MapSettings

Palettes = dict[colors.Theme, npt.NDArray[np.uint8]]


@dataclass(frozen=True)
class MapLabel:
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
class MapView:
    """All that a map shows. Lengths in mm from the lower left corner of the page, colours as 0..255.

    color: what colours mean, as in the settings.
    positions: (n, 2) float32; point: diameter in mm of a paper that has a topic (outliers are drawn smaller).
    order: (n,) int32, the papers in the order of drawing, later ones on top.
    fills: (n, 3) uint8 in the colours of `theme`; alphas: (n,) float32, fainter where papers crowd.
    topic, nearest: (n,) int32 and probability: (n,) float32 as in `Clustering`.
    glow: RGBA picture of the page, lowest row first, to lie under the dots in print.
    dates: (n,) float32 in years, NaN where unknown.
    anchors: (t, 2) float32, the densest place of each topic.
    palettes: (t, 3) uint8 for each theme; inks: the same for labels.
    key: where the legend's names stand, if it has names.
    """

    theme: colors.Theme
    color: str
    width: float
    height: float
    frame: tuple[float, float, float, float]
    positions: Floats
    order: Integers
    point: float
    fills: npt.NDArray[np.uint8]
    alphas: Floats
    topic: Integers
    nearest: Integers
    probability: Floats
    glow: npt.NDArray[np.uint8]
    dates: Floats
    anchors: Floats
    palettes: Palettes
    inks: Palettes
    labels: tuple[MapLabel, ...]
    captions: tuple[Caption, ...]
    legend: Legend | None
    key: tuple[TextLine, ...]
    title: TextLine
    subtitle: TextLine
    note: TextLine

    def __len__(self) -> int:
        return len(self.positions)


def build_view(
    corpus: Corpus,
    clustering: Clustering,
    topics: Topics,
    projection: Projection,
    settings: MapSettings,
    hierarchy: Hierarchy | None = None,
    quality: Quality | None = None,
) -> MapView:
    """Decide what the map of a run shows.

    projection: (n, 2), the 2-D one. With a hierarchy, fields are named too; with a quality, a stable topic's
    name goes before that of a shaky one of the same size where there is not room for both.
    Raises ValueError when the inputs are not of one run, `ConfigError` when `settings.color` names no column.
    """
    places = np.asarray(projection.coordinates, dtype=np.float64)
    _require_one_run(corpus, clustering, topics, places)
    theme = settings.theme
    dates = date_values(corpus.dates)
    homes, palettes, inks = topic_palettes(projection, clustering)
    fills, legend = paint(corpus, clustering, settings, palettes[theme], dates)

    page = Page.fitting(places, settings.width_mm, legend)
    positions = page.lay(places)
    point = point_diameter(len(corpus), page.frame)
    inside = clustering.topic != OUTLIER
    names = legend.names if legend else ()
    heading, subheading = _headings(corpus, clustering, settings, names)
    sheet = InkGrid.of(positions, page.size, max(0.4, 0.003 * page.width))
    labels = _labels(topics, clustering, positions, page, point, sheet, quality, tinted=legend is None)
    anchors = page.lay(homes)
    return MapView(
        theme=theme,
        color=settings.color,
        width=page.width,
        height=page.height,
        frame=page.frame,
        positions=positions.astype(np.float32),
        order=_order(clustering.topic),
        point=point,
        fills=fills,
        alphas=opacity(positions, point, page.size),
        topic=clustering.topic,
        nearest=clustering.nearest_topic,
        probability=clustering.probability,
        glow=glow(positions[inside], fills[inside], page.size, theme),
        dates=dates,
        anchors=anchors.astype(np.float32),
        palettes=palettes,
        inks=inks,
        labels=labels,
        captions=_captions(
            hierarchy,
            topics,
            anchors,
            labels,
            page,
            Papers(positions, clustering.topic, point, page.size, sheet),
        ),
        legend=legend,
        key=page.key,
        title=page.head(heading, 13.0, 4.6, 0.88 if legend is None else 0.66),
        subtitle=page.head(subheading, 7.5, 9.2, 0.98 if legend is None else 0.75),
        note=page.foot(),
    )


def _require_one_run(corpus: Corpus, clustering: Clustering, topics: Topics, places: Doubles) -> None:
    if places.shape != (len(corpus), 2) or len(clustering) != len(corpus):
        raise ValueError(
            f"a map needs one 2-D place per paper: {len(corpus)} papers, {len(clustering)} cluster rows, "
            f"coordinates {places.shape}"
        )
    if len(topics) != clustering.n_topics:
        raise ValueError(f"{len(topics)} named topics but {clustering.n_topics} clusters")


def topic_palettes(projection: Projection, clustering: Clustering) -> tuple[Doubles, Palettes, Palettes]:
    """Densest place (t, 2) of each topic, colours of topics and of their names, (t, 3) for each theme.

    They depend on the topics' places alone, so that every map and page of a run shows the same.
    """
    homes, hues, steps = topic_hues(projection, clustering)
    return (
        homes,
        _both(lambda theme: colors.topic_colors(hues, steps, theme)),
        _both(lambda theme: colors.label_colors(hues, theme)),
    )


def topic_hues(projection: Projection, clustering: Clustering) -> tuple[Doubles, Doubles, Integers]:
    """Densest place (t, 2) of each topic, its hue and step (t,), see `maps.colors.topic_styles`."""
    places = np.asarray(projection.coordinates, dtype=np.float64)
    homes, _ = densest(places, clustering.topic, clustering.n_topics)
    return homes, *colors.topic_styles(homes)


def _both(make: Callable[[colors.Theme], Doubles]) -> Palettes:
    return {"light": colors.to_bytes(make("light")), "dark": colors.to_bytes(make("dark"))}


def _order(topic: Integers) -> Integers:
    """Outliers first, then all others shuffled, so that no topic hides another by its number alone."""
    shuffled = np.random.default_rng(0).permutation(len(topic)).astype(np.int32)
    return shuffled[np.argsort(topic[shuffled] != OUTLIER, kind="stable")]


def _labels(
    topics: Topics,
    clustering: Clustering,
    positions: Doubles,
    page: Page,
    point: float,
    sheet: InkGrid,
    quality: Quality | None,
    tinted: bool,
) -> tuple[MapLabel, ...]:
    anchors, spreads = densest(positions, clustering.topic, len(topics))
    sizes = np.array([topic.size for topic in topics.topics], dtype=np.float64)
    shrink = float(np.clip((30 / max(len(topics), 1)) ** 0.15, 0.75, 1.12))
    points = np.maximum(page.scale * shrink * (6.4 + 3.0 * np.sqrt(sizes / sizes.max())), 4.8)
    texts = [wrap(clean(topic.label)) for topic in topics.topics]
    extents = np.array([extent(lines, size) for lines, size in zip(texts, points.tolist(), strict=True)])
    unit = float(np.median(points)) * MM_PER_PT * 0.7
    # A name in its topic's hue is known by it; one in the neutral ink beside a legend needs a line sooner.
    least = unit * np.clip(1.25 * spreads / unit, 1.2, 2.4) * (1.0 if tinted else 0.5)
    rank = np.argsort(-sizes * (1.0 if quality is None else quality.stability), kind="stable")
    centres = np.empty((len(topics), 2))
    centres[rank] = place(anchors[rank], extents[rank], page.frame, sheet, unit, point)
    return tuple(
        MapLabel(
            topic=k,
            lines=texts[k],
            size=float(points[k]),
            x=float(centres[k, 0]),
            y=float(centres[k, 1]),
            leader=_leader(anchors[k], centres[k], extents[k], float(least[k])),
        )
        for k in np.flatnonzero(~np.isnan(centres[:, 0])).tolist()
    )


def _captions(
    hierarchy: Hierarchy | None,
    topics: Topics,
    anchors: Doubles,
    labels: tuple[MapLabel, ...],
    page: Page,
    papers: Papers,
) -> tuple[Caption, ...]:
    if hierarchy is None or not labels:
        return ()
    middles = np.array([(label.x, label.y) for label in labels])
    halves = np.array([extent(label.lines, label.size) for label in labels]) / 2
    taken = np.concatenate([middles - halves, middles + halves], axis=1)
    size = 1.3 * max(label.size for label in labels)
    return captions(hierarchy, topics, anchors, taken, page.frame, papers, size)


def _leader(
    anchor: Doubles, centre: Doubles, extent: Doubles, least: float
) -> tuple[float, float, float, float] | None:
    end = np.clip(anchor, centre - extent / 2, centre + extent / 2)
    if float(np.hypot(*(end - anchor))) < least:
        return None
    return float(anchor[0]), float(anchor[1]), float(end[0]), float(end[1])


def _headings(
    corpus: Corpus, clustering: Clustering, settings: MapSettings, names: tuple[str, ...]
) -> tuple[str, str]:
    papers = counted(len(corpus), "paper")
    count = counted(clustering.n_topics, "topic")
    outliers = int((clustering.topic == OUTLIER).sum())
    parts = [
        count,
        period(corpus.dates),
        f"{counted(outliers, 'paper')} outside any topic" if outliers else "",
        # A scale says its own name.
        clean(f"colour: {settings.color}") if names and settings.color not in BUILT_IN else "",
    ]
    if settings.title:
        return clean(settings.title), " · ".join(part for part in [papers, *parts] if part)
    return papers, " · ".join(part for part in parts if part)
