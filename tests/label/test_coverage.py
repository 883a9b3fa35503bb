"""What a label fits: its words in any form, or nearer to it than others' papers; and which two names join."""

from dataclasses import replace

import numpy as np
import pytest

from tests.papers import clustering, corpus, themed
from topics.config import LabelSettings
from topics.label import labels
from topics.label.coverage import Sample, are_near, joined, link_of, parts_of
from topics.label.fits import Judge, fits
from topics.label.topics import label_topics
from topics.terms.lexicon import stem
from topics.terms.matrix import count_terms
from topics.types import Embeddings

ALL = LabelSettings(min_df=1)


def asked(texts, topic=None):
    papers = corpus([("", text) for text in texts])
    groups = np.zeros(len(texts), np.int32) if topic is None else np.array(topic, np.int32)
    return Sample.of(count_terms(papers, ALL), groups, np.arange(len(texts)))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("translation", "translating", True),
        ("watermarked", "watermarks", True),
        ("private", "privacy", True),
        ("tumours", "tumor", True),
        ("general", "generation", False),
        ("community", "communication", False),
    ],
)
def test_forms_of_one_word_share_a_stem(one, other, same):
    assert (stem(one) == stem(other)) == same


def test_words_count_in_any_form_and_order_and_by_their_abbreviation():
    sample = asked(
        [
            "We translate with machines.",
            "Machine translation (MT) is hard.",
            "MT needs much text.",
            "Machines are built of steel.",
            "Translators are tired.",
        ]
    )
    assert sample.have("machine translation").tolist() == [True, True, True, False, False]


def test_an_abbreviation_of_something_else_does_not_count():
    texts = ["Machine translation helps."] + [f"Magnetic tape MT number {letter}." for letter in "abcdefgh"]
    assert asked(texts).have("machine translation").tolist() == [True] + [False] * 8


def test_a_joined_label_fits_what_either_name_fits_and_a_term_with_and_is_one_name():
    texts = [f"Head and neck of patient {letter}." for letter in "abcde"] + ["A head.", "A knee."]
    sample = asked(texts)
    assert sample.have("head and neck").tolist() == [True] * 5 + [False] * 2
    assert sample.have("head and knee").tolist() == [True] * 7
    assert parts_of("allograft and autograft") == ["allograft", "autograft"]
    assert parts_of("head and neck", frozenset({"head and neck"})) == ["head and neck"]


def test_words_without_blanks_count_apart_too():
    sample = asked(["糖尿病患者的血糖。", "糖尿病患者。", "患者有糖尿病。", "患者很多。"])
    assert {"糖尿病", "患者", "糖尿病患者"} <= set(sample.terms)
    assert sample.have("糖尿病患者").tolist() == [True, True, True, False]


def test_names_in_other_languages_are_joined_by_a_comma():
    papers = corpus([("", "Aguas residuales.")])
    spanish = replace(papers, papers=papers.papers.append_column("language", [["es"]]))
    assert [link_of(papers), link_of(spanish)] == [" and ", ", "]
    assert joined("agua residual", "redes neuronales", ", ") == "agua residual, redes neuronales"
    assert parts_of("agua residual, redes neuronales") == ["agua residual", "redes neuronales"]


def test_hyphens_and_spaces_are_alike():
    sample = asked(["A cell-free matrix.", "A matrix free of any cell.", "A free matrix."])
    assert sample.have("cell-free matrix").tolist() == [True, True, False]


@pytest.mark.parametrize(
    ("one", "two", "name"),
    [
        ("osteochondral allograft", "osteochondral autograft", "osteochondral allograft and autograft"),
        ("machine translation", "parsing", "machine translation and parsing"),
        ("machine translation", "neural machine translation", None),
        ("large language models", "LLMs", None),
        ("head and neck", "tumor", None),
        ("translators", "translation", None),
        ("gender biases", "bias", None),
        ("parallel corpora", "corpus", None),
        ("causality detection", "causal models", None),
    ],
)
def test_two_names_join_where_they_say_different_things(one, two, name):
    assert joined(one, two) == name


def test_near_is_nearer_than_nine_tenths_of_the_others_and_on_the_way_to_those_with_the_words():
    topic = np.array([0] * 5 + [1] * 20)
    closeness = np.array([0.9, 0.8, 0.5, 0.2, 0.1, *np.linspace(0.0, 0.3, 20)])[:, None]
    have = np.zeros((25, 1), bool)
    have[0] = True
    assert are_near(closeness, have, topic, 0)[:5, 0].tolist() == [True, True, True, False, False]
    # Where other topics are far away, it is not enough to be nearer than they are.
    closeness[5:] = -0.5
    assert are_near(closeness, have, topic, 0)[:5, 0].tolist() == [True, True, True, True, False]


def test_without_another_topic_nothing_is_near():
    assert not are_near(np.ones((4, 1)), np.ones((4, 1), bool), np.zeros(4, int), 0).any()


def test_what_a_label_fits_is_what_its_words_or_the_judge_find():
    sample = asked(["apple tree", "apple", "pear", "plum", "car", "bus"], [0, 0, 0, 0, 1, 1])
    judge = Judge(
        np.array([[1, 0], [1, 0], [1, 0], [0, 1], [0, 1], [0, 1]], np.float32),
        lambda names: np.array([[1, 0]] * len(names), np.float32),
    )
    ((fit,), (other,)) = fits(sample, judge, [["apple"], ["bus"]])
    assert (fit.name, fit.words, fit.encoder, fit.share) == ("apple", 0.5, 0.75, 0.75)
    assert (other.words, other.encoder, other.share) == (0.5, 0.0, 0.5)
    assert fits(sample, None, [["apple"], []])[0][0].encoder == 0.0


def test_no_encoder_judges_its_own_choice():
    papers, embeddings, groups = themed(6)
    sample = Sample.of(count_terms(papers, ALL), groups.topic, embeddings.order)
    by_words = Judge.other_than(papers, sample.rows, "all-MiniLM-L6-v2")
    by_model = Judge.other_than(papers, sample.rows, "TF-IDF and SVD, 30 terms, 5 dimensions")
    assert by_words.papers.shape[1] < 384 == by_model.papers.shape[1]
    assert Judge.other_than(corpus([("", "same words")] * 4), np.arange(4), "other") is None


def narrow_topics():
    """Ten papers of two kinds of grafts, which no phrase covers, beside ten on something else."""
    texts = [f"Osteochondral allografts, alpha{k}." for k in "abcde"]
    texts += [f"Osteochondral autografts, beta{k}." for k in "fghij"]
    texts += [f"Turbulent flow, gamma{k}." for k in "klmnopqrst"]
    vectors = np.repeat(np.array([[1.0, 1.0, 0.0], [1.0, -1.0, 0.0], [0.0, 0.0, 1.0]]), [5, 5, 10], axis=0)
    vectors += np.random.default_rng(3).normal(0, 0.02, vectors.shape)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    papers = corpus([("", text) for text in texts])
    return papers, Embeddings(vectors.astype(np.float32), "test"), clustering([0] * 10 + [1] * 10)


def test_a_topic_keeps_what_its_label_fits_and_what_else_it_could_be_called():
    papers, embeddings, groups = narrow_topics()
    topics = label_topics(papers, embeddings, groups, count_terms(papers, ALL), ALL)
    first = topics[0]
    assert first.label in (
        "osteochondral allografts and autografts",
        "osteochondral autografts and allografts",
    )
    assert first.fit.words == 1.0
    assert first.fit.name == first.label
    assert first.doubt == ""
    assert 1 <= len(first.others) <= 3
    assert first.label not in {other.name for other in first.others}
    assert all(0 <= other.words <= other.share <= 1 for topic in topics.topics for other in topic.others)


def test_a_stray_of_two_papers_is_not_joined_and_the_label_says_that_it_is_narrow():
    texts = [f"Osteochondral allografts, alpha{k}." for k in "abcd"]
    texts += [f"Corneal lenses, beta{k}." for k in "ef"] + [f"Gamma{k} of delta{k}." for k in "ghij"]
    texts += [f"Turbulent flow, epsilon{k}." for k in "klmnopqrst"]
    places = np.array([[1.0, 1.0, 0.0], [1.0, -1.0, 0.0], [1.0, 0.0, 1.0], [0.0, 0.0, 1.0]])
    vectors = np.repeat(places / np.linalg.norm(places, axis=1, keepdims=True), [4, 2, 4, 10], axis=0)
    papers = corpus([("", text) for text in texts])
    embeddings = Embeddings(vectors.astype(np.float32), "test")
    first = label_topics(papers, embeddings, clustering([0] * 10 + [1] * 10), count_terms(papers, ALL), ALL)[
        0
    ]
    assert first.label == "osteochondral allografts"
    assert first.fit.words == 0.4


@pytest.mark.parametrize(("elsewhere", "joins"), [(0, True), (2, False)])
def test_a_lesser_phrase_is_joined_where_other_topics_hardly_use_its_words(elsewhere, joins, monkeypatch):
    texts = [f"Osteochondral allografts, alpha{k}." for k in "abcd"]
    texts += [f"Corneal lenses, beta{k}." for k in "efg"] + [f"Gamma{k} of delta{k}." for k in "hij"]
    texts += [f"Turbulent flow, epsilon{k}. Corneal lenses." for k in "klmnopqrst"[:elsewhere]]
    texts += [f"Turbulent flow, epsilon{k}." for k in "klmnopqrst"[elsewhere:]]
    places = np.array([[1.0, 0.0, 0.0], [1.0, 0.17, 0.0], [0.3, -1.0, 0.5], [0.0, 0.0, 1.0]])
    vectors = np.repeat(places / np.linalg.norm(places, axis=1, keepdims=True), [4, 3, 3, 10], axis=0)
    papers = corpus([("", text) for text in texts])
    embeddings, groups = Embeddings(vectors.astype(np.float32), "test"), clustering([0] * 10 + [1] * 10)

    def named():
        return label_topics(papers, embeddings, groups, count_terms(papers, ALL), ALL)[0].label

    assert named() == "osteochondral allografts" + joins * " and corneal lenses"
    monkeypatch.setattr(labels, "ALLOWED_LOSS_OF_SELDOM", labels.ALLOWED_LOSS)
    assert named() == "osteochondral allografts"


def test_what_one_paper_alone_says_gives_way_to_what_several_share():
    texts = ["Descriptive captions of images.", "Stereotypes in images."]
    texts += [f"Turbulent flow, alpha{k}." for k in "abcd"]
    vectors = np.repeat(np.eye(2, 3, dtype=np.float32), [2, 4], axis=0)
    papers = corpus([("", text) for text in texts])

    def encode(phrases):
        # The captions lie nearest to both papers.
        places = {"descriptive captions": [1.0, 0.0, 0.0], "images": [0.71, 0.0, 0.7]}
        return np.array([places.get(phrase, [0.8, 0.6, 0.0]) for phrase in phrases], np.float32)

    topics = label_topics(
        papers,
        Embeddings(vectors, "test"),
        clustering([0] * 2 + [1] * 4),
        count_terms(papers, ALL),
        ALL,
        encode=encode,
    )
    assert topics[0].label == "images"


def test_a_settled_label_is_measured_and_keeps_other_names():
    papers, embeddings, groups = narrow_topics()
    object.__setattr__(groups, "names", ("Allografts", ""))
    topics = label_topics(papers, embeddings, groups, count_terms(papers, ALL), ALL)
    assert topics[0].label == "Allografts"
    assert topics[0].fit.words == 0.5
    assert topics[0].others
