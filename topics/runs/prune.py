"""What the cache holds, and removing it. What a running process fills or reads stays in every case."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from topics.cache import folders, untrusted
from topics.cache.store import MANIFEST, MOST_SUMMARY, STAGES_FILE
from topics.errors import RunError
from topics.runs.run import load_summary

PARTS = "parts"
"""Where stages keep what they resume from after being killed."""


@dataclass(frozen=True)
class CachedStage:
    """One stage's entries in the cache. oldest, newest: days since an entry was last of use."""

    stage: str
    entries: int
    bytes: int
    oldest: float
    newest: float


def survey(root: Path) -> list[CachedStage]:
    """The cache at `root`, a stage per stage, sorted by size."""
    now = time.time()
    cached = []
    for stage in _stages(root):
        places = [*_entries(stage), *folders.leftovers(stage)]
        ages = [(now - folders.last_touched(folder)) / folders.DAY for folder in places]
        if places:
            size = sum(folders.size_of(folder) for folder in places)
            cached.append(CachedStage(stage.name, len(places), size, max(ages), min(ages)))
    return sorted(cached, key=lambda stage: -stage.bytes)


def prune(root: Path, *, older_than: float = 0.0, keep: Sequence[Path] = ()) -> tuple[int, int]:
    """Remove entries and what killed runs left, and give how many went and the bytes freed.

    older_than: seconds since an entry was last of use. keep: runs whose entries stay.

    Raises RunError: a folder to keep is not a run, or the cache is not this user's to write.
    """
    kept = {key for run in keep for key in _keys(run)}
    for stage in _stages(root):
        if not os.access(stage, os.W_OK) and any(_entries(stage)):
            raise RunError(
                f"{stage} cannot be written (Permission denied), so nothing was removed; "
                "only the owner of this cache can prune it"
            )
    gone = freed = 0
    for stage in _stages(root):
        # Shards have a cache of their own among the parts, which stays when its result is kept.
        for place in (stage, *stage.glob("*/shards/*")):
            freed += folders.sweep(place)
        for entry in _entries(stage):
            if entry.name not in kept and time.time() - folders.last_touched(entry) >= older_than:
                size = folders.remove(entry)
                gone += not entry.exists()
                freed += size
    return gone, freed


def _stages(root: Path) -> list[Path]:
    return sorted(path for path in root.iterdir() if path.is_dir()) if root.is_dir() else []


def _entries(stage: Path) -> Iterator[Path]:
    """Folders that this package has filled; whatever else lies in the cache's place is not its own."""
    for path in sorted(stage.iterdir()):
        if path.is_dir() and (
            (path / MANIFEST).is_file() or (stage.name == PARTS and re.fullmatch("[0-9a-f]{32}", path.name))
        ):
            yield path


def _keys(run: Path) -> Iterator[str]:
    stages = load_summary(run).get("stages")
    if (run / STAGES_FILE).is_file():
        stages = untrusted.read_json(run, STAGES_FILE, MOST_SUMMARY)
    for stage in stages.values() if isinstance(stages, dict) else (None,):
        if not isinstance(stage, dict) or not isinstance(stage.get("key"), str):
            raise RunError(f"{run} does not say which cache entries it was made from; repeat the run")
        yield stage["key"]
