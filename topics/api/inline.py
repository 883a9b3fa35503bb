"""How results show themselves: a few lines of text, and HTML without scripts or styles of its own.

Labels and titles are other people's text: every one is escaped, and nothing here asks a network for anything.
A page with scripts (map, report) stands in a frame of its own origin that has no access to the notebook.
"""

from __future__ import annotations

import base64
import functools
import html
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from topics.api.papers import in_python
from topics.cache import untrusted
from topics.output.maps.typeset import clean
from topics.output.text import Column, aligned, clipped, printable
from topics.types import counted
from topics.types.trends import TOO_FEW, shortened

if TYPE_CHECKING:
    from topics.runs.run import Run

WIDE = 110
"""Columns of text."""

LISTED = 30
"""Rows that are shown; the frames hold all."""

_KEYWORDS = 4
_SHORT = 32
"""Characters of keywords in a table of text."""

_PICTURE = 440
MOST_INLINE = 20_000_000
"""Characters of a page from which it is too much for a notebook."""

_MUTED = "opacity:.65"


def text_table(columns: Sequence[Column], rest: str = "") -> str:
    """Aligned columns; the second one gives way. rest: what is said of more rows than `LISTED`."""
    more = len(columns[0].cells) - LISTED
    lines = aligned(columns, WIDE, LISTED)
    return printable("\n".join([*lines, *([f"... {more} more{rest}"] if more > 0 else [])]))


def html_table(columns: Sequence[Column], rest: str = "") -> str:
    """Columns as an HTML table. rest: as in `text_table`."""

    def cell(tag: str, text: str, number: bool) -> str:
        side = "right" if number else "left"
        return f'<{tag} style="text-align:{side};vertical-align:top">{escaped(text)}</{tag}>'

    head = "".join(cell("th", column.head, column.number) for column in columns)
    rows = zip(*(column.cells[:LISTED] for column in columns), strict=True)
    body = "".join(
        f"<tr>{''.join(cell('td', text, c.number) for text, c in zip(row, columns, strict=True))}</tr>"
        for row in rows
    )
    more = len(columns[0].cells) - LISTED
    below = f'<div style="{_MUTED}">{more:,} more{escaped(rest)}</div>' if more > 0 else ""
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return f'<div style="overflow-x:auto">{table}</div>{below}'


def escaped(text: str) -> str:
    """Text as HTML, in its own direction, without control characters."""
    return f"<bdi>{html.escape(clean(text))}</bdi>"


def muted(text: str) -> str:
    return f'<div style="{_MUTED}">{html.escape(clean(text))}</div>'


@functools.cache
def topic_frame() -> Any:
    """A pandas frame of topics that shows its main columns; what is taken from it is a plain frame."""
    import pandas as pd

    class TopicFrame(pd.DataFrame):  # type: ignore[misc]
        @property
        def _constructor(self) -> Any:
            return pd.DataFrame

        def __repr__(self) -> str:
            return text_table(_topics(self, _SHORT))

        def _repr_html_(self) -> str:
            return html_table(_topics(self)) + muted(f"All columns: {', '.join(self.columns)}")

    return TopicFrame


def _topics(topics: Any, most: int = 200) -> list[Column]:
    """most: characters of a topic's keywords."""
    doubted = [
        f"{stability:.2f}{'!' * bool(doubt)}"
        for stability, doubt in topics[["stability", "doubt"]].to_numpy()
    ]
    columns = [
        Column("topic", [str(topic) for topic in topics["topic"]], number=True),
        Column("label", list(topics["label"])),
        Column("papers", [f"{size:,}" for size in topics["size"]], number=True),
        Column("stability", doubted, number=True),
    ]
    if topics["fits"].notna().all():
        columns.append(Column("label fits", [f"{share:.0%}" for share in topics["fits"]], number=True))
    if any(trend not in ("", TOO_FEW) for trend in topics["trend"]):
        columns.append(Column("over time", [shortened(trend) for trend in topics["trend"]]))
    words = (", ".join(words[:_KEYWORDS]) for words in topics["keywords"])
    return [*columns, Column("keywords", [clipped(text, most) for text in words])]


def run_text(run: Run, topics: Any) -> str:
    """The run in a few lines."""
    table = text_table(_topics(topics, _SHORT), " in .topics")
    return printable("\n".join([_counted(run), "", table, *_mark(topics), "", f"Folder: {run.path}"]))


def run_html(run: Run, topics: Any) -> str:
    """The run with a small picture of its map."""
    title = run.config.map.title or _counted(run)
    under = [_counted(run)] if run.config.map.title else []
    files = ("report.html", "map.html", "topics.csv", "assignments.csv", "assignments.parquet")
    named = ", ".join(name for name in files if (run.path / name).exists())
    return (
        f"<div><b>{escaped(title)}</b>{''.join(muted(line) for line in under)}"
        f"{''.join(muted(in_python(note)) for note in run.summary['notes'])}"
        '<div style="display:flex;flex-wrap:wrap;gap:1em;align-items:flex-start">'
        f'<img alt="The map of the papers, coloured by topic" style="width:{_PICTURE}px;max-width:100%" '
        f'src="data:image/webp;base64,{_thumbnail(run)}">'
        f'<div style="max-width:100%">{html_table(_topics(topics), " in run.topics")}'
        f"{''.join(muted(line) for line in _mark(topics))}</div></div>"
        f"{muted(f'{run.path}: {named}')}</div>"
    )


def _mark(topics: Any) -> list[str]:
    return ["!: there is a doubt about this topic, which .quality tells"] if any(topics["doubt"]) else []


def _counted(run: Run) -> str:
    counts = run.summary["counts"]
    parts = [counted(counts[unit], unit.removesuffix("s")) for unit in ("papers", "topics", "outliers")]
    return f"{', '.join(parts)} ({run.embeddings.encoder})"


def _thumbnail(run: Run) -> str:
    """map.png, small, as WebP in base64: a fifth of a PNG."""
    from PIL import Image

    run.check("map.png")
    small = io.BytesIO()
    with untrusted.damage(run.path / "map.png"), Image.open(run.path / "map.png") as picture:
        # Twice as wide as it is shown, for screens with small pixels.
        picture.thumbnail((2 * _PICTURE, 2 * _PICTURE))
        picture.convert("RGB").save(small, "webp", quality=85)
    return base64.b64encode(small.getvalue()).decode("ascii")


@dataclass(frozen=True)
class InlinePage:
    """A page that shows itself in a notebook's cell; `save` writes it as a file.

    page: its HTML, whole. what: what it shows, in a few words. height: in pixels. write: writes it as the end
    of a file's name says.
    """

    page: str
    what: str
    height: int
    write: Callable[[Path], None]

    def save(self, path: str | Path) -> Path:
        """Write it to a file; a map as .html, .png, .svg or .pdf. Gives the path."""
        self.write(Path(path))
        return Path(path)

    def __repr__(self) -> str:
        return (
            f"<{self.what}, {len(self.page) / 1e6:.1f} MB; shows itself in a notebook, .save(path) writes it>"
        )

    def _repr_html_(self) -> str:
        """A frame of an origin of its own: it may run its script and open a paper's address, nothing else.

        As a data address, since links inside a page of `srcdoc` lead to the notebook's own address.
        """
        if len(self.page) > MOST_INLINE:
            size = f"{len(self.page) / 1e6:,.0f} MB"
            return muted(
                f"The {self.what} has {size}, too much for a notebook: .save('page.html') and open that."
            )
        packed = base64.b64encode(self.page.encode("utf-8")).decode("ascii")
        return (
            f'<iframe title="{html.escape(self.what)}" width="100%" height="{self.height}" '
            'style="border:1px solid #8884;border-radius:4px" referrerpolicy="no-referrer" '
            'sandbox="allow-scripts allow-popups allow-popups-to-escape-sandbox allow-downloads" '
            f'src="data:text/html;charset=utf-8;base64,{packed}"></iframe>'
        )
