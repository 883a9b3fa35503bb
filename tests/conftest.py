"""Shared by all tests: a cache of their own, finished runs of the seed corpus, and what reads them."""

import csv
import json
import os
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.browser import chromium, pytest_collection_modifyitems, pytest_configure, visit  # noqa: F401
from tests.invented import SUBJECTS, grouped, papers_of, topics_of

ROOT = Path(__file__).parent.parent
SEED = ROOT / "seeds" / "hashimoto.txt"
QUICK = ("--set", "embed.encoder=lsa", "--set", "corpus.reference_date=2026-06-01")


@pytest.fixture(scope="session", autouse=True)
def _own_surroundings(tmp_path_factory):
    os.environ["TOPICS_CACHE"] = str(tmp_path_factory.mktemp("cache"))
    # pytest-xdist sets it, and tables would be as narrow as a terminal.
    os.environ.pop("COLUMNS", None)


def run_cli(*arguments, expect=0):
    """Run the command line; fails the test when it ends with another exit code, unless `expect` is None."""
    from topics.cli import main

    result = CliRunner().invoke(main, [str(argument) for argument in arguments], prog_name="topics")
    assert result.exit_code == expect or (expect is None and result.exit_code in (0, 2)), result.output
    return result


def rows(path):
    """The rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def stages_of(run):
    """The key, the seconds and the origin of each stage of a run."""
    return json.loads((run / "stages.json").read_text(encoding="utf-8"))


def summary_of(run):
    """What a run's folder says about it in run.json."""
    return json.loads((run / "run.json").read_text(encoding="utf-8"))


def pictures(stems):
    """The files that pictures of these names are drawn into."""
    return {f"{stem}.{kind}" for stem in stems for kind in ("png", "svg")}


@pytest.fixture(scope="session")
def seed_run(tmp_path_factory):
    """The seed corpus through the whole way with the real encoder, BERTopic, UMAP and HDBSCAN."""
    folder = tmp_path_factory.mktemp("runs") / "seed"
    run_cli("run", ROOT / "configs" / "seed.yaml", "-o", folder)
    return folder


@pytest.fixture(scope="session")
def joined_run(tmp_path_factory):
    """The same with the corpus' own words beside the model."""
    folder = tmp_path_factory.mktemp("runs") / "joined"
    run_cli("run", ROOT / "configs" / "seed.yaml", "-o", folder, "--set", "embed.own_words=0.3")
    return folder


@pytest.fixture
def copy(seed_run, tmp_path):
    """A copy of that run, to be changed."""
    return shutil.copytree(seed_run, tmp_path / "seed")


@pytest.fixture(scope="session")
def quick_run(tmp_path_factory):
    """The seed's papers with the encoder that learns from them, all other settings as they are."""
    folder = tmp_path_factory.mktemp("quick") / "run"
    run_cli("run", SEED, "-o", folder, *QUICK)
    return folder


@pytest.fixture(scope="session")
def lsa_run(tmp_path_factory):
    """The same with the encoder that learns from the corpus."""
    folder = tmp_path_factory.mktemp("runs") / "lsa"
    run_cli("run", ROOT / "configs" / "seed.yaml", "-o", folder, "--set", "embed.encoder=lsa")
    return folder


@pytest.fixture(scope="session")
def vectors_run(tmp_path_factory, seed_run):
    """The same from vectors in a file."""
    import numpy as np

    place = tmp_path_factory.mktemp("vectors")
    np.save(place / "seed.npy", np.load(seed_run / "data" / "embed" / "vectors.npy"))
    setting = f"embed.encoder={place / 'seed.npy'}"
    run_cli("run", ROOT / "configs" / "seed.yaml", "-o", place / "run", "--set", setting)
    return place / "run"


@pytest.fixture(scope="session")
def make_run():
    """Corpus, clustering, topics and projection of n invented papers."""

    def make(n=60, count=6, seed=0, rows=None, labels=SUBJECTS, outliers=0.1):
        projection, clustering = grouped(n, count, seed, outliers)
        return papers_of(rows or [{}] * n), clustering, topics_of(clustering, labels), projection

    return make
