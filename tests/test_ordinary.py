"""What an ordinary user finds where others' folders may be read and not written, or not even read."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.conftest import QUICK, ROOT, SEED, run_cli, summary_of
from topics.cache import store

SETTINGS = (*QUICK, "--set", "cluster.method=kmeans", "--set", "cluster.n_topics=5")


def close(folder, folders=0o555, files=0o444):
    """Folders and files of others', as a rule to be read by all."""
    for path in [*sorted(folder.rglob("*"), reverse=True), folder]:
        path.chmod(folders if path.is_dir() else files)


def shown(folder):
    """All files and folders below, and what the files hold."""
    return {path: path.is_file() and store.file_digest(path) for path in folder.rglob("*")}


def as_ordinary(*commands):
    told = [[str(part) for part in command] for command in commands]
    done = subprocess.run(
        [sys.executable, "-m", "tests.ordinary", json.dumps(told)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def place():
    """A folder that everybody comes to: pytest's own ones are closed to other users."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    close(folder, 0o755, 0o644)
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def ends(place):
    """How each command ended, by a name for it, and what changed in the folders of others."""
    for name in ("theirs", "empty", "closed", "own"):
        (place / name).mkdir()
    papers, secret = place / "papers.txt", place / "secret.txt"
    for file in (papers, secret):
        shutil.copyfile(SEED, file)
    cached, own = ("--set", f"cache.dir={place / 'theirs' / 'cache'}"), place / "own"
    first = ("run", papers, *SETTINGS, *cached, "-o", place / "theirs" / "run")
    run_cli(*first)
    (place / "closed" / "run.json").write_text("{}")
    close(place / "closed", 0, 0)
    secret.chmod(0)
    for name in ("theirs", "empty"):
        close(place / name)
    own.chmod(0o777)
    before = shown(place / "theirs")
    empty = "--set", f"cache.dir={place / 'empty'}"
    unread = "--set", f"cache.dir={place / 'closed'}"
    commands = {
        "reads a cache": ("run", papers, *SETTINGS, *cached, "-o", own / "run"),
        "fills no cache": (
            "run",
            papers,
            *SETTINGS,
            *empty,
            "-o",
            own / "a",
        ),
        "adds to no cache": ("run", papers, *SETTINGS, *cached, "--set", "random_state=9", "-o", own / "b"),
        "writes no run": ("run", papers, *SETTINGS, *cached, "-o", place / "empty" / "run"),
        "replaces no run": ("run", papers, *SETTINGS, *cached, "-o", place / "theirs" / "run"),
        "draws no map": ("map", place / "theirs" / "run", "-o", place / "empty" / "map.html"),
        "shows a run": ("show", place / "theirs" / "run"),
        "prunes no cache": ("cache", "--dir", place / "theirs" / "cache", "prune", "--all"),
        "reads no papers": ("run", secret, *SETTINGS, *cached, "-o", own / "c"),
        "reads no cache": (
            "run",
            papers,
            *SETTINGS,
            *unread,
            "-o",
            own / "d",
        ),
        "sees no cache": ("cache", "--dir", place / "closed"),
        "shows no run": ("show", place / "closed"),
        "writes over nothing": ("run", papers, *SETTINGS, *cached, "-o", place / "closed"),
    }
    _, *found = as_ordinary((*first[:-1], place / "again", "--force", "maps"), *commands.values())
    assert shown(place / "theirs") == before
    assert not any((place / "empty").iterdir())
    return dict(zip(commands, found, strict=True))


def test_a_cache_of_others_serves_and_stays(ends, place):
    assert ends["reads a cache"][0] == 0, ends["reads a cache"][1]
    assert summary_of(place / "own" / "run")["files"] == summary_of(place / "theirs" / "run")["files"]
    assert ends["shows a run"][0] == 0
    assert os.listdir(place / "own") == ["run"]  # noqa: PTH208


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("fills no cache", "it is the cache folder; name another one with TOPICS_CACHE or cache.dir"),
        ("adds to no cache", "it is the cache folder; name another one with TOPICS_CACHE or cache.dir"),
        ("writes no run", "it is the folder for runs; name another one with -o"),
        ("replaces no run", "it is the folder for runs; name another one with -o"),
        ("draws no map", "name another one with -o"),
        ("prunes no cache", "cannot be written"),
        ("reads no papers", "secret.txt"),
        ("reads no cache", "closed"),
        ("sees no cache", "closed"),
        ("shows no run", "closed"),
        ("writes over nothing", "closed"),
    ],
)
def test_what_may_not_be_is_one_sentence(ends, command, told):
    code, output = ends[command]
    assert code == 2, output
    sentence = output.strip().splitlines()[-1]
    assert sentence.startswith("Error: ")
    assert told in sentence
    assert output.count("Error: ") == 1
    assert re.search("Permission denied|not readable", sentence)
