"""Dates, names, lists and identifiers as columns hold them."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topics.config import ColumnSettings, CorpusSettings
from topics.corpus.readers.dates import parse_date
from topics.corpus.readers.fields import clean_doi, identifiers, items, people, plan, text
from topics.corpus.readers.table_rows import delimiter
from topics.errors import InputError


@pytest.mark.parametrize(
    ("value", "date"),
    [
        ("2023", "2023"),
        (2023, "2023"),
        (2023.0, "2023"),
        ("2023-05", "2023-05"),
        ("2023-05-14", "2023-05-14"),
        ("2023-05-14T10:00:00Z", "2023-05-14"),
        ("2023/05/14", "2023-05-14"),
        ("2023/05//", "2023-05"),
        ("2014//", "2014"),
        ("2016///", "2016"),
        ("20230514", "2023-05-14"),
        ("14 May 2023", "2023-05-14"),
        ("14th May 2023", "2023-05-14"),
        ("May 14, 2023", "2023-05-14"),
        ("MAY 14 2023", "2023-05-14"),
        ("2023 MAY 14", "2023-05-14"),
        ("2023 May", "2023-05"),
        ("May 2023", "2023-05"),
        ("2023 May-Jun", "2023-05"),
        ("2019 Jul-Aug", "2019-07"),
        ("Mon, 2 Apr 2007 19:18:42 GMT", "2007-04-02"),
        ("25/06/2023", "2023-06-25"),
        ("06/25/2023", "2023-06-25"),
        ("05/06/2023", "2023"),
        ("05/05/2023", "2023-05-05"),
        ("Spring 2012", "2012"),
        ("2023-02-31", "2023-02"),
        ("2023-13-01", "2023"),
        (datetime.date(2023, 5, 14), "2023-05-14"),
        (datetime.datetime(2023, 5, 14, 8), "2023-05-14"),
        ({"date-parts": [[2021, 3, 14]]}, "2021-03-14"),
        ({"date-parts": [[2021]]}, "2021"),
        ({"date-parts": [[None]]}, ""),
        ("in press", ""),
        ("", ""),
        (None, ""),
        (True, ""),
        (float("nan"), ""),
        ("Mar 14", ""),
        ("vol. 12345", ""),
    ],
)
def test_dates(value: object, date: str) -> None:
    assert parse_date(value) == date


@given(
    st.dates(datetime.date(1600, 1, 1), datetime.date(2090, 1, 1)),
    st.sampled_from(["%Y-%m-%d", "%d %B %Y", "%b %d, %Y", "%Y %b %d"]),
)
def test_written_dates_come_back(day: datetime.date, form: str) -> None:
    assert parse_date(day.strftime(form)) == day.isoformat()


@given(st.one_of(st.text(max_size=30), st.integers(), st.floats(), st.dates()))
def test_any_value_gives_an_iso_date_or_nothing(value: object) -> None:
    date = parse_date(value)
    assert date == "" or datetime.date.fromisoformat(
        (date + "-01-01")[:10] if len(date) != 7 else date + "-01"
    )


@pytest.mark.parametrize(
    ("value", "names"),
    [
        ("Smith, J.; Jones, M.", ("Smith, J.", "Jones, M.")),
        ("Smith, J.", ("Smith, J.",)),
        ("John Smith, Mary Jones", ("John Smith", "Mary Jones")),
        ("Stol K.-J., Babar M.A.", ("Stol K.-J.", "Babar M.A.")),
        ("John Smith and Mary Jones", ("John Smith", "Mary Jones")),
        ("John Smith, Ada Byron and Mary Jones", ("John Smith", "Ada Byron", "Mary Jones")),
        ("Smith, John and Jones, Mary", ("Smith, John", "Jones, Mary")),
        ("['Marx, Karl', 'Lindgren, Astrid']", ("Marx, Karl", "Lindgren, Astrid")),
        (["A B", "", None], ("A B",)),
        ([{"given": "Ada", "family": "Byron"}, {"name": "B C"}], ("Ada Byron", "B C")),
        ("", ()),
        (None, ()),
    ],
)
def test_people(value: object, names: tuple[str, ...]) -> None:
    assert people(value) == names


@pytest.mark.parametrize(
    ("value", "members"),
    [
        ("a; b;c", ("a", "b", "c")),
        ("a, b", ("a", "b")),
        ("a, b; c", ("a, b", "c")),
        ("one", ("one",)),
        ("['a', 'b']", ("a", "b")),
        ("[broken", ("[broken",)),
        ("['broken]", ("'broken",)),
        (["a", 1], ("a", "1")),
        (None, ()),
        (7, ("7",)),
    ],
)
def test_items(value: object, members: tuple[str, ...]) -> None:
    assert items(value) == members


@pytest.mark.parametrize(
    ("value", "doi"),
    [
        ("10.1000/ABC", "10.1000/abc"),
        ("https://doi.org/10.1000/abc", "10.1000/abc"),
        ("doi:10.1000/abc.", "10.1000/abc"),
        ("see 10.1000/abc)", "10.1000/abc"),
        ("10.1", ""),
        ("", ""),
    ],
)
def test_dois(value: str, doi: str) -> None:
    assert clean_doi(value) == doi


def test_identifiers() -> None:
    assert identifiers(doi="10.48550/arxiv.2301.00001", pmid="0077") == (
        "doi:10.48550/arxiv.2301.00001",
        "arxiv:2301.00001",
        "pmid:77",
    )
    assert identifiers(hints=["x", "https://arxiv.org/abs/math/0601595v3"]) == ("arxiv:math/0601595",)
    assert identifiers(arxiv="arXiv:2301.00001v2") == ("arxiv:2301.00001",)
    assert identifiers(arxiv="W123", pmid="PMC77") == ()


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (" a ", "a"),
        (None, ""),
        (True, ""),
        (3, "3"),
        (3.0, "3"),
        (2.5, "2.5"),
        (float("nan"), ""),
        (["", "b"], "b"),
        ({"name": "n"}, "n"),
        ({}, ""),
    ],
)
def test_text(value: object, written: str) -> None:
    assert text(value) == written


@pytest.mark.parametrize(
    ("line", "sign"),
    [
        ("title,abstract", ","),
        ("title;abstract", ";"),
        ("title\tabstract", "\t"),
        ('"a;b",title,abstract', ","),
        ("title|abstract", "|"),
    ],
)
def test_delimiters(line: str, sign: str) -> None:
    assert delimiter(line) == sign


def test_columns_by_convention_and_by_name() -> None:
    names = ["Source_Title", "Document Title", "ABSTRACT", "Publication Year", "text"]
    columns = plan(names, CorpusSettings(), "a.csv")
    assert columns["venue"] == ("Source_Title",)
    assert columns["title"] == ("Document Title",)
    assert columns["date"] == ("Publication Year",)
    chosen = CorpusSettings(columns=ColumnSettings(abstract="Text", id="source title"))
    columns = plan(names, chosen, "a.csv")
    assert columns["abstract"] == ("text",)
    assert columns["id"] == ("Source_Title",)


def test_many_columns_are_listed_in_short() -> None:
    with pytest.raises(InputError, match=r"it has c0, c1, .* c39 and 60 more; name"):
        plan([f"c{number}" for number in range(100)], CorpusSettings(), "a.csv")
