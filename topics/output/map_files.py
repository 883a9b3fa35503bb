"""The map of a run as files: pictures, and the page to explore."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from topics.label.phrases import fitness
from topics.output.maps.interactive import write_interactive
from topics.output.maps.static import draw_static
from topics.output.maps.view import MapView, build_view
from topics.types import Counts
from topics.types.arrays import presence

if TYPE_CHECKING:
    from topics.config import MapSettings
    from topics.types import Corpus, Neighbours
    from topics.types.run import Values

EACH, IN_ALL = 40, 1_000_000
"""Most uses of terms that are kept, a paper on average and in all: 40 keep a page of 2,000 papers small."""

COMMONEST = 0.5
"""A term that a larger share of the papers has tells none of them apart."""

FEWEST = 500
"""From this many papers on a term must be in three of them, else in two."""


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


def telling_terms(counts: Counts, corpus: Corpus) -> Counts:
    """Which papers have which of the noun phrases that tell most about papers; uses are 0 or 1.

    A term counts for more the more surely it is a noun phrase, the more papers have it and the more it tells
    about one that has it.
    """
    papers, uses = counts.matrix.shape[0], presence(counts.matrix)
    have = np.bincount(uses.indices, minlength=len(counts.terms))
    _, label_fitness = fitness(counts, corpus)
    least = 3 if papers >= FEWEST else 2
    usable = np.flatnonzero((have >= least) & (have <= COMMONEST * papers) & (label_fitness > 0.1))
    worth = label_fitness[usable] * np.sqrt(have[usable]) * np.log(papers / have[usable])
    ranked = usable[np.argsort(-np.round(worth, 9), kind="stable")]
    room = min(EACH * papers, IN_ALL)
    kept = np.sort(ranked[np.cumsum(have[ranked]) <= room])
    return Counts(uses[:, kept].tocsr(), tuple(counts.terms[column] for column in kept.tolist()))
