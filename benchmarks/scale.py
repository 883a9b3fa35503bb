"""Seconds and memory of a run, stage by stage, for corpora of growing size; BERTopic beside it.

    python benchmarks/scale.py PAPERS.jsonl.gz --sizes 2000 20000 --config configs/large.yaml
    python benchmarks/scale.py PAPERS.jsonl.gz --sizes 500 --config configs/default.yaml --plain PYTHON
    python benchmarks/scale.py --plot docs/scale.png

Each size is the first so many papers of the file, in a process of its own on an empty cache, so that
nothing is warm and the memory is that run's alone. A size beyond the end of the file repeats its papers
with one word of three replaced by one of another paper, so that none is a duplicate. Memory is the most that
a stage takes (Linux; elsewhere, the most so far), without that of processes that share in the work. What the
imports take is measured in a process that does nothing else.

--plain names a Python with BERTopic for `benchmarks/plain_bertopic.py`, once as it is and once with
`--same-work`. It gets the papers that the run has kept and the run's vectors, but where the run's encoder is
MiniLM, which is BERTopic's own, it embeds by itself. Each runs until it fails or takes longer than --patience
minutes of processor time, and then for no larger size. Figures go into --results, where those of other sizes
and settings stay, and --plot draws all of them. Processor seconds count all threads; on a machine with other
work they say more than seconds on the clock.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import gzip
import itertools
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).with_name("scale.json")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("papers", type=Path, nargs="?")
    parser.add_argument("--sizes", type=int, nargs="+", default=[2_000, 20_000, 55_000, 200_000])
    parser.add_argument("--config", type=Path, default=Path("configs/large.yaml"))
    parser.add_argument("--set", dest="overrides", action="append", default=[], metavar="SECTION.KEY=VALUE")
    parser.add_argument("--plain", metavar="PYTHON")
    parser.add_argument(
        "--patience", type=float, default=30, help="minutes of processor time for plain BERTopic"
    )
    parser.add_argument("--results", type=Path, default=RESULTS, help="JSON that the figures are kept in")
    parser.add_argument("--plot", type=Path, help="draw time and memory against the number of papers")
    parser.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--only-import", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.only_import:
        only_import()
        return
    if given.one:
        one(given.papers, given.config, given.overrides, given.one)
        return
    peers = list(PEERS) if given.plain else []
    for size in given.sizes if given.papers else ():
        with tempfile.TemporaryDirectory() as folder:
            papers, kept = Path(folder) / "papers.jsonl.gz", Path(folder) / "kept"
            kept.mkdir()
            write(given.papers, papers, size)
            found = measure(
                [sys.executable, __file__, str(papers), "--one", str(kept), *passed_on(given)], folder
            )
            modules = json.dumps(found.pop("modules"))
            found["imports"] = measure([sys.executable, __file__, "--only-import"], folder, modules)
            show(size, found)
            settings = " ".join([given.config.name, *given.overrides])
            figure = {"file": given.papers.name, "config": settings, "papers": size, "ours": found}
            keep(given.results, figure)
            for peer in list(peers):
                vectors = None if found["encoder"].startswith("all-MiniLM-L6-v2") else kept / "vectors.npy"
                figure[peer] = by_bertopic(given.plain, kept, vectors, PEERS[peer], given.patience)
                print(f"{LINES[peer]}: {figure[peer]}\n", flush=True)
                keep(given.results, figure)
                if "failed" in figure[peer]:
                    peers.remove(peer)
    if given.plot:
        plot(read_results(given.results), given.plot)


def passed_on(given: argparse.Namespace) -> list[str]:
    overrides = [part for text in given.overrides for part in ("--set", text)]
    return ["--config", str(given.config), *overrides]


def read_results(path: Path) -> list[dict[str, Any]]:
    return list(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else []


def keep(path: Path, figure: dict[str, Any]) -> None:
    """Put a size's figures in place of older ones of the same papers and settings."""

    def name(figure: dict[str, Any]) -> tuple[str, int, str]:
        return figure["config"], figure["papers"], figure["file"]

    others = [other for other in read_results(path) if name(other) != name(figure)]
    text = json.dumps(sorted([*others, figure], key=name), indent=1)
    path.write_text(text + "\n", encoding="utf-8")


def write(source: Path, target: Path, size: int) -> None:
    with gzip.open(target, "wt", encoding="utf-8", compresslevel=1) as stream:
        for number, line in zip(range(size), endless(source), strict=False):
            record = json.loads(line)
            stream.write(json.dumps({**record, "id": f"{record.get('id', '')}-{number}"}) + "\n")


def endless(source: Path) -> Iterator[str]:
    """The file's papers, and then again and again with other words in them, the same ones every time."""
    opener = gzip.open if source.suffix == ".gz" else open
    for turn in itertools.count():
        with opener(source, "rt", encoding="utf-8") as stream:
            before = ["noise"]
            for line in stream:
                if not turn:
                    yield line
                    continue
                record = json.loads(line)
                lots = random.Random(f"{turn} {record['title']}")
                title, abstract = record["title"].split(), record["abstract"].split()
                noisy = {
                    name: " ".join(noise(words, before, lots))
                    for name, words in (("title", title), ("abstract", abstract))
                }
                before = abstract or before
                yield json.dumps({**record, **noisy})


def noise(words: list[str], others: list[str], lots: random.Random) -> list[str]:
    """One word of three, and one at least, replaced by another paper's.

    With one of ten, copies of a paper are still found to be one paper: by title, authors and half of the runs
    of three words.
    """
    changed = {lots.randrange(max(1, len(words)))} | {n for n in range(len(words)) if lots.random() < 1 / 3}
    return [lots.choice(others) if place in changed else word for place, word in enumerate(words)]


def one(papers: Path, config: Path, overrides: list[str], kept: Path) -> None:
    """A run in this process; prints its figures as JSON, and leaves what plain BERTopic gets in `kept`."""
    as_the_command()
    from topics import runner
    from topics.config.load import load_config

    settings = load_config(config, overrides)
    corpus = settings.corpus.model_copy(update={"papers": (str(papers),)})
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TOPICS_CACHE"] = f"{folder}/cache"
        watch = Stopwatch()
        runner.run(
            settings.model_copy(update={"corpus": corpus}), output=Path(folder) / "run", observer=watch
        )
        watch.stages["publish"] = watch.since()
        said = json.loads((Path(folder) / "run" / "run.json").read_text(encoding="utf-8"))
        shutil.copy(Path(folder) / "run/data/embed/vectors.npy", kept)
        shutil.copy(Path(folder) / "run/data/read/papers.parquet", kept)
    found = {"stages": watch.stages, **said["counts"], "encoder": said["encoder"]}
    print(json.dumps(found | {"modules": list(sys.modules)}))


def as_the_command() -> None:
    """Import and look for cycles as `topics run` does: both take time and memory."""
    from topics.__main__ import UNUSED_BERTOPIC_EXTRAS
    from topics.cache.hidden import HIDDEN_DEPENDENCIES
    from topics.cli import SELDOM

    HIDDEN_DEPENDENCIES["bertopic"] = UNUSED_BERTOPIC_EXTRAS
    gc.set_threshold(*SELDOM)


def only_import() -> None:
    """Import the modules that standard input names and nothing else; prints what that takes as JSON."""
    as_the_command()
    from topics.cache.parallel import with_kernels

    # A package before its parts, since what is left out is by its name.
    for name in sorted(json.load(sys.stdin), key=lambda name: name.count(".")):
        # Some name themselves what nobody can import.
        with contextlib.suppress(Exception):
            with_kernels(name)
    print(json.dumps({"cpu": round(time.process_time(), 2), "megabytes": round(most_memory())}))


class Stopwatch:
    """An observer of a run that takes processor seconds, seconds and the most memory of every stage."""

    def __init__(self) -> None:
        self.stages: dict[str, dict[str, float]] = {}
        self._last = (processor_seconds(), time.perf_counter())

    def since(self) -> dict[str, float]:
        cpu, clock = self._last
        self._last = (processor_seconds(), time.perf_counter())
        return {
            "cpu": round(self._last[0] - cpu, 2),
            "seconds": round(self._last[1] - clock, 2),
            "megabytes": round(most_memory()),
        }

    def started(self, stage: str) -> None: ...

    def finished(self, stage: str, seconds: float, *, cached: bool) -> None:  # noqa: ARG002
        self.stages[stage] = self.since()

    def note(self, text: str) -> None: ...

    def detail(self, text: str) -> None: ...

    def progress(self, stage: str, total: int | None, unit: str = "papers") -> Any:
        from topics.cache.stage import NullObserver

        return NullObserver().progress(stage, total, unit)


def processor_seconds() -> float:
    """Of this process and those that have a share of its work, as far as the system tells of these."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = time.process_time() + ended.ru_utime + ended.ru_stime
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            if stat.read_text(encoding="utf-8").rpartition(")")[2].split()[1] == str(os.getpid()):
                seconds += used(int(stat.parent.name))
    return seconds


def most_memory() -> float:
    """Megabytes of memory at most since the last call; where the system does not tell, since the start."""
    status, forget = Path("/proc/self/status"), Path("/proc/self/clear_refs")
    try:
        told = status.read_text(encoding="ascii", errors="replace")
        forget.write_text("5", encoding="ascii")
        return int(told.partition("VmHWM:")[2].split()[0]) * 1024 / 1e6
    except (OSError, IndexError, ValueError):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


def measure(command: list[str], folder: str, given: str = "") -> dict[str, Any]:
    environment = {**os.environ, "TMPDIR": folder}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, input=given)
    if done.returncode:
        sys.exit(done.stderr)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def show(size: int, found: dict[str, Any]) -> None:
    kept, outliers = found["papers"], found["outliers"]
    print(f"{size:,} papers: {kept:,} kept, {found['topics']} topics, {outliers:,} outliers\n")
    print("| stage | processor s | seconds | ms a paper | MB |\n|---|--:|--:|--:|--:|")
    total = {"cpu": 0.0, "seconds": 0.0, "megabytes": 0.0}
    for stage, figure in found["stages"].items():
        line(stage, figure, size)
        total["cpu"] += figure["cpu"]
        total["seconds"] += figure["seconds"]
        total["megabytes"] = max(total["megabytes"], figure["megabytes"])
    line("all", total, size)
    imports = found["imports"]
    print(f"\nimports: {imports['cpu']:.1f} processor s, {imports['megabytes']:,} MB of these\n", flush=True)


def line(stage: str, figure: dict[str, float], size: int) -> None:
    cpu, clock, memory = figure["cpu"], figure["seconds"], figure["megabytes"]
    print(f"| {stage} | {cpu:.1f} | {clock:.1f} | {1000 * cpu / size:.3f} | {memory:,.0f} |")


def by_bertopic(
    python: str, kept: Path, vectors: Path | None, options: Sequence[str], patience: float
) -> dict[str, float | str]:
    """Processor seconds, seconds and megabytes of BERTopic on the same papers, or why it gave up."""
    import pyarrow.parquet as pq

    table = pq.read_table(kept / "papers.parquet", columns=["title", "abstract", "date"])
    with gzip.open(kept / "papers.jsonl.gz", "wt", encoding="utf-8", compresslevel=1) as stream:
        stream.writelines(json.dumps(row) + "\n" for row in table.to_pylist())
    script = Path(__file__).with_name("plain_bertopic.py")
    command = [python, script, kept / "papers.jsonl.gz", kept / "bertopic", *options]
    begin = time.perf_counter()
    process = subprocess.Popen(
        [*command, "--vectors", vectors] if vectors else command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while True:
        done, status, usage = os.wait4(process.pid, os.WNOHANG)
        if done:
            break
        if used(process.pid) > 60 * patience:
            process.kill()
            os.wait4(process.pid, 0)
            return {"failed": f"not done after {patience:g} minutes"}
        time.sleep(0.1)
    if status:
        return {"failed": f"exit code {os.waitstatus_to_exitcode(status)}"}
    cpu, clock = usage.ru_utime + usage.ru_stime, time.perf_counter() - begin
    return {"cpu": round(cpu, 2), "seconds": round(clock, 2), "megabytes": round(usage.ru_maxrss / 1000)}


def used(process: int) -> float:
    """Processor seconds of another process so far."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


PEERS: Mapping[str, Sequence[str]] = {"plain": (), "same_work": ("--same-work",)}
"""Options of `plain_bertopic.py` by the name that a peer has among the figures."""

LINES = {"ours": "topics run", "plain": "plain BERTopic", "same_work": "BERTopic doing the same work"}


def shortened(papers: float) -> str:
    return (
        f"{papers / 1e6:g}M" if papers >= 1e6 else f"{papers / 1000:g}k" if papers >= 1000 else f"{papers:g}"
    )


def plot(figures: list[dict[str, Any]], path: Path) -> None:
    """Draw minutes on the clock and gigabytes against the number of papers, both on logarithmic scales."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    canvas = Figure(figsize=(9, 4.4), layout="constrained")
    panels = canvas.subplots(1, 2)
    for panel, title, lines in zip(panels, ("minutes", "most memory, GB"), curves(figures), strict=True):
        for (config, name), points in lines.items():
            color = f"C{list(LINES).index(name)}"
            places = zip(*sorted(points), strict=True)
            label = f"{LINES[name]}, {config}"
            panel.plot(*places, STYLES.get(config, ":"), color=color, marker="o", markersize=4, label=label)
        panel.set(xscale="log", yscale="log", xlabel="papers")
        panel.set_title(title, loc="left", fontsize=11)
        panel.xaxis.set_major_formatter(FuncFormatter(lambda papers, _: shortened(papers)))
        panel.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        panel.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        for axis in (panel.xaxis, panel.yaxis):
            axis.set_minor_formatter(NullFormatter())
        panel.grid(visible=True, which="major", alpha=0.3)
        panel.spines[["top", "right"]].set_visible(False)
    handles, names = panels[0].get_legend_handles_labels()
    canvas.legend(handles, names, frameon=False, fontsize=8, loc="outside upper center", ncols=2)
    canvas.savefig(path, dpi=150, metadata={"Software": None})


STYLES = {"default.yaml": "-", "large.yaml": "--"}

Lines = dict[tuple[str, str], list[tuple[int, float]]]


def curves(figures: list[dict[str, Any]]) -> tuple[Lines, Lines]:
    """The lines of the two panels, by config and peer: papers with minutes, and with gigabytes."""
    minutes: Lines = defaultdict(list)
    gigabytes: Lines = defaultdict(list)
    for figure in figures:
        stages = figure["ours"]["stages"].values()
        ours = {name: [stage[name] for stage in stages] for name in ("seconds", "megabytes")}
        found = {"ours": {"seconds": sum(ours["seconds"]), "megabytes": max(ours["megabytes"])}}
        for name, taken in (found | {peer: figure.get(peer, {}) for peer in PEERS}).items():
            if "seconds" in taken:
                line = figure["config"].split()[0], name
                minutes[line].append((figure["papers"], taken["seconds"] / 60))
                gigabytes[line].append((figure["papers"], taken["megabytes"] / 1000))
    return minutes, gigabytes


if __name__ == "__main__":
    main()
