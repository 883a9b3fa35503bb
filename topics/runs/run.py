"""A finished run, opened again from its own folder: no cache, no model, nothing computed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from topics.cache import publish, store
from topics.errors import RunError
from topics.types import Names
from topics.types.run import Values

if TYPE_CHECKING:
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
            raise RunError(f"{error}; another version wrote this run, so run it again") from None

    @cached_property
    def names(self) -> Names:
        """Kept only where a language model was asked."""
        kept = any(name.startswith("data/names/") for name in self.summary["files"])
        return self.value("names", Names) if kept else Names()

    @property
    def history(self) -> tuple[str, ...]:
        """What was done to the topics since they were found: edits and updates, the oldest first."""
        return tuple(self.summary.get("history", ()))

    def value(self, stage: str, kind: type[T]) -> T:
        """The kept value of one stage (see `topics.runner.KEPT`), of type `kind` from `topics.types`."""
        return store.unpack(kind, self.folder(stage))

    def folder(self, stage: str) -> Path:
        """`data/STAGE` of the run, every file in it as it was written."""
        self.check(f"data/{stage}/")
        return self.path / "data" / stage

    def check(self, start: str = "") -> None:
        """Compare the files whose name begins with `start` with their digests in run.json."""
        expected = {name: sha for name, sha in self.summary["files"].items() if name.startswith(start)}
        if not expected:
            raise RunError(f"{self.path} holds no {start.rstrip('/')}; run it again to get it")
        for name, digest in expected.items():
            file = self.path / name
            if not file.is_file():
                raise RunError(f"{self.path} lacks {name}; run it again")
            if store.file_digest(file) != digest:
                raise RunError(f"{file} was changed or cut off since the run was written; run it again")


def load_summary(run: Path) -> dict[str, Any]:
    """The contents of run.json.

    Raises RunError: no such folder, or not a run of topics.
    """
    if not run.exists():
        raise RunError(f"{run}: no such run; `topics run` prints the folders that it writes")
    if not publish.is_run(run):
        raise RunError(f"{run} is not a run of topics: it has no readable {store.RUN_FILE}")
    summary: dict[str, Any] = json.loads((run / store.RUN_FILE).read_text(encoding="utf-8"))
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
            f"{folder} was written by paper-topics {found.get('version', '?')} in form "
            f"{found.get('format', '?')}, and this version opens form {store.RUN_FORMAT}; run it again"
        )
    if summary.get("digest") != store.summary_digest(summary):
        raise RunError(
            f"{store.RUN_FILE} of {folder} was changed or cut off since the run was written; run it again"
        )
    return Run(folder, summary)
