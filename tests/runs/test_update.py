"""New papers for a run: labels, doubts, an extended run, and a fit whose topics keep their numbers."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import QUICK, SEED, rows, run_cli, summary_of
from tests.papers import clustering
from topics.corpus.read import read_papers
from topics.embed.combined import load_own_words
from topics.runs import update
from topics.runs.predict import ABSTAIN, Labeller
from topics.runs.renumber import MATCH, kept_numbers
from topics.runs.run import open_run
from topics.types import OUTLIER

GULLS = (
    (
        "Moult of the herring gull",
        "We ringed four hundred gulls on an island and photographed their feathers each spring. The moult of "
        "a gull began with the inner primaries and took ninety days, and less in years with much rain.",
    ),
    (
        "Plumage and age of gulls",
        "The plumage of a gull tells its age in the first four winters. We compare feathers of ringed gulls "
        "of known age with drawings in field guides, which put every tenth bird into the wrong winter.",
    ),
    (
        "Food and the moult of gulls",
        "Gulls that were fed fish all summer finished the moult of their wings two weeks before gulls "
        "that found earthworms only. We photographed the feathers of ringed gulls from both colonies.",
    ),
    (
        "Wear of the wing feathers of gulls",
        "Sun and sand wear the feathers of gulls. On ringed gulls of an island we measured how the tips "
        "of the primaries wear off between one moult and the next, and how young gulls differ from old ones.",
    ),
    (
        "Late moult of lesser black-backed gulls",
        "Lesser black-backed gulls stop the moult of their primaries for the journey and end it in winter. "
        "Feathers of forty ringed gulls show that old birds stop the moult later than young birds.",
    ),
    (
        "White feathers in herring gulls",
        "Some herring gulls grow white feathers where others have grey ones. Among ringed gulls of a colony "
        "we counted white primaries after each moult and found more of them in the plumage of old birds.",
    ),
)


def listed(folder, papers):
    """A file of these papers."""
    file = folder / "papers.jsonl"
    file.write_text("".join(json.dumps(paper) + "\n" for paper in papers), encoding="utf-8")
    return file


@pytest.fixture
def gulls(tmp_path):
    """A file of papers of a subject that the run lacks."""
    return listed(
        tmp_path,
        [{"id": f"g{row}", "title": title, "abstract": text} for row, (title, text) in enumerate(GULLS)],
    )


def test_topics_keep_number_and_label_and_new_ones_come_last():
    old = clustering([0] * 6 + [1] * 5 + [2] * 4)
    found = clustering([1] * 5 + [0] + [3] * 5 + [2] * 4 + [0] * 8)
    numbered, matched = kept_numbers(old, ("a", "b", "c"), found)
    assert matched == {0: 0, 1: 1, 2: 2}
    assert numbered.names == ("a", "b", "c", "")
    assert numbered.nearest_topic.tolist() == [0] * 5 + [3] + [1] * 5 + [2] * 4 + [3] * 8
    assert np.array_equal(numbered.centroids, found.centroids[[1, 3, 2, 0]])
    turned = replace(found, directions=found.centroids[::-1])
    numbered, _ = kept_numbers(old, ("a", "b", "c"), turned)
    assert np.array_equal(numbered.directions, turned.directions[[1, 3, 2, 0]])


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
        again = 2 * (here & there).sum() >= (here | there).sum()
        assert numbered.names[new] == (names[was] if again else "")
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
    summary = summary_of(tmp_path / "more")
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


def test_a_refit_learns_the_words_of_the_new_papers(joined_run, gulls, tmp_path):
    run_cli("update", joined_run, gulls, "--refit", "-o", tmp_path / "refit")
    old, new = (
        load_own_words(run / "data" / "embed" / "encoder") for run in (joined_run, tmp_path / "refit")
    )
    assert old is not None
    assert new is not None
    assert "gull" not in old.lsa.terms
    assert "gull" in new.lsa.terms
    assert new.weight == old.weight == 0.3
    before, after = open_run(joined_run), open_run(tmp_path / "refit")
    assert after.embeddings.encoder == new.name
    same = new.without(after.embeddings.vectors)[:50]
    np.testing.assert_allclose(same, old.without(before.embeddings.vectors), atol=1e-6)
    labeller = Labeller(after)
    assert labeller.label([after.corpus.texts[7]]).nearest_topic[0] == after.clustering.nearest_topic[7]
    again = labeller.encoder.encode(after.corpus.texts[:3])
    np.testing.assert_allclose(again, after.embeddings.vectors[:3], atol=1e-5)


def test_a_paper_is_known_by_its_text_or_doi_and_not_by_its_id(halves, tmp_path):
    run = open_run(halves / "run")
    read = read_papers(run.config, [halves / "new.txt"])
    ids = (*run.corpus.ids[:9], "own")
    texts = [*zip(read.titles, read.abstracts, strict=True)][-10:]
    papers = [
        {"id": name, "title": title, "abstract": abstract, "doi": f"10.1000/{number}"}
        for number, (name, (title, abstract)) in enumerate(zip(ids, texts, strict=True))
    ]
    told = run_cli("update", run.path, listed(tmp_path, papers), "-o", tmp_path / "more").output
    assert "10 new papers labelled, 0 already in the run" in told
    assert "9 of them had another paper's id and got a number added to it" in told
    more = open_run(tmp_path / "more")
    assert more.corpus.ids[40:] == (*(f"{name}-2" for name in ids[:9]), "own")
    assert more.summary["update"]["renamed"] == 9
    account = rows(tmp_path / "more" / "corpus.csv")
    assert [row["id"] for row in account[-10:]] == list(more.corpus.ids[40:])
    again = [{**papers[0], "id": "else", "abstract": papers[0]["abstract"] + " A word more."}]
    told = run_cli("update", more.path, listed(tmp_path, again), expect=2).output
    assert "All 1 papers are in" in told


def test_papers_of_a_subject_that_the_run_lacks_are_a_new_topic(seed_run, gulls):
    told = run_cli("update", seed_run, gulls).output
    assert f"{len(GULLS)} of them (100%) are unlike all papers of the run" in told
    assert f", {len(GULLS)} papers (" in told.partition("new topic: ")[2]
    assert "gull" in told.partition("new topic: ")[2].partition(",")[0]
    assert "The topics no longer fit: fit all papers again with --refit." in told


def test_of_very_many_strangers_some_are_grouped_and_the_others_join_them(seed_run, gulls, monkeypatch):
    run = open_run(seed_run)
    monkeypatch.setattr(update, "MOST_GROUPED", 5)
    (members,) = update.examine(run, [gulls], run.config).members
    assert members == tuple(range(len(GULLS)))


def test_a_run_from_vectors_takes_those_of_new_papers(seed_run, vectors_run, gulls, tmp_path):
    told = run_cli("update", vectors_run, gulls, expect=2).output
    assert "with --vectors FILE.npy" in " ".join(told.split())
    run = open_run(seed_run)
    np.save(tmp_path / "new.npy", Labeller(run).encoder.encode(read_papers(run.config, [gulls]).texts))
    news = run_cli("update", vectors_run, gulls, "--vectors", tmp_path / "new.npy", "-o", tmp_path / "more")
    named = next(line for line in news.output.splitlines() if line.startswith("new topic: "))
    assert named in run_cli("update", seed_run, gulls).output
    assert f", {len(GULLS)} papers (" in news.output
    assert len(open_run(tmp_path / "more").corpus) == 50 + len(GULLS)


def test_what_a_zero_shot_run_has_no_topic_for_is_not_strange_to_it(halves, tmp_path):
    asked = "guide.topics=[{name: privacy, terms: [differential privacy, differentially private]}]"
    run_cli(
        *("run", halves / "old.txt", "-o", tmp_path / "run", "-q", *QUICK),
        *("--set", "guide.mode=zero_shot", "--set", asked),
    )
    run = open_run(tmp_path / "run")
    news = update.examine(run, [halves / "new.txt"], run.config)
    without = int((news.labelled.topic == OUTLIER).sum())
    assert news.not_asked_for > 0
    assert news.abstained == int((news.labelled.familiarity < ABSTAIN).sum()) == without - news.not_asked_for
    assert any(line.endswith("belong to none of the topics asked for") for line in news.lines())
    told = run_cli("label", run.path, halves / "new.txt", "-o", tmp_path / "l.csv").stderr
    assert (
        f"{news.not_asked_for} of 10 new papers belong to none of the topics asked for and got topic -1"
        in told
    )
    assert f"{news.abstained} of 10 new papers" in told


def test_what_became_of_a_number_is_said_with_the_labels(halves):
    run = open_run(halves / "run")
    count, names = len(run.topics), run.topics.labels
    found = clustering([*range(count), *range(count)])
    labels = ("plasma", "other", *names[2:])
    matched = {number: number for number in range(1, count)}
    assert update.changes(run, found, labels, matched) == [
        f"0 (plasma) is new, 2 papers; before, 0 was {names[0]}, which is gone",
        f"1 (other) has other papers than before, when it was {names[1]}",
    ]


def test_what_cannot_be_is_said_in_one_sentence(halves, tmp_path):
    run = halves / "run"
    result = run_cli("update", run, halves / "old.txt", "-o", tmp_path / "r", expect=2)
    assert "All 40 papers are in" in result.output
    result = run_cli("update", run, halves / "new.txt", "--refit", expect=2)
    assert "--refit writes a new run; name its folder with -o" in result.output
    result = run_cli("update", run, halves / "new.txt", "-o", run, expect=2)
    assert "is the run itself" in result.output
    assert list(tmp_path.iterdir()) == []
