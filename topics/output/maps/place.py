"""Where labels go: on or near their topic, over as little ink as possible, never over each other.

Pure geometry in page millimetres; knows nothing of fonts, topics or files. Boxes are arrays of left, bottom,
right, top; segments of x, y, x, y.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from topics.types import Doubles, Longs, Mask

_ANGLES = np.deg2rad(np.arange(0, 360, 15))
# Gaps between anchor and box, in units.
_GAPS = (0.3, 1.0, 2.0, 3.2, 4.6, 6.5, 9.0)
# What a place may cost, in units of leader length: a covered topic, a covered dot, another's territory, a
# conflict while places are still being sought, and the most before a label is left out.
_TOPIC, _DOT, _TRESPASS, _CONFLICT, _DEAREST = 14.0, 3.0, 4.0, 10.0, 26.0
_SWEEPS = 6


@dataclass(frozen=True)
class InkGrid:
    """How much is drawn where: counts on a grid over the page, integrated for quick sums over boxes.

    total: (rows + 1, columns + 1) summed-area table; cell: the grid's pitch in mm.
    """

    total: Doubles
    cell: float

    @classmethod
    def of(cls, positions: npt.ArrayLike, page: tuple[float, float], cell: float) -> InkGrid:
        """positions: (n, 2) in mm on a page of (width, height) mm."""
        columns, rows = int(np.ceil(page[0] / cell)), int(np.ceil(page[1] / cell))
        places = np.asarray(positions, dtype=np.float64)
        counts, _, _ = np.histogram2d(
            places[:, 1], places[:, 0], bins=(rows, columns), range=((0, rows * cell), (0, columns * cell))
        )
        total = np.zeros((rows + 1, columns + 1))
        total[1:, 1:] = counts.cumsum(axis=0).cumsum(axis=1)
        return cls(total, cell)

    @property
    def points(self) -> float:
        return float(self.total[-1, -1])

    def within(self, boxes: Doubles) -> Doubles:
        """Number of points (m,) in boxes (m, 4)."""
        rows, columns = self.total.shape[0] - 1, self.total.shape[1] - 1
        grid = np.rint(boxes / self.cell).astype(np.int64)
        left, right = np.clip(grid[:, 0], 0, columns), np.clip(grid[:, 2], 0, columns)
        bottom, top = np.clip(grid[:, 1], 0, rows), np.clip(grid[:, 3], 0, rows)
        table = self.total
        return np.asarray(table[top, right] - table[bottom, right] - table[top, left] + table[bottom, left])


@dataclass(frozen=True)
class _Option:
    """Every place a label could take: boxes (m, 4), leaders (m, 4) and what each costs by itself (m,)."""

    boxes: Doubles
    leaders: Doubles
    cost: Doubles


def place(
    anchors: npt.ArrayLike,
    extents: npt.ArrayLike,
    frame: tuple[float, float, float, float],
    ink: InkGrid,
    unit: float = 1.0,
    point: float = 0.0,
) -> Doubles:
    """Centres (k, 2) of k boxes, NaN where a box found no room.

    anchors: (k, 2) what each box belongs to, the most important first.
    extents: (k, 2) widths and heights, margins included.
    frame: the box that all boxes must stay in.
    unit: the length in mm that counts as a short distance (about half a line of text).
    point: diameter of a dot in mm.

    First each box in turn takes the place that costs it least, conflicts with others included, so that a box
    that has a choice makes room for one that has none. Then, by importance, each settles at the best place
    left where it neither overlaps a settled one nor crosses a leader; if all are dear, it is left out.
    """
    points, sizes = np.asarray(anchors, dtype=np.float64), np.asarray(extents, dtype=np.float64)
    count = len(points)
    options = [_options(k, points, sizes[k], frame, ink, unit, point) for k in range(count)]
    reach = 2 * _GAPS[-1] * unit
    near = [
        np.flatnonzero((np.abs(points - points[k]) < sizes + sizes[k] + reach).all(axis=1))
        for k in range(count)
    ]
    chosen = np.array([int(option.cost.argmin()) for option in options], dtype=np.int64)
    for _ in range(_SWEEPS):
        for k in range(count):
            others = near[k][near[k] != k]
            chosen[k] = (options[k].cost + _CONFLICT * _conflicts(options, k, chosen, others)).argmin()
    centres = np.full((count, 2), np.nan)
    for k in range(count):
        settled = near[k][~np.isnan(centres[near[k], 0])]
        waiting = near[k][near[k] > k]
        cost = options[k].cost + _CONFLICT * _conflicts(options, k, chosen, waiting)
        cost[_conflicts(options, k, chosen, settled) > 0] = np.inf
        chosen[k] = cost.argmin()
        if np.isfinite(cost[chosen[k]]) and options[k].cost[chosen[k]] <= _DEAREST:
            box = options[k].boxes[chosen[k]]
            centres[k] = (box[:2] + box[2:]) / 2
    return centres


def _options(
    own: int,
    points: Doubles,
    size: Doubles,
    frame: tuple[float, float, float, float],
    ink: InkGrid,
    unit: float,
    point: float,
) -> _Option:
    # At the frame's edge a box slides along it.
    centres = np.clip(_candidates(points[own], size, unit, point), frame[:2] + size / 2, frame[2:] - size / 2)
    boxes = np.concatenate([centres - size / 2, centres + size / 2], axis=1)
    ends = np.clip(points[own], boxes[:, :2], boxes[:, 2:])
    gaps = np.hypot(*(ends - points[own]).T)
    under = ink.within(boxes + np.array([-0.5, -0.5, 0.5, 0.5]) * point)
    dots = max(ink.points, 1.0)
    cost = gaps / unit + _TOPIC * under / dots * len(points)
    cost += _DOT * min(1.0, 200.0 / dots) * np.minimum(under, 4.0)
    cost += _TRESPASS * _trespass(boxes, points, own)
    inside = (boxes[:, :2] >= np.array(frame[:2]) - 1e-6).all(axis=1)
    leaders = np.concatenate([np.broadcast_to(points[own], ends.shape), ends], axis=1)
    return _Option(boxes, leaders, np.where(inside, cost, np.inf))


def _candidates(anchor: Doubles, size: Doubles, unit: float, point: float) -> Doubles:
    """Centres (m, 2) on the anchor and around it, at growing gaps between the anchor's dot and the box."""
    directions = np.stack([np.cos(_ANGLES), np.sin(_ANGLES)], axis=1)
    reach = 1.0 / (np.abs(directions) / np.maximum(size / 2, 1e-9)).max(axis=1)
    rings = [anchor + directions * (reach + point / 2 + gap * unit)[:, None] for gap in _GAPS]
    return np.concatenate([anchor[None, :], *rings])


def _conflicts(options: list[_Option], own: int, chosen: Longs, others: Longs) -> Doubles:
    """(m,) with how many of the others, where they now are, each place of a label cannot be together."""
    mine = options[own]
    if len(others) == 0:
        return np.zeros(len(mine.boxes))
    boxes = np.array([options[k].boxes[chosen[k]] for k in others])
    leaders = np.array([options[k].leaders[chosen[k]] for k in others])
    hit = _overlap(mine.boxes, boxes) | _tangle(mine.leaders, leaders)
    hit |= _crosses(mine.leaders, boxes) | _crosses(leaders, mine.boxes).T
    return np.asarray(hit.sum(axis=1), dtype=np.float64)


def _overlap(boxes: Doubles, others: Doubles) -> Mask:
    """(m, k) whether box and other share room."""
    left, bottom, right, top = (boxes[:, None, side] for side in range(4))
    return np.asarray(
        (left < others[:, 2]) & (others[:, 0] < right) & (bottom < others[:, 3]) & (others[:, 1] < top)
    )


def overlap_area(boxes: Doubles, others: Doubles) -> Doubles:
    """(m, k) room in mm² that box and other share."""
    across, up = (
        np.minimum(boxes[:, None, axis + 2], others[:, axis + 2])
        - np.maximum(boxes[:, None, axis], others[:, axis])
        for axis in range(2)
    )
    return np.asarray(np.maximum(across, 0.0) * np.maximum(up, 0.0))


def _crosses(segments: Doubles, boxes: Doubles) -> Mask:
    """(s, m) whether the segment enters the box (slab method)."""
    enter, leave = np.zeros((len(segments), len(boxes))), np.ones((len(segments), len(boxes)))
    for axis in range(2):
        start, step = segments[:, None, axis], (segments[:, axis + 2] - segments[:, axis])[:, None]
        step = np.where(np.abs(step) < 1e-12, 1e-12, step)
        first, second = (boxes[:, axis] - start) / step, (boxes[:, axis + 2] - start) / step
        enter = np.maximum(enter, np.minimum(first, second))
        leave = np.minimum(leave, np.maximum(first, second))
    return np.asarray(enter < leave)


def _tangle(segments: Doubles, others: Doubles) -> Mask:
    """(s, k) whether two segments cross."""

    def side(a: Doubles, b: Doubles, x: Doubles, y: Doubles) -> Doubles:
        return np.sign((b[..., 0] - a[..., 0]) * (y - a[..., 1]) - (b[..., 1] - a[..., 1]) * (x - a[..., 0]))

    one, two = segments[:, None], others[None, :]
    a, b, c, d = one[..., :2], one[..., 2:], two[..., :2], two[..., 2:]
    apart = side(a, b, c[..., 0], c[..., 1]) * side(a, b, d[..., 0], d[..., 1])
    across = side(c, d, a[..., 0], a[..., 1]) * side(c, d, b[..., 0], b[..., 1])
    return np.asarray((apart < 0) & (across < 0))


def _trespass(boxes: Doubles, points: Doubles, own: int) -> Doubles:
    """(m,) number of other anchors inside the box, or nearer to it than its own anchor."""
    across, up = (
        np.maximum(
            np.maximum(boxes[:, None, axis] - points[:, axis], points[:, axis] - boxes[:, None, axis + 2]),
            0.0,
        )
        for axis in range(2)
    )
    gap = np.hypot(across, up)
    others = np.delete(gap, own, axis=1)
    nearer = (others <= 1e-9).sum(axis=1) + (others < gap[:, [own]]).sum(axis=1)
    return np.asarray(nearer, dtype=np.float64)
