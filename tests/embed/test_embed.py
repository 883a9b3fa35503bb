from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from topics.config import CorpusSettings, EmbedSettings
from topics.corpus.build import build_corpus
from topics.embed.embed import embed_papers, fit_encoder, load_encoder
from topics.errors import ModelError
from topics.types import Corpus, Record

ABSTRACTS = [
    "Dark matter halos shape the rotation curves of dwarf galaxies in cold surroundings.",
    "Gene expression in yeast changes under heat and under a lack of sugar.",
    "Rotation curves of galaxies tell how much dark matter there is in the halos.",
    "short",
    "Yeast cells answer heat with the expression of genes for folding helpers.",
]


@pytest.fixture
def corpus() -> Corpus:
    records = [Record(title=f"Paper {row}", abstract=text, id=str(row)) for row, text in enumerate(ABSTRACTS)]
    return build_corpus(records, CorpusSettings(min_abstract_words=5))


@pytest.mark.parametrize("encoder", ["minilm", "lsa"])
def test_neighbours_in_meaning_are_neighbours_in_space(corpus: Corpus, encoder: str) -> None:
    done: list[int] = []
    fitted = fit_encoder(corpus.texts, EmbedSettings(encoder=encoder), random_state=1)
    embeddings = embed_papers(corpus, fitted, done.append)
    cosines = embeddings.vectors @ embeddings.vectors.T
    assert cosines[0].argsort()[::-1][1] == 2
    assert cosines[1].argsort()[::-1][1] == 3
    assert sum(done) == len(corpus) == 4
    assert embeddings.encoder == fitted.name


@pytest.mark.parametrize("encoder", ["minilm", "lsa"])
def test_a_loaded_encoder_goes_on_where_the_fitted_one_ended(
    corpus: Corpus, encoder: str, tmp_path: Path
) -> None:
    settings = EmbedSettings(encoder=encoder, max_tokens=32)
    fitted = fit_encoder(corpus.texts, settings, random_state=1)
    fitted.save(tmp_path)
    loaded = load_encoder(settings, tmp_path)
    assert loaded is not None
    assert loaded.name == fitted.name
    later = ["heat and yeast", *corpus.texts]
    assert loaded.encode(later).tobytes() == fitted.encode(later).tobytes()


def test_few_papers_are_read_whole_and_more_less_and_less(tmp_path: Path) -> None:
    """And so by what is loaded later, for texts of however many papers."""
    settings, texts = EmbedSettings(max_tokens=16), ABSTRACTS[:3] * 70
    for number, read in ((100, ", 3 windows"), (101, ", 2.98 windows"), (199, ", 1.02 windows"), (200, "")):
        folder = tmp_path / str(number)
        folder.mkdir()
        fitted = fit_encoder(texts[:number], settings, random_state=1)
        assert fitted.name == f"all-MiniLM-L6-v2, fp32, 16 tokens{read}"
        fitted.save(folder)
        loaded = load_encoder(settings, folder)
        assert loaded is not None
        assert loaded.name == fitted.name
        assert loaded.encode(texts[:3]).tobytes() == fitted.encode(texts[:3]).tobytes()
    asked = fit_encoder(texts, settings.model_copy(update={"windows": 2}), random_state=1)
    assert asked.name.endswith("2 windows")


def test_what_was_saved_of_an_encoder_and_is_damaged_is_refused(tmp_path: Path) -> None:
    for text in ("", "{}", '{"windows": "3"}', '{"windows": 0}', '{"windows": 9}', "[3]"):
        (tmp_path / "reading.json").write_text(text, encoding="utf-8")
        with pytest.raises(ModelError, match="does not hold a readable encoder; repeat the run"):
            load_encoder(EmbedSettings(), tmp_path)


def test_settings_reach_the_encoder(corpus: Corpus) -> None:
    settings = EmbedSettings(max_tokens=64, windows=1, precision="int8")
    minilm = fit_encoder(corpus.texts, settings, random_state=1)
    assert minilm.name == "all-MiniLM-L6-v2, int8, 64 tokens"
    lsa = fit_encoder(corpus.texts, EmbedSettings(encoder="lsa", dimensions=2), random_state=1)
    assert lsa.encode(corpus.texts).shape == (4, 2)


def test_model_dir_is_used(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="model.safetensors cannot be read"):
        fit_encoder([], EmbedSettings(model_dir=str(tmp_path)), random_state=1)


def test_precomputed_vectors_follow_the_records(corpus: Corpus, tmp_path: Path) -> None:
    settings = EmbedSettings(encoder=str(tmp_path / "v.npy"))
    np.save(tmp_path / "v.npy", 2 * np.eye(5))
    encoder = fit_encoder(corpus.texts, settings, random_state=1)
    assert (embed_papers(corpus, encoder).vectors == np.eye(5)[[0, 1, 2, 4]]).all()
    assert load_encoder(settings, tmp_path) is None


def test_precomputed_vectors_of_another_corpus_are_refused(corpus: Corpus, tmp_path: Path) -> None:
    np.save(tmp_path / "v.npy", np.eye(9))
    encoder = fit_encoder(corpus.texts, EmbedSettings(encoder=str(tmp_path / "v.npy")), random_state=1)
    with pytest.raises(ModelError, match=r"has 9 vectors for 5 papers \(4 kept\)"):
        embed_papers(corpus, encoder)


def test_anything_else_is_a_sentence_transformers_model() -> None:
    with pytest.raises(ModelError, match=r"paper-topics\[transformers\]"):
        fit_encoder([], EmbedSettings(encoder="some/model"), random_state=1)


def test_an_interrupted_embedding_goes_on_with_what_is_finished(
    corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("topics.embed.embed.PART", 2)
    encoder = fit_encoder(corpus.texts, EmbedSettings(encoder="lsa"), random_state=1)
    whole = embed_papers(corpus, encoder)

    def stop(_: int) -> None:
        if list(tmp_path.glob("*.npy")):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        embed_papers(corpus, encoder, stop, tmp_path)
    (kept,) = tmp_path.glob("*.npy")
    before = kept.stat().st_mtime_ns
    again = embed_papers(corpus, encoder, None, tmp_path)
    assert kept.stat().st_mtime_ns == before
    np.testing.assert_allclose(again.vectors, whole.vectors, atol=1e-6)


def test_a_damaged_part_is_encoded_again(
    corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("topics.embed.embed.PART", 2)
    encoder = fit_encoder(corpus.texts, EmbedSettings(encoder="lsa"), random_state=1)
    first = embed_papers(corpus, encoder, None, tmp_path)
    for path in tmp_path.glob("*.npy"):
        path.write_bytes(path.read_bytes()[:-8] + bytes(8))
    again = embed_papers(corpus, encoder, None, tmp_path)
    assert again.vectors.tobytes() == first.vectors.tobytes()
