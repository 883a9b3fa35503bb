"""All pictures of a run's trends, and of a comparison."""

from __future__ import annotations

from pathlib import Path

from topics.config import MapSettings
from topics.maps import colors
from topics.maps.view import topic_hues
from topics.trends.plots import alluvial, densities, heatmap, multiples, slope, stream
from topics.trends.plots.canvas import Ink, make_ink
from topics.types import Clustering, Comparison, Projection, Topics, Trends

TREND_PLOTS = ("trends", "trend_heatmap", "trend_stream", "map_periods")
"""Stems of the files (.png and .svg) that `draw_trends` writes."""

COMPARISON_PLOTS = ("compare_slope", "compare_flow")
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
    ink = _ink(topics, clustering, layout, settings)
    names = _draw_courses(trends, topics, ink, settings, folder)
    return *names, *densities.draw(trends, layout, ink, settings.width_mm).save(folder / TREND_PLOTS[-1])


def draw_courses(
    trends: Trends,
    topics: Topics,
    clustering: Clustering,
    layout: Projection,
    settings: MapSettings,
    folder: Path,
) -> tuple[str, ...]:
    """All but the last of them, whose places on the map are known of a part of the papers only."""
    ink = _ink(topics, clustering, layout, settings)
    return _draw_courses(trends, topics, ink, settings, folder)


def _ink(topics: Topics, clustering: Clustering, layout: Projection, settings: MapSettings) -> Ink:
    _, hues, steps = topic_hues(layout, clustering)
    return make_ink(colors.topic_colors(hues, steps, settings.theme), len(topics), settings.theme)


def _draw_courses(
    trends: Trends, topics: Topics, ink: Ink, settings: MapSettings, folder: Path
) -> tuple[str, ...]:
    drawn = (one.draw(trends, topics, ink, settings.width_mm) for one in (multiples, heatmap, stream))
    pages = zip(TREND_PLOTS, drawn, strict=False)
    return tuple(name for stem, page in pages for name in page.save(folder / stem))


def draw_comparison(comparison: Comparison, settings: MapSettings, folder: Path) -> tuple[str, ...]:
    """Draw every picture of `COMPARISON_PLOTS`; gives the file names."""
    ink = make_ink(None, 1, settings.theme)
    pages = {
        "compare_slope": slope.draw(comparison, ink, settings.width_mm),
        "compare_flow": alluvial.draw(comparison, ink, settings.width_mm),
    }
    return tuple(name for stem, page in pages.items() for name in page.save(folder / stem))
