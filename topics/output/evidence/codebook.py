"""The codebook of a run as Markdown, and as one HTML page, without script or network, that word processors
open.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from topics.about import __version__
from topics.evidence.codebook import CodebookEntry, codebook
from topics.output.maps.typeset import clean
from topics.output.pages import document, escaped
from topics.types import Proportion, counted
from topics.types.run import Values

KINDS = (".md", ".html")

_STYLE = """
body { margin: 0 auto; padding: 1.5rem 1rem 4rem; max-width: 46rem; color: #1d2127; background: #fff;
  font: 16px/1.5 Georgia, "DejaVu Serif", serif; overflow-wrap: anywhere; }
h1 { font-size: 1.7rem; line-height: 1.2; }
h2 { margin: 2.4rem 0 .2rem; padding-top: .6rem; border-top: 1px solid #c9ced6; font-size: 1.25rem; }
h3 { margin: 1rem 0 .2rem; font-size: 1rem; }
p, ul, blockquote { margin: .4rem 0; }
ul { padding-left: 1.3rem; }
blockquote { padding-left: .9rem; border-left: 3px solid #c9ced6; }
.faint { color: #5a616c; font-size: .92rem; }
@media print { h2, h3 { break-after: avoid; } li, blockquote { break-inside: avoid; } }
"""


@dataclass(frozen=True)
class _Text:
    """A part of the book. kind: h1, h2, h3, p, faint, quote or item."""

    kind: str
    text: str


def write_codebook(
    run: Values, path: Path, *, name: str, history: Sequence[str], about: Mapping[str, Any]
) -> None:
    """Write the codebook to a file that ends in one of `KINDS`; the same run gives the same bytes.

    name: of the run. history: what was done to the topics since they were found. about: run.json.
    """
    parts = list(_book(run, name, history, about))
    page = _markdown(parts) if path.suffix.lower() == ".md" else _html(parts, name)
    path.write_text(page, encoding="utf-8", newline="\n")


def _book(run: Values, name: str, history: Sequence[str], about: Mapping[str, Any]) -> Iterator[_Text]:
    papers, topics, groups = len(run.corpus), run.topics, run.clustering
    outliers = papers - int(groups.sizes.sum())
    yield _Text("h1", f"Codebook: {counted(len(topics), 'topic')} in {counted(papers, 'paper')} ({name})")
    yield _Text(
        "p",
        f"Found with paper-topics {__version__}; vectors by {run.embeddings.encoder}. Papers that lie "
        f"far from all others and have no topic: {outliers:,}. Definitions are sentences of the topics' own "
        "papers, chosen by a rule: those of the most central papers that say most of what sets the topic "
        "apart. A word of inclusion has the share of papers that use it, in the topic and in all others. "
        "Probabilities say how often papers like this one are in the topic when papers are grouped again.",
    )
    done = [*history, *(_edit(edit) for edit in about.get("edits", ()))]
    yield _Text("h3", "History of edits")
    yield from (_Text("item", text) for text in done or ["none: the topics are as they were found"])
    scores = _checked(about)
    for entry in codebook(run):
        yield from _entry(run, entry, scores.get(entry.topic, []))


def _edit(edit: Mapping[str, Any]) -> str:
    why = f" ({edit['why']})" if edit.get("why") else ""
    return f"{'' if edit.get('applied') else 'not applied: '}{edit.get('edit', '')}{why}"


def _checked(about: Mapping[str, Any]) -> dict[int, list[str]]:
    """By topic, what people who checked the run said of it."""
    found: dict[int, list[str]] = {}
    names = {
        "word_intrusion": "word that does not belong found",
        "paper_intrusion": "paper that does not belong found",
        "which_label": "label chosen among four",
        "label_fit": "label fits",
    }
    for task in (about.get("validation") or {}).get("tasks", ()):
        for one in task["topics"]:
            score = Proportion(**one["score"])
            text = f"{names[task['task']]} {score.share:.0%} ({score.low:.0%} to {score.high:.0%})"
            found.setdefault(one["topic"], []).append(text)
    return found


def _entry(run: Values, entry: CodebookEntry, checked: Sequence[str]) -> Iterator[_Text]:
    k, quality, labels = entry.topic, run.quality, run.topics.labels
    topic, papers = run.topics[k], len(run.corpus)
    yield _Text("h2", f"{k}. {topic.label}")
    fit = f", label fits {topic.fit.share:.0%} of them" if topic.fit else ""
    yield _Text(
        "faint",
        f"{counted(topic.size, 'paper')} ({topic.size / papers:.1%}){fit}; "
        f"stability {quality.stability[k]:.2f}, coherence {quality.coherence[k]:.2f}"
        + (f"; doubt: {quality.doubts[k]}" if quality.doubts[k] else ""),
    )
    if checked:
        yield _Text("faint", f"Checked by people: {'; '.join(checked)}.")
    if topic.others:
        yield _Text("faint", f"Other labels: {', '.join(other.name for other in topic.others)}.")
    yield _Text("h3", "Definition, from its papers")
    for quote in entry.definition:
        yield _Text("quote", f"{quote.text} [{run.corpus.ids[quote.row]}]")
    if not entry.definition:
        yield _Text("p", "No sentence of its papers says what sets it apart.")
    yield _Text("h3", "Inclusion words")
    words = (f"{word.term} ({word.inside:.0%}; {word.outside:.0%} elsewhere)" for word in entry.inclusion)
    yield _Text("p", ", ".join(words))
    yield _Text("h3", "Typical papers")
    yield from (_Text("item", _paper(run, row)) for row in entry.typical)
    if entry.borderline:
        yield _Text("h3", "Borderline papers")
    for paper in entry.borderline:
        yield _Text(
            "item",
            f"{_paper(run, paper.row)}: probability {paper.probability:.2f}, and "
            f"{paper.second_probability:.2f} for {paper.second} {labels[paper.second]}",
        )
    if entry.nearest >= 0:
        yield _Text("h3", "What it is not")
        yield _Text("p", f"Nearest topic: {entry.nearest} {labels[entry.nearest]}.")
        for whose, terms in (("here", entry.ours), ("there", entry.theirs)):
            if terms:
                yield _Text("item", f"rather {whose}: {', '.join(terms)}")
    if entry.by_hand:
        yield _Text("h3", "Put here by hand")
        yield from (_Text("item", _paper(run, row)) for row in entry.by_hand)


def _paper(run: Values, row: int) -> str:
    date = run.corpus.dates[row][:4]
    title = run.corpus.titles[row] or "(no title)"
    return f"{title}{f' ({date})' if date else ''} [{run.corpus.ids[row]}]"


def _markdown(parts: Sequence[_Text]) -> str:
    marks = {"h1": "# ", "h2": "## ", "h3": "### ", "quote": "> ", "item": "- "}
    lines: list[str] = []
    for place, part in enumerate(parts):
        listed = part.kind == "item" and place and parts[place - 1].kind == "item"
        lines += [
            *([] if listed or not place else [""]),
            marks.get(part.kind, "") + escaped(clean(part.text)),
        ]
    return "\n".join(lines) + "\n"


def _html(parts: Sequence[_Text], name: str) -> str:
    tags = {"quote": "blockquote", "faint": "p"}
    body: list[str] = []
    for place, part in enumerate(parts):
        before = parts[place - 1].kind if place else ""
        if part.kind == "item" and before != "item":
            body.append("<ul>")
        if part.kind != "item" and before == "item":
            body.append("</ul>")
        tag = "li" if part.kind == "item" else tags.get(part.kind, part.kind)
        style = ' class="faint"' if part.kind == "faint" else ""
        body.append(f"<{tag}{style}>{escape(clean(part.text))}</{tag}>")
    if parts[-1].kind == "item":
        body.append("</ul>")
    return document(f"Codebook: {clean(name)}", _STYLE, "\n".join(body))
