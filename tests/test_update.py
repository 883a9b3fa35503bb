"""New papers for a run: labels, doubts, an extended run, and a fit whose topics keep their numbers."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import SEED, run_cli
from tests.test_seed import rows
from topics.renumber import MATCH, kept_numbers
from topics.runs import open_run
from topics.types import Clustering

QUICK = ("--set", "embed.encoder=lsa", "--set", "corpus.reference_date=2026-06-01")


def clustering(nearest, names=()):
    nearest = np.asarray(nearest)
    count = int(nearest.max()) + 1
    return Clustering(
        nearest, nearest, np.ones(len(nearest)), np.eye(count, dtype=np.float32), 1.0, names=names
    )


def test_topics_keep_number_and_label_and_new_ones_come_last():
    old = clustering([0] * 6 + [1] * 5 + [2] * 4)
    found = clustering([1] * 5 + [0] + [3] * 5 + [2] * 4 + [0] * 8)
    numbered, matched = kept_numbers(old, ("a", "b", "c"), found)
    assert matched == {0: 0, 1: 1, 2: 2}
    assert numbered.names == ("a", "b", "c", "")
    assert numbered.nearest_topic.tolist() == [0] * 5 + [3] + [1] * 5 + [2] * 4 + [3] * 8
    assert np.array_equal(numbered.centroids, found.centroids[[1, 3, 2, 0]])


def test_a_gone_topic_leaves_its_number_to_a_new_one():
    old = clustering([0] * 6 + [1] * 6 + [2] * 6)
    found = clustering([0] * 10 + [1, 3] + [2] * 6 + [3] * 7 + [1] * 9)
    numbered, matched = kept_numbers(old, ("a", "b", "c"), found)
    assert matched == {0: 0, 2: 2}
    assert numbered.names == ("a", "", "c", "")


def test_a_given_name_wins_over_the_old_label():
    old = clustering([0] * 4 + [1] * 4)
    numbered, _ = kept_numbers(old, ("a", "b"), clustering([1] * 4 + [0] * 4, names=("b", "")))
    assert numbered.names == ("a", "b")
    numbered, _ = kept_numbers(old, ("a", "b"), clustering([0] * 4 + [1] * 4, names=("c", "")))
    assert numbered.names == ("c", "b")


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_renumbering_only_renames(data):
    def groups(n):
        labels = np.array(data.draw(st.lists(st.integers(0, 5), min_size=n, max_size=n)))
        return clustering(np.unique(labels, return_inverse=True)[1])

    old, found = groups(20), groups(26)
    names = tuple("abcdef")[: old.n_topics]
    numbered, matched = kept_numbers(old, names, found)
    pairs = set(zip(numbered.nearest_topic.tolist(), found.nearest_topic.tolist(), strict=True))
    assert len(pairs) == found.n_topics
    for new, was in matched.items():
        here, there = numbered.nearest_topic[:20] == new, old.nearest_topic == was
        assert (here & there).sum() / (here | there).sum() >= MATCH
        assert numbered.names[new] == names[was]
        assert new == was or was >= found.n_topics


@pytest.fixture(scope="module")
def halves(tmp_path_factory):
    """The seed in two listings, and a run of the first with some papers of the second."""
    folder = tmp_path_factory.mktemp("halves")
    lines = SEED.read_text(encoding="utf-8").splitlines()
    (folder / "old.txt").write_text("\n".join(lines[: 3 * 40]) + "\n", encoding="utf-8")
    (folder / "new.txt").write_text("\n".join(lines[3 * 35 :]) + "\n", encoding="utf-8")
    run_cli("run", folder / "old.txt", "-o", folder / "run", *QUICK)
    return folder


def test_without_a_folder_the_news_are_told_and_nothing_is_written(halves):
    before = sorted(halves.iterdir())
    result = run_cli("update", halves / "run", halves / "new.txt")
    assert "10 new papers labelled, 5 already in the run" in result.output
    assert "of papers like the run's own it would be 5%" in result.output
    assert sorted(halves.iterdir()) == before


def test_an_extended_run_has_the_new_papers_under_the_old_topics(halves, tmp_path):
    run_cli("update", halves / "run", halves / "new.txt", "-o", tmp_path / "more")
    old, new = open_run(halves / "run"), open_run(tmp_path / "more")
    new.check()
    assert new.topics.labels == old.topics.labels
    assert len(new.corpus) == 50
    assert new.corpus.ids[:40] == old.corpus.ids
    assert np.array_equal(new.clustering.topic[:40], old.clustering.topic)
    assert np.array_equal(new.layout.coordinates[:40], old.layout.coordinates)
    summary = json.loads((tmp_path / "more" / "run.json").read_text(encoding="utf-8"))
    assert summary["update"]["new"] == 10
    assert summary["update"]["known"] == 5
    assert any(name.endswith("new.txt") for name in summary["inputs"])
    page = (tmp_path / "more" / "report.html").read_text(encoding="utf-8")
    said = "10 papers were added later under the topics of 40"
    assert page.count(said) == 2
    assert said in (tmp_path / "more" / "topics.md").read_text(encoding="utf-8")
    assert all(digest in page for digest in summary["inputs"].values())
    reasons = [row["reason"] for row in rows(tmp_path / "more" / "corpus.csv")]
    assert reasons.count("duplicate: already in the run") == 5


def test_a_refit_keeps_what_is_there_again(halves, tmp_path):
    result = run_cli("update", halves / "run", halves / "new.txt", "--refit", "-o", tmp_path / "refit")
    old, new = open_run(halves / "run"), open_run(tmp_path / "refit")
    assert len(new.corpus) == 50
    shared = set(old.topics.labels) & set(new.topics.labels)
    assert shared
    for label in shared:
        a, b = old.topics.labels.index(label), new.topics.labels.index(label)
        assert a == b or f"{a} ({label}) is now {b}" in result.output
    assert new.summary["update"]["topics"] is not None
    assert new.history[0].startswith("10 papers were added later and all were grouped again")


def test_what_cannot_be_is_said_in_one_sentence(halves, tmp_path):
    run = halves / "run"
    result = run_cli("update", run, halves / "old.txt", "-o", tmp_path / "r", expect=2)
    assert "All 40 papers are in" in result.output
    result = run_cli("update", run, halves / "new.txt", "--refit", expect=2)
    assert "--refit writes a new run; name its folder with -o" in result.output
    result = run_cli("update", run, halves / "new.txt", "-o", run, expect=2)
    assert "is the run itself" in result.output
    assert list(tmp_path.iterdir()) == []
