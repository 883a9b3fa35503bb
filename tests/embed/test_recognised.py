"""Vectors given as a file are known again where an encoder of this installation made them."""

import dataclasses
from types import SimpleNamespace

import numpy as np
import pytest

from tests.conftest import QUICK, SEED, run_cli
from topics import pipeline
from topics.cache.stage import NullObserver, RunContext, RunState
from topics.cache.store import Cache
from topics.config import Config, EmbedSettings
from topics.embed.embed import fit_encoder
from topics.embed.recognised import recognised
from topics.runs.run import open_run
from topics.types.arrays import unit_rows

MULTILINGUAL = EmbedSettings(encoder="multilingual")

NAMING = {"report.html", "run.json", "run.log", "stages.json", "data/embed/value.json"}
"""Files of a run that name its encoder, or tell when it ran."""


def files_of(run):
    """All files of a run's folder but those of its encoder."""
    found = {str(path.relative_to(run)): path for path in run.rglob("*") if path.is_file()}
    return {name: path for name, path in found.items() if not name.startswith("data/embed/encoder/")}


def differing(one, other):
    ours, theirs = files_of(one), files_of(other)
    assert ours.keys() == theirs.keys()
    assert {"topics.csv", "assignments.parquet", "topics.md", "map.svg", "hierarchy.json"} <= ours.keys()
    return {name for name, path in ours.items() if path.read_bytes() != theirs[name].read_bytes()}


def test_a_run_s_own_vectors_given_back_write_the_same_files(seed_run, vectors_run):
    assert differing(seed_run, vectors_run) == NAMING


def test_the_topics_say_whose_space_their_labels_were_chosen_in(seed_run, vectors_run):
    assert open_run(vectors_run).drafted.encoder == open_run(seed_run).embeddings.encoder


def test_vectors_that_nobody_knows_are_looked_at_once(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr("topics.embed.embed.load_encoder", lambda *_: None)
    monkeypatch.setattr("topics.embed.recognised.recognised", lambda *_: asked.append(1))
    config = Config(embed=EmbedSettings(encoder="v.npy"))
    run = RunContext(config, [], {}, RunState(Cache(tmp_path), NullObserver()))
    run.corpus = run.embeddings = None
    run.stages["embed"] = SimpleNamespace(folder=tmp_path)
    assert [pipeline._encoder(run), pipeline._encoder(run)] == [None, None]
    assert len(asked) == 1


def test_so_do_those_that_were_learned_from_the_papers(quick_run, tmp_path):
    np.save(tmp_path / "v.npy", np.load(quick_run / "data" / "embed" / "vectors.npy"))
    setting = f"embed.encoder={tmp_path / 'v.npy'}"
    run_cli("run", SEED, "-o", tmp_path / "run", *QUICK, "--set", setting)
    assert differing(quick_run, tmp_path / "run") == NAMING


def found(folder, vectors=None, **settings):
    """What is recognised in a run's vectors, or in these in their place."""
    run = open_run(folder)
    given = run.embeddings if vectors is None else dataclasses.replace(run.embeddings, vectors=vectors)
    return recognised(run.corpus, given, EmbedSettings(encoder="v.npy", **settings), run.config.random_state)


def test_words_beside_a_model_are_known_with_it(joined_run, seed_run):
    ours = open_run(joined_run)
    joined = found(joined_run, own_words=0.3)
    assert joined.name == ours.embeddings.encoder
    texts = ours.corpus.texts[:3]
    assert np.array_equal(joined.encode(texts), ours.embeddings.vectors[:3])
    assert found(joined_run) is None, "by other settings there is nothing beside the model"
    assert found(seed_run).name == open_run(seed_run).embeddings.encoder


def test_the_same_model_that_read_less_of_the_texts_is_the_same_model(seed_run):
    assert found(seed_run, max_tokens=64).name == "all-MiniLM-L6-v2, fp32, 64 tokens, 3 windows"


def test_so_is_the_model_of_many_languages(seed_run):
    encoder = fit_encoder(texts := open_run(seed_run).corpus.texts, MULTILINGUAL, random_state=0)
    assert "multilingual" in encoder.name
    assert found(seed_run, encoder.encode(texts)).name == encoder.name


@pytest.mark.parametrize("width", [384, 300, 7])
def test_vectors_of_no_known_model_have_none(seed_run, width):
    turn = np.linalg.qr(np.random.default_rng(0).normal(size=(384, 384)))[0][:, :width]
    turned = unit_rows(open_run(seed_run).embeddings.vectors @ turn)
    assert found(seed_run, turned) is None


def test_a_model_that_is_not_here_is_passed_over(seed_run, tmp_path):
    assert found(seed_run, model_dir=str(tmp_path)) is None
