"""Names for the topics of the other levels that a run offers, so that one can be chosen by what it holds.

A topic that is one of the run's own, or nearly, has that one's label. One that joins several of them is named
after these, as a field is; others are named by a phrase of their papers, as subtopics are.
"""

from __future__ import annotations

import numpy as np

from topics.cluster.recovery import in_common
from topics.label.coverage import link_of, name_of_several
from topics.label.labels import choose_labels
from topics.label.phrases import fitness
from topics.label.topics import most_central
from topics.types import (
    OUTLIER,
    Clustering,
    Corpus,
    Counts,
    Doubles,
    Embeddings,
    Integers,
    Levels,
    Mask,
    NamedLevel,
    Topics,
)

SAME = 0.75
"""Least share of common papers, of those in either, for a topic of another level to be one of the run's: from
there on a topic is stable (Hennig 2007). Above a half no topic can be two of them."""

MOSTLY, PART = 0.5, 0.2
"""A topic of another level joins one of the run's that has more than this share of its papers there, and that
is at least this share of it."""

MANY = 200
"""Papers from which on a phrase of a single one names no topic."""


def name_levels(
    corpus: Corpus, embeddings: Embeddings, clustering: Clustering, counts: Counts, topics: Topics
) -> Levels:
    """The levels of a clustering and its own topics among them, ascending by number, all named."""
    if not len(clustering.levels):
        return Levels()
    if len(corpus) >= MANY:
        papers = np.bincount(counts.matrix.indices, minlength=len(counts.terms))
        counts = counts.with_terms(np.flatnonzero(papers > 1))
    label_fitness = fitness(counts, corpus)[1]
    _, score, agreement = clustering.curve[0].tolist()
    sizes = tuple(topic.size for topic in topics.topics)
    found = [NamedLevel(topics.labels, sizes, score, agreement)]
    link = link_of(corpus)
    for nearest, (_, score, agreement) in zip(
        clustering.levels, clustering.level_figures.tolist(), strict=True
    ):
        groups = _without_outliers(nearest, clustering.topic == OUTLIER)
        known = _known(groups, clustering.topic, topics, link)
        labels = _labels(corpus, embeddings, counts, label_fitness, groups, known)
        found.append(NamedLevel(labels, tuple(np.bincount(groups[groups >= 0]).tolist()), score, agreement))
    own = found[0]
    found.sort(key=len)
    return Levels(tuple(found), found.index(own), float(clustering.curve[:, 1].max()))


def _without_outliers(nearest: Integers, outlier: Mask) -> Integers:
    """(n,) topics, -1 for outliers but where a topic has no other papers."""
    held = np.bincount(nearest[~outlier], minlength=nearest.max() + 1) > 0
    groups: Integers = np.where(outlier & held[nearest], OUTLIER, nearest).astype(np.int32)
    return groups


def _known(groups: Integers, own: Integers, topics: Topics, link: str) -> list[str]:
    """For each group the label of the run's topic that it is, or a name of those that it joins, or ""."""
    inside = (groups >= 0) & (own >= 0)
    common = in_common(groups[inside], own[inside], int(groups.max()) + 1, len(topics))
    sizes, topic_sizes = (np.bincount(of[of >= 0]) for of in (groups, own))
    overlap = common / (sizes[:, None] + topic_sizes - common)
    names: list[str] = []
    joins = (common > MOSTLY * topic_sizes) & (common >= PART * sizes[:, None])
    for group, same in enumerate(overlap):
        parts = np.flatnonzero(joins[group]).tolist()
        if same.max() >= SAME:
            parts = [int(same.argmax())]
        elif len(parts) == 1 and not (
            # The run's topic with less than as many papers besides.
            sizes[group] >= topic_sizes[parts[0]] and common[group, parts[0]] > MOSTLY * sizes[group]
        ):
            parts = []
        name = name_of_several(topics, parts, link) if parts else ""
        names.append("" if name.casefold() in {other.casefold() for other in names} else name)
    return names


def _labels(
    corpus: Corpus,
    embeddings: Embeddings,
    counts: Counts,
    label_fitness: Doubles,
    groups: Integers,
    names: list[str],
) -> tuple[str, ...]:
    """names: the labels that are settled, "" for groups that need one."""
    chosen = choose_labels(counts, groups, embeddings, label_fitness, None, names)
    return tuple(label or _title(corpus, embeddings, groups == group) for group, label in enumerate(chosen))


def _title(corpus: Corpus, embeddings: Embeddings, members: Mask) -> str:
    """Of the group's most central paper, with its id: where the papers share no usable phrase."""
    row = int(most_central(embeddings.vectors, np.flatnonzero(members), 1)[0])
    return f"{corpus.titles[row]} ({corpus.ids[row]})"
