"""A stage: a result that is computed once, kept in the cache and loaded only when somebody asks for it."""

from __future__ import annotations

import contextlib
import ctypes
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from topics.cache import folders, store
from topics.cache.parallel import one_thread_of_blas
from topics.config import Config
from topics.errors import RunError
from topics.types import Progress, unwatched
from topics.types.run import Values

T = TypeVar("T")


class Observer(Protocol):
    """Who watches a run: the command line's progress lines, or nobody."""

    def started(self, stage: str) -> None:
        """A stage is computed from now on."""

    def finished(self, stage: str, seconds: float, *, cached: bool) -> None:
        """A stage is done; `cached` when nothing had to be computed."""

    def note(self, text: str) -> None:
        """A sentence for the user."""

    def detail(self, text: str) -> None:
        """A sentence for the log and for `--verbose`."""

    def progress(
        self, stage: str, total: int | None, unit: str = "papers"
    ) -> AbstractContextManager[Progress]:
        """Inside the context, call the returned function with the number just finished.

        total: of how many, None when nobody knows. unit: what is counted.
        """


class NullObserver:
    """An observer that says nothing."""

    def started(self, stage: str) -> None: ...

    def finished(self, stage: str, seconds: float, *, cached: bool) -> None: ...

    def note(self, text: str) -> None: ...

    def detail(self, text: str) -> None: ...

    def progress(
        self,
        stage: str,  # noqa: ARG002
        total: int | None,  # noqa: ARG002
        unit: str = "papers",  # noqa: ARG002
    ) -> AbstractContextManager[Progress]:
        return contextlib.nullcontext(unwatched)


@dataclass
class RunState:
    """What happened in one run: which stages were computed, and in how many seconds.

    holds: the cache's folders that the run uses and nobody may prune before it has ended.
    few: whether the papers are so few that one thread of BLAS is faster than several.
    """

    cache: store.Cache
    observer: Observer
    forced: frozenset[str] = frozenset()
    holds: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)
    seconds: dict[str, float] = field(default_factory=dict)
    cached: dict[str, bool] = field(default_factory=dict)
    few: bool = False

    def hold(self, folder: Path) -> folders.Hold:
        held = folders.hold(folder)
        self.holds.callback(held.close)
        return held


@dataclass
class Stage(Generic[T]):
    """A stage of one run. Nothing happens before `value`, `folder` or `ready()` is asked for.

    kind: type of the result, a dataclass of `topics.types`.
    make: computes it; it may leave further files in the folder it is given.
    settings: everything in the configuration that the result depends on.
    after: the stages whose results it takes.
    modules: this package's modules whose source it depends on; `types` is added, since each value is one.
    libraries: distributions whose version it depends on.
    """

    name: str
    kind: type[T]
    make: Callable[[Path], T]
    state: RunState
    settings: object
    after: Sequence[Stage[Any]] = ()
    modules: Sequence[str] = ()
    libraries: Sequence[str] = ()
    key: str = field(init=False)
    _value: T | None = None
    _checked: bool = False
    _parts: folders.Hold | None = None

    def __post_init__(self) -> None:
        self.key = store.stage_key(
            self.name,
            settings=self.settings,
            inputs=[stage.key for stage in self.after],
            source=store.source_digest([*self.modules, "types"]),
            libraries=store.versions(self.libraries),
        )

    @property
    def folder(self) -> Path:
        """The finished entry's folder in the cache."""
        self.ready()
        return self.state.cache.place(self.name, self.key)

    @property
    def value(self) -> T:
        """The result. Always read back from the cache, so that what follows cannot tell how it came there."""
        self.ready()
        if self._value is None:
            place = self.state.cache.place(self.name, self.key)
            try:
                self._value = store.unpack(self.kind, place)
            except RunError:
                if not self.state.cached[self.name]:
                    raise
                self.state.observer.note(
                    f"the cached stage {self.name} was not written by topics ({place}); it is computed anew"
                )
                folders.set_aside(place)
                self._compute()
                self._value = store.unpack(self.kind, place)
        return self._value

    def parts(self) -> Path:
        """A folder that outlives a killed run, from which `make` resumes; removed when the stage is done."""
        folder = self.state.cache.place("parts", self.key)
        folder.mkdir(parents=True, exist_ok=True)
        self._parts = self.state.hold(folder)
        return folder

    def ready(self) -> None:
        """Make sure that the result is in the cache."""
        if self._checked:
            return
        state = self.state
        state.hold(state.cache.place(self.name, self.key))
        problem = "forced" if self.name in state.forced else state.cache.check(self.name, self.key)
        if problem is None:
            state.cache.touch(self.name, self.key)
            state.seconds[self.name], state.cached[self.name] = 0.0, True
            state.observer.finished(self.name, 0.0, cached=True)
        else:
            if problem not in ("missing", "forced"):
                state.observer.note(
                    f"the cached stage {self.name} is damaged ({problem}); it is computed anew"
                )
            self._compute()
        self._checked = True

    def _compute(self) -> None:
        for stage in self.after:
            stage.ready()
        state = self.state
        state.observer.started(self.name)
        state.observer.detail(f"{self.name} is computed into {state.cache.place(self.name, self.key)}")
        begin = time.perf_counter()
        forced = self.name in state.forced
        threads = one_thread_of_blas() if state.few else contextlib.nullcontext()
        with state.cache.fill(self.name, self.key, forced=forced) as folder, threads:
            store.pack(self.make(folder), folder)
        state.hold(state.cache.place(self.name, self.key))
        if self._parts:
            # Of several runs that make the same, the last one removes them: the others still write there.
            self._parts.close()
        folders.remove(state.cache.place("parts", self.key))
        give_back_memory()
        state.seconds[self.name], state.cached[self.name] = time.perf_counter() - begin, False
        state.observer.finished(self.name, state.seconds[self.name], cached=False)


def give_back_memory() -> None:
    """Return freed memory to the system; the C library keeps what lies between pieces that are in use."""
    if sys.platform == "linux":
        # musl has no such function.
        with contextlib.suppress(AttributeError):
            ctypes.CDLL(None).malloc_trim(0)


@dataclass
class RunContext(Values):
    """A run under way: its settings and its stages, each computed or loaded when first asked for.

    files: the paper files; inputs: their digests by name. history: what was done to the topics since they
    were found. encoder: what made the vectors, empty before it was looked for; it holds None where they are
    from a file and no encoder here made them.
    """

    config: Config
    files: list[Path]
    inputs: Mapping[str, str]
    state: RunState
    history: tuple[str, ...] = ()
    stages: dict[str, Stage[Any]] = field(default_factory=dict)
    encoder: tuple[Any, ...] = ()

    def progress(
        self, stage: str, total: int | None, unit: str = "papers"
    ) -> AbstractContextManager[Progress]:
        """The observer's bar for a stage (`Observer.progress`)."""
        return self.state.observer.progress(stage, total, unit)

    def value(self, stage: str, kind: type[T]) -> T:
        found = self.stages[stage].value
        if not isinstance(found, kind):
            raise TypeError(f"the stage {stage} gives {type(found).__name__}, not {kind.__name__}")
        return found
