"""It adds up: assignments, counts and sums are those of all papers at once."""

import json
from collections import Counter

import numpy as np
import pyarrow.parquet as pq
import pytest

from tests.conftest import rows, run_cli, summary_of
from tests.shards.conftest import parts
from topics.runs.run import open_run
from topics.shards.count import Vocabulary
from topics.shards.tables import OUTPUTS


def records_of(assigned, files):
    """The input's record of each paper."""
    lines = {file.name: file.read_text().splitlines() for file in files}
    return [json.loads(lines[row["file"]][row["position"] - 1]) for row in assigned]


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
    assert summary["shards"]["duplicates"] == 4
    assert summary["shards"]["sharing_an_identifier"] == 1


def test_counts_add_up(result):
    assigned = parts(result).to_pylist()
    topics = rows(result / "topics.csv")
    assert [row["name"] for row in topics] == [row["name"] for row in rows(result / "fit" / "topics.csv")]
    assert all(row["name"].startswith(row["label"]) for row in topics)
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
    assigned = parts(result).to_pylist()
    papers = records_of(assigned, files)
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


def test_sums_of_vectors_are_exact(result, files):
    from topics.runs.predict import Labeller
    from topics.shards.label import in_grid_steps

    run = open_run(result / "fit")
    assigned = parts(result).to_pylist()
    texts = [f"{row['title']}. {row['abstract']}" for row in records_of(assigned, files)]
    vectors, _ = Labeller(run).encode(texts)
    nearest = np.array([row["nearest_topic"] for row in assigned])
    for row in rows(result / "topics.csv"):
        k = int(row["topic"])
        mean = in_grid_steps(vectors[nearest == k]).sum(axis=0) / 2.0**24
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
        "stages.json",
        "assignments",
        "left_out",
        "fit",
    }
