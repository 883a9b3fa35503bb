"""How far a clustering and its keywords can be trusted.

Stability asks whether a topic is found again when the grouping is repeated on nine tenths of the papers with
other seeds: the mean over the repetitions of its best Jaccard overlap with a topic found there (Hennig 2007,
"Cluster-wise assessment of cluster stability"). Coherence is the normalised pointwise mutual information of
its keywords (Bouma 2009) in the papers themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from topics.cluster.overlap import best_overlap
from topics.types import (
    OUTLIER,
    Clustering,
    Counts,
    Embeddings,
    Floats,
    Integers,
    Progress,
    Quality,
    Topics,
    unwatched,
)

Rows = npt.NDArray[np.integer[Any]]
Regroup = Callable[[Integers, int], Integers]

REPETITIONS = 5
KEPT_SHARE = 0.9
SAMPLE = 2000
"""Most papers in a repetition: it bounds the cost, and a topic of 1 % still has 20."""

DISSOLVED, DOUBTFUL = 0.5, 0.75
"""Hennig's limits: below the first a cluster is dissolved, from the second on it is stable. On 3,744 OHSUMED
abstracts the topics below .5 overlap with the class they are nearest to by .15 in the mean (Jaccard), those
above .75 by .37."""

INCOHERENT, COUNTED = -0.1, 40
"""Of fewer papers than `COUNTED`, most pairs of keywords never meet whatever the topic."""

FEW = 3


def assess(
    embeddings: Embeddings,
    clustering: Clustering,
    counts: Counts,
    topics: Topics,
    regroup: Regroup,
    *,
    random_state: int,
    progress: Progress = unwatched,
) -> Quality:
    """Repeat the grouping and look how much of it comes back; look up the keywords in the papers.

    regroup: row numbers (m,) and the repetition's number to the (m,) groups that these papers form alone.
    """
    stability, agreement = _stability(embeddings, clustering, regroup, random_state, progress)
    words = [[keyword.term for keyword in topic.keywords] for topic in topics.topics]
    coherence = npmi(counts, words)
    return Quality(
        stability=stability,
        coherence=coherence,
        agreement=agreement,
        diversity=diversity(words),
        outlier_share=float((clustering.topic == OUTLIER).mean()),
        doubts=tuple(
            _doubt(topic.size, float(stable), float(coherent))
            for topic, stable, coherent in zip(topics.topics, stability, coherence, strict=True)
        ),
    )


def _stability(
    embeddings: Embeddings, clustering: Clustering, regroup: Regroup, random_state: int, progress: Progress
) -> tuple[Floats, float]:
    """(k,) stability of each topic, and the mean AMI between the clustering and its repetitions."""
    from sklearn.metrics import adjusted_mutual_info_score

    total, seen = np.zeros(clustering.n_topics), np.zeros(clustering.n_topics)
    agreements = []
    for number, rows in enumerate(_draws(embeddings, random_state)):
        again = regroup(rows, number)
        agreements.append(adjusted_mutual_info_score(clustering.nearest_topic[rows], again))
        core = clustering.topic[rows] >= 0
        best, sizes = best_overlap(clustering.topic[rows][core], again[core], clustering.n_topics)
        # One paper overlaps with whatever group it is in, which says nothing about the topic.
        counted = sizes >= 2
        total += np.where(counted, best, 0.0)
        seen += counted
        progress(1)
    stability: Floats = (total / np.maximum(seen, 1)).astype(np.float32)
    return stability, float(np.mean(agreements))


def _draws(embeddings: Embeddings, random_state: int) -> Iterator[Integers]:
    n = len(embeddings.vectors)
    many = min(round(KEPT_SHARE * n), SAMPLE)
    for number in range(REPETITIONS):
        generator = np.random.default_rng([random_state, number])
        yield embeddings.order[np.sort(generator.choice(n, many, replace=False))]


def npmi(counts: Counts, words: list[list[str]]) -> Floats:
    """(k,) the mean normalised pointwise mutual information of each topic's pairs of keywords.

    1: they always occur together; 0: as often as chance has it; -1: never. A topic with fewer than two
    keywords that are terms of `counts` has 0.
    """
    place = {term: column for column, term in enumerate(counts.terms)}
    columns = [[place[term] for term in own if term in place] for own in words]
    presence = counts.matrix.astype(bool).astype(np.float64).tocsc()
    scores = np.zeros(len(words), np.float32)
    for topic, own in enumerate(columns):
        if len(own) > 1:
            part = presence[:, own]
            joint = (part.T @ part).toarray() / counts.matrix.shape[0]
            scores[topic] = _mean_npmi(joint)
    return scores


def _mean_npmi(joint: npt.NDArray[np.float64]) -> float:
    single = np.diag(joint)
    pairs = np.triu_indices(len(joint), 1)
    both, apart = joint[pairs], np.outer(single, single)[pairs]
    some = np.clip(both, 1e-12, 1 - 1e-12)
    value = np.log(some / apart) / -np.log(some)
    return float(np.where(both == 0, -1.0, np.where(both >= 1, 1.0, np.clip(value, -1, 1))).mean())


def diversity(words: list[list[str]]) -> float:
    """The share of distinct terms among all topics' keywords (Dieng et al. 2020)."""
    terms = [term.casefold() for own in words for term in own]
    return len(set(terms)) / len(terms)


def _doubt(size: int, stability: float, coherence: float) -> str:
    """One line on why a topic is not to be trusted, or "". The weightiest reason wins."""
    if size < FEW:
        return f"rests on {size} paper{'s' * (size != 1)}"
    if stability < DISSOLVED:
        return f"repetitions do not find it: it overlaps by {stability:.0%} with what they find"
    if stability < DOUBTFUL:
        return f"repetitions find it only in part: it overlaps by {stability:.0%} with what they find"
    if coherence < INCOHERENT and size >= COUNTED:
        return "its keywords rarely occur in the same paper, so it may be several subjects"
    return ""
