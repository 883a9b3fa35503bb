"""The section for an HTML page: whole, without script or style of its own, and deaf to hostile labels."""

from __future__ import annotations

import dataclasses
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from tests.output.trends.test_plots import example
from tests.trends import made
from topics.config import TrendSettings
from topics.output.trends.fragment import STYLE, trend_section
from topics.trends.trends import find_trends, no_trends
from topics.types import TOO_FEW, Topics

AUTO = TrendSettings()


def section(topics: int = 8, years: int = 8, label: str = "Topic"):
    run, result, _ = example(topics, years)
    named = Topics(tuple(dataclasses.replace(t, label=f"{label} {t.id + 1}") for t in run[2].topics))
    return trend_section(result, named, [f"var(--t{k})" for k in range(topics)]), result, named


def tree(text: str) -> ET.Element:
    return ET.fromstring(f"<page>{text}</page>")


@pytest.mark.parametrize("topics", [1, 2, 8, 80])
def test_every_topic_is_named_and_drawn_in_its_colour(topics):
    text, _, named = section(topics)
    page = tree(text)
    captions = [figure.find("figcaption").text for figure in page.iter("figure")]
    assert sorted(captions) == sorted(named.labels)
    heat = next(svg for svg in page.iter("svg") if svg.get("class") == "t-heat")
    assert {label.text for label in heat.iter("text")} >= set(named.labels)
    assert set(re.findall(r"var\(--t\d+\)", text)) == {f"var(--t{k})" for k in range(topics)}
    assert text == section(topics)[0]


def test_it_needs_nothing_that_a_strict_policy_forbids():
    text, _, _ = section()
    assert not re.search(r"style=|<script|<style|https?:|\bon\w+=|url\(", text)
    assert set(re.findall(r"var\((--[a-z]+)\)", text)) <= {"--ink", "--paper", "--faint", "--accent"}
    for name in re.findall(r'class="([^"]+)"', text):
        assert f".{name}" in STYLE, name


def test_hovering_gives_the_figures_of_every_period():
    text, result, _ = section()
    heat = next(svg for svg in tree(text).iter("svg") if svg.get("class") == "t-heat")
    titles = [title.text for cell in heat.iter("rect") for title in cell.iter("title")]
    assert len(titles) == result.counts.size
    k, at = 0, 7
    count, total = result.counts[k, at], result.periods[at].total
    wanted = f"2017: {count} of {total} papers, {100 * count / total:.1f}% ({100 * result.low[k, at]:.1f}% to"
    assert sum(title.startswith(wanted) for title in titles) == 1


def test_months_of_many_years_stay_small():
    run, _, _ = example(30, 5)
    dates = [f"{1990 + n % 30}-{1 + n % 12:02d}" for n in range(len(run[0]))]
    result = find_trends(made.corpus(dates), *run[1:], TrendSettings(period="month"))
    text = trend_section(result, run[2], ["red"] * 30)
    assert result.counts.size > 8_000
    assert len(text) < 4_000_000
    tree(text)


def test_hostile_labels_are_shown_as_text():
    label = '</svg><script>alert(1)</script> "x" & \N{RIGHT-TO-LEFT OVERRIDE}y'
    text, _, _ = section(3, label=label)
    assert "<script" not in text
    page = tree(text)
    assert next(page.iter("figcaption")).text.startswith('</svg><script>alert(1)</script> "x" & ')


def test_incomplete_periods_are_hollow_and_pale():
    run = made.run(made.yearly([[30, 40, 50], [20, 10, 30]]))
    result = find_trends(*run, TrendSettings(incomplete="last"))
    page = tree(trend_section(result, run[2], ["red", "blue"]))
    figure = next(page.iter("figure"))
    assert [dot.get("fill") == "var(--paper)" for dot in figure.iter("circle")] == [False, False, True]
    assert "2012 (incomplete)" in "".join(title.text for title in figure.iter("title"))


def test_peaks_and_papers_are_of_complete_periods_everywhere():
    grows, shrinks = [20, 30, 40, 50, 60, 70, 80, 9], [88, 79, 69, 59, 49, 39, 29, 1]
    run = made.run(made.yearly([grows, shrinks, [2, 1, 1, 1, 1, 1, 1, 6]]))
    result = find_trends(*run, TrendSettings(incomplete="last"))
    page = tree(trend_section(result, run[2], ["red", "blue", "green"]))
    last = next(f for f in page.iter("figure") if f.find("figcaption").text == "Topic 3")
    assert last.find("figcaption").find("span").text == "8 papers in complete years"
    highest = f"{100 * 2 / 110:.1f}%"
    assert highest in [label.text for label in last.iter("text")]
    heat = next(svg for svg in page.iter("svg") if svg.get("class") == "t-heat")
    labels = [label.text for label in heat.iter("text")]
    at = labels.index("Topic 3")
    assert labels[at + 1 : at + 3] == [highest, "8"]
    assert result.counts[2].sum() == 14
    assert "".join(page.itertext()).count("highest share in complete years") == 2


def test_a_few_papers_of_a_first_year_are_no_peak():
    run = made.run(made.yearly([[1, 300, 500, 400, 300, 200], [1, 200, 300, 300, 400, 500]]))
    result = find_trends(*run, TrendSettings(incomplete="none"))
    assert [test.peak for test in result.tests] == ["2012", "2015"]
    text = trend_section(result, run[2], ["red", "blue"])
    assert "highest share in complete years of 500 papers or more" in text
    assert "50.0%" not in re.sub("<title>.*?</title>", "", text)


def test_where_no_period_is_complete_all_count_and_nothing_is_called_complete():
    run = made.run(made.yearly([[30, 40], [20, 10]]))
    result = find_trends(*run, TrendSettings(incomplete="both"))
    text = trend_section(result, run[2], ["red", "blue"])
    assert not result.complete.any()
    assert "70 papers<" in text
    assert "complete years" not in text.replace("0 complete years; at least", "")


def test_the_stream_flows_only_where_something_is_said():
    text, result, _ = section()
    assert result.telling
    assert "Papers by topic" in text
    run = made.run(made.yearly([[3, 4, 5], [2, 1, 3]]))
    few = find_trends(*run, AUTO)
    assert not few.telling
    assert "t-stream" not in trend_section(few, run[2], ["red", "blue"])


def test_what_cannot_be_said_is_folded_away():
    page = tree(section()[0])
    names = {d.find("summary").text.strip().lower(): d.get("open") for d in page.iter("details")}
    assert names.pop(TOO_FEW, None) is None
    assert set(names.values()) == {""}
    run = made.run(made.yearly([[3, 4, 5], [2, 1, 3]]))
    few = tree(trend_section(find_trends(*run, AUTO), run[2], ["red", "blue"]))
    assert [d.get("open") for d in few.iter("details")] == [None]
    assert next(few.iter("p")).text == "No topic has enough papers to say how its share moves."
    assert not [svg for svg in few.iter("svg") if svg.get("class") == "t-heat"]


def test_without_dates_there_is_only_the_reason():
    run = made.run({"": [5, 5]})
    text = trend_section(no_trends("No paper has a date <or two>.", run[0], run[2]), run[2], [])
    assert "".join(tree(text).itertext()) == "No trends: No paper has a date <or two>."


def test_colours_are_needed_for_every_topic():
    run, result, _ = example(3)
    with pytest.raises(ValueError, match="3 topics but 2 colours"):
        trend_section(result, run[2], ["red", "blue"])


def test_gaps_break_the_interval():
    run = made.run({"2010": [9, 8], "2011": [9, 8], "2015": [9, 8], "2016": [3, 9]})
    result = find_trends(*run, AUTO)
    figure = next(tree(trend_section(result, run[2], ["red", "blue"])).iter("figure"))
    areas = [path for path in figure.iter("path") if path.get("fill-opacity") == ".2"]
    assert len(areas) == 2
    assert np.isnan(result.shares[0, 2])
