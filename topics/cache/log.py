"""What happened in a run, with the time of day, for the run's log.

The log is for people who ask what went wrong or how long it took. It differs from run to run, so nothing else
is made from it and no digest of it is kept.
"""

from __future__ import annotations

import datetime
import os
import platform
import sys
from collections.abc import Iterable
from contextlib import AbstractContextManager
from pathlib import Path

from topics.about import __version__
from topics.cache.stage import Observer
from topics.types import Progress


class RunLog:
    """An observer that writes down what it passes on to another one."""

    def __init__(self, observer: Observer) -> None:
        self._observer = observer
        self._lines: list[str] = []
        self._write(
            f"paper-topics {__version__}, Python {platform.python_version()}, {platform.platform()}, "
            f"{os.cpu_count()} cores"
        )

    def started(self, stage: str) -> None:
        self._write(f"{stage} started")
        self._observer.started(stage)

    def finished(self, stage: str, seconds: float, *, cached: bool) -> None:
        self._write(
            f"{stage} from cache"
            if cached
            else f"{stage} finished after {seconds:.1f} s; {peak_memory() / 1e6:,.0f} MB at most so far"
        )
        self._observer.finished(stage, seconds, cached=cached)

    def note(self, text: str) -> None:
        self._write(f"note: {text}")
        self._observer.note(text)

    def detail(self, text: str) -> None:
        self._write(text)
        self._observer.detail(text)

    def progress(
        self, stage: str, total: int | None, unit: str = "papers"
    ) -> AbstractContextManager[Progress]:
        return self._observer.progress(stage, total, unit)

    def save(self, path: Path, sentences: Iterable[str], versions: dict[str, str]) -> None:
        """Write the log, with sentences about the papers and the libraries' versions at its end."""
        for sentence in sentences:
            self._write(sentence)
        self._write(", ".join(f"{name} {number}" for name, number in versions.items()))
        path.write_text("".join(f"{line}\n" for line in self._lines), encoding="utf-8")

    def _write(self, text: str) -> None:
        moment = datetime.datetime.now().astimezone().isoformat(sep=" ", timespec="seconds")
        self._lines.append(f"{moment}  {' '.join(text.split())}")


def peak_memory() -> int:
    """Bytes that this process has held at most; 0 where the system does not say."""
    try:
        import resource
    except ImportError:
        return 0
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024
