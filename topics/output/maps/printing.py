"""Matplotlib as maps and pictures use it: the same page, the same bytes, whatever style the caller has."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from topics.output.maps.typeset import font_families

DPI = 300
METADATA: dict[str, dict[str, Any]] = {
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}
"""By kind of file: no file may hold a date, a program version or a random id."""


@contextmanager
def printing(what: str) -> Iterator[None]:
    """Draw and save in here; afterwards it warns once if letters have no font. what: "map" or "picture"."""
    import matplotlib as mpl

    with mpl.rc_context(), warnings.catch_warnings(record=True) as complaints:
        mpl.rcdefaults()
        mpl.rcParams.update(
            {
                "svg.hashsalt": "topics",
                "svg.fonttype": "path",
                "pdf.fonttype": 42,
                "font.family": list(font_families()),
                "text.parse_math": False,
                "text.hinting": "none",
                "path.simplify": False,
            }
        )
        warnings.simplefilter("always")
        yield
    _pass_on(complaints, what)


def _pass_on(complaints: list[warnings.WarningMessage], what: str) -> None:
    """Say once, not once per letter and file, that the fonts of this machine lack some."""
    missing = [complaint for complaint in complaints if "missing from" in str(complaint.message)]
    if missing:
        letters = len({str(complaint.message) for complaint in missing})
        warnings.warn(
            f"the {what} shows {letters} letters as boxes because no font here has them; "
            f"install one that does, such as Noto Sans CJK, and draw the {what} again",
            # Past this function, the generator, contextlib and what draws.
            stacklevel=5,
        )
    for complaint in complaints:
        if complaint not in missing:
            warnings.warn_explicit(
                complaint.message, complaint.category, complaint.filename, complaint.lineno
            )
