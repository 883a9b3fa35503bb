"""All files of a run's trends, and all pictures of a comparison."""

from __future__ import annotations

from pathlib import Path

from topics.config import MapSettings
from topics.output.canvas import make_ink
from topics.output.maps import colors
from topics.output.maps.view import topic_hues
from topics.output.trends import alluvial, densities, heatmap, multiples, slope, stream
from topics.output.trends.tables import write_trends
from topics.types import Clustering, Comparison, Projection, Topics, Trends

TREND_PLOTS = ("trends", "trend_heatmap", "trend_stream", "map_periods")
"""Stems of the files (.png and .svg) that `draw_trends` writes."""

COMPARISON_PLOTS = ("compare_slope", "compare_flow")
"""Stems of the files (.png and .svg) that `draw_comparison` writes."""


def write_trend_files(
    trends: Trends,
    topics: Topics,
    clustering: Clustering,
    layout: Projection,
    settings: MapSettings,
    folder: Path,
    *,
    places: bool = True,
) -> tuple[str, ...]:
    """Tables, and pictures where a topic has a verdict; gives the file names, none without periods.

    layout, places: as in `draw_trends`.
    """
    if not trends.periods:
        return ()
    written = write_trends(trends, topics, folder)
    if not trends.telling:
        return written
    return *written, *draw_trends(trends, topics, clustering, layout, settings, folder, places=places)


def draw_trends(
    trends: Trends,
    topics: Topics,
    clustering: Clustering,
    layout: Projection,
    settings: MapSettings,
    folder: Path,
    *,
    places: bool = True,
) -> tuple[str, ...]:
    """Draw every picture of `TREND_PLOTS` in the map's theme, width and colours; gives the file names.

    layout: (n, 2), the map's. places: whether it has all papers of the trends; if not, there is no map by
    periods.
    """
    _, hues, steps = topic_hues(layout, clustering)
    ink = make_ink(colors.topic_colors(hues, steps, settings.theme), len(topics), settings.theme)
    pages = [one.draw(trends, topics, ink, settings.width_mm) for one in (multiples, heatmap, stream)]
    if places:
        pages.append(densities.draw(trends, layout, ink, settings.width_mm))
    drawn = zip(TREND_PLOTS, pages, strict=False)
    return tuple(name for stem, page in drawn for name in page.save(folder / stem))


def draw_comparison(comparison: Comparison, settings: MapSettings, folder: Path) -> tuple[str, ...]:
    """Draw every picture of `COMPARISON_PLOTS`; gives the file names."""
    ink = make_ink(None, 1, settings.theme)
    pages = [one.draw(comparison, ink, settings.width_mm) for one in (slope, alluvial)]
    drawn = zip(COMPARISON_PLOTS, pages, strict=True)
    return tuple(name for stem, page in drawn for name in page.save(folder / stem))
