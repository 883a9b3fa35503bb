"""Whether topics are found again.

The grouping is repeated on nine tenths of the papers with other seeds. A topic's stability is the mean over
the repetitions of its best Jaccard overlap with a topic found there (Hennig 2007, "Cluster-wise assessment of
cluster stability"). `topics.cluster.recovery` says when a topic or a paper's place is found again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from topics.cache.parallel import in_threads
from topics.cluster.cluster import cluster
from topics.cluster.recovery import best_overlap
from topics.cluster.umap import find_neighbours
from topics.config import Config
from topics.types import (
    Clustering,
    Embeddings,
    Floats,
    Integers,
    Progress,
    Projection,
    Regroupings,
    unwatched,
)
from topics.types.run import Values

Regroup = Callable[[Integers, int], Integers]

REPETITIONS = 10
KEPT_SHARE = 0.9
MOST_PAPERS = 2000
"""Most papers in a repetition: it bounds the cost, and a topic of 1 % still has 20."""


def regroupings(
    embeddings: Embeddings, regroup: Regroup, random_state: int, progress: Progress = unwatched
) -> Regroupings:
    """Group nine tenths of the papers anew, `REPETITIONS` times, each time others and from other starts.

    regroup: row numbers (m,) and the repetition's number to the (m,) groups that these papers form alone.
    """
    drawn = list(_draws(embeddings, random_state))
    groups = []
    for found in in_threads(lambda number: regroup(drawn[number], number), range(REPETITIONS)):
        groups.append(found)
        progress(1)
    return Regroupings(np.array(drawn, np.int32), np.array(groups, np.int32))


def stability(clustering: Clustering, regroupings: Regroupings) -> tuple[Floats, float]:
    """(k,) stability of each topic, and the mean AMI between the clustering and its repetitions."""
    from sklearn.metrics import adjusted_mutual_info_score

    total, seen = np.zeros(clustering.n_topics), np.zeros(clustering.n_topics)
    agreements = []
    for rows, again in regroupings:
        agreements.append(adjusted_mutual_info_score(clustering.nearest_topic[rows], again))
        core = clustering.topic[rows] >= 0
        best, sizes = best_overlap(clustering.topic[rows][core], again[core], clustering.n_topics)
        # One paper overlaps with whatever group it is in, which says nothing about the topic.
        counted = sizes >= 2
        total += np.where(counted, best, 0.0)
        seen += counted
    stability: Floats = (total / np.maximum(seen, 1)).astype(np.float32)
    return stability, float(np.mean(agreements))


def _draws(embeddings: Embeddings, random_state: int) -> Iterator[Integers]:
    n = len(embeddings.vectors)
    many = min(round(KEPT_SHARE * n), MOST_PAPERS)
    for number in range(REPETITIONS):
        generator = np.random.default_rng([random_state, number])
        yield embeddings.order[np.sort(generator.choice(n, many, replace=False))]


def regroup(run: Values, config: Config, rows: Integers, number: int) -> Integers:
    """(len(rows),) topics of the papers `rows` alone, from other starts.

    run: with the topics of all papers, whose smallest size is scaled to the part. number: of the repetition.
    """
    embeddings, clustering = run.embeddings, run.clustering
    seed = (config.random_state + 1000 * (number + 1)) % 2**32
    part = embeddings.of(rows)
    share = len(rows) / len(clustering)
    smaller: dict[str, object] = {
        "min_cluster_size": max(2, round(share * int(str(clustering.chosen["min_cluster_size"]))))
    }
    if config.cluster.n_topics != "auto":
        smaller["n_topics"] = min(config.cluster.n_topics, len(rows) // 2)
    return cluster(
        part,
        find_neighbours(part, config.reduce, random_state=seed),
        Projection(run.reduced.coordinates[rows]),
        config.cluster.model_copy(update=smaller),
        random_state=seed,
        guidance=run.guidance.within(rows),
        n_total=len(clustering),
        seed=number + 1,
    ).nearest_topic
