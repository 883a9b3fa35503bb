"""`topics compare RUN --by COLUMN` on a finished run, which stays as it is."""

import json
import re

import pytest

from tests.conftest import pictures, rows, run_cli
from topics.output.evidence.pictures import PERIODS, PLOTS
from topics.output.evidence.tables import TABLES
from topics.runs.run import open_run

pytestmark = pytest.mark.slow


def test_groups_are_written_beside_the_run_with_the_same_bytes_twice(copy):
    options = ("--by", "categories", "--least-papers", "5", "--period", "year")
    printed = run_cli("compare", copy, *options).output
    folder = copy.with_name("seed-by-categories-year")
    assert {path.name for path in folder.iterdir()} == {
        *TABLES, "group_periods.csv", *pictures((*PLOTS, PERIODS)), "groups.html", "compare.json",
    }  # fmt: skip
    assert "cover both sampling and the grouping, which was" in " ".join(printed.split())
    once = {path.name: path.read_bytes() for path in folder.iterdir()}
    run_cli("compare", copy, *options)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == once
    told = json.loads(once["compare.json"])
    assert (told["by"], told["period"]) == ("categories", "year")
    open_run(copy).check()
    topics = rows(copy / "topics.csv")
    assert len(rows(folder / "groups.csv")) == len(told["groups"]) * len(topics)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--by", "yeer"), "no column 'yeer'; did you mean 'year'?"),
        (("--by", "date"), "different value for every paper|no value of the column 'date'"),
        (("--by", "venue"), "only one value|is empty"),
        (("--by", "country"), "no affiliations to tell it from"),
        (("--by", "year", "--bins", "x"), "--bins x is neither a number of bins from 2 on nor edges"),
        (("--by", "year", "--before", "2020"), "--by takes one run, without --before and --after"),
        (
            ("--by", "year", "--bins", "2", "--least-papers", "5", "--period", "year"),
            "no year holds papers of two values of year, so nothing can be",
        ),
        (("--period", "year"), "--period goes with --by"),
    ],
)
def test_mistakes_are_one_sentence_and_write_nothing(copy, options, sentence):
    before = sorted(copy.parent.iterdir())
    printed = run_cli("compare", copy, *options, expect=2).output
    assert re.search(sentence, " ".join(printed.split()))
    assert "Traceback" not in printed
    assert sorted(copy.parent.iterdir()) == before


def test_saturation_is_written_beside_the_run(copy):
    printed = run_cli("saturation", copy).output
    folder = copy.with_name("seed-saturation")
    assert {path.name for path in folder.iterdir()} == {
        "saturation.md", "saturation.csv", "saturation.png", "saturation.svg", "saturation.json",
    }  # fmt: skip
    assert "The last tenth (5 papers) brought" in " ".join(printed.split())
    assert len(rows(folder / "saturation.csv")) == 40
    open_run(copy).check()
