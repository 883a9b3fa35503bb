"""The tables say what the figures say, and stay whole whatever the labels hold."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from tests.conftest import rows
from tests.trends import made
from tests.trends.test_compare import BEFORE, side, two_periods
from tests.trends.test_trends import courses
from topics.config import TrendSettings
from topics.output.text import figure
from topics.output.trends.listing import trend_table
from topics.output.trends.tables import COMPARISON, TABLES, write_comparison, write_trends
from topics.trends.compare import compare_periods, compare_runs
from topics.trends.trends import find_trends

AUTO = TrendSettings()


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("trends")
    run = made.run(
        courses([(0.002 * 1.5 ** np.arange(10)).tolist(), (0.12 * 0.65 ** np.arange(10)).tolist()])
    )
    result = find_trends(*run, AUTO)
    assert write_trends(result, run[2], folder) == TABLES
    return folder, result, run


def test_every_output_is_written(written):
    folder, _, _ = written
    assert sorted(path.name for path in folder.iterdir()) == sorted(TABLES)


def test_shares_are_counts_over_totals(written):
    folder, result, _ = written
    table = rows(folder / "trends.csv")
    assert len(table) == result.counts.size
    for row in table:
        assert float(row["share"]) == pytest.approx(int(row["count"]) / int(row["total"]), abs=5e-4)
        assert float(row["low"]) <= float(row["share"]) <= float(row["high"])
        assert int(row["core"]) <= int(row["count"])
        assert row["complete"] == "yes"
    per_period: dict[str, int] = {}
    for row in table:
        per_period[row["period"]] = per_period.get(row["period"], 0) + int(row["count"])
    assert per_period == {period.name: period.total for period in result.periods}


def test_tests_have_a_line_per_topic(written):
    folder, result, _ = written
    table = rows(folder / "trend_tests.csv")
    assert [row["verdict"] for row in table] == [test.verdict for test in result.tests]
    emerging = next(row for row in table if row["verdict"] == "emerging")
    assert float(emerging["low"]) < float(emerging["rate_ratio"]) < float(emerging["high"])
    assert float(emerging["p"]) <= float(emerging["q"]) <= 0.05


def test_the_page_has_a_section_per_verdict(written):
    folder, result, _ = written
    page = (folder / "trends.md").read_text(encoding="utf-8")
    for verdict in {test.verdict for test in result.tests}:
        assert f"## {verdict.capitalize()}" in page
    assert page.startswith("# 8 topics, 2010 to 2019\n")
    assert "none of the papers" in page or "of the papers of 2010" in page


def test_what_was_not_computed_is_empty(tmp_path):
    run = made.run(made.yearly([[50] * 3, [40] * 3]))
    write_trends(find_trends(*run, AUTO), run[2], tmp_path)
    row = rows(tmp_path / "trend_tests.csv")[0]
    assert (row["rate_ratio"], row["q"], row["tau"]) == ("", "", "")
    assert row["reason"] == "3 complete years; at least 5 are needed"


def test_labels_cannot_break_a_table(tmp_path):
    run = made.run(courses([]))
    nasty = dataclasses.replace(
        run[2], topics=tuple(dataclasses.replace(t, label=f"=cmd|x, *{t.id}*\n# y") for t in run[2].topics)
    )
    write_trends(find_trends(*run, AUTO), nasty, tmp_path)
    assert rows(tmp_path / "trends.csv")[0]["label"].startswith("'=cmd|x, *0*")
    page = (tmp_path / "trends.md").read_text(encoding="utf-8")
    assert "=cmd\\|x, \\*0\\* \\# y" in page


def test_comparisons_are_written_for_periods_and_runs(tmp_path):
    run, spans = two_periods([80, 80, 80, 80, 50, 0], [80, 80, 80, 80, 0, 50])
    found = compare_periods(*run, spans, AUTO)
    assert write_comparison(found, (run[0], run[0]), tmp_path) == COMPARISON
    table = rows(tmp_path / "compare.csv")
    assert len(table) == 6
    born = next(row for row in table if row["status"] == "born")
    assert born["share_before"] == "0"
    assert len(born["papers"].split("; ")) == 5
    page = (tmp_path / "compare.md").read_text(encoding="utf-8")
    assert "## Born" in page
    assert "- Paper " in page


def test_papers_of_one_sided_topics_come_from_their_own_run(tmp_path):
    sides = side("A", BEFORE, 1), side("B", {"speech": 70, "parsing": 40, "music": 30, "health": 20}, 2)
    found = compare_runs(*sides, AUTO)
    write_comparison(found, (sides[0].corpus, sides[1].corpus), tmp_path)
    for row in rows(tmp_path / "compare.csv"):
        home = sides[0] if row["status"] == "vanished" else sides[1]
        names = row["papers"].split("; ") if row["papers"] else []
        own = {
            home.corpus.ids[n]
            for n in np.flatnonzero(home.clustering.nearest_topic == int(row["before"] or row["after"]))
        }
        assert set(names) <= own


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (float("nan"), ""),
        (0.0, "0"),
        (0.012346, "0.01235"),
        (3.2e-9, "3.2e-09"),
        (float("inf"), ""),
    ],
)
def test_figures_are_short(value, text):
    assert figure(value) == text


def test_papers_of_complete_periods_are_called_so_and_an_empty_column_is_not_shown(tmp_path):
    run = made.run(made.yearly([[30, 40, 50, 9], [20, 10, 30, 1]]))
    found = find_trends(*run, TrendSettings(incomplete="last"))
    write_trends(found, run[2], tmp_path)
    page = (tmp_path / "trends.md").read_text(encoding="utf-8")
    assert "| topic | label | papers in complete years | why |" in page
    assert "| 120 |" in page
    printed = trend_table(found, run[2], 100)
    assert "129" in printed
    assert "share per year" not in printed
    several = made.run(courses([]))
    assert "share per year" in trend_table(find_trends(*several, AUTO), several[2], 100)
