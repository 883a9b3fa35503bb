"""A run folder that the version of 2026-11-28 wrote: every command still takes it."""

import json
import shutil

import pytest

import topics
from tests.conftest import ROOT, SEED, rows, run_cli, summary_of
from topics.runs.run import open_run

OLD = ROOT / "tests" / "data" / "run-2026-11-28"
PAPERS, LINES = 30, 3


@pytest.fixture(scope="module")
def old_run(tmp_path_factory):
    return shutil.copytree(OLD, tmp_path_factory.mktemp("old") / "run")


@pytest.fixture(scope="module")
def papers(tmp_path_factory):
    """The papers of that run, and those of the seed corpus that it had not."""
    lines = SEED.read_text(encoding="utf-8").splitlines(keepends=True)
    parts = lines[: PAPERS * LINES], lines[PAPERS * LINES :]
    files = [tmp_path_factory.mktemp("papers") / name for name in ("known.txt", "new.txt")]
    for file, part in zip(files, parts, strict=True):
        file.write_text("".join(part), encoding="utf-8")
    return files


def labels(run):
    return [topic["label"] for topic in rows(run / "topics.csv")]


def test_its_values_are_whole(old_run):
    run = open_run(old_run)
    for name in summary_of(old_run)["files"]:
        if (old_run / name).exists():
            run.check(name)
    assert run.topics.labels == tuple(labels(old_run))
    assert len(run.corpus) == len(run.embeddings.vectors) == len(run.clustering) == PAPERS
    assert [topic.size for topic in run.topics.topics] == [
        int(topic["size"]) for topic in rows(old_run / "topics.csv")
    ]
    written = json.loads((OLD / "data" / "label" / "value.json").read_text(encoding="utf-8"))["topics"]
    assert [list(topic.joined_keywords) for topic in run.topics.topics] == [t["beside"] for t in written]
    for value in (
        *(run.guidance, run.novelty, run.counts, run.hierarchy, run.quality, run.layout, run.trends),
        run.names,
    ):
        assert value is not None


def test_show(old_run):
    shown = run_cli("show", old_run).output
    assert all(label in shown for label in labels(old_run))
    told = json.loads(run_cli("show", old_run, "--json").stdout)
    assert [topic["label"] for topic in told["topics"]] == labels(old_run)


def test_show_levels(old_run):
    shown = " ".join(run_cli("show", old_run, "--levels").output.split())
    assert "it was written before runs kept them; repeat the run to see some." in shown
    assert open_run(old_run).levels.levels == ()


def test_label(old_run, papers, tmp_path):
    """Its own papers get the topics that they have; new ones are encoded and get one too."""
    run_cli("label", old_run, *papers, "-o", tmp_path / "labelled.csv", "--abstain", "0")
    found = rows(tmp_path / "labelled.csv")
    own = rows(old_run / "assignments.csv")
    assert [(row["in_run"], row["topic"]) for row in found[:PAPERS]] == [
        (row["id"], row["topic"]) for row in own
    ]
    assert len(found) == 50
    assert {row["label"] for row in found} <= set(labels(old_run))


def test_map_and_report(old_run, tmp_path):
    for name in ("map.png", "map.html"):
        run_cli("map", old_run, "-o", tmp_path / name)
    assert (tmp_path / "map.png").read_bytes().startswith(b"\x89PNG")
    run_cli("report", old_run, "-o", tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert all(label in page for label in labels(old_run))


def test_edit(old_run, tmp_path):
    edits = tmp_path / "edits.yaml"
    edits.write_text("edits:\n- rename: {topic: 0, to: how models write}\n", encoding="utf-8")
    run_cli("edit", old_run, edits, "-o", tmp_path / "edited")
    assert labels(tmp_path / "edited") == ["how models write", *labels(old_run)[1:]]
    assert [row["topic"] for row in rows(tmp_path / "edited" / "assignments.csv")] == [
        row["topic"] for row in rows(old_run / "assignments.csv")
    ]


def test_update(old_run, papers, tmp_path):
    run_cli("update", old_run, papers[1], "-o", tmp_path / "more")
    assert len(open_run(tmp_path / "more").corpus) == 50
    assert labels(tmp_path / "more")[: len(labels(old_run))] == labels(old_run)


def test_python(old_run):
    run = topics.load(old_run)
    assert list(run.topics["label"]) == labels(old_run)
    assert run.predict(list(open_run(old_run).corpus.texts))["topic"].tolist() == [
        int(row["topic"]) for row in rows(old_run / "assignments.csv")
    ]
    model = run.bertopic()
    assert set(labels(old_run)) <= set(model.custom_labels_)
