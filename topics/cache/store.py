"""Finished stages on disk, and the form of a run: values packed into files, digests, the cache.

A cache entry is a folder that is filled under a temporary name beside its place and then renamed, so a reader
never meets half of one and two writers cannot mix. Values are npy, npz, Parquet and JSON.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import os
import shutil
import typing
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypeVar

import numpy as np

from topics.cache import folders, untrusted
from topics.errors import RunError

T = TypeVar("T")

MANIFEST = "manifest.json"
RUN_FILE = "run.json"
LOG_FILE = "run.log"
STAGES_FILE = "stages.json"
"""Which cache entries a run was made from, and in how many seconds; differs from run to run, like the log."""

CACHE = ("the cache folder", "TOPICS_CACHE or cache.dir")
"""What the cache is, and what names another one, in the sentence that says that it cannot be written."""

MOST_SUMMARY = 1 << 26
"""Bytes of a run.json."""

RUN_FORMAT = 3
"""The form of a run's folder. 2 added `data/`, from which a run can be opened; 3 has `digest` in run.json, so
that run.json itself cannot be changed unnoticed, and papers whose text is cleaned until it stays the same.
"""


def default_cache_dir() -> Path:
    """$TOPICS_CACHE, or `paper-topics` in the platform's folder for caches."""
    if named := os.environ.get("TOPICS_CACHE"):
        return Path(named)
    from platformdirs import user_cache_path

    return user_cache_path("paper-topics", appauthor=False, opinion=False)


def file_digest(path: Path) -> str:
    """sha256 of a file's bytes, in hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def bytes_digest(content: bytes) -> str:
    """sha256 of bytes, in hex."""
    return hashlib.sha256(content).hexdigest()


def source_digest(modules: Iterable[str]) -> str:
    """sha256 over the source of modules of this package ("cluster/umap"), of rooms ("trends") or data files.

    Part of every stage's key, so that a stage is repeated when its own code changed and only then.
    """
    package = Path(__file__).parents[1]
    total = hashlib.sha256()
    for module in sorted(modules):
        place = package / module
        files = (
            sorted(place.rglob("*.*"))
            if place.is_dir()
            else [place if place.suffix else place.with_suffix(".py")]
        )
        for file in files:
            if "__pycache__" not in file.parts:
                total.update(f"{file.relative_to(package).as_posix()}\0".encode())
                total.update(file.read_bytes())
    return total.hexdigest()


def versions(distributions: Iterable[str]) -> dict[str, str]:
    """Installed version of each distribution; those that are not installed are left out."""
    found = {}
    for name in sorted(distributions):
        with contextlib.suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


def stage_key(stage: str, **ingredients: object) -> str:
    """Name of a cache entry: equal exactly when everything that the result depends on is equal."""
    recipe = json.dumps({"stage": stage, **ingredients}, sort_keys=True, default=str)
    return hashlib.sha256(recipe.encode()).hexdigest()[:32]


def pack(value: Any, folder: Path) -> None:
    """Write a frozen dataclass of `topics.types`: a file per array or table, the rest as value.json."""
    import pyarrow as pa
    import pyarrow.parquet as pq
    import scipy.sparse as sp

    plain: dict[str, object] = {}
    for field in dataclasses.fields(value):
        part = getattr(value, field.name)
        if isinstance(part, np.ndarray):
            np.save(folder / f"{field.name}.npy", part, allow_pickle=False)
        elif isinstance(part, pa.Table):
            pq.write_table(part, folder / f"{field.name}.parquet", compression="zstd")
        elif sp.issparse(part):
            sp.save_npz(folder / f"{field.name}.npz", part, compressed=False)
        else:
            plain[field.name] = part
    write_json(folder / "value.json", plain)


def unpack(kind: type[T], folder: Path) -> T:
    """Read what `pack` wrote, whoever wrote it. Large arrays stay on disk, mapped into memory.

    A field that the value was written without, by an older version, gets its default. Raises RunError: a file
    is missing or damaged, leads elsewhere, or holds something else than such a value.
    """
    from pydantic import TypeAdapter

    hints = typing.get_type_hints(kind, localns={"pa": _TABLES, "sp": _TABLES})
    plain = untrusted.read_json(folder, "value.json")
    with untrusted.damage(folder):
        parts: dict[str, Any] = {}
        for field in dataclasses.fields(kind):  # type: ignore[arg-type]
            if field.name in plain:
                parts[field.name] = TypeAdapter(hints[field.name]).validate_python(plain[field.name])
            elif stored := _unpack_file(folder, field.name):
                parts[field.name] = stored[0]
        return kind(**parts)


def copy_value(source: Path, target: Path) -> None:
    """Copy what `pack` wrote, and the encoder beside it, from a cache entry into a run."""
    target.mkdir(parents=True)
    for path in sorted(source.iterdir()):
        if path.is_file() and path.name != MANIFEST:
            shutil.copyfile(untrusted.file_in(source, path.name), target / path.name)
    copy_encoder(source, target)


def copy_encoder(source: Path, target: Path) -> None:
    """Copy the encoder that lies beside vectors, where one does."""
    if (source / "encoder").is_dir():
        untrusted.copy_folder(source / "encoder", target / "encoder")


_TABLES = SimpleNamespace(Table=object, csr_matrix=object)


def _unpack_file(folder: Path, name: str) -> list[Any]:
    """The one array or table of this name, or nothing."""
    for suffix, load in (
        (".npy", untrusted.load_array),
        (".npz", untrusted.load_matrix),
        (".parquet", untrusted.load_table),
    ):
        if os.path.lexists(folder / f"{name}{suffix}"):
            return [load(folder, f"{name}{suffix}")]
    return []


def write_json(path: Path, value: object) -> None:
    """JSON with sorted keys and a final newline; dataclasses as objects, paths as text."""
    text = json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False, default=_plain)
    path.write_text(text + "\n", encoding="utf-8")


def write_summary(path: Path, summary: Mapping[str, Any]) -> None:
    """Write a run's run.json with the digest of all else in it."""
    plain = json.loads(json.dumps(summary, default=_plain))
    write_json(path, {**plain, "digest": summary_digest(plain)})


def summary_digest(summary: Mapping[str, Any]) -> str:
    """sha256 of a run.json but for its `digest`, as JSON with sorted keys and no white space, in hex."""
    rest = {name: value for name, value in summary.items() if name != "digest"}
    text = json.dumps(rest, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return bytes_digest(text.encode("utf-8", "surrogatepass"))


def _plain(value: object) -> object:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, Mapping):
        return dict(value)
    return str(value)


def digests(folder: Path, skip: Sequence[str] = ()) -> dict[str, str]:
    """Relative path to sha256 for every file below `folder`, in sorted order."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    named = {path.relative_to(folder).as_posix(): path for path in files}
    return {name: file_digest(path) for name, path in named.items() if name not in skip}


@dataclasses.dataclass(frozen=True)
class Cache:
    """Finished stages: `<root>/<stage>/<key>/`, each with a manifest of its files' digests."""

    root: Path

    @classmethod
    def of(cls, named: str | None = None) -> Cache:
        """The cache in the folder that a config names, or else in the user's own."""
        return cls(Path(named) if named else default_cache_dir())

    def place(self, stage: str, key: str) -> Path:
        return self.root / stage / key

    def check(self, stage: str, key: str) -> str | None:
        """None when the entry is there and whole, else "missing", or what is damaged (and then removed)."""
        folder = self.place(stage, key)
        found = self._damage(folder)
        if found in (None, "missing"):
            return found
        with folders.alone(self.root):
            # Another process may have put a whole one there meanwhile.
            found = self._damage(folder)
            if found not in (None, "missing"):
                folders.set_aside(folder)
        return found

    def _damage(self, folder: Path) -> str | None:
        try:
            expected = untrusted.read_json(folder, MANIFEST)
            found = digests(folder, skip=[MANIFEST])
        except (OSError, RunError):
            return "missing" if not folder.is_dir() else MANIFEST
        if expected == found:
            return None
        if not isinstance(expected, dict):
            return MANIFEST
        names = expected.keys() | found.keys()
        return ", ".join(sorted(name for name in names if expected.get(name) != found.get(name)))

    def touch(self, stage: str, key: str) -> None:
        """Remember that the entry was of use today: `topics cache prune --older-than` goes by that."""
        with contextlib.suppress(OSError):
            os.utime(self.place(stage, key) / MANIFEST)

    @contextlib.contextmanager
    def fill(self, stage: str, key: str, *, forced: bool = False) -> Iterator[Path]:
        """A folder to write an entry into; it becomes the entry when the block ends without an error.

        Where another process finished the same entry meanwhile, theirs stays, also where it differs, as runs
        do by their times: somebody may be reading it. forced: one that differs is replaced.

        Raises RunError: the cache folder cannot be written, or its disk is full.
        """
        place = self.place(stage, key)
        folders.sweep(place.parent)
        with folders.workplace(place, *CACHE) as folder:
            yield folder
            manifest = digests(folder)
            write_json(folder / MANIFEST, manifest)
            with folders.alone(self.root):
                if place.is_dir():
                    if self._damage(place) is None and (
                        not forced or untrusted.read_json(place, MANIFEST) == manifest
                    ):
                        return
                    folders.set_aside(place)
                folder.rename(place)
