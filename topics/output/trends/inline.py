"""A picture as an SVG element within an HTML page: its colours are the page's, its words are text."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from html import escape
from typing import Any

import numpy as np

from topics.output.maps.colors import to_hex
from topics.output.maps.typeset import MM_PER_PT
from topics.output.trends.canvas import Canvas, Palette
from topics.types import Doubles

Options = dict[str, Any]


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
