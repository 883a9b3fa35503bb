"""The command line on real papers."""

import csv
import gzip
import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from tests.conftest import QUICK, ROOT, SEED, pictures, rows, run_cli, stages_of, summary_of
from topics.cli import main
from topics.output.tables import OUTPUTS
from topics.output.trends.gallery import TREND_PLOTS
from topics.output.trends.tables import TABLES
from topics.runs.run import open_run
from topics.types import clusters

TREND_PICTURES = pictures(TREND_PLOTS)


def test_pictures_of_trends_are_drawn_where_a_verdict_is_carried(tmp_path, monkeypatch):
    from topics.types import Trends

    monkeypatch.setattr(Trends, "telling", True)
    run_cli("run", SEED, "-o", tmp_path / "run", *QUICK, "--set", f"cache.dir={tmp_path / 'cache'}")
    assert {path.name for path in (tmp_path / "run").iterdir()} == set(OUTPUTS)


def test_run_on_papers_alone_writes_everything(quick_run):
    assert {path.name for path in quick_run.iterdir()} == set(OUTPUTS) - TREND_PICTURES
    papers = rows(quick_run / "assignments.csv")
    assert len(papers) == 50
    assert (
        list(papers[0])
        == (
            "id title date topic nearest_topic probability label x y "
            "second_topic second_label second_probability between"
        ).split()
    )
    assert all(0 <= float(paper["probability"]) <= 1 for paper in papers)
    topics = rows(quick_run / "topics.csv")
    assert sum(int(topic["size"]) for topic in topics) == sum(paper["topic"] != "-1" for paper in papers)
    assert sum(int(topic["nearest_size"]) for topic in topics) == 50
    keywords = rows(quick_run / "keywords.csv")
    assert {row["topic"] for row in keywords} == {row["topic"] for row in topics}


def test_second_run_computes_nothing_and_gives_the_same_bytes(quick_run, tmp_path):
    run_cli("run", SEED, "-o", tmp_path / "again", *QUICK)
    summary = summary_of(tmp_path / "again")
    assert all(stage["cached"] for stage in stages_of(tmp_path / "again").values())
    first = summary_of(quick_run)
    assert summary["files"] == first["files"]


def test_forced_stage_gives_the_same_bytes(quick_run, tmp_path):
    result = run_cli("run", SEED, "-o", tmp_path / "again", *QUICK, "--force", "embed")
    assert "read         from cache" in result.output
    summary = summary_of(tmp_path / "again")
    assert [name for name, stage in stages_of(tmp_path / "again").items() if stage["cached"]] == [
        "count",
        "read",
    ]
    first = summary_of(quick_run)
    assert summary["files"] == first["files"]


def test_map_settings_draw_again_and_embed_nothing(quick_run, tmp_path):
    run_cli("run", SEED, "-o", tmp_path / "dark", *QUICK, "--set", "map.theme=dark")
    summary = summary_of(tmp_path / "dark")
    assert [name for name, stage in stages_of(tmp_path / "dark").items() if not stage["cached"]] == [
        "maps",
        "report",
        "trend_files",
    ]
    first = summary_of(quick_run)
    changed = {name for name, digest in summary["files"].items() if digest != first["files"][name]}
    drawn = {"map.png", "map.svg", "report.html"}
    assert drawn <= changed <= {*drawn, "map.html"}


def test_another_number_of_topics_embeds_nothing(quick_run, tmp_path):
    number = len(open_run(quick_run).levels.others[-1])
    run_cli("run", SEED, "-o", tmp_path / "run", *QUICK, "--set", f"cluster.n_topics={number}")
    cached = {name: stage["cached"] for name, stage in stages_of(tmp_path / "run").items()}
    assert {"read", "embed", "count", "neighbours", "layout"} <= {name for name in cached if cached[name]}
    assert not cached["cluster"]
    assert summary_of(tmp_path / "run")["counts"]["topics"] == number


def test_numbers_of_topics_that_are_nearly_as_good_are_told_at_the_end(tmp_path, monkeypatch):
    monkeypatch.setattr(clusters, "NEARLY_AS_GOOD", 10.0)
    end = run_cli("run", SEED, "-o", tmp_path / "run", *QUICK).stdout
    levels = open_run(tmp_path / "run").levels
    *first, last = [len(level) for level in levels.others]
    told = f"{len(levels.own)} topics; {', '.join(map(str, first))} and {last} hold nearly as well: --set"
    assert end.count(told) == 1
    assert end.index(told) < end.index("\ntopic  papers")


def test_until_fills_the_cache_and_writes_no_run(tmp_path):
    result = run_cli("run", SEED, "-o", tmp_path / "run", *QUICK, "--until", "embed")
    assert "Stopped after embed" in result.output
    assert list(tmp_path.iterdir()) == []


def test_until_and_force_that_do_not_meet_are_refused():
    told = run_cli("run", SEED, "--until", "cluster", "--force", "label", expect=2).output
    assert "--until cluster needs nothing that --force label does again; leave one out" in " ".join(
        told.split()
    )


def test_until_computes_what_the_stage_needs_and_nothing_else(tmp_path):
    cache = tmp_path / "cache"
    run_cli("run", SEED, *QUICK, "--set", f"cache.dir={cache}", "--until", "layout")
    done = {path.parent.parent.name for path in cache.glob("*/*/manifest.json")}
    assert done == {"read", "embed", "neighbours", "layout"}


def test_csv_with_own_columns_keeps_them(tmp_path):
    import pyarrow.parquet as pq

    listing = SEED.read_text(encoding="utf-8").splitlines()
    path = tmp_path / "papers.csv.gz"
    with gzip.open(path, "wt", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["Title", "Summary", "Year", "my score", "topic"])
        for number in range(0, len(listing), 3):
            writer.writerow([listing[number + 1], listing[number + 2], 2023, number, "theirs"])
    run_cli("run", path, "-o", tmp_path / "run", "--set", "embed.encoder=lsa")
    table = pq.read_table(tmp_path / "run" / "assignments.parquet")
    assert table.column("my score").to_pylist() == [str(n) for n in range(0, len(listing), 3)]
    assert set(table.column("input_topic").to_pylist()) == {"theirs"}
    assert set(table.column("date").to_pylist()) == {"2023"}


def test_papers_of_one_year_make_a_run_without_trends_that_says_so(tmp_path):
    from topics.runs.run import open_run

    listing = SEED.read_text(encoding="utf-8").splitlines()
    lines = [
        json.dumps({"title": title, "authors": "Ito, A.", "abstract": abstract, "date": "2023"})
        for title, abstract in zip(listing[1::3], listing[2::3], strict=True)
    ]
    (tmp_path / "p.jsonl").write_text("\n".join(lines), encoding="utf-8")
    why = "No trends: All dated papers (50) are of 2023; a trend needs at least two periods."
    assert f"Note: {why}" in run_cli("check", tmp_path / "p.jsonl").output
    printed = run_cli(
        "run", tmp_path / "p.jsonl", "-o", tmp_path / "run", "--set", "embed.encoder=lsa"
    ).output
    assert printed.count("No trends") == 1
    summary = summary_of(tmp_path / "run")
    assert summary["notes"] == [why]
    written = {path.name for path in (tmp_path / "run").iterdir()}
    assert written == set(OUTPUTS) - set(TABLES) - TREND_PICTURES
    assert "over time" not in (tmp_path / "run" / "topics.md").read_text(encoding="utf-8").lower()
    assert {row["trend"] for row in rows(tmp_path / "run" / "topics.csv")} == {""}
    refused = run_cli("trends", tmp_path / "run", expect=2).output
    assert refused == f"Error: {why.removeprefix('No trends: ')}\n"
    spans = ("--before", "2022", "--after", "2023")
    refused = run_cli("compare", tmp_path / "run", *spans, expect=2).output
    assert refused == "Error: No paper is dated in 2022; the dates range from 2023 to 2023.\n"
    kept = open_run(tmp_path / "run").trends
    assert (kept.periods, kept.counts.shape[1], len(kept.tests)) == ((), 0, kept.counts.shape[0])


def test_dates_that_are_too_coarse_are_refused_before_anything_is_embedded(tmp_path):
    import os

    long = "a study of many things that are said in more than ten words for a test of"
    lines = [
        json.dumps({"title": f"{n}", "abstract": f"{long} {n}", "date": str(2010 + n)}) for n in range(9)
    ]
    (tmp_path / "p.jsonl").write_text("\n".join(lines), encoding="utf-8")
    before = sorted((Path(os.environ["TOPICS_CACHE"]) / "embed").glob("*"))
    for command in (["check"], ["run", "-o", tmp_path / "run"]):
        result = run_cli(*command, tmp_path / "p.jsonl", "--set", "trends.period=month", expect=2)
        assert (
            "trends.period is month, but of 9 of the 9 dated papers only the year is known" in result.output
        )
    assert not (tmp_path / "run").exists()
    assert sorted((Path(os.environ["TOPICS_CACHE"]) / "embed").glob("*")) == before


def test_default_folder_is_named_after_the_input(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copy(SEED, "my papers.txt")
    result = run_cli("run", "my papers.txt", *QUICK, "--quiet")
    lines = result.output.split("\n")
    assert Path("outputs/my-papers/topics.md").exists()
    assert str(Path("outputs/my-papers/topics.md")) in lines


@pytest.mark.parametrize(
    ("arguments", "folder", "heading"),
    [
        (("a.ris", "b.nbib"), "a-b", None),
        ((*(f"{'long' * 9}-{n}.ris" for n in range(3)),), f"{'long' * 9}-0-and-2-more", None),
        (("a.ris", "b.nbib", "--name", " Cartilage: repair  review"), "Cartilage-repair-review",
         "Cartilage: repair review"),
        (("a.ris", "--name", "A", "--set", "map.title=B"), "A", "B"),
    ],
)  # fmt: skip
def test_a_run_is_called_after_all_its_files_or_as_asked(monkeypatch, arguments, folder, heading):
    """The name is that of the folder, the title stands above report and maps."""
    seen = []
    monkeypatch.setattr("topics.runner.run", lambda config, **_: seen.append(config))
    run_cli("run", *arguments, "--until", "read")
    assert (seen[0].name, seen[0].map.title) == (folder, heading)


def test_check_counts_and_loads_no_model(tmp_path):
    result = run_cli("check", ROOT / "configs" / "seed.yaml")
    assert "50 records read from 1 file: 50 kept" in result.output
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["default", "seed", "large", "distilled"])
def test_every_config_passes_check(name):
    run_cli("check", ROOT / "configs" / f"{name}.yaml", SEED)


def test_init_writes_a_config_that_works_and_never_overwrites(tmp_path):
    path = tmp_path / "my.yaml"
    run_cli("init", path)
    run_cli("check", path, SEED)
    before = path.read_bytes()
    result = run_cli("init", path, expect=2)
    assert "is there already" in result.output
    assert path.read_bytes() == before


def test_show_prints_topics_papers_and_json(quick_run):
    listed = run_cli("show", quick_run).output
    assert "50 records read from 1 file: 50 kept" in listed
    assert "3 records: a date without a year" in listed
    topics = rows(quick_run / "topics.csv")
    assert all(topic["label"][:15] in listed for topic in topics)
    page = run_cli("show", quick_run, "--topic", 0).output
    assert page.startswith(f"Topic 0: {topics[0]['label']}")
    assert "Subtopics" not in page
    papers = json.loads(run_cli("show", quick_run, "--topic", 0, "--json").output)["papers"]
    assert len(papers) == int(topics[0]["size"])
    assert all(paper["title"] in page for paper in papers)
    everything = json.loads(run_cli("show", quick_run, "--json").output)
    assert [topic["label"] for topic in everything["topics"]] == [topic["label"] for topic in topics]
    outliers = json.loads(run_cli("show", quick_run, "--topic", -1, "--json").output)["papers"]
    assert len(outliers) == everything["counts"]["outliers"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["run", "none.csv"], "There is no file none.csv"),
        (["run", "none.yaml"], "none.yaml: no such config file; `topics init` writes one"),
        (["run", "empty.csv"], "empty.csv is empty"),
        (["run", "names.csv"], "abstract"),
        (["run", "utf16.jsonl"], "utf16.jsonl"),
        (["run", "bad.yaml"], "bad.yaml: unknown key cluster.min_size; did you mean min_cluster_size?"),
        (["run", "a.yaml", "b.yaml"], "give one config, not a.yaml and b.yaml"),
        (
            ["run", "bare.yaml"],
            "bare.yaml: corpus.papers is empty; name paper files there or on the command line",
        ),
        (["run", "papers.txt", "-o", "full"], "full holds files but is not a run of topics"),
        (["run", "papers.txt", "--set", "map.theme=red"], "map.theme is 'red', but must be light or dark"),
        (["check", "papers.txt", "--set", "map.color=colour"], 'map.color "colour" is neither topic'),
        (["run", "papers.txt", "--set", "map.color=colour"], 'map.color "colour" is neither topic'),
        (
            ["run", "papers.txt", "--set", "cluster.n_topics=30"],
            "cluster.n_topics is 30, but 50 papers can make 25 topics at most",
        ),
        (["run", "two.csv"], "2 papers are too few; give at least 5"),
        (["check", "two.csv"], "2 papers are too few; give at least 5"),
        (["run", "one.csv"], "1 paper is too few; give at least 5"),
        (["check", "one.csv"], "1 paper is too few; give at least 5"),
        (["check", "papers.txt", "-o", "one.csv/run"], "one.csv cannot be written (Not a directory)"),
        (["run", "papers.txt", "-o", "one.csv/run"], "one.csv cannot be written (Not a directory)"),
        (["check", "papers.txt", "--set", "embed.encoder=/none"], "/none is not a folder"),
        (["check", "papers.txt", "--set", "embed.model_dir=none"], "model.safetensors cannot be read"),
        (["check", "papers.txt", "--set", "embed.encoder=two.npy"], "two.npy has 2 vectors for 50 papers"),
        (["check", "papers.txt", "guided.yaml"], "guide.topics, 'alignment': no paper 'none' was kept"),
        (["run", "papers.txt", "guided.yaml"], "guide.topics, 'alignment': no paper 'none' was kept"),
        (
            ["check", "none.txt", "--set", "cluster.method=hdbscan", "--set", "cluster.n_topics=5"],
            "cluster.n_topics does not work with cluster.method hdbscan",
        ),
        (["check", "papers.txt", "--name", "?!"], "--name: '?!' has no letter or digit"),
        (["show", "full"], "full is not a run of topics: it has no readable run.json"),
        (["show", "nowhere"], "nowhere: no such run"),
    ],
)
def test_bad_input_is_one_sentence_exit_2_and_nothing_written(tmp_path, monkeypatch, arguments, sentence):
    monkeypatch.chdir(tmp_path)
    long = "a study of many things that are said in more than ten words for a test"
    Path("empty.csv").touch()
    Path("names.csv").write_text("name,age\nAda,36\n")
    Path("utf16.jsonl").write_bytes(b'\xff\xfe{\x00"\x00\xd8')
    Path("bad.yaml").write_text("cluster:\n  min_size: 5\n")
    Path("a.yaml").touch()
    Path("b.yaml").touch()
    Path("bare.yaml").touch()
    Path("one.csv").write_text(f"title,abstract\none,{long}\n")
    Path("two.csv").write_text(f"title,abstract\none,{long}\ntwo,{long} again\n")
    Path("guided.yaml").write_text("guide:\n  topics:\n    - {name: alignment, papers: [none]}\n")
    np.save("two.npy", np.eye(2))
    shutil.copy(SEED, "papers.txt")
    Path("full").mkdir()
    Path("full/thesis.docx").touch()
    before = sorted(Path().rglob("*"))

    result = run_cli(*arguments, expect=2)

    assert sentence in result.output
    assert "Traceback" not in result.output
    assert result.output.rstrip().split("\n")[-1].startswith("Error: ")
    assert sorted(Path().rglob("*")) == before


@pytest.mark.parametrize("arguments", [(), ("--json",)])
@pytest.mark.parametrize("topic", [99, -2])
def test_no_such_topic(quick_run, topic, arguments):
    result = run_cli("show", quick_run, "--topic", topic, *arguments, expect=2)
    assert f"has no topic {topic}; its topics are 0 to" in result.output


def test_control_signs_do_not_reach_the_terminal(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = run_cli("run", "\x1b[31mred.csv", expect=2)
    assert "\x1b" not in result.output


def test_damaged_cache_entry_is_reported_and_done_again(quick_run, tmp_path):
    import os

    entry = Path(os.environ["TOPICS_CACHE"]) / "tables" / stages_of(quick_run)["tables"]["key"]
    (entry / "topics.csv").write_text("damaged")
    result = run_cli("run", SEED, "-o", tmp_path / "again", *QUICK)
    assert "the cached stage tables is damaged (topics.csv); it is computed anew" in result.output
    first = summary_of(quick_run)
    assert summary_of(tmp_path / "again")["files"] == first["files"]


def test_a_reader_that_has_seen_enough_ends_the_command_quietly(quick_run):
    command = f"{sys.executable} -m topics show {quick_run} | true"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, cwd=ROOT)
    assert "nothing was written" not in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        OSError(12, "Cannot allocate memory", "papers.csv"),
        ImportError("x.so: failed to map segment from shared object"),
        RuntimeError("can't start new thread"),
    ],
)
def test_every_want_of_memory_is_one_sentence(monkeypatch, error):
    def short(*_, **__):
        raise error

    monkeypatch.setattr("topics.cache.store.default_cache_dir", short)
    told = run_cli("cache", expect=2).output
    assert told.startswith("Error: There is not enough memory for this; finished stages are kept")
    assert told.count("\n") == 1


@pytest.mark.parametrize("error", [RuntimeError("odd"), ImportError("odd")])
def test_other_errors_keep_their_traceback(monkeypatch, error):
    def odd(*_, **__):
        raise error

    monkeypatch.setattr("topics.cache.store.default_cache_dir", odd)
    assert CliRunner().invoke(main, ["cache"]).exception is error
