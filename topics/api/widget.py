"""The map as a widget of a notebook: what is chosen comes back as a frame, what is changed as edits."""

from __future__ import annotations

import base64
import functools
from collections.abc import Callable
from importlib import resources
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from topics.api.inline import MOST_INLINE
from topics.config.load import parse_yaml
from topics.errors import ConfigError, ModelError
from topics.output.maps.interactive import MAX_PAPERS, sample_rows

if TYPE_CHECKING:
    import pandas as pd

    from topics.types import Integers


def map_widget(page: str, topic: Integers, papers: Callable[[], pd.DataFrame], height: int) -> Any:
    """A widget that shows `page`, the map of papers of these topics.

    papers: gives a row per paper.

    Raises ModelError: anywidget is not installed. ConfigError: the page is too large.
    """
    if not find_spec("anywidget"):
        raise ModelError("a widget needs anywidget: `pip install 'paper-topics[widget]'`")
    if len(page) > MOST_INLINE:
        size = f"{len(page) / 1e6:,.0f} MB"
        raise ConfigError(
            f"the map has {size}, too much for a notebook; run.map().save('map.html') writes it"
        )
    packed = base64.b64encode(page.encode("utf-8")).decode("ascii")
    return _kind()(sample_rows(topic, MAX_PAPERS), papers, page=packed, height=height)


@functools.cache
def _kind() -> type[Any]:
    import anywidget
    import traitlets

    class MapWidget(anywidget.AnyWidget):  # type: ignore[misc]
        """The map; `selected` holds the papers that are chosen on it, `edits` the changes made there.

        chosen: numbers of the papers drawn that search, topics, dates and lasso leave; None while nothing is
            chosen. edited: the changes as a file of edits. Both change as people work: `observe` them as any
            trait.
        """

        _esm = (resources.files("topics.api") / "widget.js").read_text(encoding="utf-8")
        page = traitlets.Unicode().tag(sync=True)
        height = traitlets.Int().tag(sync=True)
        chosen = traitlets.List(traitlets.Int(), allow_none=True, default_value=None).tag(sync=True)
        edited = traitlets.Unicode().tag(sync=True)

        def __init__(self, rows: Any, papers: Callable[[], pd.DataFrame], **traits: Any) -> None:
            super().__init__(**traits)
            self._rows, self._papers = rows, papers

        @property
        def selected(self) -> pd.DataFrame:
            """The rows of the run's papers that are chosen; none while nothing is."""
            drawn = [place for place in self.chosen or () if 0 <= place < len(self._rows)]
            return self._papers().iloc[self._rows[drawn]]

        @property
        def edits(self) -> list[Any]:
            """The changes made on the map, for `Fitted.edit`; none while there are none."""
            found = parse_yaml(self.edited, "the map", "its edits begin with the line `edits:`")
            return list(found.get("edits", ()))

    return MapWidget
