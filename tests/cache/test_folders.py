"""Temporary folders: whose they are, and when they may go."""

import os

import pytest

from topics.cache import folders
from topics.errors import RunError


def made(place, name=".run-abcdefgh.unfinished", age=3600.0):
    folder = place / name
    folder.mkdir()
    (folder / "half").write_text("12345")
    for path in (folder / "half", folder):
        os.utime(path, (path.stat().st_mtime - age,) * 2)
    return folder


def test_leftovers_go_and_nothing_else(tmp_path):
    left = made(tmp_path)
    others = [
        made(tmp_path, name)
        for name in (".run", ".run-old", ".run-notes.unfinished", "run", ".run-b-abcdefgh.unfinished")
    ]
    assert folders.sweep(tmp_path, "run") == 5
    assert not left.exists()
    assert all(other.exists() for other in others)
    folders.sweep(tmp_path)
    assert [other.exists() for other in others] == [True, True, True, True, False]


def test_held_and_fresh_folders_stay(tmp_path):
    left = made(tmp_path)
    held = folders.hold(left)
    assert folders.sweep(tmp_path) == 0
    held.close()
    assert folders.sweep(tmp_path) == 5
    fresh = made(tmp_path, age=0.0)
    assert folders.sweep(tmp_path) == 0
    assert fresh.exists()


def test_without_locks_a_day_decides(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "fcntl", None)
    left = made(tmp_path)
    assert folders.sweep(tmp_path) == 0
    os.utime(left / "half", (0, 0))
    os.utime(left, (0, 0))
    assert folders.sweep(tmp_path) == 5


@pytest.mark.parametrize(
    "error",
    [
        OSError(28, "No space left on device"),
        OSError("4096 requested and 0 written"),
        ValueError("I/O error: No space left on device (os error 28)"),
    ],
)
def test_every_way_of_saying_that_the_disk_is_full(tmp_path, error):
    with (
        pytest.raises(
            RunError, match="The disk is full at .*, a test: .*with -x, and run the same command again"
        ),
        folders.workplace(tmp_path / "run", "a test", "-x") as folder,
    ):
        (folder / "half").write_text("x")
        raise error
    assert list(tmp_path.iterdir()) == []


def test_other_errors_pass(tmp_path):
    with pytest.raises(OSError, match="odd"), folders.workplace(tmp_path / "run", "a test", "-x"):
        raise OSError("odd")
