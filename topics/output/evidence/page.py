"""Groups of papers as one HTML file: the charts, every claim with its figures. No script, no network."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path

from topics.output.canvas import inline_svg, make_ink
from topics.output.evidence.pictures import PERIODS, PLOTS, pictures
from topics.output.evidence.sayings import (
    coverage,
    groups_in_order,
    nothing_said,
    papers_of,
    points,
    strength_of,
    summary,
)
from topics.output.evidence.tables import halves_of
from topics.output.maps.typeset import clean
from topics.output.text import figure
from topics.output.trends.compare_page import WIDTH, in_colours
from topics.trends.shares import percent
from topics.types.groups import GroupComparison, GroupShare

_HEADINGS = {
    PLOTS[0]: "More and less than elsewhere",
    PLOTS[1]: "Shares with their intervals",
    PERIODS: "Over time",
}


def write_page(found: GroupComparison, folder: Path) -> tuple[str, ...]:
    """Write groups.html; gives its name. Labels and values are shown as text, whatever they hold."""
    title = f"Topics by {clean(found.column)}"
    (folder / "groups.html").write_text(
        in_colours(title, _body(found, title)), encoding="utf-8", newline="\n"
    )
    return ("groups.html",)


def _body(found: GroupComparison, title: str) -> str:
    drawn = pictures(found, make_ink(None, 1, "light"), WIDTH)
    notes = "".join(f"<li>{escape(clean(note))}</li>" for note in found.notes)
    parts = [
        f"<h1>{escape(title)}</h1>",
        f"<p>{escape(clean(summary(found)))}</p>",
        f"<p>{escape(clean(strength_of(found)))} {escape(coverage(found))}</p>",
        "<p>Exact figures appear on hovering over a chart.</p>",
        f'<ul class="faint">{notes}</ul>' if notes else "",
    ]
    parts += [
        f'<h2>{_HEADINGS[stem]}</h2><div class="wide">{inline_svg(canvas, _HEADINGS[stem])}</div>'
        for stem, canvas in drawn.items()
    ]
    for group, own in groups_in_order(found):
        name, size = escape(clean(found.names[group])), papers_of(found.sizes[group])
        parts.append(f'<h2>{name} <span class="faint">{size}</span></h2>')
        parts.append(_table(own, found) if own else f'<p class="faint">{nothing_said(found, group)}</p>')
    return "\n".join(parts)


def _table(own: Sequence[GroupShare], found: GroupComparison) -> str:
    heads = ["here", "rest", "difference in points", "odds ratio", "q", "groupings"]
    halves = any(share.early is not None for share in own)
    heads += ["earlier, later"] if halves else []
    head = "<th>topic</th><th></th>" + "".join(f'<th class="n">{text}</th>' for text in heads)
    rows = []
    for share in own:
        odds = f"{share.odds_ratio:.2f} ({share.odds_low:.2f} to {share.odds_high:.2f})"
        figures = [percent(share.share), percent(share.rest), points(share), odds, figure(share.q)]
        figures += [f"{share.upheld} of {found.repetitions}", *([halves_of(share)] if halves else [])]
        cells = "".join(f'<td class="n">{text}</td>' for text in figures)
        words = escape(clean(", ".join(share.words)))
        label = escape(clean(found.labels[share.topic]))
        rows.append(f"<tr><td>{label}</td><td>{share.verdict}</td>{cells}<td>{words}</td></tr>")
    return f'<div class="wide"><table><tr>{head}<th>words here</th></tr>{"".join(rows)}</table></div>'
