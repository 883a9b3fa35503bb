"""All pictures of a run's trends, and of a comparison, with what each shows."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from topics.config import MapSettings
from topics.maps import colors
from topics.maps.density import densest
from topics.trends.plots import alluvial, densities, heatmap, multiples, slope, stream
from topics.trends.plots.canvas import Array, make_ink
from topics.types import Clustering, Comparison, Projection, Topics, Trends

TREND_PLOTS: dict[str, str] = {
    "trends": "each topic's share over time with its interval, the strongest movers first",
    "trend_heatmap": "topics by periods, in the order of their peak",
    "trend_stream": "papers per period of the largest topics as a stream",
    "map_periods": "where each period's papers lie, on the one map",
}
"""Stems of the files (.png and .svg) that `draw_trends` writes."""

COMPARISON_PLOTS: dict[str, str] = {
    "compare_slope": "each topic's share before and after, joined by a line",
    "compare_flow": "the topics of both sides as blocks, and what became of which",
}
"""Stems of the files (.png and .svg) that `draw_comparison` writes."""


def draw_trends(
    trends: Trends,
    topics: Topics,
    clustering: Clustering,
    layout: Projection,
    settings: MapSettings,
    folder: Path,
) -> tuple[str, ...]:
    """Draw every picture of `TREND_PLOTS` in the map's theme, width and colours; gives the file names.

    layout: (n, 2), the map's.
    """
    palette = map_palette(clustering, layout, settings.theme)
    ink = make_ink(palette, len(topics), settings.theme)
    width = settings.width_mm
    pages = {
        "trends": multiples.draw(trends, topics, ink, width),
        "trend_heatmap": heatmap.draw(trends, topics, ink, width),
        "trend_stream": stream.draw(trends, topics, ink, width),
        "map_periods": densities.draw(trends, layout, ink, width),
    }
    return tuple(name for stem, page in pages.items() for name in page.save(folder / stem))


def draw_comparison(comparison: Comparison, settings: MapSettings, folder: Path) -> tuple[str, ...]:
    """Draw every picture of `COMPARISON_PLOTS`; gives the file names."""
    ink = make_ink(None, 1, settings.theme)
    pages = {
        "compare_slope": slope.draw(comparison, ink, settings.width_mm),
        "compare_flow": alluvial.draw(comparison, ink, settings.width_mm),
    }
    return tuple(name for stem, page in pages.items() for name in page.save(folder / stem))


def map_palette(clustering: Clustering, layout: Projection, theme: colors.Theme) -> Array:
    """The colours (k, 3) that the topics have on the map."""
    places = np.asarray(layout.coordinates, dtype=np.float64)
    homes, _ = densest(places, clustering.topic, clustering.n_topics)
    return colors.topic_colors(*colors.topic_styles(homes), theme)
