"""A paper file to shards of so many records each, and a shard of records to one of papers.

Splitting is the one step that must read a file from its beginning; what a reader found waits on disk as Arrow
tables. Papers are cleaned and screened, without duplicates inside their shard.
"""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from topics.cache import store
from topics.config import CorpusSettings
from topics.corpus.build import filled_of, gather
from topics.corpus.readers import read_file
from topics.corpus.rows import FLAG, INTEGER, LIST, NOT_TEXT, STRING, arrow_schema, as_json, is_text
from topics.shards.task import LEFT_OUT, PAPERS, PRINTS, TALLIES, Recipe, ShardFingerprints, Tallies, Task
from topics.types import Broken, Corpus, Record

if TYPE_CHECKING:
    import pyarrow as pa

_LISTS = ("authors", "keywords", "categories", "identifiers")

_KINDS = {
    field.name: LIST if field.name in _LISTS else FLAG if field.type == "bool" else STRING
    for field in dataclasses.fields(Record)
}

SCHEMA = {**_KINDS, "position": INTEGER, "broken": STRING}
"""A record's fields, its own ones as JSON; `broken` says why there is none, where there is none."""


@dataclass(frozen=True)
class SplitFile(Task):
    """One file, called `what` in its records. Makes 00000.parquet, 00001.parquet ..."""

    recipe = Recipe(
        "split",
        ("corpus", "shards/clean", "shards/task"),
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


@dataclass(frozen=True)
class CleanShard(Task):
    """One piece of a split file. Makes PAPERS, LEFT_OUT, a `ShardFingerprints` and a `Tallies`."""

    recipe = Recipe(
        "clean",
        ("corpus", "shards/clean", "shards/task"),
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
            filled_of(found),
        )
        for name, value in (
            (TALLIES, tallies),
            (PRINTS, _fingerprints(corpus, own)),
        ):
            (folder / name).mkdir()
            store.pack(value, folder / name)


def _fingerprints(corpus: Corpus, identifiers: Sequence[Sequence[str]]) -> ShardFingerprints:
    """identifiers: of each paper."""
    owners = [row for row, names in enumerate(identifiers) for _ in names]
    return ShardFingerprints(
        np.array([_hash(text) for text in corpus.texts], np.uint64),
        np.array([int(date[:4] or 0) for date in corpus.dates], np.int16),
        np.array([_hash(name) for names in identifiers for name in names], np.uint64),
        np.array(owners, np.int32),
    )


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")


def as_table(items: Sequence[Record | Broken]) -> pa.Table:
    """A row for each. A record that is not text in any encoding becomes a broken one, as in any run."""
    import pyarrow as pa

    rows = [_row(item) for item in items]
    schema = arrow_schema(SCHEMA)
    return pa.table(
        [pa.array([row[name] for row in rows], schema.field(name).type) for name in SCHEMA], schema=schema
    )


def records(rows: Iterable[dict[str, Any]]) -> Iterator[Record | Broken]:
    """What `as_table` was made from; rows may have other columns, and lack those of a record."""
    for row in rows:
        if row.get("broken"):
            yield Broken(row["file"], row["position"], row["broken"])
            continue
        fields = {name: row[name] for name in _KINDS if name in row}
        lists = {name: tuple(fields[name]) for name in _LISTS}
        yield Record(**{**fields, **lists, "original": json.loads(row["original"] or "{}")})


def _row(item: Record | Broken) -> dict[str, Any]:
    if isinstance(item, Record):
        original = as_json(item.original)
        if is_text(item, original):
            values = {name: getattr(item, name) for name in _KINDS}
            return {**values, "original": original, "position": item.position, "broken": ""}
        item = Broken(item.file, item.position, NOT_TEXT)
    empty = {name: () if kind == LIST else False if kind == FLAG else "" for name, kind in _KINDS.items()}
    return {**empty, "file": item.file, "position": item.position, "broken": item.reason}
