"""HDBSCAN of one UMAP layout, which `topics.cluster.cluster` asks for outliers anyway."""

from __future__ import annotations

from topics.cluster.methods import Method, Scene
from topics.types import Integers, Progress


def _dense(scene: Scene, n_topics: int | None, progress: Progress) -> Integers:  # noqa: ARG001
    return scene.dense


METHOD = Method("hdbscan", _dense, "HDBSCAN of a UMAP layout", papers="all", rounds=5, takes_number=False)
