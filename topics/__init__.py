"""Named topics, labelled papers, 2D maps and trends from research-paper abstracts.

`fit` finds the topics of papers, `load` opens a finished run, `TopicModel` is a scikit-learn estimator;
`docs/python.md` shows all three.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from topics.about import __version__ as __version__

if TYPE_CHECKING:
    from topics.api.estimator import TopicModel
    from topics.api.fitted import fit, load

__all__ = ["TopicModel", "fit", "load"]


def __getattr__(name: str) -> Any:
    """These are imported when they are asked for: the command line does without them."""
    if name == "TopicModel":
        from topics.api import estimator

        return estimator.TopicModel
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from topics.api import fitted

    return getattr(fitted, name)
