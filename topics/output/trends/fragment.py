"""Topics over time as a part of an HTML page: small multiples, a heatmap and a streamgraph as inline SVG.

No script, no style attribute and no address, so a page with the policy `default-src 'none'` can hold it: its
stylesheet takes `STYLE` in, and its colours are the page's variables `--ink`, `--paper`, `--faint` and
`--accent` and those that are given for the topics. Exact figures are in the titles that appear on hovering.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from textwrap import wrap

import numpy as np

from topics.output.canvas import spread_out
from topics.output.maps.typeset import clean
from topics.output.trends import heatmap, stream
from topics.output.trends.periods import among, among_peaks, counted_periods, peak_of, peak_periods
from topics.trends.bursts import stretches
from topics.trends.shares import percent
from topics.trends.verdicts import VERDICTS, ordered, pace
from topics.types import TOO_FEW, Doubles, Topics, TopicTrend, Trends, counted

STYLE = """
.trends h3 { margin: 1.6em 0 .2em; }
.trends .t-note { color: var(--faint); margin: 0 0 .8em; max-width: 46em; }
.trends details { margin: .5em 0; }
.trends summary { cursor: pointer; font-weight: 600; margin: .3em 0; }
.trends summary span, .trends figcaption span { color: var(--faint); font-weight: 400; }
.t-grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(158px, 1fr)); gap: 14px 16px; }
.t-grid figure { margin: 0; display: flex; flex-direction: column; justify-content: flex-end; min-width: 0; }
.t-grid figcaption { font-size: .86em; line-height: 1.25; overflow-wrap: anywhere; }
.t-grid figcaption span { display: block; font-size: .92em; }
.trends svg { display: block; width: 100%; height: auto; overflow: visible; font-family: inherit; }
.t-wide svg { max-width: 1000px; }
.t-narrow { display: none; }
@media (max-width: 700px) {
  .t-wide { display: none; }
  .t-narrow { display: block; }
}
.t-hit { fill: var(--ink); fill-opacity: 0; }
.t-hit:hover { fill-opacity: .08; }
.t-heat rect:hover { stroke: var(--ink); }
.t-stream:hover path { opacity: .3; }
.t-stream path:hover { opacity: 1; }
"""
"""What the page's stylesheet must hold."""

PANEL, PANEL_HEIGHT = 200.0, 78.0
ROW = 17.0
MOST_TITLES = 8_000
"""Beyond this many cells, only topics have titles and not each of their periods."""


@dataclass(frozen=True)
class _Frame:
    """The room of a picture in pixels, and how much of it names and figures take.

    characters: of a line of a name. names: 0 where a name stands above its row.
    """

    kind: str
    wide: float
    names: float
    figures: float
    characters: int
    tall: float = 0.0


HEAT = (_Frame("t-wide", 860, 290, 96, 44), _Frame("t-narrow", 360, 0, 40, 52))
STREAM = (_Frame("t-wide", 860, 230, 0, 30, 460), _Frame("t-narrow", 360, 150, 0, 18, 420))
"""Each picture twice: for a page, and for a telephone, where it would else be too small to read."""


def trend_section(trends: Trends, topics: Topics, colours: Sequence[str]) -> str:
    """The section as HTML. colours: of the topics, as CSS writes them ("#1d5fbf", "var(--topic-3)").

    The same input gives the same text. Labels are shown as text, whatever they hold.
    """
    notes = "".join(f"<li>{escape(note)}</li>" for note in trends.notes)
    heard = f'<ul class="t-note">{notes}</ul>' if notes else ""
    if not trends.periods:
        return f'<div class="trends">{heard}</div>'
    if len(colours) != len(topics):
        raise ValueError(f"{len(topics)} topics but {len(colours)} colours")
    inks = [escape(colour) for colour in colours]
    if not trends.telling:
        silent = "<p>No topic has enough papers to say how its share moves.</p>"
        return f'<div class="trends">{silent}{heard}{_multiples(trends, topics, inks)}</div>'
    return (
        f'<div class="trends">{heard}'
        f"{_multiples(trends, topics, inks)}{_heatmap(trends, topics)}{_stream(trends, topics, inks)}</div>"
    )


def _titled(trends: Trends) -> bool:
    return trends.counts.size <= MOST_TITLES


def _says(trends: Trends, k: int, at: int) -> str:
    """What a period says about a topic, in a line."""
    period = trends.periods[at]
    if not period.total:
        return f"{period.name}: no papers"
    share, low, high = (float(rows[k, at]) for rows in (trends.shares, trends.low, trends.high))
    return (
        f"{period.name}{'' if period.complete else ' (incomplete)'}: {trends.counts[k, at]:,} of "
        f"{period.total:,} papers, {percent(share)} ({percent(low)} to {percent(high)})"
    )


# ---- small multiples


def _multiples(trends: Trends, topics: Topics, inks: Sequence[str]) -> str:
    groups = []
    for verdict in VERDICTS:
        own = [test for test in ordered(trends) if test.verdict == verdict]
        if own:
            # What nothing can be said about is folded away.
            shown = ' open=""' if verdict != TOO_FEW else ""
            panels = "".join(_panel(trends, topics, test, inks[test.topic]) for test in own)
            groups.append(
                f"<details{shown}><summary>{escape(verdict.capitalize())} "
                f"<span>{counted(len(own), 'topic')}</span></summary>"
                f'<div class="t-grid">{panels}</div></details>'
            )
    return (
        "<h3>Shares over time</h3>"
        '<p class="t-note">Share of all dated papers with its 95% interval, by nearest topic; '
        f"each panel has its own scale, and the figure is the highest share{among_peaks(trends)}. Hollow "
        f"dots are incomplete periods, which verdicts leave out.</p>{''.join(groups)}"
    )


def _panel(trends: Trends, topics: Topics, test: TopicTrend, ink: str) -> str:
    k = test.topic
    growth = pace(test)
    papers = int(trends.counts[k, counted_periods(trends)].sum())
    note = test.when or growth or f"{counted(papers, 'paper')}{among(trends)}"
    drawing = _curve(trends, k, ink) + (_columns(trends, k) if _titled(trends) else "")
    label = clean(topics[k].label)
    return (
        f'<figure title="{escape(test.reason)}"><figcaption>{escape(label)}<span>{escape(note)}</span>'
        f'</figcaption><svg viewBox="0 0 {PANEL:g} {PANEL_HEIGHT:g}" role="img" '
        f'aria-label="{escape(label)}: {escape(test.verdict)}, {escape(note)}">{drawing}</svg></figure>'
    )


def _curve(trends: Trends, k: int, ink: str) -> str:
    shares, low, high = trends.shares[k], trends.low[k].astype(float), trends.high[k].astype(float)
    base, room, x = PANEL_HEIGHT - 14, PANEL_HEIGHT - 16, _places(len(shares))
    most = max(float(shares[peak_periods(trends)].max()), 1e-6)
    scale = room / max(1.25 * most, min(float(np.nanmax(high)), 1.5 * most))
    y, top, foot = (
        base - np.minimum(shares * scale, room),
        base - np.minimum(high * scale, room),
        base - np.minimum(low * scale, room),
    )
    marks = [f'<path d="M0 {base:g}H{PANEL:g}" stroke="var(--faint)" stroke-opacity=".5"/>']
    for run in stretches(np.isfinite(shares)):
        edge = _line(x[run], top[run]) + _line(x[run][::-1], foot[run][::-1]).replace("M", "L", 1)
        marks.append(f'<path d="{edge}Z" fill="{ink}" fill-opacity=".2"/>')
    known = np.isfinite(shares)
    marks.append(
        f'<path d="{_line(x[known], y[known])}" fill="none" stroke="{ink}" stroke-width="1" '
        'stroke-opacity=".55"/>'
    )
    marks += [
        f'<path d="{_line(x[run], y[run])}" fill="none" stroke="{ink}" stroke-width="2" '
        'stroke-linecap="round" stroke-linejoin="round"/>'
        for run in stretches(known & trends.complete)
    ]
    if len(x) <= 40:
        for at in np.flatnonzero(known).tolist():
            fill = ink if trends.complete[at] else "var(--paper)"
            marks.append(f'<circle cx="{x[at]:.1f}" cy="{y[at]:.1f}" r="2" fill="{fill}" stroke="{ink}"/>')
    at = peak_of(trends, k)
    side = "start" if at < len(x) / 2 else "end"
    marks.append(_text(float(x[at]), float(y[at]) - 5, percent(float(shares[at])), 11, "--ink", side))
    marks.append(_text(0, PANEL_HEIGHT - 2, trends.periods[0].name, 10, "--faint"))
    marks.append(_text(PANEL, PANEL_HEIGHT - 2, trends.periods[-1].name, 10, "--faint", "end"))
    return "".join(marks)


def _columns(trends: Trends, k: int) -> str:
    """A column per period to hover over."""
    x = _places(len(trends.periods))
    wide = float(x[1] - x[0]) if len(x) > 1 else PANEL
    return "".join(
        f'<rect class="t-hit" x="{x[at] - wide / 2:.1f}" width="{wide:.1f}" height="{PANEL_HEIGHT - 14:g}">'
        f"<title>{escape(_says(trends, k, at))}</title></rect>"
        for at in range(len(x))
    )


def _places(periods: int) -> Doubles:
    return np.linspace(3.0, PANEL - 3.0, periods)


# ---- heatmap


def _heatmap(trends: Trends, topics: Topics) -> str:
    return (
        f"<h3>{heatmap.TITLE}</h3>"
        '<p class="t-note">Topics in the order of their peak. A cell is the share of the papers of a period, '
        f"as a part of the topic's highest share{among_peaks(trends)}; the figures at the right are that "
        "share (and, on a wide page, the papers). Pale columns are incomplete periods.</p>"
        f"{''.join(_cells(trends, topics, frame) for frame in HEAT)}"
    )


def _cells(trends: Trends, topics: Topics, frame: _Frame) -> str:
    shares, whole = trends.shares, counted_periods(trends)
    most = shares[:, peak_periods(trends)].max(axis=1)
    step = (frame.wide - frame.names - frame.figures) / len(trends.periods)
    top, right = 20.0, frame.wide - frame.figures
    papers_too, titled = frame.kind == "t-wide", frame.kind == "t-wide" and _titled(trends)
    marks = [
        _text(frame.names + (at + 0.5) * step, 13, trends.periods[at].name, 11, "--faint", "middle")
        for at in range(0, len(trends.periods), math.ceil(44 / step))
    ]
    peak, above = right + min(44, frame.figures), 0.0 if frame.names else ROW
    marks.append(_text(peak, 13, "peak", 11, "--faint", "end"))
    if papers_too:
        marks.append(_text(frame.wide, 13, "papers", 11, "--faint", "end"))
    for row, k in enumerate(heatmap.by_peak(trends).tolist()):
        y = top + row * (ROW + above) + above
        label = clean(topics[k].label)
        title = f"<title>{escape(label)}: {escape(trends.tests[k].reason)}</title>"
        (name,) = _lines(label, frame.characters, 1)
        at, side = (0.0, "start") if above else (frame.names - 8, "end")
        marks.append(_text(at, y - above + 12.5, name, 12, "--ink", side, title))
        marks += [
            _cell(
                trends,
                k,
                at,
                (frame.names + at * step, y, step),
                float(shares[k, at] / max(most[k], 1e-9)),
                titled=titled,
            )
            for at in range(len(trends.periods))
            if trends.periods[at].total
        ]
        marks.append(_text(peak, y + 12.5, percent(float(most[k])), 11, "--faint", "end"))
        if papers_too:
            papers = f"{trends.counts[k, whole].sum():,}"
            marks.append(_text(frame.wide, y + 12.5, papers, 11, "--faint", "end"))
    tall = top + len(topics) * (ROW + above)
    return (
        f'<div class="{frame.kind}"><svg class="t-heat" viewBox="0 0 {frame.wide:g} {tall:g}" role="img" '
        f'aria-label="Heatmap of topics and periods">{"".join(marks)}</svg></div>'
    )


def _lines(label: str, characters: int, most: int) -> list[str]:
    """A name in lines of so many characters, and where it has more than `most` of them, cut."""
    lines = wrap(label, characters) or [""]
    return (
        lines
        if len(lines) <= most
        else [*lines[: most - 1], f"{lines[most - 1][: characters - 1].rstrip()}…"]
    )


def _cell(
    trends: Trends, k: int, at: int, place: tuple[float, float, float], part: float, *, titled: bool
) -> str:
    x, y, wide = place
    strength = (0.05 + 0.95 * min(part, 1.0) ** 1.3) * (1.0 if trends.complete[at] else 0.45)
    title = f"<title>{escape(_says(trends, k, at))}</title>" if titled else ""
    return (
        f'<rect x="{x + 0.5:.1f}" y="{y + 0.5:.1f}" width="{max(wide - 1, 0.5):.1f}" height="{ROW - 1:g}" '
        f'fill="var(--accent)" fill-opacity="{strength:.2f}">{title}</rect>'
    )


# ---- streamgraph


def _stream(trends: Trends, topics: Topics, inks: Sequence[str]) -> str:
    rest = len(topics) - len(stream.largest(trends))
    return (
        f'<h3>{stream.TITLE}</h3><p class="t-note">{stream.note(trends, rest)}</p>'
        f"{''.join(_layers(trends, topics, inks, frame) for frame in STREAM)}"
    )


def _layers(trends: Trends, topics: Topics, inks: Sequence[str], frame: _Frame) -> str:
    named = stream.largest(trends)
    whole, x, edges = stream.layers(trends, named, steps=8)
    names = [_lines(clean(topics[k].label), frame.characters, 2) for k in named.tolist()]
    pitch = 18 if all(len(lines) == 1 for lines in names) else 30
    tall = max(frame.tall, pitch * len(names) + 30)
    wide, foot = frame.wide - frame.names, tall - 22
    px = (x - x[0]) / max(float(x[-1] - x[0]), 1e-9) * wide
    py = 4 + (edges.max() - edges) / max(float(edges.max() - edges.min()), 1e-9) * (foot - 8)
    rest = len(topics) - len(named)
    marks = []
    for layer in range(len(edges) - 1):
        path = _line(px, py[layer]) + _line(px[::-1], py[layer + 1][::-1]).replace("M", "L", 1)
        if layer in (0, len(edges) - 2):
            fill, title = 'fill="var(--faint)" fill-opacity=".25"', f"{rest} other topics"
        else:
            k = int(named[layer - 1])
            fill = f'fill="{inks[k]}" fill-opacity=".92"'
            papers = f"{trends.counts[k, whole].sum():,} papers"
            title = f"{clean(topics[k].label)}: {papers}, peak {trends.tests[k].peak}"
        marks.append(
            f'<path d="{path}Z" {fill} stroke="var(--paper)" stroke-width=".6">'
            f"<title>{escape(title)}</title></path>"
        )
    ends = (py[1:-2, -1] + py[2:-1, -1]) / 2
    places = spread_out(ends, pitch, 8, foot - 4)
    for k, lines, end, y in zip(named.tolist(), names, ends.tolist(), places.tolist(), strict=True):
        line = f"M{wide + 2:g} {end:.1f}h5L{wide + 17:g} {y:.1f}h4"
        marks.append(f'<path d="{line}" fill="none" stroke="{inks[k]}"/>')
        title = f"<title>{escape(clean(topics[k].label))}</title>"
        first = y + 4 - 6.5 * (len(lines) - 1)
        marks += [
            _text(wide + 25, first + 13 * row, line, 12, "--ink", "start", title)
            for row, line in enumerate(lines)
        ]
    every = math.ceil(56 * len(whole) / wide)
    for place in range(0, len(whole), every):
        side = "start" if place == 0 else "end" if place == len(whole) - 1 else "middle"
        at = int(whole[place])
        spot = (at - x[0]) / max(float(x[-1] - x[0]), 1e-9) * wide
        marks.append(_text(float(spot), tall - 4, trends.periods[at].name, 11, "--faint", side))
    return (
        f'<div class="{frame.kind}"><svg class="t-stream" viewBox="0 0 {frame.wide:g} {tall:g}" '
        f'role="img" aria-label="Streamgraph of papers by topic">{"".join(marks)}</svg></div>'
    )


def _line(x: Doubles, y: Doubles) -> str:
    points = [f"{a:.1f} {b:.1f}" for a, b in zip(x.tolist(), y.tolist(), strict=True)]
    return "M" + "L".join(points)


def _text(
    x: float, y: float, text: str, size: float, ink: str, anchor: str = "start", title: str = ""
) -> str:
    side = "" if anchor == "start" else f' text-anchor="{anchor}"'
    place = f'x="{x:.1f}" y="{y:.1f}" font-size="{size:g}"{side}'
    return f'<text {place} fill="var({ink})">{escape(text)}{title}</text>'
