"""How a stage says how far it is."""

from collections.abc import Callable

Progress = Callable[[int], None]
"""Called with the number of papers (or what else is counted) just finished."""


def unwatched(_: int) -> None:
    """Where nobody wants to know."""
