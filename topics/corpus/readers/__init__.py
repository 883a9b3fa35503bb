"""Paper files to records: the registry of formats.

A format is one module of this package with a constant `READER`; adding the file adds the format, and
docs/design.md says what belongs to it. Detection looks at the content first, then at the name: each reader
says how sure it is that a file's head is its own.
"""

from __future__ import annotations

import errno
import glob
import importlib
import pkgutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from topics.config import CorpusSettings
from topics.corpus.readers.source import Source
from topics.corpus.readers.unread import known_by
from topics.errors import InputError
from topics.types import Broken, Record

NO, POSSIBLE, LIKELY, CERTAIN = range(4)

HOPELESS = 10_000
"""Broken records that no file has among its first, if nearly all are."""


@dataclass(frozen=True)
class Reader:
    """One format.

    name: what `corpus.format` calls it.
    title: what a sentence calls it.
    suffixes: usual ends of names, which decide between readers that are equally sure.
    sniff: how sure this reader is that a file is its own, from NO to CERTAIN; looks at `Source.head` only.
    read: the file's records in order. Raises InputError when the file as a whole cannot be read; a single
        unreadable place is yielded as `Broken`.
    """

    name: str
    title: str
    suffixes: tuple[str, ...]
    sniff: Callable[[Source], int]
    read: Callable[[Source, CorpusSettings], Iterator[Record | Broken]]


@cache
def readers() -> dict[str, Reader]:
    """All formats by name, in alphabetical order."""
    found = {}
    for module in pkgutil.iter_modules(__path__, f"{__name__}."):
        reader = getattr(importlib.import_module(module.name), "READER", None)
        if isinstance(reader, Reader):
            found[reader.name] = reader
    return dict(sorted(found.items()))


def detect(path: Path, settings: CorpusSettings | None = None) -> Reader:
    """The reader for a file. Raises InputError when the file is missing, empty or of no known format."""
    return _reader(_open(path, path.name, settings or CorpusSettings()), settings or CorpusSettings())


def read_files(paths: Sequence[Path], settings: CorpusSettings) -> Iterator[Record | Broken]:
    """All records of files, folders (with their subfolders) and globs, in the order given.

    Every path and format is checked before the first record comes. Raises InputError with the file's name.
    """
    files = expand(paths)
    sources = [_open(path, name, settings) for path, name in zip(files, names(files), strict=True)]
    chosen = [(_reader(source, settings), source) for source in sources]
    empty: list[Broken] = []
    found = False
    for reader, source in chosen:
        items = _items(reader, source, settings)
        first = next(items, None)
        if first is None:
            empty.append(_no_records(reader, source))
            continue
        found = True
        yield first
        yield from items
    if not found:
        raise InputError("; ".join(f"{place.file}: {place.reason}" for place in empty))
    yield from empty


def read_file(path: Path, name: str, settings: CorpusSettings) -> Iterator[Record | Broken]:
    """The records of one file, which is called `name` in them; a `Broken` if it holds none.

    Raises InputError: the file is missing, empty or of no known format.
    """
    source = _open(path, name, settings)
    reader = _reader(source, settings)
    items = _items(reader, source, settings)
    yield next(items, None) or _no_records(reader, source)
    yield from items


def _items(reader: Reader, source: Source, settings: CorpusSettings) -> Iterator[Record | Broken]:
    """What a reader reads; what stops it, and is no fault of its own, becomes an InputError.

    Raises InputError when `HOPELESS` places are broken, a hundred for each record.
    """
    broken = whole = 0
    try:
        source.check_unzipped()
        for item in reader.read(source, settings):
            if not isinstance(item, Broken):
                whole += 1
            elif (broken := broken + 1) >= HOPELESS and broken > 100 * whole:
                raise InputError(
                    f"{source.name} cannot be read as {reader.title}: of its first {broken + whole:,} "
                    f"records {broken:,} are broken, the last one ({item.position}) as {item.reason}"
                )
            yield item
    except UnicodeError as error:
        raise InputError(
            f"{source.name} is not text in the encoding {source.codec()} ({error}); save it as UTF-8, or "
            "name its encoding with corpus.encoding"
        ) from None
    except OSError as error:
        why = " ".join(str(error.strerror or error).split())
        raise InputError(f"{source.name} cannot be read to its end: {why}") from None
    except MemoryError:
        raise InputError(f"{source.name} needs more memory than there is; divide it into several") from None


def _no_records(reader: Reader, source: Source) -> Broken:
    return Broken(source.name, 0, f"the file holds no records ({reader.title})")


def expand(paths: Sequence[Path]) -> list[Path]:
    """The files behind files, folders and globs: each once, a folder's and a glob's in alphabetical order.

    Of a folder and its subfolders only files of a known format count; what is named itself does anyway.

    Raises InputError for a path that leads to no file or to what can be read once only, and for a file whose
    path is not UTF-8.
    """
    files: dict[Path, Path] = {}
    for path in paths:
        _check_path(path)
        if path.is_dir():
            inside = (
                file
                for file in sorted(path.rglob("*"))
                if not any(part.startswith(".") for part in file.relative_to(path).parts)
            )
            found = [file for file in inside if file.is_file() and _is_known(file)]
            refusal = f"The folder {path} holds no file of a known format"
        elif path.exists():
            found, refusal = [path], ""
        else:
            found = [Path(name) for name in sorted(glob.glob(str(path), recursive=True))]  # noqa: PTH207
            refusal = f"{'No file matches' if glob.has_magic(str(path)) else 'There is no file'} {path}"
        found = [file for file in found if not file.is_dir()]
        if not found:
            raise InputError(refusal)
        for file in found:
            _check_writable(str(file))
            if file.exists() and not file.is_file():
                raise InputError(
                    f"{file} can be read only once, as pipes can; write it to a file and name that"
                )
            files.setdefault(file.resolve(), file)
    return list(files.values())


def _check_path(path: Path) -> None:
    """Raises InputError: the system cannot even look for it."""
    try:
        path.stat()
    except ValueError:
        raise InputError(f"{str(path)!r:.200} cannot be a path: it holds a zero byte") from None
    except OSError as error:
        if error.errno in (errno.ENAMETOOLONG, errno.EACCES):
            raise InputError(f"{path!s:.200} cannot be read: {error.strerror}") from None


def _check_writable(path: str) -> None:
    """Tables and run.json say where each record is from."""
    try:
        path.encode()
    except UnicodeEncodeError:
        raise InputError(
            f"{path}: this path is not UTF-8, and results name their files; rename the file or folder"
        ) from None


def _is_known(path: Path) -> bool:
    source = Source(path, path.name)
    return bool(source.head.strip()) and any(reader.sniff(source) for reader in readers().values())


def names(files: Sequence[Path]) -> list[str]:
    """Each file with the shortest end of its path that no other file has: the same on every machine.

    Raises InputError: one is not UTF-8.
    """
    depth = 1
    while True:
        found = ["/".join(file.resolve().parts[-depth:]) for file in files]
        if len(set(found)) == len(files):
            for name in found:
                _check_writable(name)
            return found
        depth += 1


def _open(path: Path, name: str, settings: CorpusSettings) -> Source:
    if not path.exists():
        raise InputError(f"There is no file {path}")
    source = Source(path, name, settings.encoding)
    if not source.head.strip():
        raise InputError(f"{name} is empty")
    return source


def _reader(source: Source, settings: CorpusSettings) -> Reader:
    known = readers()
    if settings.format != "auto":
        if settings.format not in known:
            raise InputError(f"corpus.format is {settings.format!r}; it can be auto, {', '.join(known)}")
        return known[settings.format]

    def sureness(reader: Reader) -> tuple[int, bool]:
        return reader.sniff(source), source.plain_name.endswith(reader.suffixes)

    best = max(known.values(), key=sureness)
    if sureness(best)[0] == NO:
        if what := known_by(source):
            raise InputError(f"{source.name} {what}")
        if not source.is_binary():
            source.codec()
        tried = ", ".join(reader.title for reader in known.values())
        raise InputError(
            f"{source.name} is in no format that can be read; tried {tried}; if it is one of them, name it "
            "with corpus.format"
        )
    return best
