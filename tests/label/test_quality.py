"""What comes back is called stable, what does not is doubted, and keywords that meet are coherent."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.papers import clustering, corpus, themed
from topics.cluster.stability import regroupings
from topics.config import LabelSettings
from topics.label.quality import _doubt, assess, diversity, finer_levels, npmi
from topics.label.topics import label_topics
from topics.runs.run import open_run
from topics.terms.matrix import count_terms
from topics.types import Keyword, Topic, Topics

ALL = LabelSettings(min_df=1)


def assessed(regroup, per_theme=10, outliers=0):
    papers, embeddings, groups = themed(per_theme, outliers)
    counts = count_terms(papers, ALL)
    topics = label_topics(papers, embeddings, groups, counts, ALL)
    truth = groups.nearest_topic
    again = regroupings(
        embeddings, lambda rows, number: np.asarray(regroup(truth[rows], rows, number), np.int32), 3
    )
    return assess(groups, counts, topics, again)


def test_topics_that_always_come_back_are_stable():
    quality = assessed(lambda truth, rows, number: 2 - truth, outliers=3)
    assert quality.stability.tolist() == [1.0, 1.0, 1.0]
    assert quality.agreement == pytest.approx(1.0)
    assert quality.doubts == ("", "", "")
    assert quality.outlier_share == pytest.approx(3 / 33)


def test_only_the_topics_that_dissolve_are_doubted():
    def mixed(truth, rows, number):
        return np.where(truth == 0, 0, 1 + np.random.default_rng(number).integers(8, size=len(rows)))

    quality = assessed(mixed)
    assert quality.stability[0] == 1.0
    assert max(quality.stability[1:]) < 0.5
    assert quality.doubts[0] == ""
    assert all(doubt.startswith("repetitions do not find it") for doubt in quality.doubts[1:])


def test_a_topic_that_is_found_in_part_is_said_to_be():
    quality = assessed(lambda truth, rows, number: np.where(truth == 2, rows % 3 // 2 + 2, truth), 12)
    assert quality.stability[:2].tolist() == [1.0, 1.0]
    assert 0.5 < quality.stability[2] < 0.75
    assert quality.doubts[2].startswith("repetitions find it only in part")


def test_two_papers_are_too_few_to_rely_on():
    quality = assessed(lambda truth, rows, number: truth, per_theme=2)
    assert set(quality.doubts) == {"rests on 2 papers"}


def test_every_repetition_leaves_out_a_tenth_and_has_a_number_of_its_own():
    seen = []
    assessed(lambda truth, rows, number: seen.append((number, tuple(sorted(rows)))) or truth)
    # They run side by side, so they come in any order.
    assert sorted(number for number, _ in seen) == list(range(len(seen)))
    assert {len(set(rows)) for _, rows in seen} == {27}
    assert len({rows for _, rows in seen}) == len(seen)


def test_keywords_that_always_meet_and_never_meet():
    papers = corpus([("", "apple pear.")] * 2 + [("", "car."), ("", "bus."), ("", "tree."), ("", "leaf.")])
    counts = count_terms(papers, ALL)
    assert npmi(counts, [["apple", "pear"], ["car", "bus"], ["tree"], []]).tolist() == [1.0, -1.0, 0.0, 0.0]


def test_npmi_is_that_of_the_definition():
    texts = ["apple pear", "apple pear", "apple", "pear", "plum", "plum", "plum", "plum"]
    counts = count_terms(corpus([("", text) for text in texts]), ALL)
    # p(apple) = p(pear) = 3/8, together 2/8.
    expected = np.log((2 / 8) / (3 / 8) ** 2) / -np.log(2 / 8)
    assert npmi(counts, [["apple", "pear"]])[0] == pytest.approx(expected, abs=1e-6)


@given(st.lists(st.sets(st.sampled_from("abcdefg"), min_size=1), min_size=3, max_size=30))
@settings(max_examples=25, deadline=None)
def test_npmi_stays_in_its_range_whatever_the_texts(texts):
    counts = count_terms(
        corpus([("", " ".join(f"word{sign}" for sign in sorted(text))) for text in texts]), ALL
    )
    words = [[term for term in counts.terms if " " not in term]]
    assert -1 <= npmi(counts, words)[0] <= 1


def test_a_topic_of_most_papers_is_doubted_where_a_finer_level_parts_it():
    topic = np.repeat([0, 1, 2], [77, 13, 10])
    finer = np.where(np.arange(100) < 40, 3, topic)
    finest = np.where(np.arange(100) < 77, 3 + np.arange(100) // 26, topic)
    finest = np.unique(finest, return_inverse=True)[1]
    groups = clustering(topic)

    def levels(*rows):
        figures = [(row.max() + 1, 1.0, 0.5) for row in rows]
        return dataclasses.replace(groups, levels=np.array(rows), level_figures=np.array(figures, float))

    assert finer_levels(levels(finer, finest)) == [5, 0, 0]
    assert finer_levels(levels(np.minimum(topic, 1), finer)) == [4, 0, 0]
    assert finer_levels(levels(np.minimum(topic, 1))) == [0, 0, 0]
    assert finer_levels(groups) == [0, 0, 0]
    assert _doubt(77, 0.95, 0.4, 0.77, 5) == "holds 77% of the papers; look at 5 topics"
    assert _doubt(77, 0.95, 0.4, 0.77, 0) == ""


def test_diversity_is_the_share_of_distinct_terms():
    assert diversity([["a", "b"], ["B", "c"]]) == 0.75


def test_keywords_that_never_meet_are_doubted_where_papers_suffice():
    papers, embeddings, groups = themed(40)
    counts = count_terms(papers, ALL)
    words = tuple(Keyword(f"privacy-{copy}", 1.0) for copy in range(8))
    assert {keyword.term for keyword in words} <= set(counts.terms)
    topics = Topics(tuple(Topic(k, f"t{k}", 40, words, (0,)) for k in range(3)))
    again = regroupings(embeddings, lambda rows, _: groups.nearest_topic[rows], 0)
    quality = assess(groups, counts, topics, again)
    assert all(doubt.startswith("its keywords rarely occur") for doubt in quality.doubts)


def test_a_run_carries_its_quality(seed_run):
    run = open_run(seed_run)
    figures, quality = run.summary["quality"], run.quality
    assert figures["stability"] == pytest.approx(quality.stability.mean(), abs=1e-4)
    assert figures["doubtful_topics"] == sum(map(bool, quality.doubts))
    assert 0.6 < figures["agreement"] <= 1
    assert figures["diversity"] > 0.75
