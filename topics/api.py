"""The Python interface: `fit` finds topics, `load` opens a run, both give a `Fitted`.

Nothing here is decided here: `fit` is `topics run` and `Fitted.predict` is `topics label`, with pandas frames
for files.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from numbers import Real
from pathlib import Path
from typing import TYPE_CHECKING, Any, Union

from topics.cache import publish, store, untrusted
from topics.errors import ConfigError, InputError, RunError
from topics.runs.predict import ABSTAIN, Labeller
from topics.runs.run import Run, open_run

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd
    import pyarrow as pa

    from topics.config import Config, CorpusSettings
    from topics.types import Broken, Floats, Record

Papers = Union["pd.DataFrame", Sequence[str], str, Path, Sequence[Path]]
"""A frame with a row per paper (columns as in a file: title, abstract, ...), a list of texts, or the path or
paths of files."""


def fit(
    papers: Papers,
    config: Mapping[str, Any] | str | Path | None = None,
    *,
    output: str | Path | None = None,
) -> Fitted:
    """Find the topics of papers, as `topics run` does.

    papers: a frame, texts, a path or several `Path`s. A list of `str` is a list of texts.
    config: settings as nested mappings, as in {"embed": {"encoder": "lsa"}}, or the path of a YAML file.
    output: the run's folder; without one the run lives in a temporary folder, and as long as the result does
        (`Fitted.save` keeps it).

    Raises TopicsError: what `topics run` says in one sentence.
    """
    from topics.runner import run

    settings = _settings(config)
    files = _files(papers, settings)
    corpus = settings.corpus.model_copy(update={"papers": tuple(str(file) for file in files)})
    settings = settings.model_copy(update={"corpus": corpus, "name": settings.name or "run"})
    keeper = None if output else tempfile.TemporaryDirectory(prefix="topics-")
    place = Path(output) if output else Path(keeper.name) / "run" if keeper else None
    done = run(settings, output=place)
    return Fitted(open_run(done or ""), keeper)


def load(run: str | Path) -> Fitted:
    """Open the folder of a finished run.

    Raises RunError: no path, no such folder, not a run, or a run of a form that this version does not open.
    """
    return Fitted(open_run(_folder(run)))


@dataclass(frozen=True)
class Fitted:
    """A finished run: its papers, topics, vectors and layout, and topics for other papers.

    Frames and arrays are read from the run's folder, and their digests checked, when they are first asked
    for (RunError: a file is missing or was changed). Row `i` of `papers`, `vectors` and `layout` is one
    paper, row `k` of `topics`, `centroids` and `directions` one topic.
    """

    run: Run
    _keeper: object = field(default=None, repr=False, compare=False)

    @property
    def path(self) -> Path:
        """The run's folder."""
        return self.run.path

    @cached_property
    def papers(self) -> pd.DataFrame:
        """A row per paper: all of assignments.parquet, the input's own columns included."""
        self.run.check("assignments.parquet")
        return untrusted.load_table(self.path, "assignments.parquet").to_pandas()

    @cached_property
    def topics(self) -> pd.DataFrame:
        """A row per topic: topic, label, name, size, share, keywords and representative ids (lists)."""
        import pandas as pd

        ids, n = self.run.corpus.ids, len(self.run.corpus)
        return pd.DataFrame(
            {
                "topic": topic.id,
                "label": topic.label,
                "name": topic.name,
                "size": topic.size,
                "share": topic.size / n,
                "keywords": [keyword.term for keyword in topic.keywords],
                "representative": [ids[row] for row in topic.representative],
            }
            for topic in self.run.topics.topics
        )

    @cached_property
    def keywords(self) -> pd.DataFrame:
        """A row per topic and keyword: topic, rank (from 1), term and its c-TF-IDF weight."""
        import pandas as pd

        return pd.DataFrame(
            {"topic": topic.id, "rank": rank, "term": keyword.term, "weight": keyword.weight}
            for topic in self.run.topics.topics
            for rank, keyword in enumerate(topic.keywords, start=1)
        )

    @cached_property
    def levels(self) -> pd.DataFrame:
        """A row per topic of each number of topics to choose from: n_topics, taken (whether the run's own),
        score, agreement, topic, label and size; no rows where there is no choice.

        `run.clustering.levels` holds the papers' topics at those that are not the run's own.
        """
        import pandas as pd

        found = self.run.levels
        return pd.DataFrame(
            [
                (len(level), place == found.taken, level.score, level.agreement, topic, label, size)
                for place, level in enumerate(found.levels)
                for topic, (label, size) in enumerate(zip(level.labels, level.sizes, strict=True))
            ],
            columns=["n_topics", "taken", "score", "agreement", "topic", "label", "size"],
        )

    @property
    def vectors(self) -> Floats:
        """(n, d) float32, a row of length 1 per paper."""
        return self.run.embeddings.vectors

    @property
    def centroids(self) -> Floats:
        """(k, d) float32, a row of length 1 per topic: the mean that the fit found."""
        return self.run.clustering.centroids

    @property
    def directions(self) -> Floats:
        """(k, d) float32, a row of length 1 per topic: a paper's topic is the one of the highest cosine."""
        return self.run.clustering.directions

    @property
    def layout(self) -> Floats:
        """(n, 2) float32, the papers' places on the map."""
        return self.run.layout.coordinates

    def predict(
        self,
        papers: Papers,
        *,
        abstain: float = ABSTAIN,
        vectors: npt.ArrayLike | None = None,
    ) -> pd.DataFrame:
        """Topics of papers, as `topics label` gives them.

        papers: as in `fit`. abstain: the share of papers like the run's own that may get topic -1, so that
            papers unlike them can be found; 0 gives every paper a topic. vectors: (m, d), one per paper, from
            whatever made the run's, instead of encoding.

        Returns a row per paper with the columns of `topics.runs.predict.RESULTS`, under the frame's own index
        if papers is a frame. A paper without a text has no topic (missing) and the reason in `left_out`.

        Raises InputError: papers is none of these, or no paper has a text. ConfigError: abstain is no share.
        ModelError: the encoder of the run is not on this machine.
        """
        import pandas as pd
        import pyarrow as pa

        from topics.runs.predict import label_records

        settings = self.run.config.corpus
        labeller = Labeller(self.run, _share(abstain))
        found = label_records(labeller, _records(papers, settings), settings, vectors=_vectors(vectors))
        types = {pa.int32(): pd.Int32Dtype()}
        frame: pd.DataFrame = pa.table(found.results).to_pandas(types_mapper=types.get)
        if isinstance(papers, pd.DataFrame):
            frame.index = papers.index
        return frame

    def bertopic(self) -> Any:
        """The run as a fitted `bertopic.BERTopic`, with the run's encoder as its embedding model.

        Its `transform` takes the nearest mean vector, with outliers as a topic of their own; `predict` is the
        rule of this package. Raises RunError: a file of `model/` is missing or was changed.
        """
        from topics.label.bertopic import load_bertopic

        self.run.check("model/")
        labeller = Labeller(self.run)
        with untrusted.damage(self.path / "model"):
            return load_bertopic(self.path / "model", lambda texts: labeller.encode(texts)[0])

    def save(self, folder: str | Path) -> Path:
        """Copy the run's folder; gives the new place. Raises RunError: something else is there."""
        with publish.publish(Path(folder)) as place:
            shutil.copytree(self.path, place, copy_function=shutil.copyfile, dirs_exist_ok=True)
        return Path(folder)


def _folder(run: object) -> Path:
    if not isinstance(run, str | Path):
        raise RunError(f"load needs the path of a run's folder, not {run!r:.60}")
    return Path(run)


def _share(abstain: object) -> float:
    share = float(abstain) if isinstance(abstain, Real) else -1.0
    if not 0 <= share <= 1:
        raise ConfigError(f"abstain is {abstain!r:.60}, but must be a share from 0 to 1")
    return share


def _settings(config: Mapping[str, Any] | str | Path | None) -> Config:
    from topics.config.load import load_config, validate

    if isinstance(config, Mapping):
        return validate(config, "config")
    return load_config(Path(config) if config is not None else None)


def _files(papers: Papers, settings: Config) -> list[Path]:
    """The files that papers names, or one that holds them.

    Frames and texts become a Parquet file in the cache, named by its content, so that fitting the same papers
    again finds its finished stages.
    """
    named = _paths(papers)
    if named:
        return named
    import pyarrow as pa
    import pyarrow.parquet as pq

    from topics.cache.folders import workplace

    sink = pa.BufferOutputStream()
    pq.write_table(_table(papers), sink, compression="zstd")
    content = sink.getvalue().to_pybytes()
    root = Path(settings.cache.dir) if settings.cache.dir else store.default_cache_dir()
    file = root / "papers" / f"{hashlib.sha256(content).hexdigest()[:32]}.parquet"
    if not file.exists():
        with workplace(file, "the cache folder", "TOPICS_CACHE or cache.dir") as folder:
            (folder / file.name).write_bytes(content)
            (folder / file.name).replace(file)
    return [file]


def _records(papers: Papers, settings: CorpusSettings) -> Iterator[Record | Broken]:
    from topics.corpus.readers import read_files
    from topics.corpus.readers.fields import plan, record

    if named := _paths(papers):
        return read_files(named, settings)
    table = _table(papers)
    columns = plan(table.column_names, settings, "the frame")
    rows = (row for batch in table.to_batches(max_chunksize=1000) for row in batch.to_pylist())
    return (record(row, columns, "", place) for place, row in enumerate(rows, start=1))


def _paths(papers: Papers) -> list[Path]:
    if isinstance(papers, str | Path):
        return [Path(papers)]
    if isinstance(papers, Sequence) and papers and all(isinstance(path, Path) for path in papers):
        return [Path(path) for path in papers]
    return []


def _table(papers: Any) -> pa.Table:
    """Raises InputError: neither a frame nor a list of texts, or a column of values that do not fit."""
    import pyarrow as pa

    if not hasattr(papers, "columns"):
        texts = list(papers) if isinstance(papers, Iterable) else []
        if not texts or not all(isinstance(text, str) for text in texts):
            raise InputError("papers must be a pandas frame, a list of texts, or the path or paths of files")
        return pa.table({"abstract": pa.array(texts, pa.string())})
    try:
        frame = papers.rename(columns=str)
        return pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata()
    except (pa.ArrowException, TypeError, ValueError) as error:
        raise InputError(f"the frame cannot be read: {str(error).splitlines()[0]}") from None


def _vectors(given: npt.ArrayLike | None) -> Any:
    if given is None:
        return None
    import numpy as np

    from topics.embed.precomputed import of_array

    return of_array(np.asarray(given), Path("vectors"))
