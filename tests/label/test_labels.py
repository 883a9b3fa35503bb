"""Labels belong to their topics, are unlike each other and do not depend on the order of the papers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests.papers import clustering, corpus, shuffled, themed
from topics.config import LabelSettings
from topics.label.labels import choose_labels
from topics.label.phrases import kinds, nounlike
from topics.terms.lexicon import is_stop_word
from topics.terms.matrix import count_terms
from topics.types import Embeddings

ALL = LabelSettings(min_df=1)


def names(papers, embeddings, groups, encode=None):
    counts = count_terms(papers, ALL)
    return choose_labels(counts, groups.topic, embeddings, nounlike(counts), encode)


@pytest.mark.parametrize("size", [2, 3, 5, 12])
def test_each_theme_is_named_by_its_own_phrase(size):
    found = names(*themed(size, outliers=2))
    assert [
        "priva" in found[0],
        "watermark" in found[1],
        "turbulent" in found[2] or "Reynolds" in found[2],
    ] == [True] * 3


def test_the_encoder_decides_between_equal_phrases():
    texts = [("", "The red apples are near. The green pears are far.")] * 4 + [
        ("", "The old cars are loud.")
    ] * 4
    papers = corpus(texts)
    vectors = np.repeat(np.eye(2, dtype=np.float32), 4, axis=0)
    groups = clustering([0] * 4 + [1] * 4)

    def encode(phrases):
        near = {"apple": [1.0, 0.0], "pear": [0.5, 0.5]}
        return np.array(
            [near.get(phrase.split()[-1].rstrip("s"), [0.0, 1.0]) for phrase in phrases], dtype=np.float32
        )

    assert names(papers, Embeddings(vectors, "test"), groups, encode)[0] == "red apples"


words = st.sampled_from(
    [
        "neuron",
        "spike",
        "cortex",
        "plasma",
        "ion",
        "beam",
        "graph",
        "tree",
        "node",
        "the",
        "of",
        "we",
        "model",
        "and",
    ]
)
abstracts = st.lists(st.lists(words, min_size=4, max_size=15).map(" ".join), min_size=4, max_size=12)


@given(abstracts, st.randoms(), st.integers(0, 2**16))
@hypothesis_settings(max_examples=40, deadline=None)
def test_labels_of_any_corpus(texts, random, seed):
    papers = corpus([("", f"{text} anchor") for text in texts])
    groups = clustering([row % 2 for row in range(len(texts) // 2 * 2)] + [-1] * (len(texts) % 2))
    vectors = np.random.default_rng(seed).normal(size=(len(texts), 4)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    embeddings = Embeddings(vectors, "test")
    found = names(papers, embeddings, groups)

    given_labels = [label for label in found if label]
    assert len(set(kinds(given_labels).tolist())) == len(given_labels)
    for label in given_labels:
        first, *_, last = [*label.split(), *label.split()]
        assert not is_stop_word(first)
        assert not is_stop_word(last)
        assert label != "model"

    order = list(range(len(texts)))
    random.shuffle(order)
    assert names(*shuffled(order, papers, embeddings, groups)) == found


def test_what_every_paper_says_names_no_topic():
    texts = [("", f"Language models of {theme} grow.") for theme in ["apples"] * 4 + ["pears"] * 4]
    vectors = np.repeat(np.eye(2, dtype=np.float32), 4, axis=0)
    found = names(corpus(texts), Embeddings(vectors, "test"), clustering([0] * 4 + [1] * 4))
    assert found[0] != found[1]
    assert "anguage models" not in str(found).replace("models of", "")


def test_a_topic_without_any_phrase_gets_none():
    papers = corpus([("", "neuron spike"), ("", "neuron spike"), ("", "the"), ("", "of")])
    vectors = np.repeat(np.eye(2, dtype=np.float32), 2, axis=0)
    assert names(papers, Embeddings(vectors, "test"), clustering([0, 0, 1, 1]))[1] is None


def test_families_are_told_apart_within_and_share_no_label():
    papers, embeddings, groups = themed(6)
    counts = count_terms(papers, ALL)
    shape = nounlike(counts)
    halves = 2 * groups.topic + np.arange(len(papers)) % 2

    def labels(topic, **more):
        return choose_labels(counts, topic, embeddings, shape, None, **more)

    alone = [labels(np.where(halves // 2 == family, halves % 2, -1)) for family in range(3)]
    found = labels(halves, families=np.repeat([0, 1, 2], 2))
    assert found == tuple(name for pair in alone for name in pair)
    # Halves of one theme are named alike, unless the names are of two families and so must differ.
    across = labels(halves, families=np.array([0, 1, 0, 1, 0, 1]))
    assert len({*map(str.casefold, across)}) == 6
    once = [labels(np.where(halves % 2 == family, halves // 2, -1)) for family in range(2)]
    assert set(once[0]) & set(once[1])
