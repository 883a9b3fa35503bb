"""What follows from how densely papers lie: the size of a dot, how opaque it is, where a topic is at home."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from topics.types import OUTLIER, Doubles, Floats


def point_diameter(n: int, frame: tuple[float, float, float, float]) -> float:
    """Diameter in mm: 50 papers are dots one can point at, 500,000 a fine grain."""
    side = float(np.sqrt((frame[2] - frame[0]) * (frame[3] - frame[1])))
    return side * float(np.clip(0.0185 * (50 / max(n, 50)) ** 0.32, 0.0006, 0.0185))


def opacity(positions: Doubles, point: float, page: tuple[float, float]) -> Floats:
    """Alpha (n,) that falls with the number of papers drawn over the same place."""
    from scipy.ndimage import gaussian_filter

    cell = max(point, 0.004 * page[0])
    shape = (int(np.ceil(page[0] / cell)), int(np.ceil(page[1] / cell)))
    spot = np.clip((positions / cell).astype(np.int64), 0, np.array(shape) - 1)
    flat = np.ravel_multi_index((spot[:, 0], spot[:, 1]), shape)
    counts = np.bincount(flat, minlength=shape[0] * shape[1]).reshape(shape).astype(np.float64)
    crowd = gaussian_filter(counts, 1.0, mode="constant").ravel()[flat] * (np.pi / 4) * (point / cell) ** 2
    alphas: Floats = np.clip(0.9 / np.maximum(crowd, 1.0) ** 0.55, 0.12, 0.9).astype(np.float32)
    return alphas


def densest(positions: Doubles, topic: npt.NDArray[Any], count: int) -> tuple[Doubles, Doubles]:
    """Where each topic is densest, (count, 2), and how far half of its papers are from there, (count,).

    From its median uphill, by mean shift with a narrowing window, then to the nearest of its papers. A mean
    would lie between the halves of a topic that the map tears apart; this lands in one of them.
    """
    order = np.argsort(topic, kind="stable")[int((topic == OUTLIER).sum()) :]
    points, labels = positions[order], topic[order]
    bounds = np.searchsorted(labels, np.arange(count + 1)).tolist()

    def squared() -> Doubles:
        return np.asarray(((points - at[labels]) ** 2).sum(axis=1))

    def medians(values: Doubles) -> Doubles:
        return np.array([np.median(values[a:b], axis=0) for a, b in pairwise(bounds)])

    at = medians(points)
    spread = np.maximum(np.sqrt(medians(squared())), 1e-6)
    for window in (1.5, 1.5, 1.0, 1.0, 0.7, 0.7, 0.7, 0.5, 0.5, 0.5):
        weight = np.exp(-squared() / (2 * (window * spread[labels]) ** 2)) + 1e-12
        mass = np.bincount(labels, weight, count)
        at = np.stack(
            [np.bincount(labels, weight * points[:, axis], count) / mass for axis in (0, 1)], axis=1
        )
    distance = squared()
    at = points[[a + int(distance[a:b].argmin()) for a, b in pairwise(bounds)]]
    return at, np.sqrt(medians(squared()))
