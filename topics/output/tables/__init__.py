"""The tables of a run, as files: CSV for spreadsheets, Parquet for notebooks, Markdown for documents.

`OUTPUTS` is the one list of what a run folder holds; the documentation and the tests read it too. `WRITERS`
has the tables among them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from topics.corpus.affiliations import with_places
from topics.corpus.input_columns import original_columns
from topics.output.tables.csv_file import write_csv
from topics.output.tables.topics_md import write_markdown
from topics.types import (
    Clustering,
    Group,
    Integers,
    Mask,
    Topic,
    Topics,
)

if TYPE_CHECKING:
    import pyarrow as pa

    from topics.cache.stage import RunContext
    from topics.types.run import Values

AT_ONCE = 65_536
"""Records that are Python objects at a time: bounds the memory."""

OUTPUTS: dict[str, str] = {
    "report.html": "the whole run on one page for somebody who was not there: map, topics, hierarchy, "
    "other numbers of topics, trends, how far to trust them, records from the files to the topics (PRISMA), "
    "settings, how to cite; needs no network",
    "topics.md": "the topics as a page to read or paste: labels and how many papers they fit, sizes, "
    "keywords, representative papers, fields, and which topics to doubt",
    "topics.csv": "one line per topic: topic, label, name (the label and three keywords), size, share, "
    "nearest_size, fits (share of its papers that the label fits, by words or by an encoder; fits_words, "
    "fits_encoder: each alone), other_labels with their shares, field and its label (empty without fields), "
    "stability, coherence, doubt, keywords, subtopics, representative ids and titles, trend (empty without "
    "dates)",
    "hierarchy.json": "fields, their topics (topics alone where they form no fields), and the subtopics that "
    "a topic divides into, each with label, size and keywords, subtopics with their stability; the tree of "
    "topics in scipy's linkage form",
    "keywords.csv": "one line per topic and keyword: topic, rank, term, c-TF-IDF weight",
    "assignments.csv": "one line per paper: id, title, date, topic (-1 for outliers), nearest_topic, "
    "probability (in which share of regroupings papers like it are in that topic), label of the nearest "
    "topic, x and y on the map, second_topic with second_label and second_probability (empty in a run of one "
    "topic), between (1 where the second is at least half as likely); in an edited run by_hand, 1 where an "
    "edit says otherwise than the rule for new papers",
    "assignments.parquet": "the same with types, field, subtopic, authors, abstract, every column of the "
    "input, and country and institution where affiliations tell them",
    "topic_shares.parquet": "one row per paper and topic that is its nearest or second one, or of which it "
    "has a share of .05 or more: id, topic, share; the shares of all topics of a paper add up to 1",
    "corpus.csv": "one line per record of the input: file, position, id, title, kept or why not",
    "map.png": "the map of all papers, for slides and documents",
    "map.svg": "the same as a vector drawing",
    "map.html": "the same to explore in a browser: hover, search, zoom; needs no network",
    "trends.md": "what the dates say about each topic, as a page to read or paste; this and the next files "
    "are there when the papers have dates",
    "trends.csv": "one line per period and topic: papers by nearest topic, papers of all topics, share with "
    "its 95% interval, papers without outliers, whether the period is complete",
    "trend_tests.csv": "one line per topic: verdict and its reason, growth of the share per year with "
    "interval, p, q, peak, change points, bursts, Mann-Kendall, Theil-Sen",
    "period_keywords.csv": "one line per period, topic and keyword: papers that use it, c-TF-IDF weight in "
    "that period",
    "term_changes.csv": "one line per term that came into a topic or went: share of its papers before, after",
    "trends.png": "each topic's share over time with its interval, the strongest movers first",
    "trends.svg": "the same as a vector drawing",
    "trend_heatmap.png": "topics by periods, in the order of their peak",
    "trend_heatmap.svg": "the same as a vector drawing",
    "trend_stream.png": "papers per period of the largest topics as a stream",
    "trend_stream.svg": "the same as a vector drawing",
    "map_periods.png": "the map period by period: where the papers of each lie, on one layout and one scale",
    "map_periods.svg": "the same as a vector drawing",
    "run.json": "settings, versions, seed, input digests, counts, what was dropped and why, quality, numbers "
    "of topics to choose from, and what a language model was asked and answered, where one was",
    "stages.json": "each stage's entry in the cache and the seconds that it took; differs from run to run",
    "run.log": "when each stage began and ended, notes, versions and memory; differs from run to run",
    "data": "the run itself, to open again: papers, vectors, clustering, document-term matrix, topics, "
    "levels, hierarchy, repetitions of the grouping, quality, layout and trends as Parquet, npy, npz and "
    "JSON",
    "model": "the fitted BERTopic model; `BERTopic.load` opens this folder",
}


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
        "other_labels": [[f"{other.name} ({other.share:.2f})" for other in topic.others] for topic in topics],
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


def _write_topics(run: RunContext, path: Path) -> None:
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
    return *shares, "; ".join(f"{other.name} ({other.share:.2f})" for other in topic.others)


def _write_hierarchy(run: RunContext, path: Path) -> None:
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


def _write_keywords(run: RunContext, path: Path) -> None:
    write_csv(path, ["topic", "rank", "term", "weight"], keyword_rows(run.topics))


def keyword_rows(topics: Topics) -> Iterator[list[Any]]:
    """Topic, rank, term and weight of each keyword."""
    for topic in topics.topics:
        for rank, keyword in enumerate(topic.keywords, start=1):
            yield [topic.id, rank, keyword.term, f"{keyword.weight:.6f}"]


def _write_assignments(run: RunContext, path: Path) -> None:
    header = ["id", "title", "date", "topic", "nearest_topic", "probability", "label", "x", "y"]
    header += ["second_topic", "second_label", "second_probability", "between"]
    clustering, members, labels = run.clustering, run.memberships, run.topics.labels
    rows: Iterable[list[object]] = (
        [
            *(
                id_,
                title,
                date,
                topic,
                nearest,
                f"{probability:.4f}",
                labels[nearest],
                f"{x:.4f}",
                f"{y:.4f}",
            ),
            *((second, labels[second], f"{likely:.4f}") if second >= 0 else ("", "", "")),
            int(between),
        ]
        for id_, title, date, topic, nearest, probability, (x, y), second, likely, between in zip(
            run.corpus.ids,
            run.corpus.titles,
            run.corpus.dates,
            clustering.topic.tolist(),
            clustering.nearest_topic.tolist(),
            members.probability.tolist(),
            run.layout.coordinates.tolist(),
            members.second_topic.tolist(),
            members.second_probability.tolist(),
            members.between.tolist(),
            strict=True,
        )
    )
    if len(clustering.by_hand):
        header.append("by_hand")
        rows = ([*row, int(held)] for row, held in zip(rows, _by_hand(clustering).tolist(), strict=True))
    write_csv(path, header, rows)


def _write_shares(run: RunContext, path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    members = run.memberships
    paper = np.repeat(np.arange(len(members)), np.diff(members.starts))
    columns = {
        "id": run.corpus.papers.column("id").take(pa.array(paper)),
        "topic": pa.array(members.topics),
        "share": pa.array(members.shares),
    }
    pq.write_table(pa.table(columns), path, compression="zstd")


def _by_hand(clustering: Clustering) -> Mask:
    held = np.zeros(len(clustering), np.bool_)
    held[clustering.by_hand] = True
    return held


def _write_parquet(run: RunContext, path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    papers, clustering, members = run.corpus.papers, run.clustering, run.memberships
    labels = pa.array(run.topics.labels)
    second = _numbers(members.second_topic)
    columns = {name: papers.column(name) for name in ("id", "title", "date")}
    columns |= {
        "topic": pa.array(clustering.topic),
        "nearest_topic": pa.array(clustering.nearest_topic),
        "probability": pa.array(members.probability),
        "label": labels.take(pa.array(clustering.nearest_topic)),
        "second_topic": second,
        "second_label": labels.take(second),
        "second_probability": pa.array(members.second_probability, mask=members.second_topic < 0),
        "between": pa.array(members.between),
        "field": _numbers(run.hierarchy.field[clustering.nearest_topic]),
        "field_label": _names(run.hierarchy.fields, run.hierarchy.field[clustering.nearest_topic]),
        "subtopic": pa.array(run.hierarchy.subtopic),
        "subtopic_label": _names(run.hierarchy.subtopics, run.hierarchy.subtopic),
        "x": pa.array(run.layout.coordinates[:, 0]),
        "y": pa.array(run.layout.coordinates[:, 1]),
    }
    if len(clustering.by_hand):
        columns["by_hand"] = pa.array(_by_hand(clustering))
    columns |= {
        name: papers.column(name) for name in papers.column_names if name not in {*columns, "original"}
    }
    original = with_places(original_columns(papers), run.corpus)
    for name in original.column_names:
        own = name
        # SQL, and so DuckDB and Embedding Atlas, takes "Title" and "title" for one column.
        while own.casefold() in {known.casefold() for known in columns}:
            own = f"input_{own}"
        columns[own] = original.column(name)
    pq.write_table(pa.table(columns), path, compression="zstd")


def _numbers(groups: Integers) -> pa.Array:
    """The number of each paper's group, null for -1."""
    import pyarrow as pa

    return pa.array(groups, mask=groups < 0)


def _names(groups: Sequence[Group], numbers: Integers) -> pa.Array:
    """The label of each paper's group, null for -1."""
    import pyarrow as pa

    return pa.array([groups[at].label if at >= 0 else None for at in numbers.tolist()], pa.string())


def _write_account(run: RunContext, path: Path) -> None:
    account = run.corpus.account
    batches = account.to_batches(max_chunksize=AT_ONCE)
    rows = (row for batch in batches for row in zip(*(column.to_pylist() for column in batch), strict=True))
    write_csv(path, account.column_names, rows)


WRITERS: dict[str, Callable[[RunContext, Path], None]] = {
    "topics.md": write_markdown,
    "topics.csv": _write_topics,
    "hierarchy.json": _write_hierarchy,
    "keywords.csv": _write_keywords,
    "assignments.csv": _write_assignments,
    "assignments.parquet": _write_parquet,
    "topic_shares.parquet": _write_shares,
    "corpus.csv": _write_account,
}


def write_tables(run: RunContext, folder: Path) -> tuple[str, ...]:
    """Write every table of `OUTPUTS` into `folder`; gives the file names."""
    for name, write in WRITERS.items():
        write(run, folder / name)
    return tuple(WRITERS)
