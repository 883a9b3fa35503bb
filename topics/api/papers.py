"""Papers as they are given in Python: frames, texts and paths; and mistakes told in one sentence there."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, Union, cast

import numpy as np

from topics.cache import store
from topics.config.load import as_plain
from topics.corpus.readers import expand, read_files
from topics.corpus.readers.fields import plan, record
from topics.embed.precomputed import Vectors, of_array
from topics.errors import InputError, ModelError, TopicsError
from topics.pipeline import STAGES
from topics.runner import Given
from topics.types import Embeddings

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd
    import pyarrow as pa

    from topics.cache.stage import Observer
    from topics.config import Config, CorpusSettings
    from topics.types import Broken, Corpus, Record

Papers = Union["pd.DataFrame", Sequence[str], str, Path, Sequence[Path]]
"""A frame of pandas or polars, or an Arrow table, with a row per paper (columns as in a file: title,
abstract, ...); a list of texts; or the path or paths of files."""

F = TypeVar("F", bound=Callable[..., Any])

NO_PAPERS = (
    "papers must be a pandas or polars frame, a list of texts, or the path or paths of files (as Path), not "
)


_OPTIONS = {
    "with -o": "with output",
    "with --vectors FILE.npy": "as vectors",
    "with --refit": "with refit=True",
    "--set cluster.n_topics=": "n_topics=",
    "--from ": "start ",
    "--to ": "end ",
    "--by ": "by ",
    "--period ": "period ",
    "--bins ": "bins ",
    "--least-papers ": "least_papers=",
    "name the right one with corpus.columns.abstract": (
        'call the right one abstract, or fit with {"corpus": {"columns": {"abstract": its name}}}'
    ),
    "the files hold no records": "there are no records",
}
"""What options of the command line, which sentences advise, are called here."""


def in_python(sentence: str) -> str:
    """A sentence with the names of parameters for those of options."""
    for option, parameter in _OPTIONS.items():
        sentence = sentence.replace(option, parameter)
    return sentence


def in_a_sentence(function: F) -> F:
    """Raise this package's errors from here, without the frames below: the sentence says it all."""

    @functools.wraps(function)
    def guarded(*arguments: Any, **options: Any) -> Any:
        __tracebackhide__ = True
        try:
            return function(*arguments, **options)
        except TopicsError as error:
            raise type(error)(in_python(str(error))) from None

    return cast(F, guarded)


@dataclass(frozen=True)
class GivenPapers:
    """Papers of a frame or a list.

    table: a row per paper. name: what errors and the account call it.
    """

    table: pa.Table
    name: str

    def records(self, settings: CorpusSettings, file: str = "") -> Iterator[Record | Broken]:
        """Raises InputError: no column holds abstracts. file: what the records are from."""
        columns = plan(self.table.column_names, settings, f"the {self.name}")
        rows = (row for batch in self.table.to_batches(max_chunksize=1000) for row in batch.to_pylist())
        found = (record(row, columns, file, place) for place, row in enumerate(rows, start=1))
        # A list has no columns to name.
        return (replace(one, by_name=False) for one in found) if self.name == "list" else found

    @functools.cached_property
    def digest(self) -> str:
        """sha256 of the content, in hex."""
        import pyarrow as pa

        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, self.table.schema) as stream:
            stream.write_table(self.table.combine_chunks())
        return store.bytes_digest(sink.getvalue())

    def read(self, config: Config, observer: Observer) -> Corpus:
        from topics.corpus.read import clean_papers

        with observer.progress("read", self.table.num_rows, "records") as progress:
            return clean_papers(config, self.records(config.corpus, self.name), progress)

    def stages(self, config: Config, observer: Observer, vectors: Vectors | None) -> dict[str, Given]:
        """What a run of these papers need not read from files: the papers and, if given, their vectors."""
        from topics.corpus.read import require_enough

        spec = STAGES["read"]
        depends = [
            self.digest,
            self.name,
            as_plain(config.corpus),
            store.source_digest(spec.modules),
            store.versions(spec.libraries),
        ]

        @functools.cache
        def corpus() -> Corpus:
            papers = self.read(config, observer)
            require_enough(papers)
            return papers

        given = {"read": Given(depends, lambda _: corpus())}
        if vectors:
            given["embed"] = _embedded(vectors, corpus, depends)
        return given


def _embedded(vectors: Vectors, corpus: Callable[[], Corpus], depends: object) -> Given:
    from topics.embed.embed import text_keys

    def make(_: Path) -> Embeddings:
        papers = corpus()
        rows = vectors.select(papers.account.column("kept").to_pylist())
        name = f"precomputed vectors, {rows.shape[1]} dimensions"
        return Embeddings(rows, name, text_keys(papers.texts))

    return Given([store.bytes_digest(vectors.rows.tobytes()), depends], make)


def source_of(papers: Papers) -> list[Path] | GivenPapers:
    """The files that papers names, or what it holds itself.

    Raises InputError: it is neither, or a path that leads nowhere.
    """
    if isinstance(papers, str | Path):
        return _paths([papers])
    if isinstance(papers, Sequence) and papers and all(isinstance(path, Path) for path in papers):
        return _paths(papers)
    if hasattr(papers, "collect") and not hasattr(papers, "__arrow_c_stream__"):
        raise InputError("papers is a lazy frame; collect() it first")
    if hasattr(papers, "columns") or (hasattr(papers, "__arrow_c_stream__") and not hasattr(papers, "dtype")):
        return GivenPapers(_table(papers), "frame")
    # A mapping would give its keys, and a set its members in no order.
    texts = list(papers) if isinstance(papers, Iterable) and not isinstance(papers, Mapping | Set) else []
    if not texts:
        raise InputError(f"{NO_PAPERS}{papers!r:.60}")
    wrong = next((place for place, text in enumerate(texts) if not isinstance(text, str)), None)
    if wrong is not None:
        raise InputError(f"{NO_PAPERS}a list with {texts[wrong]!r:.60} at place {wrong}")
    if all(len(text) < 255 and Path(text).is_file() for text in texts):
        raise InputError(
            f"a list of str is a list of texts, but {texts[0]!r} is a file; for files give Paths, as in "
            f"[Path({texts[0]!r})]"
        )
    import pyarrow as pa

    return GivenPapers(pa.table({"abstract": pa.array([str(text) for text in texts], pa.string())}), "list")


def records_of(papers: Papers, settings: CorpusSettings) -> Iterator[Record | Broken]:
    """The records of papers that `fit` takes, in their order. Raises InputError: see `source_of`."""
    source = source_of(papers)
    return source.records(settings) if isinstance(source, GivenPapers) else read_files(source, settings)


def vectors_of(given: npt.ArrayLike | None) -> Vectors | None:
    """Raises ModelError: no array of numbers with a row per paper."""
    if given is None:
        return None
    try:
        return of_array(np.asarray(given), Path("vectors"))
    except ValueError:
        raise ModelError("vectors has rows of different lengths; give vectors of one length") from None


def _paths(papers: Sequence[str | Path]) -> list[Path]:
    """Raises InputError: a path that leads nowhere; one that reads like a text belongs into a list."""
    paths = [Path(path) for path in papers]
    try:
        expand(paths)
    except InputError as error:
        given = papers[0]
        words = len(given.split()) if isinstance(given, str) else 0
        if words == 1 and str(given).isalnum():
            raise InputError(f"{error}; if it is a text, give it as a list, as in [text]") from None
        # Two words may be a file's name, if it has an end or lies in a folder.
        if words < 2 or (words == 2 and (Path(given).suffix or Path(given).name != given)):
            raise
        raise InputError(
            f"papers is one text, or a path that leads nowhere ({papers[0]!r:.40}...); give texts as a list, "
            "as in [text]"
        ) from None
    return paths


def _table(frame: Any) -> pa.Table:
    """Raises InputError: a column of values that do not fit together."""
    import pyarrow as pa

    try:
        if not hasattr(frame, "iloc"):
            return pa.table(frame)
        return pa.Table.from_pandas(frame.rename(columns=str), preserve_index=False).replace_schema_metadata()
    except (pa.ArrowException, TypeError, ValueError) as error:
        # Arrow says in a second part which column it was.
        said = "; ".join(map(str, error.args)).splitlines()[0]
        raise InputError(f"the frame cannot be read: {said}") from None
