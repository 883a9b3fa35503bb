"""Rows of tables as text: quotation marks, line ends inside of cells, rows that are too short."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.corpus.readers.sheets import xlsx
from topics.config import CorpusSettings
from topics.corpus.readers import read_files
from topics.errors import InputError
from topics.types import Broken, Record


def read(path: Path, text: str) -> list[Record | Broken]:
    path.write_bytes(text.encode())
    return list(read_files([path], CorpusSettings()))


def abstracts(found: list[Record | Broken]) -> list[str]:
    return [item.abstract if isinstance(item, Record) else item.reason for item in found]


CUT = "not a row of a table (a quotation mark that is never closed, or a row that is cut off)"


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        # A mark that opens a cell, in the first, a middle and the last cell.
        ('"A\tone\t2020\nB\ttwo\t2021\n', ["one", "two"]),
        ('A\t"one\t2020\nB\ttwo\t2021\n', ['"one', "two"]),
        ('A\tone\t"2020\nB\ttwo\t2021\n', ["one", "two"]),
        # Two of them in one column look like one cell from the first to the second.
        ('A\t"one\t2020\nB\ttwo\t2021\nC\t"three\t2022\n', ['"one', "two", '"three']),
        # Cells in marks, with a separator, a mark and a line end inside.
        ('"A"\t"one ""1"""\t2020\n"B\tb"\ttwo\t2021\n', ['one "1"', "two"]),
        ('A\t"one\nmore"\t2020\nB\ttwo\t2021\n', ["one\nmore", "two"]),
        # Cells missing at the end; and before the abstract.
        ("A\tone\nB\ttwo\t2021\n", ["one", "two"]),
        ("A\nB\ttwo\t2021\n", ["1 cells in a table of 3 columns", "two"]),
        # Empty rows and empty cells beyond the columns.
        ("A\tone\t2020\t\t\n\t\t\nB\ttwo\t2021\n", ["one", "two"]),
        ("A\tone\t2020\tmore\nB\ttwo\t2021\n", ["4 cells in a table of 3 columns", "two"]),
        ('"A"\t"one"\t2020\n"B"\t2021\t"it is cut', ["one", CUT]),
    ],
)
def test_tab_delimited(rows: str, said: list[str], tmp_path: Path) -> None:
    assert abstracts(read(tmp_path / "a.tsv", f"Title\tAbstract\tYear\n{rows}")) == said


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ('"A,one,2020,x\nB,two,2021,x\n', ["one", "two"]),
        ('"A,"one, 1",2020,x\nB,two,2021,x\n', ["one, 1", "two"]),
        ('A,"one,2020,x\nB,"two, 2",2021,x\nC,three,2022,x\n', ['"one', "two, 2", "three"]),
        ('A,"one said "hi" there",2020,x\nB,two,2021,x\n', ['one said "hi" there', "two"]),
        ('A,"one\n\nmore, 1",2020,x\nB,two,2021,x\n', ["one\n\nmore, 1", "two"]),
        ('A,"one, 1\nB,two,2021,x\n', [CUT, "two"]),
        ('A,one,2020,x\nB,"two, and it is cut', ["one", CUT]),
        ('A,one,2020,x\nB,two,2021,"a note, and\nit is cut', ["one", CUT]),
        ("A,one,2020,x\nB,two", ["one", "2 cells in a table of 4 columns"]),
        ("A,one\nB,two", ["one", "two"]),
        ('A,"one"" more"" ",2020,x\n', ['one" more"']),
    ],
)
def test_comma_separated(rows: str, said: list[str], tmp_path: Path) -> None:
    found = abstracts(read(tmp_path / "a.csv", f"Title,Abstract,Year,Note\n{rows}"))
    assert [text.strip('"') for text in found] == [text.strip('"') for text in said]


CELLS = st.text(st.sampled_from('ab ,;\t"\n'), max_size=12).filter(
    lambda cell: all(line.count(sign) < 2 for line in cell.split("\n") for sign in ",;\t")
)


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=6), sign=st.sampled_from(",;\t|"))
def test_what_a_program_wrote_comes_back(tmp_path: Path, rows: list[tuple[str, str]], sign: str) -> None:
    """Every cell in quotation marks, with its own ones doubled, as the standard has it."""
    lines = [[f"T{n}", *row, f"E{n}"] for n, row in enumerate(rows)]
    quoted = [sign.join('"' + cell.replace('"', '""') + '"' for cell in line) for line in lines]
    text = sign.join(["title", "abstract", "notes", "id"]) + "\n" + "".join(f"{line}\n" for line in quoted)
    found = read(tmp_path / "a.csv", text)
    assert [list(item.original.values()) for item in found if isinstance(item, Record)] == lines
    assert len(found) == len(rows)


@pytest.mark.parametrize(("before", "is_read"), [(0, True), (10, True), (11, False)])
@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_ten_lines_may_stand_before_the_names(
    before: int, is_read: bool, suffix: str, tmp_path: Path
) -> None:
    rows = [[f"Line {number} of an export"] for number in range(before)]
    rows += [["Title", "Year", "Abstract"], ["Moss", "2020", "We measured moss on walls."]]
    path = tmp_path / f"a{suffix}"
    if suffix == ".csv":
        path.write_text("".join(f"{','.join(row)}\n" for row in rows), encoding="utf-8")
    else:
        path.write_bytes(xlsx(rows))
    if not is_read:
        with pytest.raises(InputError, match="has no column with abstracts"):
            list(read_files([path], CorpusSettings()))
        return
    (paper,) = read_files([path], CorpusSettings())
    assert (paper.title, paper.date) == ("Moss", "2020")
