"""Topics changed by hand: what each edit does, what is refused, and that the rest stays as it was."""

import shutil

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import QUICK, SEED, rows, run_cli, summary_of
from tests.papers import themed
from topics.cluster.assign import assign
from topics.errors import EditError
from topics.runs.edits import Drop, Edit, Merge, Move, Rename, Split, TopicEditor, read_edits, replay
from topics.runs.run import open_run
from topics.types import Clustering


def editor(per_theme=6, outliers=2, keep=None):
    papers, vectors, groups = themed(per_theme, outliers)
    chosen = np.arange(len(papers)) if keep is None else np.asarray(keep)
    points = vectors.vectors[chosen]
    centroids = np.stack([points[groups.topic[chosen] == k].mean(axis=0) for k in range(3)])
    centroids /= np.linalg.norm(centroids, axis=1, keepdims=True)
    nearest, probability = assign(points, centroids, 0.1)
    topic = np.where(groups.topic[chosen] < 0, -1, nearest)
    made = Clustering(topic, nearest, probability, centroids, 0.1)
    ids = [papers.ids[row] for row in chosen.tolist()]
    return TopicEditor(made, ids, points, {0: "privacy", 1: "watermarks", 2: "flows"}, 1)


def test_rename_changes_the_label_alone():
    one = editor()
    one.apply(Rename(topic=1, to="provenance"))
    done = one.finished()
    assert done.names == ("privacy", "provenance", "flows")
    assert np.array_equal(done.topic, one.clustering.topic)
    assert np.array_equal(done.centroids, one.clustering.centroids)


def test_merge_is_the_union_and_closes_the_gap():
    one = editor()
    one.apply(Merge(topics=("privacy", 1)))
    done = one.finished()
    assert done.names == ("", "flows")
    assert np.array_equal(
        np.flatnonzero(done.topic == 0), np.flatnonzero(np.isin(one.clustering.topic, [0, 1]))
    )


def test_split_into_parts_and_by_papers():
    one = editor()
    one.apply(Split(topic="flows", into=2))
    one.apply(Split(topic=0, papers=("p0", "p1"), label="clipping"))
    done = one.finished()
    assert done.names == ("privacy", "watermarks", "", "", "clipping")
    assert np.flatnonzero(done.topic == 4).tolist() == [0, 1]
    assert done.sizes[2] >= done.sizes[3]
    assert done.sizes[[2, 3]].sum() == one.clustering.sizes[2]
    assert done.sizes[[0, 4]].sum() == one.clustering.sizes[0]
    assert done.sizes.sum() == one.clustering.sizes.sum()


def test_drop_and_moves():
    one = editor()
    one.apply(Drop(topic=0))
    one.apply(Move(papers=("p18", "p6"), to="flows"))
    one.apply(Move(papers=("p7",), to="outlier"))
    done = one.finished()
    assert done.names == ("watermarks", "flows")
    assert (done.topic[:6] == -1).all()
    assert done.topic[[18, 6, 7]].tolist() == [1, 1, -1]
    assert 6 in done.by_hand
    nearest, _ = assign(one.vectors, done.centroids, done.temperature)
    assert np.array_equal(np.flatnonzero(nearest != done.nearest_topic), done.by_hand)


def test_the_label_of_a_split_in_two_is_that_of_the_part_split_off():
    one = editor()
    one.apply(Split(topic=1, into=2, label="foo"))
    assert [one.labels[number] for number in sorted(one.labels)] == ["privacy", "", "flows", "foo"]
    assert 0 < len(one.members(3)) <= len(one.members(1))


def test_digits_in_quotes_are_a_number():
    one = editor()
    one.apply(Rename(topic="1", to="marks"))
    assert one.labels[1] == "marks"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (Rename(topic=9, to="x"), "there is no topic 9; there are: 0 privacy, 1 watermarks, 2 flows"),
        (Drop(topic="watermark"), "there is no topic 'watermark'; did you mean 'watermarks'?"),
        (Rename(topic=0, to="Flows"), "two topics would be called 'Flows'"),
        (Merge(topics=(1, "watermarks")), "merge names one topic twice"),
        (Split(topic=0, into=9), "topic 0 has 6 papers and cannot be split into 9"),
        (Split(topic=0, papers=("p9",)), "paper 'p9' is not in topic 0 but in 1; move it instead"),
        (Move(papers=("p99",), to=0), "there is no paper 'p99'; did you mean 'p9'?"),
        (
            Move(papers=tuple(f"p{row}" for row in range(6)), to=1),
            "this leaves topic 0 (privacy) without papers",
        ),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(change, sentence):
    one, untouched = editor(), editor()
    with pytest.raises(EditError) as caught:
        one.apply(change)
    assert sentence in str(caught.value)
    assert np.array_equal(one.topic, untouched.topic)
    assert one.labels == untouched.labels


@given(st.data())
@settings(max_examples=40, deadline=None)
def test_any_edits_leave_a_whole_clustering(data):
    one = editor()
    papers = st.lists(st.sampled_from(one.ids), min_size=1, max_size=3, unique=True).map(tuple)
    topic = st.integers(0, 4)
    change = st.one_of(
        st.builds(Merge, topics=st.tuples(topic, topic)),
        st.builds(Split, topic=topic, into=st.integers(2, 3)),
        st.builds(Split, topic=topic, papers=papers),
        st.builds(Drop, topic=topic),
        st.builds(Move, papers=papers, to=topic | st.just("outlier")),
        st.builds(Rename, topic=topic, to=st.sampled_from(["one", "two"])),
    )
    for step in data.draw(st.lists(change, max_size=6)):
        try:
            one.apply(step)
        except EditError:
            continue
    done = one.finished()
    nearest, _ = assign(one.vectors, done.centroids, done.temperature)
    assert np.array_equal(np.flatnonzero(nearest != done.nearest_topic), done.by_hand)
    assert len(done.names) == done.n_topics == len(one.labels)


def test_edits_replay_where_the_topics_still_match():
    there, here = editor(), editor(keep=np.random.default_rng(3).permutation(20)[:17])
    here.apply(Merge(topics=(1, 2)))
    changes = (
        Rename(topic=0, to="secrets"),
        Rename(topic=1, to="marks"),
        Move(papers=("p0", "p19"), to="outlier"),
    )
    outcomes = replay(here, changes, there)
    assert [outcome.applied for outcome in outcomes] == [True, False, True]
    assert "as many as 50% of its papers in common with 1 (at most 42%, topic 1" in outcomes[1].why
    assert outcomes[2].why == "1 of its papers are not in this run"
    assert here.labels == {0: "secrets", 1: ""}
    assert here.topic[here.ids.index("p0")] == -1
    outcomes = replay(here, (Drop(topic="flows"), Rename(topic=1, to="again")), editor())
    assert [outcome.applied for outcome in outcomes] == [True, False]
    assert "of its papers in common with 1 (at most 0%)" in outcomes[1].why
    assert here.labels == {0: "secrets"}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("edits: [{renam: {topic: 1, to: x}}]", "entry 1 of edits: unknown key renam; did you mean rename?"),
        ("edits: [{rename: {topic: 1}}]", "entry 1 of edits: rename.to is missing; it must be a text"),
        (
            "edits: [{drop: {topic: 1}}, {merge: {topics: [1]}}]",
            "entry 2 of edits: merge.topics is [1], but",
        ),
        (
            "edits: [{}]",
            "entry 1 of edits has 0 changes, but must have one of rename, merge",
        ),
        (
            "edits: [{split: {topic: 1}}]",
            "entry 1 of edits: split says either into how many topics",
        ),
        (
            "edits: [{split: {topic: 1, into: 3, label: x}}]",
            "entry 1 of edits: split has one label, but into 3 it splits off 2 topics",
        ),
        (
            "edits: [{drop: {topic: true}}]",
            "entry 1 of edits: drop.topic is True, but must be a whole number",
        ),
        (
            "edits: [{merge: {topics: [1]}}]",
            "entry 1 of edits: merge.topics is [1], but must be a list of whole numbers",
        ),
        (b"edits: \xff", "a file of edits must be UTF-8 text"),
        ("edits: [{drop: 3}]", "entry 1 of edits: drop is 3, but must be a section with topic"),
        (
            f"edits: [{{rename: {{topic: 1, to: {'a' * 101}}}}}]",
            "but must be a text of 1 to 100 characters, none of them a control character",
        ),
        ("edit: []", "unknown key edit; did you mean edits?"),
        ("- a", "a file of edits begins with the line `edits:`"),
        ("edits: []", "holds no edits"),
    ],
)
def test_mistakes_in_the_file_get_one_sentence(tmp_path, text, sentence):
    path = tmp_path / "edits.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(Exception, match="edits.yaml") as caught:
        read_edits(path)
    assert sentence in str(caught.value)


def test_every_edit_has_a_class_of_its_own():
    assert list(Edit.model_fields) == ["rename", "merge", "split", "drop", "move"]


def test_an_edited_run_is_whole_and_names_its_parent(quick_run, tmp_path):
    run = open_run(quick_run)
    moved = run.corpus.ids[int(np.flatnonzero(run.clustering.topic == 1)[0])]
    path = tmp_path / "edits.yaml"
    path.write_text(
        f"edits:\n- rename: {{topic: 0, to: My Topic}}\n- move: {{papers: [{moved}], to: My Topic}}\n"
        "- split: {topic: 2, into: 2}\n",
        encoding="utf-8",
    )
    away = shutil.copytree(quick_run, tmp_path / "away")
    result = run_cli("edit", away, path, "-o", tmp_path / "new")
    assert "applied: rename: topic 0, to My Topic" in result.output
    topics, papers = rows(tmp_path / "new" / "topics.csv"), rows(tmp_path / "new" / "assignments.csv")
    assert topics[0]["label"] == "My Topic"
    assert len(topics) == len(run.topics) + 1
    place = next(paper for paper in papers if paper["id"] == moved)
    assert (place["topic"], place["nearest_topic"], place["label"]) == ("0", "0", "My Topic")
    assert place["by_hand"] == "1"
    summary = summary_of(tmp_path / "new")
    assert summary["parent"]["path"] == str(away)
    assert [edit["applied"] for edit in summary["edits"]] == [True] * 3
    assert moved in summary["by_hand"]
    again = open_run(tmp_path / "new")
    again.check()
    said = "3 edits by hand (1 move, 1 rename, 1 split)"
    assert again.history == (said,)
    assert f"Since the topics were found: {said}." in (tmp_path / "new" / "topics.md").read_text("utf-8")
    page = (tmp_path / "new" / "report.html").read_text("utf-8")
    assert f"found without being told what to look for; since then: {said}." in page
    assert f"The topics found were changed since: {said}." in page
    assert "topics were found in the titles" not in page
    assert (tmp_path / "new" / "data" / "embed" / "encoder").is_dir()
    labels = [label for label in run.topics.labels if label in again.topics.labels]
    assert len(labels) >= len(run.topics) - 2


def test_an_edit_of_what_is_not_there_writes_nothing(quick_run, tmp_path):
    path = tmp_path / "edits.yaml"
    path.write_text("edits:\n- drop: {topic: nowhere}\n", encoding="utf-8")
    result = run_cli("edit", quick_run, path, "-o", tmp_path / "new", expect=2)
    assert "Edit 1 (drop: topic nowhere): there is no topic 'nowhere'" in result.output
    assert [entry.name for entry in tmp_path.iterdir()] == ["edits.yaml"]
    result = run_cli("edit", quick_run, path, "-o", quick_run, expect=2)
    assert "is the run itself, and a run stays as it is" in result.output


def test_edits_replay_on_a_refit(quick_run, tmp_path):
    run_cli("run", SEED, "-o", tmp_path / "refit", *QUICK, "--set", "random_state=7")
    path = tmp_path / "edits.yaml"
    path.write_text("edits:\n- rename: {topic: 0, to: My Topic}\n", encoding="utf-8")
    result = run_cli("edit", tmp_path / "refit", path, "-o", tmp_path / "new", "--from", quick_run)
    assert "applied: rename" in result.output
    old = {paper["id"] for paper in rows(quick_run / "assignments.csv") if paper["nearest_topic"] == "0"}
    new = {
        paper["id"] for paper in rows(tmp_path / "new" / "assignments.csv") if paper["label"] == "My Topic"
    }
    assert len(old & new) >= len(old | new) / 2
