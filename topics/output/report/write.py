"""Filling in the templates. Autoescape is on, and a policy in the page forbids scripts and every address.

Texts of papers are escaped by Jinja2 and freed of control and direction characters; links are checked; the
styles stand in one element whose hash the policy names, and nothing is styled inline. The page has no script.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from topics.about import ADDRESS, AUTHORS, YEAR, __version__
from topics.config.load import as_plain
from topics.output.maps.colors import to_hex
from topics.output.maps.dates import period
from topics.output.maps.typeset import clean
from topics.output.maps.view import topic_palettes
from topics.output.pages import policy, safe_link
from topics.output.report.checks import checks
from topics.output.report.findings import Findings
from topics.output.report.flow import count_flow, draw_flow
from topics.output.report.levels import NARROW, draw_levels
from topics.output.report.tree import ROW, tree
from topics.output.report.words import calibration, figures, methods, references, vectors_in_words
from topics.output.trends.fragment import STYLE, trend_section
from topics.types import OUTLIER, TOO_FEW
from topics.types.trends import POSSIBLE

if TYPE_CHECKING:
    from jinja2 import Environment

# Settings that say where things lay on one machine, or that the page shows elsewhere.
_LOCAL = ("cache", "output_dir", "corpus.papers")
_AUTHORS = 4
_KEYWORDS = 10


def write_page(found: Findings, path: Path) -> None:
    """Write the report; the same findings give the same bytes."""
    from markupsafe import Markup

    environment, count = _environment(), len(found.run.topics)
    colours = _colours(found)
    style = environment.get_template("report.css").render(
        **colours,
        row=f"{ROW:g}",
        trends=Markup(STYLE),  # noqa: S704
        light_picture=found.config.map.theme == "light",
    )
    flow = count_flow(found.run.corpus)
    outliers = int((found.run.clustering.topic == OUTLIER).sum())
    section = trend_section(found.run.trends, found.run.topics, [f"var(--topic-{k})" for k in range(count)])
    page = environment.get_template("report.html").render(
        # Not escaped here are our own style, and pictures and the trends' section, which escape their own.
        style=Markup(style),  # noqa: S704
        trends=Markup(section),  # noqa: S704
        drawn_flow=Markup(draw_flow(flow, count, outliers)),  # noqa: S704
        curve=Markup(draw_levels(found.run.clustering, found.run.levels)),  # noqa: S704
        narrow_curve=Markup(draw_levels(found.run.clustering, found.run.levels, NARROW)),  # noqa: S704
        policy=policy(style, pictures=True),
        flow=flow,
        outliers=outliers,
        **_content(found),
    )
    path.write_text(page, encoding="utf-8", newline="\n")


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("topics.output.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        # What is markup already stays.
        finalize=lambda value: clean(value) if type(value) is str else value,
    )
    environment.filters |= {
        "whole": lambda value: f"{value:,}",
        "percent": lambda value: f"{value:.0%}" if value >= 0.005 or not value else "<1%",
        # A zero has no sign.
        "two": lambda value: f"{value:z.2f}",
    }
    return environment


def _content(found: Findings) -> dict[str, Any]:
    corpus, count = found.run.corpus, len(found.run.corpus)
    picture = base64.b64encode(found.picture).decode("ascii")
    topics = _topics(found)
    return {
        "title": found.config.map.title or found.config.name or "Topics",
        "papers": count,
        "period": period(corpus.dates),
        "notes": found.notes,
        "picture": f"data:{found.media_type};base64,{picture}",
        "narrow": f"data:image/png;base64,{base64.b64encode(found.narrow).decode('ascii')}",
        "explorer": found.explorer,
        "topics": topics,
        "moving": any(topic.trend for topic in topics),
        "legends": _legends([topic.trend for topic in topics]),
        "fields": _fields(found),
        "divided": () if found.run.hierarchy.fields else [pair for pair in _parts(found) if pair[1]],
        "fitted": all(topic.fit for topic in found.run.topics.topics),
        "tree": tree(found.run.hierarchy),
        "levels": found.run.levels,
        "resolution": found.config.cluster.resolution,
        "figures": (*figures(found.run.quality), *calibration(found.run.memberships)),
        "checks": checks(found.validation) if found.validation else None,
        "timed": bool(found.run.trends.periods),
        "methods": methods(found.config, found.encoder, count, len(topics), found.history),
        "history": found.history,
        "references": references(found.encoder, found.config.cluster.method),
        "settings": _settings(found),
        "encoder": vectors_in_words(found.encoder),
        "version": __version__,
        "authors": AUTHORS,
        "year": YEAR,
        "address": ADDRESS,
        "versions": sorted(found.versions.items()),
        "inputs": [(Path(name).name, digest) for name, digest in sorted(found.inputs.items())],
        "chosen": _chosen(found),
        "model": found.config.label.llm.model,
        "asked": bool(found.config.guide.topics or found.config.guide.taxonomy),
    }


def _legends(outcomes: Sequence[str]) -> list[str]:
    """What the short forms of these verdicts mean, where there are any."""
    legends = {f"?: {TOO_FEW}": TOO_FEW in outcomes, POSSIBLE: any("," in text for text in outcomes)}
    return [f"{legend}." for legend, used in legends.items() if used]


def _chosen(found: Findings) -> list[tuple[str, str]]:
    """What the papers decided, and no setting that was given."""
    settings = found.config.cluster
    return sorted(
        (name, _text(value))
        for name, value in found.run.clustering.chosen.items()
        if getattr(settings, name, "auto") == "auto"
    )


def _colours(found: Findings) -> dict[str, str]:
    """The topics' colours as variables of the style, by theme."""
    _, palettes, _ = topic_palettes(found.run.layout, found.run.clustering)
    return {
        theme: " ".join(f"--topic-{k}: {to_hex(rgb / 255.0)};" for k, rgb in enumerate(palette))
        for theme, palette in palettes.items()
    }


@dataclass(frozen=True)
class _Paper:
    title: str
    by: str
    link: str


@dataclass(frozen=True)
class _Row:
    """A topic as the page shows it.

    fits, by_words, by_encoder: shares of its papers, 0 where not known. bars: keywords with their weight
    against the heaviest, from 0 to 1.
    """

    id: int
    label: str
    size: int
    share: float
    nearest: int
    stability: float
    coherence: float
    fits: float
    by_words: float
    by_encoder: float
    others: tuple[tuple[str, float], ...]
    doubt: str
    trend: str
    brief: str
    reason: str
    bars: tuple[tuple[str, float], ...]
    papers: tuple[_Paper, ...]


def _topics(found: Findings) -> list[_Row]:
    nearest = np.bincount(found.run.clustering.nearest_topic, minlength=len(found.run.topics))
    tests = found.run.trends.tests if found.run.trends.telling else ()
    rows = []
    for topic in found.run.topics.topics:
        heaviest = max(keyword.weight for keyword in topic.keywords) or 1.0
        test = tests[topic.id] if tests else None
        rows.append(
            _Row(
                id=topic.id,
                label=topic.label,
                size=topic.size,
                share=topic.size / len(found.run.corpus),
                nearest=int(nearest[topic.id]),
                stability=_rounded(found.run.quality.stability[topic.id]),
                coherence=_rounded(found.run.quality.coherence[topic.id]),
                fits=topic.fit.share if topic.fit else 0.0,
                by_words=topic.fit.words if topic.fit else 0.0,
                by_encoder=topic.fit.encoder if topic.fit else 0.0,
                others=tuple((other.name, other.share) for other in topic.others),
                doubt=_sentence(found.run.quality.doubts[topic.id]),
                trend=test.outcome if test else "",
                brief=test.brief if test else "",
                reason=_sentence(test.reason) if test else "",
                bars=tuple(
                    (keyword.term, max(keyword.weight / heaviest, 0.0))
                    for keyword in topic.keywords[:_KEYWORDS]
                ),
                papers=tuple(_paper(found, row) for row in topic.representative),
            )
        )
    return rows


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:].rstrip('.')}." if text else ""


def _rounded(value: Any) -> float:
    """As the tables write it, so that page and tables round to the same two digits."""
    return round(float(value), 4)


def _paper(found: Findings, row: int) -> _Paper:
    papers = found.run.corpus.papers
    cell = {name: papers.column(name)[row].as_py() for name in ("authors", "venue", "date", "url", "doi")}
    authors = list(cell["authors"] or ())
    cut = len(authors) > _AUTHORS or (bool(authors) and found.run.corpus.more_authors[row])
    names = "; ".join(authors[:_AUTHORS]) + (" et al." if cut else "")
    return _Paper(
        title=found.run.corpus.titles[row] or found.run.corpus.ids[row],
        by=" · ".join(part for part in (names, cell["venue"] or "", cell["date"] or "") if part),
        link=safe_link(cell["url"] or "", cell["doi"] or ""),
    )


@dataclass(frozen=True)
class _Field:
    """A field and its topics, each with the labels and sizes of its subtopics."""

    label: str
    size: int
    topics: tuple[tuple[int, tuple[tuple[str, int], ...]], ...]


def _fields(found: Findings) -> list[_Field]:
    layers, parts = found.run.hierarchy, _parts(found)
    return [
        _Field(
            group.label,
            group.size,
            tuple(parts[topic] for topic in np.flatnonzero(layers.field == number).tolist()),
        )
        for number, group in enumerate(layers.fields)
    ]


def _parts(found: Findings) -> list[tuple[int, tuple[tuple[str, int], ...]]]:
    """Each topic with the labels and sizes of its subtopics."""
    layers = found.run.hierarchy
    groups = [(group.label, group.size) for group in layers.subtopics]
    return [
        (topic, tuple(groups[part] for part in layers.parts(topic))) for topic in range(len(found.run.topics))
    ]


def _settings(found: Findings) -> list[tuple[str, str, bool]]:
    """Every setting with its value, and whether it is another than the default."""
    usual = dict(_flat(as_plain(type(found.config)())))
    rows = []
    for name, value in _flat(as_plain(found.config)):
        if not any(name == local or name.startswith(f"{local}.") for local in _LOCAL):
            rows.append((name, _text(value), value != usual[name]))
    return rows


def _flat(tree: dict[str, Any], start: str = "") -> list[tuple[str, Any]]:
    rows: list[tuple[str, Any]] = []
    for name, value in tree.items():
        rows += _flat(value, f"{start}{name}.") if isinstance(value, dict) else [(f"{start}{name}", value)]
    return rows


def _text(value: object) -> str:
    if value is None or value in ([], ()):
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(str(part) for part in value) if isinstance(value, list | tuple) else str(value)
