"""Matplotlib as maps and pictures use it: the same page, the same bytes, whatever style the caller has."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from topics.output.maps.fonts import families

DPI = 300
METADATA: dict[str, dict[str, Any]] = {
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}
"""By kind of file: no file may hold a date, a program version or a random id."""


@contextmanager
def printing(words: Iterable[str]) -> Iterator[None]:
    """Draw and save these words in here; letters that no font has become boxes (`fonts.without_font`)."""
    import matplotlib as mpl

    with mpl.rc_context(), warnings.catch_warnings():
        mpl.rcdefaults()
        mpl.rcParams.update(
            {
                "svg.hashsalt": "topics",
                "svg.fonttype": "path",
                "pdf.fonttype": 42,
                "font.family": list(families("".join(words))),
                "text.parse_math": False,
                "text.hinting": "none",
                "path.simplify": False,
            }
        )
        warnings.filterwarnings("ignore", message=".*missing from")
        # A font that lends letters need not have a bold face.
        logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
        yield
