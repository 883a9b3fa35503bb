"""The report's text: complete, the same every time, and free of what belongs to one machine."""

import dataclasses
import re

import numpy as np
import pytest

from tests.trends import made
from topics.about import ADDRESS, YEAR, __version__
from topics.config import TrendSettings
from topics.output.report import write_page
from topics.trends.trends import find_trends


def text_of(path):
    body = re.sub(r"<style>.*?</style>|<svg.*?</svg>", " ", path.read_text(encoding="utf-8"), flags=re.S)
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


def test_every_topic_stands_in_it_with_its_figures(report, make_run):
    run = make_run(n=60, count=6)
    text = text_of(report(run, doubts=("", "Few of its papers come back.")))
    for topic in run[2].topics:
        assert topic.label in text
        assert f"{topic.size} paper" in text
        for row in topic.representative:
            assert f"Paper number {row} " in text
    assert "stability 0.95 · coherence 0.40" in text
    assert text.count("Few of its papers come back.") == 2
    assert "6 topics in 60 papers, 2015–2022" in text


def test_it_says_what_was_read_with_which_settings_and_how_to_cite_it(report):
    text = text_of(report(config={"name": "mine", "label": {"keywords": 8}, "random_state": 7}))
    assert "File Records Kept invented 60 60" in text
    assert "papers.csv sha256 0a1b2c" in text
    assert "label.keywords 8" in text
    assert "numpy 2.0" in text
    assert "(random_state 7)" in text
    assert (
        f"The topics developers ({YEAR}). paper-topics, version {__version__} [software]. {ADDRESS}" in text
    )
    assert "Sentence-BERT" in text
    assert "Deerwester" in text_of(report(encoder="TF-IDF and SVD, 90 terms, 9 dimensions"))


def test_it_says_what_of_the_papers_could_not_be_read_well(report):
    note = "24 of 60 papers are not in English (es 24), and minilm reads English"
    assert note in text_of(report(notes=(note,)))


def test_authors_that_a_listing_leaves_out_are_not_passed_over(report, make_run):
    rows = [{"authors": ["Ada Lovelace", "Bo Li"], "original": '{"et_al": true}'} for _ in range(60)]
    assert "Ada Lovelace; Bo Li et al. ·" in text_of(report(make_run(n=60, count=6, rows=rows)))
    rows = [row | {"original": '{"et_al": false}'} for row in rows]
    assert "Ada Lovelace; Bo Li ·" in text_of(report(make_run(n=60, count=6, rows=rows)))


def test_what_was_set_is_not_said_to_be_chosen_from_the_papers(report, make_run):
    corpus, grouped, *rest = make_run(n=60, count=6)
    chosen = {"method": "consensus", "min_cluster_size": 5, "min_samples": 2, "n_topics": 6}
    run = (corpus, dataclasses.replace(grouped, chosen=chosen), *rest)
    told = text_of(report(run))
    assert "Chosen from the papers: method consensus, min_cluster_size 5, min_samples 2, n_topics 6." in told
    config = {"cluster": {"n_topics": 6, "method": "kmeans"}, "guide": {"topics": [{"name": "Sleep"}]}}
    told = text_of(report(run, config={"name": "mine"} | config))
    assert "Chosen from the papers: min_cluster_size 5, min_samples 2." in told
    assert "the number of topics was set to 6" in told
    assert "without being told" not in told


def test_it_tells_nothing_about_the_machine(report):
    page = report(
        config={"name": "x", "output_dir": "/home/jane/out", "cache": {"dir": "/home/jane/cache"}},
        inputs={"/home/jane/secret/papers.csv": "0a"},
    ).read_text(encoding="utf-8")
    assert "jane" not in page
    assert "secret" not in page


def test_changed_settings_stand_out(report):
    page = report(config={"name": "x", "label": {"keywords": 8}}).read_text(encoding="utf-8")
    changed = re.findall(r'<tr class="changed"><th scope="row"><code>([\w.]+)', page)
    assert changed == ["name", "label.keywords"]


def test_fields_and_subtopics_are_listed(report, make_run):
    text = text_of(report(make_run(n=60, count=6)))
    for field in range(3):
        assert f"Field {field}" in text
    assert "Sleep part 0 (" in text


def test_the_same_findings_give_the_same_bytes(told, tmp_path):
    for name in ("one", "two"):
        write_page(told(), tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_trends_stand_in_it_or_a_sentence(report, make_run):
    assert "The dates of these papers say nothing about change over time." in text_of(report())
    courses = made.yearly([[20, 25, 30, 40, 50, 60], [60, 50, 40, 30, 20, 18], [30] * 6])
    corpus, clustering, topics, counts = made.run(courses)
    moved = find_trends(corpus, clustering, topics, counts, TrendSettings())
    layout = dataclasses.replace(make_run(n=len(corpus), count=3)[3])
    text = text_of(report((corpus, clustering, topics, layout), trends=moved))
    assert "say nothing" not in text
    assert "Shares over time" in text
    assert "over time: " in text


@pytest.mark.parametrize("count", [1, 2, 40])
def test_any_number_of_topics(report, make_run, count):
    text = text_of(report(make_run(n=4 * count, count=count, labels=())))
    assert f"{count} topic" in text
    assert f"Subject {count - 1}" in text


def test_the_page_stays_small(report, make_run):
    page = report(make_run(n=400, count=100, labels=()))
    assert page.stat().st_size < 500_000


def test_colours_are_those_of_the_map(report, make_run):
    from topics.output.maps.colors import to_hex
    from topics.output.maps.view import topic_palettes

    run = make_run(n=60, count=6)
    _, palettes, _ = topic_palettes(run[3], run[1])
    page = report(run).read_text(encoding="utf-8")
    for theme in ("light", "dark"):
        for k, rgb in enumerate(np.asarray(palettes[theme])):
            assert f"--topic-{k}: {to_hex(rgb / 255.0)};" in page
