"""From files to a published result, and what is said of it."""

import json
import os
import shutil
from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.answering import Model
from tests.conftest import rows, run_cli, summary_of
from tests.shards.conftest import COMMAND, LOCAL, config, parts, tables
from topics.errors import InputError
from topics.shards import run


def test_larger_shards_say_the_same_and_go_by_the_whole_rule_for_duplicates(result, files, tmp_path):
    shards = {"papers_per_shard": 100, "fit_papers": 100}
    other = run.run(config(files, shards=shards), LOCAL, output=tmp_path / "other")
    reasons = {row["id"]: row["reason"] for row in parts(other, "left_out").to_pylist()}
    assert reasons["again"] == "duplicate: same DOI"
    assert reasons["twin"] == "duplicate: same text in part-00000"
    assert summary_of(other)["account"]["kept"] == 160
    same = [name for name in tables(result) if "/" not in name and name not in ("topics.md", "left_out.csv")]
    assert len(same) == 14
    assert {name: tables(other)[name] for name in same} == {name: tables(result)[name] for name in same}


def test_the_sample_has_each_years_share_and_says_so(result):
    assigned = parts(result).to_pylist()
    every = Counter(row["date"][:4] for row in assigned)
    drawn = Counter(row["date"][:4] for row in assigned if row["in_fit"])
    for year, number in every.items():
        assert abs(drawn[year] - 100 * number / 160) < 1
    summary = summary_of(result)
    assert (summary["fit"]["papers"], summary["fit"]["drawn"], summary["fit"]["of"]) == (100, 100, 160)
    fitted = summary_of(result / "fit")
    assert fitted["sample"] == {"drawn": 100, "of": 160}
    assert fitted["notes"][0] == "a sample of 100 papers from 160; each year has its share of all papers"
    assert fitted["inputs"] == summary["inputs"]
    assert fitted["config"]["map"]["title"] == "A sample of 100 of 160 papers"
    page = (result / "topics.md").read_text()
    between = sum(row["topic"] == -1 for row in assigned if row["in_fit"])
    unlike = sum(row["topic"] == -1 for row in assigned if not row["in_fit"])
    assert (
        f": {between} of the sample lie between its topics, and {unlike} of the others are unlike all" in page
    )


def test_papers_that_the_encoder_does_not_read_are_told_of(files, tmp_path, monkeypatch):
    monkeypatch.setattr(run, "unread_languages", lambda *_: ("90 of 100 papers are not in English",))
    other = run.run(config(files), LOCAL, output=tmp_path / "other")
    said = "Of the papers in which topics were found, 90 of 100 papers are not in English."
    assert said in [note[0].upper() + note[1:] for note in summary_of(other)["notes"]]


def test_a_sample_of_all_papers_is_a_usual_run(files, tmp_path):
    shards = {"papers_per_shard": 50, "fit_papers": 1000}
    other = run.run(config(files, shards=shards), LOCAL, output=tmp_path / "other")
    assigned = {row["id"]: row for row in parts(other).to_pylist()}
    own = pq.read_table(other / "fit" / "assignments.parquet").to_pylist()
    # Where a common identifier is of two texts, the sample's run takes a look at both, and they differ.
    assert len(own) == len(assigned) == 160
    for row in own:
        assert (row["topic"], row["nearest_topic"]) == tuple(
            assigned[row["id"]][name] for name in ("topic", "nearest_topic")
        )
    assert [int(row["size"]) for row in rows(other / "topics.csv")] == [
        int(row["size"]) for row in rows(other / "fit" / "topics.csv")
    ]
    for name in ("trends.csv", "trend_tests.csv", "period_keywords.csv", "term_changes.csv", "trends.png"):
        assert (other / name).read_bytes() == (other / "fit" / name).read_bytes(), name
    assert "Topics were found in all of them." in (other / "topics.md").read_text()


def test_papers_without_dates_have_no_trends_and_duplicates_can_be_kept(files, tmp_path):
    undated = tmp_path / "undated.jsonl"
    lines = [json.loads(line) for file in files for line in file.read_text().splitlines()]
    undated.write_text("".join(json.dumps({**line, "date": ""}) + "\n" for line in lines))
    other = run.run(config([undated], corpus={"duplicates": "keep"}), LOCAL, output=tmp_path / "other")
    assert not list(other.glob("trend*"))
    assert summary_of(other)["notes"][-1] == "No trends: No paper has a date; change over time needs dates."
    assert all(row["trend"] == "" for row in rows(other / "topics.csv"))
    assert summary_of(other)["account"] == {"files": 1, "records": 165, "kept": 164, "no abstract": 1}
    assert summary_of(other)["shards"]["duplicates"] == 0


def test_labels_of_a_language_model_are_said_to_be_its(files, tmp_path):
    stones = ["quartz", "basalt", "granite", "marble"]
    with Model(lambda body, number: stones[number]) as model:
        label = {"min_df": 2, "llm": {"url": model.url, "model": "small-1", "key_env": None}}
        other = run.run(config(files, label=label), LOCAL, output=tmp_path / "other")
    said = "Labels were worded by the language model small-1."
    assert said in (other / "topics.md").read_text()
    assert said in summary_of(other)["notes"]
    assert {row["label"] for row in parts(other).to_pylist()} == set(stones)
    assert summary_of(other / "fit")["llm"]["model"] == "small-1"


def test_the_command_runs_it_and_other_commands_open_the_sample(result, files, tmp_path):
    told = run_cli("run", *files, "--engine", "local", *COMMAND, "-o", tmp_path / "other")
    assert "topics in 160 papers" in told.output
    assert told.output.splitlines()[-1] == str(tmp_path / "other" / "stages.json")
    assert tables(tmp_path / "other") == tables(result)
    refused = run_cli("show", tmp_path / "other", expect=2)
    assert f"{tmp_path / 'other' / 'fit'} is the run on its sample, which can be opened" in refused.output
    assert "topics in 100 papers" in run_cli("show", tmp_path / "other" / "fit").output


def test_the_command_takes_ray(files, result, monkeypatch, ray, tmp_path):
    """The Ray that is up in this process stands for the one that the command would start."""
    import contextlib

    monkeypatch.setattr("topics.shards.ray_engine.started", lambda address: contextlib.nullcontext(ray))
    run_cli("run", *files, "--engine", "ray", *COMMAND, "-o", tmp_path / "other", "-q")
    assert summary_of(tmp_path / "other")["shards"]["engine"] == "ray"
    assert tables(tmp_path / "other") == tables(result)


def test_a_result_is_replaced_by_a_usual_run_and_the_other_way_round(result, files, tmp_path):
    target = shutil.copytree(result, tmp_path / "result")
    (target / "notes.txt").write_text("mine")
    run.run(config(files), LOCAL, output=target)
    assert (target / "notes.txt").read_text() == "mine"
    assert tables(target).keys() - {"notes.txt"} == tables(result).keys()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--engine", "local", "--until", "embed"), "--until and --force are for runs without --engine"),
        (("--engine", "local", "--address", "10.0.0.5:6379"), "give --engine ray with it"),
        (("--address", "10.0.0.5:6379"), "give --engine ray with it"),
        (("--address", ""), "give --engine ray with it"),
        (
            ("--engine", "local", "--set", "embed.encoder=v.npy"),
            "a file of vectors has none; name an encoder",
        ),
        (("--engine", "local", "--set", "shards.papers_per_shard=1"), "a whole number from 10 to 1000000"),
    ],
)
def test_what_does_not_go_together_is_refused_before_anything_is_read(files, tmp_path, arguments, told):
    refused = run_cli("run", *files, *arguments, "-o", tmp_path / "other", expect=2)
    assert told in " ".join(refused.output.split())
    assert not (tmp_path / "other").exists()


def test_no_paper_left_says_why(tmp_path):
    file = tmp_path / "empty.jsonl"
    file.write_text(json.dumps({"id": "a", "title": "Only a title", "abstract": ""}) + "\n")
    with pytest.raises(
        InputError, match=r"^No paper is left: 1 record read from 1 file: 0 kept, 1 without abstract"
    ):
        run.run(config([file]), LOCAL, output=tmp_path / "other")


def test_pruning_leaves_what_a_result_was_made_from(result, files, tmp_path):
    run.run(config(files), LOCAL, output=tmp_path / "other")
    cache = Path(os.environ["TOPICS_CACHE"])
    copied = shutil.copytree(cache, tmp_path / "cache")
    run_cli("cache", "--dir", copied, "prune", "--keep", tmp_path / "other")
    assert len(list((copied / "parts").iterdir())) == 1
    run_cli("cache", "--dir", copied, "prune", "--all")
    assert not list((copied / "parts").iterdir())
