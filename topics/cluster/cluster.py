"""From vectors and their neighbour graph to topics, where the papers can be divided at all.

What many groupings agree on (`topics.cluster.consensus`), or one plain method, says how many topics there are
and where; a round of spherical k-means started from there places the centroids; `topics.cluster.discriminant`
says where topics of many papers part, and `topics.cluster.assign` who belongs where. Papers that lie far from
all others are outliers. Topics that were asked for take their place among those that were found
(`topics.cluster.seeded`).
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from topics.cluster.assign import assign, margins, means
from topics.cluster.consensus import Level, alternatives
from topics.cluster.discriminant import discriminants, spread_inside
from topics.cluster.methods import Method, MethodInput, methods
from topics.cluster.neighbours import nearest as nearest_papers
from topics.cluster.seeded import each_with_a_paper, only_asked, share_out, shrunk_towards
from topics.config import ClusterSettings
from topics.embed.lsa import distances_by_words
from topics.errors import ConfigError, CorpusError
from topics.types import (
    MIN_PAPERS,
    OUTLIER,
    Clustering,
    Doubles,
    Embeddings,
    Floats,
    Guidance,
    Integers,
    Mask,
    Neighbours,
    Progress,
    Projection,
    Rows,
    share_of_many,
    unwatched,
)

AROUND, SHARE_AROUND = 30, 0.2
"""Most papers whose distance says how far from all others a paper lies, and their largest share of all: more
than a few strangers of one kind, who lie near one another."""

AGREE_UP_TO = 4000
"""Papers that groupings are compared on: their agreement is a square matrix. The topics of a sample of this
many serve a larger corpus."""

NEAR = 15

FENCE, MOST_FAR = 1.4, 0.065
"""How far from the others an outlier lies, and the largest share of papers that are outliers."""

UNTESTED_BELOW = 40
"""Papers below which no test tells groups from chance: chance alone makes as much of so few."""

SHUFFLED_ROWS, FEWEST_SHUFFLES, MOST_SHUFFLES = 10_000, 20, 200
"""How many rows are shuffled in all, and how often at least and at most, to know what chance makes."""

CERTAIN, CERTAIN_PAPERS = (2.5, 12.0), 25
"""Standard deviations by which papers must be closer to their neighbours than shuffled ones: one for every so
many papers, within these bounds."""

MOST_TESTED = 500
"""Papers that the test for structure looks at; of more, a sample."""

ALIKE = 0.8
"""Mean cosine of the papers from which on they are copies of one text."""


def cluster(
    embeddings: Embeddings,
    neighbours: Neighbours,
    reduced: Projection,
    settings: ClusterSettings,
    *,
    random_state: int,
    guidance: Guidance | None = None,
    progress: Progress = unwatched,
    n_total: int | None = None,
    seed: int = 0,
    texts: Sequence[str] = (),
) -> Clustering:
    """Group the papers into topics.

    reduced: a UMAP layout of them for methods that group one, else `Projection.none`.
    guidance: topics asked for by name; each gets at least one paper and keeps its name.
    n_total: how many papers these are a part of, which were not refused and need not be looked at again. The
        topics of a part are compared with those of all; so none are made at other levels.
    seed: of the starts of k-means in the consensus and of the sample of a larger corpus. They do not follow
        `random_state`, so that topics do not depend on it, given the same vectors and neighbours.
    texts: of the papers, where their vectors were learned from these (`lsa`); how far a paper lies from the
        others is then asked of its words.

    Raises
    ------
    ConfigError: more topics are asked for than there can be, fewer than are named, or `n_topics` together
        with method hdbscan.
    CorpusError: see `require_structure`.
    """
    check_method(settings)
    check_number(len(embeddings.vectors), settings)
    order, back = embeddings.order, embeddings.rank
    size = _min_cluster_size(len(order), settings)
    vectors = embeddings.vectors[order]
    if n_total is None:
        require_structure(vectors)
    method = methods()[settings.method]
    inputs = MethodInput(
        vectors=vectors,
        reduced=reduced.coordinates[order],
        neighbour_indices=back[neighbours.indices[order, 1:]],
        distances=neighbours.distances[order, 1:],
        fitted=np.sort(back[neighbours.among]),
        size=size,
        samples=size if settings.min_samples == "auto" else settings.min_samples,
        n_total=n_total or len(order),
        resolution=settings.resolution,
        random_state=random_state,
        seed=seed,
    )
    wanted = guidance or Guidance()
    seeds = [back[list(rows)] for rows in wanted.seeds]
    groups, centroids, directions, levels = _placed(method, inputs, wanted, seeds, settings, progress)
    compared = order if texts and len(order) <= AGREE_UP_TO and not method.leaves_out else ()
    is_outlier = _outliers(method, inputs, groups, directions, [texts[row] for row in compared])
    # In a small corpus a topic may be no larger than what comes from elsewhere.
    small = SHARE_AROUND * len(order) < AROUND
    asked = len(directions) if small or settings.n_topics != "auto" else len(seeds)
    origin, topic, nearest = _number(vectors, directions, is_outlier, asked)
    if wanted.only:
        left, topic, nearest = only_asked(vectors, directions[origin], topic, origin, len(seeds))
        origin = origin[left]
    centroids, directions = (np.ascontiguousarray(rows[origin]) for rows in (centroids, directions))
    temperature = _temperature(vectors, directions)
    _, probability = assign(vectors, directions, temperature)
    others, figures = _others(inputs, () if n_total else levels, is_outlier, len(centroids))
    return Clustering(
        topic=topic[back],
        nearest_topic=nearest[back],
        probability=probability[back],
        centroids=centroids,
        temperature=temperature,
        chosen={
            "method": "consensus" if settings.method == "auto" else settings.method,
            "min_cluster_size": size,
            **({"min_samples": inputs.samples} if method.reduced else {}),
            "n_topics": len(centroids),
        },
        names=tuple(wanted.names[old] if old < len(seeds) else "" for old in origin) if seeds else (),
        directions=directions,
        curve=np.array([level.figures for level in levels if len(levels) > 1], np.float64).reshape(-1, 3),
        levels=others[:, back],
        level_figures=figures,
    )


def _others(
    inputs: MethodInput, levels: Sequence[Level], is_outlier: Mask, taken: int
) -> tuple[Integers, Doubles]:
    """(l, n) the nearest topics at the best other levels, numbered by falling size, and (l, 3) their figures.

    is_outlier: (n,) bool. Ascending by number; no two of one number, of which the higher score decides, nor
    of that of the level `taken`.
    """
    found: dict[int, tuple[Level, Integers]] = {}
    nobody = np.full(len(inputs.vectors), OUTLIER, np.int32)
    nowhere = np.zeros((0, inputs.vectors.shape[1]), np.float32)
    weight = share_of_many(inputs.n_total)
    for level in sorted(alternatives(levels), key=lambda level: -level.score):
        placed = _refine(inputs.vectors, level.groups, 1, nobody, nowhere, weight=weight)
        directions = discriminants(*placed)
        origin, _, nearest = _number(inputs.vectors, directions, is_outlier, len(directions))
        if len(origin) not in (1, taken):
            found.setdefault(len(origin), (level, nearest))
    numbers = sorted(found)
    figures = [(number, found[number][0].score, found[number][0].agreement) for number in numbers]
    return (
        np.array([found[number][1] for number in numbers], np.int32).reshape(-1, len(inputs.vectors)),
        np.array(figures, np.float64).reshape(-1, 3),
    )


def check_method(settings: ClusterSettings) -> None:
    """Raises ConfigError: the method is not installed, or takes no number of topics."""
    method = methods()[settings.method]
    if method.package and importlib.util.find_spec(method.package) is None:
        raise ConfigError(
            f"cluster.method {method.name} is not installed: pip install 'paper-topics[{method.extra}]', or "
            "take another method."
        )
    if settings.n_topics != "auto" and not method.takes_number:
        raise ConfigError(
            f"cluster.n_topics does not work with cluster.method {settings.method}, which finds its own "
            "number; take another method or leave one of the two out."
        )


def check_number(n: int, settings: ClusterSettings) -> None:
    """Raises ConfigError: so many topics cannot be had from `n` papers."""
    asked = settings.n_topics
    if asked != "auto" and asked > n // 2:
        raise ConfigError(f"cluster.n_topics is {asked}, but {n} papers can make {n // 2} topics at most.")


def _placed(
    method: Method,
    inputs: MethodInput,
    wanted: Guidance,
    seeds: Sequence[Integers],
    settings: ClusterSettings,
    progress: Progress,
) -> tuple[Integers, Floats, Floats, tuple[Level, ...]]:
    """(n,) groups, -1 for papers in none, (c, d) centroids and directions of the topics, those asked for the
    first, and the levels that the method found; none where topics are asked for.
    """
    vectors, fitted = inputs.vectors, inputs.fitted
    standing = inputs
    if len(fitted):
        # Every paper's neighbours are among these, so their places there are found by search.
        standing = _part(
            inputs,
            fitted,
            np.searchsorted(fitted, inputs.neighbour_indices[fitted]),
            inputs.distances[fitted],
        )
    levels: tuple[Level, ...] = ()

    def found(number: int | None) -> Integers:
        nonlocal levels
        if method.papers == "all":
            levels = method.group(inputs, number, progress)
        else:
            levels = _for_all(_grouped(method, standing, number, progress), fitted, len(vectors))
        return levels[0].groups

    n_topics = None if settings.n_topics == "auto" else settings.n_topics
    if seeds:
        groups, pinned = share_out(vectors, found, wanted, seeds, n_topics, inputs.size)
    else:
        groups, pinned = found(n_topics), np.full(len(vectors), OUTLIER, np.int32)
    start = groups if groups.max() >= 0 else np.zeros_like(groups)
    weight = share_of_many(inputs.n_total)
    centroids, spread = _refine(vectors, start, method.rounds, pinned, wanted.places, weight=weight)
    own = discriminants(centroids, spread)
    directions = each_with_a_paper(vectors, own, wanted, seeds)
    moved = (directions != own).any(axis=1)
    return groups, np.where(moved[:, None], directions, centroids), directions, () if seeds else levels


def _part(inputs: MethodInput, rows: Rows, neighbour_indices: Rows, distances: Floats) -> MethodInput:
    """The papers `rows`, ascending, with each other for neighbours (`neighbour_indices`)."""
    return replace(
        inputs,
        vectors=inputs.vectors[rows],
        reduced=inputs.reduced[rows],
        neighbour_indices=neighbour_indices.astype(np.int32),
        distances=distances,
        fitted=np.zeros(0, np.int32),
        size=max(2, inputs.size * len(rows) // len(inputs.vectors)),
    )


def _for_all(levels: Sequence[Level], rows: Rows, n: int) -> tuple[Level, ...]:
    """The levels of the papers `rows` for all n, -1 for the others; as they are where there are no such
    rows.
    """
    if not len(rows):
        return tuple(levels)
    found = []
    for level in levels:
        everyone = np.full(n, OUTLIER, np.int32)
        everyone[rows] = level.groups
        found.append(replace(level, groups=everyone))
    return tuple(found)


def _grouped(method: Method, inputs: MethodInput, asked: int | None, progress: Progress) -> tuple[Level, ...]:
    """The levels found by one method, -1 for papers in no group and, in a large corpus, for papers not
    sampled.

    Their topic is then the nearest one.
    """
    n = len(inputs.vectors)
    if method.papers == "graph" or n <= AGREE_UP_TO:
        return method.group(inputs, asked, progress)
    # Like the starts of k-means, the sample does not follow random_state.
    rows = np.sort(np.random.default_rng(inputs.seed).choice(n, AGREE_UP_TO, replace=False))
    every = np.arange(AGREE_UP_TO, dtype=np.int32)
    sample = _part(inputs, rows, *nearest_papers(inputs.vectors[rows], every, every, NEAR))
    return _for_all(method.group(sample, asked, progress), rows, n)


def _min_cluster_size(n: int, settings: ClusterSettings) -> int:
    if settings.min_cluster_size != "auto":
        return min(settings.min_cluster_size, n)
    return max(2, int(np.sqrt(n) / 2.5))


def _refine(
    vectors: Floats, labels: Integers, rounds: int, pinned: Integers, places: Floats, *, weight: float
) -> tuple[Floats, Doubles | None]:
    """Spherical k-means for some rounds, started from the means of the labelled papers.

    pinned: (n,) topics that papers stay in whatever is nearest, -1 for all others. places: (g, d), see
    `shrunk_towards`.
    weight: `share_of_many` of the corpus, by which the spread of the labelled papers counts, learned anew in
    every round.
    Returns the (c, d) centroids and that spread.
    """
    centroids = shrunk_towards(means(vectors, labels), places)
    spread = spread_inside(vectors, labels, weight)
    for _ in range(rounds):
        nearest, _ = assign(vectors, discriminants(centroids, spread), 1.0)
        nearest = np.where(pinned >= 0, pinned, nearest)
        centroids = shrunk_towards(means(vectors, nearest), places)
        spread = spread_inside(vectors, np.where(labels >= 0, nearest, OUTLIER), weight)
    return centroids, spread


def _distances_around(inputs: MethodInput, texts: Sequence[str]) -> Floats:
    """(n, k) cosine distances of every paper to the nearest, in no order, by words where texts are given; of
    a large corpus those of the neighbour graph.
    """
    n = len(inputs.vectors)
    if n > AGREE_UP_TO:
        return inputs.distances
    many = min(AROUND, max(1, int(SHARE_AROUND * n)))
    if texts:
        return distances_by_words(texts, many)
    # The copy: a product with itself is computed by other steps, and its last bits are others.
    similarity = inputs.vectors @ inputs.vectors.copy().T
    np.fill_diagonal(similarity, -np.inf)
    similarity.partition(n - many, axis=1)
    distances: Floats = np.clip(1 - similarity[:, n - many :], 0, None)
    return distances


def _outliers(
    method: Method, inputs: MethodInput, groups: Integers, directions: Floats, texts: Sequence[str]
) -> Mask:
    """(n,) the papers of no topic: those that lie far from all others; with a method that leaves papers out,
    those of them that have few neighbours in their nearest topic.
    """
    if method.leaves_out:
        nearest, _ = assign(inputs.vectors, directions, 1.0)
        alone: Mask = (groups == OUTLIER) & _without_company(nearest, inputs.neighbour_indices)
        return alone
    return far_away(_distances_around(inputs, texts))


def far_away(distances: Floats) -> Mask:
    """(n,) whether a paper's neighbours lie so much farther than those of other papers that it belongs
    nowhere.

    distances: (n, k) cosine distances to every paper's nearest. The mean of them counts: above the median by
    `FENCE` robust standard deviations (1.4826 times the median absolute deviation), and above those of all
    but `MOST_FAR` of the papers.
    """
    mean = distances.astype(np.float64).mean(axis=1)
    middle = np.median(mean)
    fence = middle + FENCE * 1.4826 * np.median(np.abs(mean - middle))
    far: Mask = mean > max(fence, np.quantile(mean, 1 - MOST_FAR)) + 1e-9
    return far


def _without_company(nearest: Integers, neighbour_indices: Integers) -> Mask:
    """(n,) whether fewer than a third of a paper's neighbours are in its topic, of as many as that has papers
    for.

    nearest: (n,) topics; neighbour_indices: (n, k) row numbers of neighbours.
    """
    possible = np.minimum(np.bincount(nearest)[nearest] - 1, neighbour_indices.shape[1])
    alone: Mask = (nearest[neighbour_indices] == nearest[:, None]).sum(axis=1) < np.maximum(possible, 1) / 3
    return alone


def _number(
    vectors: Floats, directions: Floats, is_outlier: Mask, asked: int
) -> tuple[Integers, Integers, Integers]:
    """Number the topics by falling size.

    is_outlier: (n,) bool. A few papers from elsewhere lie near each other and make a group of their own: a
    topic that has outliers only is none.
    asked: the first so many topics were asked for; where such a topic would have fewer than two other papers,
    outliers stay in it.

    Returns the old number of each topic, and topic and nearest topic of the papers. Numbers are settled when
    handing out papers again changes no size order; a tie between topics goes to the lower number, so the
    order can only firm up.
    """
    if is_outlier.all():
        asked = len(directions)
    origin = np.arange(len(directions), dtype=np.int32)
    while True:
        nearest, _ = assign(vectors, np.ascontiguousarray(directions[origin]), 1.0)
        topic = np.where(is_outlier, np.int32(OUTLIER), nearest)
        sizes = np.bincount(topic[topic >= 0], minlength=len(origin))
        lost = (sizes[nearest] < 2) & (origin[nearest] < asked)
        topic[lost] = nearest[lost]
        sizes = np.bincount(topic[topic >= 0], minlength=len(origin))
        first = np.full(len(origin), len(vectors))
        np.minimum.at(first, nearest, np.arange(len(vectors)))
        ranked = np.lexsort((first, -sizes))[: np.count_nonzero(sizes)]
        if np.array_equal(ranked, np.arange(len(origin))):
            return origin, topic, nearest
        origin = origin[ranked]


def _temperature(vectors: Floats, directions: Floats) -> float:
    """Half the median cosine by which a paper prefers its topic to the second best."""
    if len(directions) == 1:
        return 1.0
    return max(1e-3, float(np.median(margins(vectors, directions))) / 2)


def require_structure(vectors: Floats) -> None:
    """Compare the closeness of nearest neighbours with that in corpora whose coordinates are shuffled
    independently, which keeps each coordinate's distribution and nothing else.

    Fewer than `UNTESTED_BELOW` papers are not compared; their run says so.
    The same for every `random_state`: whether a corpus has topics is no matter of chance.

    vectors: (n, d) unit rows.
    Raises CorpusError: there are fewer than `MIN_PAPERS` papers, they are copies of one text, or they are no
        closer to their neighbours than chance makes them.
    """
    n = len(vectors)
    if n < MIN_PAPERS:
        raise CorpusError(f"{n} paper{' is' if n == 1 else 's are'} too few; give at least {MIN_PAPERS}.")
    generator = np.random.default_rng(0)
    if float(np.linalg.norm(vectors.mean(axis=0))) ** 2 > ALIKE:
        raise CorpusError(
            f"The {n} papers are too uniform to be divided into topics: their texts are nearly the same; add "
            "papers on other subjects, or drop copies of one text."
        )
    if n < UNTESTED_BELOW:
        return
    sample = (
        vectors if n <= MOST_TESTED else vectors[np.sort(generator.choice(n, MOST_TESTED, replace=False))]
    )
    centred = sample - sample.mean(axis=0)
    seen = _closeness(centred)
    shuffles = min(max(FEWEST_SHUFFLES, SHUFFLED_ROWS // len(sample)), MOST_SHUFFLES)
    chance = [_closeness(generator.permuted(centred, axis=0)) for _ in range(shuffles)]
    deviations = np.clip(n / CERTAIN_PAPERS, *CERTAIN)
    if not seen > np.mean(chance) + deviations * np.std(chance) + 1e-3:
        raise CorpusError(
            f"The {n} papers are too uniform, or too few, to be divided into topics: no paper is closer to "
            "its neighbours than chance would have it; add papers, or drop copies of one text. Where "
            "embed.encoder is lsa, minilm finds more in few papers."
        )


def _closeness(centred: Floats) -> float:
    lengths = np.linalg.norm(centred, axis=1, keepdims=True)
    unit = centred / np.where(lengths > 1e-6, lengths, np.float32(np.inf))
    cosine = unit @ unit.T
    np.fill_diagonal(cosine, -1)
    return float(np.partition(cosine, -3, axis=1)[:, -3:].mean())
