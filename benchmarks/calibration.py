"""Are the shares of topics calibrated: of papers with a share of .7, are 70 % there in unseen groupings?

    python benchmarks/calibration.py arxiv-200k.jsonl.gz ohsumed.jsonl.gz --size 500 --keep FOLDER

Draws papers of each file of JSON lines with `title` and `abstract` (--archive: of one archive of arXiv only),
or takes all of another export, runs `topics run` on them with the encoder lsa, and groups nine tenths of the
papers twenty times more, from other draws and starts than the run's own ten. For each tenth of shares: pairs
of paper and topic, their mean share, and how often the paper was in the topic in the twenty. Beside the
shares stands the plain softmax. --keep: a folder for the figures from which rules can be tried without
grouping again.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from topics.cluster.assign import similarities
from topics.cluster.memberships import learned, reliability, shares_of
from topics.cluster.recovery import found_again
from topics.cluster.stability import REPETITIONS, regroup, regroupings
from topics.runs.run import Run, open_run
from topics.types import Doubles, Integers, Projection, ShareRule

ROUNDS = 2
"""Times `REPETITIONS` groupings that the run has not seen."""

ENOUGH = 300
"""Pairs in a tenth before it counts among the worst."""

Seen = list[tuple[Doubles, Integers]]


def drawn(path: Path, archive: str, size: int, seed: int) -> list[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        pool = [record for record in map(json.loads, stream) if _of(record, archive)]
    chosen = random.Random(seed).sample(pool, min(size, len(pool)))
    return [
        {name: own[name] for name in ("title", "abstract")} | {"id": str(at)} for at, own in enumerate(chosen)
    ]


def _of(record: dict[str, list[str]], archive: str) -> bool:
    return not archive or record["labels"][0].split(".")[0] == archive


def run_on(papers: Path, folder: Path) -> Run:
    command = [sys.executable, "-m", "topics", "run", str(papers), "-o", str(folder / "run")]
    subprocess.run(
        [*command, "--set", "embed.encoder=lsa"],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    return open_run(folder / "run")


def groupings(run: Run) -> tuple[Seen, Seen]:
    """Cosines to the topics and topics found again, in the run's own repetitions and in further ones."""
    # Runs keep no layout; the method `auto` has none.
    vars(run)["reduced"] = Projection.none(len(run.corpus))
    further = [
        pair
        for number in range(1, ROUNDS + 1)
        for pair in regroupings(
            run.embeddings,
            lambda rows, at, first=REPETITIONS * number: regroup(run, run.config, rows, at + first),
            77 + number,
        )
    ]
    return tuple(
        [
            (
                similarities(run.embeddings.vectors[rows], run.clustering.directions),
                found_again(run.clustering, rows, groups),
            )
            for rows, groups in pairs
        ]
        for pairs in (run.regroupings, further)
    )


def figures(tested: Seen) -> tuple[float, float]:
    """The mean distance of said and seen over pairs with a share of .1 and more; the largest in a tenth."""
    larger = [(abs(said - seen), pairs) for pairs, said, seen in reliability(tested) if said >= 0.1]
    mean = float(np.average([one for one, _ in larger], weights=[pairs for _, pairs in larger]))
    return mean, max((one for one, pairs in larger if pairs >= ENOUGH), default=0.0)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("papers", type=Path, nargs="+")
    parser.add_argument("--archive", default="", help="of arXiv, as math")
    parser.add_argument("--size", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path)
    given = parser.parse_args(arguments)
    for path in given.papers:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            if path.name.endswith(".jsonl.gz"):
                records = drawn(path, given.archive, given.size, given.seed)
                papers = folder / "papers.jsonl"
                papers.write_text("".join(json.dumps(own) + "\n" for own in records), encoding="utf-8")
            else:
                papers = path
            run = run_on(papers, folder)
            temperature = run.clustering.temperature
            own, further = groupings(run)
            rule = learned([cosines for cosines, _ in own], [seen for _, seen in own], temperature)
            title = f"{path.name.split('.')[0]} {given.archive}, {len(run.corpus):,} papers"
            print(f"\n### {title}, {len(run.topics)} topics")
            for what, by in (("shares", rule), ("softmax", ShareRule.plain(temperature))):
                tested = [(shares_of(cosines, by), seen) for cosines, seen in further]
                mean, worst = figures(tested)
                print(f"\n{what}: error {mean:.3f}, worst tenth {worst:.3f}")
                if what == "shares":
                    for pairs, said, seen in reliability(tested):
                        print(f"| {pairs} | {said:.3f} | {seen:.3f} | {said - seen:+.3f} |", flush=True)
            if given.keep:
                given.keep.mkdir(parents=True, exist_ok=True)
                stem = title.replace(" ", "-").replace(",", "")
                content = {
                    f"{kind}{part}{at}": pair[part]
                    for kind, pairs in (("own", own), ("new", further))
                    for at, pair in enumerate(pairs)
                    for part in (0, 1)
                }
                np.savez_compressed(given.keep / f"{stem}.npz", temperature=temperature, **content)


if __name__ == "__main__":
    main()
