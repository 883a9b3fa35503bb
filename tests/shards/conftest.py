"""One result made from shards by the local engine, one Ray of two workers, and how to do it again."""

import os
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.shards import made
from topics.cache import store
from topics.config import Config
from topics.config.load import validate
from topics.shards import run
from topics.shards.engine import Local
from topics.shards.ray_engine import started

LOCAL = Local()
SETTINGS = {
    "embed": {"encoder": "lsa"},
    "cluster": {"method": "kmeans", "n_topics": 4},
    "label": {"min_df": 2},
    "trends": {"min_papers": 5, "alpha": 0.2},
    "shards": {"papers_per_shard": 30, "fit_papers": 100},
}
COMMAND = tuple(
    part
    for section, values in SETTINGS.items()
    for key, value in values.items()
    for part in ("--set", f"{section}.{key}={value}")
)


def config(files, **changed) -> Config:
    # The command takes the name from the files.
    tree = {"name": "a-b-c-d", **SETTINGS, **changed}
    tree["corpus"] = {"papers": [str(file) for file in files], **tree.get("corpus", {})}
    return validate(tree, "the test")


@pytest.fixture(scope="session")
def files(tmp_path_factory):
    return made.write(tmp_path_factory.mktemp("papers"))


@pytest.fixture(scope="session")
def result(files, tmp_path_factory):
    return run.run(config(files), LOCAL, output=tmp_path_factory.mktemp("sharded") / "result")


@pytest.fixture
def forgotten(result):
    """No shard is in the cache, so all are done again; the run on the sample still is."""
    shutil.rmtree(Path(os.environ["TOPICS_CACHE"]) / "parts")


@pytest.fixture(scope="session")
def ray():
    with started(None, workers=2) as engine:
        yield engine


def tables(folder: Path) -> dict[str, str]:
    """The digests of all that an engine may not change: everything but who made it when, and from what."""
    found = store.digests(folder)
    changing = ("run.json", "run.log", "stages.json")
    return {name: digest for name, digest in found.items() if Path(name).name not in changing}


def parts(result: Path, name: str = "assignments") -> pa.Table:
    """The rows of all parts."""
    files = sorted((result / name).glob("part-*.parquet"))
    assert [file.name for file in files] == [f"part-{number:05d}.parquet" for number in range(len(files))]
    return pa.concat_tables([pq.read_table(file) for file in files])
