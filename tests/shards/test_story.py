"""From files to a published result: the same with any engine, whatever dies on the way; and it adds up."""

import functools
import json
import os
import shutil
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.answering import Model
from tests.conftest import ROOT, rows, run_cli, summary_of
from tests.shards import failing
from tests.shards.conftest import COMMAND, LOCAL, SETTINGS, config, tables
from topics import pipeline
from topics.errors import InputError, RunError
from topics.runs import Run, open_run
from topics.shards import story
from topics.shards.count import Words
from topics.shards.label import Label, _labeller
from topics.shards.tables import OUTPUTS
from topics.shards.vocabulary import Vocabulary
from topics.stage import Silence


def parts(result, name="assignments"):
    files = sorted((result / name).glob("part-*.parquet"))
    assert [file.name for file in files] == [f"part-{number:05d}.parquet" for number in range(len(files))]
    return pa.concat_tables([pq.read_table(file) for file in files])


class Listening(Silence):
    """Remembers what it is told."""

    def __init__(self):
        self.details = []

    def detail(self, text):
        self.details.append(text)


def test_ray_writes_the_tables_of_the_local_engine(result, files, ray, forgotten, tmp_path):
    other = story.run(config(files), ray, output=tmp_path / "ray")
    assert tables(other) == tables(result)
    assert summary_of(other)["shards"] == {**summary_of(result)["shards"], "engine": "ray"}


def test_neither_the_order_of_files_nor_that_of_shards_changes_anything(result, files, forgotten, tmp_path):
    other = story.run(config(files[::-1]), failing.Backwards(), output=tmp_path / "other")
    assert tables(other) == tables(result)


def test_workers_killed_in_the_middle_of_a_shard_change_nothing(result, files, ray, forgotten, tmp_path):
    steps = ("clean", "label", "count")
    harm = functools.partial(failing.die_once, tmp_path / "died")
    other = story.run(config(files), failing.Disturbed(ray, steps, harm), output=tmp_path / "other")
    assert {place.name for place in (tmp_path / "died").iterdir()} == set(steps)
    assert tables(other) == tables(result)


@pytest.mark.parametrize("engine", ["local", "ray"])
def test_shards_that_fail_twice_change_nothing(result, files, request, forgotten, tmp_path, engine):
    chosen = LOCAL if engine == "local" else request.getfixturevalue("ray")
    harm = functools.partial(failing.fail_twice, tmp_path / "tries")
    other = story.run(config(files), failing.Disturbed(chosen, ("label",), harm), output=tmp_path / "other")
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
        story.run(config(files), failing.Disturbed(chosen, ("count",), harm), output=target)
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
        story.run(config(files), failing.Disturbed(LOCAL, ("split",), harm), output=tmp_path / "other")
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
    story.run(config(files), LOCAL, output=target, observer=listening)
    many = summary_of(result)["shards"]["parts"]
    assert f"{step} shards: {many - done} of {many} had to be done" in listening.details
    assert tables(target) == tables(result)
    assert not list(tmp_path.glob(".*"))


def test_of_two_runs_at_once_the_first_one_keeps_its_sample(result, files, forgotten, tmp_path, monkeypatch):
    run_on, met = pipeline.run_on, []

    def overtaken(*given, **named):
        monkeypatch.setattr(pipeline, "run_on", run_on)
        met.append(story.run(config(files), LOCAL, output=tmp_path / "first"))
        met.append(fitted().stat().st_ino)
        return run_on(*given, **named)

    def fitted():
        (place,) = Path(os.environ["TOPICS_CACHE"]).glob("parts/*/shards/fit/[!.]*")
        return place

    monkeypatch.setattr(pipeline, "run_on", overtaken)
    met.append(story.run(config(files), LOCAL, output=tmp_path / "second"))
    assert fitted().stat().st_ino == met[1]
    assert tables(met[0]) == tables(met[2]) == tables(result)


def test_what_was_done_is_found_again(result, files, tmp_path):
    story.run(config(files), LOCAL, output=tmp_path / "once")
    listening = Listening()
    story.run(config(files), LOCAL, output=tmp_path / "other", observer=listening)
    done = [text for text in listening.details if " shards: " in text]
    assert len(done) == 7
    assert all(": 0 of " in text for text in done)
    listening = Listening()
    story.run(
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
    story.run(config(files, **looks), LOCAL, output=tmp_path / "dark", observer=listening)
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
    for task in (Label, Words):
        monkeypatch.setattr(task, "make", watched(task))
    story.run(config(files), LOCAL, output=tmp_path / "other")
    # Names are kept where a language model worded them.
    assert opened == {Label: set(Label.reads) - {"names"}, Words: set(Words.reads)}


def test_every_paper_has_what_topics_label_gives_it(result, files, tmp_path):
    run_cli("label", result / "fit", *files, "-o", tmp_path / "labelled.parquet")
    known = {
        (row["file"], row["position"]): row
        for row in pq.read_table(tmp_path / "labelled.parquet").to_pylist()
    }
    found = parts(result).to_pylist()
    same = ("topic", "nearest_topic", "label", "probability", "second_probability", "familiarity")
    for row in found:
        wanted = known.pop((row["file"], row["position"]))
        assert {name: row[name] for name in same} == {name: wanted[name] for name in same}
        assert row["second_topic"] == (-1 if wanted["second_topic"] is None else wanted["second_topic"])
        assert row["in_fit"] == (wanted["in_run"] is not None)
    left_out = {(row["file"], row["position"]) for row in parts(result, "left_out").to_pylist()}
    assert set(known) == left_out
    assert len(found) == 160
    assert len(left_out) == 5


def test_records_are_kept_or_left_out_for_a_reason_that_is_counted(result):
    left_out = parts(result, "left_out").to_pylist()
    assert sorted((row["id"], row["reason"], row["duplicate_of"]) for row in left_out) == [
        ("again", "duplicate: same text in part-00000", ""),
        ("empty", "no abstract", ""),
        ("twin", "duplicate: same text in part-00000", ""),
        ("twin of a", "duplicate: same text in part-00000", ""),
        ("twin of b", "duplicate: same text in part-00003", ""),
    ]
    summary = summary_of(result)
    assert summary["account"] == {"files": 4, "records": 165, "kept": 160, "duplicate": 4, "no abstract": 1}
    assert {row["reason"]: int(row["records"]) for row in rows(result / "left_out.csv")} == {
        "duplicate": 4,
        "no abstract": 1,
    }
    assert summary["shards"]["twins"] == 4
    assert summary["shards"]["sharing_an_identifier"] == 1


def test_larger_shards_say_the_same_and_go_by_the_whole_rule_for_duplicates(result, files, tmp_path):
    shards = {"papers_per_shard": 100, "fit_papers": 100}
    other = story.run(config(files, shards=shards), LOCAL, output=tmp_path / "other")
    reasons = {row["id"]: row["reason"] for row in parts(other, "left_out").to_pylist()}
    assert reasons["again"] == "duplicate: same DOI"
    assert reasons["twin"] == "duplicate: same text in part-00000"
    assert summary_of(other)["account"]["kept"] == 160
    same = [name for name in tables(result) if "/" not in name and name not in ("topics.md", "left_out.csv")]
    assert len(same) == 14
    assert {name: tables(other)[name] for name in same} == {name: tables(result)[name] for name in same}


def test_counts_add_up(result):
    assigned = parts(result).to_pylist()
    topics = rows(result / "topics.csv")
    nearest, topic = (Counter(row[name] for row in assigned) for name in ("nearest_topic", "topic"))
    fitted = Counter(row["topic"] for row in assigned if row["in_fit"])
    for row in topics:
        k = int(row["topic"])
        assert (int(row["size"]), int(row["nearest_size"]), int(row["fit_size"])) == (
            topic[k],
            nearest[k],
            fitted[k],
        )
        assert row["share"] == f"{topic[k] / 160:.4f}"
    counts = summary_of(result)["counts"]
    assert counts == {"papers": 160, "topics": len(topics), "outliers": topic[-1]}
    by_period = Counter((row["date"][:4], row["nearest_topic"]) for row in assigned if row["date"])
    firm = Counter((row["date"][:4], row["topic"]) for row in assigned if row["date"])
    totals = Counter(row["date"][:4] for row in assigned if row["date"])
    trends = rows(result / "trends.csv")
    assert sum(int(row["count"]) for row in trends) == sum(totals.values()) == 144
    for row in trends:
        place = row["period"], int(row["topic"])
        assert (int(row["count"]), int(row["total"]), int(row["core"])) == (
            by_period[place],
            totals[row["period"]],
            firm[place],
        )


def test_terms_are_those_of_all_papers_counted_at_once(result, files):
    run = open_run(result / "fit")
    vocabulary = Vocabulary.of(run.corpus, run.counts.terms, ())
    texts = {}
    for file in files:
        for place, line in enumerate(file.read_text().splitlines(), start=1):
            texts[file.name, place] = json.loads(line)
    assigned = parts(result).to_pylist()
    papers = [texts[row["file"], row["position"]] for row in assigned]
    counted = vocabulary.count(
        [row["title"] for row in papers], [row["abstract"] for row in papers]
    ).toarray()
    nearest = np.array([row["nearest_topic"] for row in assigned])
    wanted = {
        (k, term): (int(uses), int(users))
        for k in range(nearest.max() + 1)
        for term, uses, users in zip(
            vocabulary.terms,
            counted[nearest == k].sum(axis=0),
            (counted[nearest == k] > 0).sum(axis=0),
            strict=True,
        )
        if uses
    }
    found = pq.read_table(result / "terms.parquet").to_pylist()
    assert {(row["topic"], row["term"]): (row["uses"], row["papers"]) for row in found} == wanted
    for row in rows(result / "keywords.csv"):
        assert int(row["papers"]) == wanted[int(row["topic"]), row["term"]][1]


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
    assert fitted["notes"][0] == "100 papers drawn from 160, of each year the share that it has of them"
    assert fitted["inputs"] == summary["inputs"]
    assert fitted["config"]["map"]["title"] == "A sample of 100 of 160 papers"
    page = (result / "topics.md").read_text()
    between = sum(row["topic"] == -1 for row in assigned if row["in_fit"])
    unlike = sum(row["topic"] == -1 for row in assigned if not row["in_fit"])
    assert (
        f": {between} of the sample lie between its topics, and {unlike} of the others are unlike all" in page
    )


def test_a_sample_of_all_papers_is_a_usual_run(files, tmp_path):
    shards = {"papers_per_shard": 50, "fit_papers": 1000}
    other = story.run(config(files, shards=shards), LOCAL, output=tmp_path / "other")
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


def test_sums_of_vectors_are_exact(result, files):
    from topics.predict import Labeller
    from topics.shards.label import on_grid

    run = open_run(result / "fit")
    texts = {}
    for file in files:
        for place, line in enumerate(file.read_text().splitlines(), start=1):
            row = json.loads(line)
            texts[file.name, place] = f"{row['title']}. {row['abstract']}"
    assigned = parts(result).to_pylist()
    vectors, _ = Labeller(run).encode([texts[row["file"], row["position"]] for row in assigned])
    nearest = np.array([row["nearest_topic"] for row in assigned])
    for row in rows(result / "topics.csv"):
        k = int(row["topic"])
        mean = on_grid(vectors[nearest == k]).sum(axis=0) / 2.0**24
        cosine = mean @ run.clustering.centroids[k].astype(float) / np.linalg.norm(mean)
        assert float(row["mean_cosine"]) == pytest.approx(cosine, abs=6e-5)


def test_the_result_lists_what_it_holds(result):
    found = {path.name for path in result.iterdir()}
    assert (
        set(OUTPUTS)
        | {
            f"{name}.{kind}"
            for name in ("trends", "trend_heatmap", "trend_stream")
            for kind in ("png", "svg")
        }
        >= found
    )
    assert found >= set(OUTPUTS)
    files = summary_of(result)["files"]
    assert {name for name in files if "/" not in name} == found - {
        "run.json",
        "run.log",
        "assignments",
        "left_out",
        "fit",
    }


def test_papers_without_dates_have_no_trends_and_duplicates_can_be_kept(files, tmp_path):
    undated = tmp_path / "undated.jsonl"
    lines = [json.loads(line) for file in files for line in file.read_text().splitlines()]
    undated.write_text("".join(json.dumps({**line, "date": ""}) + "\n" for line in lines))
    other = story.run(config([undated], corpus={"duplicates": "keep"}), LOCAL, output=tmp_path / "other")
    assert not list(other.glob("trend*"))
    assert summary_of(other)["notes"][-1] == "No trends: No paper has a date; change over time needs dates."
    assert all(row["trend"] == "" for row in rows(other / "topics.csv"))
    assert summary_of(other)["account"] == {"files": 1, "records": 165, "kept": 164, "no abstract": 1}
    assert summary_of(other)["shards"]["twins"] == 0


def test_labels_of_a_language_model_are_said_to_be_its(files, tmp_path):
    stones = ["quartz", "basalt", "granite", "marble"]
    with Model(lambda body, number: stones[number]) as model:
        label = {"min_df": 2, "llm": {"url": model.url, "model": "small-1", "key_env": None}}
        other = story.run(config(files, label=label), LOCAL, output=tmp_path / "other")
    said = "Labels were worded by the language model small-1."
    assert said in (other / "topics.md").read_text()
    assert said in summary_of(other)["notes"]
    assert {row["label"] for row in parts(other).to_pylist()} == set(stones)
    assert summary_of(other / "fit")["llm"]["model"] == "small-1"


def test_the_command_runs_it_and_other_commands_open_the_sample(result, files, tmp_path):
    told = run_cli("run", *files, "--engine", "local", *COMMAND, "-o", tmp_path / "other")
    assert "topics in 160 papers" in told.output
    assert told.output.splitlines()[-1] == str(tmp_path / "other" / "run.log")
    assert tables(tmp_path / "other") == tables(result)
    refused = run_cli("show", tmp_path / "other", expect=2)
    assert f"{tmp_path / 'other' / 'fit'} is the run on its sample, which can be opened" in refused.output
    assert "topics in 100 papers" in run_cli("show", tmp_path / "other" / "fit").output


def test_the_command_takes_ray(files, result, monkeypatch, ray, tmp_path):
    """The Ray that is up in this process stands for the one that the command would start."""
    import contextlib

    monkeypatch.setattr("topics.shards.cluster.started", lambda address: contextlib.nullcontext(ray))
    run_cli("run", *files, "--engine", "ray", *COMMAND, "-o", tmp_path / "other", "-q")
    assert summary_of(tmp_path / "other")["shards"]["engine"] == "ray"
    assert tables(tmp_path / "other") == tables(result)


def test_a_result_is_replaced_by_a_usual_run_and_the_other_way_round(result, files, tmp_path):
    target = shutil.copytree(result, tmp_path / "result")
    (target / "notes.txt").write_text("mine")
    story.run(config(files), LOCAL, output=target)
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
        story.run(config([file]), LOCAL, output=tmp_path / "other")


def test_pruning_leaves_what_a_result_was_made_from(result, files, tmp_path):
    story.run(config(files), LOCAL, output=tmp_path / "other")
    cache = Path(os.environ["TOPICS_CACHE"])
    copied = shutil.copytree(cache, tmp_path / "cache")
    run_cli("cache", "--dir", copied, "prune", "--keep", tmp_path / "other")
    assert len(list((copied / "parts").iterdir())) == 1
    run_cli("cache", "--dir", copied, "prune", "--all")
    assert not list((copied / "parts").iterdir())
