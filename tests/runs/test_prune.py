"""`topics cache`: what it shows, and what it removes."""

import os

import pytest

from tests.conftest import run_cli
from topics.cache import folders, publish, store
from topics.runs import prune

KEYS = {"embed": "a" * 32, "label": "b" * 32}


@pytest.fixture
def cache(tmp_path):
    cache = store.Cache(tmp_path / "cache")
    for stage, key in KEYS.items():
        with cache.fill(stage, key) as folder:
            (folder / "value.json").write_text("x" * 1000)
    return cache


def aged(cache, stage, days):
    place = cache.place(stage, KEYS[stage])
    for path in (place, *place.iterdir()):
        os.utime(path, (path.stat().st_mtime - days * folders.DAY,) * 2)


def test_survey_counts_entries_bytes_and_age(cache):
    aged(cache, "embed", 40)
    with cache.fill("label", "c" * 32) as folder:
        (folder / "value.json").write_text("x" * 5000)
        half = prune.survey(cache.root)
    assert {stage.stage: stage.entries for stage in half} == {"embed": 1, "label": 2}
    label, embed = prune.survey(cache.root)
    assert (label.stage, label.entries, embed.stage, embed.entries) == ("label", 2, "embed", 1)
    assert label.bytes > 6000
    assert embed.oldest == pytest.approx(40, abs=0.1)
    shown = run_cli("cache", "--dir", cache.root).output
    assert "embed              1     1.1 kB  40 days ago" in shown
    assert "label              2     6.2 kB  today" in shown
    assert "total              3     7.3 kB" in shown
    assert shown.startswith(str(cache.root))


def test_prune_by_age_and_use_counts_as_age(cache):
    aged(cache, "embed", 40)
    aged(cache, "label", 40)
    cache.touch("label", KEYS["label"])
    assert run_cli("cache", "--dir", cache.root, "prune", "--older-than", "30d").output.startswith(
        "Removed 1 entry"
    )
    assert cache.check("embed", KEYS["embed"]) == "missing"
    assert cache.check("label", KEYS["label"]) is None


@pytest.mark.parametrize("old", [False, True])
def test_prune_keeps_the_entries_of_a_run(cache, tmp_path, old):
    """An older version had them in run.json."""
    with publish.publish(tmp_path / "run") as folder:
        stages = {"label": {"key": KEYS["label"]}}
        older = {"stages": stages} if old else {}
        store.write_json(folder / "run.json", {"paper_topics": {}, **older})
        if not old:
            store.write_json(folder / "stages.json", stages)
    result = run_cli("cache", "--dir", cache.root, "prune", "--keep", tmp_path / "run")
    assert result.output.startswith("Removed 1 entry")
    assert cache.check("label", KEYS["label"]) is None
    assert cache.check("embed", KEYS["embed"]) == "missing"


def test_prune_leaves_what_is_held_and_what_is_not_ours(cache):
    held = folders.hold(cache.place("label", KEYS["label"]))
    thesis = cache.root / "mine" / "thesis"
    thesis.mkdir(parents=True)
    (thesis / "chapter").write_text("1")
    assert run_cli("cache", "--dir", cache.root, "prune", "--all").output.startswith("Removed 1 entry")
    assert cache.check("label", KEYS["label"]) is None
    assert (thesis / "chapter").exists()
    held.close()
    run_cli("cache", "--dir", cache.root, "prune", "--all")
    assert cache.check("label", KEYS["label"]) == "missing"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "Say what to remove"),
        (["--older-than", "soon"], "'soon' is not a time; give a number and h, d or w, as in 30d."),
        (["--keep", "nowhere"], "nowhere: no such run"),
    ],
)
def test_prune_wants_to_be_told_what(cache, arguments, sentence):
    assert sentence in run_cli("cache", "--dir", cache.root, "prune", *arguments, expect=2).output
    assert cache.check("embed", KEYS["embed"]) is None


def test_an_empty_cache_is_called_so(tmp_path):
    assert run_cli("cache", "--dir", tmp_path / "none").output == f"{tmp_path / 'none'}\nempty\n"
    assert not (tmp_path / "none").exists()
