"""The topics of 500 papers, in any order of them, on one core and all, with any number of threads."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from tests.conftest import ROOT
from tests.shards.made import GLUE, SUBJECTS

PAPERS = 500
LIMITS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


def mixed(random):
    """A paper between two subjects, so that topics have no clear bounds."""
    one, other = (words.split() for words in random.permutation(list(SUBJECTS.values()))[:2])
    share = random.uniform(0.5, 1)
    words = [random.choice(one if random.random() < share else other) for _ in range(30)]
    glue = random.choice(GLUE, 30).tolist()
    return " ".join(word for pair in zip(words, glue, strict=True) for word in pair)


@pytest.fixture(scope="module")
def papers():
    """Texts, and vectors around twelve means that lie close together."""
    random = np.random.default_rng(11)
    records = [
        {"id": f"p{number}", "title": f"On {number}", "abstract": mixed(random), "date": "2020"}
        for number in range(PAPERS)
    ]
    means = random.normal(size=(12, 48))
    vectors = means[random.integers(0, 12, PAPERS)] + random.normal(0, 1.1, (PAPERS, 48))
    return records, vectors.astype(np.float32)


def fit(folder, papers, encoder, order=None, cores=None, threads=None):
    """What `tests.fitting` prints, with an empty cache."""
    folder.mkdir(exist_ok=True)
    records, vectors = papers
    order = np.arange(PAPERS) if order is None else order
    file = folder / "papers.jsonl"
    file.write_text("".join(json.dumps(records[row]) + "\n" for row in order))
    np.save(folder / "vectors.npy", vectors[order])
    config = {
        "corpus": {"papers": [str(file)], "reference_date": "2026-06-01"},
        "embed": {"encoder": encoder if encoder == "lsa" else str(folder / encoder)},
        "cache": {"dir": str(folder / "cache")},
    }
    environment = {name: value for name, value in os.environ.items() if name not in LIMITS}
    if threads:
        environment |= dict.fromkeys(LIMITS, str(threads))

    def choose_cores():
        if cores:
            os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:cores])

    done = subprocess.run(
        [sys.executable, "-m", "tests.fitting", json.dumps(config)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        preexec_fn=choose_cores,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module", params=["lsa", "vectors.npy"])
def encoder(request):
    return request.param


@pytest.fixture(scope="module")
def usual(tmp_path_factory, papers, encoder):
    found = fit(tmp_path_factory.mktemp("usual"), papers, encoder)
    assert len(found) == PAPERS
    assert len({topic for topic, _ in found.values()}) > 3
    return found


def test_any_order_of_the_papers(usual, papers, encoder, tmp_path):
    order = np.random.default_rng(3).permutation(PAPERS)
    assert fit(tmp_path, papers, encoder, order=order) == usual


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system lets nobody choose the cores")
def test_one_core_or_all(usual, papers, encoder, tmp_path):
    assert fit(tmp_path, papers, encoder, cores=1) == usual


@pytest.mark.parametrize("threads", [1, 4])
def test_any_number_of_threads(usual, papers, encoder, tmp_path, threads):
    assert fit(tmp_path, papers, encoder, threads=threads) == usual
