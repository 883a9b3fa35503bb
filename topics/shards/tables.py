"""What a result made from shards holds, and the tables of it.

`OUTPUTS` is the list for the documentation and the tests.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from topics.output.pages import escaped
from topics.output.tables.csv_file import write_csv
from topics.output.tables.topic_tables import fit_cells, keyword_rows
from topics.output.text import markdown_table, write_lines
from topics.shards.count import Tally, sides_of
from topics.types import OUTLIER, Clustering, Hierarchy, Longs, Topics, Trends
from topics.types.arrays import sum_rows

if TYPE_CHECKING:
    import scipy.sparse as sp

OUTPUTS: Mapping[str, str] = {
    "topics.md": "the topics as a page to read: labels, papers, keywords, what was drawn and left out",
    "topics.csv": "one line per topic: topic, label, name (label and three keywords), size and share of all "
    "papers, nearest_size, fit_size (papers of the sample), mean_cosine (of its centroid to the mean of its "
    "papers), fits, fits_words, fits_encoder and other_labels (of the sample), field, keywords, trend",
    "keywords.csv": "one line per topic and keyword: rank, term, c-TF-IDF weight in the sample, how many "
    "of all papers use it",
    "terms.parquet": "one row per topic and term: uses, papers; of all papers, by nearest topic",
    "left_out.csv": "one line per reason: how many records are left out for it",
    "trends.md": "as in any run, from all papers; this and the next files are there when papers have dates",
    "trends.csv": "papers per period and topic",
    "trend_tests.csv": "verdicts and their figures",
    "period_keywords.csv": "keywords per period and topic, of the sample's terms",
    "term_changes.csv": "terms that came and went, of the sample's terms",
    "trends.png": "and the other pictures of change but for the map by periods, as PNG and SVG",
    "assignments": "part-00000.parquet and so on, one row per paper: topic, nearest_topic, probability, "
    "second choice, familiarity, whether it is in the sample",
    "left_out": "part-00000.parquet and so on, one row per record that is left out, and why",
    "fit": "the run on the sample, whole: map, report, hierarchy, model; every command opens it",
    "run.json": "settings, input digests, what was fitted on how many papers, shards, counts, digests",
    "run.log": "when each step began and ended",
    "stages.json": "which entries of the cache it was made from, for `topics cache prune --keep`",
}


@dataclass(frozen=True)
class ShardedTables:
    """All papers of a corpus as its tables show them; k topics.

    tally, sums: the totals of all shards (`topics.shards.count`, `topics.shards.label`). clustering, topics,
    hierarchy, terms: of the sample's run. trends: of all papers; None without dates. account: sentences on
    what was read, drawn and left out. reasons: records left out for each.
    """

    tally: Tally
    sums: Longs
    clustering: Clustering
    topics: Topics
    hierarchy: Hierarchy
    terms: tuple[str, ...]
    trends: Trends | None
    account: tuple[str, ...]
    reasons: Mapping[str, int]

    @property
    def papers(self) -> int:
        return int(self.tally.papers.sum())

    @property
    def nearest_sizes(self) -> list[int]:
        """Papers of each topic, outliers counted."""
        return [int(number) for number in self._papers.sum(axis=(0, 2))]

    @property
    def sizes(self) -> list[int]:
        """Papers of each topic without outliers."""
        return [int(number) for number in self._papers[0].sum(axis=1)]

    @property
    def _papers(self) -> Longs:
        """(2, k, t + 1) papers of each topic and then outliers nearest to it, by period."""
        return self.tally.papers.reshape(2, len(self.topics), -1)

    def by_topic(self, matrix: sp.csr_matrix) -> sp.csr_matrix:
        """(k, v) sums of the rows of a `Tally` that are nearest to each topic."""
        periods = len(self.trends.periods) if self.trends else 0
        _, nearest, _ = sides_of(len(self.topics), periods)
        return sum_rows(matrix, nearest, len(self.topics))


def write_tables(whole: ShardedTables, folder: Path) -> None:
    """Everything in `OUTPUTS` but the parts, the sample's run, trends and what is said of the run."""
    users = whole.by_topic(whole.tally.users)
    write_lines(folder / "topics.md", _page(whole))
    _write_topics(whole, folder / "topics.csv")
    _write_keywords(whole, users, folder / "keywords.csv")
    _write_terms(whole, users, folder / "terms.parquet")
    write_csv(folder / "left_out.csv", ["reason", "records"], sorted(whole.reasons.items()))


def _write_topics(whole: ShardedTables, path: Path) -> None:
    header = [
        "topic", "label", "name", "size", "share", "nearest_size", "fit_size", "mean_cosine", "fits",
        "fits_words", "fits_encoder", "other_labels", "field", "field_label", "keywords", "trend",
    ]  # fmt: skip
    field, cosines = whole.hierarchy.field.tolist(), _mean_cosines(whole)
    rows = (
        [
            topic.id,
            topic.label,
            topic.name,
            size,
            f"{size / whole.papers:.4f}",
            nearest,
            topic.size,
            f"{cosine:.4f}",
            *fit_cells(topic),
            field[topic.id] if whole.hierarchy.fields else "",
            whole.hierarchy.field_of(topic.id),
            "; ".join(keyword.term for keyword in topic.keywords),
            whole.trends.tests[topic.id].outcome if whole.trends else "",
        ]
        for topic, size, nearest, cosine in zip(
            whole.topics.topics, whole.sizes, whole.nearest_sizes, cosines, strict=True
        )
    )
    write_csv(path, header, rows)


def _mean_cosines(whole: ShardedTables) -> Sequence[float]:
    """(k,) how far the sample's centroids are from the means of all papers that are nearest to them."""
    sums, centroids = whole.sums.astype(np.float64), whole.clustering.centroids.astype(np.float64)
    lengths = np.maximum(np.sqrt((sums**2).sum(axis=1) * (centroids**2).sum(axis=1)), 1e-300)
    return [float(value) for value in (sums * centroids).sum(axis=1) / lengths]


def _write_keywords(whole: ShardedTables, users: sp.csr_matrix, path: Path) -> None:
    column = {term: number for number, term in enumerate(whole.terms)}
    rows = ([*row, int(users[row[0], column[row[2]]])] for row in keyword_rows(whole.topics))
    write_csv(path, ["topic", "rank", "term", "weight", "papers"], rows)


def _write_terms(whole: ShardedTables, users: sp.csr_matrix, path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    uses = whole.by_topic(whole.tally.uses)
    topic = np.repeat(np.arange(uses.shape[0], dtype=np.int32), np.diff(uses.indptr))
    columns = {
        "topic": pa.array(topic),
        "term": pa.array(whole.terms).take(pa.array(uses.indices)),
        "uses": pa.array(uses.data),
        "papers": pa.array(users.data),
    }
    pq.write_table(pa.table(columns), path, compression="zstd")


def _page(whole: ShardedTables) -> Iterable[str]:
    outliers, drawn = whole.papers - sum(whole.sizes), int((whole.clustering.topic == OUTLIER).sum())
    yield f"# {len(whole.topics)} topics in {whole.papers:,} papers"
    for text in whole.account:
        yield from ("", escaped(text))
    yield ""
    yield (
        f"{outliers:,} papers ({outliers / whole.papers:.0%}) have no topic and are not counted below: "
        f"{drawn:,} of the sample lie between its topics, and {outliers - drawn:,} of the others are unlike "
        "all papers of it. Whether a paper lies between topics is known of the sample only; `nearest_size` "
        "in `topics.csv` counts all papers alike."
    )
    yield ""
    tests = whole.trends.tests if whole.trends and whole.trends.telling else ()
    rows = (
        (
            str(topic.id),
            escaped(topic.label),
            f"{size:,}",
            f"{size / whole.papers:.1%}",
            *([tests[topic.id].outcome] if tests else []),
            escaped(", ".join(keyword.term for keyword in topic.keywords[:6])),
        )
        for topic, size in zip(whole.topics.topics, whole.sizes, strict=True)
    )
    course = ["over time"] if tests else []
    yield from markdown_table(("topic:", "label", "papers:", "share:", *course, "keywords"), rows)
