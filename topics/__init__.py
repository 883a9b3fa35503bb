"""Named topics, labelled papers, 2D maps and trends from research-paper abstracts.

`fit` finds the topics of papers, `load` opens a finished run; `docs/python.md` shows both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from topics.about import __version__ as __version__

if TYPE_CHECKING:
    from topics.api import fit, load

__all__ = ["fit", "load"]


def __getattr__(name: str) -> Any:
    """`fit` and `load` are imported when they are asked for: the command line does without them."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from topics import api

    return getattr(api, name)
