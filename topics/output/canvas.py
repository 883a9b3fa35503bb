"""A page in millimetres: lines, areas, boxes and text in the maps' type and colours.

It is written as PNG and SVG, or as an SVG element within an HTML page: its colours are the page's then, and
its words are text.

The same page gives the same bytes: no dates, no program versions, no random ids.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from topics.output.maps import colors
from topics.output.maps.colors import to_hex
from topics.output.maps.paint import FAINT, PAPER, QUIET, TEXT
from topics.output.maps.printing import DPI, METADATA, printing
from topics.output.maps.typeset import MM_PER_PT
from topics.types import Doubles

Color = npt.ArrayLike
Options = dict[str, Any]


@dataclass(frozen=True)
class Palette:
    """The colours (0 to 1) that a theme gives to what is not a topic, and those of the topics.

    palette: (k, 3) fills of the topics. names: (k, 3) the same hues, dark enough (or light enough) for text.
    """

    theme: colors.Theme
    palette: Doubles
    names: Doubles

    @property
    def text(self) -> Doubles:
        return np.array(TEXT[self.theme]) / 255

    @property
    def faint(self) -> Doubles:
        return np.array(FAINT[self.theme]) / 255

    @property
    def quiet(self) -> Doubles:
        return np.array(QUIET[self.theme]) / 255

    @property
    def paper(self) -> Doubles:
        return np.array(PAPER[self.theme]) / 255

    def rise(self, up: bool) -> Doubles:
        """What grows and what shrinks: blue and orange-red, apart for every kind of colour vision."""
        light = 0.52 if self.theme == "light" else 0.74
        return colors.oklch_to_rgb(light, 0.15, 255.0 if up else 45.0)


@dataclass
class Canvas:
    """A page of some width and height in mm, origin at the lower left. Sizes of text are in points.

    Marks may have a `hint`: what `inline_svg` shows on hovering.
    """

    width: float
    height: float
    ink: Palette
    marks: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = field(default_factory=list)

    def line(self, x: npt.ArrayLike, y: npt.ArrayLike, color: Color, width: float = 0.6, **more: Any) -> None:
        """Width in points."""
        self.marks.append(("plot", (x, y), {"color": color, "linewidth": width, **more}))

    def area(
        self, x: npt.ArrayLike, low: npt.ArrayLike, high: npt.ArrayLike, color: Color, **more: Any
    ) -> None:
        """Between two lines, low and high."""
        self.marks.append(("fill_between", (x, low, high), {"color": color, "linewidth": 0, **more}))

    def box(self, x: float, y: float, wide: float, tall: float, color: Color, **more: Any) -> None:
        """x, y: its lower left corner."""
        corners = ([x, x + wide, x + wide, x], [y, y, y + tall, y + tall])
        self.marks.append(("fill", corners, {"color": color, "linewidth": 0, **more}))

    def dots(self, x: npt.ArrayLike, y: npt.ArrayLike, color: Color, size: float = 1.0, **more: Any) -> None:
        """size: diameter in mm."""
        side = (size / MM_PER_PT) ** 2
        self.marks.append(("scatter", (x, y), {"s": side, "color": [color], "linewidths": 0, **more}))

    def image(self, values: Doubles, extent: tuple[float, float, float, float]) -> None:
        """RGB(A) picture, lowest row first, over left, right, bottom, top."""
        marks = {"extent": extent, "origin": "lower", "interpolation": "nearest", "aspect": "auto"}
        self.marks.append(("imshow", (values,), marks))

    def text(
        self, x: float, y: float, text: str, size: float, color: Color | None = None, **more: Any
    ) -> None:
        """Baseline at y unless `va` says otherwise."""
        style = {"size": size, "color": self.ink.text if color is None else color, "va": "baseline", **more}
        self.marks.append(("text", (x, y, text), style))

    def heading(self, title: str, lines: tuple[str, ...], margin: float) -> float:
        """Title and lines below it, at the top of the page; gives the y below them."""
        y = self.height - margin - 4.6
        self.text(margin, y, title, 12, weight="bold")
        for line in lines:
            y -= 4.2
            self.text(margin, y, line, 7.2, self.ink.faint)
        return y - 3.0

    def words(self) -> list[str]:
        """All that is written on the page."""
        return [str(arguments[2]) for name, arguments, _ in self.marks if name == "text"]

    def save(self, stem: Path) -> tuple[str, str]:
        """Write <stem>.png (300 dpi) and <stem>.svg; gives their names."""
        from matplotlib.figure import Figure

        with printing(self.words()):
            figure = Figure(figsize=(self.width / 25.4, self.height / 25.4), dpi=DPI)
            axes = figure.add_axes((0, 0, 1, 1))
            for order, (name, arguments, options) in enumerate(self.marks):
                drawn = {key: value for key, value in options.items() if key != "hint"}
                getattr(axes, name)(*arguments, **{"zorder": 2 + order / 1e5, **drawn})
            axes.set_xlim(0, self.width)
            axes.set_ylim(0, self.height)
            axes.set_aspect("auto")
            axes.axis("off")
            paper, names = tuple(self.ink.paper), []
            for kind in ("png", "svg"):
                path = stem.with_name(f"{stem.name}.{kind}")
                figure.savefig(path, format=kind, dpi=DPI, metadata=METADATA[kind], facecolor=paper)
                names.append(path.name)
        return names[0], names[1]


def make_ink(palette: Doubles | None, topics: int, theme: colors.Theme) -> Palette:
    """Colours of `topics` topics: those of the map where there is one (palette, (k, 3) from 0 to 1)."""
    fills = colors.categories(topics, theme) if palette is None else palette
    lab = colors.oklab(fills)
    hues = np.degrees(np.arctan2(lab[:, 2], lab[:, 1]))
    return Palette(theme, fills, colors.label_colors(hues, theme))


def spread_out(wanted: Doubles, gap: float, low: float, high: float) -> Doubles:
    """Places (n,) at least `gap` apart within [low, high], in the order of `wanted` and as near to it as
    fits.

    Closer together than `gap` where there is not room enough. Isotonic regression on the places less the
    gaps (pool adjacent violators).
    """
    if len(wanted) == 0:
        return wanted
    order = np.argsort(wanted, kind="stable")
    step = min(gap, (high - low) / max(len(wanted) - 1, 1))
    pools: list[list[float]] = []
    for value in (wanted[order] - step * np.arange(len(wanted))).tolist():
        pools.append([value, 1])
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            (second, n), (first, m) = pools.pop(), pools.pop()
            pools.append([(first * m + second * n) / (m + n), m + n])
    level = np.concatenate([np.full(int(n), value) for value, n in pools])
    level = np.clip(level, low, max(high - step * (len(wanted) - 1), low))
    places = np.empty(len(wanted))
    places[order] = level + step * np.arange(len(wanted))
    return places


def inline_svg(canvas: Canvas, label: str) -> str:
    """The picture in millimetres. label: what it is, for those who do not see it.

    Colours with a part in the page are its variables `--ink`, `--faint`, `--quiet`, `--paper`, `--rise` and
    `--fall`; what a mark's `hint` says appears on hovering. Presentation attributes only, no style.
    """
    marks = "".join(
        _DRAWN[name](canvas, arguments, options, escape(options.get("hint", "")))
        for name, arguments, options in canvas.marks
    )
    return (
        f'<svg viewBox="0 0 {canvas.width:g} {canvas.height:.2f}" role="img" aria-label="{escape(label)}">'
        f"{marks}</svg>"
    )


def _line(canvas: Canvas, arguments: tuple[Any, ...], options: Options, hint: str) -> str:
    x, y = np.broadcast_arrays(*(np.asarray(part, dtype=float) for part in arguments))
    stroke = f'stroke="{_color(canvas.ink, options["color"])}"{_opacity("stroke", options)}'
    wide = options["linewidth"] * MM_PER_PT
    path = f'd="{_path(canvas, x, y)}" fill="none" {stroke} stroke-width="{wide:.2f}"'
    return f"<path {path}>{_title(hint)}</path>"


def _area(canvas: Canvas, arguments: tuple[Any, ...], options: Options, hint: str) -> str:
    x, low, high = np.broadcast_arrays(*(np.asarray(part, dtype=float) for part in arguments))
    return _filled(canvas, np.concatenate([x, x[::-1]]), np.concatenate([high, low[::-1]]), options, hint)


def _box(canvas: Canvas, arguments: tuple[Any, ...], options: Options, hint: str) -> str:
    x, y = (np.asarray(part, dtype=float) for part in arguments)
    return _filled(canvas, x, y, options, hint)


def _filled(canvas: Canvas, x: Doubles, y: Doubles, options: Options, hint: str) -> str:
    fill = f'fill="{_color(canvas.ink, options["color"])}"{_opacity("fill", options)}'
    return f'<path d="{_path(canvas, x, y)}Z" {fill}>{_title(hint)}</path>'


def _dots(canvas: Canvas, arguments: tuple[Any, ...], options: Options, hint: str) -> str:
    radius = np.sqrt(options["s"]) * MM_PER_PT / 2
    look = f'r="{radius:.2f}" fill="{_color(canvas.ink, options["color"][0])}"'
    return "".join(
        f'<circle cx="{x:.2f}" cy="{canvas.height - y:.2f}" {look}>{_title(hint)}</circle>'
        for x, y in zip(*(np.asarray(part, dtype=float).tolist() for part in arguments), strict=True)
    )


def _text(canvas: Canvas, arguments: tuple[Any, ...], options: Options, hint: str) -> str:
    x, y, text = arguments
    anchor = {"left": "start", "center": "middle", "right": "end"}[options.get("ha", "left")]
    weight = ' font-weight="bold"' if options.get("weight") == "bold" else ""
    turn = options.get("rotation", 0)
    turned = f' transform="rotate({-turn:g} {x:.2f} {canvas.height - y:.2f})"' if turn else ""
    return (
        f'<text x="{x:.2f}" y="{canvas.height - y:.2f}" font-size="{options["size"] * MM_PER_PT:.2f}" '
        f'text-anchor="{anchor}"{weight}{turned} fill="{_color(canvas.ink, options["color"])}">'
        f"{escape(text)}{_title(hint)}</text>"
    )


_DRAWN: dict[str, Callable[[Canvas, tuple[Any, ...], Options, str], str]] = {
    "plot": _line,
    "fill_between": _area,
    "fill": _box,
    "scatter": _dots,
    "text": _text,
}


def _color(ink: Palette, color: Any) -> str:
    roles: Iterable[tuple[str, Doubles]] = (
        ("ink", ink.text),
        ("faint", ink.faint),
        ("quiet", ink.quiet),
        ("paper", ink.paper),
        ("rise", ink.rise(True)),
        ("fall", ink.rise(False)),
    )
    own = np.asarray(color, dtype=float)
    return next((f"var(--{name})" for name, known in roles if np.array_equal(own, known)), to_hex(own))


def _opacity(what: str, options: Options) -> str:
    return f' {what}-opacity="{options["alpha"]:g}"' if options.get("alpha", 1) != 1 else ""


def _path(canvas: Canvas, x: Doubles, y: Doubles) -> str:
    points = zip(x.tolist(), (canvas.height - y).tolist(), strict=True)
    return "M" + "L".join(f"{a:.2f} {b:.2f}" for a, b in points)


def _title(hint: str) -> str:
    return f"<title>{hint}</title>" if hint else ""
