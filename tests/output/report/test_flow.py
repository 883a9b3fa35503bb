"""The flow of records, as a picture and as numbers."""

import dataclasses
import re

import pyarrow as pa

from tests.invented import papers_of
from topics.output.report.flow import count_flow, draw_flow

ROWS = (
    [("a.ris", "")] * 4
    + [
        ("a.ris", "duplicate"),
        ("a.ris", "broken: no tag"),
        ("b.nbib", "duplicate"),
        ("b.nbib", "no abstract"),
    ]
    + [("b.nbib", "")] * 2
    + [("c<&>.csv", "notice: erratum")]
)


def told(rows):
    account = pa.table({"file": [file for file, _ in rows], "reason": [why for _, why in rows]})
    return count_flow(dataclasses.replace(papers_of([{}] * 6), account=account))


def numbers_of(drawing):
    """The lines of the boxes from above, each with its figure."""
    texts = re.findall(r"<text[^>]*>([^<]*)</text>", drawing)
    return list(zip(texts[::2], texts[1::2], strict=True))


def test_every_record_is_in_one_cell_of_its_file():
    flow = told(ROWS)
    assert (flow.files, flow.read, flow.kept) == (("a.ris", "b.nbib", "c<&>.csv"), (6, 4, 1), (4, 2, 0))
    assert flow.columns == (
        ("duplicates", (1, 1, 0)),
        ("unreadable", (1, 0, 0)),
        ("without abstract", (0, 1, 0)),
        ("notices", (0, 0, 1)),
    )


def test_the_picture_adds_up_from_files_to_topics():
    drawing = draw_flow(told(ROWS), topics=2, outliers=1)
    assert numbers_of(drawing) == [
        ("Records identified", "11"),
        ("a.ris", "6"),
        ("b.nbib", "4"),
        ("c&lt;&amp;&gt;.csv", "1"),
        ("Removed first", "3"),
        ("duplicates", "2"),
        ("unreadable", "1"),
        ("Records screened", "8"),
        ("Left out", "2"),
        ("without abstract", "1"),
        ("notices", "1"),
        ("Papers kept", "6"),
        ("in 2 topics", "5"),
        ("outside any topic", "1"),
    ]


def test_many_files_are_summed_and_nothing_left_out_has_no_box():
    drawing = draw_flow(told([(f"{'part' * 9}-{n}.ris", "") for n in range(12)]), topics=1, outliers=0)
    lines = numbers_of(drawing)
    assert ("5 more files", "5") in lines
    assert not {"Removed first", "Left out"} & {name for name, _ in lines}
    assert all(len(name) < 30 for name, _ in lines)
    assert "-0.ris" in lines[1][0]
