"""The same with any engine, whatever dies on the way; and what is done is found again."""

import functools
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

from tests.conftest import ROOT, run_cli, summary_of
from tests.shards import failing
from tests.shards.conftest import COMMAND, LOCAL, SETTINGS, config, tables
from topics import runner
from topics.cache import folders
from topics.cache.stage import NullObserver
from topics.errors import InputError, RunError
from topics.runs.run import Run
from topics.shards import run as shards_run
from topics.shards.count import ShardWords
from topics.shards.label import LabelShard, _labeller


class Listening(NullObserver):
    """Remembers what it is told."""

    def __init__(self):
        self.details = []

    def detail(self, text):
        self.details.append(text)


def test_ray_writes_the_tables_of_the_local_engine(result, files, ray, forgotten, tmp_path):
    other = shards_run.run(config(files), ray, output=tmp_path / "ray")
    assert tables(other) == tables(result)
    assert summary_of(other)["shards"] == {**summary_of(result)["shards"], "engine": "ray"}


def test_neither_the_order_of_files_nor_that_of_shards_changes_anything(result, files, forgotten, tmp_path):
    other = shards_run.run(config(files[::-1]), failing.Backwards(), output=tmp_path / "other")
    assert tables(other) == tables(result)


def test_workers_killed_in_the_middle_of_a_shard_change_nothing(result, files, ray, forgotten, tmp_path):
    steps = ("clean", "label", "count")
    harm = functools.partial(failing.die_once, tmp_path / "died")
    other = shards_run.run(config(files), failing.Disturbed(ray, steps, harm), output=tmp_path / "other")
    assert {place.name for place in (tmp_path / "died").iterdir()} == set(steps)
    assert tables(other) == tables(result)


@pytest.mark.parametrize("engine", ["local", "ray"])
def test_shards_that_fail_twice_change_nothing(result, files, request, forgotten, tmp_path, engine):
    chosen = LOCAL if engine == "local" else request.getfixturevalue("ray")
    harm = functools.partial(failing.fail_twice, tmp_path / "tries")
    other = shards_run.run(
        config(files), failing.Disturbed(chosen, ("label",), harm), output=tmp_path / "other"
    )
    assert {len(list(place.iterdir())) for place in (tmp_path / "tries").iterdir()} == {3}
    assert tables(other) == tables(result)


@pytest.mark.parametrize("engine", ["local", "ray"])
def test_a_shard_that_always_fails_is_one_sentence_and_nothing_is_written(
    files, request, forgotten, tmp_path, engine
):
    chosen = LOCAL if engine == "local" else request.getfixturevalue("ray")
    harm = functools.partial(failing.fail, tmp_path / "tries")
    target = tmp_path / "runs" / "other"
    with pytest.raises(RunError) as told:
        shards_run.run(config(files), failing.Disturbed(chosen, ("count",), harm), output=target)
    assert str(told.value) in {
        f"{name}.jsonl, records from {start} on: the step count failed 3 times (OSError: the disk is away); "
        "finished shards are kept, so the same command goes on from there"
        for name, start in (
            ("a", 1),
            ("a", 31),
            ("a", 61),
            ("b", 1),
            ("b", 31),
            ("c", 1),
            ("c", 31),
            ("d", 1),
        )
    }
    assert not target.parent.exists()


def test_a_mistake_in_a_file_is_told_once(files, forgotten, tmp_path):
    harm = functools.partial(failing.refuse, tmp_path / "tries")
    with pytest.raises(InputError, match="^this file is in no format; save it as CSV$"):
        shards_run.run(config(files), failing.Disturbed(LOCAL, ("split",), harm), output=tmp_path / "other")
    assert [len(list(place.iterdir())) for place in (tmp_path / "tries").iterdir()] == [1]


@pytest.mark.parametrize(("step", "done"), [("clean", 3), ("label", 2)])
def test_killed_between_shards_it_goes_on_where_it_was(result, files, forgotten, tmp_path, step, done):
    target = tmp_path / "other"
    command = ("run", *files, "--engine", "local", *COMMAND, "-o", target)
    killed = subprocess.run(
        [sys.executable, "-m", "tests.shards.dying", step, str(done), *command],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert not target.exists()
    listening = Listening()
    shards_run.run(config(files), LOCAL, output=target, observer=listening)
    many = summary_of(result)["shards"]["parts"]
    assert f"{step} shards: {many - done} of {many} had to be done" in listening.details
    assert tables(target) == tables(result)
    assert not list(tmp_path.glob(".*"))


def test_killed_at_any_moment_it_leaves_nothing_behind(result, files, tmp_path, monkeypatch):
    target, cache = tmp_path / "other", tmp_path / "cache"
    random = Random(3)
    moments = ",".join(f"after:{random.uniform(0.05, 1.5):.3f}" for _ in range(3))
    command = ("run", *files, "--engine", "local", *COMMAND, "-o", target)
    monkeypatch.setenv("TOPICS_CACHE", str(cache))
    done = subprocess.run(
        [sys.executable, "-m", "tests.dying", moments, *command], cwd=ROOT, capture_output=True, text=True
    )
    assert "ended with -9" in done.stdout, done.stderr
    assert set(re.findall(r"ended with (\S+)", done.stdout)) <= {"-9", "0"}, done.stdout
    monkeypatch.setattr(folders, "FRESH", 0.0)
    shards_run.run(config(files), LOCAL, output=target)
    assert tables(target) == tables(result)
    run_cli("cache", "prune", "--keep", target)
    assert list(tmp_path.rglob(".*")) == []
    assert {path.name for path in tmp_path.iterdir()} == {"cache", "other"}


def test_of_two_runs_at_once_the_first_one_keeps_its_sample(result, files, forgotten, tmp_path, monkeypatch):
    run_given, met = runner.run_given, []

    def overtaken(*given, **named):
        monkeypatch.setattr(runner, "run_given", run_given)
        met.append(shards_run.run(config(files), LOCAL, output=tmp_path / "first"))
        met.append(fitted().stat().st_ino)
        return run_given(*given, **named)

    def fitted():
        (place,) = Path(os.environ["TOPICS_CACHE"]).glob("parts/*/shards/fit/[!.]*")
        return place

    monkeypatch.setattr(runner, "run_given", overtaken)
    met.append(shards_run.run(config(files), LOCAL, output=tmp_path / "second"))
    assert fitted().stat().st_ino == met[1]
    assert tables(met[0]) == tables(met[2]) == tables(result)


def test_what_was_done_is_found_again(result, files, tmp_path):
    shards_run.run(config(files), LOCAL, output=tmp_path / "once")
    listening = Listening()
    shards_run.run(config(files), LOCAL, output=tmp_path / "other", observer=listening)
    done = [text for text in listening.details if " shards: " in text]
    assert len(done) == 7
    assert all(": 0 of " in text for text in done)
    listening = Listening()
    shards_run.run(
        config(files, trends={"period": "year", "start": 2011, "alpha": 0.2}),
        LOCAL,
        output=tmp_path / "late",
        observer=listening,
    )
    done = {
        text.partition(" ")[0] for text in listening.details if " shards: " in text and ": 0 of " not in text
    }
    assert done == {"words", "count"}
    listening = Listening()
    looks = {"map": {"theme": "dark"}, "label": {**SETTINGS["label"], "llm": {"timeout": 60}}}
    shards_run.run(config(files, **looks), LOCAL, output=tmp_path / "dark", observer=listening)
    done = [text for text in listening.details if " shards: " in text]
    assert len(done) == 7
    assert all(": 0 of " in text for text in done)


def test_of_the_samples_run_steps_read_what_their_keys_hold(result, files, forgotten, tmp_path, monkeypatch):
    folder, opened = Run.folder, {}

    def watched(task):
        make = task.make

        def watch(self, place):
            with monkeypatch.context() as patch:
                patch.setattr(
                    Run,
                    "folder",
                    lambda run, stage: opened.setdefault(task, set()).add(stage) or folder(run, stage),
                )
                make(self, place)

        return watch

    _labeller.cache_clear()
    for task in (LabelShard, ShardWords):
        monkeypatch.setattr(task, "make", watched(task))
    shards_run.run(config(files), LOCAL, output=tmp_path / "other")
    # Names are kept where a language model worded them.
    assert opened == {LabelShard: set(LabelShard.reads) - {"names"}, ShardWords: set(ShardWords.reads)}
