"""A finished run on the terminal, read from its own tables."""

from __future__ import annotations

import csv
import json
import textwrap
from pathlib import Path

from topics.errors import RunError
from topics.output.text import clipped
from topics.runs.run import Run, open_run
from topics.types import counted
from topics.types.clusters import OUTLIER
from topics.types.trends import POSSIBLE, TOO_FEW, shortened


def table(run: Path, width: int) -> str:
    """The topics of a run, one line each, in `width` columns."""
    opened = open_run(run)
    summary, rows = opened.summary, _rows(opened, "topics.csv")
    counts = summary["counts"]
    label_width = min(max([len(row["label"]) for row in rows] + [5]), max(width // 2 - 10, 20))
    moving = any(row["trend"] not in ("", TOO_FEW) for row in rows)
    time = "over time" if moving else ""
    fitted = all(row.get("fits") for row in rows)
    trend_width = max([len(shortened(row["trend"])) for row in rows] + [9]) + 2 if moving else 0
    lines = [
        *(
            textwrap.fill(text, width)
            for text in (summary.get("account_text", ""), *summary["notes"])
            if text
        ),
        f"{counted(counts['topics'], 'topic')} in {counts['papers']:,} papers, "
        f"{counted(counts['outliers'], 'outlier')}",
        "",
        f"topic  papers  share  stable  {'fits  ' if fitted else ''}{'label':<{label_width}}  "
        f"{time:<{trend_width}}keywords",
    ]
    for row in rows:
        start = (
            f"{row['topic']:>5}  {int(row['size']):>6,}  {float(row['share']):>5.0%}  "
            f"{float(row['stability']):>5.2f}{'!' if row['doubt'] else ' '}  "
            f"{_percent(row['fits']) if fitted else ''}"
            f"{clipped(row['label'], label_width):<{label_width}}  "
            f"{shortened(row['trend']) if moving else '':<{trend_width}}"
        )
        lines.append(start + clipped(row["keywords"].replace("; ", ", "), max(width - len(start), 10)))
    if any(row["doubt"] for row in rows):
        lines += ["", "!: doubtful, read its papers first; `topics show RUN --topic N` says why"]
    if any(row["trend"] == TOO_FEW for row in rows) and moving:
        lines += ["", f"?: {TOO_FEW}"]
    if any("," in row["trend"] for row in rows):
        lines += ["", POSSIBLE]
    return "\n".join(lines)


def _percent(share: str) -> str:
    return f"{float(share):>4.0%}  "


def levels_table(run: Path, width: int) -> str:
    """The numbers of topics to choose from, each with its topics and their papers, in `width` columns."""
    opened = open_run(run)
    found = opened.levels
    if not found.levels:
        return textwrap.fill(_why_no_levels(opened), width)
    lines = ["topics  agreement   score  labels and papers"]
    for place, level in enumerate(found.levels):
        start = (
            f"{len(level):>5}{'*' if place == found.taken else ' '}  {level.agreement:>9.2f}  "
            f"{level.score - found.best:>6.3f}  "
        )
        named = ", ".join(f"{label} {size:,}".replace(" ", _FIRM) for label, size in level.by_size)
        text = textwrap.fill(
            named, width, initial_indent=start, subsequent_indent=" " * len(start), break_on_hyphens=False
        )
        lines += [text.replace(_FIRM, " "), ""]
    other = max(found.others, key=lambda level: level.score)
    return "\n".join(
        [
            *lines,
            textwrap.fill(
                "*: this run. agreement: the mean share of groupings in which papers of one topic are "
                "together; score: less that of the best number (docs/levels.md). For another number "
                f"give the same `topics run` with --set cluster.n_topics={len(other)}.",
                width,
            ),
        ]
    )


_FIRM = "\N{NO-BREAK SPACE}"
"""Stands for a space inside a label, where no line may end."""


def _why_no_levels(run: Run) -> str:
    cluster, guide = run.config.cluster, run.config.guide
    if not any(name.startswith("data/levels/") for name in run.summary["files"]):
        why = "it was written before runs kept them; repeat the run to see some"
    elif run.history:
        why = "its topics were changed since they were found; look at the run that it was made from"
    elif cluster.n_topics != "auto":
        why = "it was asked for this one; run it with cluster.n_topics auto to see some"
    elif guide.topics or guide.taxonomy:
        why = "it was asked for topics by name, and then none are weighed"
    elif cluster.method != "auto":
        why = f"cluster.method {cluster.method} weighs none; run it with auto to see some"
    else:
        why = "its papers can be divided in this one way only"
    return f"{run.path} has no other numbers of topics to choose from: {why}."


def topic_page(run: Path, topic: int) -> str:
    """One topic with its keywords and all its papers, surest first; -1 shows the outliers.

    Raises RunError: the run has no such topic.
    """
    opened = open_run(run)
    papers = _papers(opened, topic)
    if topic == OUTLIER:
        lines = [f"Outliers: {counted(len(papers), 'paper')}", ""]
    else:
        row = _topic_row(opened, topic)
        keywords = textwrap.fill(f"Keywords: {row['keywords'].replace('; ', ', ')}", 100)
        lines = [f"Topic {topic}: {row['label']}, {counted(len(papers), 'paper')}", keywords]
        if row.get("subtopics"):
            lines.append(textwrap.fill(f"Subtopics: {row['subtopics']}", 100))
        lines += [*_fit(row, len(papers)), *_trust(row), ""]
    lines += [f"{float(p['probability']):.2f}  {p['date'] or '-':<10}  {p['title']}" for p in papers]
    return "\n".join(lines)


def _fit(row: dict[str, str], papers: int) -> list[str]:
    """How many of its papers the label fits, and what else the topic could be called."""
    if not row.get("fits"):
        return []
    every, words, encoder = (
        round(float(row[name]) * papers) for name in ("fits", "fits_words", "fits_encoder")
    )
    lines = [f"Label fits {every:,} of {papers:,} papers ({words:,} by words, {encoder:,} by an encoder)"]
    if row["other_labels"]:
        lines.append(textwrap.fill(f"Other labels: {row['other_labels'].replace('; ', ', ')}", 100))
    return lines


def _trust(row: dict[str, str]) -> list[str]:
    field = f"Field: {row['field_label']}. " if row["field_label"] else ""
    figures = f"{field}Stability {float(row['stability']):.2f}, coherence "
    doubt = [f"Doubt: {row['doubt']}"] if row["doubt"] else []
    return [f"{figures}{float(row['coherence']):.2f} (docs/quality.md)", *doubt]


def levels_json(run: Path) -> str:
    """The numbers of topics to choose from as JSON; an empty list where there are none."""
    found = open_run(run).levels
    value = [
        {
            "topics": [{"label": label, "size": size} for label, size in level.by_size],
            "score": round(level.score, 4),
            "agreement": round(level.agreement, 4),
            "taken": place == found.taken,
        }
        for place, level in enumerate(found.levels)
    ]
    return json.dumps({"levels": value}, indent=1, ensure_ascii=False)


def as_json(run: Path, topic: int | None) -> str:
    """The topics of a run as JSON: all of them, or one with its papers."""
    opened = open_run(run)
    if topic is None:
        rows = [_typed(row) for row in _rows(opened, "topics.csv")]
        value: object = {"counts": opened.summary["counts"], "topics": rows}
    else:
        papers = [_typed(row) for row in _papers(opened, topic)]
        value = ({} if topic == OUTLIER else _typed(_topic_row(opened, topic))) | {"papers": papers}
    return json.dumps(value, indent=1, ensure_ascii=False)


def _papers(run: Run, topic: int) -> list[dict[str, str]]:
    papers = [row for row in _rows(run, "assignments.csv") if int(row["topic"]) == topic]
    return sorted(papers, key=lambda row: (-float(row["probability"]), row["id"]))


def _topic_row(run: Run, topic: int) -> dict[str, str]:
    rows = _rows(run, "topics.csv")
    for row in rows:
        if int(row["topic"]) == topic:
            return row
    raise RunError(
        f"{run.path} has no topic {topic}; its topics are 0 to {len(rows) - 1}, and -1 for outliers"
    )


def _rows(run: Run, name: str) -> list[dict[str, str]]:
    run.check(name)
    with (run.path / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


_NUMBERS = {"topic": int, "size": int, "nearest_size": int, "nearest_topic": int, "field": int}
_FRACTIONS = (
    "share", "probability", "stability", "coherence", "x", "y", "fits", "fits_words", "fits_encoder",
)  # fmt: skip


def _typed(row: dict[str, str]) -> dict[str, object]:
    return {
        name: text
        if not text
        else int(text)
        if name in _NUMBERS
        else float(text)
        if name in _FRACTIONS
        else text
        for name, text in row.items()
    }
