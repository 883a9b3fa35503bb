"""Folders that are filled under a temporary name and then renamed, and who is using which.

A process holds the folders that it fills or reads with a lock that the operating system gives up when the
process ends, however it ends. A temporary folder that nobody holds is left over from a killed process and may
go. Where there are no such locks (Windows, some network file systems), it counts as left over after a day.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

from topics.errors import RunError

FRESH = 60.0
"""Seconds that a temporary folder without a holder is left alone: its maker may be about to take hold."""

DAY = 86_400.0

UNFINISHED = ".unfinished"
"""How the names of temporary folders end, so that nothing else is taken for one."""

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)

_UNSTARTED = ("failed to map segment", "can't start new thread", "Failed to launch worker thread")
"""What the loader, Python and Arrow say of a library that is not loaded and a thread that is not started."""


@contextlib.contextmanager
def workplace(place: Path, what: str, elsewhere: str) -> Iterator[Path]:
    """A folder beside `place` to be filled and renamed meanwhile; held, and removed in the end.

    what: what the folder above is; elsewhere: what names another one. Both for the sentence that says that it
    cannot be written.

    Raises RunError: the folder above cannot be written, or its disk is full.
    """
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(UNFINISHED, f".{place.name}-", place.parent))
    except OSError as error:
        raise _unwritable(error, place.parent, what, elsewhere) from None
    held = hold(folder)
    try:
        yield folder
    except Exception as error:
        if _says_full(error):
            raise _full(place.parent, what, elsewhere) from error
        raise
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        held.close()


def check_writable(folder: Path, what: str, elsewhere: str) -> None:
    """Look whether a folder, which need not be there yet, can be made and filled; leaves nothing behind.

    Permissions do not tell: some file systems refuse whoever has them.
    Raises RunError: it cannot; what, elsewhere: as in `workplace`.
    """
    above = next((path for path in (folder, *folder.absolute().parents) if path.exists()), folder)
    try:
        Path(tempfile.mkdtemp(UNFINISHED, ".check-", above)).rmdir()
    except OSError as error:
        raise _unwritable(error, folder, what, elsewhere) from None


def _unwritable(error: OSError, folder: Path, what: str, elsewhere: str) -> RunError:
    if _says_full(error):
        return _full(folder, what, elsewhere)
    return RunError(
        f"{folder} cannot be written ({error.strerror}): it is {what}; name another one with {elsewhere}"
    )


def _full(folder: Path, what: str, elsewhere: str) -> RunError:
    return RunError(
        f"The disk is full at {folder}, {what}: make room (`topics cache prune` helps) or name another one "
        f"with {elsewhere}, and run the same command again; finished stages and earlier runs are whole (a "
        "limit on the size of files, as of ulimit -f, says the same)"
    )


def _says_full(error: Exception) -> bool:
    """numpy, and libraries in other languages, do not pass the system's number on."""
    if isinstance(error, OSError) and error.errno in _FULL:
        return True
    told = str(error)
    return (
        "No space left on device" in told
        or "File too large" in told
        or (isinstance(error, OSError) and " requested and " in told)
    )


def lacks_memory(error: Exception) -> bool:
    """Also for a file that is not read, a library that is not loaded and a thread that is not started."""
    if isinstance(error, MemoryError) or getattr(error, "errno", None) == errno.ENOMEM:
        return True
    return any(sign in str(error) for sign in _UNSTARTED)


def leftovers(folder: Path, name: str | None = None) -> list[Path]:
    """The temporary folders in a folder, all of them or those beside the place called `name`."""
    wanted = re.compile(rf"\.{re.escape(name) if name else '.*'}-[^-.]{{8}}{re.escape(UNFINISHED)}")
    found = folder.iterdir() if folder.is_dir() else ()
    return sorted(path for path in found if wanted.fullmatch(path.name) and path.is_dir())


def sweep(folder: Path, name: str | None = None) -> int:
    """Remove the `leftovers` of killed processes; gives the bytes freed."""
    return sum(remove(path, unless_younger=FRESH) for path in leftovers(folder, name))


def remove(folder: Path, *, unless_younger: float = 0.0) -> int:
    """Remove a folder unless a process holds it or it was touched a moment ago; gives the bytes freed."""
    try:
        handle = _lock(folder, exclusive=True, wait=False)
    except BlockingIOError:
        return 0
    young = max(unless_younger, DAY if handle is None and unless_younger else 0.0)
    size = 0
    if folder.is_dir() and time.time() - last_touched(folder) >= young:
        size = size_of(folder)
        set_aside(folder)
        size = 0 if folder.exists() else size
    if handle is not None:
        os.close(handle)
    return size


def set_aside(folder: Path) -> None:
    """Remove a folder so that whoever looks for it meanwhile finds all of it or nothing."""
    aside = folder
    if not folder.name.endswith(UNFINISHED):
        aside = folder.with_name(f".{folder.name}-{uuid4().hex[:8]}{UNFINISHED}")
        with contextlib.suppress(OSError):
            folder.rename(aside)
    shutil.rmtree(aside, ignore_errors=True)


def size_of(folder: Path) -> int:
    """Bytes of all files below a folder; files that vanish meanwhile count as nothing."""
    total = 0
    for path in folder.rglob("*"):
        with contextlib.suppress(OSError):
            total += path.stat().st_size if path.is_file() else 0
    return total


def last_touched(folder: Path) -> float:
    """When the folder or something directly in it was last written, in seconds since 1970."""
    times = [0.0]
    for path in (folder, *folder.glob("*")):
        with contextlib.suppress(OSError):
            times.append(path.stat().st_mtime)
    return max(times)


class Hold:
    """A folder in use by this process until `close`. Several may hold one folder."""

    def __init__(self, handle: int | None) -> None:
        self._handle = handle

    def close(self) -> None:
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


def hold(folder: Path) -> Hold:
    """Keep others from removing a folder. A folder that is not there is held by nobody."""
    return Hold(_lock(folder, exclusive=False, wait=True))


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """One process at a time, for the moments in which names in a folder change hands."""
    handle = _lock(folder, exclusive=True, wait=True)
    try:
        yield
    finally:
        if handle is not None:
            os.close(handle)


def _lock(folder: Path, *, exclusive: bool, wait: bool) -> int | None:
    """A handle that carries the lock; None where there are no locks, or no such folder.

    Raises BlockingIOError: without `wait`, somebody else has it.
    """
    try:
        import fcntl
    except ImportError:
        return None
    handle = None
    try:
        handle = os.open(folder, os.O_RDONLY)
        fcntl.flock(handle, (fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH) | (0 if wait else fcntl.LOCK_NB))
    except OSError as error:
        if handle is not None:
            os.close(handle)
        if isinstance(error, BlockingIOError):
            raise
        return None
    return handle
