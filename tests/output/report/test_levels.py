"""The picture of the numbers of topics: those to choose from are marked, and nothing hangs on the labels."""

import dataclasses
import re

import numpy as np
import pytest

from topics.output.report.levels import draw_levels
from topics.types import Levels, NamedLevel


def level(number, score, label="topic"):
    return NamedLevel(tuple(f"{label} {at}" for at in range(number)), (9,) * number, score, 0.5)


LEVELS = Levels((level(3, 0.95), level(6, 1.0), level(12, 0.993, "<b>fine</b>")), 1, 1.0)


@pytest.fixture
def weighed(make_run):
    """A clustering of six topics after scores of 2 to 20 were weighed."""
    run = make_run(n=60, count=6)
    rest = [(number, 1 - 0.1 * abs(np.log(number / 6)), 0.4) for number in (2, 4, 5, 8, 10, 16, 20)]
    curve = [(6, 1.0, 0.5), (3, 0.95, 0.5), (12, 0.993, 0.5), *rest]
    return run[0], dataclasses.replace(run[1], curve=np.array(curve)), *run[2:]


def test_the_numbers_to_choose_from_are_marked_and_the_one_taken_stands_out(weighed):
    drawn = draw_levels(weighed[1], LEVELS)
    named = re.findall(r'font-size="3.00" text-anchor="middle"( font-weight="bold")?[^>]*>(\d+)<', drawn)
    assert [(number, bool(bold)) for bold, number in named] == [("3", False), ("6", True), ("12", False)]
    assert drawn.count('fill="var(--paper)"') == 2
    assert "<title>12 topics: score 0.007 below the best, agreement 0.50</title>" in drawn
    assert "<title>6 topics: score the best, agreement 0.50</title>" in drawn


def test_the_line_goes_through_the_scores_in_the_order_of_numbers(weighed):
    path = re.search(
        r'<path d="M([^"Z]+)" fill="none"[^>]*stroke-width="0.32"', draw_levels(weighed[1], LEVELS)
    )
    places = [tuple(map(float, pair.split())) for pair in path[1].split("L")]
    across = [x for x, _ in places]
    assert across == sorted(across)
    assert min(y for _, y in places) == places[across.index(across[np.argmin([y for _, y in places])])][1]
    assert all(0 < x < 150 and 0 < y < 52 for x, y in places)


def test_nothing_to_choose_from_is_no_picture_and_no_section(report, make_run):
    run = make_run(n=60, count=6)
    assert draw_levels(run[1], Levels()) == ""
    page = report(run).read_text(encoding="utf-8")
    assert 'id="levels"' not in page
    assert "#levels" not in page


def test_the_page_lists_the_levels_with_their_topics(report, weighed):
    page = report(weighed, levels=LEVELS).read_text(encoding="utf-8")
    section = page.split('<section id="levels">')[1].split("</section>")[0]
    assert re.findall(r"<b>(\d+) topics</b>( \(taken\))?", section) == [
        ("3", ""),
        ("6", " (taken)"),
        ("12", ""),
    ]
    assert "12 within 0.01 of it (the band) is nearly as good" in section
    assert '<bdi>&lt;b&gt;fine&lt;/b&gt; 3</bdi>&nbsp;<span class="faint">9</span>' in section
    assert "the one with the highest score was taken" in section
    assert "<b>fine" not in page
    config = {"name": "x", "cluster": {"resolution": 2}}
    moved = report(weighed, levels=LEVELS, config=config).read_text(encoding="utf-8")
    assert "the one nearest to 2.0 times the best was taken" in moved
