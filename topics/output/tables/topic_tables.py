"""The tables with a line or an entry per topic: topics.csv, hierarchy.json, keywords.csv."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from topics.output.tables.csv_file import write_csv
from topics.types import Group, Topic, Topics

if TYPE_CHECKING:
    from topics.cache.stage import RunContext
    from topics.types.run import Values


def topic_columns(run: Values) -> dict[str, list[Any]]:
    """The columns of topics.csv, a value per topic: lists, numbers and text; None where there is nothing."""
    nearest, hierarchy, quality = run.clustering.nearest_topic, run.hierarchy, run.quality
    topics, corpus = run.topics.topics, run.corpus
    fits = [topic.fit for topic in topics]
    tests = run.trends.tests if run.trends.periods else ()
    return {
        "topic": [topic.id for topic in topics],
        "label": [topic.label for topic in topics],
        "name": [topic.name for topic in topics],
        "size": [topic.size for topic in topics],
        "share": [topic.size / len(corpus) for topic in topics],
        "nearest_size": np.bincount(nearest, minlength=len(topics)).tolist(),
        "fits": [fit and fit.share for fit in fits],
        "fits_words": [fit and fit.words for fit in fits],
        "fits_encoder": [fit and fit.encoder for fit in fits],
        "other_labels": [_other_labels(topic) for topic in topics],
        "field": [int(hierarchy.field[topic.id]) if hierarchy.fields else None for topic in topics],
        "field_label": [hierarchy.field_of(topic.id) for topic in topics],
        "stability": quality.stability.astype(float).tolist(),
        "coherence": quality.coherence.astype(float).tolist(),
        "doubt": list(quality.doubts),
        "keywords": [[keyword.term for keyword in topic.keywords] for topic in topics],
        "subtopics": [
            [hierarchy.subtopics[part].label for part in hierarchy.parts(topic.id)] for topic in topics
        ],
        "representative_ids": [[corpus.ids[row] for row in topic.representative] for topic in topics],
        "representative_titles": [[corpus.titles[row] for row in topic.representative] for topic in topics],
        "trend": [tests[topic.id].outcome if tests else "" for topic in topics],
    }


def write_topics(run: RunContext, path: Path) -> None:
    """topics.csv."""
    columns = topic_columns(run)
    rows = ([_cell(value) for value in row] for row in zip(*columns.values(), strict=True))
    write_csv(path, list(columns), rows)


def _cell(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, list):
        return "; ".join(value)
    return f"{value:.4f}" if isinstance(value, float) else value


def fit_cells(topic: Topic) -> tuple[str, str, str, str]:
    """The shares of its papers that a topic's label fits, "" where they are not known; its other names."""
    fit = topic.fit
    shares = ("", "", "") if fit is None else (f"{fit.share:.4f}", f"{fit.words:.4f}", f"{fit.encoder:.4f}")
    return *shares, "; ".join(_other_labels(topic))


def _other_labels(topic: Topic) -> list[str]:
    return [f"{other.name} ({other.share:.2f})" for other in topic.others]


def write_hierarchy(run: RunContext, path: Path) -> None:
    """hierarchy.json."""
    hierarchy = run.hierarchy

    def layer(name: str, groups: Iterable[Topic | Group]) -> list[dict[str, object]]:
        return [
            {
                name: number,
                "label": group.label,
                "size": group.size,
                "keywords": [keyword.term for keyword in group.keywords],
            }
            for number, group in enumerate(groups)
        ]

    subtopics = layer("subtopic", hierarchy.subtopics)
    for part, group in zip(subtopics, hierarchy.subtopics, strict=True):
        part["stability"] = None if group.stability is None else round(group.stability, 4)
    topics, fields = layer("topic", run.topics.topics), layer("field", hierarchy.fields)
    for number, topic in enumerate(topics):
        topic["subtopics"] = [subtopics[at] for at in hierarchy.parts(number)]
    for number, field in enumerate(fields):
        field["topics"] = [topics[at] for at in (hierarchy.field == number).nonzero()[0]]
    value = {"fields": fields, "merges": hierarchy.merges.round(6).tolist()}
    if not fields:
        value["topics"] = topics
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def write_keywords(run: RunContext, path: Path) -> None:
    """keywords.csv."""
    write_csv(path, ["topic", "rank", "term", "weight"], keyword_rows(run.topics))


def keyword_rows(topics: Topics) -> Iterator[list[Any]]:
    """Topic, rank, term and weight of each keyword."""
    for topic in topics.topics:
        for rank, keyword in enumerate(topic.keywords, start=1):
            yield [topic.id, rank, keyword.term, f"{keyword.weight:.6f}"]
