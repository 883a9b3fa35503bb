"""A shard of records to one of papers: cleaned, screened, without duplicates inside the shard."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from topics.cache import store
from topics.config import CorpusSettings
from topics.corpus.build import gather
from topics.shards.papers import LEFT_OUT, PAPERS, PRINTS, TALLIES, Fingerprints, Tallies
from topics.shards.raw import records
from topics.shards.task import Recipe, Task
from topics.types import Corpus, Record


@dataclass(frozen=True)
class Clean(Task):
    """One piece of a split file. Makes PAPERS, LEFT_OUT, a `Fingerprints` and a `Tallies`."""

    recipe = Recipe(
        "clean",
        (
            "corpus/build",
            "corpus/rows",
            "corpus/clean",
            "corpus/latex",
            "corpus/screen",
            "corpus/duplicates",
            "shards/clean",
            "shards/papers",
            "shards/raw",
        ),
        ("ftfy", "numpy", "py3langid", "pyarrow", "pylatexenc"),
    )

    piece: Path
    settings: CorpusSettings

    def make(self, folder: Path) -> None:
        import pyarrow as pa
        import pyarrow.compute as pc
        import pyarrow.parquet as pq

        found = list(records(pq.ParquetFile(self.piece).read().to_pylist()))
        corpus = gather(found, self.settings)
        kept = corpus.account.column("kept").to_pylist()
        own = [
            item.identifiers
            for item, keep in zip(found, kept, strict=True)
            if keep and isinstance(item, Record)
        ]
        identifiers = pa.array([list(names) for names in own], pa.list_(pa.string()))
        papers = corpus.papers.append_column("identifiers", identifiers)
        pq.write_table(papers, folder / PAPERS, compression="zstd")
        left_out = corpus.account.filter(pc.invert(corpus.account.column("kept"))).drop_columns("kept")
        pq.write_table(left_out, folder / LEFT_OUT, compression="zstd")
        reasons = left_out.column("reason").to_pylist()
        tallies = Tallies(
            len(found),
            Counter(reason.partition(":")[0] for reason in reasons),
            Counter(item.assumed for item in found if isinstance(item, Record) and item.assumed),
        )
        for name, value in (
            (TALLIES, tallies),
            (PRINTS, _fingerprints(corpus, own)),
        ):
            (folder / name).mkdir()
            store.pack(value, folder / name)


def _fingerprints(corpus: Corpus, identifiers: Sequence[Sequence[str]]) -> Fingerprints:
    """identifiers: of each paper."""
    owners = [row for row, names in enumerate(identifiers) for _ in names]
    return Fingerprints(
        np.array([_hash(text) for text in corpus.texts], np.uint64),
        np.array([int(date[:4] or 0) for date in corpus.dates], np.int16),
        np.array([_hash(name) for names in identifiers for name in names], np.uint64),
        np.array(owners, np.int32),
    )


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")
