"""The topics of other levels get names of their papers, and those that are the run's own keep theirs."""

import dataclasses

import numpy as np
import pytest

from tests.papers import clustering, corpus, themed
from topics.config import LabelSettings
from topics.label import levels as module
from topics.label.levels import name_levels
from topics.label.phrases import fitness
from topics.label.topics import label_topics
from topics.runs.run import open_run
from topics.terms.matrix import count_terms
from topics.types import Levels

ALL = LabelSettings(min_df=1)


def offered(groups, *others):
    """The same clustering with other levels: topics of each paper, and the score."""
    rows = np.array([topics for topics, _ in others], np.int32)
    figures = [(row.max() + 1, score, 0.5) for row, (_, score) in zip(rows, others, strict=True)]
    curve = [(groups.n_topics, 1.0, 0.6), *figures]
    return dataclasses.replace(
        groups, curve=np.array(curve), levels=rows, level_figures=np.array(figures, float)
    )


@pytest.fixture(scope="module")
def themes():
    """Three themes of eight papers, and two outliers: also as two topics, and as four."""
    papers, embeddings, groups = themed(8, outliers=2)
    three = groups.nearest_topic
    two = np.where(three == 2, 1, 0)
    four = np.where((three == 0) & (np.arange(26) < 4), 3, three)
    return papers, embeddings, offered(groups, (two, 0.9), (four, 0.995))


def named(papers, embeddings, groups):
    counts = count_terms(papers, ALL)
    topics = label_topics(papers, embeddings, groups, counts, ALL)
    return topics, name_levels(papers, embeddings, groups, counts, topics)


def test_levels_are_ordered_by_number_with_the_runs_own_among_them(themes):
    topics, found = named(*themes)
    assert [len(level) for level in found.levels] == [2, 3, 4]
    assert found.own is found.levels[1]
    assert found.own.labels == topics.labels
    assert [(level.score, level.agreement) for level in found.levels] == [
        (0.9, 0.5),
        (1.0, 0.6),
        (0.995, 0.5),
    ]
    assert found.best == 1.0


def test_outliers_are_not_counted(themes):
    _, found = named(*themes)
    assert [level.sizes for level in found.levels] == [(16, 8), (8, 8, 8), (4, 8, 8, 4)]


def test_a_topic_of_the_runs_own_keeps_its_label_and_one_that_joins_several_is_named_after_them(themes):
    topics, found = named(*themes)
    two, _, four = found.levels
    assert two.labels == (f"{topics[0].label} and {topics[1].label}", topics[2].label)
    assert four.labels[1:3] == topics.labels[1:]
    assert all("priva" in label for label in (four.labels[0], four.labels[3]))


def test_a_small_part_does_not_name_the_whole():
    papers, embeddings, groups = themed(8)
    topic = np.where(np.arange(24) == 0, 3, groups.topic)
    whole = offered(clustering(topic), (groups.topic, 0.9))
    topics, found = named(papers, embeddings, whole)
    assert found.levels[0].labels == topics.labels[:3]
    joined = np.where(groups.topic == 1, 0, np.minimum(groups.topic, 1))
    _, found = named(papers, embeddings, offered(clustering(topic), (joined, 0.9)))
    assert found.levels[0].labels[0] == f"{topics[1].label} and {topics[0].label}"


def test_a_topic_of_outliers_alone_holds_them():
    papers, embeddings, groups = themed(8, outliers=3)
    strays = np.where(groups.topic < 0, 3, groups.nearest_topic)
    _, found = named(papers, embeddings, offered(groups, (strays, 0.9)))
    assert found.levels[1].sizes == (8, 8, 8, 3)


def test_papers_without_a_phrase_in_common_are_called_by_a_title():
    papers, embeddings, groups = themed(8)
    texts = [*zip(papers.titles, papers.column("abstract"), strict=True)][:24]
    texts[20:] = [(f"Of the {copy}", "And so on.") for copy in "abcd"]
    four = np.where(np.arange(24) >= 20, 3, groups.nearest_topic)
    found = named(corpus(texts), embeddings, offered(groups, (four, 0.9)))[1].levels[1]
    assert found.labels[3] in {f"Of the {copy} (p{row})" for row, copy in enumerate("abcd", start=20)}


def test_of_many_papers_phrases_of_one_name_nothing(monkeypatch, themes):
    few = named(*themes)[1]
    monkeypatch.setattr(module, "MANY", 10)
    seen = []
    monkeypatch.setattr(module, "fitness", lambda *given: seen.append(given[0]) or fitness(*given))
    assert [level.sizes for level in named(*themes)[1].levels] == [level.sizes for level in few.levels]
    assert np.bincount(seen[0].matrix.indices, minlength=len(seen[0].terms)).min() == 2


def test_without_levels_there_is_nothing_to_name():
    papers, embeddings, _ = themed(4)
    groups = clustering([0] * 4 + [1] * 8)
    assert named(papers, embeddings, groups)[1] == Levels()


def test_a_run_keeps_its_levels(quick_run):
    run = open_run(quick_run)
    found, groups = run.levels, run.clustering
    assert found.own.labels == run.topics.labels
    assert [len(level) for level in found.others] == groups.level_figures[:, 0].tolist()
    for level, nearest in zip(found.others, groups.levels, strict=True):
        assert sum(level.sizes) == len(groups) - (groups.topic < 0).sum()
        assert (np.bincount(nearest) >= level.sizes).all()
    assert run.summary["levels"] == [
        {
            "topics": len(level),
            "score": round(level.score, 4),
            "agreement": round(level.agreement, 4),
            "taken": level is found.own,
        }
        for level in found.levels
    ]
