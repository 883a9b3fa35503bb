from __future__ import annotations

import string
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from topics.embed import lsa
from topics.embed.lsa import as_written, distances_by_words, fit_lsa, load_lsa
from topics.errors import CorpusError, ModelError

FIELDS = ("quasar galaxy redshift telescope", "enzyme protein folding ligand", "tariff wage trade inflation")


def _corpus(papers: int = 60) -> tuple[list[str], np.ndarray]:
    rng = np.random.default_rng(0)
    field = np.arange(papers) % 3
    noise = [f"word{letter}" for letter in "abcdefghijkl"]
    texts = [" ".join([*rng.choice(FIELDS[kind].split(), 3), *rng.choice(noise, 4), "the"]) for kind in field]
    return texts, field


def test_papers_of_a_field_lie_together() -> None:
    texts, field = _corpus()
    vectors = fit_lsa(texts, dimensions=10).encode(texts)
    cosines = vectors @ vectors.T
    same = field[:, None] == field[None, :]
    assert cosines[same].mean() > 3 * abs(cosines[~same].mean())


def test_rows_have_length_one_or_no_known_word() -> None:
    texts, _ = _corpus()
    vectors = fit_lsa(texts).encode([*texts, "", "the", "unseen vocabulary 12"])
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors[:-3], axis=1), 1, atol=1e-6)
    assert (vectors[-3:] == 0).all()


@settings(max_examples=10, deadline=None)
@given(order=st.permutations(range(30)), random_state=st.integers(0, 3))
def test_permuting_papers_permutes_the_bytes(order: list[int], random_state: int) -> None:
    texts, _ = _corpus(30)
    shuffled = [texts[row] for row in order]
    encoder = fit_lsa(texts, dimensions=8, random_state=random_state)
    again = fit_lsa(shuffled, dimensions=8, random_state=random_state)
    assert encoder.terms == again.terms
    assert encoder.encode(texts)[order].tobytes() == again.encode(shuffled).tobytes()


def test_a_vector_depends_on_its_text_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    texts, _ = _corpus()
    encoder = fit_lsa(texts)
    whole = encoder.encode(texts)
    monkeypatch.setattr(lsa, "PART", 7)
    done: list[int] = []
    assert (encoder.encode(texts, done.append) == whole).all()
    assert done == [7] * 8 + [4]
    assert (encoder.encode(texts[5:6]) == whole[5:6]).all()


def test_saved_and_loaded_it_encodes_the_same(tmp_path: Path) -> None:
    texts, _ = _corpus()
    encoder = fit_lsa([*texts, "naïve Schrödinger naïve", "Schrödinger naïve"])
    encoder.save(tmp_path)
    again = load_lsa(tmp_path)
    assert again.name == encoder.name
    assert again.encode(texts).tobytes() == encoder.encode(texts).tobytes()
    assert {path.suffix for path in tmp_path.iterdir()} == {".json", ".npy"}


def test_damaged_files_are_refused(tmp_path: Path) -> None:
    unreadable = f"{tmp_path} does not hold a readable lsa encoder; repeat the run."
    with pytest.raises(ModelError) as error:
        load_lsa(tmp_path)
    assert str(error.value) == unreadable
    fit_lsa(_corpus()[0], dimensions=2).save(tmp_path)
    (tmp_path / "terms.json").write_text('["one"]')
    with pytest.raises(ModelError, match="holds 1 terms but"):
        load_lsa(tmp_path)
    (tmp_path / "projection.npy").write_bytes(b"no array")
    with pytest.raises(ModelError) as error:
        load_lsa(tmp_path)
    assert str(error.value) == unreadable


def test_two_papers_are_enough() -> None:
    vectors = fit_lsa(["dark matter halos", "gene expression in yeast"]).encode(["dark halos", "yeast gene"])
    assert abs(vectors[0] @ vectors[1]) < 1e-6


@pytest.mark.parametrize("texts", [["same words here"] * 4, ["", ""], ["1 2 3", "4 5"], ["one", "one", ""]])
def test_papers_without_a_difference_are_refused(texts: list[str]) -> None:
    with pytest.raises(CorpusError) as error:
        fit_lsa(texts)
    assert str(error.value) == (
        f"No word tells the {len(texts)} papers apart, so lsa has nothing to learn from; "
        "set embed.encoder to minilm."
    )


def test_a_large_corpus_is_learned_from_a_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    texts, _ = _corpus(90)
    monkeypatch.setattr(lsa, "FIT_ON", 40)
    encoder, again = fit_lsa(texts), fit_lsa(texts[::-1])
    assert encoder.encode(texts).tobytes() == again.encode(texts).tobytes()
    assert sorted(lsa.sampled_texts(texts, 40, 0)) != sorted(lsa.sampled_texts(texts, 40, 1))


def test_singular_and_plural_are_one_term() -> None:
    encoder = fit_lsa(["networks and glass", "one network", "a virus"])
    assert {"network", "glass", "virus"} <= set(encoder.terms)
    assert "networks" not in encoder.terms


def test_terms_are_read_as_they_are_written() -> None:
    texts = [
        "Therapies help; a virus, the viruses.",
        "Therapies and a class of models.",
        "One model, a model.",
    ]
    assert as_written(["therapie", "model", "class", "virus", "unheard"], texts) == [
        "therapies",
        "model",
        "class",
        "virus",
        "unheard",
    ]


def test_a_small_corpus_gets_few_dimensions() -> None:
    texts, _ = _corpus(100)
    assert fit_lsa(texts).encode(texts).shape == (100, 10)
    assert fit_lsa(texts, dimensions=7).encode(texts).shape == (100, 7)
    assert fit_lsa(texts[:16]).encode(texts).shape == (100, 5)


@given(st.text(string.printable + "\x1c\x1f\0"))
@example("it's a well-known x-ray of h2o_2, e. g. -so- a1 b c-")
def test_the_quick_pattern_finds_the_same_words_in_ascii(text: str) -> None:
    assert lsa._ASCII_WORD.findall(text.lower()) == lsa._WORD.findall(text.lower())


def test_distances_by_words_are_those_of_tf_idf(monkeypatch: pytest.MonkeyPatch) -> None:
    from sklearn.feature_extraction.text import TfidfVectorizer

    texts, _ = _corpus(30)
    texts.append("quasar alone unheard unseen")
    plain = TfidfVectorizer(sublinear_tf=True, smooth_idf=False, token_pattern=r"\w+").fit(texts)
    # Not idf + 1, as it has it: a word of all papers weighs nothing.
    plain.idf_ = plain.idf_ - 1
    cosine = (plain.transform(texts) @ plain.transform(texts).T).toarray()
    np.fill_diagonal(cosine, -1)
    expected = np.sort(1 - cosine, axis=1)[:, :5]
    monkeypatch.setattr(lsa, "_COMPARED", 7)
    assert np.allclose(distances_by_words(texts, 5), expected, atol=1e-6)


def test_words_of_one_paper_alone_set_it_apart() -> None:
    """`fit_lsa` does not know them, so in its space such a paper lies where its one common word does."""
    texts, _ = _corpus()
    texts.append("quasar unheard unseen unwritten unsaid unthought")
    vectors = fit_lsa(texts).encode(texts)
    near = np.sort(1 - vectors @ vectors.T, axis=1)[:, 1:6].mean(axis=1)
    assert near.argmax() != 60
    assert distances_by_words(texts, 5).mean(axis=1).argmax() == 60
