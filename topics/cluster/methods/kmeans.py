"""k-means of the vectors. Where the number of groups is open, the one of the highest score is taken."""

from __future__ import annotations

from topics.cache.parallel import in_threads
from topics.cluster.consensus import Level, large_groups
from topics.cluster.methods import Method, MethodInput, best, numbers
from topics.types import Integers, Progress

STARTS = 5


def _k_means(inputs: MethodInput, n_topics: int | None, progress: Progress) -> tuple[Level, ...]:  # noqa: ARG001
    from sklearn.cluster import KMeans

    def grouped(number: int) -> Integers:
        model = KMeans(number, n_init=STARTS, random_state=inputs.random_state)
        found: Integers = model.fit_predict(inputs.vectors)
        return found

    groups = best(in_threads(grouped, numbers(len(inputs.vectors), n_topics)), inputs)
    return (Level(groups if n_topics else large_groups(groups, inputs.size)),)


METHOD = Method("kmeans", _k_means, "Euclidean k-means of these unit vectors")
