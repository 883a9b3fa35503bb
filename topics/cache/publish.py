"""Files and folders written whole or not at all; a run replaces the run that stood there and nothing else."""

from __future__ import annotations

import contextlib
import glob
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from topics.about import __version__
from topics.cache import folders, store, untrusted
from topics.errors import RunError

_OLD = "-old"
_PLACE = "the place for this file"


@contextlib.contextmanager
def whole_file(target: Path) -> Iterator[Path]:
    """A place with the same suffix to write one file to; it becomes `target` when the block ends well.

    Raises RunError: see `check_file`.
    """
    check_file(target)
    folders.sweep(target.parent, target.name)
    with folders.workplace(target, _PLACE, "-o") as folder:
        yield folder / target.name
        (folder / target.name).replace(target)


def check_file(target: Path) -> None:
    """Raises RunError: `target` is a folder, a pipe or a device, or the folder above cannot be written."""
    if target.is_dir():
        raise RunError(f"{target} is a folder; name a file")
    if target.exists() and not target.is_file():
        # An administrator's /dev/null would become this file.
        raise RunError(f"{target} is a pipe or a device, which is not replaced; name a file")
    folders.check_writable(target.parent, _PLACE, "-o")


def check_target(folder: Path, mark: str = store.RUN_FILE) -> None:
    """Refuse to write a run, or another folder of ours, where something else is.

    mark: the file by which such a folder is known.
    Raises RunError: `folder` is a file, or holds files but no such mark, or cannot be written.
    """
    if "\0" in str(folder):
        raise RunError(f"{str(folder)!r:.200} cannot be a folder: it holds a zero byte")
    if folder.is_dir() and any(folder.iterdir()) and not is_run(folder, mark):
        what = "a run of topics" if mark == store.RUN_FILE else f"what topics wrote there (it has no {mark})"
        raise RunError(
            f"{folder} holds files but is not {what}; name an empty or new folder with -o, or remove it first"
        )
    if folder.exists() and not folder.is_dir():
        raise RunError(f"{folder} is a file; name a folder with -o")
    folders.check_writable(folder.parent, "the folder for runs", "-o")


def leave_mark(folder: Path, mark: str, **content: object) -> None:
    """Write the file by which a folder is known, with the digests of all others in it."""
    about = {"paper_topics": {"version": __version__}, "files": store.digests(folder)}
    store.write_json(folder / mark, about | content)


def is_run(folder: Path, mark: str = store.RUN_FILE) -> bool:
    """Whether `folder` holds a run.json, or another mark, that this package wrote."""
    try:
        content = untrusted.read_json(folder, mark, store.MOST_SUMMARY)
    except RunError:
        return False
    return isinstance(content, dict) and isinstance(content.get("paper_topics"), dict)


@contextlib.contextmanager
def publish(target: Path, mark: str = store.RUN_FILE) -> Iterator[Path]:
    """A folder to write a run into; it replaces the run at `target` when the block ends without an error.

    mark: the file, with the digests of all others, that the block must write.
    Files in the old run that it did not write itself (a user's notes) move over to the new one.
    Raises RunError: see `check_target`, or the folder above cannot be written, or its disk is full.
    """
    check_target(target, mark)
    folders.sweep(target.parent, target.name)
    with folders.workplace(target, "the folder for runs", "-o") as folder:
        yield folder
        folder.chmod(0o777 & ~_umask())
        with folders.alone(target.parent):
            _finish_replacing(target, mark)
            check_target(target, mark)
            try:
                if target.exists():
                    target.rename(target.with_name(f"{folder.name}{_OLD}"))
                folder.rename(target)
            finally:
                _finish_replacing(target, mark)


def _finish_replacing(target: Path, mark: str) -> None:
    """Bring a replacement to its end, also one that a killed process began: the earlier run comes back when
    there is no new one, else its foreign files move over and it goes.
    """
    for old in sorted(target.parent.glob(f".{glob.escape(target.name)}-????????{folders.UNFINISHED}{_OLD}")):
        if not target.exists():
            old.rename(target)
            continue
        for name in _foreign_files(old, mark):
            place = target / name
            if not place.exists():
                place.parent.mkdir(parents=True, exist_ok=True)
                (old / name).rename(place)
        shutil.rmtree(old, ignore_errors=True)


def _foreign_files(run: Path, mark: str) -> list[str]:
    if not is_run(run, mark):
        return []
    known = untrusted.read_json(run, mark, store.MOST_SUMMARY).get("files", {})
    own = (mark, store.LOG_FILE, store.STAGES_FILE)
    files = (path.relative_to(run).as_posix() for path in sorted(run.rglob("*")) if path.is_file())
    return [name for name in files if name not in known and name not in own]


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
