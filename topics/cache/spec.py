"""What a stage is before any run: a function, and everything that its result depends on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from topics.cache.stage import RunContext
    from topics.config import Config

Function = Callable[["RunContext", Path], Any]


@dataclass(frozen=True)
class StageSpec:
    """One stage: its function, and everything that its result depends on.

    name: the function's. make: the function; it may leave further files in the folder that it is given. Its
        return annotation names the type of its value in `topics.types`, and says what becomes of it: `Files`
        are shown in the run's folder (`published`), any other value is kept in the folder's `data/`.
    needs: the stages whose values it takes.
    settings: the part of the configuration that it depends on.
    outside: what else it depends on, such as the digests of files that settings name.
    modules: modules and rooms of this package whose source it depends on, and data files; `types`, on which
        every stage depends, need not be named.
    libraries: distributions whose version it depends on.
    dropped: whether its value stays in the cache only, since nothing that opens a finished run needs it.
    """

    name: str
    make: Function
    needs: tuple[str, ...]
    settings: Callable[[Config], object]
    outside: Callable[[RunContext], object]
    modules: tuple[str, ...]
    libraries: tuple[str, ...]
    dropped: bool

    @property
    def published(self) -> bool:
        """Whether its value is the files that a run's folder shows."""
        return self._value == "Files"

    @property
    def kept(self) -> bool:
        """Whether its value stays in a run's folder, so that the run can be opened without the cache."""
        return not (self.published or self.dropped)

    @property
    def kind(self) -> type[Any]:
        """The type of its value."""
        from topics import types

        kind: type[Any] = getattr(types, self._value)
        return kind

    @property
    def _value(self) -> str:
        return str(self.make.__annotations__["return"]).removeprefix("types.")


def add_stage(
    stages: dict[str, StageSpec],
    *,
    needs: str = "",
    settings: Callable[[Config], object] = lambda _: None,
    outside: Callable[[RunContext], object] = lambda _: None,
    modules: str,
    libraries: str = "",
    dropped: bool = False,
) -> Callable[[Function], Function]:
    """A decorator that adds a function to `stages`, under its own name.

    The other parameters are explained in `StageSpec`; several names are separated by spaces.
    """

    def add(make: Function) -> Function:
        stages[make.__name__] = StageSpec(
            make.__name__,
            make,
            tuple(needs.split()),
            settings,
            outside,
            tuple(modules.split()),
            tuple(libraries.split()),
            dropped,
        )
        return make

    return add
