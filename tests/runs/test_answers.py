"""`topics label`: every record of the input comes out once, labelled or with the reason why not."""

from __future__ import annotations

import csv
import json

import numpy as np
import pyarrow.parquet as pq
import pytest

from tests.conftest import SEED, rows, run_cli
from tests.runs.test_predict import BIRDS, PRIVATE
from topics.runs.predict import RESULTS


def lines(*records):
    return "\n".join(json.dumps(record) if isinstance(record, dict) else record for record in records) + "\n"


@pytest.fixture
def papers(tmp_path):
    file = tmp_path / "new.jsonl"
    file.write_text(
        lines(
            {"id": "p", "title": "=Privacy", "abstract": PRIVATE, "label": "mine", "tags": ["a", "b"]},
            {"id": "b", "title": "Gulls", "abstract": BIRDS, "year": 2020},
            "not json",
            {"id": "s", "title": "Short", "abstract": "Three words only."},
            {"id": "p", "title": "=Privacy", "abstract": PRIVATE},
        ),
        encoding="utf-8",
    )
    return file


def test_the_runs_own_file_gets_the_runs_table(seed_run, tmp_path):
    done = run_cli("label", seed_run, SEED, "-o", tmp_path / "own.csv")
    assert "50 records read, 50 labelled, 50 of them in the run already." in done.stderr
    for found, run in zip(rows(tmp_path / "own.csv"), rows(seed_run / "assignments.csv"), strict=True):
        assert [found[name] for name in ("id", "title", "topic", "nearest_topic", "label")] == [
            run[name] for name in ("id", "title", "topic", "nearest_topic", "label")
        ]
        assert float(found["probability"]) == pytest.approx(float(run["probability"]), abs=1e-4)
        assert found["in_run"] == run["id"]
        assert found["left_out"] == ""


def test_every_record_has_its_row_and_its_own_columns(seed_run, papers, tmp_path):
    done = run_cli("label", seed_run, papers, "-o", tmp_path / "out.csv")
    assert "5 records read, 3 labelled; 2 without a topic: 1 unreadable, 1 with too short" in done.stderr
    assert "1 of 3 new papers (33.3%) are unlike all papers of the run and got topic -1" in done.stderr
    found = rows(tmp_path / "out.csv")
    assert list(found[0]) == ["id", "title", "abstract", "input_label", "tags", "year", *RESULTS]
    assert [row["id"] for row in found] == ["p", "b", "", "s", "p"]
    assert [row["position"] for row in found] == ["1", "2", "3", "4", "5"]
    assert [row["left_out"].partition(":")[0] for row in found] == ["", "", "broken", "short abstract", ""]
    assert [row["topic"] == "-1" for row in found] == [False, True, False, False, False]
    assert found[0]["title"] == "'=Privacy"
    assert (found[0]["input_label"], found[0]["label"]) == ("mine", found[4]["label"])
    assert {row["topic"] for row in found[2:4]} == {row["familiarity"] for row in found[2:4]} == {""}
    asked = run_cli("label", seed_run, papers, "--set", "corpus.min_abstract_words=0", "--abstain", "0")
    printed = list(csv.DictReader(asked.stdout.splitlines()))
    assert [row["topic"] not in ("", "-1") for row in printed] == [True, True, False, True, True]
    assert {name: value for name, value in printed[0].items() if name != "topic"} == {
        name: value for name, value in found[0].items() if name != "topic"
    }


def test_parquet_and_json_lines_say_the_same(seed_run, papers, tmp_path):
    for end in ("csv", "parquet", "jsonl"):
        run_cli("label", seed_run, papers, "-o", tmp_path / f"out.{end}", "-q")
    table = pq.read_table(tmp_path / "out.parquet").to_pylist()
    objects = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text("utf-8").splitlines()]
    assert objects[0]["tags"] == ["a", "b"]
    for row, typed, record in zip(rows(tmp_path / "out.csv"), table, objects, strict=True):
        assert [*row] == [*typed] == [*record]
        assert [typed[name] for name in ("topic", "label", "in_run", "left_out", "position")] == [
            record[name] for name in ("topic", "label", "in_run", "left_out", "position")
        ]
        assert row["topic"] == ("" if typed["topic"] is None else str(typed["topic"]))
        assert typed["familiarity"] == pytest.approx(record["familiarity"], abs=1e-6)


def test_vectors_can_come_from_a_file(vectors_run, papers, tmp_path):
    refused = run_cli("label", vectors_run, papers, expect=2)
    assert "cannot read new papers; give their vectors" in refused.output
    np.save(tmp_path / "new.npy", np.load(vectors_run / "data" / "embed" / "vectors.npy")[[3, 8, 0, 0, 3]])
    run_cli("label", vectors_run, papers, "--vectors", tmp_path / "new.npy", "-o", tmp_path / "out.csv")
    found, run = rows(tmp_path / "out.csv"), rows(vectors_run / "assignments.csv")
    assert [found[row]["nearest_topic"] for row in (0, 1, 4)] == [
        run[row]["nearest_topic"] for row in (3, 8, 3)
    ]
    np.save(tmp_path / "few.npy", np.ones((2, 384)))
    refused = run_cli("label", vectors_run, papers, "--vectors", tmp_path / "few.npy", expect=2)
    assert "has 2 vectors for 5 papers (3 kept)" in refused.output


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["-o", "out.txt"], "name a file that ends in one of .csv (CSV), .parquet (Parquet), .jsonl"),
        (["--set", "label.keywords=4"], "--set label.keywords: only corpus settings can change here"),
        (["--set", "sk-secret"], "Error: --set: only corpus settings can change here"),
        (["--set", "corpus.nothing=4"], "unknown key corpus.nothing"),
        (
            ["--set", "corpus.min_abstract_words=900"],
            "None of 5 records has a text to label; the first is left",
        ),
        (["--vectors", "nowhere.npy"], "nowhere.npy cannot be read"),
    ],
)
def test_a_mistake_is_one_sentence_and_writes_nothing(
    seed_run, papers, arguments, sentence, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    done = run_cli(
        "label",
        seed_run,
        papers,
        *(arguments if "-o" in arguments else [*arguments, "-o", "o.csv"]),
        expect=2,
    )
    assert sentence in done.output
    assert done.output.count("\n") == 1
    assert sorted(tmp_path.rglob("*")) == before


def test_an_input_is_not_overwritten(seed_run, papers):
    done = run_cli("label", seed_run, papers, "-o", papers, expect=2)
    assert "is one of the files to label" in done.output
