"""The printed map: a `MapView` drawn by Matplotlib as PNG, SVG or PDF, the same bytes every time."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from topics.errors import ConfigError
from topics.maps.typeset import FONT, LINE_HEIGHT, MM_PER_PT, text_width
from topics.types import OUTLIER

if TYPE_CHECKING:
    from topics.maps.paint import Legend
    from topics.maps.view import Label, MapView, TextLine

DPI = 300
# Beyond this many papers, vector files hold the dots as one picture: they would open too slowly otherwise.
VECTOR_POINTS = 5000

_PAPER = {"light": "#ffffff", "dark": "#15171c"}
_TEXT = {"light": "#1d2127", "dark": "#eceef2"}
_FAINT = {"light": "#6a7079", "dark": "#9aa1ac"}
# No file may hold a date, a program version or a random id: the same map must give the same bytes.
_METADATA: dict[str, dict[str, Any]] = {
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}


def draw_static(view: MapView, path: Path | str) -> None:
    """Write the map; the suffix of `path` says how: .png (300 dpi), .svg or .pdf.

    Raises `ConfigError` for any other suffix.
    """
    target = Path(path)
    kind = target.suffix.lower().removeprefix(".")
    if kind not in _METADATA:
        raise ConfigError(f"cannot draw a map as {target.name}: end its name in .png, .svg or .pdf")
    from matplotlib import rc_context

    style = {
        "svg.hashsalt": "topics",
        "svg.fonttype": "path",
        "pdf.fonttype": 42,
        "font.family": FONT,
        "text.parse_math": False,
        "path.simplify": False,
    }
    with rc_context(style):
        figure = _figure(view)
        figure.savefig(target, format=kind, dpi=DPI, metadata=_METADATA[kind], facecolor=_PAPER[view.theme])


def _figure(view: MapView) -> Any:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(view.width / 25.4, view.height / 25.4), dpi=DPI)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(0, view.width)
    axes.set_ylim(0, view.height)
    axes.axis("off")
    _points(axes, view)
    for label in view.labels:
        if label.leader:
            _leader(axes, label)
    for label in view.labels:
        _label(axes, label, view)
    _line(axes, view.title, _TEXT[view.theme], weight="bold")
    _line(axes, view.subtitle, _FAINT[view.theme])
    _line(axes, view.note, _FAINT[view.theme])
    if view.legend is not None:
        _legend(axes, view.legend, view)
    return figure


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
        edgecolors=_PAPER[view.theme],
        rasterized=len(view) > VECTOR_POINTS,
        zorder=2,
    )


def _leader(axes: Any, label: Label) -> None:
    axes.plot(
        [label.anchor[0], label.x],
        [label.anchor[1], label.y],
        color=label.color,
        linewidth=0.5 * label.size / 7,
        solid_capstyle="round",
        alpha=0.8,
        zorder=3,
    )


def _label(axes: Any, label: Label, view: MapView) -> None:
    from matplotlib.patheffects import withStroke

    axes.text(
        label.x,
        label.y,
        label.text,
        size=label.size,
        color=label.color,
        ha="center",
        va="center",
        linespacing=LINE_HEIGHT,
        weight="bold" if label.size > 9 else "normal",
        path_effects=[withStroke(linewidth=0.32 * label.size, foreground=_PAPER[view.theme], alpha=0.85)],
        zorder=4,
    )


def _line(axes: Any, line: TextLine, color: str, weight: str = "normal") -> None:
    axes.text(line.x, line.y, line.text, size=line.size, color=color, weight=weight, va="baseline", zorder=5)


def _legend(axes: Any, legend: Legend, view: MapView) -> None:
    """Upper right, beside the headings."""
    size = view.subtitle.size * 0.85
    pitch = size * MM_PER_PT * 1.5
    right, top = view.width - view.title.x, view.height - view.title.x - size * MM_PER_PT
    common = {"size": size, "color": _FAINT[view.theme], "va": "baseline", "zorder": 5}
    if legend.ends is not None:
        wide = 0.2 * view.width
        axes.imshow(
            legend.fills[None], extent=(right - wide, right, top - pitch, top - 0.4 * pitch), zorder=5
        )
        axes.set_xlim(0, view.width)
        axes.set_ylim(0, view.height)
        axes.set_aspect("auto")
        axes.text(right - wide, top, f"{legend.title}: {legend.ends[0]}", ha="left", **common)
        axes.text(right, top, legend.ends[1], ha="right", **common)
        return
    wide = max(text_width(name, size) for name in (*legend.names, legend.title))
    axes.text(right - wide, top, legend.title, **{**common, "color": _TEXT[view.theme]})
    for row, (name, fill) in enumerate(zip(legend.names, legend.fills / 255.0, strict=True), start=1):
        axes.text(right - wide, top - row * pitch, name, **common)
        axes.scatter(
            [right - wide - pitch * 0.6],
            [top - row * pitch + 0.35 * size * MM_PER_PT],
            s=(0.7 * size) ** 2,
            color=[fill],
            linewidths=0,
            zorder=5,
        )
