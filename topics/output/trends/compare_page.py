"""A comparison as one HTML file: the charts, every change with its figures, the papers of what only one side
has. No script, no network, one style that the page's policy names by its digest.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path

from topics.output.canvas import inline_svg, make_ink
from topics.output.maps import colors
from topics.output.maps.typeset import clean
from topics.output.pages import document
from topics.output.text import figure
from topics.output.trends import alluvial, slope
from topics.output.trends.changes import PARTS, has_parts, marked, name, preface, sections, side_names
from topics.output.trends.tables import home
from topics.trends.compare import FELL, ROSE
from topics.trends.shares import percent
from topics.types import Comparison, Corpus, TopicChange

WIDTH = 190.0
"""Width of the charts, in mm."""

FOREST, FOREST_HEIGHT = 120.0, 14.0

_STYLE = """
body { margin: 0 auto; padding: 1.5rem 1rem 4rem; max-width: 62rem;
  background: var(--paper); color: var(--ink);
  font: 15px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
h1 { font-size: 1.5rem; line-height: 1.25; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: 2.2rem 0 .3rem; }
p, li { max-width: 46rem; overflow-wrap: anywhere; }
.faint, th { color: var(--faint); font-weight: 400; }
.wide { overflow-x: auto; }
.wide > svg { display: block; width: 100%; min-width: 36rem; height: auto; font-family: inherit; }
svg path:hover, svg circle:hover { fill-opacity: 1; stroke-opacity: 1; }
table { border-collapse: collapse; width: 100%; font-size: .92em; }
th, td { text-align: left; vertical-align: top; padding: .3em .7em .3em 0; }
tr { border-bottom: 1px solid var(--line); }
td:first-child { min-width: 11rem; overflow-wrap: anywhere; }
.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.forest { width: 120px; height: 14px; }
summary { cursor: pointer; }
details ul { margin: .3em 0; padding-left: 1.2em; }
"""


def write_page(comparison: Comparison, corpora: tuple[Corpus, Corpus], folder: Path) -> tuple[str, ...]:
    """Write compare.html; gives its name. corpora: of the two sides.

    The same comparison gives the same bytes. Labels and titles are shown as text, whatever they hold.
    """
    title = " and ".join(side_names(comparison))
    page = in_colours(f"{title} compared", _body(comparison, corpora, title))
    (folder / "compare.html").write_text(page, encoding="utf-8", newline="\n")
    return ("compare.html",)


def in_colours(title: str, body: str) -> str:
    """A whole page around its body, in the maps' colours. title: plain text; body: HTML."""
    head = '<meta name="color-scheme" content="light dark">\n'
    return document(title, _variables() + _STYLE, body, head=head)


def _variables() -> str:
    """The page's colours for light and dark, those of the maps."""

    def values(theme: colors.Theme) -> str:
        ink = make_ink(None, 1, theme)
        parts = {
            "ink": ink.text,
            "paper": ink.paper,
            "faint": ink.faint,
            "quiet": ink.quiet,
            "line": 0.75 * ink.paper + 0.25 * ink.quiet,
            "rise": ink.rise(True),
            "fall": ink.rise(False),
        }
        return " ".join(f"--{part}: {colors.to_hex(color)};" for part, color in parts.items())

    light, dark = values("light"), values("dark")
    return (
        f"\n:root {{ color-scheme: light dark; {light} }}\n"
        f"@media (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}"
    )


def _body(comparison: Comparison, corpora: tuple[Corpus, Corpus], title: str) -> str:
    changes = comparison.changes
    ink = make_ink(None, 1, "light")
    notes = "".join(f"<li>{escape(note)}</li>" for note in comparison.notes)
    charts = (
        ("What became of the topics", alluvial.draw(comparison, ink, WIDTH)),
        ("Shares before and after", slope.draw(comparison, ink, WIDTH)),
    )
    parts = [
        f"<h1>{escape(title)} compared</h1>",
        f"<p>{preface(comparison)} Exact figures appear on hovering.</p>",
        f'<ul class="faint">{notes}</ul>' if notes else "",
        *(
            f'<h2>{heading}</h2><div class="wide">{inline_svg(canvas, heading)}</div>'
            for heading, canvas in charts
        ),
    ]
    reach = max((abs(end) for change in changes for end in (change.low, change.high) if end), default=1.0)
    parts += [
        f"<h2>{heading}</h2>{_table(own, comparison, corpora, reach)}"
        for heading, own in sections(comparison)
    ]
    return "\n".join(parts)


def _table(
    changes: Sequence[TopicChange], comparison: Comparison, corpora: tuple[Corpus, Corpus], reach: float
) -> str:
    tested = any(change.difference is not None for change in changes)
    words = any(change.came or change.went for change in changes)
    heads = ["before", "after", *(["difference in points", "", "q"] if tested else [])]
    head = "<th>topic</th>" + "".join(f'<th class="n">{text}</th>' for text in heads)
    head += "<th>words that came</th><th>words that went</th>" if words else ""
    rows = []
    for change in changes:
        cells = [f"<td>{_topic(change, comparison, corpora)}</td>"]
        cells += [
            f'<td class="n">{percent(share)}</td>' for share in (change.share_before, change.share_after)
        ]
        if tested:
            cells.append(f'<td class="n">{marked(change, comparison)}</td><td>{_forest(change, reach)}</td>')
            cells.append(f'<td class="n">{figure(change.q)}</td>')
        if words:
            cells.append(f"<td>{_listed(change.came)}</td><td>{_listed(change.went)}</td>")
        rows.append(f"<tr>{''.join(cells)}</tr>")
    parts = any(has_parts(change, comparison) for change in changes)
    note = f'<p class="faint">{PARTS}</p>' if parts else ""
    return f'<div class="wide"><table><tr>{head}</tr>{"".join(rows)}</table></div>{note}'


def _topic(change: TopicChange, comparison: Comparison, corpora: tuple[Corpus, Corpus]) -> str:
    """The name, which unfolds the papers of a topic that only one side has."""
    label = escape(clean(name(change, comparison)))
    if not change.papers:
        return label
    own = home(change, corpora)
    titles = "".join(
        f"<li>{escape(clean(own.titles[row]) or '(no title)')} "
        f'<span class="faint">{escape(own.dates[row][:4] or "no date")}</span></li>'
        for row in change.papers
    )
    return f"<details><summary>{label}</summary><ul>{titles}</ul></details>"


def _listed(terms: Sequence[str]) -> str:
    return escape(clean(", ".join(terms)))


def _forest(change: TopicChange, reach: float) -> str:
    """The difference with its interval around a line at zero, on one scale for all."""
    if change.difference is None or change.low is None or change.high is None:
        return ""
    low, middle, high = (
        FOREST / 2 * (1 + value / max(reach, 1e-9)) for value in (change.low, change.difference, change.high)
    )
    tone = {ROSE: "rise", FELL: "fall"}.get(change.change, "faint")
    y = FOREST_HEIGHT / 2
    return (
        f'<svg class="forest" viewBox="0 0 {FOREST:g} {FOREST_HEIGHT:g}" aria-hidden="true">'
        f'<path d="M{FOREST / 2:g} 0v{FOREST_HEIGHT:g}" stroke="var(--line)"/>'
        f'<path d="M{low:.1f} {y:g}H{high:.1f}" stroke="var(--{tone})" stroke-width="1.5"/>'
        f'<circle cx="{middle:.1f}" cy="{y:g}" r="2.6" fill="var(--{tone})"/></svg>'
    )
