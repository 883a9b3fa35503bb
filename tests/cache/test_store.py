"""Finished stages and runs on disk."""

import json

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.sparse import csr_matrix

from topics.cache import publish, store, untrusted
from topics.errors import RunError
from topics.types import Corpus, Counts, Embeddings, Keyword, Topic, Topics


@pytest.fixture
def cache(tmp_path):
    return store.Cache(tmp_path / "cache")


def fill(cache, text="hello"):
    with cache.fill("embed", "abc") as folder:
        (folder / "value.json").write_text(text)


def test_entry_appears_only_when_the_block_ends_well(cache):
    with pytest.raises(ZeroDivisionError), cache.fill("embed", "abc") as folder:
        (folder / "value.json").write_text("half")
        raise ZeroDivisionError
    assert cache.check("embed", "abc") == "missing"
    assert list((cache.root / "embed").iterdir()) == []

    fill(cache)
    assert cache.check("embed", "abc") is None


@pytest.mark.parametrize("damage", ["changed", "cut", "removed", "added", "manifest"])
def test_damaged_entry_is_noticed_and_removed(cache, damage):
    fill(cache)
    folder = cache.place("embed", "abc")
    if damage == "changed":
        (folder / "value.json").write_text("jello")
    elif damage == "cut":
        (folder / "value.json").write_text("")
    elif damage == "removed":
        (folder / "value.json").unlink()
    elif damage == "added":
        (folder / "other").write_text("")
    else:
        (folder / store.MANIFEST).write_text("{")
    assert cache.check("embed", "abc") not in (None, "missing")
    assert not folder.exists()


def test_two_writers_of_one_entry_leave_a_whole_one(cache):
    with cache.fill("embed", "abc") as first:
        (first / "value.json").write_text("one")
        fill(cache, "one")
    assert cache.check("embed", "abc") is None
    assert (cache.place("embed", "abc") / "value.json").read_text() == "one"


@pytest.mark.parametrize(("forced", "kept"), [(False, "theirs"), (True, "ours")])
def test_an_entry_that_was_made_meanwhile_is_replaced_only_by_force(cache, forced, kept):
    with cache.fill("embed", "abc", forced=forced) as ours:
        (ours / "value.json").write_text("ours")
        fill(cache, "theirs")
        theirs = cache.place("embed", "abc").stat().st_ino
    assert cache.check("embed", "abc") is None
    assert (cache.place("embed", "abc") / "value.json").read_text() == kept
    assert (cache.place("embed", "abc").stat().st_ino == theirs) is not forced


def test_damage_that_came_meanwhile_is_replaced_without_force(cache):
    with cache.fill("embed", "abc") as ours:
        (ours / "value.json").write_text("ours")
        fill(cache, "theirs")
        (cache.place("embed", "abc") / "value.json").write_text("their")
    assert cache.check("embed", "abc") is None
    assert (cache.place("embed", "abc") / "value.json").read_text() == "ours"


def test_unwritable_cache_says_what_to_do(tmp_path):
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(RunError, match="cannot be written.*TOPICS_CACHE or cache.dir"),
        store.Cache(tmp_path / "file").fill("embed", "abc"),
    ):
        pass


@given(
    hnp.arrays(
        np.float32, st.tuples(st.integers(1, 9), st.integers(1, 5)), elements=st.floats(-1, 1, width=32)
    )
)
def test_arrays_survive_packing(tmp_path_factory, vectors):
    folder = tmp_path_factory.mktemp("entry")
    store.pack(Embeddings(vectors, "test"), folder)
    again = store.unpack(Embeddings, folder)
    assert again.encoder == "test"
    assert again.vectors.tobytes() == np.ascontiguousarray(vectors).tobytes()


def test_tables_matrices_and_nested_values_survive_packing(tmp_path):
    papers = pa.table({"id": ["a", "b"], "title": ["T", "Ü"], "authors": [["A B"], []]})
    corpus = Corpus(papers, pa.table({"file": ["x"], "kept": [True]}), ("a note",))
    counts = Counts(csr_matrix(np.array([[1, 0], [0, 2]], dtype=np.int32)), ("one", "two"))
    topics = Topics((Topic(0, "privacy", 2, (Keyword("dp", 0.5),), (1, 0)),))
    for number, value in enumerate((corpus, counts, topics)):
        folder = tmp_path / str(number)
        folder.mkdir()
        store.pack(value, folder)
    assert store.unpack(Corpus, tmp_path / "0") == corpus
    again = store.unpack(Counts, tmp_path / "1")
    assert again.terms == counts.terms
    assert (again.matrix != counts.matrix).nnz == 0
    assert store.unpack(Topics, tmp_path / "2") == topics


def test_key_depends_on_every_ingredient():
    base = store.stage_key("embed", settings={"a": 1}, inputs=["x"])
    assert base == store.stage_key("embed", inputs=["x"], settings={"a": 1})
    others = [
        store.stage_key("embed", settings={"a": 2}, inputs=["x"]),
        store.stage_key("embed", settings={"a": 1}, inputs=["y"]),
        store.stage_key("label", settings={"a": 1}, inputs=["x"]),
    ]
    assert len({base, *others}) == 4


def write_run(target, text="first"):
    with publish.publish(target) as folder:
        (folder / "topics.md").write_text(text)
        store.write_json(folder / store.RUN_FILE, {"paper_topics": {}, "files": store.digests(folder)})


def test_run_replaces_run_and_keeps_the_users_own_files(tmp_path):
    target = tmp_path / "runs" / "mine"
    write_run(target)
    (target / "notes.txt").write_text("keep me")
    write_run(target, "second")
    assert (target / "topics.md").read_text() == "second"
    assert (target / "notes.txt").read_text() == "keep me"
    assert [path.name for path in target.parent.iterdir()] == ["mine"]


def test_failed_run_leaves_the_last_one_and_no_trace(tmp_path):
    target = tmp_path / "mine"
    write_run(target)
    with pytest.raises(OSError, match="disk"), publish.publish(target) as folder:
        (folder / "topics.md").write_text("half")
        raise OSError("disk full")
    assert (target / "topics.md").read_text() == "first"
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_foreign_folder_is_refused_untouched(tmp_path):
    (tmp_path / "thesis.docx").write_text("mine")
    with pytest.raises(RunError, match="is not a run of topics; name an empty or new folder with -o"):
        publish.check_target(tmp_path)
    with pytest.raises(RunError, match="is a file"):
        publish.check_target(tmp_path / "thesis.docx")
    (tmp_path / "thesis.docx").unlink()
    publish.check_target(tmp_path)


def test_json_is_sorted_and_plain(tmp_path):
    store.write_json(tmp_path / "x.json", {"b": np.float32(0.5), "a": np.arange(2), "c": Keyword("é", 1.0)})
    text = (tmp_path / "x.json").read_text(encoding="utf-8")
    assert json.loads(text) == {"a": [0, 1], "b": 0.5, "c": {"term": "é", "weight": 1.0}}
    assert text.index('"a"') < text.index('"b"')
    assert "é" in text


@pytest.mark.parametrize(
    "error",
    [
        OSError("Failed to launch worker thread: Resource temporarily unavailable"),
        OSError(12, "Cannot allocate memory"),
        RuntimeError("can't start new thread"),
    ],
)
def test_a_library_that_has_no_room_does_not_make_an_entry_damaged(tmp_path, monkeypatch, error):
    """Arrow starts threads when it reads the first table: at a limit that is memory, not the file."""
    import pyarrow.parquet as pq

    def unstarted(*_):
        raise error

    pq.write_table(pa.table({"a": [1]}), tmp_path / "a.parquet")
    monkeypatch.setattr(pq, "ParquetFile", unstarted)
    with pytest.raises(MemoryError):
        untrusted.load_table(tmp_path, "a.parquet")
    monkeypatch.setattr(pq, "ParquetFile", lambda _: 1 / 0)
    with pytest.raises(RunError, match="is damaged"):
        untrusted.load_table(tmp_path, "a.parquet")
