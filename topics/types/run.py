"""What the stages of a run have made, by name."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TypeVar

from topics.types.clusters import (
    Clustering,
    Guidance,
    Hierarchy,
    Levels,
    Memberships,
    Novelty,
    Quality,
    Regroupings,
)
from topics.types.papers import Corpus
from topics.types.points import Embeddings, Neighbours, Projection
from topics.types.topics import Counts, Names, Topics
from topics.types.trends import Trends

T = TypeVar("T")


def _of(stage: str, kind: type[T]) -> cached_property[T]:
    """The value of a stage, read when it is first asked for."""
    return cached_property(lambda run: run.value(stage, kind))


class Values:
    """The values of a run's stages, of one under way or finished.

    drafted: the topics under the labels that are phrases of their papers, or were given.
    """

    corpus = _of("read", Corpus)
    embeddings = _of("embed", Embeddings)
    guidance = _of("guide", Guidance)
    neighbours = _of("neighbours", Neighbours)
    reduced = _of("reduce", Projection)
    clustering = _of("cluster", Clustering)
    novelty = _of("novelty", Novelty)
    counts = _of("count", Counts)
    drafted = _of("label", Topics)
    names = _of("names", Names)
    hierarchy = _of("hierarchy", Hierarchy)
    levels = _of("levels", Levels)
    regroupings = _of("regroup", Regroupings)
    layout = _of("layout", Projection)
    trends = _of("trends", Trends)

    def value(self, stage: str, kind: type[T]) -> T:
        """The value of a stage of `topics.pipeline.STAGES`, which is of type `kind` from `topics.types`."""
        raise NotImplementedError

    @cached_property
    def memberships(self) -> Memberships:
        return self.value("memberships", Memberships)

    @cached_property
    def placed(self) -> Clustering:
        """The clustering as tables and maps show it: with the probabilities that regroupings taught."""
        return replace(self.clustering, probability=self.memberships.probability)

    @cached_property
    def topics(self) -> Topics:
        """The topics under the labels that a language model worded, where one was asked."""
        return (
            self.drafted.relabelled(self.names.labels, self.names.fits) if self.names.labels else self.drafted
        )

    @cached_property
    def quality(self) -> Quality:
        """How far the topics can be trusted, and which of their labels fit too few of their papers."""
        return self.value("quality", Quality).doubting([topic.doubt for topic in self.topics.topics])
