"""Files that somebody else may have written: opened only after their kind, place and size are checked.

A digest says that a file is what its folder says it is, not that the folder means well. What cannot be read
becomes one `RunError`, whatever the library that reads it raises.
"""

from __future__ import annotations

import contextlib
import errno
import json
import math
import shutil
import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Literal

import numpy as np
import numpy.typing as npt

from topics.cache.folders import lacks_memory
from topics.config.load import open_file
from topics.errors import RunError, TopicsError

MOST_MEMORY = 768 << 20
"""Bytes that reading a compressed file may take beyond what the process has."""

MOST_JSON = 256 << 20
"""Bytes of a JSON file. run.json has some ten thousand, the terms of 200,000 papers ten million."""

MAPPED = 1 << 20
"""Bytes from which an array is mapped rather than read: each mapped one holds an open file, and systems grant
a process few."""

_DIMENSIONS = 3


@contextlib.contextmanager
def bounded_memory(most: int = MOST_MEMORY) -> Iterator[None]:
    """Inside, this process gets no more than `most` bytes of memory beyond what it has (Linux only).

    Formats that compress can hold a text of gigabytes in a kilobyte, and no header says so. Raises
    MemoryError, and what libraries make of it.
    """
    try:
        import resource

        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        soft, hard = before = resource.getrlimit(resource.RLIMIT_AS)
        wanted = pages * resource.getpagesize() + most
    except (ImportError, OSError, ValueError):
        yield
        return
    known = [limit for limit in (soft, hard) if limit != resource.RLIM_INFINITY]
    resource.setrlimit(resource.RLIMIT_AS, (min([wanted, *known]), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


@contextlib.contextmanager
def damage(place: Path) -> Iterator[None]:
    """Whatever is raised inside, by files that hold something else than they should, becomes a RunError.

    Raises MemoryError: a library had no room for what it needs, whatever the file holds.
    """
    try:
        yield
    except TopicsError:
        raise
    except OSError as error:
        if error.errno in (errno.EMFILE, errno.ENFILE):
            raise
        if lacks_memory(error):
            raise MemoryError(str(error)) from None
        why = " ".join(str(error.strerror or error).split())[:200]
        raise RunError(f"{place} cannot be read ({why}); repeat the run") from None
    except MemoryError:
        raise RunError(
            f"{place} needs more than {MOST_MEMORY >> 20} MB to be opened; repeat the run"
        ) from None
    except Exception as error:
        if lacks_memory(error):
            raise MemoryError(str(error)) from None
        # Libraries raise some twenty unrelated kinds on damaged files.
        why = " ".join(str(error).split())[:200]
        raise RunError(f"{place} is damaged ({type(error).__name__}: {why}); repeat the run") from None


def file_in(folder: Path, name: str) -> Path:
    """The regular file of this name in a folder.

    Raises RunError: there is none, or the name or a link leads out of the folder, or it is a pipe or device.
    """
    path = folder / name
    try:
        inside = path.resolve().is_relative_to(folder.resolve())
        kind = path.stat().st_mode if inside else 0
    except (OSError, ValueError, RuntimeError):
        raise RunError(f"{folder} lacks {name}; repeat the run") from None
    if not inside:
        raise RunError(f"{name!r:.200} leads out of {folder}, so it is not read; repeat the run")
    if not stat.S_ISREG(kind):
        raise RunError(f"{path} is no file, but a folder, a pipe or a device; repeat the run")
    return path


def copy_folder(source: Path, target: Path) -> None:
    """Copy a folder to where none is. Raises RunError: something in it leads out of it, or is no file."""

    def copy(path: str, place: str) -> None:
        shutil.copyfile(file_in(source, str(Path(path).relative_to(source))), place)

    if not source.resolve().is_relative_to(source.parent.resolve()):
        raise RunError(f"{source} leads out of its folder, so it is not read; repeat the run")
    shutil.copytree(source, target, symlinks=False, copy_function=copy)


def read_json(folder: Path, name: str, most: int = MOST_JSON) -> Any:
    """What a JSON file in a folder holds. Raises RunError."""
    path = file_in(folder, name)
    with damage(path):
        if path.stat().st_size > most:
            raise RunError(f"{path} is larger than {most >> 20} MB; repeat the run")
        return json.loads(path.read_text(encoding="utf-8"))


def load_array(folder: Path, name: str) -> npt.NDArray[Any]:
    """An array of numbers in a .npy file, a large one mapped into memory. Raises RunError."""
    return array_at(file_in(folder, name), "biuf")


def array_at(path: Path, kinds: str = "biufcSU") -> npt.NDArray[Any]:
    """An array in a .npy file that the user names, of no objects. Raises RunError."""
    with damage(path):
        with open_file(path) as stream:
            _check_header(stream, path.stat().st_size, kinds)
        mode: Literal["r"] | None = "r" if path.stat().st_size >= MAPPED else None
        array: npt.NDArray[Any] = np.load(path, mmap_mode=mode, allow_pickle=False)
        return array


def load_matrix(folder: Path, name: str) -> Any:
    """A sparse matrix in an uncompressed .npz file. Raises RunError."""
    import scipy.sparse as sp

    path = file_in(folder, name)
    with damage(path):
        with zipfile.ZipFile(path) as archive:
            for part in archive.infolist():
                if part.compress_type != zipfile.ZIP_STORED:
                    raise ValueError(f"{part.filename} is compressed")
                with archive.open(part) as stream:
                    _check_header(stream, part.file_size, "S" if part.filename == "format.npy" else "biuf")
        matrix = sp.load_npz(path)
        matrix.check_format(full_check=True)
        return matrix


def load_table(folder: Path, name: str) -> Any:
    """The table of a Parquet file, of all its columns. Raises RunError."""
    import pyarrow.parquet as pq

    path = file_in(folder, name)
    with damage(path), bounded_memory(MOST_MEMORY + 20 * path.stat().st_size):
        # `read_table` would import pandas for this.
        return pq.ParquetFile(path).read()


def _check_header(stream: IO[bytes], size: int, kinds: str) -> None:
    """Raises ValueError: an .npy file's header says more than it holds, or another kind of values."""
    version = np.lib.format.read_magic(stream)
    if version not in ((1, 0), (2, 0)):
        raise ValueError(f"a header of version {version}")
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, _, dtype = read(stream)
    if dtype.kind not in kinds or len(shape) > _DIMENSIONS or min(shape, default=0) < 0:
        raise ValueError(f"an array of {dtype} with the shape {shape}")
    if math.prod(shape) * dtype.itemsize != size - stream.tell():
        raise ValueError(f"the shape {shape} of {dtype} and {size:,} bytes do not fit")
