"""What a shard's result depends on is in its key, and what is damaged is done again."""

from dataclasses import dataclass
from pathlib import Path

import pytest

import topics
from topics.cache import store
from topics.pipeline import SEGMENTATION_LIBRARIES, STAGES
from topics.shards.clean import CleanShard, SplitFile
from topics.shards.count import CountShard, ShardWords
from topics.shards.duplicates import FindDuplicates
from topics.shards.label import LabelShard
from topics.shards.sample import SampleShard
from topics.shards.task import Recipe, Task, finish

from ..test_house import imported as modules_imported

PACKAGE = Path(topics.__file__).parent
# Under all steps, without a part in what one finds; a finished run is opened, and its key is an input. The
# pipeline lends names of libraries only, which a step's key holds.
GROUND = {"errors", "config", "types", "cache", "runs/run", "pipeline"}
# Answers about papers in files are written by what writes the tables; labels of shards are not.
IDLE = {"label": {"output/tables/csv_file"}}


def imported(name):
    """The modules of this package that a module or a room imports, as room/name."""
    place = PACKAGE / name
    found = set()
    for path in sorted(place.rglob("*.py")) if place.is_dir() else [place.with_suffix(".py")]:
        found |= modules_imported(path)
    return found


def under(names, listed):
    """The modules that are listed, or lie in a room that is."""
    return {name for name in names if any(f"{name}/".startswith(f"{one}/") for one in listed)}


@pytest.mark.parametrize(
    "task",
    [SplitFile, CleanShard, FindDuplicates, SampleShard, LabelShard, ShardWords, CountShard],
    ids=lambda task: task.__name__,
)
def test_a_step_is_done_again_when_a_module_that_it_rests_on_changes(task):
    listed = set(task.recipe.modules)
    code = {name for name in listed if not name.endswith(".txt")}
    used = set().union(*map(imported, code))
    assert used - under(used, GROUND) - under(used, listed) == IDLE.get(task.recipe.step, set())
    assert f"shards/{task.__module__.rpartition('.')[2]}" in listed


def test_papers_are_labelled_again_when_a_library_of_the_encoders_changes():
    assert set(STAGES["embed"].libraries) <= set(LabelShard.recipe.libraries)


@pytest.mark.parametrize("task", [ShardWords, CountShard], ids=lambda task: task.__name__)
def test_terms_are_counted_again_when_what_divides_text_into_words_changes(task):
    assert set(SEGMENTATION_LIBRARIES.split()) <= set(task.recipe.libraries)


@dataclass(frozen=True)
class Write(Task):
    recipe = Recipe("write", ("cluster/assign",), ("numpy",))

    text: str

    def make(self, folder):
        (folder / "text").write_text(self.text)


def test_a_task_is_done_once_and_again_when_damaged(tmp_path):
    task = Write(tmp_path, Write.recipe.key([], "a"), "a shard", "hello")
    assert [finish(task), finish(task)] == [True, False]
    assert (task.place / "text").read_text() == "hello"
    (task.place / "text").write_text("broken")
    assert [finish(task), finish(task)] == [True, False]
    assert (task.place / "text").read_text() == "hello"


def test_what_fails_leaves_nothing(tmp_path):
    class Bad(Write):
        def make(self, folder):
            super().make(folder)
            raise OSError("away")

    task = Bad(tmp_path, "0" * 32, "a shard", "hello")
    with pytest.raises(OSError, match="away"):
        finish(task)
    assert list((tmp_path / "write").iterdir()) == []


def test_keys_tell_settings_inputs_code_and_libraries(monkeypatch):
    recipe = Recipe("write", ("cluster/assign",), ("numpy",))
    keys = {
        recipe.key([], "a"),
        recipe.key([1], "a"),
        recipe.key([], "b"),
        Recipe("other", ("cluster/assign",), ()).key([], "a"),
    }
    assert len(keys) == 4
    assert recipe.key([], "a") in keys
    monkeypatch.setattr(store, "versions", lambda _: {"numpy": "99"})
    # Asked of a recipe that was not asked before: a process looks at its own code once.
    assert Recipe("write", ("cluster/assign",), ("numpy", "scipy")).key([], "a") not in keys
