"""A column becomes groups, whatever its cells hold; what does not serve is said in a sentence."""

import json

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from topics.corpus.rows import PAPER_SCHEMA
from topics.errors import InputError
from topics.evidence.columns import Grouping, groups_of
from topics.types import Corpus
from topics.types.groups import OTHERS

FEW = Grouping(least=1)
EACH = Grouping(fractional=False, least=1)


def papers(values, column="Journal", dates=None):
    rows = [{column: value} if value is not ... else {} for value in values]
    columns = {name: pa.array([""] * len(rows)) for name in PAPER_SCHEMA}
    columns |= {
        "id": pa.array([str(row) for row in range(len(rows))]),
        "original": pa.array([json.dumps(row) for row in rows]),
        "date": pa.array(dates or [""] * len(rows)),
    }
    return Corpus(pa.table(columns), pa.table({"kept": [True] * len(rows)}))


def test_values_that_differ_in_case_are_one_and_the_largest_comes_first():
    found = groups_of(papers(["Nature", "nature", "Cell", "NATURE", "Nature ", None, ...]), "Journal", FEW)
    assert found.names == ("Nature", "Cell")
    assert found.weights.sum(axis=0).tolist() == [4, 1]
    assert found.known.tolist() == [True] * 5 + [False] * 2
    assert found.notes == ("Without a value in Journal and left out: 2 of 7 papers.",)


def test_several_values_are_divided_or_count_each():
    cells = ["A; B", "A", ["B", "C"], '["A", "C"]', "C"]
    divided, each = (groups_of(papers(cells), "Journal", how) for how in (FEW, EACH))
    assert divided.names == each.names == ("A", "C", "B")
    assert divided.weights.tolist() == [[0.5, 0, 0.5], [1, 0, 0], [0, 0.5, 0.5], [0.5, 0.5, 0], [0, 1, 0]]
    assert each.weights.tolist() == np.ceil(divided.weights).tolist()
    assert not divided.whole
    assert each.whole
    assert not each.single
    assert divided.notes == ("With several values in Journal, divided evenly among them: 3 papers.",)
    whole = groups_of(papers(["A; B", "A; B", "C"]), "Journal", Grouping(least=1, separator=""))
    assert whole.names == ("A; B", "C")


def test_rare_values_are_part_of_the_rest_and_counted():
    found = groups_of(papers(["A"] * 5 + ["B"] * 4 + ["C", "D"]), "Journal", Grouping(least=3))
    assert found.names == ("A", "B", OTHERS)
    assert found.compared == 2
    assert found.notes == (
        "2 values of Journal with fewer than 3 papers are not compared, but part of the rest (2 papers).",
    )
    many = groups_of(papers([f"v{at % 40}" for at in range(81)]), "Journal", FEW)
    assert len(many.names) == 31
    assert many.names[0] == "v0"


def test_numbers_are_cut_into_stated_bins():
    years = papers(list(range(2001, 2021)) * 2, "Year")
    found = groups_of(years, "Year", FEW)
    assert found.names == ("2001 to 2005", "2006 to 2010", "2011 to 2015", "2016 to 2020")
    assert found.weights.sum(axis=0).tolist() == [10] * 4
    assert found.notes == (f"The numbers in Year are cut into bins: {', '.join(found.names)}.",)
    edges = groups_of(years, "Year", Grouping(least=1, bins=(2010.0, 2020.0)))
    assert edges.names == ("2001 to 2009", "2010 to 2019", "2020")
    assert groups_of(papers(["1.5", "2.5"] * 3, "Cites"), "Cites", FEW).names == ("1.5", "2.5")
    with pytest.raises(InputError, match="fall into one bin; they run from 2001 to 2020"):
        groups_of(years, "Year", Grouping(least=1, bins=(1900.0, 1950.0)))


def test_what_programs_write_for_nothing_is_an_empty_cell():
    cells = ["A", "NaN", "None", "B; null", "N/A", "nan", "A", "B", float("nan")]
    found = groups_of(papers(cells), "Journal", FEW)
    assert found.names == ("A", "B")
    assert found.weights.sum() == 4
    assert found.notes == (
        '"N/A" or "NaN" or "None" or "nan" or "null" counts as an empty cell: 5 papers.',
        "Without a value in Journal and left out: 5 of 9 papers.",
    )
    # Namibia among codes of countries.
    assert groups_of(papers(["NA", "DE", "NA", "FR"]), "Journal", FEW).names == ("NA", "DE", "FR")
    assert groups_of(papers(["NA", "Bonn", "Paris", "Bonn"]), "Journal", FEW).names == ("Bonn", "Paris")


def test_a_cell_that_is_no_number_is_named():
    cells = [*range(1, 11), "ten; 11"] * 2
    with pytest.raises(InputError, match=r"'ten; 11' of paper '10' is no number \(2 such cells\)"):
        groups_of(papers(cells, "Cites"), "Cites", Grouping(least=1, bins=2))
    found = groups_of(papers(cells, "Cites"), "Cites", FEW)
    assert found.notes[0] == (
        "Cites is not cut into bins, since 2 cells of 22 are no numbers: 'ten; 11' of paper '10'."
    )
    with pytest.raises(
        InputError, match=r"set --least-papers 2 or lower \(Cites is not cut into bins, since 2 c"
    ):
        groups_of(papers(cells, "Cites"), "Cites")
    with pytest.raises(InputError, match="'A' of paper '0' is no number"):
        groups_of(papers(["A", "A", "B"]), "Journal", Grouping(least=1, bins=(3.0, 4.0)))


def test_papers_that_are_not_asked_about_are_in_no_group_and_in_no_count():
    corpus = papers(["A", "A", "B", "B", None])
    asked = np.array([True, True, True, False, True])
    found = groups_of(corpus, "Journal", FEW, asked)
    assert found.weights.sum(axis=0).tolist() == [2, 1]
    assert found.notes == ("Without a value in Journal and left out: 1 of 4 papers.",)
    with pytest.raises(InputError, match="has only one value, 'A'"):
        groups_of(corpus, "Journal", FEW, np.array([True, True, False, False, True]))


def test_parts_of_records_and_what_every_paper_has():
    records = [{"is_oa": True, "grants": [{"by": "NSF"}, {"by": "ERC"}]}, {"is_oa": False}] * 2
    found = groups_of(papers(records, "open_access"), "open_access.is_oa", FEW)
    assert found.names == ("no", "yes")
    assert groups_of(papers(records, "access"), "access.grants.by", FEW).names == ("ERC", "NSF")
    dated = papers([1, 1, 2, 2], dates=["2019-05", "2021", "2020-01-02", "2010"])
    assert groups_of(dated, "decade", FEW).names == ("2010s", "2020s")
    assert groups_of(dated, "journal", FEW).names == ("1", "2")
    with pytest.raises(InputError, match=r"holds records; name one of their parts: .*open_access\.is_oa"):
        groups_of(papers(records, "open_access"), "open_access")
    deep = papers(
        [{"source": {"name": "A", "issn": None}}, {"source": {"name": "A"}}, {"source": {"name": "B"}}],
        "location",
    )
    assert groups_of(deep, "location.source.name", FEW).names == ("A", "B")
    with pytest.raises(InputError, match=r"name one of their parts: location\.source\.name"):
        groups_of(deep, "location.source")
    with pytest.raises(InputError, match=r"no column 'location\.sorce\.name'; did you mean 'location\.so"):
        groups_of(deep, "location.sorce.name")
    with pytest.raises(InputError, match=r"no column 'location\.xyzzy'; there are: location\.source\.name, "):
        groups_of(deep, "location.xyzzy")
    with pytest.raises(InputError, match=r"'location\.source\.issn' is empty"):
        groups_of(deep, "location.source.issn")


@pytest.mark.parametrize(
    ("column", "values", "sentence"),
    [
        ("Jurnal", ["A", "B"], "no column 'Jurnal'; did you mean 'Journal'?"),
        ("xyzzy", ["A", "B"], "no column 'xyzzy'; there are: Journal, venue"),
        ("Journal", ["A", "A"], "has only one value, 'A'; --by needs at least two to compare"),
        ("Journal", ["A", "B", "C"], "holds a different value for every paper"),
        ("Journal", ["A", "A", "B"], "no value of the column 'Journal' has 20 papers"),
        ("Journal", [None, " ", ""], "is empty: none of 3 papers has a value in it"),
        ("country", ["A", "B"], "no column 'country', and no affiliations to tell it from"),
    ],
)
def test_a_column_that_does_not_serve_is_told_in_a_sentence(column, values, sentence):
    with pytest.raises(InputError) as error:
        groups_of(papers(values), column)
    assert sentence in str(error.value)


@given(st.lists(st.lists(st.sampled_from("ABCDE"), max_size=4), min_size=2, max_size=40))
@settings(max_examples=40, deadline=None)
def test_no_paper_counts_more_than_once_and_none_is_lost(cells):
    try:
        found = groups_of(papers(cells), "Journal", Grouping(least=2))
    except InputError:
        return
    assert np.allclose(found.weights.sum(axis=1), [bool(own) for own in cells])
