"""The numbers of topics to choose from, on the terminal."""

import json

import pytest

from tests.conftest import QUICK, SEED, run_cli
from topics.runs.run import open_run
from topics.runs.show import levels_table


@pytest.mark.parametrize("width", [80, 120])
def test_levels_are_a_table_that_fits_the_terminal(quick_run, width):
    found = open_run(quick_run).levels
    shown = levels_table(quick_run, width)
    assert max(map(len, shown.splitlines())) <= width
    numbers = [line.split()[0] for line in shown.splitlines()[1:] if line[:7].strip() and line[0] == " "]
    assert numbers == [f"{len(level)}{'*' if level is found.own else ''}" for level in found.levels]
    # Labels stand whole on one line.
    for level in found.levels:
        for label, size in level.by_size:
            assert f"{label} {size}" in shown
    best = max(found.others, key=lambda level: level.score)
    assert f"--set cluster.n_topics={len(best)}." in shown


def test_levels_as_json(quick_run):
    found = open_run(quick_run).levels
    told = json.loads(run_cli("show", quick_run, "--levels", "--json").stdout)["levels"]
    assert [len(level["topics"]) for level in told] == [len(level) for level in found.levels]
    assert [level["taken"] for level in told] == [level is found.own for level in found.levels]
    assert told[0]["topics"][0] == dict(zip(("label", "size"), found.levels[0].by_size[0], strict=True))


@pytest.mark.parametrize(
    ("setting", "why"),
    [
        ("cluster.n_topics=4", "it was asked for this one; run it with cluster.n_topics auto"),
        ("cluster.method=kmeans", "cluster.method kmeans weighs none; run it with auto"),
        ('guide.topics=[{"name": "privacy", "terms": ["private"]}]', "it was asked for topics by name"),
    ],
)
def test_a_run_without_levels_says_why(tmp_path, setting, why):
    run_cli("run", SEED, "-o", tmp_path / "run", *QUICK, "--set", setting)
    shown = " ".join(run_cli("show", tmp_path / "run", "--levels").output.split())
    assert f"has no other numbers of topics to choose from: {why}" in shown


def test_an_edited_run_has_none_any_more(quick_run, tmp_path):
    edits = tmp_path / "edits.yaml"
    edits.write_text("edits:\n- rename: {topic: 0, to: how models write}\n", encoding="utf-8")
    run_cli("edit", quick_run, edits, "-o", tmp_path / "edited")
    shown = " ".join(run_cli("show", tmp_path / "edited", "--levels").output.split())
    assert "its topics were changed since they were found" in shown


def test_levels_are_not_of_one_topic(quick_run):
    assert "leave out --topic" in run_cli("show", quick_run, "--levels", "--topic", "0", expect=2).output
