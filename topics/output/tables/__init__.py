"""The tables of a run, as files: CSV for spreadsheets, Parquet for notebooks, Markdown for documents.

`OUTPUTS` is the one list of what a run folder holds; the documentation and the tests read it too. `WRITERS`
has the tables among them.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from topics.output.tables.paper_tables import (
    write_account,
    write_assignments,
    write_assignments_parquet,
    write_shares,
)
from topics.output.tables.topic_tables import write_hierarchy, write_keywords, write_topics
from topics.output.tables.topics_md import write_markdown

if TYPE_CHECKING:
    from topics.cache.stage import RunContext

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

WRITERS: dict[str, Callable[[RunContext, Path], None]] = {
    "topics.md": write_markdown,
    "topics.csv": write_topics,
    "hierarchy.json": write_hierarchy,
    "keywords.csv": write_keywords,
    "assignments.csv": write_assignments,
    "assignments.parquet": write_assignments_parquet,
    "topic_shares.parquet": write_shares,
    "corpus.csv": write_account,
}


def write_tables(run: RunContext, folder: Path) -> tuple[str, ...]:
    """Write every table of `OUTPUTS` into `folder`; gives the file names."""
    for name, write in WRITERS.items():
        write(run, folder / name)
    return tuple(WRITERS)
