"""The tables: what they say, and that hostile text stays text."""

import dataclasses
import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.conftest import rows
from tests.invented import InventedRun, with_values
from topics.config import Config
from topics.output.tables import OUTPUTS, paper_tables, write_tables
from topics.output.tables.csv_file import write_csv
from topics.runs import show
from topics.trends.trends import no_trends
from topics.types import (
    TOO_FEW,
    Clustering,
    Corpus,
    Group,
    Hierarchy,
    Keyword,
    LabelFit,
    Levels,
    Memberships,
    NamedLevel,
    Period,
    Projection,
    Quality,
    Topic,
    Topics,
    TopicTrend,
)

HOSTILE = '=HYPERLINK("http://x","y") <script>alert(1)</script> | [a](javascript:x)'


@pytest.fixture
def run():
    papers = pa.table(
        {
            "id": ["a", "b", "c"],
            "title": [HOSTILE, "Second\npaper", "Third"],
            "abstract": ["one", "two", "three"],
            "date": ["2021-05-01", "2023", ""],
            "url": ["https://example.org/a", "javascript:alert(1)", ""],
            "doi": ["", "10.1000/c", ""],
            "original": [
                '{"title": "T1", "topic": 7, "score": 0.5}',
                '{"title": "T2", "topic": 8, "score": null}',
                '{"title": "T3", "topic": 9, "score": 1.5}',
            ],
        }
    )
    account = pa.table({"file": ["f"] * 3, "kept": [True] * 3, "reason": [""] * 3})
    clustering = Clustering(
        topic=[0, 0, -1],
        nearest_topic=[0, 0, 0],
        probability=[1.0, 0.5, 0.25],
        centroids=np.ones((1, 1), np.float32),
        temperature=1.0,
    )
    topics = Topics((Topic(0, "a | b", 2, (Keyword("=term", 0.5), Keyword("x_y", 0.25)), (0, 1), ("x_y",)),))
    layout = Projection([[0, 1], [2, 3], [4, 5]])
    corpus = Corpus(papers, account)
    trends = no_trends("No paper has a date.", corpus, topics)
    field = Group("a, b", 2, topics[0].keywords)
    part = dataclasses.replace(field, stability=0.75)
    hierarchy = Hierarchy(np.zeros((0, 4)), [0], (field,), [0, 1, -1], [0, 0], (part, field))
    quality = Quality([0.25], [-0.5], 0.5, 1.0, 1 / 3, ("rests on | 2 papers",))
    members = Memberships(
        temperature=0.1,
        others=0.1,
        knots=((0.0, 0.0), (1.0, 1.0)),
        starts=[0, 1, 2, 3],
        topics=[0, 0, 0],
        shares=[1.0, 0.5, 0.25],
    )
    return InventedRun(
        corpus=corpus,
        clustering=clustering,
        memberships=members,
        topics=topics,
        hierarchy=hierarchy,
        quality=quality,
        layout=layout,
        trends=trends,
        levels=Levels(),
        config=Config(),
        history=(),
    )


def test_every_table_is_written_and_registered(run, tmp_path):
    names = write_tables(run, tmp_path)
    assert sorted(names) == sorted(path.name for path in tmp_path.iterdir())
    assert set(names) <= set(OUTPUTS)


def test_tables_do_not_depend_on_how_many_records_are_written_at_a_time(run, tmp_path, monkeypatch):
    account = pa.table({"file": ["f", "g", "h"], "kept": [True] * 3, "reason": [""] * 3})
    run = with_values(run, corpus=Corpus(run.corpus.papers, account))
    for folder, many in (("whole", 100), ("parts", 2)):
        (tmp_path / folder).mkdir()
        monkeypatch.setattr(paper_tables, "AT_ONCE", many)
        write_tables(run, tmp_path / folder)
    whole, parts = (tmp_path / folder / "corpus.csv" for folder in ("whole", "parts"))
    assert [row["file"] for row in rows(whole)] == ["f", "g", "h"]
    assert parts.read_bytes() == whole.read_bytes()


def test_numbers_agree(run, tmp_path):
    write_tables(run, tmp_path)
    (topic,) = rows(tmp_path / "topics.csv")
    assert (topic["size"], topic["share"], topic["nearest_size"]) == ("2", "0.6667", "3")
    assert topic["representative_ids"] == "a; b"
    assert (topic["field"], topic["field_label"], topic["stability"]) == ("0", "a, b", "0.2500")
    assert (topic["coherence"], topic["doubt"]) == ("-0.5000", "rests on | 2 papers")
    papers = rows(tmp_path / "assignments.csv")
    assert [paper["topic"] for paper in papers] == ["0", "0", "-1"]
    assert [paper["label"] for paper in papers] == ["a | b"] * 3
    assert papers[2]["x"] == "4.0000"


@pytest.mark.parametrize("stability", [0.9045, 0.90496, 0.90449, 0.89496, 0.125])
def test_table_and_page_round_a_stability_to_the_same_two_digits(run, tmp_path, stability):
    quality = Quality([stability], [0.0], 0.5, 1.0, 1 / 3, ("",))
    write_tables(with_values(run, quality=quality), tmp_path)
    (topic,) = rows(tmp_path / "topics.csv")
    page = (tmp_path / "topics.md").read_text(encoding="utf-8")
    assert f"| {float(topic['stability']):.2f} |" in page
    assert abs(float(topic["stability"]) - stability) <= 0.00005001


def test_what_labels_fit_stands_in_every_table(run, tmp_path):
    fit, others = (
        LabelFit("a | b", 0.4, 0.3, 0.2),
        (LabelFit("c", 0.8, 0.7, 0.6), LabelFit("d", 0.123, 0.1, 0.1)),
    )
    fitted = Topics((dataclasses.replace(run.topics[0], fit=fit, others=others),))
    write_tables(with_values(run, topics=fitted), tmp_path)
    (topic,) = rows(tmp_path / "topics.csv")
    assert (topic["fits"], topic["fits_words"], topic["fits_encoder"]) == ("0.4000", "0.3000", "0.2000")
    assert topic["other_labels"] == "c (0.80); d (0.12)"
    page = (tmp_path / "topics.md").read_text(encoding="utf-8")
    assert "| 40% | 0.25 |" in page
    assert "Other labels, and how many papers they fit: c (80%), d (12%)." in page
    write_tables(run, tmp_path)
    (topic,) = rows(tmp_path / "topics.csv")
    assert (topic["fits"], topic["other_labels"]) == ("", "")
    assert "label fits" not in (tmp_path / "topics.md").read_text(encoding="utf-8")


def test_where_there_are_no_fields_topics_stand_alone(run, tmp_path):
    layers = dataclasses.replace(run.hierarchy, field=np.array([-1], np.int32), fields=())
    write_tables(with_values(run, hierarchy=layers), tmp_path)
    value = json.loads((tmp_path / "hierarchy.json").read_text(encoding="utf-8"))
    assert value["fields"] == []
    assert [part["label"] for part in value["topics"][0]["subtopics"]] == ["a, b", "a, b"]
    (topic,) = rows(tmp_path / "topics.csv")
    assert (topic["field"], topic["field_label"]) == ("", "")
    table = pq.read_table(tmp_path / "assignments.parquet")
    assert table.column("field").to_pylist() == table.column("field_label").to_pylist() == [None] * 3
    page = (tmp_path / "topics.md").read_text(encoding="utf-8")
    assert "## Fields" not in page
    assert "## Subtopics" in page


def test_layers_stand_within_each_other(run, tmp_path):
    write_tables(run, tmp_path)
    (field,) = json.loads((tmp_path / "hierarchy.json").read_text(encoding="utf-8"))["fields"]
    (topic,) = field["topics"]
    assert (field["label"], topic["label"], topic["keywords"]) == ("a, b", "a | b", ["=term", "x_y"])
    assert [(part["subtopic"], part["stability"]) for part in topic["subtopics"]] == [(0, 0.75), (1, None)]
    (row,) = rows(tmp_path / "topics.csv")
    assert (row["name"], row["subtopics"]) == ("a | b, x_y", "a, b; a, b")
    table = pq.read_table(tmp_path / "assignments.parquet")
    assert table.column("subtopic_label").to_pylist() == ["a, b", "a, b", None]
    page = (tmp_path / "topics.md").read_text(encoding="utf-8")
    assert r"- 0. a \| b: rests on \| 2 papers" in page
    assert r"    - 0. a \| b: a, b, a, b" in page


def test_parquet_keeps_every_input_column_under_a_free_name(run, tmp_path):
    write_tables(run, tmp_path)
    table = pq.read_table(tmp_path / "assignments.parquet")
    assert table.column("input_title").to_pylist() == ["T1", "T2", "T3"]
    assert table.column("input_topic").to_pylist() == [7, 8, 9]
    assert table.column("score").to_pylist() == [0.5, None, 1.5]
    assert table.column("topic").to_pylist() == [0, 0, -1]
    assert "original" not in table.column_names


def test_parquet_is_what_embedding_atlas_asks_for(run, tmp_path):
    """`--text abstract --x x --y y`: text, finite numbers, and no two columns that SQL takes for one."""
    originals = ['{"TITLE": "T1", "Topic": 7, "score": 0.5}'] * 3
    papers = run.corpus.papers.drop_columns("original").append_column("original", pa.array(originals))
    write_tables(with_values(run, corpus=Corpus(papers, run.corpus.account)), tmp_path)
    table = pq.read_table(tmp_path / "assignments.parquet")
    names = [name.casefold() for name in table.column_names]
    assert len(set(names)) == len(names)
    assert all(isinstance(text, str) for text in table.column("abstract").to_pylist())
    for axis in ("x", "y"):
        assert np.isfinite(table.column(axis).to_numpy()).all()


def test_markdown_shows_hostile_text_as_text(run, tmp_path):
    write_tables(run, tmp_path)
    page = (tmp_path / "topics.md").read_text(encoding="utf-8")
    assert r"\<script\>alert(1)\</script\>" in page
    assert "(javascript:" not in page.replace(r"\](javascript:", "")
    assert "](https://example.org/a)" in page
    assert "[Second paper](https://doi.org/10.1000/c)" in page
    assert r"a \| b" in page
    assert "The papers are from 2021 to 2023; 1 has no date." in page
    assert "1 of the kept papers (33%) is an outlier" in page


def moving(run, verdict, when=""):
    """The same run with two years and a verdict about its topic."""
    test = TopicTrend(0, 3, verdict, when, "because")
    shape = {"counts": [[2, 1]], "core": [[2, 0]], "low": [[0.1, 0.1]], "high": [[0.9, 0.9]]}
    periods = (Period("2021", "2021-01-01", 2), Period("2022", "2022-01-01", 1))
    trends = dataclasses.replace(run.trends, periods=periods, tests=(test,), notes=(), **shape)
    return with_values(run, trends=trends)


def test_topics_say_how_they_move_where_the_dates_tell(run, tmp_path):
    write_tables(moving(run, "bursting", "2021"), tmp_path)
    assert "| 67% | 0.25 | bursting 2021 |" in (tmp_path / "topics.md").read_text(encoding="utf-8")
    assert rows(tmp_path / "topics.csv")[0]["trend"] == "bursting 2021"


def test_topics_without_a_verdict_say_so_once(run, tmp_path):
    write_tables(moving(run, TOO_FEW), tmp_path)
    page = (tmp_path / "topics.md").read_text(encoding="utf-8")
    assert page.count("No topic has enough papers to say how its share moves") == 1
    assert "| over time |" not in page


def test_the_page_says_which_numbers_of_topics_there_are_to_choose_from(run, tmp_path):
    write_tables(run, tmp_path)
    assert "numbers of topics" not in (tmp_path / "topics.md").read_text(encoding="utf-8")
    levels = [
        NamedLevel(tuple("abc"[:number]), (1,) * number, score, 0.5)
        for number, score in ((1, 0.9), (3, 0.88))
    ]
    write_tables(with_values(run, levels=Levels(tuple(levels), 0, 0.9)), tmp_path)
    page = (tmp_path / "topics.md").read_text(encoding="utf-8")
    assert "Other numbers of topics to choose from: 3 (0.020 below the best score)." in page
    assert "`--set cluster.n_topics=3` takes one." in page


@pytest.mark.parametrize("text", ["=1+1", "+1 2", "-x", "@x", "\tx", "\rx"])
def test_formulas_become_text(tmp_path, text):
    write_csv(tmp_path / "x.csv", ["a"], [[text], ["plain"], ["-3.5"], [-3]])
    column = [row["a"] for row in rows(tmp_path / "x.csv")]
    assert column == ["'" + text.replace("\r", "\n"), "plain", "-3.5", "-3"]


def test_the_page_of_a_topic_names_its_subtopics(run, tmp_path, monkeypatch):
    write_tables(run, tmp_path)
    monkeypatch.setattr(show, "open_run", lambda path: path)
    monkeypatch.setattr(show, "_rows", lambda folder, name: rows(folder / name))
    assert "\nSubtopics: a, b; a, b\n" in show.topic_page(tmp_path, 0)
