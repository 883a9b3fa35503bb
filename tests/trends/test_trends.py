"""From counts to verdicts: planted courses are named, and what is no trend is not."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.trends import made
from topics.cache import store
from topics.config import TrendSettings
from topics.errors import CorpusError
from topics.trends.periods import find_periods
from topics.trends.trends import find_trends, trends_of
from topics.trends.verdicts import (
    BURSTING,
    DECLINING,
    EMERGING,
    FADING,
    GROWING,
    POSSIBLE_FALL,
    POSSIBLE_RISE,
    STABLE,
    VERDICTS,
)
from topics.trends.words import Usage
from topics.types import TOO_FEW, Trends
from topics.types.arrays import sum_rows

AUTO = TrendSettings()
TOTALS = [400, 420, 450, 480, 520, 560, 610, 660, 720, 800]


def courses(shares: list[list[float]], rest: int = 6, seed: int = 0) -> dict[str, list[int]]:
    """Papers per year and topic: the given courses of shares, and some flat topics that share the rest."""
    random = np.random.default_rng(seed)
    table = np.array(shares + [[0.0] * len(TOTALS)] * rest)
    table[len(shares) :] = (1 - table.sum(axis=0)) / rest
    counts = np.stack([random.multinomial(total, table[:, t]) for t, total in enumerate(TOTALS)], axis=1)
    return made.yearly(counts.tolist())


def verdicts(
    counts: dict[str, list[int]], settings_: TrendSettings = AUTO, outliers: float = 0.0
) -> list[str]:
    """The verdicts in the order of the given courses, not of the topics' sizes."""
    table = np.array(list(counts.values()))
    number = np.argsort(np.argsort(-table.sum(axis=0), kind="stable"), kind="stable")
    found = find_trends(*made.run(counts, outliers), settings_).tests
    return [found[k].verdict for k in number]


def test_planted_courses_get_their_verdict():
    years = np.arange(10)
    found = verdicts(
        courses(
            [
                (0.002 * 1.5**years).tolist(),
                (0.05 * 1.12**years).tolist(),
                (0.14 * 0.87**years).tolist(),
                (0.12 * 0.65**years).tolist(),
                [0.02, 0.02, 0.02, 0.02, 0.12, 0.12, 0.02, 0.02, 0.02, 0.02],
            ]
        )
    )
    assert found[:5] == [EMERGING, GROWING, DECLINING, FADING, BURSTING]
    assert set(found[5:]) == {STABLE}


def test_a_burst_says_when():
    counts = courses([[0.02, 0.02, 0.02, 0.02, 0.12, 0.12, 0.02, 0.02, 0.02, 0.02]])
    burst = next(test for test in find_trends(*made.run(counts), AUTO).tests if test.verdict == BURSTING)
    assert burst.when == "2014 to 2015"
    assert burst.change_points == ("2014", "2016")
    assert burst.bursts[0].ratio > 4
    assert burst.reason.endswith("times its usual share in 2014 to 2015")


def test_figures_are_those_of_the_counts():
    result = find_trends(*made.run(courses([(0.02 * 1.3 ** np.arange(10)).tolist()])), AUTO)
    assert result.unit == "year"
    assert result.totals.tolist() == TOTALS
    assert np.allclose(result.shares.sum(axis=0), 1)
    assert (result.low <= result.shares + 1e-6).all()
    assert (result.high >= result.shares - 1e-6).all()
    rising = next(test for test in result.tests if test.verdict in (EMERGING, GROWING))
    assert rising.low < 1.3 < rising.high
    assert rising.p <= rising.q <= 0.05
    assert (rising.peak, rising.tau > 0.5, rising.slope > 0) == ("2019", True, True)


def test_growth_of_the_field_is_no_trend():
    totals = [100 * 2**t for t in range(8)]
    counts = made.yearly([[total // 4 for total in totals] for _ in range(4)])
    assert set(verdicts(counts)) == {STABLE}


def test_conferences_of_every_other_year_make_no_trend():
    swing = [0.10 if t % 2 else 0.05 for t in range(10)]
    found = [verdicts(courses([swing, [0.15 - s for s in swing]], seed=seed))[:2] for seed in range(5)]
    said = [verdict for pair in found for verdict in pair]
    assert set(said) <= {STABLE, TOO_FEW, POSSIBLE_RISE, POSSIBLE_FALL}
    # By chance one flat topic in twenty has a p of 0.05.
    assert sum(verdict in (POSSIBLE_RISE, POSSIBLE_FALL) for verdict in said) <= 1


def test_a_rise_that_the_correction_takes_away_is_possible_and_says_what_it_lacks():
    """Of 30 topics one rises a little. With the papers that it names, it would be certain."""

    def found(times):
        totals = np.full(10, 1200.0 * times)
        shares = np.full((30, 10), 1 / 30)
        shares[0] = 0.0125 * np.exp(0.055 * np.arange(10))
        shares[1:] = (1 - shares[0]) / 29
        pattern = (7 * np.arange(10)[None] + 3 * np.arange(30)[:, None]) % 5
        steps = np.where(pattern > 1, 1, -1) * np.sqrt(shares * totals)
        counts = np.rint(shares * totals + 0.8 * steps).astype(int)
        result = find_trends(*made.run(made.yearly(counts.tolist())), AUTO)
        return max(result.tests, key=lambda test: test.rate_ratio)

    one = found(1)
    assert (one.verdict, one.brief) == (POSSIBLE_RISE, "possible rise")
    assert one.p <= 0.05 < one.q
    needed = int(re.search(r"it takes about ([\d,]+) papers", one.reason)[1].replace(",", ""))
    assert one.papers < needed < 10 * one.papers
    assert found(1.2 * needed / one.papers).verdict == GROWING


def test_outliers_that_get_rarer_make_no_trend():
    """The part of outliers falls from 45% to none while each topic's papers keep their share."""
    dates, nearest, outlier = [], [], []
    for t in range(10):
        for topic in range(5):
            for paper in range(60 + 10 * t):
                dates.append(str(2010 + t))
                nearest.append(topic)
                outlier.append(paper % 20 < 9 - t)
    groups = made.clustering(nearest, outlier)
    papers = made.corpus(dates)
    result = find_trends(papers, groups, made.named(groups), made.words([["word"]] * len(dates)), AUTO)
    share_of_core = result.core[0] / result.totals
    assert share_of_core[-1] > 1.5 * share_of_core[0]
    assert {test.verdict for test in result.tests} == {STABLE}


def test_a_rise_made_of_outliers_alone_is_not_claimed():
    dates, nearest, outlier = [], [], []
    for t in range(10):
        for topic, (core, stray) in enumerate([(40, 0), (40, 0), (40, 0), (20, 3 * t)]):
            dates += [str(2010 + t)] * (core + stray)
            nearest += [topic] * (core + stray)
            outlier += [False] * core + [True] * stray
    order = np.argsort([-(np.array(nearest)[~np.array(outlier)] == k).sum() for k in range(4)], kind="stable")
    assert order.tolist() == [0, 1, 2, 3]
    groups = made.clustering(nearest, outlier)
    result = find_trends(
        made.corpus(dates), groups, made.named(groups), made.words([["word"]] * len(dates)), AUTO
    )
    assert result.counts[3, -1] > 2 * result.counts[3, 0]
    assert result.tests[3].verdict not in (EMERGING, GROWING)


def test_tiny_corpora_claim_nothing():
    random = np.random.default_rng(1)
    for _ in range(5):
        counts = {
            f"2026-{month:02d}": random.multinomial(8, [0.4, 0.3, 0.2, 0.1]).tolist() for month in range(1, 7)
        }
        assert set(verdicts(counts)) == {TOO_FEW}


def test_too_few_says_what_is_missing():
    short = find_trends(*made.run(made.yearly([[50] * 4, [40] * 4])), AUTO)
    assert short.tests[0].reason == "4 complete years; at least 5 are needed"
    small = find_trends(*made.run(made.yearly([[50] * 6, [2] * 6])), AUTO)
    assert small.tests[1].reason == "12 papers in complete years; at least 20 are needed"
    assert small.tests[1].q is None


def test_an_incomplete_last_year_does_not_count():
    counts = made.yearly([[round(60 * 1.1**t) for t in range(9)], [round(60 * 1.1**t) for t in range(9)]])
    counts["2019"] = [1, 30]
    result = find_trends(*made.run(counts), AUTO)
    assert [period.complete for period in result.periods] == [True] * 9 + [False]
    assert {test.verdict for test in result.tests} == {STABLE}
    assert {test.peak for test in result.tests} <= {str(2010 + t) for t in range(9)}


def test_a_first_year_of_other_sources_is_set_aside():
    random = np.random.default_rng(2)
    table = random.multinomial(4000, np.full(24, 1 / 24), size=9).T
    table[:, 0] = random.multinomial(4000, random.dirichlet(np.full(24, 0.7)))
    result = find_trends(*made.run(made.yearly(table.tolist())), AUTO)
    assert result.periods[0].reason.startswith("its mix of topics is unlike the others'")
    assert all(period.complete for period in result.periods[1:])
    assert {test.verdict for test in result.tests} == {STABLE}
    asked = find_trends(*made.run(made.yearly(table.tolist())), TrendSettings(incomplete="none"))
    assert asked.periods[0].complete


def test_months_work_as_years_do():
    random = np.random.default_rng(6)
    counts = {
        f"{2020 + month // 12}-{month % 12 + 1:02d}": random.poisson(
            [20 + 2 * month, 60, 60, 60, 60, 60]
        ).tolist()
        for month in range(24)
    }
    result = find_trends(*made.run(counts), TrendSettings(period="month"))
    rising = result.tests[int(np.argmax([test.rate_ratio for test in result.tests]))]
    assert (result.unit, len(result.periods), rising.verdict) == ("month", 24, GROWING)


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=8, deadline=None)
def test_the_order_of_papers_means_nothing(seed):
    papers, groups, topics, counts = made.run(courses([(0.02 * 1.3 ** np.arange(10)).tolist()]), outliers=0.2)
    order = np.random.default_rng(seed).permutation(len(papers))
    shuffled = made.corpus([papers.dates[row] for row in order])
    again = made.clustering(groups.nearest_topic[order], groups.topic[order] < 0)
    one = find_trends(papers, groups, topics, counts, AUTO)
    two = find_trends(shuffled, again, topics, dataclasses.replace(counts, matrix=counts.matrix[order]), AUTO)
    assert two.tests == one.tests
    assert two.keywords == one.keywords
    assert np.array_equal(two.counts, one.counts)
    assert np.array_equal(two.period, one.period[order])


def test_trends_survive_the_cache(tmp_path):
    result = find_trends(*made.run(courses([])), AUTO)
    store.pack(result, tmp_path)
    back = store.unpack(Trends, tmp_path)
    for field in dataclasses.fields(Trends):
        one, two = getattr(result, field.name), getattr(back, field.name)
        assert np.array_equal(one, two) if isinstance(one, np.ndarray) else one == two


def test_verdicts_are_those_that_are_documented():
    assert VERDICTS == (
        EMERGING, GROWING, BURSTING, POSSIBLE_RISE, STABLE, POSSIBLE_FALL, DECLINING, FADING, TOO_FEW
    )  # fmt: skip
    page = (Path(__file__).parents[2] / "docs" / "trends.md").read_text(encoding="utf-8")
    assert all(verdict in page for verdict in VERDICTS)


def test_stages_of_other_runs_are_refused():
    papers, groups, topics, counts = made.run(made.yearly([[5] * 3, [4] * 3]))
    with pytest.raises(ValueError, match="of one run"):
        find_trends(papers, groups, topics, dataclasses.replace(counts, matrix=counts.matrix[:-1]), AUTO)


def test_no_dates_are_an_error_not_an_empty_table():
    papers, groups, topics, counts = made.run({"": [5, 4]})
    with pytest.raises(CorpusError, match="No paper has a date"):
        find_trends(papers, groups, topics, counts, AUTO)


@given(
    st.lists(
        st.tuples(st.integers(0, 2), st.booleans(), st.integers(2011, 2020), st.sampled_from("abcd")),
        min_size=40,
        max_size=200,
    )
)
@settings(max_examples=20, deadline=None)
def test_counts_of_many_papers_say_what_the_papers_say(papers):
    """Papers of one topic, side and date in a row of their own are the same run."""
    papers = [*papers, *((k, False, year, "a") for k in range(3) for year in (2011, 2020))]
    papers.sort(key=lambda paper: -sum(other[0] == paper[0] for other in papers))
    order = {k: number for number, k in enumerate(dict.fromkeys(paper[0] for paper in papers))}
    nearest = np.array([order[paper[0]] for paper in papers], np.int32)
    topic = np.where([paper[1] for paper in papers], -1, nearest).astype(np.int32)
    dates = [str(paper[2]) for paper in papers]
    usage = Usage.of(made.words([[paper[3], "word"] for paper in papers]))
    calendar = find_periods(dates, AUTO)
    cells = sorted(set(zip(nearest.tolist(), topic.tolist(), dates, strict=True)))
    place = np.array(
        [cells.index(cell) for cell in zip(nearest.tolist(), topic.tolist(), dates, strict=True)]
    )
    merged = Usage(
        sum_rows(usage.uses, place), sum_rows(usage.papers, place), np.bincount(place), usage.terms
    )
    held = find_periods([cell[2] for cell in cells], AUTO, np.bincount(place))
    assert dataclasses.replace(held, of_paper=held.of_paper[place]).periods == calendar.periods
    columns = [np.array(column, np.int32) for column in zip(*(cell[:2] for cell in cells), strict=True)]
    one = trends_of(calendar, nearest, topic, usage, 3, AUTO)
    other = trends_of(held, *columns, merged, 3, AUTO)
    for field in dataclasses.fields(Trends):
        if field.name != "period":
            np.testing.assert_equal(getattr(other, field.name), getattr(one, field.name), field.name)
