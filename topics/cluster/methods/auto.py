"""What many groupings agree on (`topics.cluster.consensus`)."""

from __future__ import annotations

from topics.cluster.consensus import Level, group
from topics.cluster.methods import Method, Scene
from topics.types import Progress


def _agreed(scene: Scene, n_topics: int | None, progress: Progress) -> tuple[Level, ...]:
    return group(
        scene.vectors,
        scene.around,
        scene.distances,
        n_topics=n_topics,
        size=scene.size,
        of=scene.of,
        resolution=scene.resolution,
        seed=scene.seed,
        progress=progress,
    )


METHOD = Method(
    "auto",
    _agreed,
    "what many k-means agree on, of the vectors and of the eigenvectors of their neighbour graph, at several "
    "numbers of groups",
)
