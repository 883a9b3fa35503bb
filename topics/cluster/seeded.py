"""Make room among found groups for topics that somebody asked for.

Each topic asked for comes with a few papers that surely belong to it, its seeds. A found group, or part of
one, of which more than half lies about as near to the seeds as they lie to each other is that topic's; from
other groups it gets its seeds only. Spherical k-means with the seeds held in place then settles the borders
(seeded k-means: Basu, Banerjee and Mooney 2002).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from topics.cluster.assign import assign
from topics.errors import ConfigError, CorpusError
from topics.types import OUTLIER, Doubles, Floats, Guidance, Integers, Mask, Rows
from topics.types.arrays import unit, unit_rows

TRIES = 4
"""How many numbers of found groups are tried until the topics are as many as was asked for."""

PARTING = 10
"""Rounds of k-means that part a found group."""

DRAW = 0.4
"""What the words that ask for a topic weigh against its papers; `benchmarks/steering.py` measures it."""

ALONE = 3
"""Neighbours that stand for the other seeds where a topic has one seed only."""


def share_out(
    vectors: Floats,
    found: Callable[[int | None], Integers],
    wanted: Guidance,
    seeds: Sequence[Rows],
    n_topics: int | None,
    size: int,
) -> tuple[Integers, Integers]:
    """Found groups beside the topics asked for, together as many as was asked for.

    found: gives the (n,) groups of a run that is asked for so many topics, or for no certain number.
    Returns the (n,) groups and (n,) seeds of `make_room`.

    Raises ConfigError: `n_topics` is less than the topics asked for by name.
    """
    check_number(only=wanted.only, n_topics=n_topics)
    if n_topics and n_topics < len(seeds):
        raise ConfigError(
            f"cluster.n_topics is {n_topics}, but guide asks for {len(seeds)} topics; make it at least that."
        )
    groups, pinned = make_room(vectors, found(n_topics), wanted, seeds, size)
    number = n_topics or 0
    for _ in range(TRIES if n_topics else 0):
        missing = (n_topics or 0) - int(groups.max()) - 1
        number = int(np.clip(number + missing, 2, len(vectors) // 2))
        if not missing:
            break
        groups, pinned = make_room(vectors, found(number), wanted, seeds, size)
    if n_topics and groups.max() >= n_topics:
        # The smallest found groups give way; their papers go where they are nearest.
        sizes = np.bincount(groups[groups >= 0])
        kept = np.sort(
            [*range(len(seeds)), *(np.argsort(-sizes[len(seeds) :], kind="stable") + len(seeds))][:n_topics]
        )
        places = np.full(len(sizes) + 1, OUTLIER, np.int32)
        places[kept] = np.arange(len(kept))
        groups = places[groups]
    return groups, pinned


def check_number(*, only: bool, n_topics: int | None) -> None:
    """Raises ConfigError: a number of topics is set although `only` those asked for by name are wanted."""
    if only and n_topics:
        raise ConfigError("cluster.n_topics has no effect with guide.mode zero_shot; leave it at auto.")


def each_with_a_paper(vectors: Floats, directions: Floats, wanted: Guidance, seeds: Sequence[Rows]) -> Floats:
    """Move the direction of a topic asked for onto one of its seeds where no paper is nearest to it.

    directions: (c, d), those of the topics asked for the first.

    Raises CorpusError: that leaves another topic without papers, whichever seed is taken.
    """
    for topic, rows in enumerate(seeds):
        for row in [None, *rows]:
            moved = directions.copy()
            if row is not None:
                moved[topic] = vectors[row]
            nearest = assign(vectors, moved, 1.0)[0]
            if set(range(topic + 1)) <= set(nearest.tolist()):
                directions = moved
                break
        else:
            raise CorpusError(
                f"Every paper that supports the guided topic {wanted.names[topic]!r} lies nearer to another "
                "one; give it other terms or example papers, or leave it out."
            )
    return directions


def only_asked(
    vectors: Floats, directions: Floats, topic: Integers, origin: Integers, n_asked: int
) -> tuple[Rows, Integers, Integers]:
    """Leave nothing but the `n_asked` topics asked for; papers of the others are outliers.

    directions: (c, d). topic: (n,) topics with outliers. origin: (c,) which of the first `n_asked` each topic
    is, or more. Returns which topics are left, and topic and nearest topic of the papers among these.
    """
    kept = np.flatnonzero(origin < n_asked)
    places = np.full(len(origin) + 1, OUTLIER, np.int32)
    places[kept] = np.arange(len(kept))
    return kept, places[topic], assign(vectors, np.ascontiguousarray(directions[kept]), 1.0)[0]


def make_room(
    vectors: Floats, groups: Integers, wanted: Guidance, seeds: Sequence[Rows], size: int
) -> tuple[Integers, Integers]:
    """Groups with the g topics asked for as 0 .. g-1 and the rest of the found groups after them.

    vectors: (n, d) unit rows. groups: (n,) found groups, -1 for papers in none. seeds: row numbers per topic.
    size: fewest papers that make what is left of a found group a topic.
    Returns the (n,) groups and (n,) seeds, the topic that each seed is pinned in, -1 for all other papers.
    """
    pinned = np.full(len(vectors), OUTLIER, np.int32)
    for topic, rows in enumerate(seeds):
        pinned[rows] = topic
    claimed = _claimed(vectors.astype(np.float64), wanted.places.astype(np.float64), seeds)
    result = np.full(len(vectors), OUTLIER, np.int32)
    number = len(seeds)
    for found in range(int(groups.max()) + 1):
        members = np.flatnonzero(groups == found)
        topic, own = _share(vectors, members, claimed, len(seeds))
        result[members[own]] = topic
        rest = members[~own]
        if (pinned[rest] == OUTLIER).sum() >= size:
            result[rest] = number
            number += 1
    return np.where(pinned >= 0, pinned, result).astype(np.int32), pinned


def _share(vectors: Floats, members: Rows, claimed: Integers, n_asked: int) -> tuple[int, Mask]:
    """Which topic asked for a found group speaks for, and which of its papers go there.

    The group is parted in two, around the papers that lie near the topic's seeds and around the others; a
    part is the topic's where most of its papers lie near.
    """
    topic = int(np.bincount(claimed[members] + 1, minlength=n_asked + 1)[1:].argmax())
    near = claimed[members] == topic
    if near.all() or not near.any():
        return topic, near
    part, points = near, vectors[members].astype(np.float64)
    for _ in range(PARTING):
        centres = unit_rows(np.array([points[~part].mean(axis=0), points[part].mean(axis=0)]), np.float64)
        cosine = np.round(points @ centres.T, 9)
        part = cosine[:, 1] > cosine[:, 0]
        if part.all() or not part.any():
            return topic, np.full(len(near), near.mean() > 0.5)
    return topic, np.where(part, near[part].mean() > 0.5, near[~part].mean() > 0.5)


def _claimed(vectors: Doubles, places: Doubles, seeds: Sequence[Rows]) -> Integers:
    """(n,) the topic asked for whose seeds and words each paper lies nearest to, -1 where it is not near.

    Near is nearer than the middle between how near the seeds lie to each other and how near papers
    lie at all.
    """
    near = np.empty((len(vectors), len(seeds)))
    for topic, rows in enumerate(seeds):
        own = vectors[rows]
        cosine = vectors @ _middle(own.sum(axis=0), places[topic])
        if len(rows) > 1:
            rest = own.sum(axis=0) - own
            inside = [seed @ _middle(others, places[topic]) for seed, others in zip(own, rest, strict=True)]
        else:
            inside = np.sort(cosine)[-ALONE - 1 : -1].tolist()
        limit = (np.median(inside) + np.median(cosine)) / 2
        near[:, topic] = np.where(cosine >= limit, np.round(cosine, 9), -np.inf)
    return np.where(np.isfinite(near).any(axis=1), near.argmax(axis=1), OUTLIER).astype(np.int32)


def shrunk_towards(centroids: Floats, places: Floats) -> Floats:
    """The centroids, those of the topics asked for shrunk towards where the words that ask for them lie.

    Seeds that have little else in common have their mean near the mean of the corpus, where it would attract
    papers of all topics; the words say better what is meant.
    """
    result = centroids.copy()
    for topic, place in enumerate(places.astype(np.float64)):
        result[topic] = _middle(centroids[topic], place)
    return result


def _middle(one: npt.NDArray[np.floating], other: Doubles) -> Doubles:
    """The unit vector between two directions, `DRAW` to 1; the one alone where the other is zero."""
    return unit(unit(one) + DRAW * other)
