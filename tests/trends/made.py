"""Runs made of counts: papers of given topics at given dates, with a word or two each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import scipy.sparse as sp

from topics.corpus.rows import PAPER_SCHEMA
from topics.types import Clustering, Corpus, Counts, Keyword, Topic, Topics


def corpus(dates: Sequence[str], title: str = "Paper") -> Corpus:
    columns = {name: pa.array([""] * len(dates)) for name in PAPER_SCHEMA}
    columns |= {
        "id": pa.array([f"p{row}" for row in range(len(dates))]),
        "title": pa.array([f"{title} {row}" for row in range(len(dates))]),
        "date": pa.array(list(dates)),
    }
    account = {"file": ["made"] * len(dates), "kept": [True] * len(dates), "reason": [""] * len(dates)}
    return Corpus(pa.table(columns), pa.table(account))


def clustering(nearest: Sequence[int], outlier: Sequence[bool] | None = None) -> Clustering:
    """Topics must be numbered by falling size already."""
    given = np.asarray(nearest)
    topic = np.where(np.zeros(len(given), bool) if outlier is None else np.asarray(outlier), -1, given)
    many = int(given.max()) + 1
    return Clustering(topic, given, np.linspace(1, 0.5, len(given)), np.eye(many), 1.0)


def named(groups: Clustering) -> Topics:
    return Topics(
        tuple(
            Topic(k, f"Topic {k + 1}", int(size), (Keyword("word", 1.0),), (0,))
            for k, size in enumerate(groups.sizes.tolist())
        )
    )


def words(rows: Sequence[Sequence[str]]) -> Counts:
    """A document-term matrix of the words of each paper."""
    terms = sorted({word for row in rows for word in row} | {"word"})
    place = {term: column for column, term in enumerate(terms)}
    matrix = sp.lil_matrix((len(rows), len(terms)), dtype=np.int32)
    for number, row in enumerate(rows):
        for word in row:
            matrix[number, place[word]] += 1
    return Counts(matrix.tocsr(), tuple(terms))


def run(
    counts: Mapping[str, Sequence[int]], outliers: float = 0.0
) -> tuple[Corpus, Clustering, Topics, Counts]:
    """Papers per date and topic, as {date: [papers of topic 0, of topic 1, ...]}; numbered by size.

    outliers: the share of each topic's papers, spread evenly, that are outliers.
    """
    table = np.array([list(row) for row in counts.values()])
    order = np.argsort(-table.sum(axis=0), kind="stable")
    dates, nearest = [], []
    for date, row in zip(counts, table[:, order].tolist(), strict=True):
        for topic, many in enumerate(row):
            dates += [date] * many
            nearest += [topic] * many
    stray = (np.arange(len(nearest)) * outliers) % 1 + outliers > 1 if outliers else None
    groups = clustering(nearest, stray)
    return corpus(dates), groups, named(groups), words([["word", f"w{topic}"] for topic in nearest])


def yearly(courses: Sequence[Sequence[int]], first: int = 2010) -> dict[str, list[int]]:
    """{year: papers of each topic} from one course of yearly papers per topic."""
    return {str(first + t): [course[t] for course in courses] for t in range(len(courses[0]))}
