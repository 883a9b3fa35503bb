"""The student of MiniLM, taught here by a stand-in whose vectors are known."""

from contextlib import nullcontext
from dataclasses import replace

import numpy as np
import pytest

from tests.papers import corpus
from topics.config import EmbedSettings
from topics.embed import distilled
from topics.embed.distilled import fit_distilled, load_distilled
from topics.embed.embed import embed_papers, fit_encoder, load_encoder
from topics.embed.lsa import fit_lsa, sampled_texts
from topics.errors import CorpusError, ModelError
from topics.types.arrays import unit_rows

FIELDS = (
    "quasar galaxy redshift telescope supernova halo",
    "enzyme protein folding ligand kinase receptor",
    "tariff wage trade inflation labour monetary",
)
RNG = np.random.default_rng(0)
MEANING = {
    word: shared + RNG.normal(size=24)
    for words, shared in zip(FIELDS, 2 * RNG.normal(size=(3, 24)), strict=True)
    for word in words.split()
}


def papers(count=240):
    field = np.arange(count) % 3
    noise = [f"noise{letter}" for letter in "abcdefghijkl"]
    texts = [
        " ".join([*RNG.choice(FIELDS[kind].split(), 3), *RNG.choice(noise, 4), "the", f"paper{place}"])
        for place, kind in enumerate(field)
    ]
    return texts, field


def teacher(texts):
    """The mean of the words' meanings: what a linear student of words can learn."""
    return unit_rows(np.array([sum(MEANING[word] for word in text.split()[:3]) for text in texts]))


def alone(words):
    """What the teacher says of single words: nothing of those without a meaning."""
    return unit_rows(np.array([MEANING.get(word, np.zeros(24)) for word in words]))


def test_the_student_says_of_unseen_papers_what_the_teacher_would():
    texts, _ = papers()
    seen, unseen = texts[:120], texts[120:]
    student = fit_distilled(texts, seen, teacher(seen), read=alone, name="teacher")
    found = student.encode(unseen)
    cosine = np.einsum("ij,ij->i", found, teacher(unseen))
    assert found.dtype == np.float32
    assert cosine.mean() > 0.95
    assert "distilled from teacher on 120 papers" in student.name


def test_it_knows_words_that_its_teacher_met_in_no_paper():
    texts, field = papers()
    unheard = ("quasar", "enzyme", "tariff")
    seen = [text for text in texts if not set(unheard) & set(text.split())]
    student = fit_distilled(texts, seen, teacher(seen), read=alone, name="teacher")
    means = np.array([teacher(texts)[field == kind].mean(axis=0) for kind in range(3)])
    said = student.from_words[[student.lsa.columns[word] for word in unheard]]
    assert (said @ (means - means.mean(axis=0)).T).argmax(axis=1).tolist() == [0, 1, 2]


def test_it_is_drawn_to_what_the_teacher_said_of_the_nearest_papers():
    texts, field = papers()
    seen, unseen = texts[:120], texts[120:]
    student = fit_distilled(texts, seen, teacher(seen), read=alone, name="teacher")
    said = np.eye(24, dtype=np.float32)[field[:120]]
    moved = replace(student, said=said).encode(unseen)
    left = replace(student, anchors=student.anchors[:0], said=student.said[:0]).encode(unseen)
    expected = unit_rows(left + distilled.PULL * np.eye(24, dtype=np.float32)[field[120:]])
    np.testing.assert_allclose(moved, expected, atol=1e-6)
    np.testing.assert_allclose(student.said, teacher(seen), atol=1e-3)


def test_cosines_with_anchors_are_exact():
    rows = unit_rows(np.vstack([np.random.default_rng(6).normal(size=(40, 384)), np.ones((2, 384))]))
    stepped = distilled._stepped(rows.astype(np.float32))
    exact = stepped.astype(np.float64) @ stepped.astype(np.float64).T
    assert ((stepped @ stepped.T).astype(np.float64) == exact).all()


def test_a_few_of_the_sample_are_its_anchors(monkeypatch):
    monkeypatch.setattr(distilled, "ANCHORS", 30)
    texts, _ = papers()
    seen = [*texts[:10], "unheard of", *texts[10:119]]
    given = np.vstack([teacher(texts[:10]), np.eye(24)[:1], teacher(texts[10:119])]).astype(np.float32)
    student = fit_distilled(texts, seen, given, read=alone, name="teacher")
    bare = replace(student, anchors=student.anchors[:0], said=student.said[:0])
    known = [text for text in seen[:30] if text != "unheard of"]
    np.testing.assert_array_equal(student.anchors, distilled._stepped(bare.encode(known)))
    np.testing.assert_allclose(student.said, teacher(known), atol=1e-3)


def test_the_regression_solves_its_equations():
    import scipy.sparse as sp

    words = sp.random(60, 40, 0.2, "csr", np.float32, rng=np.random.default_rng(1))
    spanned = np.random.default_rng(2).normal(size=(60, 5)).astype(np.float32)
    targets = np.random.default_rng(3).normal(size=(60, 3)).astype(np.float32)
    both = np.hstack([words.toarray(), spanned]).astype(np.float64)
    expected = np.linalg.solve(both.T @ both + distilled.PENALTY * np.eye(45), both.T @ targets)
    found = np.concatenate(distilled._ridge(words, spanned, targets))
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_a_vector_depends_on_its_text_alone(monkeypatch):
    texts, _ = papers()
    student = fit_distilled(texts, texts[:100], teacher(texts[:100]), read=alone, name="teacher")
    together = student.encode(texts)
    monkeypatch.setattr(distilled, "WINDOW", 7)
    monkeypatch.setattr(distilled, "_COMPARED", 3)
    assert student.encode(texts).tobytes() == together.tobytes()
    assert student.encode([texts[5]]).tobytes() == together[5:6].tobytes()
    assert (student.encode(["", "words unheard"]) == 0).all()


def test_permuting_papers_permutes_the_bytes():
    texts, _ = papers(90)
    order = np.random.default_rng(5).permutation(90)
    students = []
    for given in (texts, [texts[place] for place in order]):
        sample = sampled_texts(given, 50, 7)
        students.append(
            fit_distilled(given, sample, teacher(sample), read=alone, name="teacher", random_state=7)
        )
    assert students[0].encode(texts).tobytes() == students[1].encode(texts).tobytes()


def test_saved_and_loaded_it_says_the_same(tmp_path):
    texts, _ = papers(90)
    student = fit_distilled(texts, texts[:50], teacher(texts[:50]), read=alone, name="teacher")
    student.save(tmp_path)
    again = load_distilled(tmp_path)
    assert again.name == student.name
    assert again.encode(texts).tobytes() == student.encode(texts).tobytes()
    (tmp_path / "mean.npy").write_bytes(b"nonsense")
    with pytest.raises(ModelError, match="does not hold a readable distilled encoder; repeat the run"):
        load_distilled(tmp_path)
    (tmp_path / "mean.npy").write_bytes(b"")
    with pytest.raises(ModelError, match="does not hold a readable distilled encoder; repeat the run"):
        load_distilled(tmp_path)
    np.save(tmp_path / "mean.npy", np.zeros(3, np.float32))
    with pytest.raises(ModelError, match="parts of different encoders"):
        load_distilled(tmp_path)


def test_papers_without_words_are_an_error():
    with pytest.raises(CorpusError):
        fit_distilled(["the"] * 20, ["the"] * 10, np.ones((10, 3), np.float32), read=alone, name="teacher")


def test_the_settings_choose_teacher_or_student(tmp_path, monkeypatch):
    """A corpus no larger than the sample is the teacher's; either is found again."""
    texts, _ = papers(120)
    few, many = corpus([("", text) for text in texts[:100]]), corpus([("", text) for text in texts])
    settings = EmbedSettings(encoder="distilled", teacher_papers=100)
    for given, name in (
        (few, "all-MiniLM-L6-v2, fp32, 128 tokens"),
        (many, "distilled from all-MiniLM-L6-v2"),
    ):
        parts, folder = tmp_path / f"parts{len(given)}", tmp_path / f"encoder{len(given)}"
        parts.mkdir()
        folder.mkdir()
        monkeypatch.setattr("topics.embed.embed.PART", 16)
        seen = []
        encoder = fit_encoder(
            given.texts,
            settings,
            random_state=1,
            watch=lambda *_, seen=seen: nullcontext(seen.append),
            parts=parts,
        )
        assert encoder.name.startswith(name)
        found = embed_papers(given, encoder)
        encoder.save(folder)
        loaded = load_encoder(settings, folder)
        assert loaded.name == encoder.name
        assert loaded.encode(given.texts).tobytes() == found.vectors.tobytes()
    assert sum(seen) == 100
    assert len(list((parts / "teacher").glob("*.npy"))) == 7
    monkeypatch.setattr("topics.embed.minilm.MiniLM.encode", lambda *_: pytest.fail("read again"))
    again = fit_encoder(many.texts, settings, random_state=1, parts=parts)
    assert again.encode(many.texts).tobytes() == found.vectors.tobytes()


def test_features_may_have_more_dimensions_than_a_small_corpus_supports():
    texts, _ = papers(60)
    assert fit_lsa(texts, dimensions=20, as_features=True).width == 20
    assert fit_lsa(texts, dimensions=20).width == 8
