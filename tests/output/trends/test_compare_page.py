"""The page of a comparison: whole, without script or network, and deaf to hostile titles."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import re
import xml.etree.ElementTree as ET

import pytest

from tests.trends.test_compare import BEFORE, side, two_periods
from topics.config import TrendSettings
from topics.output.canvas import inline_svg, make_ink
from topics.output.trends import slope
from topics.output.trends.changes import PARTS
from topics.output.trends.compare_page import write_page
from topics.output.trends.listing import comparison_table
from topics.output.trends.tables import write_comparison
from topics.trends.compare import Side, compare_periods, compare_runs

AUTO = TrendSettings()
AFTER = {"speech": 70, "parsing": 40, "music": 30, "health": 20}
HOSTILE = "</title></style><script>alert(1)</script><img src=x onerror=alert(1)>"


def written(found, corpora, folder) -> str:
    assert write_page(found, corpora, folder) == ("compare.html",)
    return (folder / "compare.html").read_text(encoding="utf-8")


def hostile(made: Side) -> Side:
    topics = tuple(dataclasses.replace(t, label=f"{HOSTILE} {t.id}") for t in made.topics.topics)
    table = made.corpus.papers
    titles = table.schema.get_field_index("title")
    named = table.set_column(titles, "title", [[HOSTILE] * len(made.corpus)])
    corpus = dataclasses.replace(made.corpus, papers=named)
    return dataclasses.replace(made, topics=dataclasses.replace(made.topics, topics=topics), corpus=corpus)


@pytest.fixture(scope="module")
def runs():
    sides = side("A", BEFORE, 1), side("B", AFTER, 2)
    return sides, compare_runs(*sides, AUTO)


def test_all_changes_and_all_papers_of_one_side_are_there(runs, tmp_path):
    sides, found = runs
    page = written(found, (sides[0].corpus, sides[1].corpus), tmp_path)
    assert page.count("<tr><td>") == len(found.changes)
    for heading in ("Born", "Vanished", "What became of the topics", "Shares before and after"):
        assert f"<h2>{heading}</h2>" in page
    assert page.count("<li>Paper ") == sum(len(change.papers) for change in found.changes)
    assert written(found, (sides[0].corpus, sides[1].corpus), tmp_path) == page


def test_its_policy_allows_its_own_style_and_nothing_else(runs, tmp_path):
    sides, found = runs
    page = written(found, (sides[0].corpus, sides[1].corpus), tmp_path)
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert policy in page
    body = page.split("</head>")[1]
    assert not re.search(r"style=|<script|https?:|url\(|@import", body + style)
    used, known = (set(re.findall(pattern, page)) for pattern in (r"var\(--(\w+)\)", r"--(\w+): #"))
    assert used <= known
    assert style.count("--ink: #") == 2


def test_hovering_a_chart_gives_the_figures(runs, tmp_path):
    sides, found = runs
    page = written(found, (sides[0].corpus, sides[1].corpus), tmp_path)
    assert "<title>speech: 50 of 180 papers, 27.8% → 70 of 160 papers, 43.8%; difference +15.97" in page


def test_hostile_titles_and_labels_are_shown_as_text(tmp_path):
    sides = hostile(side("<b>A", BEFORE, 1)), hostile(side("B&", AFTER, 2))
    found = compare_runs(*sides, AUTO)
    page = written(found, (sides[0].corpus, sides[1].corpus), tmp_path)
    assert "<script" not in page
    assert "<img" not in page
    assert "<b>" not in page
    body = re.search(r"<body>.*</body>", page, re.DOTALL)[0]
    assert any(HOSTILE in "".join(item.itertext()) for item in ET.fromstring(body).iter("li"))


def test_two_periods_have_a_page_too(tmp_path):
    run, spans = two_periods([120, 60, 60, 60, 60, 40], [40, 60, 60, 60, 60, 120])
    found = compare_periods(*run, spans, AUTO)
    page = written(found, (run[0], run[0]), tmp_path)
    assert "<h1>2010–2013 and 2014–2017 compared</h1>" in page
    assert {"<h2>Rose</h2>", "<h2>Fell</h2>", "<h2>No clear change</h2>"} <= set(
        re.findall(r"<h2>.*?</h2>", page)
    )


def test_the_terminal_lists_clear_changes_first_and_counts_all():
    run, spans = two_periods([120, 60, 60, 60, 60, 40], [40, 60, 60, 60, 60, 120])
    printed = comparison_table(compare_periods(*run, spans, AUTO), 100).splitlines()
    assert printed[0] == "2010..2013 and 2014..2017: 4 no clear change, 1 rose, 1 fell"
    assert [line.split()[0] for line in printed[3:]] in (["rose", "fell"], ["fell", "rose"])
    assert max(map(len, printed)) <= 100


def test_a_difference_that_counts_parts_is_marked_and_explained(tmp_path):
    """The second topic about parsing has the label of the first, and 20 papers more than split off."""
    one = side("A", {**BEFORE, "music": 30, "games": 30}, 4)
    two = side(
        "B",
        {"parsing": 90, "parsing+": 60, "speech": 50, "vision": 40, "health": 30, "music": 30, "games": 30},
        5,
    )
    found = compare_runs(one, two, AUTO)
    (split,) = [change for change in found.changes if change.status == "split"]
    corpora = (one.corpus, two.corpus)
    write_comparison(found, corpora, tmp_path)
    markdown = (tmp_path / "compare.md").read_text(encoding="utf-8")
    printed, page = comparison_table(found, 200), written(found, corpora, tmp_path)
    labels = found.labels_before[split.before], found.labels_after[split.after]
    for text, note in ((printed, PARTS), (page, PARTS), (markdown, PARTS.replace("*", "\\*"))):
        assert text.count(note) == 1
        assert " → ".join(labels) in text
    assert sum(line.endswith(")*") for line in printed.splitlines()) == 1
    assert page.count(")*</td>") == markdown.count(")* points") + markdown.count(")\\* points") == 1
    none = compare_runs(one, one, AUTO)
    assert PARTS not in comparison_table(none, 200)
    assert PARTS not in written(none, corpora, tmp_path)


def test_where_nothing_changed_for_certain_the_largest_lines_have_names():
    sizes = [60 + k // 2 for k in range(14)]
    run, spans = two_periods(sizes, sizes[::-1])
    found = compare_periods(*run, spans, AUTO)
    assert {change.change for change in found.changes} == {"no clear change"}
    canvas = inline_svg(slope.draw(found, make_ink(None, 1, "light"), 190.0), "Shares")
    assert len(re.findall(r">Topic \d+  [\d.]+%</text>", canvas)) == slope.MOST_UNCERTAIN_NAMES
    assert len(re.findall(r">[\d.]+%  Topic \d+</text>", canvas)) == slope.MOST_UNCERTAIN_NAMES
