"""The tables with a line per paper or record: assignments, shares of topics, what became of each record."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from topics.corpus.affiliations import with_places
from topics.corpus.input_columns import original_columns
from topics.output.tables.csv_file import write_csv
from topics.types import Clustering, Group, Integers, Mask

if TYPE_CHECKING:
    import pyarrow as pa

    from topics.cache.stage import RunContext

AT_ONCE = 65_536
"""Records that are Python objects at a time: bounds the memory."""


def write_assignments(run: RunContext, path: Path) -> None:
    """assignments.csv."""
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


def write_shares(run: RunContext, path: Path) -> None:
    """topic_shares.parquet."""
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


def write_assignments_parquet(run: RunContext, path: Path) -> None:
    """assignments.parquet."""
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


def write_account(run: RunContext, path: Path) -> None:
    """corpus.csv."""
    account = run.corpus.account
    batches = account.to_batches(max_chunksize=AT_ONCE)
    rows = (row for batch in batches for row in zip(*(column.to_pylist() for column in batch), strict=True))
    write_csv(path, account.column_names, rows)
