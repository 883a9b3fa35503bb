"""The user's 50 papers through the whole way with the real encoder, UMAP, HDBSCAN and BERTopic."""

import json

import numpy as np
import pytest

from tests.conftest import ROOT, rows, run_cli, summary_of
from tests.output.maps.test_static import TOLERANCE, difference, picture
from topics.embed.minilm import MiniLM
from topics.runs.run import open_run

pytestmark = pytest.mark.slow

THEMES = {
    "private": ["Strong Differentially Private Learners", "Closer Look at the Calibration"],
    "watermark": ["Distortion-free Watermarks", "Learnability of Watermarks"],
    "self-supervised": ["Evaluating Self-Supervised Learning", "Improving Self-Supervised Learning"],
    "distribution": ["Parametric Likelihood Ratios", "WILDS Benchmark"],
    "pretraining": ["Perplexity Correlations", "Bitter Lesson for Data Filtering"],
}
GENERIC = {"model", "models", "language model", "language models", "learning", "data", "training", "methods"}
STOP = {
    "a",
    "an",
    "and",
    "as",
    "at",
    "by",
    "for",
    "from",
    "in",
    "is",
    "of",
    "on",
    "or",
    "that",
    "the",
    "to",
    "we",
    "with",
}


def test_the_themes_are_topics_of_their_own_and_their_words_say_so(seed_run):
    topics, papers = rows(seed_run / "topics.csv"), rows(seed_run / "assignments.csv")
    assert 7 <= len(topics) <= 14
    found = {}
    for word, titles in THEMES.items():
        places = {p["nearest_topic"] for p in papers for title in titles if title in p["title"]}
        assert len(places) == 1, f"{word}: {places}"
        found[word] = places.pop()
        topic = topics[int(found[word])]
        assert word in f"{topic['label']}; {topic['keywords']}".lower()
    assert len(set(found.values())) == len(THEMES)


def test_labels_are_phrases(seed_run):
    papers = json.loads((ROOT / "tests" / "data" / "hashimoto.json").read_text(encoding="utf-8"))
    authors = {author.lower() for paper in papers for author in paper["authors"]}
    assert len(authors) > 60
    labels = [topic["label"] for topic in rows(seed_run / "topics.csv")]
    assert len({label.lower() for label in labels}) == len(labels)
    for label in labels:
        words = label.lower().split()
        assert words[0] not in STOP
        assert words[-1] not in STOP
        assert label.lower() not in GENERIC
        assert not any(author in label.lower() for author in authors)
        assert not any(author.split()[-1] in words for author in authors)


def test_every_paper_is_placed_and_few_are_outliers(seed_run):
    papers = rows(seed_run / "assignments.csv")
    assert len(papers) == 50
    assert sum(paper["topic"] == "-1" for paper in papers) <= 7
    assert all(int(paper["nearest_topic"]) >= 0 for paper in papers)
    summary = summary_of(seed_run)
    assert summary["account"]["kept"] == 50
    assert summary["encoder"].startswith("all-MiniLM-L6-v2, fp32")


def test_another_processors_last_bits_give_the_same_topics_and_labels(seed_run, tmp_path, monkeypatch):
    """Every entry of every vector, of papers and of phrases, is moved by its last bit."""
    encode, generator = MiniLM.encode, np.random.default_rng(0)

    def moved(self, texts, progress=None):
        vectors = encode(self, texts, progress)
        towards = np.where(generator.random(vectors.shape) < 0.5, -np.inf, np.inf).astype(np.float32)
        return np.nextafter(vectors, towards)

    monkeypatch.setenv("TOPICS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(MiniLM, "encode", moved)
    run_cli("run", ROOT / "configs" / "seed.yaml", "-o", tmp_path / "run")
    ours, theirs = (open_run(folder) for folder in (seed_run, tmp_path / "run"))
    assert (ours.embeddings.vectors != theirs.embeddings.vectors).mean() > 0.9
    assert np.array_equal(ours.clustering.topic, theirs.clustering.topic)
    assert np.array_equal(ours.clustering.nearest_topic, theirs.clustering.nearest_topic)
    for column in ("label", "size", "keywords", "representative_ids", "subtopics"):
        assert [topic[column] for topic in rows(tmp_path / "run" / "topics.csv")] == [
            topic[column] for topic in rows(seed_run / "topics.csv")
        ]


def test_the_committed_result_is_in_step_with_the_code(seed_run):
    committed, fresh = rows(ROOT / "outputs" / "seed" / "topics.csv"), rows(seed_run / "topics.csv")
    assert list(committed[0]) == list(fresh[0])
    same = {topic["label"] for topic in committed} & {topic["label"] for topic in fresh}
    # Other processors add in another order, and a paper between two topics may change sides.
    assert len(same) >= 0.75 * len(committed)
    page = (ROOT / "outputs" / "seed" / "topics.md").read_text(encoding="utf-8")
    fresh_page = (seed_run / "topics.md").read_text(encoding="utf-8")
    assert page.splitlines()[2] == fresh_page.splitlines()[2]


def test_the_committed_run_has_the_same_files_and_the_same_map(seed_run):
    committed, fresh = (summary_of(folder) for folder in (ROOT / "outputs" / "seed", seed_run))
    assert set(committed["files"]) == set(fresh["files"])
    # Another processor lays other places out; where they are the same, the picture is too.
    if committed["files"]["assignments.csv"] == fresh["files"]["assignments.csv"]:
        drawn = picture(seed_run / "map.png")
        assert difference(drawn, picture(ROOT / "outputs" / "seed" / "map.png")) < TOLERANCE


def test_a_second_run_gives_the_same_bytes(seed_run, tmp_path):
    run_cli("run", ROOT / "configs" / "seed.yaml", "-o", tmp_path / "again", "--force", "read", "-q")
    first = summary_of(seed_run)["files"]
    assert summary_of(tmp_path / "again")["files"] == first
