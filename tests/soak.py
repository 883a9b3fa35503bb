"""What takes too long for every day: runs and prunes at once, and runs killed at any moment.

    python -m tests.soak together MINUTES [ENCODER]   two processes that run and one that prunes, on one cache
    python -m tests.soak killed TIMES [ENCODER]       each run killed at a random moment, then run to its end

Both end with exit code 1 on the first run that fails, differs in a byte from the first one of its settings,
or leaves anything behind. `make soak` runs both.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from random import Random

from tests.conftest import ROOT, SEED
from topics.cache import store
from topics.cache.folders import FRESH

# Parts of 16 papers, so that 50 papers have some that a killed run leaves.
COMMAND = "import topics.embed.embed as embed; embed.PART = 16; from topics.cli import main; main()"
SEEDS = (0, 1, 2)
"""Values of random_state that the runs at once take in turn: what they compute is the same now and then."""


def started(place: Path, arguments: list[str]) -> subprocess.Popen[str]:
    temporary = place / "tmp"
    temporary.mkdir(exist_ok=True)
    settings = {"TOPICS_CACHE": str(place / "cache"), "TMPDIR": str(temporary)}
    return subprocess.Popen(
        [sys.executable, "-c", COMMAND, *arguments],
        cwd=ROOT,
        env={**os.environ, **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def run_arguments(target: Path, encoder: str, seed: int = 0) -> list[str]:
    chosen = [f"embed.encoder={encoder}", "corpus.reference_date=2026-06-01", f"random_state={seed}"]
    settings = [part for setting in chosen for part in ("--set", setting)]
    return ["run", str(SEED), *settings, "-o", str(target)]


def ended(process: subprocess.Popen[str]) -> None:
    output, _ = process.communicate()
    if process.returncode:
        sys.exit(f"a command ended with {process.returncode}:\n{output}")


def check_run(target: Path, known: dict[int, object], seed: int) -> None:
    """A run is whole, and the same as the first one of its seed."""
    files = json.loads((target / "run.json").read_text(encoding="utf-8"))["files"]
    damaged = [name for name, digest in files.items() if store.file_digest(target / name) != digest]
    if damaged:
        sys.exit(f"{target} is damaged: {damaged}")
    if known.setdefault(seed, files) != files:
        sys.exit(f"{target} differs from the first run with random_state {seed}")


def left_behind(place: Path) -> list[str]:
    """Temporary names, and parts, in the cache and beside the runs."""
    names = (path for path in place.rglob("*") if "tmp" not in path.relative_to(place).parts)
    return [str(path) for path in names if path.name.startswith(".") or path.parent.name == "parts"]


def together(place: Path, minutes: float, encoder: str) -> None:
    end = time.monotonic() + 60 * minutes
    known: dict[int, object] = {}
    done: Counter[str] = Counter()
    running: dict[str, tuple[subprocess.Popen[str], int]] = {}
    while time.monotonic() < end or running:
        for number, name in enumerate(("one", "two", "prune")):
            process, seed = running.get(name, (None, 0))
            if process is not None and process.poll() is not None:
                ended(process)
                del running[name]
                done[name] += 1
                if name != "prune":
                    check_run(place / name, known, seed)
            if name not in running and time.monotonic() < end:
                seed = SEEDS[(done[name] // 2 + number) % len(SEEDS)]
                arguments = (
                    ["cache", "prune", "--all"]
                    if name == "prune"
                    else run_arguments(place / name, encoder, seed)
                )
                running[name] = started(place, arguments), seed
        time.sleep(0.2)
    print(f"{minutes:g} minutes: {done['one']} and {done['two']} runs, {done['prune']} prunes at once")
    finish(place)


def killed(place: Path, times: int, encoder: str) -> None:
    random, known, left = Random(24), dict[int, object](), Counter[str]()
    target = place / "run"
    begin = time.monotonic()
    ended(started(place, run_arguments(target, encoder)))
    whole = time.monotonic() - begin
    check_run(target, known, 0)
    hit = 0
    while hit < times:
        ended(started(place, ["cache", "prune", "--all"]))
        before = marks(place)
        process = started(place, run_arguments(target, encoder))
        moment = random.uniform(0, whole)
        time.sleep(moment)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        left.update(marks(place) - before)
        if process.returncode != -signal.SIGKILL:
            # It had ended by then, and a moment that hits nothing does not count.
            check_run(target, known, 0)
            continue
        hit += 1
        # The last run stands, or the one that was to take its place is finished by the next.
        ended(started(place, run_arguments(target, encoder)))
        check_run(target, known, 0)
        print(f"{hit}: killed after {moment:.1f} of {whole:.1f} s", flush=True)
    print(f"{times} killed; in the temporary folders: {dict(left) or 'nothing'}")
    finish(place)


def marks(place: Path) -> Counter[str]:
    """Kinds of names in the folders for temporary files."""
    folders = [folder for folder in (place / "tmp", Path("/dev/shm")) if folder.is_dir()]
    return Counter(path.name.split("_")[0].split("-")[0] for folder in folders for path in folder.iterdir())


def finish(place: Path) -> None:
    """After a minute the next run and a prune take what killed ones left."""
    time.sleep(FRESH + 1)
    ended(started(place, run_arguments(place / "run", "lsa")))
    ended(started(place, ["cache", "prune", "--all"]))
    if found := left_behind(place):
        sys.exit(f"left behind: {found}")
    print("nothing left behind")


if __name__ == "__main__":
    task, amount, *rest = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        if task == "together":
            together(Path(folder), float(amount), rest[0] if rest else "lsa")
        else:
            killed(Path(folder), int(amount), rest[0] if rest else "minilm")
