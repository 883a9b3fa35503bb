"""How much of MiniLM the distilled student keeps, on papers that its teacher never saw, beside lsa.

    python benchmarks/distilled.py CORPUS.jsonl... [--unlabelled PAPERS.jsonl] [--vectors FOLDER]

A corpus is JSON lines with title, abstract and labels (the first is the class). The teacher reads half of
it (or another set of papers, with --unlabelled), and everything is measured on the other half, in the mean
over several divisions into halves: AMI of k-means with the true number of classes. lsa and the student learn
their words from both halves, as in a run. --vectors names a folder with MiniLM's vectors of these files as
NAME.npy, to save the time.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

SEEDS = 5


class Words:
    """MiniLM's vectors of single words, which the divisions of a corpus share."""

    def __init__(self) -> None:
        self.known: dict[str, Any] = {}

    def __call__(self, words: Sequence[str]) -> Any:
        from topics.embed.minilm import load_minilm

        if fresh := [word for word in words if word not in self.known]:
            self.known.update(zip(fresh, load_minilm().encode(fresh), strict=True))
        return np.array([self.known[word] for word in words])


WORDS = Words()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("corpora", nargs="+", type=Path)
    parser.add_argument("--unlabelled", nargs="*", type=Path, default=())
    parser.add_argument("--vectors", type=Path)
    parser.add_argument("--teacher-papers", type=int, default=20_000)
    parser.add_argument("--splits", type=int, default=5, help="divisions into halves; the mean is printed")
    given = parser.parse_args()
    print("| corpus | taught on | measured on | lsa | distilled | minilm | gap closed | cosine | papers/s |")
    print("|---|---|---|---|---|---|---|---|---|")
    for path in given.corpora:
        row(path, given.unlabelled, given.vectors, given.teacher_papers, given.splits)


def row(path: Path, unlabelled: Sequence[Path], folder: Path | None, papers: int, splits: int) -> None:
    texts, classes = read(path)
    vectors = taught(path, texts, folder)
    others: list[tuple[str, Any]] = []
    for other in unlabelled:
        words = read(other)[0]
        others += zip(words, taught(other, words, folder), strict=True)
    found = [measure(texts, classes, vectors, others, papers, split) for split in range(splits)]
    sample, test = found[0][:2]
    low, middle, high, cosine, speed = np.mean([figures for *_, figures in found], axis=0)
    each = ", ".join(gap(*figures[:3]) for *_, figures in found)
    print(
        f"| {path.stem} | {sample:,} | {test:,} | {low:.3f} | {middle:.3f} | {high:.3f} | "
        f"{gap(low, middle, high)} ({each}) | {cosine:.2f} | {speed:,.0f} |",
        flush=True,
    )


def gap(low: float, middle: float, high: float) -> str:
    """How much of the way from lsa to MiniLM the student goes."""
    return f"{(middle - low) / (high - low):.0%}" if high > low else "no gap"


def measure(
    texts: Sequence[str],
    classes: Sequence[str],
    vectors: Any,
    others: Sequence[tuple[str, Any]],
    papers: int,
    split: int,
) -> tuple[int, int, tuple[float, ...]]:
    """Papers taught on and measured on; AMI of lsa, of the student and of MiniLM, their cosine, papers/s."""
    from topics.embed.distilled import fit_distilled
    from topics.embed.lsa import fit_lsa

    order = np.random.default_rng(split).permutation(len(texts))
    seen, unseen = order[: len(texts) // 2], order[len(texts) // 2 :]
    known = (others or [(texts[place], vectors[place]) for place in seen])[:papers]
    sample = [text for text, _ in known]
    test, gold = [texts[place] for place in unseen], [classes[place] for place in unseen]
    student = fit_distilled(
        [*sample, *test], sample, np.array([found for _, found in known]), read=WORDS, name="MiniLM"
    )
    begin = time.process_time()
    encoded = student.encode(test)
    speed = len(test) / (time.process_time() - begin)
    lsa = fit_lsa([*sample, *test]).encode(test)
    amis = (agreement(found, gold) for found in (lsa, encoded, vectors[unseen]))
    cosine = float(np.einsum("ij,ij->i", encoded, vectors[unseen]).mean())
    return len(sample), len(test), (*amis, cosine, speed)


def read(path: Path) -> tuple[list[str], list[str]]:
    from topics.types import join_text

    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    texts = [join_text(line["title"], line["abstract"]) for line in lines]
    return texts, [(line.get("labels") or [""])[0] for line in lines]


def taught(path: Path, texts: Sequence[str], folder: Path | None) -> Any:
    if folder and (folder / f"{path.stem}.npy").exists():
        return np.load(folder / f"{path.stem}.npy")
    from topics.embed.minilm import load_minilm

    return load_minilm().encode(texts)


def agreement(vectors: Any, classes: Sequence[str]) -> float:
    from sklearn.cluster import KMeans
    from sklearn.metrics import adjusted_mutual_info_score

    count = len(set(classes))
    found = [KMeans(count, n_init=4, random_state=seed).fit_predict(vectors) for seed in range(SEEDS)]
    return float(np.mean([adjusted_mutual_info_score(classes, groups) for groups in found]))


if __name__ == "__main__":
    main()
