"""Subtopics: are the parts of a topic in its papers, or only in the method?

    python benchmarks/subtopics.py [--corpora FOLDER] [--vectors FOLDER]

Asked of `topics.label.subtopics.divide`, on MiniLM's vectors of arxiv-2k, arxiv-9k and ohsumed:

- Classes: how many of the known classes are divided, into how many parts?
- Clouds: the same of as many points from a normal distribution with the mean and covariance of each class,
  which has no parts. What is divided here is a false alarm.
- Four in one: 600 papers of four classes taken for one topic. Do the parts agree with the classes (AMI)?

As peers, parts of the same vectors by prediction strength of at least .8 (Tibshirani and Walther 2005), by
which subtopics were made before, and BERTopic's own way to finer topics, HDBSCAN with a smaller
min_cluster_size (10) on a UMAP layout.

Everything goes to standard output as Markdown.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np
from quality import ROOT, WHOLE, read
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_mutual_info_score as ami

from topics.label.subtopics import LEAST, divide
from topics.types import Floats, Integers

JOINED, DRAWS, PAPERS = 4, 10, 600

Divide = Callable[[Floats], Integers]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--corpora", type=Path, default=ROOT.parent / "shared" / "corpora")
    parser.add_argument("--vectors", type=Path, help="folder that keeps each corpus' vectors from run to run")
    options = parser.parse_args()
    print(
        "| corpus | method | classes divided | clouds divided | parts of a divided class | four in one: AMI |"
    )
    print("|---|---|---|---|---|---|")
    for name in WHOLE:
        papers = read(options.corpora / f"{name}.jsonl.gz", options.vectors)
        vectors = papers.vectors.astype(np.float32)
        classes = list(map(np.flatnonzero, papers.gold == np.unique(papers.gold)[:, None]))
        classes = [rows[:PAPERS] for rows in classes if len(rows) >= 4 * LEAST]
        for named, method in METHODS.items():
            measure(name, named, method, vectors, papers.gold, classes)


def measure(
    corpus: str, named: str, method: Divide, vectors: Floats, gold: Integers, classes: list[Integers]
) -> None:
    generator = np.random.default_rng(0)
    parts = [count(method(vectors[rows])) for rows in classes]
    clouds = [count(method(cloud(vectors[rows], generator))) for rows in classes]
    found = []
    for _ in range(DRAWS):
        joined = generator.choice(len(classes), JOINED, replace=False)
        rows = generator.permutation(np.concatenate([classes[one] for one in joined]))[:PAPERS]
        found.append(ami(gold[rows], method(vectors[rows])))
    divided = [many for many in parts if many > 1]
    print(
        f"| {corpus} | {named} | {len(divided)} of {len(parts)} | {sum(many > 1 for many in clouds)} of "
        f"{len(clouds)} | {np.median(divided) if divided else 0:.1f} | {np.mean(found):.3f} |",
        flush=True,
    )


def count(parts: Integers) -> int:
    return len(np.unique(parts[parts >= 0]))


def cloud(vectors: Floats, generator: np.random.Generator) -> Floats:
    """As many unit rows with the same mean and covariance, and nothing else in common."""
    values, axes = np.linalg.eigh(np.cov(vectors.T.astype(np.float64)))
    drawn = generator.normal(size=vectors.shape) * np.sqrt(np.maximum(values, 0)) @ axes.T
    points: Floats = (vectors.mean(axis=0) + drawn).astype(np.float32)
    return points / np.linalg.norm(points, axis=1, keepdims=True)


def ours(vectors: Floats) -> Integers:
    found = divide(vectors, np.ones(len(vectors), bool), 0)
    return np.zeros(len(vectors), np.int32) if found is None else found.of


def by_prediction_strength(vectors: Floats) -> Integers:
    """The finest of two to five parts, in ten principal axes, whose worst part is predicted by .8."""
    generator = np.random.default_rng(0)
    centred = vectors - vectors.mean(axis=0)
    points = centred @ np.linalg.svd(centred, full_matrices=False)[2][:10].T
    for number in range(min(5, len(points) // LEAST), 1, -1):
        if np.mean([strength(points, number, generator) for _ in range(3)]) >= 0.8:
            labels: Integers = KMeans(number, n_init=2, random_state=0).fit_predict(points)
            if np.bincount(labels).min() >= LEAST:
                return labels
    return np.zeros(len(vectors), np.int32)


def strength(points: Floats, number: int, generator: np.random.Generator) -> float:
    halves = np.array_split(generator.permutation(len(points)), 2)
    one, other = (KMeans(number, n_init=2, random_state=0).fit(points[half]) for half in halves)
    table = np.zeros((number, number))
    np.add.at(table, (other.labels_, one.predict(points[halves[1]])), 1)
    sizes = table.sum(axis=1)
    return float(((table * (table - 1)).sum(axis=1) / np.maximum(sizes * (sizes - 1), 1)).min())


def by_hdbscan(vectors: Floats) -> Integers:
    from hdbscan import HDBSCAN
    from umap import UMAP

    layout = UMAP(
        n_neighbors=15, n_components=5, min_dist=0.0, metric="cosine", random_state=0, n_jobs=1
    ).fit_transform(vectors)
    labels: Integers = HDBSCAN(min_cluster_size=LEAST).fit_predict(layout)
    return labels


METHODS: dict[str, Divide] = {
    "**ours**": ours,
    "prediction strength": by_prediction_strength,
    "UMAP + HDBSCAN, as BERTopic has them": by_hdbscan,
}


if __name__ == "__main__":
    main()
