"""A finished run opens again from its folder alone."""

import json

import numpy as np
import pytest

from tests.conftest import rows, run_cli, summary_of
from topics.cache import store
from topics.errors import RunError
from topics.runs.run import open_run


def test_every_value_is_the_one_that_the_tables_show(seed_run):
    run = open_run(seed_run)
    papers = rows(seed_run / "assignments.csv")
    assert [row["id"] for row in papers] == list(run.corpus.ids)
    assert [int(row["topic"]) for row in papers] == run.clustering.topic.tolist()
    assert [row["label"] for row in papers] == [run.topics.labels[k] for k in run.clustering.nearest_topic]
    assert np.allclose([float(row["x"]) for row in papers], run.layout.coordinates[:, 0], atol=1e-4)
    assert run.embeddings.vectors.shape == (len(papers), 384)
    assert run.counts.matrix.shape == (len(papers), len(run.counts.terms))
    assert run.config.name == "seed"


def test_a_run_needs_no_cache(copy, monkeypatch, tmp_path):
    monkeypatch.setenv("TOPICS_CACHE", str(tmp_path / "nowhere"))
    assert len(open_run(copy).topics) == len(rows(copy / "topics.csv"))
    assert not (tmp_path / "nowhere").exists()


def test_a_changed_file_is_noticed_when_it_is_read(copy):
    run = open_run(copy)
    file = copy / "data" / "cluster" / "topic.npy"
    file.write_bytes(file.read_bytes()[:-1] + b"\1")
    assert len(run.topics) > 1
    with pytest.raises(RunError, match=r"topic\.npy was changed or cut off"):
        _ = run.clustering


def test_a_missing_file_is_noticed(copy):
    (copy / "data" / "label" / "value.json").unlink()
    with pytest.raises(RunError, match=r"lacks data/label/value\.json; repeat the run"):
        _ = open_run(copy).topics


def test_settings_that_this_version_does_not_have_are_named(copy):
    summary = summary_of(copy)
    summary["config"]["embed"]["colour"] = "red"
    store.write_summary(copy / "run.json", summary)
    with pytest.raises(
        RunError, match=r"run\.json: unknown key embed\.colour.*another version wrote this run"
    ):
        _ = open_run(copy).config


def test_a_run_of_another_form_says_so(copy):
    summary = summary_of(copy)
    summary["paper_topics"]["format"] = 1
    store.write_summary(copy / "run.json", summary)
    with pytest.raises(RunError, match="in format 1, and this version opens format 3"):
        open_run(copy)


@pytest.mark.parametrize(
    "change",
    [
        lambda summary: summary["config"]["guide"].update(mode="zero_shot"),
        lambda summary: summary["files"].pop("data/cluster/topic.npy"),
        lambda summary: summary["files"].pop("topics.csv"),
        lambda summary: summary.pop("config"),
        lambda summary: summary.pop("counts"),
        lambda summary: summary.pop("files"),
        lambda summary: summary.pop("digest"),
        lambda summary: summary.update(more=1),
    ],
)
def test_a_changed_run_json_is_noticed(copy, change):
    summary = summary_of(copy)
    change(summary)
    (copy / "run.json").write_text(json.dumps(summary), encoding="utf-8")
    sentence = f"run.json of {copy} was changed or cut off since the run was written; repeat the run"
    with pytest.raises(RunError) as caught:
        open_run(copy)
    assert str(caught.value) == sentence
    for arguments in (["show"], ["show", "--json"], ["show", "--topic", "0"], ["trends"], ["report"]):
        shown = run_cli(arguments[0], copy, *arguments[1:], expect=2).output
        assert "was changed or cut off since the run was written" in " ".join(shown.split())


@pytest.mark.parametrize("text", ['["paper_topics"]', '"paper_topics"', '{"paper_topics": 1}', "{", ""])
def test_what_is_no_run_json_is_none(copy, text):
    (copy / "run.json").write_text(text, encoding="utf-8")
    with pytest.raises(RunError, match=r"not a run of topics: it has no readable run\.json"):
        open_run(copy)


def test_a_run_json_written_otherwise_is_the_same(copy):
    summary = summary_of(copy)
    (copy / "run.json").write_text(json.dumps(dict(reversed(summary.items()))), encoding="utf-8")
    assert open_run(copy).summary == summary


@pytest.mark.parametrize("name", ["topics.csv", "assignments.csv"])
def test_a_changed_table_is_not_shown(copy, name):
    (copy / name).write_text("topic,label\n0,mine\n", encoding="utf-8")
    shown = run_cli("show", copy, "--topic", "0", expect=2).output
    assert f"{name} was changed or cut off" in " ".join(shown.split())


def test_an_older_run_is_not_shown(copy):
    summary = summary_of(copy)
    summary["paper_topics"]["format"] = 2
    store.write_summary(copy / "run.json", summary)
    shown = run_cli("show", copy, expect=2).output
    assert "in format 2, and this version opens format 3; repeat the run" in " ".join(shown.split())
