"""The topics of a part of the papers, to see whether those of all come back (`topics.label.quality`)."""

from __future__ import annotations

from topics.cluster.cluster import cluster
from topics.cluster.umap import find_neighbours
from topics.config import Config
from topics.types import Embeddings, Integers, Projection
from topics.types.run import Values


def regroup(run: Values, config: Config, rows: Integers, number: int) -> Integers:
    """(len(rows),) topics of the papers `rows` alone, with other seeds and, each time, one layout less.

    run: with the topics of all papers, whose smallest size is scaled to the part. number: of the repetition.
    """
    embeddings, spaces, clustering = run.embeddings, run.spaces.coordinates, run.clustering
    seed = (config.random_state + 1000 * (number + 1)) % 2**32
    part = Embeddings(embeddings.vectors[rows], embeddings.encoder)
    kept = [space for place, space in enumerate(spaces) if len(spaces) == 1 or place != number % len(spaces)]
    share = len(rows) / len(clustering)
    smaller: dict[str, object] = {
        "min_cluster_size": max(2, round(share * int(str(clustering.chosen["min_cluster_size"]))))
    }
    if config.cluster.n_topics != "auto":
        smaller["n_topics"] = min(config.cluster.n_topics, len(rows) // 2)
    return cluster(
        part,
        find_neighbours(part, config.reduce, random_state=seed),
        [Projection(space[rows]) for space in kept],
        config.cluster.model_copy(update=smaller),
        random_state=seed,
        guidance=run.guidance.within(rows),
        of=len(clustering),
    ).nearest_topic
