"""The interactive map: one HTML file that holds the papers, the renderer and nothing from elsewhere.

Our own renderer (WebGL, or dots blended by hand where there is no graphics processor; no build step) and not
Bokeh 3.9, which was tried: it puts 1.5 MB into every file (1.9 MB with widgets, ours 120 KB), styles
elements inline and compiles callbacks with `new Function`, so a policy would have to allow both. Here the
policy is `default-src 'none'` and two hashes. The papers travel as compressed typed arrays and JSON columns
in base64, so that no title can end a script, and the page writes texts with `textContent` only.
"""

from __future__ import annotations

import base64
import html
import json
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from topics.config.load import MOST_BYTES
from topics.output.maps import colors
from topics.output.maps.glow import glow
from topics.output.maps.layers import CROWDED, field_homes, subtopic_homes, worth_naming
from topics.output.maps.paint import PAPER, QUIET, TEXT, Shading, first_categories, shading
from topics.output.maps.typeset import clean, wrap
from topics.output.maps.view import MapView
from topics.output.pages import filled, policy, safe_link
from topics.types import (
    OUTLIER,
    Corpus,
    Counts,
    Group,
    Hierarchy,
    Integers,
    Longs,
    Neighbours,
    Quality,
    Topics,
)

# Above this many papers a sample is drawn: it is what stays under 40 MB and pans smoothly on a small laptop.
MAX_PAPERS = 100_000
TEXT_BYTES = 34_000_000
_ABSTRACT = 320
_MANY = 20_000
# A title or a list of authors may be longer, as that of a collaboration of thousands; its rest is left out.
_LONGEST = 2_000
_SHADES = 64
_GLOW_PAD = 0.12
_THEMES: tuple[colors.Theme, ...] = ("light", "dark")
_KINDS = 14
_COLORS = ("topic", "date", "category")
"""What a page always offers; `map.color` adds what else it names."""

MAX_NEIGHBOURS = 20_000
"""Papers up to which the page knows the nearest papers of each."""

_NEAREST = 5

_SPARE = 12
"""Colours for topics that are split off in the page."""

_NONE = 255
_SCRIPTS = (
    "data.js",
    "edits.js",
    "camera.js",
    "painters.js",
    "glow.js",
    "labels.js",
    "filters.js",
    "dates.js",
    "panel.js",
    "terms.js",
    "workbench.js",
    "gestures.js",
    "scene.js",
    "main.js",
)


def write_interactive(
    view: MapView,
    corpus: Corpus,
    topics: Topics,
    path: Path | str,
    hierarchy: Hierarchy | None = None,
    quality: Quality | None = None,
    words: Counts | None = None,
    neighbours: Callable[[], Neighbours] | None = None,
) -> None:
    """Write `map.html`, self-contained; above `MAX_PAPERS` a stratified sample that the page states.

    view, topics, hierarchy, quality: of this corpus. words: which papers have which of the terms that tell
    papers apart (`topics.label.telling`). neighbours: gives the nearest papers, shown up to
    `MAX_NEIGHBOURS` papers and asked for only then.
    The same inputs give the same bytes.
    """
    rows = sample_rows(view.topic, MAX_PAPERS)
    kinds, light, layers = _kinds(corpus, rows), _glow(view), _layers(view, topics, hierarchy)
    column = None if view.color in _COLORS else shading(corpus, view.probability, view.dates, view.color)
    about = _about(view, topics, kinds, rows, light) | layers | _trust(quality) | _column(column)
    page = _page(
        title=view.title.text,
        blocks={
            "about": _json(about),
            "light": light.tobytes(),
            "points": _points(view, kinds, rows, hierarchy, column),
            "texts": _texts(corpus, rows),
            "terms": _json([] if words is None else [clean(term) for term in words.terms]),
            "uses": b"" if words is None else _uses(words, rows),
            "near": _near(neighbours, len(view)),
        },
    )
    Path(path).write_text(page, encoding="utf-8", newline="\n")


def sample_rows(topic: Integers, most: int) -> Longs:
    """Row numbers of the papers drawn, ascending: all, or `most` of them with every topic kept.

    Each topic and the outliers keep at least 20 papers or all they have, and share the rest by size.
    """
    if len(topic) <= most:
        return np.arange(len(topic))
    sizes = np.bincount(topic - OUTLIER)
    floor = np.minimum(sizes, min(20, most // len(sizes)))
    exact = (most - floor.sum()) * (sizes - floor) / (sizes - floor).sum()
    quota = floor + np.floor(exact).astype(np.int64)
    quota[np.argsort(np.floor(exact) - exact, kind="stable")[: most - quota.sum()]] += 1
    rng = np.random.default_rng(0)
    chosen = [
        rng.choice(np.flatnonzero(topic - OUTLIER == group), count, replace=False)
        for group, count in enumerate(quota.tolist())
        if count
    ]
    return np.sort(np.concatenate(chosen))


@dataclass(frozen=True)
class _Kinds:
    """The commonest first categories, and each drawn paper's: len(names) means another, +1 none."""

    names: tuple[str, ...]
    index: npt.NDArray[np.uint16]


def _kinds(corpus: Corpus, rows: Longs) -> _Kinds:
    every = np.array(first_categories(corpus), dtype=object)
    found, counts = np.unique([kind for kind in every if kind], return_counts=True)
    order = np.argsort(-counts, kind="stable")[:_KINDS]
    names = tuple(str(found[k]) for k in order)
    place = {name: index for index, name in enumerate(names)}
    index = [place.get(kind, len(names)) if kind else len(names) + 1 for kind in every[rows]]
    return _Kinds(names, np.array(index, dtype=np.uint16))


def _about(
    view: MapView,
    topics: Topics,
    kinds: _Kinds,
    rows: Longs,
    light: npt.NDArray[np.uint8],
) -> dict[str, Any]:
    def table(rgb: npt.ArrayLike) -> list[list[int]]:
        rows: list[list[int]] = np.asarray(rgb).astype(int).tolist()
        return rows

    drawn = len(rows)
    spare = np.linspace(250.0, 250.0 + 137.5 * _SPARE, _SPARE, endpoint=False, dtype=np.float64)
    steps = np.arange(_SPARE, dtype=np.int32) % 3
    return {
        "title": view.title.text,
        "subtitle": view.subtitle.text,
        "note": view.note.text,
        "sample": "" if drawn == len(view) else f"{drawn:,} of {len(view):,} papers drawn, every topic kept.",
        "drawn": drawn,
        "color": view.color if view.color in _COLORS else "column",
        "outliers": int((view.topic[rows] == OUTLIER).sum()),
        "glow": {"width": light.shape[2], "height": light.shape[1], "pad": _GLOW_PAD},
        "width": round(view.frame[2] - view.frame[0], 3),
        "height": round(view.frame[3] - view.frame[1], 3),
        "point": round(view.point, 4),
        "crowded": CROWDED,
        "mostBytes": MOST_BYTES,
        "topics": [
            {
                "label": clean(topic.label),
                "lines": list(wrap(clean(topic.label))),
                "size": topic.size,
                "keywords": [clean(word.term) for word in topic.keywords],
                "names": [
                    [clean(fit.name), round(fit.share, 3)]
                    for fit in (*([topic.fit] if topic.fit else []), *topic.others)
                ],
                "anchor": _within(view, view.anchors[topic.id]),
            }
            for topic in topics.topics
        ],
        "categories": [clean(name) for name in kinds.names],
        "palettes": {
            theme: {
                "topic": table(view.palettes[theme]),
                "spare": table(colors.to_bytes(colors.topic_colors(spare, steps, theme))),
                "spareInk": table(colors.to_bytes(colors.label_colors(spare, theme))),
                "category": table(colors.to_bytes(colors.categories(len(kinds.names), theme))),
                "date": table(colors.to_bytes(colors.ramp(np.linspace(0, 1, _SHADES), theme))),
                "quiet": list(QUIET[theme]),
                "ink": table(view.inks[theme]),
                "paper": list(PAPER[theme]),
                "text": list(TEXT[theme]),
            }
            for theme in _THEMES
        },
    }


def _layers(view: MapView, topics: Topics, hierarchy: Hierarchy | None) -> dict[str, Any]:
    """Fields and subtopics as the page names them, each with its place on the map in mm of the frame."""
    if hierarchy is None:
        return {"fields": [], "subtopics": []}

    def entry(group: Group, place: npt.NDArray[Any], width: int) -> dict[str, Any]:
        label = clean(group.label)
        return {
            "label": label,
            "lines": list(wrap(label, width=width)),
            "size": group.size,
            "anchor": _within(view, place),
        }

    middles = field_homes(hierarchy, topics, view.anchors.astype(np.float64))
    shown = set(worth_naming(hierarchy, topics))
    found, homes = subtopic_homes(hierarchy, view.topic, view.positions.astype(np.float64))
    places = dict(zip(found.tolist(), homes, strict=True))
    nowhere = np.full(2, np.nan)
    return {
        "fields": [
            entry(group, middles[number], 16)
            | {"shown": number in shown, "topics": np.flatnonzero(hierarchy.field == number).tolist()}
            for number, group in enumerate(hierarchy.fields)
        ],
        "subtopics": [
            entry(group, places.get(number, nowhere), 20)
            | {"shown": number in places, "topic": int(hierarchy.parent[number])}
            for number, group in enumerate(hierarchy.subtopics)
        ],
    }


def _trust(quality: Quality | None) -> dict[str, Any]:
    if quality is None:
        return {"stability": [], "doubts": []}
    return {
        "stability": [round(float(value), 4) for value in quality.stability],
        "doubts": [clean(doubt) for doubt in quality.doubts],
    }


def _glow(view: MapView) -> npt.NDArray[np.uint8]:
    """The light over the dots, (2, rows, columns, 4): light and dark, top row first, beyond the frame."""
    inside = view.topic != OUTLIER
    left, bottom, right, top = view.frame
    pad = _GLOW_PAD * (right - left)
    places = view.positions[inside] - np.array([left - pad, bottom - pad], dtype=np.float32)
    size = (right - left + 2 * pad, top - bottom + 2 * pad)
    pictures = [
        glow(places, view.palettes[theme][view.topic[inside]], size, theme, cells=160)[::-1]
        for theme in _THEMES
    ]
    return np.ascontiguousarray(pictures)


def _within(view: MapView, place: npt.NDArray[Any]) -> list[float]:
    if not np.isfinite(place).all():
        return [0.0, 0.0]
    return [round(float(place[0]) - view.frame[0], 3), round(float(place[1]) - view.frame[1], 3)]


def _column(column: Shading | None) -> dict[str, Any]:
    """A further column that colours can show: its scale or its names, in both themes."""
    if column is None:
        return {"column": None}
    return {
        "column": {
            "title": clean(column.title),
            "names": list(column.names),
            "rest": column.rest,
            "ends": column.ends,
            "palettes": {
                theme: colors.to_bytes(colors.categories(len(column.names), theme)).astype(int).tolist()
                for theme in _THEMES
            },
        }
    }


def _column_values(column: Shading | None, rows: Longs) -> npt.NDArray[np.uint8]:
    """Of each drawn paper: which shade or which name, `_NONE` for neither."""
    values = np.full(len(rows), _NONE, np.uint8)
    if column is None:
        return values
    if column.share is not None:
        share = column.share[rows]
        known = np.isfinite(share)
        values[known] = np.rint(share[known] * (_SHADES - 1))
    elif column.index is not None:
        index = column.index[rows]
        values = np.where(index < len(column.names), index, _NONE).astype(np.uint8)
    return values


def _uses(words: Counts, rows: Longs) -> bytes:
    """For each term how many drawn papers have it, then their places, each as its distance from the last.

    Numbers are in LEB128: seven bits a byte, the lowest first, the eighth set where more follow.
    """
    matrix = words.matrix[rows].tocsc()
    matrix.sort_indices()
    sizes = np.diff(matrix.indptr)
    steps = np.diff(matrix.indices, prepend=0).astype(np.int64)
    starts = matrix.indptr[:-1][sizes > 0]
    steps[starts] = matrix.indices[starts]
    numbers = np.insert(steps, matrix.indptr[:-1], sizes)
    parts = np.stack([numbers >> shift & 127 for shift in (0, 7, 14)], axis=1).astype(np.uint8)
    wide = 1 + (numbers >= 1 << 7) + (numbers >= 1 << 14)
    parts |= (128 * (np.arange(3) < wide[:, None] - 1)).astype(np.uint8)
    return parts[np.arange(3) < wide[:, None]].tobytes()


def _near(find: Callable[[], Neighbours] | None, papers: int) -> bytes:
    """(n, k) u2 places of the nearest papers, the nearest first; 65535 where one has nothing in common."""
    if find is None or papers > MAX_NEIGHBOURS:
        return b""
    neighbours = find()
    places = neighbours.indices[:, 1 : _NEAREST + 1]
    alike = neighbours.distances[:, 1 : _NEAREST + 1] < 1
    return np.where(alike, places, 65535).astype("<u2").tobytes()


def _points(
    view: MapView,
    kinds: _Kinds,
    rows: Longs,
    hierarchy: Hierarchy | None,
    column: Shading | None,
) -> bytes:
    """Little-endian columns, widest first: date f4; x, y, topic, nearest, category, subtopic u2; then alpha,
    probability, column u1.

    x, y count 65535ths of the frame; topic is 65535 for outliers, subtopic where there is none.
    """
    subtopic = np.full(len(rows), OUTLIER) if hierarchy is None else hierarchy.subtopic[rows]
    left, bottom, right, top = view.frame
    share = (view.positions[rows] - (left, bottom)) / (right - left, top - bottom)
    spot = np.rint(np.clip(share, 0, 1) * 65535).astype("<u2")
    columns = (
        view.dates[rows].astype("<f4"),
        spot[:, 0],
        spot[:, 1],
        view.topic[rows].astype("<u2"),
        view.nearest[rows].astype("<u2"),
        kinds.index.astype("<u2"),
        subtopic.astype("<u2"),
        np.rint(view.alphas[rows] * 255).astype("u1"),
        np.rint(view.probability[rows] * 255).astype("u1"),
        _column_values(column, rows),
    )
    return b"".join(np.ascontiguousarray(column).tobytes() for column in columns)


def _texts(corpus: Corpus, rows: Longs) -> bytes:
    """Columns of strings as JSON; abstracts are cut so that the whole stays under `TEXT_BYTES` in base64."""
    drawn = corpus.papers.take(rows)

    def column(name: str) -> list[Any]:
        values: list[Any] = drawn.column(name).to_pylist()
        return values

    def listed(name: str) -> list[str]:
        return [_start(clean("; ".join(values or ())), _LONGEST) for values in column(name)]

    fixed = {
        "id": column("id"),
        "title": [_start(clean(title), _LONGEST) for title in column("title")],
        "authors": [
            f"{names} et al." if names and corpus.more_authors[row] else names
            for row, names in zip(rows.tolist(), listed("authors"), strict=True)
        ],
        "date": column("date"),
        "keywords": listed("keywords"),
        "url": [safe_link(url, doi) for url, doi in zip(column("url"), column("doi"), strict=True)],
    }
    abstracts = column("abstract")

    def packed(length: int, part: slice) -> bytes:
        columns = {name: values[part] for name, values in fixed.items()}
        return _json(columns | {"abstract": [_start(text, length) for text in abstracts[part]]})

    length = _ABSTRACT
    if len(rows) > _MANY:
        probe = slice(None, None, max(1, len(rows) // 5_000))
        room = TEXT_BYTES * 3 / 4 * len(abstracts[probe]) / len(rows)
        while length > 0 and len(_pack(packed(length, probe))) > room:
            length -= 40
    return packed(length, slice(None))


def _start(text: str, length: int) -> str:
    """The text, or its beginning up to a word and an ellipsis."""
    return text if len(text) <= length else text[:length].rsplit(" ", 1)[0] + " …" if length else ""


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _pack(data: bytes) -> bytes:
    return zlib.compress(data, 5)


def _page(title: str, blocks: dict[str, bytes]) -> str:
    web = resources.files("topics.output.maps") / "web"
    style = (web / "map.css").read_text(encoding="utf-8")
    body = "\n".join((web / name).read_text(encoding="utf-8") for name in _SCRIPTS)
    script = f'"use strict";\n(() => {{\n{body}\n}})();\n'
    parts = {
        "policy": f"{policy(style, script)}; require-trusted-types-for 'script'; trusted-types 'none'",
        "title": html.escape(title),
        "style": style,
        "script": script,
        "blocks": "\n".join(
            f'<script type="application/octet-stream" id="{name}">'
            f"{base64.b64encode(_pack(data)).decode('ascii')}</script>"
            for name, data in blocks.items()
        ),
    }
    return filled((web / "map.html").read_text(encoding="utf-8"), parts)
