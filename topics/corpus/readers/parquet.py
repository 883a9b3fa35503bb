"""Parquet tables with columns by convention."""

from __future__ import annotations

import io
from collections.abc import Iterator

from topics.config import CorpusSettings
from topics.corpus.readers import CERTAIN, NO, Reader
from topics.corpus.readers.fields import plan, record
from topics.corpus.readers.source import Source
from topics.errors import InputError
from topics.types import Broken, Record


def _sniff(source: Source) -> int:
    return CERTAIN if source.head.startswith(b"PAR1") else NO


def _read(source: Source, settings: CorpusSettings) -> Iterator[Record | Broken]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(io.BytesIO(source.whole()) if source.is_gzip() else source.path)
        columns = plan(file.schema_arrow.names, settings, source.name)
        position = 0
        for batch in file.iter_batches(batch_size=1000):
            for values in batch.to_pylist():
                position += 1
                yield record(values, columns, source.name, position)
    except (pa.ArrowException, OSError) as error:
        reason = str(error).splitlines()[0]
        raise InputError(f"{source.name} is a damaged Parquet file ({reason}); copy it again") from None


READER = Reader(name="parquet", title="Parquet", suffixes=(".parquet", ".pq"), sniff=_sniff, read=_read)
