"""Figures of a finished run, and what they are against known classes."""

import json

import numpy as np
import pytest
from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score

from tests.conftest import run_cli
from tests.papers import clustering
from topics.errors import InputError
from topics.runs.evaluate import against, read_classes
from topics.runs.run import open_run
from topics.types import Corpus


def figures(found):
    return {figure.key: figure.value for figure in found}


def with_column(run, values):
    """The same run, whose papers have these values in a column of the input."""
    papers = run.corpus.papers
    place = papers.column_names.index("original")
    texts = [json.dumps({"field": value}) for value in values]
    changed = Corpus(papers.set_column(place, "original", [texts]), run.corpus.account)
    run = open_run(run.path)
    run.__dict__["corpus"] = changed
    return run


def test_classes_that_are_the_topics_agree_wholly():
    found = figures(against(clustering([0, 0, 0, 1, 1, 2]), list("aaabbc")))
    assert (found["ami"], found["ari"], found["ami_nearest"], found["ari_nearest"]) == (1, 1, 1, 1)
    assert (found["classes"], found["topics_per_class"]) == (3, 1)


def test_outliers_are_one_class_and_nearest_topics_are_not():
    groups = clustering([0, 0, 0, 1, 1, -1, -1])
    gold = list("aaabbab")
    found = figures(against(groups, gold))
    assert found["ami"] == pytest.approx(adjusted_mutual_info_score(gold, [0, 0, 0, 1, 1, 2, 2]), abs=1e-4)
    assert found["ari_nearest"] == pytest.approx(adjusted_rand_score(gold, [0, 0, 0, 1, 1, 0, 0]), abs=1e-4)


def test_papers_without_a_class_do_not_count():
    found = figures(against(clustering([0, 0, 0, 1, 1]), ["a", "a", "", "b", "b"]))
    assert (found["ami"], found["classes"]) == (1, 2)


def test_a_list_counts_by_its_first_value_and_gaps_are_told(seed_run):
    run = open_run(seed_run)
    values = [["a", "b"], ["b"], None, "", [], *["a"] * 45]
    classes, notes = read_classes(with_column(run, values), "field")
    assert classes[:5] == ["a", "b", "", "", ""]
    assert notes == (
        "1 paper with several values in field: the first one is used.",
        "3 papers without a value in field: left out of the comparison.",
    )


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (["a"] * 50, "fewer than two classes"),
        ([f"p{row}" for row in range(50)], "a different value for every paper"),
        ([None] * 50, "fewer than two classes"),
    ],
)
def test_a_column_without_classes_is_refused(seed_run, values, message):
    with pytest.raises(InputError, match=message):
        read_classes(with_column(open_run(seed_run), values), "field")


def test_figures_are_printed_and_written(seed_run, tmp_path):
    out = run_cli("evaluate", seed_run, "--labels", "category", "-o", tmp_path / "out").output
    value = json.loads((tmp_path / "out" / "evaluation.json").read_text(encoding="utf-8"))
    run = open_run(seed_run)
    assert value["figures"]["topics"] == len(run.topics)
    assert value["figures"]["stability"] == run.summary["quality"]["stability"]
    gold, _ = read_classes(run, "category")
    known = np.array([bool(name) for name in gold])
    expected = adjusted_mutual_info_score(np.array(gold)[known], run.clustering.nearest_topic[known])
    assert value["figures"]["ami_nearest"] == pytest.approx(expected, abs=1e-4)
    page = (tmp_path / "out" / "evaluation.md").read_text(encoding="utf-8")
    for word in ("stability", "diversity", "AMI, everyone placed", "outlier share"):
        assert word in out
        assert f"| {word} |" in page
    run_cli("evaluate", seed_run, "-o", tmp_path / "out")
    again = json.loads((tmp_path / "out" / "evaluation.json").read_text(encoding="utf-8"))
    assert again["classes"] is None


def test_a_column_that_is_not_there_is_answered_with_those_that_are(seed_run, tmp_path):
    result = run_cli("evaluate", seed_run, "--labels", "klass", "-o", tmp_path / "out", expect=2)
    assert "has no column 'klass'; --labels takes one of: " in result.output
    assert "category" in result.output
    assert not (tmp_path / "out").exists()


def test_a_folder_of_others_is_left_alone(seed_run, tmp_path):
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    run_cli("evaluate", seed_run, "-o", tmp_path, expect=2)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["notes.txt"]
