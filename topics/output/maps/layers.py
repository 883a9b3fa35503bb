"""The layers beside the topics: fields that hold several of them, and the subtopics inside one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from topics.output.maps.density import densest
from topics.output.maps.place import InkGrid, overlap_area
from topics.output.maps.typeset import clean, extent, wrap
from topics.types import OUTLIER, Doubles, Hierarchy, Integers, Rows, Topics

_STEPS = 60
# What a caption's size may be, as a share of the one asked for; and how far around it, in its heights, papers
# are looked for, most of which must be its field's.
_SIZES = (1.0, 0.8, 0.65)
_AROUND, _OWN = 0.6, 0.6


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


BOLD = 1.15
"""How much wider than plain letters the bold ones of a caption are."""


def captions(
    hierarchy: Hierarchy,
    topics: Topics,
    anchors: Doubles,
    taken: Doubles,
    frame: tuple[float, float, float, float],
    papers: Papers,
    points: float,
) -> tuple[Caption, ...]:
    """Names of the fields among their own papers, the largest field first; one without room is left out.

    anchors: (k, 2) of the topics in mm; taken: (m, 4) boxes of the topics' names; points: the letters' size.
    A caption covers no paper, no name and no other caption, and most papers around it are its field's. A
    field that is one topic, or is called like one, needs no caption, nor does a map of few topics, which is
    taken in at a glance.
    """
    placed: list[Caption] = []
    sizes = np.array([topic.size for topic in topics.topics], dtype=np.float64)
    for field in worth_naming(hierarchy, topics) if len(topics) >= CROWDED else ():
        lines = wrap(clean(hierarchy.fields[field].label), width=16, lines=3)
        members = np.flatnonzero(hierarchy.field == field)
        own = papers.of(members)
        for size in (share * points for share in _SIZES):
            reach = np.array(extent(lines, size)) * (BOLD, 1.0)
            spot = _spot(anchors[members], sizes[members], reach, taken, frame, papers, own)
            if spot is not None:
                largest = int(members[sizes[members].argmax()])
                placed.append(Caption(field, largest, lines, size, float(spot[0]), float(spot[1])))
                taken = np.concatenate([taken, np.concatenate([spot - reach / 2, spot + reach / 2])[None]])
                break
    return tuple(placed)


@dataclass(frozen=True)
class Papers:
    """Where papers are drawn, (n, 2) in mm on a page of (width, height), as dots of this diameter.

    topic: (n,) the topic of each; ink: of all of them.
    """

    positions: Doubles
    topic: Integers
    point: float
    page: tuple[float, float]
    ink: InkGrid

    def of(self, topics: Rows) -> InkGrid:
        """The papers of these topics."""
        return InkGrid.of(self.positions[np.isin(self.topic, topics)], self.page, self.ink.cell)


def worth_naming(hierarchy: Hierarchy, topics: Topics) -> list[int]:
    """Fields of more than one topic whose name is no topic's, unless there is but one field, or none."""
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
    anchors: Doubles,
    weights: Doubles,
    size: Doubles,
    taken: Doubles,
    frame: tuple[float, float, float, float],
    papers: Papers,
    own: InkGrid,
) -> Doubles | None:
    """The centre of a caption nearest to its topics that covers nothing, among a grid over the frame."""
    low, high = np.array(frame[:2]) + size / 2, np.array(frame[2:]) - size / 2
    if (low > high).any():
        return None
    grid = [np.linspace(low[axis], high[axis], _STEPS) for axis in (0, 1)]
    centres = np.stack(np.meshgrid(*grid), axis=-1).reshape(-1, 2)

    def boxes(margin: float) -> Doubles:
        half = size / 2 + margin
        return np.concatenate([centres - half, centres + half], axis=1)

    # The grid that papers are counted on rounds to whole cells.
    free = papers.ink.within(boxes(papers.point / 2 + papers.ink.cell)) == 0
    free &= overlap_area(boxes(0.0), taken).sum(axis=1) == 0
    around = boxes(_AROUND * size[1])
    near, ours = papers.ink.within(around), own.within(around)
    free &= (ours > 0) & (ours >= _OWN * near)
    away = np.hypot(*(centres[:, None] - anchors[None]).transpose(2, 0, 1))
    cost = np.where(free, away @ weights, np.inf)
    best = int(cost.argmin())
    return centres[best] if free[best] else None


def subtopic_homes(hierarchy: Hierarchy, topic: Integers, positions: Doubles) -> tuple[Integers, Doubles]:
    """Subtopics that have papers inside their topic, and the densest place (m, 2) of each."""
    inside = np.where(topic == OUTLIER, OUTLIER, hierarchy.subtopic)
    found, place = np.unique(inside[inside != OUTLIER], return_inverse=True)
    if not len(found):
        return np.zeros(0, dtype=np.int32), np.zeros((0, 2))
    rank = np.full(len(inside), OUTLIER)
    rank[inside != OUTLIER] = place
    return found.astype(np.int32), densest(positions, rank, len(found))[0]


def field_homes(hierarchy: Hierarchy, topics: Topics, anchors: Doubles) -> Doubles:
    """Middle (f, 2) of each field: the mean of its topics' places, weighted by their size."""
    if not hierarchy.fields:
        return np.zeros((0, 2))
    sizes = np.array([topic.size for topic in topics.topics], dtype=np.float64)
    mass = np.bincount(hierarchy.field, sizes)
    return np.stack(
        [np.bincount(hierarchy.field, sizes * anchors[:, axis]) / mass for axis in (0, 1)], axis=1
    )
