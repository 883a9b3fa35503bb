"""The Python interface says what the command line says."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

import topics
from tests.conftest import ROOT, SEED, rows
from tests.runs.test_predict import BIRDS, PRIVATE
from topics import fit, load
from topics.errors import ConfigError, InputError, RunError
from topics.label.bertopic import class_tfidf
from topics.runs.predict import RESULTS

LSA = {"embed": {"encoder": "lsa"}}


def test_the_page_runs_as_it_stands(tmp_path, monkeypatch, capsys):
    (tmp_path / "seeds").mkdir()
    shutil.copy(SEED, tmp_path / "seeds")
    monkeypatch.chdir(tmp_path)
    page = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
    names: dict[str, object] = {}
    for block in re.findall(r"```python\n(.*?)```", page, re.DOTALL):
        exec(block, names)
    assert "priva" in names["found"]["label"][0]
    assert len(names["numbers"]) == 1
    for name in RESULTS:
        assert f"`{name}`" in page
    assert "CustomName" in capsys.readouterr().out


def test_importing_the_package_loads_nothing():
    heavy = ("numpy", "pandas", "pydantic", "pyarrow")
    code = f"import sys, topics; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    with pytest.raises(AttributeError, match="has no attribute 'guess'"):
        _ = topics.guess


@pytest.mark.parametrize("vectors", [True, False])
def test_the_runs_own_frame_gets_the_runs_answer(seed_run, tmp_path, vectors):
    """Also papers whose LaTeX one pass of cleaning leaves half read, and without an encoder."""
    given = load(seed_run)
    frame = given.papers[["title", "abstract"]].copy()
    for row, tail in enumerate(
        ["{\\it knots of type $(p,m)$.}", "It lies in $S4$$.", "For 5$ a {$k$-best}."]
    ):
        frame.loc[row, "abstract"] += f" {tail}"
    np.save(tmp_path / "v.npy", given.vectors)
    settings = {"embed": {"encoder": str(tmp_path / "v.npy")}} if vectors else LSA
    run = fit(frame, settings, output=tmp_path / "run")
    found = run.predict(run.papers)
    assert found["in_run"].tolist() == run.papers["id"].tolist()
    for name in ("topic", "nearest_topic", "probability"):
        assert found[name].tolist() == run.papers[name].tolist()


def test_frames_are_the_tables(seed_run):
    run = load(seed_run)
    assert run.papers["title"].tolist() == [row["title"] for row in rows(seed_run / "assignments.csv")]
    assert "name" in run.topics
    for frame, name in ((run.topics, "topics.csv"), (run.keywords, "keywords.csv")):
        shared = [column for column in frame if column in rows(seed_run / name)[0] and column != "keywords"]
        assert len(shared) >= 4
        for column in shared:
            table = [row[column] for row in rows(seed_run / name)]
            numeric = frame[column].dtype.kind == "f"
            assert (
                np.allclose(frame[column], [float(cell) for cell in table], atol=1e-4)
                if numeric
                else [str(cell) for cell in frame[column]] == table
            )
    assert run.vectors.shape == (50, 384)
    assert run.layout.shape == (50, 2)
    assert run.centroids.shape == (len(run.topics), 384)


def test_levels_are_a_frame(quick_run):
    run = load(quick_run)
    own = run.levels[run.levels["taken"]]
    assert own["label"].tolist() == run.topics["label"].tolist()
    assert own["size"].tolist() == run.topics["size"].tolist()
    others = run.levels[~run.levels["taken"]].groupby("n_topics")
    assert others["topic"].count().to_dict() == {number: number for number in others.groups}
    assert len(others) == len(run.run.clustering.levels)
    old = load(ROOT / "tests" / "data" / "run-2026-11-28").levels
    assert old.empty
    assert list(old) == list(run.levels)


def test_predicting_takes_frames_texts_and_files(seed_run, tmp_path):
    run = load(seed_run)
    own = run.predict(SEED)
    assert list(own) == list(RESULTS)
    assert own["nearest_topic"].tolist() == run.papers["nearest_topic"].tolist()
    frame = pd.DataFrame(
        {"abstract": [PRIVATE, None, BIRDS], "year": [2020, np.nan, 2021]}, index=["x", "y", "z"]
    )
    found = run.predict(frame)
    assert found.index.tolist() == ["x", "y", "z"]
    assert found["topic"].isna().tolist() == [False, True, False]
    assert found.loc["y", "left_out"] == "no abstract"
    assert found.loc["z", "topic"] == -1
    assert run.predict([PRIVATE])["nearest_topic"][0] == found.loc["x", "nearest_topic"]
    assert run.predict([BIRDS], abstain=0)["topic"][0] == found.loc["z", "nearest_topic"]


def test_vectors_can_be_given(vectors_run):
    run = load(vectors_run)
    found = run.predict([PRIVATE, BIRDS], vectors=run.vectors[[4, 7]])
    assert found["nearest_topic"].tolist() == run.papers["nearest_topic"][[4, 7]].tolist()


def test_fitting_a_frame_is_a_run_that_can_be_kept(tmp_path):
    source = load(fit(SEED, LSA, output=tmp_path / "file").path)
    frame = source.papers[["title", "abstract", "date"]]
    run = fit(frame, LSA)
    assert run.papers["abstract"].tolist() == source.papers["abstract"].tolist()
    assert run.run.summary["account"]["kept"] == 50
    kept = run.save(tmp_path / "kept")
    assert load(kept).papers.equals(run.papers)
    place = run.path
    del run
    assert not place.exists()
    texts = fit((frame["title"] + ". " + frame["abstract"]).tolist(), LSA)
    assert len(texts.papers) == 50
    assert (texts.papers["title"] == "").all()


@pytest.mark.parametrize(
    ("papers", "config", "sentence"),
    [
        ([], None, "papers must be a pandas frame"),
        ([1, 2], None, "papers must be a pandas frame"),
        ("nowhere.csv", None, "There is no file nowhere.csv"),
        (pd.DataFrame({"abstract": ["a", 1]}), None, "the frame cannot be read"),
    ],
)
def test_mistakes_are_sentences(papers, config, sentence):
    with pytest.raises(InputError, match=sentence):
        fit(papers, config)
    with pytest.raises(ConfigError, match="config: unknown key embed.encodr; did you mean encoder"):
        fit([PRIVATE], {"embed": {"encodr": "lsa"}})


def test_the_bertopic_of_a_run_weighs_terms_as_the_run_does(seed_run):
    """The same numbers to the last bit; BERTopic has its own order of topics, and a row for the outliers."""
    run = load(seed_run)
    model, topic, counts = run.bertopic(), run.run.clustering.topic, run.run.counts
    weights = class_tfidf(counts.matrix, topic)
    numbers = dict(zip(topic.tolist(), model.topics_, strict=True))
    assert -1 in numbers
    for ours in range(run.run.clustering.n_topics):
        theirs = model.c_tf_idf_[numbers[ours] + 1]
        assert (theirs != weights[ours]).nnz == 0
        for keyword in run.run.topics[ours].keywords:
            assert keyword.weight == theirs[0, counts.terms.index(keyword.term)]


def test_bertopic_reads_text_without_torch(seed_run):
    model = load(seed_run).bertopic()
    found, _ = model.transform([PRIVATE])
    assert "private" in model.custom_labels_[found[0] + model._outliers]
    assert "torch" not in sys.modules


def test_a_changed_model_is_noticed(copy):
    file = copy / "model" / "topic_embeddings.safetensors"
    file.write_bytes(file.read_bytes()[:-4])
    with pytest.raises(RunError, match=r"topic_embeddings\.safetensors was changed or cut off"):
        load(copy).bertopic()
    (copy / "model" / "topics.json").unlink()
    with pytest.raises(RunError, match=r"lacks model/|was changed"):
        load(copy).bertopic()
    (copy / "assignments.parquet").write_bytes(b"PAR1")
    with pytest.raises(RunError, match=r"assignments\.parquet was changed"):
        _ = load(copy).papers


@pytest.mark.parametrize("papers", [None, 3, []])
def test_what_is_no_papers_is_said(seed_run, papers):
    with pytest.raises(InputError, match="papers must be a pandas frame, a list of texts, or the path"):
        load(seed_run).predict(papers)


@pytest.mark.parametrize("abstain", [2, -0.1, float("nan"), "much", None])
def test_abstain_is_a_share(seed_run, abstain):
    with pytest.raises(ConfigError, match=f"abstain is {abstain!r}, but must be a share from 0 to 1"):
        load(seed_run).predict([PRIVATE], abstain=abstain)


def test_load_needs_a_path():
    with pytest.raises(RunError, match="load needs the path of a run's folder, not None"):
        load(None)
