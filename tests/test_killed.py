"""Runs that end badly: killed in every stage, interrupted, two at once, on a full disk."""

import contextlib
import os
import re
import signal
import subprocess
import sys
from random import Random

import pytest

from tests.conftest import QUICK, ROOT, SEED, run_cli, stages_of, summary_of
from topics import runner
from topics.cache import folders, publish, store
from topics.config import Config
from topics.errors import RunError
from topics.pipeline import STAGES

SETTINGS = {
    "corpus": {"papers": [str(SEED)], "reference_date": "2026-06-01"},
    "embed": {"encoder": "lsa"},
    "cluster": {"method": "hdbscan"},
}
COMMAND = ("run", SEED, *QUICK, "--set", "cluster.method=hdbscan")


def start(points, cache, target):
    return subprocess.Popen(
        [sys.executable, "-m", "tests.dying", points, *map(str, COMMAND), "-o", str(target)],
        cwd=ROOT,
        env={**os.environ, "TOPICS_CACHE": str(cache)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def ended(process):
    """What was printed, and how each run ended."""
    output, _ = process.communicate(timeout=300)
    assert process.returncode == 0, output
    return output, re.findall(r"^(\S+) ended with (\S+)$", output, re.MULTILINE)


def killed(points, cache, target):
    output, ends = ended(start(",".join(points), cache, target))
    assert ends == [(point, str(-signal.SIGKILL)) for point in points], output
    return output


def files(run):
    return summary_of(run)["files"]


def computed(run):
    stages = stages_of(run)
    return [name for name in STAGES if name in stages and not stages[name]["cached"]]


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    """Two runs at once on one cache and one folder."""
    place = tmp_path_factory.mktemp("pair")
    output, ends = ended(start("never+never", place / "cache", place / "run"))
    assert ends == [("never", "0")] * 2, output
    return place


@pytest.fixture
def warm(pair, monkeypatch):
    """The cache that the two filled."""
    monkeypatch.setenv("TOPICS_CACHE", str(pair / "cache"))
    return pair / "cache"


def test_two_runs_at_once_fill_one_cache(pair):
    stages = stages_of(pair / "run")
    cache = store.Cache(pair / "cache")
    for stage in STAGES:
        assert cache.check(stage, stages[stage]["key"]) is None
    assert not list(pair.glob("*/*/.*"))
    assert not list(pair.glob(".*"))
    assert not list((pair / "cache" / "parts").iterdir())


def test_killed_in_every_stage_it_goes_on_where_it_was(pair, tmp_path, monkeypatch):
    cache, target = tmp_path / "cache", tmp_path / "run"
    first, *others = STAGES
    assert (first, others[0]) == ("read", "embed")
    points = ["read:pack", first, "embed:parts", *others, "publish"]
    output = killed(points, cache, target)
    finished = re.findall(r"^(\w+) +[\d.]+ s$", output, re.MULTILINE)
    assert sorted(finished) == sorted([first, *others]) == sorted(STAGES)
    assert not target.exists()
    monkeypatch.setattr(folders, "FRESH", 0.0)
    monkeypatch.setenv("TOPICS_CACHE", str(cache))
    run_cli(*COMMAND, "-o", target)
    assert computed(target) == []
    assert files(target) == files(pair / "run")
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
    run_cli("cache", "prune", "--keep", target)
    assert [path for path in cache.rglob("*") if "unfinished" in path.name or path.name == "half"] == []


def test_killed_at_any_moment_it_leaves_nothing_behind(pair, tmp_path, monkeypatch):
    cache, target, random = tmp_path / "cache", tmp_path / "run", Random(1)
    moments = [f"after:{random.uniform(0.05, 1.5):.3f}" for _ in range(3)]
    output, ends = ended(start(",".join(moments), cache, target))
    codes = [code for _, code in ends]
    assert "-9" in codes, output
    assert set(codes) <= {"-9", "0"}, output
    monkeypatch.setattr(folders, "FRESH", 0.0)
    monkeypatch.setenv("TOPICS_CACHE", str(cache))
    run_cli(*COMMAND, "-o", target)
    assert files(target) == files(pair / "run")
    assert {path.name for path in tmp_path.iterdir()} == {"cache", "run"}
    run_cli("cache", "prune", "--keep", target)
    assert list(tmp_path.rglob(".*")) == []


def test_a_file_that_a_killed_process_began_goes_with_the_next(tmp_path, monkeypatch):
    (tmp_path / ".map.html-abcdefgh.unfinished").mkdir()
    monkeypatch.setattr(folders, "FRESH", 0.0)
    with publish.whole_file(tmp_path / "map.html") as path:
        path.write_text("map")
    assert [path.name for path in tmp_path.iterdir()] == ["map.html"]


def test_parts_of_the_embedding_are_not_encoded_again(tmp_path, monkeypatch):
    from topics.embed import lsa

    cache, target = tmp_path / "cache", tmp_path / "run"
    killed(["embed:parts"], cache, target)
    seen = []
    encode = lsa.Lsa.encode
    monkeypatch.setattr(
        lsa.Lsa, "encode", lambda self, texts, *rest: seen.extend(texts) or encode(self, texts, *rest)
    )
    monkeypatch.setattr("topics.embed.embed.PART", 16)
    monkeypatch.setenv("TOPICS_CACHE", str(cache))
    run_cli(*COMMAND, "-o", target, "--until", "embed")
    assert len(seen) == 50 - 2 * 16


def test_killed_while_replacing_a_run_the_last_one_comes_back(warm, tmp_path):
    target = tmp_path / "run"
    run_cli(*COMMAND, "-o", target)
    (target / "notes.txt").write_text("mine")
    before = files(target)
    killed(["swap"], warm, target)
    assert not target.exists()
    run_cli(*COMMAND, "-o", target)
    assert (target / "notes.txt").read_text() == "mine"
    assert files(target) == before
    assert not list(tmp_path.glob(".*-old"))


def test_interrupted_it_says_how_to_go_on(tmp_path):
    process = start("wait", tmp_path / "cache", tmp_path / "run")
    asleep = next(line for line in process.stdout if line.startswith("asleep"))
    os.kill(int(asleep.split()[1]), signal.SIGINT)
    output, ends = ended(process)
    assert ends == [("wait", "130")]
    assert output.splitlines()[-2].startswith("Stopped. Run the same command again")
    assert "Traceback" not in output
    assert not (tmp_path / "run").exists()
    assert folders.leftovers(tmp_path / "cache" / "embed") == []
    assert len(list((tmp_path / "cache" / "parts").glob("*/*.npy"))) == 2


def test_a_running_process_keeps_what_it_fills_and_reads(tmp_path):
    process = start("wait", tmp_path / "cache", tmp_path / "run")
    try:
        assert any(line.startswith("asleep") for line in process.stdout)
        cache = tmp_path / "cache"
        before = sorted(path for path in cache.rglob("*"))
        result = run_cli("cache", "--dir", cache, "prune", "--all")
        assert result.output == "Removed 0 entries, 0 B.\n"
        assert sorted(path for path in cache.rglob("*")) == before
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    run_cli("cache", "--dir", cache, "prune", "--all")
    assert [path for path in cache.rglob("*.npy") if "parts" in path.parts] == []


FULL = "The disk is full at .*(TOPICS_CACHE|-o).*run the same command again"


@contextlib.contextmanager
def small_disk(folder):
    """A file system of a few bytes."""
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("the system lets us mount no file system")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True, capture_output=True)


@contextlib.contextmanager
def told_that_it_is_full(folder):
    """The error that the system would give."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, "write_json", lambda *_: (_ for _ in ()).throw(OSError(28, "full")))
        yield


@pytest.mark.parametrize("stage", STAGES)
def test_full_disk_in_any_stage_is_one_sentence(warm, tmp_path, monkeypatch, stage):
    target = tmp_path / "run"
    run_cli(*COMMAND, "-o", target)
    before = files(target)
    pack = store.pack

    def full(value, folder):
        if folder.parent.name == stage:
            (folder / "value.npy").write_bytes(b"half")
            raise OSError(28, "No space left on device")
        pack(value, folder)

    monkeypatch.setattr(store, "pack", full)
    result = run_cli(*COMMAND, "-o", target, "--force", stage, expect=2)
    assert re.search(FULL, result.output)
    assert len([line for line in result.output.splitlines() if line.startswith("Error: ")]) == 1
    assert files(target) == before
    assert {name: store.file_digest(target / name) for name in before} == before


def test_full_disk_while_the_run_is_written_leaves_the_last_one(warm, tmp_path, monkeypatch):
    target = tmp_path / "run"
    run_cli(*COMMAND, "-o", target)

    def full(source, place, *_, **__):
        raise OSError("4096 requested and 0 written")

    monkeypatch.setattr("topics.runner.shutil.copyfile", full)
    result = run_cli(*COMMAND, "-o", target, expect=2)
    assert re.search(FULL, result.output)
    assert {name: store.file_digest(target / name) for name in files(target)} == files(target)
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


@pytest.mark.parametrize("disk", [small_disk, told_that_it_is_full])
def test_a_disk_that_is_full_from_the_first_stage_on(tmp_path, disk):
    folder = tmp_path / "disk"
    folder.mkdir()
    config = Config.model_validate({**SETTINGS, "cache": {"dir": str(folder)}})
    with disk(folder):
        with pytest.raises(RunError, match=FULL):
            runner.run(config, output=tmp_path / "run")
        assert not (tmp_path / "run").exists()
        assert list(folder.rglob("*.parquet")) == []
