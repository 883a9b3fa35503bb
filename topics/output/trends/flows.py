"""An alluvial chart of more than two columns: topics as blocks of their share, bands where one goes on."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from topics.config import MapSettings
from topics.output.canvas import Canvas, Palette, make_ink
from topics.output.maps import colors
from topics.output.maps.typeset import MM_PER_PT, clean, fit, text_width
from topics.output.pages import escaped
from topics.output.tables.csv_file import write_csv
from topics.output.text import figure, markdown_table, write_lines
from topics.trends.shares import percent
from topics.types import Doubles, FlowColumn, TopicFlow, counted

FLOW_FILES = ("flow.md", "flow.csv", "flow.png", "flow.svg")
"""What `write_flow` writes."""

PITCH, GAP, BLOCK = 3.0, 0.7, 3.0
"""In mm: room for a name, space between blocks, width of a block."""

COLUMN = 58.0
"""Least width in mm from one column to the next."""

LINES = 36
"""Lines of topics that have a colour of their own, the largest; others are grey."""

Node = tuple[int, int]
Spans = dict[Node, tuple[float, float]]
Lines = dict[Node, int]

_HEAD = (
    "period", "topic", "label", "papers", "share", "status", "next_period", "next_topic", "next_label",
    "similarity",
)  # fmt: skip


def write_flow(flow: TopicFlow, settings: MapSettings, folder: Path) -> tuple[str, ...]:
    """Write the picture and its table; gives the file names."""
    write_lines(folder / "flow.md", _page(flow))
    write_csv(folder / "flow.csv", _HEAD, _rows(flow))
    draw(flow, settings).save(folder / "flow")
    return FLOW_FILES


def draw(flow: TopicFlow, settings: MapSettings) -> Canvas:
    """A page at least as wide as the map's, with room for every name."""
    lines = _lines(flow)
    ink = make_ink(colors.categories(LINES, settings.theme), LINES, settings.theme)
    margin, names = 5.0, 44.0
    width = max(settings.width_mm, 2 * names + COLUMN * (len(flow.columns) - 1))
    most = max(Counter(number for number, _ in flow.nodes).values())
    canvas = Canvas(width, 2 * margin + 26.0 + max(0.42 * width, 1.4 * PITCH * most), ink)
    top = canvas.heading(
        " → ".join(_named(column.name) for column in flow.columns),
        (
            f"{flow.fit[0].upper()}{flow.fit[1:]}.",
            "Height: the share of all papers of the period. A colour follows a topic; pale bands: a part "
            "that splits off or merges.",
        ),
        margin,
    )
    spans = _spans(flow, (margin + 2.0, top - 6.0))
    places = np.linspace(margin + names, width - margin - names, len(flow.columns)).tolist()
    for x, column in zip(places, flow.columns, strict=True):
        canvas.text(x, top - 3.6, _named(column.name), 7.0, ha="center", weight="bold")
    _bands(canvas, flow, spans, places, lines)
    _blocks(canvas, flow, spans, places, lines)
    return canvas


def _named(name: str) -> str:
    return clean(name).replace("..", "–")


def _lines(flow: TopicFlow) -> Lines:
    """The line that each topic is on: a topic, what matches it in the next column, and so on. The largest
    lines, by the papers on them, have the numbers up to `LINES`.
    """
    line: dict[Node, int] = {}
    onward = {
        (link.column + 1, link.after): (link.column, link.before)
        for link in flow.links
        if link.status == "matched"
    }
    papers: dict[int, int] = defaultdict(int)
    for node, count in flow.nodes.items():
        before = onward.get(node)
        line[node] = line[before] if before in line else len(papers)
        papers[line[node]] += count
    rank = {own: place for place, own in enumerate(sorted(papers, key=lambda own: (-papers[own], own)))}
    return {node: rank[own] for node, own in line.items()}


def _spans(flow: TopicFlow, room: tuple[float, float]) -> Spans:
    """Bottom and top of each block: in the first column the largest on top, then near their partners."""
    low, high = room
    shares: list[dict[int, float]] = [{} for _ in flow.columns]
    for (number, topic), count in flow.nodes.items():
        shares[number][topic] = count / flow.columns[number].total
    fits, beyond = 0.0, 2 * (high - low) / max(max(own.values()) for own in shares)
    for _ in range(60):
        scale = (fits + beyond) / 2
        needed = max(sum(max(share * scale, PITCH) + GAP for share in own.values()) for own in shares)
        fits, beyond = (scale, beyond) if needed < high - low else (fits, scale)
    spans: Spans = {}
    for number, own in enumerate(shares):
        wanted: dict[int, list[float]] = defaultdict(list)
        for link in flow.links:
            if link.column + 1 == number and (number - 1, link.before) in spans:
                wanted[link.after].append(spans[number - 1, link.before][1])
        order = (
            sorted(own, key=lambda topic: (-float(np.mean(wanted.get(topic, [low]))), -own[topic], topic))
            if number
            else sorted(own, key=lambda topic: (-own[topic], topic))
        )
        y = high
        for topic in order:
            tall = own[topic] * fits
            slot = max(tall, PITCH)
            spans[number, topic] = (y - slot / 2 - tall / 2, y - slot / 2 + tall / 2)
            y -= slot + GAP
    return spans


def _bands(canvas: Canvas, flow: TopicFlow, spans: Spans, places: list[float], lines: Lines) -> None:
    """Each block is divided among its bands by the papers of the topics at their other ends."""
    bend = 0.5 - 0.5 * np.cos(np.linspace(0, np.pi, 50))
    for number in range(len(flow.columns) - 1):
        own = [link for link in flow.links if link.column == number]
        left, right = flow.columns[number].counts, flow.columns[number + 1].counts
        weights: tuple[dict[int, float], dict[int, float]] = (defaultdict(float), defaultdict(float))
        for link in own:
            weights[0][link.before] += right[link.after] + 1
            weights[1][link.after] += left[link.before] + 1
        used = ({}, {})  # type: tuple[dict[int, float], dict[int, float]]
        x = np.linspace(places[number] + BLOCK / 2, places[number + 1] - BLOCK / 2, 50)
        for link in sorted(own, key=lambda link: -spans[number + 1, link.after][1]):
            ends = []
            for side, node, papers in (
                (0, (number, link.before), right[link.after]),
                (1, (number + 1, link.after), left[link.before]),
            ):
                low, high = spans[node]
                tall = (high - low) * (papers + 1) / weights[side][node[1]]
                start = used[side].get(node[1], high)
                ends.append((start, start - tall))
                used[side][node[1]] = start - tall
            upper = ends[0][0] + (ends[1][0] - ends[0][0]) * bend
            lower = ends[0][1] + (ends[1][1] - ends[0][1]) * bend
            color = _color(canvas.ink, lines[number, link.before])
            canvas.area(x, lower, upper, color, alpha=0.5 if link.status == "matched" else 0.22)


def _color(ink: Palette, line: int) -> Doubles:
    return ink.palette[line] if line < LINES else ink.quiet


def _blocks(canvas: Canvas, flow: TopicFlow, spans: Spans, places: list[float], lines: Lines) -> None:
    size, last = 5.6, len(flow.columns) - 1
    began = {(link.column + 1, link.after) for link in flow.links}
    went = {(link.column, link.before) for link in flow.links}
    for (number, topic), (low, high) in spans.items():
        x, column = places[number], flow.columns[number]
        canvas.box(x - BLOCK / 2, low, BLOCK, max(high - low, 0.15), _color(canvas.ink, lines[number, topic]))
        how = ["new"] if number and (number, topic) not in began else []
        how += ["ends"] if number < last and (number, topic) not in went else []
        tail = f" ({', '.join(how)})" if how else ""
        room = 42.0 if number in (0, last) else COLUMN * 0.72
        place = x - BLOCK / 2 - 1.2 if number == 0 else x + BLOCK / 2 + 1.2
        y = (low + high) / 2 - 0.36 * size * MM_PER_PT
        text, set_at = fit(clean(column.labels[topic]), size, room - text_width(tail, size), 0.75)
        canvas.text(place, y, text + tail, set_at, ha="right" if number == 0 else "left")


def _rows(flow: TopicFlow) -> Iterable[list[object]]:
    """A row per topic and link, and one for a topic that goes nowhere."""
    for number, column in enumerate(flow.columns):
        for topic, count in enumerate(column.counts):
            own = [link for link in flow.links if (link.column, link.before) == (number, topic)]
            first = [column.name, topic, column.labels[topic], count, figure(count / column.total)]
            for link in own:
                after = flow.columns[number + 1]
                yield [
                    *first,
                    link.status,
                    after.name,
                    link.after,
                    after.labels[link.after],
                    figure(link.similarity),
                ]
            if not own and (number, topic) in flow.nodes:
                yield [*first, "last" if number == len(flow.columns) - 1 else "ends", "", "", "", ""]


def _page(flow: TopicFlow) -> Iterable[str]:
    yield f"# {escaped(' → '.join(_named(column.name) for column in flow.columns))}"
    yield from ("", f"{flow.fit[0].upper()}{flow.fit[1:]}.", "")
    for column in flow.columns:
        yield f"- {escaped(_named(column.name))}: {_said(column)}"
    yield from (f"- {escaped(note)}" for note in flow.notes)
    rows = []
    for link in flow.links:
        before, after = flow.columns[link.column], flow.columns[link.column + 1]
        how = "" if link.status == "matched" else f" ({link.status})"
        rows.append(
            (
                f"{escaped(before.labels[link.before])}, {escaped(_named(before.name))}",
                percent(before.counts[link.before] / before.total),
                f"{escaped(after.labels[link.after])}, {escaped(_named(after.name))}{how}",
                percent(after.counts[link.after] / after.total),
            )
        )
    yield from ("", *markdown_table(("topic", "share:", "becomes", "share:"), rows))
    joined = {(link.column + 1, link.after) for link in flow.links}
    went = {(link.column, link.before) for link in flow.links}
    last = len(flow.columns) - 1
    for word, there, nodes in (("New", range(1, last + 1), joined), ("Ends", range(last), went)):
        alone = [
            f"{flow.columns[number].labels[topic]} ({_named(flow.columns[number].name)})"
            for number in there
            for topic, count in enumerate(flow.columns[number].counts)
            if count and (number, topic) not in nodes
        ]
        if alone:
            yield from ("", f"{word}: {escaped('; '.join(alone))}.")


def flow_lines(flow: TopicFlow) -> Iterable[str]:
    """For the terminal: the periods, and what does not simply go on."""
    yield f"{flow.fit[0].upper()}{flow.fit[1:]}."
    for column in flow.columns:
        yield f"{_named(column.name)}: {_said(column)}"
    yield from flow.notes
    for link in flow.links:
        if link.status != "matched":
            before, after = flow.columns[link.column], flow.columns[link.column + 1]
            yield (
                f"{link.status}: {before.labels[link.before]} ({_named(before.name)}) -> "
                f"{after.labels[link.after]} ({_named(after.name)})"
            )


def _said(column: FlowColumn) -> str:
    topics = sum(count > 0 for count in column.counts)
    return f"{counted(column.total, 'paper')}, {counted(topics, 'topic')}"
