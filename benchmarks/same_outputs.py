"""Whether two checkouts find the same: every table, map and value of two runs, byte for byte.

    python benchmarks/same_outputs.py OLD NEW --papers arxiv-2k.jsonl.gz [--work FOLDER]

OLD and NEW are checkouts, or folders of runs that an earlier call made (WORK/old, WORK/new), or single runs.
A checkout is run with this interpreter and a fresh cache: the seed corpus by configs/seed.yaml, and 2,000
papers where their file is there. In run.json the keys and seconds of stages, versions, and digests of files
are not compared; run.log and stages.json are left out. Exit code 1: something differs, or a corpus was not
compared.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

RUN_FILE, LEFT_OUT = "run.json", ("run.log", "stages.json")
SEED = "configs/seed.yaml"
NOT_COMPARED = ("stages", "versions", "files", "digest", "inputs")
"""Entries of run.json that may differ: every commit changes keys, and files are compared themselves."""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("old", type=Path)
    parser.add_argument("new", type=Path)
    parser.add_argument("--papers", type=Path, default=Path("../shared/corpora/arxiv-2k.jsonl.gz"))
    parser.add_argument("--work", type=Path, default=Path("same_outputs"), help="where checkouts are run")
    asked = parser.parse_args()
    corpora = {"seed": None, "papers": asked.papers.resolve()}
    if not asked.papers.exists():
        print(f"missing: {asked.papers}; name 2,000 papers with --papers. Only the seed is compared.")
        del corpora["papers"]
    old = runs(asked.old, asked.work / "old", corpora)
    new = runs(asked.new, asked.work / "new", corpora)
    differences = [f"{name}: not run on both sides" for name in sorted(old.keys() ^ new.keys())]
    for name in sorted(old.keys() & new.keys()):
        found = differing(old[name], new[name])
        print(f"{name}: {len(files_of(new[name]))} files, {len(found)} differ")
        differences += [f"{name}/{what}" for what in found]
    print("\n".join(differences) or "the same")
    sys.exit(bool(differences) or "papers" not in corpora)


def runs(place: Path, work: Path, corpora: dict[str, Path | None]) -> dict[str, Path]:
    """The runs of a checkout, which are made in `work`, or those that a folder holds."""
    if (place / RUN_FILE).exists():
        return {"run": place}
    if not (place / "topics").is_dir():
        return {path.parent.name: path.parent for path in sorted(place.glob(f"*/{RUN_FILE}"))}
    shutil.rmtree(work, ignore_errors=True)
    work = work.resolve()
    environment = {**os.environ, "PYTHONPATH": str(place.resolve()), "TOPICS_CACHE": str(work / "cache")}
    for name, papers in corpora.items():
        command = [sys.executable, "-m", "topics", "run", str(papers or SEED), "-q", "-o", str(work / name)]
        subprocess.run(command, cwd=place, env=environment, check=True, stdout=subprocess.DEVNULL)
    shutil.rmtree(work / "cache")
    return {name: work / name for name in corpora}


def files_of(run: Path) -> dict[str, Path]:
    """Every file of a run but those of `LEFT_OUT`, by its path in the run."""
    found = {path.relative_to(run).as_posix(): path for path in sorted(run.rglob("*")) if path.is_file()}
    for name in LEFT_OUT:
        found.pop(name, None)
    return found


def differing(old: Path, new: Path) -> list[str]:
    """Files that one run lacks or that differ, and entries of run.json that do."""
    one, other = files_of(old), files_of(new)
    found = [f"{name}: only in {old if name in one else new}" for name in sorted(one.keys() ^ other.keys())]
    for name in sorted(one.keys() & other.keys()):
        if name == RUN_FILE:
            left, right = summary(one[name]), summary(other[name])
            keys = left.keys() | right.keys()
            found += [f"{name}: {key}" for key in sorted(keys) if left.get(key) != right.get(key)]
        elif one[name].read_bytes() != other[name].read_bytes():
            found.append(name)
    return found


def summary(path: Path) -> dict[str, Any]:
    """What is compared of run.json: all but `NOT_COMPARED`, and the digests of the papers' files."""
    plain = json.loads(path.read_text(encoding="utf-8"))
    kept = {key: value for key, value in plain.items() if key not in NOT_COMPARED}
    return kept | {"inputs": sorted(plain["inputs"].values())}


if __name__ == "__main__":
    main()
