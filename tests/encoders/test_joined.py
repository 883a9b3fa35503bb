"""A model's vectors beside those of the corpus' own words."""

from __future__ import annotations

import json

import numpy as np
import pytest

from tests.conftest import ROOT, rows, run_cli
from topics.config import EmbedSettings
from topics.embed import fit_encoder, load_encoder
from topics.encoders import joined, unit_rows
from topics.encoders.joined import FROM, WEIGHT, Joined, beside, of_model
from topics.encoders.lsa import fit_lsa
from topics.errors import CorpusError

TEXTS = [
    f"{subject} {verb} {place}"
    for subject in ("quasars", "galaxies", "enzymes", "proteins", "tariffs", "wages")
    for verb in ("shape", "follow", "outlast")
    for place in ("clusters", "membranes", "markets")
]
OURS = EmbedSettings(max_tokens=16, own_words=0.5)


def test_the_cosine_of_two_papers_is_a_weighted_mean_of_both_views():
    random = np.random.default_rng(1)
    model, words = (unit_rows(random.normal(size=(2, width))) for width in (7, 3))
    one, two = beside(model, words, 0.5)
    expected = (model[0] @ model[1] + 0.25 * words[0] @ words[1]) / 1.25
    assert one @ two == pytest.approx(expected, abs=1e-6)
    assert np.linalg.norm(one) == pytest.approx(1, abs=1e-6)


def test_a_paper_without_a_known_word_keeps_the_models_vector():
    vectors = beside(np.eye(2, dtype=np.float32), np.zeros((2, 3), np.float32))
    assert (vectors == np.eye(2, 5)).all()


def test_words_are_learned_from_the_corpus_and_found_again(tmp_path):
    encoder = fit_encoder(TEXTS, OURS, random_state=3)
    assert isinstance(encoder, Joined)
    alone = fit_encoder(TEXTS, OURS.model_copy(update={"own_words": 0}), random_state=3)
    learned = fit_lsa(TEXTS, random_state=3)
    assert encoder.name == f"{alone.name}, beside 0.5 of {learned.name}"
    later = [*TEXTS[:5], "quasars and wages", "nothing heard of"]
    expected = beside(alone.encode(later), learned.encode(later), 0.5)
    assert encoder.encode(later).tobytes() == expected.tobytes()
    encoder.save(tmp_path)
    loaded = load_encoder(OURS, tmp_path)
    assert loaded is not None
    assert loaded.name == encoder.name
    assert loaded.encode(later).tobytes() == expected.tobytes()


def test_permuting_papers_permutes_the_bytes():
    order = np.random.default_rng(5).permutation(len(TEXTS))
    moved = [TEXTS[row] for row in order]
    found = fit_encoder(TEXTS, OURS, random_state=3).encode(TEXTS)
    assert fit_encoder(moved, OURS, random_state=3).encode(moved).tobytes() == found[order].tobytes()


def test_on_auto_a_small_corpus_is_left_to_the_model(tmp_path, monkeypatch):
    auto = EmbedSettings(max_tokens=16)
    few = fit_encoder(TEXTS, auto, random_state=3)
    monkeypatch.setattr(joined, "FROM", len(TEXTS))
    many = fit_encoder(TEXTS, auto, random_state=3)
    assert isinstance(many, Joined)
    assert many.weight == WEIGHT
    assert few.name == many.model.name
    for place, encoder in enumerate((few, many)):
        folder = tmp_path / str(place)
        folder.mkdir()
        encoder.save(folder)
        loaded = load_encoder(auto, folder)
        assert loaded is not None
        assert loaded.name == encoder.name


def test_words_that_tell_nothing_are_left_out_or_refused(monkeypatch):
    monkeypatch.setattr(joined, "FROM", 20)
    same = ["the same words again"] * 20
    assert not isinstance(fit_encoder(same, EmbedSettings(), random_state=3), Joined)
    with pytest.raises(CorpusError, match=r"No word tells the 20 papers apart, .* set it to 0"):
        fit_encoder(same, OURS, random_state=3)


def test_vectors_of_a_file_are_taken_as_they_are(tmp_path):
    np.save(tmp_path / "v.npy", np.eye(len(TEXTS)))
    settings = EmbedSettings(encoder=str(tmp_path / "v.npy"), own_words=0.5)
    assert not isinstance(fit_encoder(TEXTS, settings, random_state=3), Joined)


def test_two_corpora_are_compared_in_the_models_vectors(tmp_path):
    encoder = fit_encoder(TEXTS, OURS, random_state=3)
    assert isinstance(encoder, Joined)
    encoder.save(tmp_path)
    name, centroids = of_model(encoder.name, encoder.encode(TEXTS[:4]), tmp_path)
    assert name == encoder.model.name
    np.testing.assert_allclose(centroids, encoder.model.encode(TEXTS[:4]), atol=1e-6)
    same = of_model("another encoder", centroids, tmp_path / "nowhere")
    assert same[0] == "another encoder"
    assert same[1] is centroids


def test_the_settings_say_what_auto_means():
    described = EmbedSettings.model_fields["own_words"].description or ""
    assert f"auto is {WEIGHT} from {FROM:,} papers on" in described


def test_a_run_with_words_beside_the_model_answers_and_compares(seed_run, tmp_path):
    """It reads a new paper, and its topics are matched with those of the model alone."""
    run = tmp_path / "joined"
    run_cli("run", ROOT / "configs" / "seed.yaml", "-o", run, "--set", "embed.own_words=0.3")
    made = json.loads((run / "data" / "embed" / "value.json").read_text(encoding="utf-8"))["encoder"]
    assert ", beside 0.3 of TF-IDF and SVD" in made
    paper = tmp_path / "new.jsonl"
    abstract = (
        "We watermark the text of language models so that a detector finds watermarked text again. " * 2
    )
    paper.write_text(json.dumps({"title": "Watermarks", "abstract": abstract}), encoding="utf-8")
    run_cli("label", run, paper, "-o", tmp_path / "labelled.csv")
    assert "watermark" in rows(tmp_path / "labelled.csv")[0]["label"]
    run_cli("compare", seed_run, run, "-o", tmp_path / "compared")
    told = (tmp_path / "compared" / "compare.md").read_text(encoding="utf-8")
    assert "cannot be compared" not in told
