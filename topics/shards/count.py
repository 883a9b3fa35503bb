"""A shard of assignments to whole numbers: papers and terms of each topic in each period."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from topics.cache import store
from topics.runs.run import open_run
from topics.shards.merge import Tally
from topics.shards.papers import ASSIGNED, PAPERS, fingerprints_of, kept
from topics.shards.task import Recipe, Task
from topics.shards.vocabulary import Vocabulary
from topics.types import OUTLIER, Integers

MODULES = (
    *("shards/count", "shards/vocabulary", "shards/merge", "shards/papers"),
    *("terms/tokens", "terms/lexicon", "terms/spelling", "terms/stop_words.txt"),
)
TERMS, DATES = "terms.json", "dates.json"


@dataclass(frozen=True)
class Count(Task):
    """The papers of one shard. Makes a `Tally`.

    labelled: the entry with their assignments. words: that of `Words`. topics: k. periods: t.
    """

    recipe = Recipe(
        "count",
        MODULES,
        ("numpy", "pyarrow", "scipy"),
    )

    papers: Path
    labelled: Path
    dropped: tuple[int, ...]
    words: Path
    topics: int
    periods: int

    def make(self, folder: Path) -> None:
        import pyarrow.parquet as pq

        papers = pq.ParquetFile(self.papers / PAPERS).read(["title", "abstract"])
        papers = papers.filter(kept(fingerprints_of(self.papers), self.dropped))
        assigned = pq.ParquetFile(self.labelled / ASSIGNED).read(["topic", "nearest_topic", "date"])
        of_date = _calendar(self.words / DATES)
        period = [of_date.get(date, self.periods) for date in assigned.column("date").to_pylist()]
        cells = cells_of(
            assigned.column("topic").to_numpy(),
            assigned.column("nearest_topic").to_numpy(),
            np.array(period, np.int32),
            self.topics,
            self.periods,
        )
        counted = _vocabulary(self.words / TERMS).count(
            papers.column("title").to_pylist(), papers.column("abstract").to_pylist()
        )
        store.pack(Tally.of(cells, counted, cells=2 * self.topics * (self.periods + 1)), folder)


def cells_of(topic: Integers, nearest: Integers, period: Integers, topics: int, periods: int) -> Integers:
    """(n,) the row of a `Tally` that each paper is counted in; period: `periods` for papers without one.

    Rows go by whether the paper is an outlier, by its nearest topic, by period.
    """
    side = (topic == OUTLIER).astype(np.int32)
    cells: Integers = ((side * topics + nearest) * (periods + 1) + period).astype(np.int32)
    return cells


def sides_of(topics: int, periods: int) -> tuple[Integers, Integers, Integers]:
    """(r,) topic, nearest topic and period (-1 for none) of each row of a `Tally`."""
    side, nearest, period = np.indices((2, topics, periods + 1), dtype=np.int32).reshape(3, -1)
    return (
        np.where(side == 1, np.int32(OUTLIER), nearest),
        nearest,
        np.where(period == periods, np.int32(-1), period),
    )


@dataclass(frozen=True)
class Words(Task):
    """What the shards count by. Makes TERMS, the terms of the sample's run, and DATES, of each date the
    number of its period.
    """

    recipe = Recipe(
        "words",
        MODULES,
        ("numpy",),
    )

    reads: ClassVar[tuple[str, ...]] = ("read", "count")
    """Stages of the run on the sample whose values it takes."""

    fit: Path
    of_date: Mapping[str, int]

    def make(self, folder: Path) -> None:
        run = open_run(self.fit)
        Vocabulary.of(run.corpus, run.counts.terms, run.config.label.stop_words).save(folder / TERMS)
        store.write_json(folder / DATES, dict(self.of_date))


@functools.lru_cache(maxsize=1)
def _vocabulary(path: Path) -> Vocabulary:
    return Vocabulary.load(path)


@functools.lru_cache(maxsize=1)
def _calendar(path: Path) -> Mapping[str, int]:
    found: dict[str, int] = json.loads(path.read_text(encoding="utf-8"))
    return found
