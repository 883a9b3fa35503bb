"""The printed map: a `MapView` drawn by Matplotlib as PNG, SVG or PDF, the same bytes every time."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from topics.errors import ConfigError
from topics.maps.colors import to_hex
from topics.maps.paint import FAINT, PAPER, TEXT
from topics.maps.typeset import CAP_HEIGHT, FONT, LINE_HEIGHT, MM_PER_PT, text_width
from topics.types import OUTLIER

if TYPE_CHECKING:
    from topics.maps.colors import Theme
    from topics.maps.paint import Legend
    from topics.maps.view import Label, MapView, TextLine

DPI = 300
# Beyond this many papers, vector files hold the dots as one picture: they would open too slowly otherwise.
VECTOR_POINTS = 5000

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
        "text.hinting": "none",
    }
    with rc_context(style):
        figure = _figure(view)
        figure.savefig(target, format=kind, dpi=DPI, metadata=_METADATA[kind], facecolor=_hex(PAPER, view))


def _hex(table: dict[Theme, tuple[int, int, int]], view: MapView) -> str:
    return to_hex(np.array(table[view.theme]) / 255.0)


def _figure(view: MapView) -> Any:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(view.width / 25.4, view.height / 25.4), dpi=DPI)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(0, view.width)
    axes.set_ylim(0, view.height)
    axes.axis("off")
    _glow(axes, view)
    _points(axes, view)
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
    axes.imshow(
        view.glow,
        extent=(0, view.width, 0, view.width * view.glow.shape[0] / view.glow.shape[1]),
        origin="lower",
        interpolation="none",
        aspect="auto",
        zorder=1,
    )
    axes.set_xlim(0, view.width)
    axes.set_ylim(0, view.height)


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


def _leader(axes: Any, label: Label, leader: tuple[float, float, float, float], view: MapView) -> None:
    color = view.inks[view.theme][label.topic] / 255.0
    across, up = (leader[0], leader[2]), (leader[1], leader[3])
    width = 0.075 * label.size
    axes.plot(across, up, color=_hex(PAPER, view), linewidth=3.2 * width, alpha=0.8, zorder=3)
    axes.plot(across, up, color=color, linewidth=width, solid_capstyle="round", zorder=3)


def _label(axes: Any, label: Label, view: MapView) -> None:
    """Each line twice: a halo in the colour of the paper, then the letters as text that can be searched."""
    from matplotlib.patheffects import Stroke

    color = view.inks[view.theme][label.topic] / 255.0
    pitch = LINE_HEIGHT * label.size * MM_PER_PT
    first = label.y + (len(label.lines) - 1) / 2 * pitch - CAP_HEIGHT / 2 * label.size * MM_PER_PT
    halo = [Stroke(linewidth=0.30 * label.size, foreground=_hex(PAPER, view), alpha=0.75, joinstyle="round")]
    for effects, zorder in ((halo, 4), (None, 5)):
        for row, line in enumerate(label.lines):
            axes.text(
                label.x,
                first - row * pitch,
                line,
                size=label.size,
                color=color,
                ha="center",
                va="baseline",
                path_effects=effects,
                zorder=zorder,
            )


def _line(axes: Any, line: TextLine, color: str, weight: str = "normal") -> None:
    axes.text(line.x, line.y, line.text, size=line.size, color=color, weight=weight, va="baseline", zorder=5)


def _legend(axes: Any, legend: Legend, view: MapView) -> None:
    """Upper right, beside the headings."""
    size = view.subtitle.size * 0.85
    pitch = size * MM_PER_PT * 1.5
    right, top = view.width - view.title.x, view.height - view.title.x - size * MM_PER_PT
    common = {"size": size, "color": _hex(FAINT, view), "va": "baseline", "zorder": 5}
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
    axes.text(right - wide, top, legend.title, **{**common, "color": _hex(TEXT, view)})
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
