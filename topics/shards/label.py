"""A shard of papers to one of assignments, by the rule that `topics label` goes by and by its own code."""

from __future__ import annotations

import functools
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from topics.cache import store
from topics.cluster.assign import GRID
from topics.pipeline import ENCODER_LIBRARIES
from topics.runs.predict import Labeller
from topics.runs.run import open_run
from topics.shards.task import (
    ASSIGNED,
    LEFT_OUT,
    PAPERS,
    SUMS,
    TALLIES,
    Recipe,
    Tallies,
    Task,
    fingerprints_of,
    kept,
)
from topics.types import Floats, Labelled, Longs, Texts

if TYPE_CHECKING:
    import pyarrow as pa

WINDOW = 8192
_SHOWN = ("id", "title", "date", "doi", "file", "position")


@dataclass(frozen=True)
class LabelShard(Task):
    """The papers of one shard. Makes ASSIGNED, LEFT_OUT, SUMS and a `Tallies`.

    fit: the run on the sample. dropped, first: rows that are duplicates of papers in an earlier shard, and
    which shard that is.
    SUMS holds the sum of the vectors of each topic's nearest papers as (k, d) int64 multiples of 2**-24, the
    grid of `topics.cluster.assign`: exact, so they add up in any order.
    """

    recipe = Recipe(
        "label",
        (
            "shards/label",
            "shards/task",
            "runs/predict",
            "corpus",
            "cluster/assign",
            "cluster/memberships",
            "cluster/recovery",
            "cluster/novelty",
            "embed",
        ),
        ("pyarrow", *ENCODER_LIBRARIES.split()),
    )

    reads: ClassVar[tuple[str, ...]] = (
        *("read", "embed", "cluster", "memberships", "novelty", "label", "names"),
    )
    """Stages of the run on the sample whose values it takes."""

    papers: Path
    fit: Path
    dropped: tuple[int, ...]
    first: tuple[int, ...]

    def make(self, folder: Path) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        labeller = _labeller(self.fit)
        every = pq.ParquetFile(self.papers / PAPERS).read([*_SHOWN, "abstract", "language"])
        papers = every.filter(kept(fingerprints_of(self.papers), self.dropped))
        pieces, shape = [], labeller.run.clustering.centroids.shape
        sums = np.zeros(shape, np.int64)
        for start in range(0, max(papers.num_rows, 1), WINDOW):
            some = papers.slice(start, WINDOW)
            vectors, rows = labeller.encode(list(Texts(some, "title", "abstract")))
            labelled = labeller.place(vectors, rows)
            np.add.at(sums, labelled.nearest_topic, in_grid_steps(vectors))
            pieces.append(_table(some, labelled, labeller.run.topics.labels))
        pq.write_table(pa.concat_tables(pieces), folder / ASSIGNED, compression="zstd")
        left_out = pq.ParquetFile(self.papers / LEFT_OUT).read()
        duplicates = self._duplicates(every, left_out.schema)
        pq.write_table(pa.concat_tables([left_out, duplicates]), folder / LEFT_OUT, compression="zstd")
        np.save(folder / SUMS, sums)
        spoken = Counter(code for code in papers.column("language").to_pylist() if code)
        dates, reasons = Counter(papers.column("date").to_pylist()), Counter(duplicate=len(self.dropped))
        (folder / TALLIES).mkdir()
        store.pack(Tallies(reasons=+reasons, languages=spoken, dates=dates), folder / TALLIES)

    def _duplicates(self, papers: pa.Table, schema: pa.Schema) -> pa.Table:
        import pyarrow as pa

        rows = papers.take(pa.array(self.dropped, pa.int64())).select(["file", "position", "id", "title"])
        reasons = [f"duplicate: same text in part-{shard:05d}" for shard in self.first]
        rows = rows.append_column("reason", pa.array(reasons, pa.string()))
        return rows.append_column("duplicate_of", pa.array([""] * len(reasons), pa.string())).cast(schema)


@functools.lru_cache(maxsize=1)
def _labeller(fit: Path) -> Labeller:
    """The frozen model, read once by each process."""
    return Labeller(open_run(fit))


def in_grid_steps(vectors: Floats) -> Longs:
    """Coordinates as whole numbers of 2**-24."""
    return np.rint(vectors.astype(np.float64) * GRID).astype(np.int64)


def _table(papers: pa.Table, found: Labelled, labels: tuple[str, ...]) -> pa.Table:
    import pyarrow as pa

    columns = {name: papers.column(name) for name in _SHOWN[:3]}
    columns |= {
        "topic": pa.array(found.topic),
        "nearest_topic": pa.array(found.nearest_topic),
        "probability": pa.array(found.probability),
        "label": pa.array(labels).take(pa.array(found.nearest_topic)),
        "second_topic": pa.array(found.second_topic),
        "second_probability": pa.array(found.second_probability),
        "between": pa.array(found.between),
        "familiarity": pa.array(found.familiarity),
        "in_fit": pa.array(found.row >= 0),
    }
    return pa.table(columns | {name: papers.column(name) for name in _SHOWN[3:]})
