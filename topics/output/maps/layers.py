"""The layers beside the topics: fields that hold several of them, and the subtopics inside one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from topics.output.maps.density import densest
from topics.output.maps.place import InkGrid, overlap_area
from topics.output.maps.typeset import clean, extent, wrap
from topics.types import OUTLIER, Hierarchy, Topics

Array = npt.NDArray[np.float64]

_STEPS = 40
# What a caption's place costs, in shares of the frame's width: wholly under a name, under all papers.
_NAME, _PAPERS = 0.9, 2.5


@dataclass(frozen=True)
class Caption:
    """A field's name on the page, centred lines around x, y in mm; topic: the one whose hue it has."""

    field: int
    topic: int
    lines: tuple[str, ...]
    size: float
    x: float
    y: float


CROWDED = 16
"""Topics from which a map is easier to read with the names of its fields."""


def captions(
    hierarchy: Hierarchy,
    topics: Topics,
    anchors: Array,
    taken: Array,
    frame: tuple[float, float, float, float],
    sheet: InkGrid,
    points: float,
) -> tuple[Caption, ...]:
    """Names of the fields where they cover the least, the largest field first; one without room is left out.

    anchors: (k, 2) of the topics in mm; taken: (m, 4) boxes of the topics' names; sheet: where papers are
    drawn; points: the letters' size. A field that is one topic, or is called like one, needs no caption,
    nor does a map of few topics, which is taken in at a glance.
    """
    placed: list[Caption] = []
    boxes = taken
    sizes = np.array([topic.size for topic in topics.topics], dtype=np.float64)
    for field in worth_naming(hierarchy, topics) if len(topics) >= CROWDED else ():
        lines = wrap(clean(hierarchy.fields[field].label), width=16, lines=2)
        wide, tall = extent(lines, points)
        members = np.flatnonzero(hierarchy.field == field)
        size = np.array([wide, tall])
        spot = _spot(anchors[members], sizes[members], size, boxes, len(taken), frame, sheet)
        if spot is None:
            continue
        largest = int(members[sizes[members].argmax()])
        placed.append(Caption(field, largest, lines, points, float(spot[0]), float(spot[1])))
        boxes = np.concatenate([boxes, np.concatenate([spot - size / 2, spot + size / 2])[None]])
    return tuple(placed)


def worth_naming(hierarchy: Hierarchy, topics: Topics) -> list[int]:
    """Fields of more than one topic whose name is no topic's, unless there is but one field."""
    if len(hierarchy.fields) < 2:
        return []
    known = {label.casefold() for label in topics.labels}
    members = np.bincount(hierarchy.field, minlength=len(hierarchy.fields))
    return [
        field
        for field, group in enumerate(hierarchy.fields)
        if members[field] > 1 and group.label.casefold() not in known
    ]


def _spot(
    anchors: Array,
    weights: Array,
    size: Array,
    boxes: Array,
    names: int,
    frame: tuple[float, float, float, float],
    sheet: InkGrid,
) -> Array | None:
    """The best centre of a caption among a grid over the frame; it may lie under names, never on captions."""
    low, high = np.array(frame[:2]) + size / 2, np.array(frame[2:]) - size / 2
    if (low > high).any():
        return None
    grid = [np.linspace(low[axis], high[axis], _STEPS) for axis in (0, 1)]
    centres = np.stack(np.meshgrid(*grid), axis=-1).reshape(-1, 2)
    own = np.concatenate([centres - size / 2, centres + size / 2], axis=1)
    width = frame[2] - frame[0]
    away = np.hypot(*(centres[:, None] - anchors[None]).transpose(2, 0, 1))
    cost = (away * weights).sum(axis=1) / weights.sum() / width
    covered = overlap_area(own, boxes) / (size[0] * size[1])
    cost += _NAME * covered[:, :names].sum(axis=1)
    cost += _PAPERS * sheet.within(own) / max(sheet.drawn, 1.0)
    cost[covered[:, names:].sum(axis=1) > 0] = np.inf
    best = int(cost.argmin())
    return centres[best] if np.isfinite(cost[best]) else None


def subtopic_homes(
    hierarchy: Hierarchy, topic: npt.NDArray[np.int32], positions: Array
) -> tuple[npt.NDArray[np.int32], Array]:
    """Subtopics that have papers inside their topic, and the densest place (m, 2) of each."""
    inside = np.where(topic == OUTLIER, OUTLIER, hierarchy.subtopic)
    found, place = np.unique(inside[inside != OUTLIER], return_inverse=True)
    if not len(found):
        return np.zeros(0, dtype=np.int32), np.zeros((0, 2))
    rank = np.full(len(inside), OUTLIER)
    rank[inside != OUTLIER] = place
    return found.astype(np.int32), densest(positions, rank, len(found))[0]


def field_homes(hierarchy: Hierarchy, topics: Topics, anchors: Array) -> Array:
    """Middle (f, 2) of each field: the mean of its topics' places, weighted by their size."""
    sizes = np.array([topic.size for topic in topics.topics], dtype=np.float64)
    mass = np.bincount(hierarchy.field, sizes)
    return np.stack(
        [np.bincount(hierarchy.field, sizes * anchors[:, axis]) / mass for axis in (0, 1)], axis=1
    )
