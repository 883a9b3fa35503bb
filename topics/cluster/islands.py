"""A layout on a page: far islands come nearer, and the whole is turned so that it fills a landscape page.

UMAP's distances between far groups mean little, but they decide how small everything is drawn. Islands are
moved as they are, each straight towards the rest, and a gap stays around them; so neighbours stay neighbours.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from topics.types import Doubles, Floats

GAP = 0.06
"""The distance from which papers lie on two islands, and which stays between islands, as a share of the
layout's longer side."""

LONELY = 3.0
"""Least such distance, in multiples of the distance below which all but a twentieth of the papers have a
neighbour. The larger of the two counts."""

FEWEST = 10
"""Papers below which a layout stays as it is."""

ANGLE = 5
"""Degrees between the turns that are tried."""

ASPECTS = (0.56, 0.84)
"""Height over width of the pages that a map is drawn on, at least and at most."""


def arranged(places: Floats) -> Floats:
    """The layout (n, 2) with its islands drawn together, turned to fill a page; around 0."""
    if len(places) < FEWEST or not np.ptp(places, axis=0).any():
        return places
    found = turned(gathered(places.astype(np.float64)))
    moved: Floats = found.astype(np.float32)
    return moved


def gathered(places: Doubles) -> Doubles:
    """(n, 2) the places, islands that lie farther from all others than they need to moved nearer.

    The island of most papers stays. Each other one, nearest first, goes straight towards the place nearest to
    it until the gap is left.
    """
    from scipy.spatial import cKDTree

    gap = _gap(places)
    island = _islands(places, gap)
    found = places.copy()
    sizes = np.bincount(island)
    settled = island == sizes.argmax()
    waiting = set(np.flatnonzero(sizes).tolist()) - {int(sizes.argmax())}
    while waiting:
        tree = cKDTree(found[settled])
        near = {one: _nearest(tree, found[island == one]) for one in waiting}
        one = min(waiting, key=lambda name: (near[name][0], name))
        found[island == one] += _approach(tree, found[island == one], *near[one], gap)
        settled |= island == one
        waiting.remove(one)
    return found


def _gap(places: Doubles) -> float:
    from scipy.spatial import cKDTree

    distances, _ = cKDTree(places).query(places, k=2)
    span = float((places.max(axis=0) - places.min(axis=0)).max())
    return max(GAP * span, LONELY * float(np.quantile(distances[:, 1], 0.95)))


def _islands(places: Doubles, gap: float) -> npt.NDArray[np.intp]:
    """(n,) the island of each paper: cells of a grid that lie within some `gap` of each other."""
    from scipy import ndimage

    cells = np.floor((places - places.min(axis=0)) / (gap / 3)).astype(np.intp)
    occupied = np.zeros(cells.max(axis=0) + 1, bool)
    occupied[cells[:, 0], cells[:, 1]] = True
    # Two cells meet where both, made larger by one all around, do.
    grown = ndimage.binary_dilation(occupied, np.ones((3, 3)))
    labels, _ = ndimage.label(grown, np.ones((3, 3)))
    found: npt.NDArray[np.intp] = labels[cells[:, 0], cells[:, 1]]
    return found


def _nearest(tree: Any, own: Doubles) -> tuple[float, Doubles]:
    """The least distance from an island to the settled papers, and the way there."""
    distances, rows = tree.query(own)
    at = int(distances.argmin())
    return float(distances[at]), tree.data[rows[at]] - own[at]


def _approach(tree: Any, own: Doubles, distance: float, way: Doubles, gap: float) -> Doubles:
    """How far an island moves, (2,): at most so far that the gap is left on all of its sides."""
    step = way * max(0.0, 1 - gap / max(distance, 1e-12))
    for share in (1.0, 0.8, 0.6, 0.4, 0.2):
        if _nearest(tree, own + share * step)[0] >= 0.99 * gap:
            return np.asarray(share * step)
    return np.zeros(2)


def turned(places: Doubles) -> Doubles:
    """The places (n, 2) around 0, turned by the angle at which a page can show them largest."""
    centred = places - (places.min(axis=0) + places.max(axis=0)) / 2
    angles = np.deg2rad(np.arange(0, 180, ANGLE))
    tries = [centred @ _rotation(angle) for angle in angles.tolist()]
    best = max(tries, key=_size)
    return np.asarray(best - (best.min(axis=0) + best.max(axis=0)) / 2)


def _rotation(angle: float) -> Doubles:
    return np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])


def _size(places: Doubles) -> float:
    """How large a page of width 1 shows these places, by the root of the page's area."""
    wide, tall = np.maximum(places.max(axis=0) - places.min(axis=0), 1e-9).tolist()
    aspect = float(np.clip(tall / wide, *ASPECTS))
    return float(min(1 / wide, aspect / tall) / np.sqrt(aspect))
