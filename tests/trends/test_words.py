"""Keywords of a period know nothing of other periods, and terms come and go on their own account."""

from __future__ import annotations

import numpy as np

from tests.trends import made
from topics.label.bertopic import class_tfidf
from topics.trends.words import Usage, distinct, period_keywords, term_changes

TWO = ("2020", "2021")


def keywords(rows: list[tuple[int, int, list[str]]], many: int = 5):
    """rows: (topic, period, words) of each paper."""
    topic, period, words = zip(*rows, strict=True)
    return period_keywords(
        Usage.of(made.words(words)), np.array(topic, np.int32), np.array(period, np.int32), TWO, many
    )


EARLY = [(0, 0, ["parsing", "tree"])] * 3 + [(1, 0, ["speech", "tree"])] * 3
LATE = [(0, 1, ["transformer", "parsing"])] * 4 + [(1, 1, ["speech", "audio"])] * 4


def test_keywords_set_a_topic_apart_within_its_period():
    found = [(word.topic, word.period, word.rank, word.term, word.papers) for word in keywords(EARLY + LATE)]
    assert found == [
        (0, "2020", 1, "parsing", 3),
        (0, "2020", 2, "tree", 3),
        (0, "2021", 1, "parsing", 4),
        (0, "2021", 2, "transformer", 4),
        (1, "2020", 1, "speech", 3),
        (1, "2020", 2, "tree", 3),
        (1, "2021", 1, "audio", 4),
        (1, "2021", 2, "speech", 4),
    ]


def test_a_period_weighs_terms_as_topics_do():
    rows = EARLY + LATE
    counts = made.words([words for topic, period, words in rows if period == 1])
    weights = class_tfidf(counts.matrix, np.array([topic for topic, period, _ in rows if period == 1]))
    found = [word for word in keywords(rows) if word.period == "2021"]
    assert len(found) == 4
    for word in found:
        assert word.weight == weights[word.topic, counts.terms.index(word.term)]


def test_later_papers_change_nothing_about_earlier_keywords():
    """The vocabulary is held equal, as a run has one; only the later papers' words change."""
    other = [(0, 1, ["tree", "tree", "speech"])] * 4 + [(1, 1, ["parsing", "audio", "transformer"])] * 4
    first = [word for word in keywords(EARLY + LATE) if word.period == "2020"]
    second = [word for word in keywords(EARLY + other) if word.period == "2020"]
    assert first == second


def test_a_word_of_one_paper_is_no_keyword():
    assert [word.term for word in keywords([(0, 0, ["lone"]), (0, 0, ["often"]), (0, 1, ["often"])])] == []


def test_papers_without_period_or_topic_are_left_out():
    rows = [(0, 0, ["a"]), (0, 0, ["a"]), (-1, 0, ["b"]), (-1, 0, ["b"]), (0, -1, ["c"]), (0, -1, ["c"])]
    assert [word.term for word in keywords(rows)] == ["a"]


def changes(before: list[tuple[int, list[str]]], after: list[tuple[int, list[str]]]):
    rows = before + after
    half = [0] * len(before) + [1] * len(after)
    topic = np.array([topic for topic, _ in rows], np.int32)
    usage = Usage.of(made.words([words for _, words in rows]))
    return term_changes(usage, topic, np.array(half, np.int32), 3, 0.05)


def test_terms_come_and_go():
    found = changes(
        [(0, ["lstm", "parser"])] * 20 + [(1, ["speech"])] * 20,
        [(0, ["bert", "parser"])] * 20 + [(1, ["speech"])] * 20,
    )
    assert [(change.topic, change.term, change.before, change.after) for change in found] == [
        (0, "bert", 0.0, 1.0),
        (0, "lstm", 1.0, 0.0),
    ]
    assert all(change.q < 1e-6 for change in found)


def test_what_the_whole_corpus_does_is_no_change_of_a_topic():
    found = changes(
        [(topic, ["x"]) for topic in range(3) for _ in range(30)],
        [(topic, ["llm", "x"]) for topic in range(3) for _ in range(30)],
    )
    assert found == ()


def test_a_few_papers_are_no_evidence():
    assert changes([(0, ["old"])] * 2, [(0, ["new"])] * 2) == ()
    assert changes([(0, ["a", "old"])] * 3 + [(0, ["a"])] * 9, [(0, ["a"])] * 12) == ()


def test_nested_terms_are_said_once():
    terms = ("language", "language models", "large language models", "parsing")
    using = {0: 50, 1: 48, 2: 20, 3: 30}
    assert distinct([0, 1, 2, 3], using, terms, 3) == [1, 3]
    assert distinct([2, 1, 0, 3], using, terms, 2) == [2, 3]
