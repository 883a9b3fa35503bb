"""The map of a run as files: pictures, and the page to explore."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from topics.label.telling import telling_terms
from topics.output.maps.interactive import write_interactive
from topics.output.maps.static import draw_static
from topics.output.maps.view import MapView, build_view

if TYPE_CHECKING:
    from topics.config import MapSettings
    from topics.types import Neighbours
    from topics.types.run import Values


def draw_map(
    run: Values, settings: MapSettings, files: Iterable[Path], neighbours: Callable[[], Neighbours]
) -> MapView:
    """Draw the map into each of the files: a page where it ends in .html, else a picture.

    Returns what is drawn.
    neighbours: gives the nearest papers of every paper, for the page (`write_interactive`).
    """
    hierarchy, quality = run.hierarchy, run.quality
    view = build_view(run.corpus, run.placed, run.topics, run.layout, settings, hierarchy, quality)
    for file in files:
        if file.suffix.lower() == ".html":
            words = telling_terms(run.counts, run.corpus)
            write_interactive(view, run.corpus, run.topics, file, hierarchy, quality, words, neighbours)
        else:
            draw_static(view, file)
    return view
