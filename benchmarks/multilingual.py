"""What `multilingual` takes out of its vectors, and what that gives.

    python benchmarks/multilingual.py

Writes topics/embed/multilingual_languages.txt: the mean vector of abstracts in ten languages, each counting
alike, and the directions in which the languages' own means differ most (Yang et al., EMNLP 2021).
The abstracts are those of tests/data/languages, and arXiv's in English. Before that it finds the same in
every other abstract and prints how well k-means agrees with the languages of the rest, which it should not,
and on arXiv-2k with the categories: adjusted mutual information, mean of three seeds.
"""

from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_mutual_info_score

from topics.embed.minilm_graph import WIDTH
from topics.embed.multilingual import TAKEN_OUT, load_multilingual
from topics.types.arrays import unit_rows
from topics.types.papers import join_text

ROOT = Path(__file__).parents[1]
DIRECTIONS = 7
HELD_OUT = ("th",)
"""Not looked at here, to show that other languages are served by what these give."""

A_LINE = 12

Vectors = npt.NDArray[np.float32]


def main() -> None:
    encoder = load_multilingual()
    languages, texts = _abstracts()
    english, categories = _arxiv()
    vectors, arxiv = encoder.read(texts), encoder.read(english)
    odd = np.arange(len(texts)) % 2 == 1
    print("| directions | languages | arXiv-2k |\n|---|---|---|")
    for many in (0, 3, 5, DIRECTIONS, 9):
        out = taken_out(vectors[odd], languages[odd], arxiv, many)
        rest, other = _without(vectors[~odd], out), _without(arxiv, out)
        scores = (
            _agreement(rest, languages[~odd], 9),
            _agreement(other, categories, 20),
        )
        print(f"| {many} | {' | '.join(f'{score:.3f}' for score in scores)} |")
    numbers = [f"{value:.5f}" for value in taken_out(vectors, languages, arxiv, DIRECTIONS).ravel()]
    lines = [" ".join(numbers[at : at + A_LINE]) for at in range(0, len(numbers), A_LINE)]
    (ROOT / "topics" / "embed" / TAKEN_OUT).write_text("\n".join(lines) + "\n", encoding="ascii")


def taken_out(vectors: Vectors, languages: npt.NDArray[np.str_], english: Vectors, many: int) -> Vectors:
    """(1 + many, 384) the centre, and the directions that the languages' means differ in."""
    means = [vectors[languages == language].mean(axis=0) for language in sorted(set(languages.tolist()))]
    all_means = np.array([*means, english.mean(axis=0)], np.float64)
    centre = all_means.mean(axis=0)
    _, _, directions = np.linalg.svd(all_means - centre, full_matrices=False)
    return np.vstack([centre, directions[:many]]).astype(np.float32).reshape(-1, WIDTH)


def _without(vectors: Vectors, out: Vectors) -> Vectors:
    apart = vectors - out[0]
    return unit_rows(apart - (apart @ out[1:].T) @ out[1:])


def _agreement(vectors: Vectors, classes: npt.NDArray[np.str_], groups: int) -> float:
    found = (KMeans(groups, n_init=10, random_state=seed).fit_predict(vectors) for seed in range(3))
    return float(np.mean([adjusted_mutual_info_score(classes, one) for one in found]))


def _abstracts() -> tuple[npt.NDArray[np.str_], list[str]]:
    languages, texts = [], []
    paths = (ROOT / "tests" / "data" / "languages").glob("*.csv")
    for path in sorted(path for path in paths if path.stem not in HELD_OUT):
        with path.open(encoding="utf-8") as file:
            for row in csv.DictReader(file):
                languages.append(path.stem)
                texts.append(join_text(row["title"], row["abstract"]))
    return np.array(languages), texts


def _arxiv() -> tuple[list[str], npt.NDArray[np.str_]]:
    with gzip.open(ROOT.parent / "shared" / "corpora" / "arxiv-2k.jsonl.gz", "rt", encoding="utf-8") as file:
        papers = [json.loads(line) for line in file]
    texts = [join_text(paper["title"], paper["abstract"]) for paper in papers]
    return texts, np.array([paper["labels"][0] for paper in papers])


if __name__ == "__main__":
    main()
