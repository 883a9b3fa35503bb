"""What each step of a run over shards costs a paper: processor time, and bytes on disk.

    python benchmarks/shards.py PAPERS.jsonl.gz --papers 20000 --config configs/large.yaml

The first so many papers of the file, with the local engine in this process, on an empty cache. Processor
seconds count all threads of this process. Bytes are those of the cache's entries, as they would travel to
another machine; the model is what each process reads once before its first shard.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import resource
import tempfile
import time
from pathlib import Path

from topics.cache.stage import NullObserver

MODEL = {
    "the encoder": ("data/embed/encoder",),
    "vectors of the sample": ("data/embed/vectors.npy",),
    "topics, centroids and references": ("data/cluster", "data/novelty", "data/label/value.json"),
    "texts of the sample, to know them again": ("data/read",),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("papers", type=Path)
    parser.add_argument("--papers", dest="many", type=int, default=20_000)
    parser.add_argument("--config", type=Path, default=Path("configs/large.yaml"))
    parser.add_argument("--set", dest="overrides", action="append", default=[], metavar="SECTION.KEY=VALUE")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TOPICS_CACHE"] = f"{folder}/cache"
        papers = Path(folder) / "papers.jsonl"
        with (
            gzip.open(given.papers, "rt", encoding="utf-8") as source,
            papers.open("w", encoding="utf-8") as target,
        ):
            target.writelines(line for _, line in zip(range(given.many), source, strict=False))
        measure(papers, given.config, given.overrides, Path(folder))


def measure(papers: Path, config: Path, overrides: list[str], folder: Path) -> None:
    from topics.config.load import load_config
    from topics.shards import run
    from topics.shards.engine import Local

    settings = load_config(config, overrides)
    settings = settings.model_copy(
        update={"corpus": settings.corpus.model_copy(update={"papers": (str(papers),)})}
    )
    watch = Stopwatch()
    result = run.run(settings, Local(), output=folder / "result", observer=watch)
    summary = json.loads((result / "run.json").read_text(encoding="utf-8"))
    many = summary["counts"]["papers"]
    fitted, topics = summary["fit"]["papers"], summary["counts"]["topics"]
    print(f"{many:,} papers, {fitted:,} of them fitted, {topics} topics\n")
    (cache,) = (folder / "cache" / "parts").glob("*/shards")
    print("| step | processor s | papers a second | bytes a paper |\n|---|--:|--:|--:|")
    for step, seconds in watch.steps.items():
        size = size_of(cache / step.removesuffix(" shards"))
        print(f"| {step} | {seconds:.1f} | {many / max(seconds, 1e-9):,.0f} | {size / many:,.0f} |")
    print(
        f"\ninput: {papers.stat().st_size / many:,.0f} bytes a paper; result without the sample's run: "
        f"{sum(size_of(result / name) for name in ('assignments', 'left_out')) / many:,.0f}"
    )
    for name, places in MODEL.items():
        print(f"{name}: {sum(size_of(result / 'fit' / place) for place in places) / 1e6:,.1f} MB")
    print(f"most memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3:,.0f} MB")


def size_of(place: Path) -> int:
    files = place.rglob("*") if place.is_dir() else [place]
    return sum(file.stat().st_size for file in files if file.is_file())


class Stopwatch(NullObserver):
    """An observer that takes processor seconds of the steps on shards; those of the sample's run apart."""

    def __init__(self) -> None:
        self.steps: dict[str, float] = {}
        self._last = time.process_time()

    def started(self, stage: str) -> None:
        if stage.endswith(" shards"):
            now = time.process_time()
            self.steps["the sample's run"] = self.steps.get("the sample's run", 0.0) + now - self._last
            self._last = now

    def finished(self, stage: str, seconds: float, *, cached: bool) -> None:  # noqa: ARG002
        if stage.endswith(" shards"):
            self.steps[stage] = time.process_time() - self._last
            self._last = time.process_time()


if __name__ == "__main__":
    main()
