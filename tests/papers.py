"""Small corpora for tests, made by hand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from topics.types import Clustering, Corpus, Embeddings

THEMES = {
    "privacy": "We study differentially private learning with noise. The privacy budget limits gradients. "
    "Differentially private learning needs clipping, and the privacy budget is spent.",
    "watermark": "We detect watermarked text from language models. Watermarks survive paraphrasing attacks. "
    "Our watermark detector reads watermarked text without the language models.",
    "turbulence": "Turbulent flow around a cylinder is simulated. The turbulent flow separates behind it. "
    "The Reynolds number of this turbulent flow is high, and the Reynolds number decides on separation.",
}


def corpus(texts: Sequence[tuple[str, str]], authors: Sequence[Sequence[str]] | None = None) -> Corpus:
    """A corpus of (title, abstract) pairs."""
    papers = pa.table(
        {
            "id": [f"p{row}" for row in range(len(texts))],
            "title": [title for title, _ in texts],
            "abstract": [abstract for _, abstract in texts],
            "authors": pa.array(
                [list(names) for names in authors or [()] * len(texts)], pa.list_(pa.string())
            ),
        }
    )
    return Corpus(papers, pa.table({"kept": [True] * len(texts)}))


def themed(per_theme: int, outliers: int = 0) -> tuple[Corpus, Embeddings, Clustering]:
    """Papers of three plain themes, vectors that lie by theme, and the clustering that says so."""
    texts, topic = [], []
    for number, (name, abstract) in enumerate(THEMES.items()):
        for copy in range(per_theme):
            texts.append((f"{name.capitalize()} paper {copy}", f"{abstract} Variant {name}-{copy} is new."))
            topic.append(number)
    for stray in range(outliers):
        texts.append((f"Stray {stray}", f"Something about gardens and bees in stray{stray} meadows."))
        topic.append(-1)
    random = np.random.default_rng(7)
    vectors = np.eye(8, dtype=np.float32)[topic] + random.normal(0, 0.1, (len(topic), 8))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return corpus(texts), Embeddings(vectors, "test"), clustering(topic)


def clustering(topic: Sequence[int], names: tuple[str, ...] = ()) -> Clustering:
    """A clustering with these topics; outliers lean to topic 0."""
    given = np.asarray(topic)
    count = int(given.max()) + 1
    centroids = np.eye(count, dtype=np.float32)
    return Clustering(given, np.maximum(given, 0), np.ones(len(given)), centroids, 1.0, names=names)


def shuffled(order: Sequence[int], papers: Corpus, embeddings: Embeddings, groups: Clustering):
    """The same papers in another order."""
    rows = np.asarray(order)
    return (
        Corpus(papers.papers.take(rows), papers.account),
        Embeddings(embeddings.vectors[rows], embeddings.encoder),
        clustering(groups.topic[rows]),
    )
