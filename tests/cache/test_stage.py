"""Stages: computed once, loaded when asked for, and their keys know what they depend on."""

import json
import mmap
import sys
from pathlib import Path

import numpy as np
import pytest

from topics.cache.stage import NullObserver, RunState, Stage
from topics.cache.store import Cache
from topics.types import Embeddings


class Watcher(NullObserver):
    def __init__(self):
        self.seen = []

    def started(self, stage):
        self.seen.append(f"started {stage}")

    def finished(self, stage, seconds, *, cached):
        self.seen.append(f"{'cached' if cached else 'computed'} {stage}")

    def note(self, text):
        self.seen.append(text)


@pytest.fixture
def build(tmp_path):
    def build(settings=1, forced=(), vectors=((1.0, 0.0),), later=2):
        state = RunState(Cache(tmp_path), Watcher(), frozenset(forced))
        first = Stage("first", Embeddings, lambda _: Embeddings(vectors, "x"), state, settings)
        second = Stage(
            "second",
            Embeddings,
            lambda _: Embeddings(first.value.vectors * 2, "x"),
            state,
            later,
            after=[first],
        )
        return first, second, state.observer.seen

    return build


def test_nothing_happens_before_a_value_is_asked_for(build, tmp_path):
    build()
    assert list(tmp_path.iterdir()) == []


def test_earlier_stages_come_first_and_only_once(build):
    first, second, seen = build()
    np.testing.assert_array_equal(second.value.vectors, [[2.0, 0.0]])
    assert second.value is second.value
    assert first.value.vectors.shape == (1, 2)
    assert seen == ["started first", "computed first", "started second", "computed second"]


def test_a_finished_stage_needs_nothing_before_it(build):
    build()[1].ready()
    _, second, seen = build()
    np.testing.assert_array_equal(second.value.vectors, [[2.0, 0.0]])
    assert seen == ["cached second"]


def test_a_changed_setting_repeats_the_stage_and_what_follows(build):
    build()[1].ready()
    _, second, seen = build(settings=2)
    second.ready()
    assert seen == ["started first", "computed first", "started second", "computed second"]
    _, second, seen = build(later=3)
    second.ready()
    assert seen == ["cached first", "started second", "computed second"]


def test_forced_stages_are_computed_again(build):
    build()[1].ready()
    _, second, seen = build(forced=["second"])
    second.ready()
    assert seen == ["cached first", "started second", "computed second"]


@pytest.mark.parametrize(("forced", "kept"), [((), 1.0), (("first",), 2.0)])
def test_what_another_run_has_made_meanwhile_is_replaced_only_by_force(tmp_path, forced, kept):
    def run(number, meanwhile, forced=()):
        def make(_):
            meanwhile()
            return Embeddings([[number]], "x")

        return Stage(
            "first", Embeddings, make, RunState(Cache(tmp_path), NullObserver(), frozenset(forced)), 1
        )

    theirs = run(1.0, lambda: None)
    ours = run(2.0, theirs.ready, forced)
    assert ours.value.vectors.item() == kept
    assert theirs.value.vectors.item() == kept


def test_damage_is_reported_by_name(build):
    first, _, _ = build()
    (first.folder / "vectors.npy").write_bytes(b"nonsense")
    first, _, seen = build()
    np.testing.assert_array_equal(first.value.vectors, [[1.0, 0.0]])
    assert seen[0] == "the cached stage first is damaged (vectors.npy); it is computed anew"


def test_a_failing_stage_leaves_no_entry(tmp_path):
    def fail(folder):
        (folder / "half.json").write_text(json.dumps({}))
        raise ValueError("no")

    stage = Stage("first", Embeddings, fail, RunState(Cache(tmp_path), NullObserver()), 1)
    with pytest.raises(ValueError, match="no"):
        stage.ready()
    assert list((tmp_path / "first").iterdir()) == []


@pytest.fixture
def in_parts(tmp_path):
    """A stage of always the same key that keeps a piece in its parts and then goes through `meanwhile`."""

    def in_parts(meanwhile):
        def make(_):
            (stage.parts() / "piece").write_text("x")
            meanwhile()
            return Embeddings([[1.0]], "x")

        stage = Stage("first", Embeddings, make, RunState(Cache(tmp_path), NullObserver()), 1)
        return stage

    return in_parts


def pieces(folder):
    return [path.name for path in folder.glob("parts/*/*")]


def test_parts_outlive_a_failure_and_go_when_the_stage_is_done(in_parts, tmp_path):
    def interrupt():
        raise KeyboardInterrupt

    stage = in_parts(interrupt)
    with pytest.raises(KeyboardInterrupt), stage.state.holds:
        stage.ready()
    assert pieces(tmp_path) == ["piece"]
    in_parts(lambda: None).ready()
    assert not list((tmp_path / "parts").iterdir())


def test_parts_stay_while_another_run_makes_the_same_stage(in_parts, tmp_path):
    def another_run():
        in_parts(lambda: None).ready()
        seen.extend(pieces(tmp_path))

    seen = []
    in_parts(another_run).ready()
    assert seen == ["piece"]
    assert not list((tmp_path / "parts").iterdir())


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory is read from /proc")
def test_what_a_stage_has_freed_goes_back_to_the_system(tmp_path):
    kept = []

    def held():
        return int(Path("/proc/self/statm").read_text().split()[1]) * mmap.PAGESIZE

    def make(_):
        pieces = [b"x" * size for size in range(100_000, 101_000)]
        # What lies behind them keeps the C library from giving them back by itself.
        kept.append(b"x" * 100_000)
        del pieces
        return Embeddings(np.eye(2, dtype=np.float32), "none")

    before = held()
    Stage("first", Embeddings, make, RunState(Cache(tmp_path), NullObserver()), 1).ready()
    assert held() - before < 50e6
