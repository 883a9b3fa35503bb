"""A model's vectors beside those of the corpus' own words."""

from __future__ import annotations

import json

import numpy as np
import pytest

from tests.conftest import rows, run_cli
from topics.config import EmbedSettings
from topics.embed import combined, multilingual
from topics.embed.combined import CombinedEncoder, load_own_words, model_part
from topics.embed.embed import (
    ALL_WINDOWS_UP_TO,
    ONE_WINDOW_FROM,
    WINDOWS,
    fit_encoder,
    load_encoder,
    weight_of_own_words,
)
from topics.embed.lsa import fit_lsa
from topics.embed.minilm import OWN_WORDS
from topics.errors import CorpusError, ModelError
from topics.types import FEW_PAPERS, MANY_PAPERS, papers
from topics.types.arrays import unit_rows

TEXTS = [
    f"{subject} {verb} {place}"
    for subject in ("quasars", "galaxies", "enzymes", "proteins", "tariffs", "wages")
    for verb in ("shape", "follow", "outlast")
    for place in ("clusters", "membranes", "markets")
]
LONG = [
    " ".join([text, *np.random.default_rng(row).permutation(" ".join(TEXTS).split())[:30]])
    for row, text in enumerate(TEXTS)
]
OURS = EmbedSettings(max_tokens=16, own_words=0.5)


def test_the_cosine_of_two_papers_is_a_weighted_mean_of_both_views():
    random = np.random.default_rng(1)
    model, words = (unit_rows(random.normal(size=(2, width))) for width in (7, 3))
    one, two = combined.combined(model, words, 0.5)
    expected = (model[0] @ model[1] + 0.25 * words[0] @ words[1]) / 1.25
    assert one @ two == pytest.approx(expected, abs=1e-6)
    assert np.linalg.norm(one) == pytest.approx(1, abs=1e-6)


def test_a_paper_without_a_known_word_keeps_the_models_vector():
    vectors = combined.combined(np.eye(2, dtype=np.float32), np.zeros((2, 3), np.float32), OWN_WORDS)
    assert (vectors == np.eye(2, 5)).all()


def test_words_are_learned_from_the_corpus_and_found_again(tmp_path):
    encoder = fit_encoder(TEXTS, OURS, random_state=3)
    assert isinstance(encoder, CombinedEncoder)
    alone = fit_encoder(TEXTS, OURS.model_copy(update={"own_words": 0}), random_state=3)
    learned = fit_lsa(TEXTS, random_state=3)
    assert encoder.name == f"{alone.name}, beside 0.5 of {learned.name}"
    later = [*TEXTS[:5], "quasars and wages", "nothing heard of"]
    expected = combined.combined(alone.encode(later), learned.encode(later), 0.5)
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
    few = fit_encoder(LONG, auto, random_state=3)
    monkeypatch.setattr(papers, "MANY_PAPERS", len(LONG))
    monkeypatch.setattr(papers, "FEW_PAPERS", 0)
    many = fit_encoder(LONG, auto, random_state=3)
    assert isinstance(many, CombinedEncoder)
    assert many.words.weight == OWN_WORDS
    assert few.name == many.model.name
    for place, encoder in enumerate((few, many)):
        folder = tmp_path / str(place)
        folder.mkdir()
        encoder.save(folder)
        loaded = load_encoder(auto, folder)
        assert loaded is not None
        assert loaded.name == encoder.name


def test_the_weight_is_that_of_the_fit(tmp_path, monkeypatch):
    """Also where the corpus has not enough papers for the whole of it."""
    monkeypatch.setattr(papers, "FEW_PAPERS", len(LONG) // 2)
    auto = EmbedSettings(max_tokens=16)
    encoder = fit_encoder(LONG, auto, random_state=3)
    encoder.save(tmp_path)
    words = load_own_words(tmp_path)
    assert words is not None
    assert 0 < words.weight < OWN_WORDS
    assert encoder.name.startswith(f"{words.model}, beside {words.weight} of ")
    loaded = load_encoder(auto, tmp_path)
    assert loaded is not None
    assert loaded.encode(LONG[:9]).tobytes() == encoder.encode(LONG[:9]).tobytes()


def test_a_damaged_encoder_is_refused(tmp_path):
    fit_encoder(TEXTS, OURS, random_state=3).save(tmp_path)
    (tmp_path / "joined.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ModelError, match="does not hold a readable encoder; repeat the run"):
        load_own_words(tmp_path)


def test_on_auto_a_few_connectives_are_not_taken_for_words(monkeypatch):
    """All that recurs in texts of a script without blanks that nothing divides."""
    monkeypatch.setattr(papers, "FEW_PAPERS", 0)
    random = np.random.default_rng(2)
    letters = [chr(code) for code in range(0x1200, 0x1200 + 300) if chr(code).isalpha()]
    connectives = ["".join(random.choice(letters, 2)) for _ in range(6)]
    unspaced = [
        ", ".join(
            [*("".join(random.choice(letters, 9)) for _ in range(12)), *random.choice(connectives, 3, False)]
        )
        for _ in range(60)
    ]
    assert set(fit_lsa(unspaced).terms) <= set(connectives)
    assert not isinstance(
        fit_encoder(unspaced, EmbedSettings(max_tokens=16), random_state=3), CombinedEncoder
    )


def test_on_auto_words_stand_beside_minilm_alone():
    other = "some/multilingual-model"
    assert weight_of_own_words(MANY_PAPERS, EmbedSettings()) == OWN_WORDS
    assert weight_of_own_words(MANY_PAPERS, EmbedSettings(encoder=other)) == 0
    for number in (5, 700, MANY_PAPERS):
        assert weight_of_own_words(number, EmbedSettings(encoder=other, own_words=0.2)) == 0.2
        assert weight_of_own_words(number, EmbedSettings(own_words=0.3)) == 0.3


@pytest.mark.parametrize(
    ("encoder", "whole"), [("minilm", OWN_WORDS), ("multilingual", multilingual.OWN_WORDS)]
)
def test_on_auto_the_words_of_more_papers_count_for_more(encoder, whole):
    settings = EmbedSettings(encoder=encoder)
    numbers = range(FEW_PAPERS, MANY_PAPERS + 1)
    weights = [weight_of_own_words(number, settings, ["de"] * number) for number in numbers]
    assert weights[0] == weight_of_own_words(5, settings, ["de"] * 5) == 0
    assert weights[-1] == weight_of_own_words(10**6, settings, ["de"] * 9) == whole
    steps = np.diff(weights)
    assert steps.min() > 0
    assert steps.max() == pytest.approx(whole / (MANY_PAPERS - FEW_PAPERS))


def test_words_that_tell_nothing_are_left_out_or_refused(monkeypatch):
    monkeypatch.setattr(papers, "FEW_PAPERS", 0)
    same = ["the same words again"] * 20
    assert not isinstance(fit_encoder(same, EmbedSettings(), random_state=3), CombinedEncoder)
    with pytest.raises(CorpusError, match=r"No word tells the 20 papers apart, .* set it to 0"):
        fit_encoder(same, OURS, random_state=3)


def test_vectors_of_a_file_are_taken_as_they_are(tmp_path):
    np.save(tmp_path / "v.npy", np.eye(len(TEXTS)))
    settings = EmbedSettings(encoder=str(tmp_path / "v.npy"), own_words=0.5)
    assert not isinstance(fit_encoder(TEXTS, settings, random_state=3), CombinedEncoder)


def test_two_corpora_are_compared_in_the_models_vectors(tmp_path):
    encoder = fit_encoder(TEXTS, OURS, random_state=3)
    assert isinstance(encoder, CombinedEncoder)
    encoder.save(tmp_path)
    name, centroids = model_part(encoder.name, encoder.encode(TEXTS[:4]), tmp_path)
    assert encoder.model.name == f"{name}, 3 windows"
    np.testing.assert_allclose(centroids, encoder.model.encode(TEXTS[:4]), atol=1e-6)
    same = model_part("another encoder", centroids, tmp_path / "nowhere")
    assert same[0] == "another encoder"
    assert same[1] is centroids


def test_the_settings_say_what_auto_means():
    described = EmbedSettings.model_fields["own_words"].description or ""
    assert f"auto is 0 up to {FEW_PAPERS} papers and grows to {OWN_WORDS} for minilm" in described
    assert f"to {multilingual.OWN_WORDS} for multilingual" in described
    assert f"at {MANY_PAPERS:,}; 0 for all other encoders" in described
    described = EmbedSettings.model_fields["windows"].description or ""
    assert f"auto is {WINDOWS} for up to {ALL_WINDOWS_UP_TO} papers" in described
    assert f"falls to 1 for {ONE_WINDOW_FROM} and more" in described


def test_a_run_with_words_beside_the_model_answers_and_compares(seed_run, joined_run, tmp_path):
    """It reads a new paper, and its topics are matched with those of the model alone."""
    made = json.loads((joined_run / "data" / "embed" / "value.json").read_text(encoding="utf-8"))["encoder"]
    assert ", beside 0.3 of TF-IDF and SVD" in made
    paper = tmp_path / "new.jsonl"
    abstract = (
        "We watermark the text of language models so that a detector finds watermarked text again. " * 2
    )
    paper.write_text(json.dumps({"title": "Watermarks", "abstract": abstract}), encoding="utf-8")
    run_cli("label", joined_run, paper, "-o", tmp_path / "labelled.csv")
    topic = int(rows(tmp_path / "labelled.csv")[0]["topic"])
    assert "watermark" in rows(joined_run / "topics.csv")[topic]["keywords"]
    run_cli("compare", seed_run, joined_run, "-o", tmp_path / "compared")
    told = (tmp_path / "compared" / "compare.md").read_text(encoding="utf-8")
    assert "cannot be compared" not in told
