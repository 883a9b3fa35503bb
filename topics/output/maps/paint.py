"""Which colour each paper has: by topic, date, probability, category or any column of the input."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from topics.errors import ConfigError
from topics.output.maps import colors
from topics.output.maps.typeset import clean
from topics.types import Clustering, Corpus, Doubles, Floats, Longs

if TYPE_CHECKING:
    from topics.config import MapSettings

PAPER: dict[colors.Theme, tuple[int, int, int]] = {"light": (255, 255, 255), "dark": (21, 23, 28)}
TEXT: dict[colors.Theme, tuple[int, int, int]] = {"light": (29, 33, 39), "dark": (236, 238, 242)}
FAINT: dict[colors.Theme, tuple[int, int, int]] = {"light": (95, 102, 113), "dark": (160, 167, 178)}
QUIET: dict[colors.Theme, tuple[int, int, int]] = {"light": (168, 170, 174), "dark": (104, 108, 116)}
_MOST = 10
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
BUILT_IN = ("topic", "date", "probability", "category")
"""What `map.color` means besides names of columns."""


@dataclass(frozen=True)
class Legend:
    """What colours mean: a scale when `ends` is given, else names with their colours."""

    title: str
    names: tuple[str, ...]
    fills: npt.NDArray[np.uint8]
    ends: tuple[str, str] | None = None


def check_color(corpus: Corpus, color: str) -> None:
    """Raises `ConfigError` when `color` names no column."""
    if color not in BUILT_IN:
        _column(corpus, color)


@dataclass(frozen=True)
class Shading:
    """What colours show, whatever the theme: a number on a scale or one of a few names.

    share: (n,) places on the scale from 0 to 1, NaN where unknown; ends: what these are called; both None
        for names. index: (n,) into names, or len(names) for another or none; rest: what that is called, ""
        where no paper has it.
    """

    title: str
    share: Doubles | None = None
    ends: tuple[str, str] | None = None
    names: tuple[str, ...] = ()
    index: Longs | None = None
    rest: str = ""


def shading(corpus: Corpus, probability: Floats, dates: Floats, by: str) -> Shading:
    """What colours by anything but the topic show.

    probability: (n,) of the papers' topics. dates: (n,) in years, NaN where unknown.
    Raises `ConfigError` when `by` names no column.
    """
    if by == "date":
        return _scale(dates.astype(np.float64), "Date", "{:.0f}")
    if by == "probability":
        return _scale(probability.astype(np.float64), "Probability", "{:.2f}")
    values = first_categories(corpus) if by == "category" else _column(corpus, by)
    numbers = _numbers(values)
    if numbers is not None:
        return _scale(numbers, by, "{:g}")
    return _kinds(values, by.capitalize() if by == "category" else by)


def paint(
    corpus: Corpus,
    clustering: Clustering,
    settings: MapSettings,
    palette: npt.NDArray[np.uint8],
    dates: Floats,
) -> tuple[npt.NDArray[np.uint8], Legend | None]:
    """Colours (n, 3) of the papers, and the legend where labels do not already say what colours mean.

    palette: (t, 3) colours of the topics in the settings' theme. dates: (n,) in years, NaN where unknown.
    Raises `ConfigError` when `settings.color` names no column.
    """
    theme = settings.theme
    quiet = np.array([QUIET[theme]], dtype=np.uint8)
    if settings.color == "topic":
        return np.ascontiguousarray(np.concatenate([palette, quiet])[clustering.topic]), None
    shown = shading(corpus, clustering.probability, dates, settings.color)
    if shown.ends is not None and shown.share is not None:
        fills = np.tile(quiet, (len(corpus), 1))
        known = np.isfinite(shown.share)
        steps = colors.to_bytes(colors.ramp(np.linspace(0, 1, 256), theme))
        fills[known] = steps[np.rint(shown.share[known] * 255).astype(int)]
        steps = colors.to_bytes(colors.ramp(np.linspace(0, 1, 64), theme))
        return fills, Legend(shown.title, (), steps, shown.ends)
    if not shown.names or shown.index is None:
        return np.tile(quiet, (len(corpus), 1)), None
    table = np.concatenate([colors.to_bytes(colors.categories(len(shown.names), theme)), quiet])
    names = (*shown.names, shown.rest) if shown.rest else shown.names
    return table[shown.index], Legend(shown.title, names, table[: len(names)])


def first_categories(corpus: Corpus) -> list[str]:
    """The first category (n,) of each paper, empty where it has none."""
    return [kinds[0] if kinds else "" for kinds in corpus.column("categories")]


def _scale(values: Doubles, title: str, form: str) -> Shading:
    known = np.isfinite(values)
    if not known.any():
        return Shading(title)
    low, high = float(values[known].min()), float(values[known].max())
    share = (values - low) / max(high - low, 1e-9)
    if title == "Date":
        low, high = np.floor(low), np.floor(high)
    return Shading(title, share, (form.format(low), form.format(high)))


def _kinds(values: Sequence[str], title: str) -> Shading:
    counts = Counter(value for value in values if value)
    names = sorted(counts, key=lambda name: (-counts[name], name))[:_MOST]
    if all(_NUMBER.fullmatch(name) for name in names):
        names.sort(key=float)
    place = {name: index for index, name in enumerate(names)}
    index = np.array([place.get(value, len(names)) for value in values], np.int64)
    rest = ("other" if len(counts) > len(names) else "none given") if (index == len(names)).any() else ""
    return Shading(title, names=tuple(clean(name) for name in names), index=index, rest=rest)


def _column(corpus: Corpus, name: str) -> list[str]:
    if name in corpus.papers.column_names and name != "original":
        return [_first(value) for value in corpus.column(name)]
    originals: list[dict[str, Any]] = [json.loads(text) if text else {} for text in corpus.column("original")]
    if not any(name in fields for fields in originals):
        own = set(corpus.papers.column_names) - {"original"}
        found = sorted({key for fields in originals for key in fields} | own)
        raise ConfigError(
            f'map.color "{name}" is neither {", ".join(BUILT_IN)} nor a column of the papers '
            f"({', '.join(found)})"
        )
    return [_first(fields.get(name)) for fields in originals]


def _first(value: object) -> str:
    if isinstance(value, list):
        value = value[0] if value else None
    return "" if value is None else str(value)


def _numbers(values: Sequence[str]) -> Doubles | None:
    """Numbers, NaN where empty; None unless all others are numbers and more than a few differ."""
    try:
        numbers = np.array([float(value) if value else np.nan for value in values])
    except ValueError:
        return None
    return numbers if len(set(values)) > _MOST else None
