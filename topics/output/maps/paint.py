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
from topics.types import Clustering, Corpus, Doubles, Floats

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
    by, theme = settings.color, settings.theme
    if by == "topic":
        fills = np.concatenate([palette, np.array([QUIET[theme]], dtype=np.uint8)])[clustering.topic]
        return np.ascontiguousarray(fills), None
    if by == "date":
        return _scale(dates.astype(np.float64), "Date", theme, "{:.0f}")
    if by == "probability":
        return _scale(clustering.probability.astype(np.float64), "Probability", theme, "{:.2f}")
    values = first_categories(corpus) if by == "category" else _column(corpus, by)
    numbers = _numbers(values)
    if numbers is not None:
        return _scale(numbers, by, theme, "{:g}")
    return _kinds(values, by.capitalize() if by == "category" else by, theme)


def first_categories(corpus: Corpus) -> list[str]:
    """The first category (n,) of each paper, empty where it has none."""
    return [kinds[0] if kinds else "" for kinds in corpus.column("categories")]


def _scale(
    values: Doubles, title: str, theme: colors.Theme, form: str
) -> tuple[npt.NDArray[np.uint8], Legend | None]:
    known = np.isfinite(values)
    fills = np.tile(np.array(QUIET[theme], dtype=np.uint8), (len(values), 1))
    if not known.any():
        return fills, None
    low, high = float(values[known].min()), float(values[known].max())
    share = (values[known] - low) / max(high - low, 1e-9)
    fills[known] = colors.to_bytes(colors.ramp(np.linspace(0, 1, 256), theme))[
        np.rint(share * 255).astype(int)
    ]
    steps = colors.to_bytes(colors.ramp(np.linspace(0, 1, 64), theme))
    if title == "Date":
        low, high = np.floor(low), np.floor(high)
    return fills, Legend(title, (), steps, (form.format(low), form.format(high)))


def _kinds(
    values: Sequence[str], title: str, theme: colors.Theme
) -> tuple[npt.NDArray[np.uint8], Legend | None]:
    counts = Counter(value for value in values if value)
    if not counts:
        return np.tile(np.array(QUIET[theme], dtype=np.uint8), (len(values), 1)), None
    names = sorted(counts, key=lambda name: (-counts[name], name))[:_MOST]
    if all(_NUMBER.fullmatch(name) for name in names):
        names.sort(key=float)
    table = np.concatenate(
        [colors.to_bytes(colors.categories(len(names), theme)), np.array([QUIET[theme]], dtype=np.uint8)]
    )
    place = {name: index for index, name in enumerate(names)}
    index = np.array([place.get(value, len(names)) for value in values])
    shown = [clean(name) for name in names]
    if (index == len(names)).any():
        shown.append("other" if len(counts) > len(names) else "none given")
    return table[index], Legend(title, tuple(shown), table[: len(shown)])


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
