"""Where labels go: on or near their topic, over as little ink as possible, never over each other.

Pure geometry in page millimetres; knows nothing of fonts, topics or files.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

_ANGLES = np.deg2rad(np.arange(0, 360, 15))
_GAPS = (0.3, 1.2, 2.4, 4.0, 6.0, 9.0)


@dataclass(frozen=True)
class Ink:
    """How much is drawn where: cell sums of a grid over the page, integrated for quick box sums.

    total: (rows + 1, columns + 1) summed-area table; cell: the grid's pitch in mm.
    """

    total: Array
    cell: float

    @classmethod
    def of(cls, positions: npt.ArrayLike, page: tuple[float, float], cell: float) -> Ink:
        """positions: (n, 2) in mm on a page of (width, height) mm."""
        width, height = page
        columns, rows = int(np.ceil(width / cell)), int(np.ceil(height / cell))
        places = np.asarray(positions, dtype=np.float64)
        counts, _, _ = np.histogram2d(
            places[:, 1], places[:, 0], bins=(rows, columns), range=((0, rows * cell), (0, columns * cell))
        )
        total = np.zeros((rows + 1, columns + 1))
        total[1:, 1:] = counts.cumsum(axis=0).cumsum(axis=1)
        return cls(total, cell)

    def within(self, boxes: Array) -> Array:
        """Number of points (m,) in boxes (m, 4) given as left, bottom, right, top."""
        rows, columns = self.total.shape[0] - 1, self.total.shape[1] - 1
        grid = np.rint(boxes / self.cell).astype(np.int64)
        left, right = np.clip(grid[:, 0], 0, columns), np.clip(grid[:, 2], 0, columns)
        bottom, top = np.clip(grid[:, 1], 0, rows), np.clip(grid[:, 3], 0, rows)
        table = self.total
        found: Array = table[top, right] - table[bottom, right] - table[top, left] + table[bottom, left]
        return found


def place(
    anchors: npt.ArrayLike,
    extents: npt.ArrayLike,
    frame: tuple[float, float, float, float],
    ink: Ink,
    unit: float = 1.0,
) -> Array:
    """Centres (k, 2) of k boxes, NaN where a box found no room.

    anchors: (k, 2) what each box belongs to, the most important first: earlier boxes choose first.
    extents: (k, 2) widths and heights, margins included.
    frame: left, bottom, right, top that boxes must stay in.
    unit: the length in mm that counts as a short distance (about half a line of text).

    A box may neither overlap another nor cross another's leader, nor be nearer to another anchor than to
    its own; of what remains, the cheapest in leader length and covered points wins. A second pass lets every
    box choose again with all others known.
    """
    points, sizes = np.asarray(anchors, dtype=np.float64), np.asarray(extents, dtype=np.float64)
    count = len(points)
    centres = np.full((count, 2), np.nan)
    density = max(float(ink.total[-1, -1]), 1.0)
    options = [_candidates(points[k], sizes[k], unit) for k in range(count)]
    for _ in range(2):
        for k in range(count):
            centres[k] = np.nan
            spots, gaps = options[k]
            boxes = _boxes(spots, sizes[k])
            free = (boxes[:, 0] >= frame[0]) & (boxes[:, 1] >= frame[1])
            free &= (boxes[:, 2] <= frame[2]) & (boxes[:, 3] <= frame[3])
            done = np.flatnonzero(~np.isnan(centres[:, 0]))
            if len(done):
                taken = _boxes(centres[done], sizes[done])
                free &= ~_overlap(boxes, taken).any(axis=1)
                free &= ~_crosses(points[done], centres[done], boxes).any(axis=0)
                free &= ~_crosses(np.repeat(points[k][None], len(spots), axis=0), spots, taken).any(axis=1)
            if not free.any():
                continue
            area = sizes[k].prod()
            cover = ink.within(boxes) / density * len(points) * (60.0 * unit * unit / max(area, 1e-9)) ** 0.5
            cost = gaps / unit + 6.0 * cover + 3.0 * _trespass(boxes, points, k)
            cost[~free] = np.inf
            centres[k] = spots[int(cost.argmin())]
    return centres


def _candidates(anchor: Array, size: Array, unit: float) -> tuple[Array, Array]:
    """Centres (m, 2) around the anchor and the gap (m,) in mm between anchor and box."""
    half = size / 2
    directions = np.stack([np.cos(_ANGLES), np.sin(_ANGLES)], axis=1)
    reach = 1.0 / np.maximum(np.abs(directions) / half, 1e-9).max(axis=1)
    spots, gaps = [anchor[None, :]], [np.zeros(1)]
    for gap in _GAPS:
        spots.append(anchor + directions * (reach + gap * unit)[:, None])
        gaps.append(np.full(len(_ANGLES), gap * unit))
    return np.concatenate(spots), np.concatenate(gaps)


def _boxes(centres: Array, size: Array) -> Array:
    return np.concatenate([centres - size / 2, centres + size / 2], axis=1)


def _overlap(boxes: Array, others: Array) -> npt.NDArray[Any]:
    """(m, k) whether box and other share room."""
    a, b = boxes[:, None], others[None, :]
    meets = (a[..., :2] < b[..., 2:]) & (b[..., :2] < a[..., 2:])
    return np.asarray(meets.all(axis=-1))


def _crosses(starts: Array, ends: Array, boxes: Array) -> npt.NDArray[Any]:
    """(s, m) whether the segment from start to end enters the box (slab method)."""
    start, step = starts[:, None, :], (ends - starts)[:, None, :]
    step = np.where(np.abs(step) < 1e-12, 1e-12, step)
    first = (boxes[None, :, :2] - start) / step
    second = (boxes[None, :, 2:] - start) / step
    enter = np.minimum(first, second).max(axis=2)
    leave = np.maximum(first, second).min(axis=2)
    return np.asarray((enter <= leave) & (leave > 0) & (enter < 1))


def _trespass(boxes: Array, points: Array, own: int) -> Array:
    """(m,) number of other anchors inside the box, or nearer to its middle than its own anchor."""
    others = np.delete(points, own, axis=0)
    if len(others) == 0:
        return np.zeros(len(boxes))
    gap = np.maximum(np.maximum(boxes[:, None, :2] - others, others - boxes[:, None, 2:]), 0.0)
    near = np.linalg.norm(gap, axis=2)
    mine = np.maximum(np.maximum(boxes[:, :2] - points[own], points[own] - boxes[:, 2:]), 0.0)
    reach = np.linalg.norm(mine, axis=1)[:, None]
    return np.asarray((near <= 1e-9).sum(axis=1) + (near < reach).sum(axis=1), dtype=np.float64)
