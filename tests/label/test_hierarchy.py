"""Fields hold what belongs together; a topic is divided where it falls into parts, and nowhere else."""

import numpy as np
import pytest

from tests.papers import THEMES, clustering, corpus, shuffled, themed
from topics.config import LabelSettings
from topics.label.hierarchy import layers
from topics.label.topics import label
from topics.runs.run import open_run
from topics.terms.matrix import count
from topics.types import Embeddings

ALL = LabelSettings(min_df=1)


def layered(papers, embeddings, groups):
    counts = count(papers, ALL)
    topics = label(papers, embeddings, groups, counts, ALL)
    return topics, layers(papers, embeddings, groups, counts, topics, ALL, random_state=5)


def families():
    """Nine topics in three families: the texts of one family are about one theme, and so are its vectors."""
    texts, topic, centres = [], [], []
    random = np.random.default_rng(2)
    for family, abstract in enumerate(THEMES.values()):
        for branch in range(3):
            for copy in range(4):
                texts.append(
                    ("", f"{abstract} Branch{family}{branch} matters, branch{family}{branch} {copy}.")
                )
                topic.append(3 * family + branch)
            centre = np.zeros(16)
            centre[family], centre[3 + 3 * family + branch] = 1.0, 0.7
            centres += [centre] * 4
    vectors = np.array(centres) + random.normal(0, 0.05, (36, 16))
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
    names = [found.fields[found.field[start]].label for start in (0, 3, 6)]
    assert "priva" in names[0]
    assert "watermark" in names[1]
    assert "turbulen" in names[2] or "Reynolds" in names[2]
    assert len({group.label for group in found.fields} | set(topics.labels)) == 12
    assert [group.size for group in found.fields] == [12, 12, 12]


def test_few_topics_are_their_own_fields():
    topics, found = layered(*themed(6))
    assert found.field.tolist() == [0, 1, 2]
    assert [group.label for group in found.fields] == list(topics.labels)
    assert found.merges.shape == (2, 4)


def test_one_topic_is_one_field():
    papers, embeddings, _ = themed(2)
    _, found = layered(papers, embeddings, clustering([0] * 6))
    assert (found.merges.shape, found.field.tolist(), len(found.fields)) == ((0, 4), [0], 1)


def test_a_topic_of_two_subjects_is_divided_and_one_of_one_subject_is_not():
    papers, embeddings, _ = themed(24)
    topics, found = layered(papers, embeddings, clustering([0] * 48 + [1] * 24))
    assert found.parent.tolist() == [0, 0]
    parts = [set(found.subtopic[:24].tolist()), set(found.subtopic[24:48].tolist())]
    assert sorted(map(sorted, parts)) == [[0], [1]]
    assert set(found.subtopic[48:].tolist()) == {-1}
    assert {(group.size, group.stability) for group in found.subtopics} == {(24, 1.0)}
    assert (found.parts(0), found.parts(1)) == ([0, 1], [])
    assert {group.stability for group in found.fields} == {None}
    labels = [group.label for group in found.subtopics]
    assert len({*labels, *topics.labels}) == 4
    by_theme = labels[found.subtopic[0]], labels[found.subtopic[24]]
    assert "priva" in by_theme[0]
    assert "watermark" in by_theme[1] or "language" in by_theme[1]


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


@pytest.mark.slow
def test_the_seed_has_a_handful_of_fields(seed_run):
    run = open_run(seed_run)
    found = run.hierarchy
    assert 4 <= len(found.fields) <= 5
    sizes = [group.size for group in found.fields]
    assert sizes == sorted(sizes, reverse=True)
    assert sum(sizes) == (run.clustering.topic >= 0).sum()
    for number, group in enumerate(found.fields):
        own = np.flatnonzero(found.field == number)
        assert group.size == run.clustering.sizes[own].sum()
    labels = [group.label.casefold() for group in found.fields]
    assert len(set(labels)) == len(labels)
    privacy = next(k for k, name in enumerate(run.topics.labels) if "priva" in name)
    watermark = next(k for k, name in enumerate(run.topics.labels) if "watermark" in name)
    assert found.field[privacy] != found.field[watermark]
