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


class Values:
    """The values of a run's stages, of one under way or finished, each read when first asked for."""

    def value(self, stage: str, kind: type[T]) -> T:
        """The value of a stage of `topics.pipeline.STAGES`, which is of type `kind` from `topics.types`."""
        raise NotImplementedError

    @cached_property
    def corpus(self) -> Corpus:
        return self.value("read", Corpus)

    @cached_property
    def embeddings(self) -> Embeddings:
        return self.value("embed", Embeddings)

    @cached_property
    def guidance(self) -> Guidance:
        return self.value("guide", Guidance)

    @cached_property
    def neighbours(self) -> Neighbours:
        return self.value("neighbours", Neighbours)

    @cached_property
    def reduced(self) -> Projection:
        return self.value("reduce", Projection)

    @cached_property
    def clustering(self) -> Clustering:
        return self.value("cluster", Clustering)

    @cached_property
    def memberships(self) -> Memberships:
        return self.value("memberships", Memberships)

    @cached_property
    def placed(self) -> Clustering:
        """The clustering as tables and maps show it: with the probabilities that regroupings taught."""
        return replace(self.clustering, probability=self.memberships.probability)

    @cached_property
    def novelty(self) -> Novelty:
        return self.value("novelty", Novelty)

    @cached_property
    def counts(self) -> Counts:
        return self.value("count", Counts)

    @cached_property
    def drafted(self) -> Topics:
        """The topics under the labels that are phrases of their papers, or were given."""
        return self.value("label", Topics)

    @cached_property
    def names(self) -> Names:
        return self.value("names", Names)

    @cached_property
    def topics(self) -> Topics:
        """The topics under the labels that a language model worded, where one was asked."""
        return (
            self.drafted.relabelled(self.names.labels, self.names.fits) if self.names.labels else self.drafted
        )

    @cached_property
    def levels(self) -> Levels:
        return self.value("levels", Levels)

    @cached_property
    def hierarchy(self) -> Hierarchy:
        return self.value("hierarchy", Hierarchy)

    @cached_property
    def regroupings(self) -> Regroupings:
        return self.value("regroup", Regroupings)

    @cached_property
    def quality(self) -> Quality:
        """How far the topics can be trusted, and which of their labels fit too few of their papers."""
        return self.value("quality", Quality).doubting([topic.doubt for topic in self.topics.topics])

    @cached_property
    def layout(self) -> Projection:
        return self.value("layout", Projection)

    @cached_property
    def trends(self) -> Trends:
        """What the run's own settings say about time; without periods where its papers have no dates."""
        return self.value("trends", Trends)
