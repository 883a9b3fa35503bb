"""Seconds and memory of a run, stage by stage, for corpora of growing size; plain BERTopic beside it.

    python benchmarks/scale.py PAPERS.jsonl.gz --sizes 2000 20000 --config configs/large.yaml
    python benchmarks/scale.py PAPERS.jsonl.gz --sizes 20000 --plain plain/bin/python

Each size is the first so many papers of the file, in a process of its own on an empty cache, so that
nothing is warm and the memory is that run's alone. A size beyond the end of the file repeats its papers
with every tenth word replaced by one of another paper, so that none is a duplicate. --plain names the
Python of an environment for `benchmarks/plain_bertopic.py`; it is run on the same papers until it fails
or takes longer than --patience minutes. Processor seconds count all threads; on a machine with other work
they say more than seconds on the clock.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("papers", type=Path)
    parser.add_argument("--sizes", type=int, nargs="+", default=[2_000, 20_000, 55_000, 200_000])
    parser.add_argument("--config", type=Path, default=Path("configs/large.yaml"))
    parser.add_argument("--set", dest="overrides", action="append", default=[], metavar="SECTION.KEY=VALUE")
    parser.add_argument("--plain", metavar="PYTHON")
    parser.add_argument("--patience", type=float, default=30, help="minutes for plain BERTopic")
    parser.add_argument("--json", type=Path, help="also write the figures there")
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        one(given.papers, given.config, given.overrides)
        return
    figures, plain = [], given.plain
    for size in given.sizes:
        with tempfile.TemporaryDirectory() as folder:
            papers = Path(folder) / "papers.jsonl.gz"
            write(given.papers, papers, size)
            found = measure([sys.executable, __file__, str(papers), "--one", *passed_on(given)], folder)
            figures.append({"papers": size, "ours": found})
            show(size, found)
            if plain:
                figures[-1]["plain"] = rival = by_plain(plain, papers, Path(folder), given.patience)
                print(f"plain BERTopic: {rival}\n", flush=True)
                plain = plain if "cpu" in rival else None
    if given.json:
        given.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


def passed_on(given: argparse.Namespace) -> list[str]:
    overrides = [part for text in given.overrides for part in ("--set", text)]
    return ["--config", str(given.config), *overrides]


def write(source: Path, target: Path, size: int) -> None:
    with gzip.open(target, "wt", encoding="utf-8", compresslevel=1) as stream:
        for number, line in zip(range(size), endless(source), strict=False):
            record = json.loads(line)
            stream.write(json.dumps({**record, "id": f"{record.get('id', '')}-{number}"}) + "\n")


def endless(source: Path) -> Iterator[str]:
    """The file's papers, and then again and again with other words in them."""
    opener = gzip.open if source.suffix == ".gz" else open
    with opener(source, "rt", encoding="utf-8") as stream:
        yield from stream
    turn = 0
    while True:
        turn += 1
        with opener(source, "rt", encoding="utf-8") as stream:
            before = ["noise"]
            for line in stream:
                record = json.loads(line)
                words = record["abstract"].split()
                own = list(words)
                for place in range(turn % 10, len(words), 10):
                    words[place] = before[(place * turn) % len(before)]
                before = own or before
                title = f"{record['title']} {before[turn % len(before)]}"
                yield json.dumps({**record, "title": title, "abstract": " ".join(words)})


def one(papers: Path, config: Path, overrides: list[str]) -> None:
    """A run in this process; prints its figures as JSON."""
    from topics import pipeline
    from topics.configfile import load_config

    settings = load_config(config, overrides)
    corpus = settings.corpus.model_copy(update={"papers": (str(papers),)})
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TOPICS_CACHE"] = f"{folder}/cache"
        watch = Stopwatch()
        pipeline.run(
            settings.model_copy(update={"corpus": corpus}), output=Path(folder) / "run", observer=watch
        )
        watch.stages["publish"] = watch.since()
        counts = json.loads((Path(folder) / "run" / "run.json").read_text(encoding="utf-8"))["counts"]
    print(json.dumps({"stages": watch.stages, **counts}))


class Stopwatch:
    """An observer of a run that takes processor seconds, seconds and the memory so far of every stage."""

    def __init__(self) -> None:
        self.stages: dict[str, dict[str, float]] = {}
        self._last = (time.process_time(), time.perf_counter())

    def since(self) -> dict[str, float]:
        cpu, clock = self._last
        self._last = (time.process_time(), time.perf_counter())
        return {
            "cpu": self._last[0] - cpu,
            "seconds": self._last[1] - clock,
            "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000,
        }

    def started(self, stage: str) -> None: ...

    def finished(self, stage: str, seconds: float, *, cached: bool) -> None:  # noqa: ARG002
        self.stages[stage] = self.since()

    def note(self, text: str) -> None: ...

    def detail(self, text: str) -> None: ...

    def progress(self, stage: str, total: int | None, unit: str = "papers") -> Any:
        from topics.stage import Silence

        return Silence().progress(stage, total, unit)


def measure(command: list[str], folder: str) -> dict[str, Any]:
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "TMPDIR": folder})
    if done.returncode:
        sys.exit(done.stderr)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def show(size: int, found: dict[str, Any]) -> None:
    kept, outliers = found["papers"], found["outliers"]
    print(f"{size:,} papers: {kept:,} kept, {found['topics']} topics, {outliers:,} outliers\n")
    print("| stage | processor s | seconds | ms a paper | MB so far |\n|---|--:|--:|--:|--:|")
    total = {"cpu": 0.0, "seconds": 0.0, "megabytes": 0.0}
    for stage, figure in found["stages"].items():
        line(stage, figure, size)
        total["cpu"] += figure["cpu"]
        total["seconds"] += figure["seconds"]
        total["megabytes"] = max(total["megabytes"], figure["megabytes"])
    line("all", total, size)
    print(flush=True)


def line(stage: str, figure: dict[str, float], size: int) -> None:
    cpu, clock, memory = figure["cpu"], figure["seconds"], figure["megabytes"]
    print(f"| {stage} | {cpu:.1f} | {clock:.1f} | {1000 * cpu / size:.3f} | {memory:,.0f} |")


def by_plain(python: str, papers: Path, folder: Path, patience: float) -> dict[str, float | str]:
    """Processor seconds, seconds and megabytes of plain BERTopic on the same papers, or why it gave up."""
    script = Path(__file__).with_name("plain_bertopic.py")
    begin = time.perf_counter()
    process = subprocess.Popen(
        [python, str(script), str(papers), str(folder / "plain")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while time.perf_counter() - begin < 60 * patience:
        done, status, usage = os.wait4(process.pid, os.WNOHANG)
        if done:
            if status:
                return {"failed": f"exit code {os.waitstatus_to_exitcode(status)}"}
            cpu = usage.ru_utime + usage.ru_stime
            clock = time.perf_counter() - begin
            return {"cpu": cpu, "seconds": clock, "megabytes": usage.ru_maxrss / 1000}
        time.sleep(0.5)
    process.kill()
    process.wait()
    return {"failed": f"not done after {patience:g} minutes"}


if __name__ == "__main__":
    main()
