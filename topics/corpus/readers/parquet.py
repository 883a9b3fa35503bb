"""Parquet tables with columns by convention."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from topics.cache.untrusted import MOST_MEMORY, bounded_memory
from topics.config import CorpusSettings
from topics.corpus.readers import CERTAIN, NO, Reader
from topics.corpus.readers.fields import plan, record
from topics.corpus.readers.source import MAX_COLUMNS, MAX_RECORD, Source, too_long
from topics.errors import InputError
from topics.types import Broken, Record

_AT_ONCE = 1000
_MAX_DICTIONARY = 1 << 24


def _read(source: Source, settings: CorpusSettings) -> Iterator[Record | Broken]:
    import pyarrow as pa

    try:
        yield from _records(source, settings)
    except MemoryError:
        raise InputError(
            f"{source.name} needs more than {MOST_MEMORY >> 20} MB for {_AT_ONCE} rows; save it as CSV"
        ) from None
    except (pa.ArrowException, OSError) as error:
        reason = str(error).splitlines()[0]
        raise InputError(f"{source.name} is a damaged Parquet file ({reason}); copy it again") from None


def _records(source: Source, settings: CorpusSettings) -> Iterator[Record | Broken]:
    import pyarrow.parquet as pq

    with bounded_memory():
        packed = source.whole() if source.is_gzip() else None
        file = pq.ParquetFile(source.path if packed is None else io.BytesIO(packed))
    _check_size(source, file, source.path.stat().st_size if packed is None else len(packed))
    columns = plan(file.schema_arrow.names, settings, source.name)
    batches = _batches(file)
    position = 0
    while True:
        with bounded_memory():
            batch = next(batches, None)
            rows = batch.to_pylist() if batch is not None else None
        if rows is None:
            return
        long = _long_rows(batch)
        for at, values in enumerate(rows):
            position += 1
            broken = Broken(source.name, position, too_long())
            yield broken if at in long else record(values, columns, source.name, position)


def _check_size(source: Source, file: Any, size: int) -> None:
    """Raises InputError: more rows than papers in so many bytes can be, too many columns, or a column that is
    a large dictionary, which would be taken apart for each batch of rows.
    """
    data, names = file.metadata, file.schema_arrow.names
    if data.num_rows > size:
        raise InputError(
            f"{source.name} claims {data.num_rows:,} rows in {size:,} bytes, too many for papers"
        )
    if len(names) > MAX_COLUMNS:
        raise InputError(f"{source.name} has {len(names):,} columns; at most {MAX_COLUMNS:,} can be read")
    coded = {field.name for field in file.schema_arrow if _is_coded(field.type)}
    for group in range(data.num_row_groups if coded else 0):
        for place in range(data.num_columns):
            column = data.row_group(group).column(place)
            if column.path_in_schema in coded and column.total_uncompressed_size > _MAX_DICTIONARY:
                raise InputError(
                    f"{source.name}: the column {column.path_in_schema} is a dictionary of more than "
                    f"{_MAX_DICTIONARY >> 20} MB; save it as plain text, without categories"
                )


def _is_coded(kind: Any) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_dictionary(kind))


def _batches(file: Any) -> Iterator[Any]:
    """Rows some at a time. A column that is a dictionary comes with all of it in each batch that is read, so
    such files are read a row group at a time.
    """
    if not any(_is_coded(kind) for kind in file.schema_arrow.types):
        yield from file.iter_batches(batch_size=_AT_ONCE)
        return
    for group in range(file.num_row_groups):
        yield from file.read_row_group(group).to_batches(max_chunksize=_AT_ONCE)


def _long_rows(batch: Any) -> set[int]:
    plain = [column for column in batch.columns if not _is_coded(column.type)]
    if sum(column.nbytes for column in plain) <= MAX_RECORD:
        return set()
    return {
        row
        for row in range(batch.num_rows)
        if sum(column.slice(row, 1).nbytes for column in plain) > MAX_RECORD
    }


READER = Reader(
    name="parquet",
    title="Parquet",
    suffixes=(".parquet", ".pq"),
    sniff=lambda source: CERTAIN if source.head.startswith(b"PAR1") else NO,
    read=_read,
)
