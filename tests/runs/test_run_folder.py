"""docs/run-folder.md is true: every file is there, and is read without this package."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys

import numpy as np
import pytest

from tests.conftest import ROOT, rows, summary_of

PAGE = (ROOT / "docs" / "run-folder.md").read_text(encoding="utf-8")

READER = """
import json, pathlib, struct, sys
import numpy as np, pyarrow.parquet as pq

folder = pathlib.Path(sys.argv[1])
load = lambda name: np.load(folder / "data" / f"{name}.npy", allow_pickle=False)
value = lambda stage: json.loads((folder / "data" / stage / "value.json").read_text(encoding="utf-8"))
papers = pq.read_table(folder / "data/read/papers.parquet")
vectors, directions = load("embed/vectors"), load("cluster/directions")
grid = lambda x, bits: np.rint(x.astype(np.float64) * 2**bits) / 2**bits
cosines = grid(vectors, 24) @ grid(directions, 24).T
assert (cosines.argmax(axis=1) == load("cluster/nearest_topic")).all()
odds = np.exp((cosines - cosines.max(axis=1, keepdims=True)) / value("cluster")["temperature"])
assert np.allclose(1 / odds.sum(axis=1), load("cluster/probability"))
rows, closeness = load("novelty/rows"), load("novelty/closeness")
near = grid(vectors[rows], 11) @ grid(vectors[rows], 11).T
np.fill_diagonal(near, -2)
assert np.allclose(np.sort(near, axis=1)[:, -5:].mean(axis=1), closeness)
counts = np.load(folder / "data/count/matrix.npz", allow_pickle=False)
assert counts["shape"].tolist() == [papers.num_rows, len(value("count")["terms"])]
assert counts["indptr"][-1] == len(counts["data"]) == len(counts["indices"])
topics = value("label")["topics"]
assert [topic["size"] for topic in topics] == np.bincount(load("cluster/topic") + 1)[1:].tolist()
assert load("layout/coordinates").shape == (papers.num_rows, 2)
for file in sorted(folder.glob("data/**/*")):
    if file.suffix == ".npy":
        np.load(file, allow_pickle=False)
    elif file.suffix == ".json":
        json.loads(file.read_text(encoding="utf-8"))
    elif file.suffix == ".parquet":
        pq.read_table(file)
for file in sorted(folder.glob("model/*.safetensors")):
    content = file.read_bytes()
    (length,) = struct.unpack("<Q", content[:8])
    parts = json.loads(content[8 : 8 + length])
    ends = [part["data_offsets"][1] for name, part in parts.items() if name != "__metadata__"]
    assert 8 + length + max(ends) == len(content)
json.loads((folder / "model/topics.json").read_text(encoding="utf-8"))
print(sorted(name for name in sys.modules if name.partition(".")[0] in ("topics", "bertopic", "scipy")))
"""


@pytest.mark.parametrize("name", ["seed_run", "lsa_run"])
def test_a_run_is_read_with_json_numpy_and_pyarrow_alone(name, request, tmp_path):
    script = tmp_path / "reader.py"
    script.write_text(READER, encoding="utf-8")
    arguments = [sys.executable, "-I", str(script), str(request.getfixturevalue(name))]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "[]"), done.stderr


def test_the_page_names_every_file_and_no_other(seed_run, lsa_run):
    tables = {"data": PAGE.split("## data/")[1].split("## model/")[0], "model": PAGE.split("## model/")[1]}
    for place, text in tables.items():
        cells = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
        named = {name for cell in cells for name in re.findall(r"`([^`]+)`", cell)}
        found = {
            path.relative_to(run / place).as_posix()
            for run in (seed_run, lsa_run)
            for path in (run / place).rglob("*")
            if path.is_file()
        }
        assert named == found


def test_the_form_and_the_digests_are_what_the_page_says(seed_run):
    summary = summary_of(seed_run)
    assert f"`paper_topics.format` is **{summary['paper_topics']['format']}**" in PAGE
    for name, digest in summary["files"].items():
        assert hashlib.sha256((seed_run / name).read_bytes()).hexdigest() == digest
    digest = summary.pop("digest")
    text = json.dumps(summary, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert hashlib.sha256(text.encode()).hexdigest() == digest
    files = {path.relative_to(seed_run).as_posix() for path in seed_run.rglob("*") if path.is_file()}
    assert files - set(summary["files"]) <= {"run.json", "run.log", "stages.json"}


def test_the_saved_model_opens_in_bertopic_and_transforms_vectors(seed_run):
    from bertopic import BERTopic

    model = BERTopic.load(str(seed_run / "model"))
    vectors = np.load(seed_run / "data" / "embed" / "vectors.npy")
    found, _ = model.transform([""] * len(vectors), vectors)
    topic = np.load(seed_run / "data" / "cluster" / "topic.npy")
    assert (found == topic).mean() > 0.8
    topics = len(rows(seed_run / "topics.csv"))
    assert len(set(model.topics_) - {-1}) == topics
    placed, _ = model.transform(["x"] * topics, np.asarray(model.topic_embeddings_)[-topics:])
    assert list(placed) == list(range(topics))
    assert "torch" not in sys.modules
