"""Fields hold what belongs together; a topic is divided where it falls into parts, and nowhere else."""

import numpy as np
import pytest

from tests.papers import THEMES, clustering, corpus, shuffled, themed
from topics.config import LabelSettings
from topics.label import hierarchy
from topics.label.coverage import parts_of
from topics.label.hierarchy import layers
from topics.label.subtopics import STARTS, STARTS_OF_MANY
from topics.label.topics import label_topics
from topics.runs.run import open_run
from topics.terms.matrix import count_terms
from topics.types import Embeddings

ALL = LabelSettings(min_df=1)


def layered(papers, embeddings, groups):
    counts = count_terms(papers, ALL)
    topics = label_topics(papers, embeddings, groups, counts, ALL)
    return topics, layers(papers, embeddings, groups, counts, topics, ALL, random_state=5)


def families(copies=(4, 4, 4)):
    """Nine topics in three families: the texts of one family are about one theme, and so are its vectors."""
    texts, topic, centres = [], [], []
    random = np.random.default_rng(2)
    for family, abstract in enumerate(THEMES.values()):
        for branch in range(3):
            for copy in range(copies[family]):
                texts.append(
                    ("", f"{abstract} Branch{family}{branch} matters, branch{family}{branch} {copy}.")
                )
                topic.append(3 * family + branch)
            centre = np.zeros(16)
            centre[family], centre[3 + 3 * family + branch] = 1.0, 0.7
            centres += [centre] * copies[family]
    vectors = np.array(centres) + random.normal(0, 0.05, (len(texts), 16))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    groups = clustering(topic)
    own = np.array([vectors[np.array(topic) == k].mean(axis=0) for k in range(9)])
    own /= np.linalg.norm(own, axis=1, keepdims=True)
    object.__setattr__(groups, "centroids", own.astype(np.float32))
    return corpus(texts), Embeddings(vectors.astype(np.float32), "test"), groups


def test_fields_are_the_families():
    topics, found = layered(*families())
    assert found.merges.shape == (8, 4)
    assert len(found.fields) == 3
    assert [set(found.field[start : start + 3]) for start in (0, 3, 6)] == [
        {found.field[0]},
        {found.field[3]},
        {found.field[6]},
    ]
    for start in (0, 3, 6):
        own = [parts_of(topics.labels[topic])[0] for topic in range(start, start + 3)]
        first, second = found.fields[found.field[start]].label.split(" and ")
        assert {first, second} <= set(own)
        assert first != second
    assert [group.size for group in found.fields] == [12, 12, 12]


def test_few_topics_form_no_fields():
    _, found = layered(*themed(6))
    assert (found.merges.shape, found.field.tolist(), found.fields) == ((2, 4), [-1, -1, -1], ())
    assert [found.field_of(topic) for topic in range(3)] == ["", "", ""]


def test_one_topic_forms_no_field():
    papers, embeddings, _ = themed(2)
    _, found = layered(papers, embeddings, clustering([0] * 6))
    assert (found.merges.shape, found.field.tolist(), found.fields) == ((0, 4), [-1], ())


@pytest.mark.parametrize("seed", range(4))
def test_topics_that_are_as_unlike_each_other_form_no_fields(seed):
    random = np.random.default_rng(seed)
    topic = np.repeat(np.arange(9), 12)
    vectors = random.normal(0, 0.3, (108, 40))
    vectors[np.arange(108), topic] += 1.0
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    words = [f"word{k}{letter}" for k in range(9) for letter in "abcd"]
    common = [f"shared{letter}" for letter in "abcdefgh"]
    texts = [
        ("", " ".join([*random.choice(words[4 * k : 4 * k + 4], 6), *random.choice(common, 6)]))
        for k in topic
    ]
    _, found = layered(corpus(texts), Embeddings(vectors.astype(np.float32), "test"), clustering(topic))
    assert found.fields == ()
    assert set(found.field.tolist()) == {-1}


def test_no_field_holds_more_than_half_of_the_papers():
    papers, embeddings, groups = families((16, 3, 3))
    _, found = layered(papers, embeddings, groups)
    assert all(group.size <= len(papers) / 2 for group in found.fields)
    assert len(found.fields) != 3


def test_a_topic_of_two_subjects_is_divided_and_one_of_one_subject_is_not():
    papers, embeddings, _ = themed(24)
    topics, found = layered(papers, embeddings, clustering([0] * 48 + [1] * 24))
    assert found.parent.tolist() == [0, 0]
    parts = [set(found.subtopic[:24].tolist()), set(found.subtopic[24:48].tolist())]
    assert sorted(map(sorted, parts)) == [[0], [1]]
    assert set(found.subtopic[48:].tolist()) == {-1}
    assert {(group.size, group.stability) for group in found.subtopics} == {(24, 1.0)}
    assert (found.parts(0), found.parts(1)) == ([0, 1], [])
    labels = [group.label for group in found.subtopics]
    assert len({*labels, *topics.labels}) == 4
    by_theme = labels[found.subtopic[0]], labels[found.subtopic[24]]
    assert "priva" in by_theme[0]
    assert "watermark" in by_theme[1] or "language" in by_theme[1]


def test_topics_of_a_large_corpus_are_divided_from_fewer_starts(monkeypatch):
    papers, embeddings, groups = families()
    asked = []
    monkeypatch.setattr(hierarchy, "LEAST", 2)
    monkeypatch.setattr(hierarchy, "divide", lambda *given: asked.append(given[-1]))
    for papers_at_most in (len(papers), len(papers) - 1):
        monkeypatch.setattr(hierarchy, "FITTED", papers_at_most)
        layered(papers, embeddings, groups)
    assert asked == [STARTS] * 9 + [STARTS_OF_MANY] * 9


def test_small_topics_are_not_divided():
    _, found = layered(*themed(9))
    assert (len(found.subtopics), set(found.subtopic.tolist())) == (0, {-1})


def test_permuting_the_papers_permutes_nothing_in_the_layers():
    papers, embeddings, _ = themed(24)
    groups = clustering([0] * 48 + [1] * 24)
    _, first = layered(papers, embeddings, groups)
    order = np.random.default_rng(1).permutation(len(papers))
    _, second = layered(*shuffled(order, papers, embeddings, groups))
    assert np.allclose(first.merges, second.merges)
    assert (first.fields, first.subtopics) == (second.fields, second.subtopics)
    assert first.subtopic[order].tolist() == second.subtopic.tolist()


def test_the_fields_of_the_seed_hold_all_its_papers_or_there_are_none(seed_run):
    run = open_run(seed_run)
    found = run.hierarchy
    if not found.fields:
        assert set(found.field.tolist()) == {-1}
        return
    sizes = [group.size for group in found.fields]
    assert len(sizes) >= 3
    assert sizes == sorted(sizes, reverse=True)
    assert sum(sizes) == (run.clustering.topic >= 0).sum()
