"""The keywords beside a label are those that, together with it, lead to the papers of its topic."""

import numpy as np
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests.papers import clustering, corpus, shuffled, themed
from topics.config import LabelSettings
from topics.label import joined_keywords
from topics.label.joined_keywords import choose_joined_keywords
from topics.label.topics import label_topics
from topics.terms.matrix import count_terms
from topics.types import Counts, Embeddings, Keyword

ALL = LabelSettings(min_df=1)
AXES = {
    "fluid": 0,
    "turbulence": 1,
    "droplet": 2,
    "drop": 2,
    "droplet-drop": 2,
    "droplets": 2,
    "bubble": 2,
    "knots": 3,
}


def encode(phrases):
    """Each word on an axis of its own, but droplet, drop and bubble, which are one thing."""
    return np.eye(4, dtype=np.float32)[[AXES[phrase] for phrase in phrases]]


def two_topics():
    """Papers about turbulence, papers about droplets, all of one topic; and one about knots."""
    vectors = np.eye(4, dtype=np.float32)[[0, 1, 1, 2, 3, 3]]
    vectors[0, 1] = vectors[0, 2] = 1
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    counts = count_terms(corpus([("", "fluid turbulence droplet drop bubble"), *[("", "knots")] * 5]), ALL)
    return counts, np.array([0, 0, 0, 0, 1, 1]), Embeddings(vectors, "test")


def chosen(weights, **more):
    words = [Keyword(term, weight) for term, weight in weights.items()]
    return choose_joined_keywords(["fluid", "knots"], [words, []], *two_topics(), encode, **more)


def test_what_the_topic_holds_besides_is_named_and_not_one_thing_three_times(monkeypatch):
    monkeypatch.setattr(joined_keywords, "KEYWORDS_BESIDE", 2)
    first, second = chosen({"droplet": 0.5, "drop": 0.5, "bubble": 0.5, "turbulence": 0.5})
    assert "turbulence" in first
    assert len(first) == 2
    assert second == ()


def test_of_words_that_lead_alike_the_heaviest_are_taken():
    first, _ = chosen({"bubble": 0.1, "droplet": 0.9, "drop": 0.8, "turbulence": 0.7})
    assert sorted(first) == ["drop", "droplet", "turbulence"]
    lightest, _ = chosen({"bubble": 0.1, "droplet": 0.9, "drop": 0.8})
    assert sorted(lightest) == ["bubble", "drop", "droplet"]


def test_no_word_comes_twice():
    first, _ = chosen({"droplet": 0.9, "droplet-drop": 0.8, "drop": 0.7, "turbulence": 0.1})
    assert first == ("droplet", "drop", "turbulence")
    first, _ = chosen({"droplet": 0.9, "droplets": 0.8})
    assert first == ("droplet",)


def test_an_abbreviation_says_what_its_long_form_says():
    assert joined_keywords._words("mesenchymal stem cells") & joined_keywords._words("MSCs")
    assert joined_keywords._words("self-supervised learning") & joined_keywords._words("SSL")
    assert not joined_keywords._words("stem cells") & joined_keywords._words("MSCs")


def test_words_of_the_label_are_not_repeated():
    papers, embeddings, groups = themed(6)
    for topic in label_topics(papers, embeddings, groups, count_terms(papers, ALL), ALL).topics:
        said = set(topic.label.casefold().split())
        assert 1 <= len(topic.joined_keywords) <= 3
        assert all(said.isdisjoint(term.casefold().split()) for term in topic.joined_keywords)
        assert set(topic.joined_keywords) <= {keyword.term for keyword in topic.keywords}
        assert topic.name == ", ".join([topic.label, *topic.joined_keywords])


@given(st.integers(0, 1000))
@hypothesis_settings(max_examples=10, deadline=None)
def test_the_order_of_the_papers_does_not_matter(seed):
    papers, embeddings, groups = themed(5, outliers=2)
    order = np.random.default_rng(seed).permutation(len(papers))
    names = []
    for own in ((papers, embeddings, groups), shuffled(order, papers, embeddings, groups)):
        names.append([topic.name for topic in label_topics(*own, count_terms(own[0], ALL), ALL).topics])
    assert names[0] == names[1]


def test_a_topic_without_words_is_called_by_its_label_alone():
    papers = corpus([("", "fluid turbulence"), ("", "fluid knots"), ("--", "the"), ("--", "of")])
    embeddings = Embeddings(np.eye(4, dtype=np.float32), "test")
    names = [
        topic.name
        for topic in label_topics(
            papers, embeddings, clustering([0, 0, 1, 1]), count_terms(papers, ALL), ALL
        ).topics
    ]
    assert names[1] == "--"


def test_many_topics_are_tried_with_fewer_sets():
    assert joined_keywords._how_many(10) == joined_keywords.CHOSEN_FROM
    assert joined_keywords._how_many(1000) < joined_keywords.CHOSEN_FROM
    assert joined_keywords._how_many(10**6) == joined_keywords.KEYWORDS_BESIDE


def test_one_topic_without_words_has_its_label_alone():
    counts = Counts(two_topics()[0].matrix, two_topics()[0].terms)
    groups = clustering([0] * 6).topic
    assert choose_joined_keywords(["knots"], [[]], counts, groups, two_topics()[2], None) == ((),)
