"""The printed map: a `MapView` drawn by Matplotlib as PNG, SVG or PDF, the same bytes every time."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from topics.errors import ConfigError
from topics.output.maps.colors import to_hex
from topics.output.maps.paint import FAINT, PAPER, TEXT
from topics.output.maps.printing import DPI, METADATA, printing
from topics.output.maps.typeset import CAP_HEIGHT, LINE_HEIGHT, MM_PER_PT
from topics.types import OUTLIER

if TYPE_CHECKING:
    from topics.output.maps.colors import Theme
    from topics.output.maps.layers import Caption
    from topics.output.maps.page import TextLine
    from topics.output.maps.paint import Legend
    from topics.output.maps.view import MapLabel, MapView

Pixels = npt.NDArray[Any]

# Beyond this many papers, vector files hold the dots as one picture: they would open too slowly otherwise.
VECTOR_POINTS = 5000
_CAPTION = 0.42
_BAND = 128

_FAST: dict[str, dict[str, Any]] = {"png": {"pil_kwargs": {"compress_level": 1}}, "svg": {}, "pdf": {}}


def draw_static(view: MapView, path: Path | str) -> None:
    """Write the map; the suffix of `path` says how: .png (300 dpi), .svg or .pdf.

    Raises `ConfigError` for any other suffix.
    """
    target = Path(path)
    kind = target.suffix.lower().removeprefix(".")
    if kind not in METADATA:
        raise ConfigError(f"cannot draw a map as {target.name}: end its name in .png, .svg or .pdf")
    with printing(words_of(view)):
        figure = _figure(view)
        figure.savefig(
            target,
            format=kind,
            dpi=DPI,
            metadata=METADATA[kind],
            facecolor=_hex(PAPER, view),
            **_FAST[kind],
        )


def words_of(view: MapView) -> list[str]:
    """All that is written on a map."""
    written = [label.lines for label in view.labels] + [caption.lines for caption in view.captions]
    named = [line for lines in written for line in lines]
    lines = [line.text for line in (view.title, view.subtitle, view.note, *view.key)]
    return [*named, *lines, *((view.legend.title, *(view.legend.ends or ())) if view.legend else ())]


def _hex(table: dict[Theme, tuple[int, int, int]], view: MapView) -> str:
    return to_hex(np.array(table[view.theme]) / 255.0)


def _ink(label: MapLabel | Caption, view: MapView) -> Any:
    """A name has its topic's hue where colours mean topics."""
    return view.inks[view.theme][label.topic] / 255.0 if view.legend is None else _hex(TEXT, view)


def _figure(view: MapView) -> Any:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(view.width / 25.4, view.height / 25.4), dpi=DPI)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(0, view.width)
    axes.set_ylim(0, view.height)
    axes.axis("off")
    _glow(axes, view)
    _points(axes, view)
    for caption in view.captions:
        _caption(axes, caption, view)
    for label in view.labels:
        if label.leader is not None:
            _leader(axes, label, label.leader, view)
    for label in view.labels:
        _label(axes, label, view)
    _line(axes, view.title, _hex(TEXT, view), weight="bold")
    _line(axes, view.subtitle, _hex(FAINT, view))
    _line(axes, view.note, _hex(FAINT, view))
    if view.legend is not None:
        _legend(axes, view.legend, view)
    return figure


def _glow(axes: Any, view: MapView) -> None:
    picture = axes.imshow(
        view.glow,
        extent=(0, view.width, 0, view.width * view.glow.shape[0] / view.glow.shape[1]),
        origin="lower",
        interpolation="none",
        aspect="auto",
        zorder=1,
    )
    picture.to_rgba = partial(_in_bands, picture.to_rgba)
    axes.set_xlim(0, view.width)
    axes.set_ylim(0, view.height)


def _in_bands(whole: Callable[..., Pixels], pixels: Pixels, **options: Any) -> Pixels:
    """What an image's `to_rgba` gives, some rows at a time: of a page at 300 dpi its copies take 90 MB."""
    found = np.empty_like(pixels, whole(pixels[:1], **options).dtype)
    for start in range(0, len(pixels), _BAND):
        found[start : start + _BAND] = whole(pixels[start : start + _BAND], **options)
    return found


def _points(axes: Any, view: MapView) -> None:
    order = view.order
    outlier = view.topic[order] == OUTLIER
    diameter = np.where(outlier, 0.62 * view.point, view.point) / MM_PER_PT
    rgba = np.concatenate([view.fills[order] / 255.0, view.alphas[order, None]], axis=1)
    axes.scatter(
        view.positions[order, 0],
        view.positions[order, 1],
        s=diameter**2,
        c=rgba,
        linewidths=0.35 if len(view) <= 500 else 0,
        edgecolors=_hex(PAPER, view),
        rasterized=len(view) > VECTOR_POINTS,
        zorder=2,
    )


def _leader(axes: Any, label: MapLabel, leader: tuple[float, float, float, float], view: MapView) -> None:
    color = _ink(label, view)
    across, up = (leader[0], leader[2]), (leader[1], leader[3])
    width = 0.075 * label.size
    axes.plot(across, up, color=_hex(PAPER, view), linewidth=3.2 * width, alpha=0.8, zorder=3)
    axes.plot(across, up, color=color, linewidth=width, solid_capstyle="round", zorder=3)


def _label(axes: Any, label: MapLabel, view: MapView) -> None:
    """Each line twice: a halo in the colour of the paper, then the letters as text that can be searched."""
    from matplotlib.patheffects import Stroke

    halo = Stroke(linewidth=0.30 * label.size, foreground=_hex(PAPER, view), alpha=0.75, joinstyle="round")
    _centred(axes, label, color=_ink(label, view), path_effects=[halo], zorder=4)
    _centred(axes, label, color=_ink(label, view), zorder=5)


def _caption(axes: Any, caption: Caption, view: MapView) -> None:
    """A field's name, large and faint under the dots."""
    _centred(axes, caption, color=_ink(caption, view), alpha=_CAPTION, weight="bold", zorder=1.5)


def _centred(axes: Any, words: MapLabel | Caption, **look: Any) -> None:
    pitch = LINE_HEIGHT * words.size * MM_PER_PT
    first = words.y + (len(words.lines) - 1) / 2 * pitch - CAP_HEIGHT / 2 * words.size * MM_PER_PT
    for row, line in enumerate(words.lines):
        axes.text(words.x, first - row * pitch, line, size=words.size, ha="center", va="baseline", **look)


def _line(axes: Any, line: TextLine, color: str, weight: str = "normal") -> None:
    axes.text(line.x, line.y, line.text, size=line.size, color=color, weight=weight, va="baseline", zorder=5)


def _legend(axes: Any, legend: Legend, view: MapView) -> None:
    """A scale in the upper right corner, or a dot before each name under the map."""
    for line, fill in zip(view.key, legend.fills / 255.0, strict=False):
        em = line.size * MM_PER_PT
        axes.scatter(
            [line.x - 0.7 * em], [line.y + 0.36 * em], s=(0.75 * line.size) ** 2, color=[fill], linewidths=0
        )
        _line(axes, line, _hex(FAINT, view))
    if legend.ends is None:
        return
    size = view.subtitle.size * 0.85
    em = size * MM_PER_PT
    right, wide, top = view.width - view.title.x, 0.2 * view.width, view.title.y + 0.4 * em
    axes.imshow(
        legend.fills[None],
        extent=(right - wide, right, top - 1.4 * em, top - 0.6 * em),
        aspect="auto",
        zorder=5,
    )
    axes.set_xlim(0, view.width)
    axes.set_ylim(0, view.height)
    for text, x, side in (
        (f"{legend.title}: {legend.ends[0]}", right - wide, "left"),
        (legend.ends[1], right, "right"),
    ):
        axes.text(x, top, text, size=size, color=_hex(FAINT, view), ha=side, va="baseline", zorder=5)
