"""Colours of a map: hues of topics, inks of their labels, ramps and qualitative sets.

A topic's hue comes from where it lies on the map, so similar topics look alike; its lightness and a small
turn of the hue are then chosen so that close topics stay apart for normal, protanopic and deuteranopic eyes
alike (Machado et al. 2009). Everything is done in OKLab (Ottosson 2020), where equal steps look equal. That
is a page of numpy, which no palette package (fixed lists of colours, blind to positions) would replace.

Colours are arrays whose last axis is sRGB in [0, 1] unless a shape says otherwise.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

from topics.types import Doubles, Integers

Theme = Literal["light", "dark"]

_TO_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
_FROM_LAB, _FROM_LMS = np.linalg.inv(_TO_LAB), np.linalg.inv(_TO_LMS)

# Severity 1.0 in linear sRGB, Machado, Oliveira and Fernandes (2009), table 1.
VISIONS: dict[str, Doubles] = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
}

# Per theme, the three (lightness, chroma) steps a topic can take, and those of its label.
_STEPS: dict[Theme, tuple[tuple[float, float], ...]] = {
    "light": ((0.49, 0.14), (0.62, 0.15), (0.76, 0.125)),
    "dark": ((0.59, 0.135), (0.72, 0.14), (0.85, 0.11)),
}
_INK: dict[Theme, tuple[float, float]] = {"light": (0.41, 0.10), "dark": (0.86, 0.08)}
_TURNS = (0.0, -16.0, 16.0, -32.0, 32.0)
_GOLDEN = 137.50776


def _linear(rgb: npt.ArrayLike) -> Doubles:
    value = np.asarray(rgb, dtype=np.float64)
    return np.where(value <= 0.04045, value / 12.92, ((np.maximum(value, 0) + 0.055) / 1.055) ** 2.4)


def _gamma(linear: Doubles) -> Doubles:
    value = np.clip(linear, 0.0, 1.0)
    return np.where(value <= 0.0031308, value * 12.92, 1.055 * value ** (1 / 2.4) - 0.055)


def oklab(rgb: npt.ArrayLike, vision: str = "normal") -> Doubles:
    """From sRGB (..., 3) to OKLab (..., 3), as seen with one of `VISIONS`."""
    seen = np.clip(_linear(rgb) @ VISIONS[vision].T, 0.0, 1.0)
    lab: Doubles = np.cbrt(seen @ _TO_LMS.T) @ _TO_LAB.T
    return lab


def oklch_to_rgb(lightness: npt.ArrayLike, chroma: npt.ArrayLike, hue: npt.ArrayLike) -> Doubles:
    """OKLCH (hue in degrees; broadcast together) to sRGB (..., 3); chroma yields until the colour exists."""
    light, full, turn = np.broadcast_arrays(
        np.asarray(lightness, dtype=np.float64), np.asarray(chroma, dtype=np.float64), np.deg2rad(hue)
    )

    def linear(share: Doubles) -> Doubles:
        lab = np.stack([light, share * full * np.cos(turn), share * full * np.sin(turn)], axis=-1)
        result: Doubles = (lab @ _FROM_LAB.T) ** 3 @ _FROM_LMS.T
        return result

    low, high = np.zeros(light.shape), np.ones(light.shape)
    for step in range(18):
        share = high if step == 0 else (low + high) / 2
        rgb = linear(share)
        fits = ((rgb >= -1e-6) & (rgb <= 1 + 1e-6)).all(axis=-1)
        low, high = np.where(fits, share, low), np.where(fits, high, share)
    return _gamma(linear(low))


def to_bytes(rgb: npt.ArrayLike) -> npt.NDArray[np.uint8]:
    """From sRGB in [0, 1] to 0..255."""
    return np.rint(np.clip(np.asarray(rgb, dtype=np.float64), 0, 1) * 255).astype(np.uint8)


def to_hex(rgb: npt.ArrayLike) -> str:
    """One sRGB colour (3,) as #rrggbb."""
    return "#" + "".join(f"{value:02x}" for value in to_bytes(rgb).tolist())


def topic_styles(centers: npt.ArrayLike) -> tuple[Doubles, Integers]:
    """Hue in degrees and lightness step (0, 1, 2) of each topic.

    centers: (t, 2) places of the topics on the map, the most important topic first.

    Hues follow the direction in which a topic lies from the middle of the map, evened out so that the whole
    circle is used. Then, in three rounds, each topic takes the step and turn that keep it furthest from the
    others under the least favourable of `VISIONS`, where being close on the map counts.
    """
    places = np.asarray(centers, dtype=np.float64).reshape(-1, 2)
    count = len(places)
    if count == 0:
        return np.zeros(0), np.zeros(0, dtype=np.int32)
    offset = places - np.median(places, axis=0)
    order = np.argsort(np.arctan2(offset[:, 1], offset[:, 0]), kind="stable")
    hues = np.empty(count)
    hues[order] = 30.0 + 360.0 * np.arange(count) / count

    turns = np.tile(_TURNS if count > 3 else (0.0,), len(_STEPS["light"]))
    steps = np.repeat(np.arange(len(_STEPS["light"])), len(turns) // len(_STEPS["light"]))
    table = np.array(_STEPS["light"])[steps]
    candidates = oklch_to_rgb(table[:, 0], table[:, 1], hues[:, None] + turns)
    seen = np.stack([oklab(candidates, vision) for vision in VISIONS])
    apart = np.linalg.norm(places[:, None] - places[None, :], axis=2)
    nearest = np.sort(apart, axis=1)[:, min(1, count - 1)]
    tolerance = 0.25 + apart / max(float(np.median(nearest)), 1e-9)

    choice = np.full(count, -1)
    for _ in range(3):
        for topic in range(count):
            others = np.flatnonzero((choice >= 0) & (np.arange(count) != topic))
            if len(others) == 0:
                choice[topic] = int(np.flatnonzero((steps == 1) & (turns == 0.0))[0])
                continue
            differences = np.linalg.norm(
                seen[:, topic, :, None] - seen[:, others, choice[others]][:, None], axis=-1
            ).min(axis=0)
            margin = (differences * tolerance[topic, others]).min(axis=1)
            choice[topic] = int(margin.argmax())
    return hues + turns[choice], steps[choice].astype(np.int32)


def topic_colors(hues: Doubles, steps: Integers, theme: Theme) -> Doubles:
    """Colours (t, 3) of topics from `topic_styles`."""
    table = np.array(_STEPS[theme])[steps].reshape(-1, 2)
    return oklch_to_rgb(table[:, 0], table[:, 1], hues)


def label_colors(hues: Doubles, theme: Theme) -> Doubles:
    """Inks (t, 3) of the topics' labels, with a contrast of at least 4.5 : 1 on the theme's background."""
    light, chroma = _INK[theme]
    return oklch_to_rgb(light, chroma, hues)


def ramp(values: npt.ArrayLike, theme: Theme) -> Doubles:
    """Colours (n, 3) of values in [0, 1], faint to strong, evenly graded also without colour vision."""
    share = np.clip(np.asarray(values, dtype=np.float64), 0.0, 1.0)
    if theme == "light":
        return oklch_to_rgb(0.86 - 0.52 * share, 0.11 + 0.05 * np.sin(np.pi * share), 105.0 + 180.0 * share)
    return oklch_to_rgb(0.42 + 0.50 * share, 0.11 + 0.05 * np.sin(np.pi * share), 285.0 - 180.0 * share)


def categories(count: int, theme: Theme) -> Doubles:
    """Colours (count, 3) without order, for values that have no place on the map."""
    index = np.arange(count)
    table = np.array(_STEPS[theme])[index % 3]
    return oklch_to_rgb(table[:, 0], table[:, 1], 250.0 + _GOLDEN * index)
