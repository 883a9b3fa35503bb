"""What became of the records that were read, as the flow diagram of PRISMA 2020 shows it (Page et al. 2021,
https://doi.org/10.1136/bmj.n71), and as a table by file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from topics.corpus.build import REASONS
from topics.output.maps.typeset import clean
from topics.types import Corpus, counted

BEFORE = ("duplicate", "broken")
"""Reasons by which records are removed before anybody looks at what they say."""

WORDS = {
    "duplicate": "duplicates",
    "broken": "unreadable",
    "no abstract": "without abstract",
    "short abstract": "abstract too short",
    "notice": "notices",
    "language": "in other languages",
}

MOST_FILES = 8
"""Files that the picture names; the table has all."""

WIDE, GAP, LEFT, RIGHT = 360.0, 16.0, 190.0, 154.0
LINE, PAD = 14.0, 9.0
SIGNS = {LEFT: 25, RIGHT: 20}
"""Characters that a line of a box of this width holds."""


@dataclass(frozen=True)
class Flow:
    """Records by file.

    files: their names as the account has them, in its order. read, kept: of each file. left_out: for each
    reason that occurs, in the order of PRISMA's boxes, the records of each file.
    """

    files: tuple[str, ...]
    read: tuple[int, ...]
    kept: tuple[int, ...]
    left_out: tuple[tuple[str, tuple[int, ...]], ...]

    @property
    def removed(self) -> tuple[tuple[str, int], ...]:
        """Reasons and records of the first box beside the flow."""
        return tuple((WORDS[reason], sum(own)) for reason, own in self.left_out if reason in BEFORE)

    @property
    def excluded(self) -> tuple[tuple[str, int], ...]:
        """Reasons and records of the second one."""
        return tuple((WORDS[reason], sum(own)) for reason, own in self.left_out if reason not in BEFORE)

    @property
    def columns(self) -> tuple[tuple[str, tuple[int, ...]], ...]:
        """The table's columns of figures, one per reason."""
        return tuple((WORDS[reason], own) for reason, own in self.left_out)


def count_flow(corpus: Corpus) -> Flow:
    """Count the account of a corpus, a row per record, by file and reason."""
    names = corpus.account.column("file").to_pylist()
    reasons = [(reason or "").partition(":")[0] for reason in corpus.account.column("reason").to_pylist()]
    files = tuple(dict.fromkeys(names))
    cells = Counter(zip(names, reasons, strict=True))
    order = (*BEFORE, *(reason for reason in REASONS if reason not in BEFORE))
    return Flow(
        files,
        tuple(sum(cells[file, reason] for reason in ("", *order)) for file in files),
        tuple(cells[file, ""] for file in files),
        tuple(
            (reason, tuple(cells[file, reason] for file in files)) for reason in order if reason in reasons
        ),
    )


def draw_flow(flow: Flow, topics: int, outliers: int) -> str:
    """The diagram as an SVG element, narrow enough for a telephone; its colours are the page's variables."""
    identified, kept = sum(flow.read), sum(flow.kept)
    removed = sum(number for _, number in flow.removed)
    ranked = sorted(zip(flow.files, flow.read, strict=True), key=lambda pair: -pair[1])
    listed = ranked if len(ranked) <= MOST_FILES else ranked[: MOST_FILES - 1]
    rest = ranked[len(listed) :]
    sources = [*listed, *([(f"{len(rest)} more files", sum(n for _, n in rest))] if rest else [])]
    inside = [(f"in {counted(topics, 'topic')}", kept - outliers), ("outside any topic", outliers)]
    rows = (
        ("Records identified", identified, sources, "Removed first", flow.removed),
        ("Records screened", identified - removed, (), "Left out", flow.excluded),
        ("Papers kept", kept, inside, "", ()),
    )
    marks, y = [], 1.0
    for at, (title, number, lines, beside, reasons) in enumerate(rows):
        tall = _tall(lines)
        marks.append(_box(0.5, y, LEFT, title, number, lines))
        if reasons:
            middle = y + (PAD * 2 + LINE) / 2
            marks.append(_arrow(f"M{LEFT + 0.5:g} {middle:g}H{WIDE - RIGHT - 1.5:g}"))
            total = sum(count for _, count in reasons)
            marks.append(_box(WIDE - RIGHT - 0.5, y, RIGHT, beside, total, reasons))
            tall = max(tall, _tall(reasons))
        if at < len(rows) - 1:
            marks.append(_arrow(f"M{LEFT / 2:g} {y + _tall(lines):g}V{y + tall + GAP - 1:g}"))
            y += tall + GAP
    height = y + _tall(inside) + 1
    said = f"{counted(identified, 'record')} identified, {kept:,} kept"
    return (
        f'<svg class="flow" viewBox="0 0 {WIDE:g} {height:g}" role="img" aria-label="Flow diagram: {said}">'
        '<defs><marker id="tip" viewBox="0 0 6 6" refX="5" refY="3" markerWidth="6" markerHeight="6" '
        'orient="auto"><path class="tip" d="M0 0L6 3L0 6Z"/></marker></defs>'
        f"{''.join(marks)}</svg>"
    )


def _tall(lines: Sequence[object]) -> float:
    return 2 * PAD + LINE * (1 + len(lines))


def _box(x: float, y: float, wide: float, title: str, number: int, lines: Sequence[tuple[str, int]]) -> str:
    marks = [f'<rect x="{x:g}" y="{y:g}" width="{wide:g}" height="{_tall(lines):g}" rx="4"/>']
    for row, (text, count) in enumerate([(title, number), *lines]):
        base, weight = y + PAD + LINE * (row + 0.78), ' font-weight="650"' if row == 0 else ""
        figure = f"{count:,}"
        name = _cut(clean(text), SIGNS[wide] - len(figure) - 1)
        marks.append(f'<text x="{x + PAD:g}" y="{base:g}"{weight}>{escape(name)}</text>')
        marks.append(f'<text x="{x + wide - PAD:g}" y="{base:g}" text-anchor="end"{weight}>{figure}</text>')
    return "".join(marks)


def _cut(text: str, most: int) -> str:
    """The beginning and the end of a text, which is where names of files differ."""
    if len(text) <= most:
        return text
    end = (most - 1) // 2
    return f"{text[: most - 1 - end]}…{text[-end:]}"


def _arrow(path: str) -> str:
    return f'<path d="{path}" marker-end="url(#tip)"/>'
