"""A paper file to shards of so many records each: the one step that must read a file from its beginning."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from topics.config import CorpusSettings
from topics.corpus.readers import read_file
from topics.shards.raw import as_table
from topics.shards.task import Recipe, Task


@dataclass(frozen=True)
class Split(Task):
    """One file, called `what` in its records. Makes 00000.parquet, 00001.parquet ..."""

    recipe = Recipe(
        "split",
        (
            "corpus/readers",
            "corpus/rows",
            "corpus/clean",
            "corpus/latex",
            "corpus/duplicates",
            "corpus/screen",
            "shards/raw",
            "shards/split",
        ),
        ("bibtexparser", "ftfy", "pyarrow", "pylatexenc", "python-calamine"),
    )

    file: Path
    settings: CorpusSettings
    records: int

    @property
    def pieces(self) -> Sequence[Path]:
        """What was made, in the order of the file."""
        return sorted(self.place.glob("*.parquet"), key=lambda piece: int(piece.stem))

    def make(self, folder: Path) -> None:
        import pyarrow.parquet as pq

        items = read_file(self.file, self.what, self.settings)
        for number in itertools.count():
            piece = list(itertools.islice(items, self.records))
            if not piece:
                return
            pq.write_table(as_table(piece), folder / f"{number:05d}.parquet", compression="zstd")
