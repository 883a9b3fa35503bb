"""Dates become periods, incomplete ends are seen, and impossible wishes get one sentence."""

from __future__ import annotations

import datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from topics.config import TrendSettings
from topics.errors import ConfigError, CorpusError
from topics.trends.periods import expected_total, find_periods

AUTO = TrendSettings()


def days(start: str, end: str, step: int = 1, each: int = 1) -> list[str]:
    first, last = datetime.date.fromisoformat(start), datetime.date.fromisoformat(end)
    count = (last - first).days // step + 1
    return [
        (first + datetime.timedelta(days=step * n)).isoformat() for n in range(count) for _ in range(each)
    ]


def names(dates: list[str], settings: TrendSettings = AUTO) -> list[str]:
    return [period.name for period in find_periods(dates, settings).periods]


@pytest.mark.parametrize(
    ("dates", "unit", "first", "last"),
    [
        (days("2010-01-01", "2018-12-31", 7), "year", "2010", "2018"),
        (days("2020-01-01", "2021-12-31", 3), "quarter", "2020-Q1", "2021-Q4"),
        (days("2020-01-01", "2020-12-31"), "month", "2020-01", "2020-12"),
        (["2010", "2011", "2012"], "year", "2010", "2012"),
        (["2020-03", "2020-04", "2020-06"], "quarter", "2020-Q1", "2020-Q2"),
        (["2020-04", "2020-05", "2020-06"], "month", "2020-04", "2020-06"),
        (days("2014-01-01", "2019-12-31", 60), "year", "2014", "2019"),
        (days("2014-01-01", "2019-12-31", 2), "quarter", "2014-Q1", "2019-Q4"),
    ],
)
def test_auto_takes_the_longest_period_that_leaves_enough(dates, unit, first, last):
    calendar = find_periods(dates, AUTO)
    assert calendar.unit == unit
    assert (calendar.periods[0].name, calendar.periods[-1].name) == (first, last)


def test_periods_have_no_gaps_and_empty_ones_are_said():
    calendar = find_periods(["2010", "2010", "2013"], AUTO)
    assert [(p.name, p.total) for p in calendar.periods] == [
        ("2010", 2),
        ("2011", 0),
        ("2012", 0),
        ("2013", 1),
    ]
    assert calendar.usable.tolist() == [True, False, False, True]
    assert "No paper is dated in 2011, 2012; such a year counts as empty." in calendar.notes


@given(st.lists(st.dates(datetime.date(1990, 1, 1), datetime.date(2030, 12, 31)), min_size=2, max_size=60))
def test_every_paper_lies_in_the_period_of_its_date(drawn):
    dates = [date.isoformat() for date in drawn]
    settings = TrendSettings(period="month")
    if len({date[:7] for date in dates}) == 1 or sum(date.endswith("-01-01") for date in dates):
        return
    calendar = find_periods(dates, settings)
    assert all(
        calendar.periods[number].name == date[:7]
        for number, date in zip(calendar.of_paper.tolist(), dates, strict=True)
    )
    assert calendar.totals.sum() == len(dates)


def test_quarters_have_names_and_first_days():
    calendar = find_periods(["2020-02", "2020-12", "2021-01"], TrendSettings(period="quarter"))
    assert [p.name for p in calendar.periods] == ["2020-Q1", "2020-Q2", "2020-Q3", "2020-Q4", "2021-Q1"]
    assert [p.start for p in calendar.periods][:2] == ["2020-01-01", "2020-04-01"]


def test_papers_without_a_period_are_counted():
    dates = [*days("2015-01-01", "2020-12-31", 2), "2017", "", "", "2014-05-05"]
    calendar = find_periods(dates, TrendSettings(period="month", start="2015"))
    assert (calendar.undated, calendar.coarse, calendar.outside) == (2, 1, 1)
    assert (calendar.of_paper == -1).sum() == 4
    assert calendar.notes[0] == (
        "Papers not counted: 2 without a date, 1 too coarsely dated for a month, 1 dated outside "
        "trends.start and trends.end."
    )


@pytest.mark.parametrize("bound", ["2012", "2012-01", "2012-01-01"])
def test_a_bound_holds_at_any_precision(bound):
    dates = days("2010-01-01", "2018-12-31", 5)
    assert names(dates, TrendSettings(period="year", start=bound))[0] == "2012"
    assert names(dates, TrendSettings(period="year", end="2016"))[-1] == "2016"


def test_the_first_of_january_means_just_the_year_where_it_is_common():
    dates = ["2018-01-01"] * 40 + days("2018-02-01", "2019-12-20", 9) + ["2020-01-01"] * 30
    calendar = find_periods(dates, AUTO)
    assert calendar.unit == "year"
    assert calendar.notes[-1].startswith("70 papers are dated 1 January")
    rare = find_periods(days("2018-01-01", "2019-12-31"), AUTO)
    assert rare.unit == "quarter"


def test_an_end_without_its_last_months_is_incomplete():
    dates = days("2012-01-01", "2019-04-20", 3)
    last = find_periods(dates, AUTO).periods[-1]
    assert last.name == "2019"
    assert not last.complete
    assert last.reason == "no papers in the 70% of it after its last paper"


def test_a_pause_that_every_year_has_is_no_sign_of_incompleteness():
    dates = [date for date in days("2012-01-01", "2018-12-31", 3) if "04" <= date[5:7] <= "10"]
    assert all(period.complete for period in find_periods(dates, AUTO).periods)


def test_a_year_known_only_as_a_number_is_judged_by_its_total():
    totals = {str(2010 + n): round(100 * 1.2**n) for n in range(9)} | {"2019": 150}
    dates = [year for year, many in totals.items() for _ in range(many)]
    calendar = find_periods(dates, AUTO)
    assert [p.complete for p in calendar.periods] == [True] * 9 + [False]
    assert calendar.periods[-1].reason == "150 papers where the other periods lead to expect about 516"
    kept = find_periods(dates, TrendSettings(incomplete="none"))
    assert all(p.complete for p in kept.periods)
    both = find_periods(dates, TrendSettings(incomplete="both"))
    assert [p.complete for p in both.periods] == [False] + [True] * 8 + [False]


def test_an_ordinary_end_is_complete():
    random = np.random.default_rng(3)
    for _ in range(20):
        totals = random.poisson(200 * 1.1 ** np.arange(10) * random.lognormal(0, 0.1, 10))
        dates = [str(2010 + n) for n, many in enumerate(totals) for _ in range(many)]
        assert all(p.complete for p in find_periods(dates, AUTO).periods)


def test_too_few_periods_give_no_expectation():
    assert expected_total(np.array([5, 6, 7, 8, 9]), -1 % 5) is None


@pytest.mark.parametrize(
    ("dates", "settings", "error", "message"),
    [
        (["", ""], AUTO, CorpusError, "No paper has a date; change over time needs dates."),
        (
            ["2023", "2023"],
            AUTO,
            CorpusError,
            "All dated papers (2) are of 2023; a trend needs at least two periods.",
        ),
        (
            ["2023-01-05", "2023-02"],
            TrendSettings(period="year"),
            CorpusError,
            "All dated papers (2) are of 2023; a trend needs at least two periods; "
            "set trends.period to month.",
        ),
        (
            ["2020", "2021-05", "2022-07-01"],
            TrendSettings(period="month"),
            ConfigError,
            'trends.period is month, but of 1 of the 3 dated papers only the year is known (such as "2020"); '
            "set it to year.",
        ),
        (
            ["2020", "2021"],
            TrendSettings(start="2030", end="2031"),
            CorpusError,
            "No paper is dated from 2030 to 2031; the papers' dates range from 2020 to 2021.",
        ),
        (
            ["2020", "2021"],
            TrendSettings(end="1999"),
            CorpusError,
            "No paper is dated up to 1999; the papers' dates range from 2020 to 2021.",
        ),
        (
            ["2020", "2021"],
            TrendSettings(start="2021", end="2020"),
            ConfigError,
            "trends.start (2021) lies after trends.end (2020); swap them.",
        ),
    ],
)
def test_what_cannot_be_done_gets_one_sentence(dates, settings, error, message):
    with pytest.raises(error) as caught:
        find_periods(dates, settings)
    assert str(caught.value) == message
