"""The sample that topics are found in: of each year the share that it has of all papers.

Each paper has a sampling key that follows from its text and the seed alone, so the sample does not depend on
files, shards or their order. Of each year those with the lowest keys are drawn.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from topics.shards.task import PAPERS, Recipe, Task, fingerprints_of, kept
from topics.types import Hashes

SAMPLE_FILE, KEYS_FILE = "sample.parquet", "sampling_keys.npy"


@dataclass(frozen=True)
class SampleShard(Task):
    """The drawn papers of one shard. Makes SAMPLE_FILE and KEYS_FILE.

    limits: the highest key that is drawn, by year. dropped: rows that are duplicates of earlier papers.
    """

    recipe = Recipe("draw", ("shards/sample", "shards/task"), ("numpy", "pyarrow"))

    papers: Path
    dropped: tuple[int, ...]
    limits: Mapping[int, int]
    seed: int

    def make(self, folder: Path) -> None:
        import pyarrow.parquet as pq

        prints = fingerprints_of(self.papers)
        keys = sampling_keys(prints.texts, self.seed)
        drawn = np.zeros(len(prints), bool)
        for year, limit in self.limits.items():
            drawn |= (prints.years == year) & (keys <= np.uint64(limit))
        drawn &= kept(prints, self.dropped)
        pq.write_table(
            pq.ParquetFile(self.papers / PAPERS).read().filter(drawn),
            folder / SAMPLE_FILE,
            compression="zstd",
        )
        np.save(folder / KEYS_FILE, keys[drawn])


def sampling_keys(texts: Hashes, seed: int) -> Hashes:
    """(m,) a key for each text, other ones for each seed: the finaliser of SplitMix64 (Steele 2014)."""
    keys = texts ^ np.uint64(seed * 0x9E3779B97F4A7C15 % 2**64)
    keys = (keys ^ (keys >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    keys = (keys ^ (keys >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return keys ^ (keys >> np.uint64(31))


def limits(shards: Iterable[tuple[Hashes, npt.NDArray[np.int16]]], most: int) -> dict[int, int]:
    """The highest key to draw of each year, for a sample of `most` papers, or of all if there are no more.

    shards: keys and years of the papers of one shard after the other. No more than the `most` lowest keys of
    each year are held.
    """
    lowest: dict[int, Hashes] = defaultdict(lambda: np.zeros(0, np.uint64))
    papers: dict[int, int] = defaultdict(int)
    for keys, years in shards:
        for year in np.unique(years).tolist():
            own, held = keys[years == year], lowest[year]
            papers[year] += len(own)
            own = own[own < held[-1]] if len(held) == most else own
            if len(own):
                lowest[year] = np.sort(np.concatenate([held, own]))[:most]
    return {year: int(lowest[year][quota - 1]) for year, quota in quotas(papers, most).items() if quota}


def quotas(papers: Mapping[int, int], most: int) -> dict[int, int]:
    """How many of each year: its share of `most`, rounded so that all add up (largest remainders)."""
    total = sum(papers.values())
    if total <= most:
        return dict(papers)
    found = {year: number * most // total for year, number in papers.items()}
    order = sorted(papers, key=lambda year: (-(papers[year] * most % total), year))
    for year in order[: most - sum(found.values())]:
        found[year] += 1
    return found
