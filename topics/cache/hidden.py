"""Importing a module without libraries that it loads where they are installed and we never use.

BERTopic imports language models' clients, other encoders and plotly when it finds them: 4 s and 300 MB that
no command of ours asks for. It asks Python whether they are there, so while it is imported the finders of
modules (`sys.meta_path`) say that they are not. Nothing is uninstalled, and what is loaded stays.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator, Sequence, Set
from typing import Any

HIDDEN_DEPENDENCIES: dict[str, tuple[str, ...]] = {}
"""By the name of a module, the libraries that it is imported without (`topics.__main__`)."""


@contextlib.contextmanager
def without_hidden(name: str) -> Iterator[None]:
    """Inside, what is hidden from a module is not found by whoever asks, unless it is loaded already."""
    # Where the module is loaded nothing needs to be hidden, from other threads least of all.
    hidden = HIDDEN_DEPENDENCIES.get(name, ()) if name not in sys.modules else ()
    names = {library for library in hidden if library not in sys.modules}
    if not names:
        yield
        return
    others = _Finders(sys.meta_path, names)
    # Another list each time: a thread that imports goes on through the one that it began with.
    sys.meta_path = [others]
    try:
        yield
    finally:
        # A library may have added a finder of its own.
        place = sys.meta_path.index(others)
        sys.meta_path = [*sys.meta_path[:place], *others.finders, *sys.meta_path[place + 1 :]]


class _Finders:
    """The finders of modules, without some libraries; distributions are all found."""

    def __init__(self, finders: Sequence[Any], hidden: Set[str]) -> None:
        self.finders, self.hidden = finders, hidden

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        if name.partition(".")[0] in self.hidden:
            return None
        able = (finder for finder in self.finders if hasattr(finder, "find_spec"))
        found = (finder.find_spec(name, path, target) for finder in able)
        return next((spec for spec in found if spec is not None), None)

    def find_distributions(self, *context: Any) -> Iterator[Any]:
        for finder in self.finders:
            if hasattr(finder, "find_distributions"):
                yield from finder.find_distributions(*context)
