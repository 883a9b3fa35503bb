"""The sample in one place: a run as any other, on the papers that were drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from topics import runner
from topics.cache import store
from topics.cache.stage import Observer
from topics.config import CacheSettings, Config
from topics.config.load import as_plain
from topics.corpus.build import build_corpus
from topics.corpus.read import require_enough
from topics.pipeline import STAGES, libraries
from topics.runner import Given
from topics.runs.run import FIT
from topics.shards.clean import records
from topics.shards.sample import KEYS_FILE, SAMPLE_FILE, SampleShard
from topics.shards.task import Recipe
from topics.types import Corpus, counted

RECIPE = Recipe(
    FIT,
    tuple(
        sorted(
            {module for spec in STAGES.values() for module in spec.modules} | {"shards/fit", "shards/clean"}
        )
    ),
    tuple(sorted(libraries())),
)
_PLACE = Path("of", "sample")


@dataclass(frozen=True)
class Fit:
    """A finished run on a sample.

    folder: its run. drawn: papers of the sample; its corpus may hold fewer, where two of them turn out to be
    one.
    """

    folder: Path
    drawn: int


def fit(
    config: Config,
    root: Path,
    drawn: Sequence[SampleShard],
    papers: int,
    inputs: Mapping[str, str],
    observer: Observer,
) -> Fit:
    """Run the usual way on the sample, or find it done.

    root: the cache that keeps the run. papers: how many the sample was drawn from.
    """
    keys = [task.key for task in drawn]
    sampled = sum(len(np.load(task.place / KEYS_FILE, mmap_mode="r", allow_pickle=False)) for task in drawn)
    elsewhere = {
        "cache": CacheSettings(),
        "output_dir": "",
        "corpus": config.corpus.model_copy(update={"papers": ()}),
    }
    # Its report and run.json list every setting, also those that change nothing in its topics.
    key = RECIPE.key(as_plain(config.model_copy(update=elsewhere)), *keys)
    cache = store.Cache(root)
    heading = config.map.title or (
        f"A sample of {sampled:,} of {papers:,} papers" if sampled < papers else None
    )
    config = config.model_copy(update={"map": config.map.model_copy(update={"title": heading})})

    def read(_: Path) -> Corpus:
        corpus = build_corpus(records(_rows(drawn)), config.corpus)
        require_enough(corpus)
        note = (
            f"a sample of {counted(sampled, 'paper')} from {papers:,}; each year has its share of all papers"
        )
        return Corpus(corpus.papers, corpus.account, (note, *corpus.notes))

    if cache.check(FIT, key) is not None:
        given = Given([keys, papers, as_plain(config.corpus)], read)
        origin = {"sample": {"drawn": sampled, "of": papers}}
        with cache.fill(FIT, key) as folder:
            # Writing a run takes the lock of the folder above it, and the entry's own is taken.
            runner.run_given(
                config, {"read": given}, inputs, folder / _PLACE, observer=observer, origin=origin
            )
    return Fit(cache.place(FIT, key) / _PLACE, sampled)


def _rows(drawn: Sequence[SampleShard]) -> list[dict[str, Any]]:
    """The sample's papers in the order of their sampling keys, whatever shards they are from."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    keys = np.concatenate([np.load(task.place / KEYS_FILE, allow_pickle=False) for task in drawn])
    papers = pa.concat_tables([pq.ParquetFile(task.place / SAMPLE_FILE).read() for task in drawn])
    rows: list[dict[str, Any]] = papers.take(np.argsort(keys, kind="stable")).to_pylist()
    return rows
