"""A soft light about the dots, in the colours of what lies there: groups show before single papers do."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from topics.types import Doubles

_STRONGEST = {"light": 0.24, "dark": 0.30}


def glow(
    positions: npt.ArrayLike,
    fills: npt.NDArray[np.uint8],
    page: tuple[float, float],
    theme: str,
    cells: int = 600,
) -> npt.NDArray[np.uint8]:
    """RGBA picture (rows, columns, 4) of the page, lowest row first; where topics meet their colours mix.

    positions: (m, 2) in mm and fills: (m, 3) of the papers that light up; page: (width, height) in mm;
    cells: columns of the picture.
    """
    from scipy.ndimage import gaussian_filter

    places = np.asarray(positions, dtype=np.float64)
    cell = page[0] / cells
    shape = (int(np.ceil(page[1] / cell)), cells)
    row, column = (
        np.clip((places[:, axis] / cell).astype(np.int64), 0, shape[1 - axis] - 1) for axis in (1, 0)
    )
    flat = np.ravel_multi_index((row, column), shape)
    # About the usual distance between neighbours, so that a group of five glows as one.
    reach = float(
        np.clip(0.28 * np.sqrt(shape[0] * shape[1] / max(len(places), 1)), 0.007 * cells, 0.05 * cells)
    )

    def spread(weights: Doubles | None) -> Doubles:
        counts = np.bincount(flat, weights, shape[0] * shape[1]).reshape(shape).astype(np.float64)
        return np.asarray(gaussian_filter(counts, reach, mode="constant"), dtype=np.float64)

    mass = spread(None)
    usual = max(float(np.median(mass.ravel()[flat])), 1e-12) if len(places) else 1.0
    picture = np.zeros((*shape, 4), dtype=np.uint8)
    for channel in range(3):
        mixed = spread(fills[:, channel].astype(np.float64)) / np.maximum(mass, 1e-12)
        picture[..., channel] = np.clip(np.rint(mixed), 0, 255)
    picture[..., 3] = np.rint(255 * _STRONGEST[theme] * (1 - np.exp(-1.2 * mass / usual)))
    return picture
