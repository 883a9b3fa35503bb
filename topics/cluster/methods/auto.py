"""What many groupings agree on (`topics.cluster.consensus`)."""

from __future__ import annotations

from topics.cluster.consensus import group
from topics.cluster.methods import Method, Scene
from topics.types import Integers, Progress


def _agreed(scene: Scene, n_topics: int | None, progress: Progress) -> Integers:
    return group(
        scene.vectors,
        scene.layouts,
        scene.around,
        n_topics=n_topics,
        size=scene.size,
        of=scene.of,
        random_state=scene.random_state,
        progress=progress,
    )


METHOD = Method(
    "auto",
    _agreed,
    "what UMAP layouts, k-means and several numbers of groups agree on, with HDBSCAN for outliers",
)
