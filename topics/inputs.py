"""What a run takes from outside, besides its settings: the paper files, other files by path, and the day."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from pathlib import Path

from topics.cache import store
from topics.config import Config


def paper_files(config: Config) -> list[Path]:
    """The files that the config names, globs and folders resolved.

    Raises InputError: one that is not there.
    """
    from topics.corpus.readers import expand

    return expand([Path(name) for name in config.corpus.papers])


def today(config: Config, files: list[Path]) -> str | None:
    """The day that dates without a year are counted back from, where there can be any."""
    from topics.corpus.readers import detect

    readers = {detect(path, config.corpus).name for path in files}
    if config.corpus.reference_date or "listing" not in readers:
        return None
    return datetime.date.today().isoformat()


def digests(names: Sequence[str | None]) -> dict[str, str]:
    """Digests of files, or of all in folders, that the config names by path."""
    places = [Path(name) for name in names if name]
    files = [path for place in places for path in (sorted(place.rglob("*")) if place.is_dir() else [place])]
    return {str(path): store.file_digest(path) for path in files if path.is_file()}
