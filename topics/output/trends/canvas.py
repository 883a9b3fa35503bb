"""A page in millimetres: lines, areas, boxes and text in the maps' type and colours, written as PNG and SVG.

The same page gives the same bytes: no dates, no program versions, no random ids.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from topics.output.maps import colors
from topics.output.maps.paint import FAINT, PAPER, QUIET, TEXT
from topics.output.maps.printing import DPI, METADATA, printing
from topics.output.maps.typeset import MM_PER_PT, clean
from topics.trends.periods import holding_peaks
from topics.types import Comparison, Doubles, Mask, Trends

Color = npt.ArrayLike


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

    Marks may have a `hint`: what `topics.output.trends.inline` shows on hovering.
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
        self.marks.append(("fill_between", (x, low, high), {"color": color, "linewidth": 0, **more}))

    def box(self, x: float, y: float, wide: float, tall: float, color: Color, **more: Any) -> None:
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


def counted(trends: Trends) -> Mask:
    """(t,) periods to draw conclusions from: complete ones with papers, or all with papers if none is."""
    papers = trends.totals > 0
    whole = trends.complete & papers
    return whole if whole.any() else papers


def among(trends: Trends) -> str:
    """What `counted` counts, as " in complete years"; nothing where no period is complete."""
    return f" in complete {trends.unit}s" if trends.complete[counted(trends)].all() else ""


def peaked(trends: Trends) -> Mask:
    """(t,) counted periods with papers enough for a peak."""
    return holding_peaks(trends.totals, counted(trends))


def among_peaks(trends: Trends) -> str:
    """What `peaked` counts, as `among` says it."""
    held, whole = peaked(trends), counted(trends)
    if (held == whole).all():
        return among(trends)
    least = int(trends.totals[held].min())
    return f"{among(trends) or f' in {trends.unit}s'} of {least:,} papers or more"


def peak_of(trends: Trends, k: int) -> int:
    """The period with papers enough in which topic `k` had its highest share."""
    return int(np.where(peaked(trends), trends.shares[k], -1.0).argmax())


def side_names(comparison: Comparison) -> tuple[str, str]:
    """The names of both sides as people write them: a span of years with a dash."""
    before, after = (clean(name).replace("..", "–") for name in (comparison.before, comparison.after))
    return before, after


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
            (second, many), (first, few) = pools.pop(), pools.pop()
            pools.append([(first * few + second * many) / (few + many), few + many])
    level = np.concatenate([np.full(int(many), value) for value, many in pools])
    level = np.clip(level, low, max(high - step * (len(wanted) - 1), low))
    places = np.empty(len(wanted))
    places[order] = level + step * np.arange(len(wanted))
    return places
