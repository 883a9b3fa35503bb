"""A finished run, opened again from its own folder: no cache, no model, nothing computed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from topics.cache import publish, store, untrusted
from topics.corpus.build import ACCOUNT_SCHEMA
from topics.corpus.rows import PAPER_SCHEMA, arrow_schema
from topics.errors import RunError
from topics.types import (
    Clustering,
    Corpus,
    Counts,
    Embeddings,
    Hierarchy,
    Levels,
    Memberships,
    Names,
    Projection,
    Quality,
    Regroupings,
    ShareRule,
    Topics,
    Validation,
)
from topics.types.run import Values

if TYPE_CHECKING:
    import pyarrow as pa

    from topics.config import Config

T = TypeVar("T")

SHARDED = "shards"
"""What only the run.json of a result made from shards has."""

FIT = "fit"
"""The run on the sample, in the folder of such a result."""


@dataclass(frozen=True)
class Run(Values):
    """The folder of a run and its run.json. Values are read, and their digests checked, when first asked for.

    Raises RunError on reading a value that is missing, cut off or changed since the run was written.
    """

    path: Path
    summary: dict[str, Any]

    @cached_property
    def config(self) -> Config:
        """Raises RunError: settings that another version of this package had."""
        from topics.config.load import validate
        from topics.errors import ConfigError

        try:
            return validate(self.summary["config"], f"{self.path / store.RUN_FILE}")
        except ConfigError as error:
            raise RunError(f"{error}; another version wrote this run, so repeat the run") from None

    @cached_property
    def validation(self) -> Validation | None:
        """What people's checks said, from run.json; None where there was none."""
        from pydantic import TypeAdapter

        if (found := self.summary.get("validation")) is None:
            return None
        with untrusted.damage(self.path / store.RUN_FILE):
            return TypeAdapter(Validation).validate_python(found)

    @cached_property
    def memberships(self) -> Memberships:
        """The softmax in runs of versions that did not learn from regroupings."""
        if self._keeps("memberships"):
            return self.value("memberships", Memberships)

        from topics.cluster.memberships import applied

        rule = ShareRule.plain(self.clustering.temperature)
        return applied(self.embeddings, self.clustering, rule)

    def _keeps(self, stage: str) -> bool:
        return any(name.startswith(f"data/{stage}/") for name in self.summary["files"])

    @property
    def history(self) -> tuple[str, ...]:
        """What was done to the topics since they were found: edits and updates, the oldest first."""
        return tuple(self.summary.get("history", ()))

    def value(self, stage: str, kind: type[T]) -> T:
        """The kept value of one stage (see `topics.runner.KEPT`), of type `kind` from `topics.types`.

        Levels and regroupings that an older version did not keep, and names that no language model was asked
        for, are none.
        """
        if issubclass(kind, Levels | Names | Regroupings) and not self._keeps(stage):
            return kind()
        value = store.unpack(kind, self.folder(stage))
        if isinstance(value, Corpus):
            for table, schema in ((value.papers, PAPER_SCHEMA), (value.account, ACCOUNT_SCHEMA)):
                wrong = [name for name in schema if not _fits(table, arrow_schema(schema).field(name))]
                if wrong:
                    raise RunError(
                        f"{self.path}: data/{stage} has no whole column {wrong[0]}; repeat the run"
                    )
        for unit, size in _sizes(value):
            if size != self.summary["counts"][unit]:
                raise RunError(
                    f"{self.path}: data/{stage} has {size:,} {unit}, but the run has "
                    f"{self.summary['counts'][unit]:,}; repeat the run"
                )
        return value

    def folder(self, stage: str) -> Path:
        """`data/STAGE` of the run, every file in it as it was written."""
        self.check(f"data/{stage}/")
        folder = self.path / "data" / stage
        for path in folder.rglob("*"):
            name = path.relative_to(self.path).as_posix()
            if name not in self.summary["files"] and not path.is_dir():
                raise RunError(f"{self.path} holds {name}, of which run.json does not know; remove it")
        return folder

    def check(self, start: str = "") -> None:
        """Compare the files whose name begins with `start` with their digests in run.json."""
        expected = {name: sha for name, sha in self.summary["files"].items() if name.startswith(start)}
        if not expected:
            raise RunError(f"{self.path} holds no {start.rstrip('/')}; repeat the run to get it")
        for name, digest in expected.items():
            if store.file_digest(untrusted.file_in(self.path, name)) != digest:
                raise RunError(
                    f"{self.path / name} was changed or cut off since the run was written; repeat the run"
                )


def load_summary(run: Path) -> dict[str, Any]:
    """The contents of run.json.

    Raises RunError: no such folder, or not a run of topics.
    """
    if not run.exists():
        raise RunError(f"{run}: no such run; `topics run` prints the folders that it writes")
    if not publish.is_run(run):
        raise RunError(f"{run} is not a run of topics: it has no readable {store.RUN_FILE}")
    summary: dict[str, Any] = untrusted.read_json(run, store.RUN_FILE, store.MOST_SUMMARY)
    return summary


def open_run(path: Path | str) -> Run:
    """Open a finished run.

    Raises RunError: no such folder, not a run, a run of another version of this package, or a run.json that
        was changed.
    """
    folder = Path(path)
    summary = load_summary(folder)
    found = summary["paper_topics"]
    if SHARDED in summary:
        raise RunError(
            f"{folder} was made from shards; {folder / FIT} is the run on its sample, which can be opened"
        )
    if found.get("format") != store.RUN_FORMAT:
        raise RunError(
            f"{folder} was written by paper-topics {found.get('version', '?')} in format "
            f"{found.get('format', '?')}, and this version opens format {store.RUN_FORMAT}; repeat the run"
        )
    with untrusted.damage(folder / store.RUN_FILE):
        digest = store.summary_digest(summary)
    if summary.get("digest") != digest:
        raise RunError(
            f"{store.RUN_FILE} of {folder} was changed or cut off since the run was written; repeat the run"
        )
    _check_summary(folder, summary)
    return Run(folder, summary)


def _check_summary(folder: Path, summary: dict[str, Any]) -> None:
    """Raises RunError: what is read of run.json is not there, or is something else."""
    mappings = [summary.get(name) for name in ("files", "config", "counts", "inputs", "versions")]
    lists = [summary.get("notes"), summary.get("history", [])]
    right = all(isinstance(found, dict) for found in mappings)
    if not right or not all(isinstance(found, list) for found in lists):
        raise RunError(f"{store.RUN_FILE} of {folder} lacks a part that every run has; repeat the run")
    counts = summary["counts"]
    texts = [summary.get("account_text", ""), *summary["notes"], *summary.get("history", [])]
    for named in (summary["files"], summary["inputs"], summary["versions"]):
        texts += [*named, *named.values()]
    numbers = [counts.get(name) for name in ("papers", "topics", "outliers")]
    if not all(isinstance(text, str) for text in texts) or not all(type(number) is int for number in numbers):
        raise RunError(f"{store.RUN_FILE} of {folder} holds values of the wrong type; repeat the run")


def _fits(table: pa.Table, field: pa.Field) -> bool:
    """Whether a table has this column, with a value in each row."""
    names = table.column_names
    if names.count(field.name) != 1 or table.schema.field(field.name).type != field.type:
        return False
    return not table.column(field.name).null_count


def _sizes(value: object) -> Iterator[tuple[str, int]]:
    """The numbers of papers and of topics that a value is of."""
    if isinstance(value, Corpus | Clustering | Memberships):
        yield "papers", len(value)
    if isinstance(value, Embeddings):
        yield "papers", len(value.vectors)
    if isinstance(value, Counts):
        yield "papers", value.matrix.shape[0]
    if isinstance(value, Projection):
        yield "papers", len(value.coordinates)
    if isinstance(value, Hierarchy):
        yield "papers", len(value.subtopic)
        yield "topics", len(value.field)
    if isinstance(value, Clustering):
        yield "topics", value.n_topics
    if isinstance(value, Topics):
        yield "topics", len(value)
    if isinstance(value, Levels) and value.levels:
        yield "topics", len(value.own)
    if isinstance(value, Quality):
        yield "topics", len(value.stability)
