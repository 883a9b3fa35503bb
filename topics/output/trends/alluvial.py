"""An alluvial chart: the topics of both sides as blocks of their share, and what became of which."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from topics.output.canvas import Canvas, Palette
from topics.output.maps.typeset import MM_PER_PT, clean, cut
from topics.output.trends.changes import explained, side_names
from topics.trends.compare import FELL, MERGED, ROSE, SPLIT
from topics.types import Comparison, Doubles, TopicChange

PITCH, GAP, BLOCK = 2.9, 0.6, 4.0
"""In mm: room for a name, space between blocks, width of a block."""

Shares = tuple[dict[int, float], dict[int, float]]
Spans = tuple[dict[int, tuple[float, float]], dict[int, tuple[float, float]]]


def draw(comparison: Comparison, ink: Palette, width: float) -> Canvas:
    """A page `width` mm wide, tall enough for the names of all topics."""
    margin, names = 5.0, 0.33 * width
    blocks = (_shares(comparison.changes, 0), _shares(comparison.changes, 1))
    most = max(len(shares) for shares in blocks)
    canvas = Canvas(width, 2 * margin + 24.0 + max(0.5 * width, 1.45 * PITCH * most), ink)
    title = side_names(comparison)
    top = canvas.heading(
        " → ".join(title),
        (
            "Height: the share of all papers. Blue: rose, red: fell, both beyond chance.",
            "Grey: no clear change. Pale blocks: on one side only.",
        ),
        margin,
    )
    spans = _spans(blocks, _orders(comparison, blocks), (margin + 2.0, top - 6.0))
    left, right = margin + names, width - margin - names
    canvas.text(left, top - 3.6, title[0], 7.0, ha="right", weight="bold")
    canvas.text(right, top - 3.6, title[1], 7.0, ha="left", weight="bold")
    _flows(canvas, comparison, spans, (left + BLOCK, right - BLOCK))
    _blocks(canvas, comparison, spans, 0, left)
    _blocks(canvas, comparison, spans, 1, right - BLOCK)
    return canvas


def _shares(changes: tuple[TopicChange, ...], side: int) -> dict[int, float]:
    """Each topic's share on one side."""
    pairs = (
        (change.before, change.share_before) if side == 0 else (change.after, change.share_after)
        for change in changes
    )
    return {topic: share for topic, share in pairs if topic is not None}


def _orders(comparison: Comparison, blocks: Shares) -> tuple[list[int], list[int]]:
    """Largest first on the left; on the right where their partners lie, so that few flows cross.

    Topics that only one side has go to the foot.
    """
    first = sorted(blocks[0], key=lambda topic: (-blocks[0][topic], topic))
    place = {topic: at for at, topic in enumerate(first)}
    wanted: dict[int, list[int]] = defaultdict(list)
    for change in comparison.changes:
        if change.before is not None and change.after is not None:
            wanted[change.after].append(place[change.before])
    foot = [len(first)]
    second = sorted(blocks[1], key=lambda topic: (float(np.mean(wanted.get(topic, foot))), -blocks[1][topic]))
    kept = {change.before for change in comparison.changes if change.after is not None}
    return sorted(first, key=lambda topic: topic not in kept), second


def _spans(blocks: Shares, order: tuple[list[int], list[int]], room: tuple[float, float]) -> Spans:
    """Bottom and top of each block, from the top down.

    Each block has room for its name, so the side with more small ones sets the scale of both.
    """
    low, high = room

    def needed(scale: float) -> float:
        return max(sum(max(share * scale, PITCH) + GAP for share in shares.values()) for shares in blocks)

    fits, beyond = 0.0, 2 * (high - low) / max(max(shares.values()) for shares in blocks)
    for _ in range(60):
        scale = (fits + beyond) / 2
        fits, beyond = (scale, beyond) if needed(scale) < high - low else (fits, scale)
    spans: list[dict[int, tuple[float, float]]] = []
    for shares, topics in zip(blocks, order, strict=True):
        y, own = high, {}
        for topic in topics:
            tall = shares[topic] * fits
            slot = max(tall, PITCH)
            own[topic] = (y - slot / 2 - tall / 2, y - slot / 2 + tall / 2)
            y -= slot + GAP
        spans.append(own)
    return spans[0], spans[1]


def _flows(canvas: Canvas, comparison: Comparison, spans: Spans, sides: tuple[float, float]) -> None:
    """What a topic of one side became on the other; a block is divided by the papers of its partners."""
    rows = [
        (change, change.before, change.after)
        for change in comparison.changes
        if change.before is not None and change.after is not None
    ]
    weights: Shares = (defaultdict(float), defaultdict(float))
    for change, a, b in rows:
        weights[0][a] += change.count_after + 1
        weights[1][b] += change.count_before + 1
    used = [{topic: span[1] for topic, span in side.items()} for side in spans]
    x = np.linspace(sides[0], sides[1], 60)
    bend = 0.5 - 0.5 * np.cos(np.linspace(0, np.pi, 60))
    for change, a, b in sorted(rows, key=lambda row: -spans[1][row[2]][1]):
        ends = []
        for side, topic, other in ((0, a, change.count_after), (1, b, change.count_before)):
            low, high = spans[side][topic]
            tall = (high - low) * (other + 1) / weights[side][topic]
            ends.append((used[side][topic], used[side][topic] - tall))
            used[side][topic] -= tall
        upper = ends[0][0] + (ends[1][0] - ends[0][0]) * bend
        lower = ends[0][1] + (ends[1][1] - ends[0][1]) * bend
        hint = explained(change, comparison)
        canvas.area(x, lower, upper, _color(change, canvas.ink), alpha=0.42, hint=hint)


def _color(change: TopicChange, ink: Palette) -> Doubles:
    if change.change in (ROSE, FELL):
        return ink.rise(change.change == ROSE)
    return ink.faint if change.status in (SPLIT, MERGED) else ink.quiet


def _blocks(canvas: Canvas, comparison: Comparison, spans: Spans, side: int, x: float) -> None:
    ink, size = canvas.ink, 6.0
    both = {
        (change.before, change.after)[side]
        for change in comparison.changes
        if change.before is not None and change.after is not None
    }
    labels = comparison.labels_before if side == 0 else comparison.labels_after
    place, align = (x - 1.4, "right") if side == 0 else (x + BLOCK + 1.4, "left")
    room = (place if side == 0 else canvas.width - place) - 5.0
    for topic, (low, high) in spans[side].items():
        color = ink.text if topic in both else ink.rise(side == 1)
        veil = 0.75 if topic in both else 0.35
        hint = clean(labels[topic])
        canvas.box(x, low, BLOCK, max(high - low, 0.15), color, alpha=veil, hint=hint)
        text = cut(clean(labels[topic]), size, room)
        y = (low + high) / 2 - 0.36 * size * MM_PER_PT
        canvas.text(place, y, text, size, color, ha=align, hint=hint)
