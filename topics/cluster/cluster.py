"""From vectors and their UMAP layouts to topics, where the papers can be divided at all.

What many groupings agree on (`topics.cluster.consensus`), or one HDBSCAN, says how many topics there are and
where; a round of spherical k-means started from there places the centroids; `topics.cluster.discriminant`
says where topics of many papers part, and `topics.cluster.assign` who belongs where; HDBSCAN (Campello,
Moulavi and Sander 2013) of one layout says who lies too sparse to belong anywhere. Topics that were asked for
take their place among those that were found (`topics.cluster.seeded`).
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from topics.cluster.assign import assign, margins, means
from topics.cluster.discriminant import FROM, Spread, directions, spread_inside
from topics.cluster.methods import Method, Scene, methods
from topics.cluster.neighbours import nearest as nearest_papers
from topics.cluster.seeded import drawn, each_with_a_paper, only_asked, share_out
from topics.config import ClusterSettings
from topics.errors import ConfigError, CorpusError
from topics.types import (
    OUTLIER,
    Clustering,
    Embeddings,
    Floats,
    Guidance,
    Integers,
    Neighbours,
    Progress,
    Projection,
    unwatched,
)

Mask = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.integer[Any]]

AGREE_UP_TO = 4000
"""Papers that groupings are compared on: their agreement is a square matrix. The topics of a sample of this
many serve a larger corpus."""

NEAR = 15

MIN_PAPERS = 5

SHUFFLES = 20

SAMPLE = 500

ALIKE = 0.8
"""Mean cosine of the papers from which they are one text in many copies. MiniLM gives .95 for texts drawn
from twelve words, .33 for fifty papers of one group and at most .40 for any category of arXiv.
"""


def cluster(
    embeddings: Embeddings,
    neighbours: Neighbours,
    projections: Sequence[Projection],
    settings: ClusterSettings,
    *,
    random_state: int,
    guidance: Guidance | None = None,
    progress: Progress = unwatched,
    of: int | None = None,
) -> Clustering:
    """Group the papers into topics.

    guidance: topics that there shall be; each gets at least one paper and keeps its name.
    of: how many papers these are a part of, which were not refused and need not be looked at again.

    Raises
    ------
    ConfigError: more topics are asked for than there can be, fewer than are named, or `n_topics` together
        with method hdbscan.
    CorpusError: see `require_structure`.
    """
    check_number(len(embeddings.vectors), settings)
    order, back = embeddings.order, embeddings.rank
    size = _min_cluster_size(len(order), settings)
    vectors = embeddings.vectors[order]
    if of is None:
        require_structure(vectors, random_state)
    layouts = tuple(projection.coordinates[order] for projection in projections)
    around = back[neighbours.indices[order, 1:]]
    fitted = np.sort(back[neighbours.among])
    samples = size if settings.min_samples == "auto" else settings.min_samples
    dense = densities(layouts[0], around, fitted, size, samples)
    scene = Scene(vectors, layouts, around, dense, size, of or len(order), random_state)
    wanted = guidance or Guidance()
    seeds = [back[list(rows)] for rows in wanted.seeds]
    groups, centroids, compared = _placed(scene, fitted, wanted, seeds, settings, progress)
    # Of a large corpus a few papers are grouped only, so belonging to no group says nothing.
    thin = dense == OUTLIER if len(order) > AGREE_UP_TO else (dense == OUTLIER) | (groups == OUTLIER)
    origin, topic, nearest = _number(vectors, compared, thin, around)
    if wanted.only:
        left, topic, nearest = only_asked(vectors, compared[origin], topic, origin, len(seeds))
        origin = origin[left]
    centroids, compared = (np.ascontiguousarray(rows[origin]) for rows in (centroids, compared))
    temperature = _temperature(vectors, compared)
    _, probability = assign(vectors, compared, temperature)
    return Clustering(
        topic=topic[back],
        nearest_topic=nearest[back],
        probability=probability[back],
        centroids=centroids,
        temperature=temperature,
        chosen={
            "method": "consensus" if settings.method == "auto" else settings.method,
            "min_cluster_size": size,
            "min_samples": samples,
            "n_topics": len(centroids),
        },
        names=tuple(wanted.names[old] if old < len(seeds) else "" for old in origin) if seeds else (),
        directions=compared,
    )


def check_number(n: int, settings: ClusterSettings) -> None:
    """Raises ConfigError: so many topics cannot be had from `n` papers, or not with this method."""
    asked = settings.n_topics
    if asked == "auto":
        return
    if not methods()[settings.method].takes_number:
        raise ConfigError(
            f"cluster.n_topics does not work with cluster.method {settings.method}, which finds its own "
            "number; take another method or leave one of the two out."
        )
    if asked > n // 2:
        raise ConfigError(f"cluster.n_topics is {asked}, but {n} papers can make {n // 2} topics at most.")


def _placed(
    scene: Scene,
    fitted: Integers,
    wanted: Guidance,
    seeds: Sequence[Integers],
    settings: ClusterSettings,
    progress: Progress,
) -> tuple[Integers, Floats, Floats]:
    """(n,) groups, -1 for papers in none, and (c, d) centroids and directions of the topics, those asked for
    the first.

    fitted: (m,) ascending rows of the papers that stand for a large corpus, or none.
    """
    method, vectors = methods()[settings.method], scene.vectors
    standing = scene
    if len(fitted):
        # Every paper's neighbours are among these, so their places there are found by search.
        standing = _part(scene, fitted, np.searchsorted(fitted, scene.around[fitted]).astype(np.int32))

    def found(number: int | None) -> Integers:
        if method.papers == "all":
            return method.group(scene, number, progress)
        groups = _grouped(method, standing, number, progress)
        return _for_all(groups, fitted, len(vectors)) if len(fitted) else groups

    n_topics = None if settings.n_topics == "auto" else settings.n_topics
    if seeds:
        groups, held = share_out(vectors, found, wanted, seeds, n_topics, scene.size)
    else:
        groups, held = found(n_topics), np.full(len(vectors), OUTLIER, np.int32)
    start = groups if groups.max() >= 0 else np.zeros_like(groups)
    learns = scene.of >= FROM
    centroids, spread = _refine(vectors, start, method.rounds, held, wanted.places, learns=learns)
    own = directions(centroids, spread)
    compared = each_with_a_paper(vectors, own, wanted, seeds)
    moved = (compared != own).any(axis=1)
    return groups, np.where(moved[:, None], compared, centroids), compared


def _part(scene: Scene, rows: Rows, around: Integers) -> Scene:
    """The papers `rows`, ascending, with each other for neighbours (`around`)."""
    return Scene(
        vectors=scene.vectors[rows],
        layouts=tuple(layout[rows] for layout in scene.layouts),
        around=around,
        dense=scene.dense[rows],
        size=max(2, scene.size * len(rows) // len(scene.vectors)),
        of=scene.of,
        random_state=scene.random_state,
    )


def _for_all(groups: Integers, rows: Rows, n: int) -> Integers:
    """(n,) the groups of the papers `rows`, -1 for all others."""
    everyone = np.full(n, OUTLIER, np.int32)
    everyone[rows] = groups
    return everyone


def _grouped(method: Method, scene: Scene, asked: int | None, progress: Progress) -> Integers:
    """(n,) groups by one method, -1 for papers in none and, in a large corpus, for papers not sampled.

    Their topic is then the nearest one.
    """
    n = len(scene.vectors)
    if method.papers == "graph" or n <= AGREE_UP_TO:
        return method.group(scene, asked, progress)
    rows = np.sort(np.random.default_rng(scene.random_state).choice(n, AGREE_UP_TO, replace=False))
    part = scene.vectors[rows]
    every = np.arange(AGREE_UP_TO, dtype=np.int32)
    sample = _part(scene, rows, nearest_papers(part, every, every, NEAR)[0])
    return _for_all(method.group(sample, asked, progress), rows, n)


def _min_cluster_size(n: int, settings: ClusterSettings) -> int:
    if settings.min_cluster_size != "auto":
        return min(settings.min_cluster_size, n)
    return max(2, int(np.sqrt(n) / 2.5))


def _refine(
    vectors: Floats, labels: Integers, rounds: int, held: Integers, places: Floats, *, learns: bool
) -> tuple[Floats, Spread | None]:
    """Spherical k-means for some rounds, started from the means of the labelled papers.

    held: (n,) topics that papers stay in whatever is nearest, -1 for all others. places: (g, d) see `drawn`.
    learns: whether topics part by their spread, which is learned from the labelled papers in every round.
    Returns the (c, d) centroids and that spread.
    """
    centroids = drawn(means(vectors, labels), places)
    spread = spread_inside(vectors, labels) if learns else None
    for _ in range(rounds):
        nearest, _ = assign(vectors, directions(centroids, spread), 1.0)
        nearest = np.where(held >= 0, held, nearest)
        centroids = drawn(means(vectors, nearest), places)
        spread = spread_inside(vectors, np.where(labels >= 0, nearest, OUTLIER)) if learns else None
    return centroids, spread


def _number(
    vectors: Floats, compared: Floats, thin: Mask, around: Integers
) -> tuple[Integers, Integers, Integers]:
    """Number the topics by falling size and decide who is an outlier.

    Returns the old number of each topic, and topic and nearest topic of the papers.

    An outlier lies where density found nothing (`thin`) and in a topic that fewer than a third of its
    neighbours (`around`) share, of as many as the topic has papers for. Numbers are settled when handing
    out papers again changes no size order; a tie between topics goes to the lower number, so the order can
    only firm up.
    """
    origin = np.arange(len(compared), dtype=np.int32)
    while True:
        nearest, _ = assign(vectors, np.ascontiguousarray(compared[origin]), 1.0)
        possible = np.minimum(np.bincount(nearest)[nearest] - 1, around.shape[1])
        alone = (nearest[around] == nearest[:, None]).sum(axis=1) < np.maximum(possible, 1) / 3
        topic = np.where(thin & alone, np.int32(OUTLIER), nearest)
        sizes = np.bincount(topic[topic >= 0], minlength=len(origin))
        lost = sizes[nearest] == 0
        topic[lost] = nearest[lost]
        sizes = np.bincount(topic[topic >= 0], minlength=len(origin))
        first = np.full(len(origin), len(vectors))
        np.minimum.at(first, nearest, np.arange(len(vectors)))
        ranked = np.lexsort((first, -sizes))[: np.count_nonzero(sizes)]
        if np.array_equal(ranked, np.arange(len(origin))):
            return origin, topic, nearest
        origin = origin[ranked]


def _temperature(vectors: Floats, compared: Floats) -> float:
    """Half the median cosine by which a paper prefers its topic to the second best."""
    if len(compared) == 1:
        return 1.0
    return max(1e-3, float(np.median(margins(vectors, compared))) / 2)


def require_structure(vectors: Floats, random_state: int) -> None:
    """Compare the closeness of nearest neighbours with that in corpora whose coordinates are shuffled
    independently, which keeps each coordinate's distribution and nothing else.

    vectors: (n, d) unit rows.
    Raises CorpusError: there are fewer than `MIN_PAPERS` papers, they are copies of one text, or they are no
        closer to their neighbours than chance makes them.
    """
    n = len(vectors)
    if n < MIN_PAPERS:
        raise CorpusError(f"{n} papers are too few; give at least {MIN_PAPERS}.")
    generator = np.random.default_rng(random_state)
    if float(np.linalg.norm(vectors.mean(axis=0))) ** 2 > ALIKE:
        raise CorpusError(
            f"The {n} papers are too uniform to be divided into topics: their texts are nearly the same; add "
            "papers on other subjects, or drop copies of one text."
        )
    sample = vectors if n <= SAMPLE else vectors[np.sort(generator.choice(n, SAMPLE, replace=False))]
    centred = sample - sample.mean(axis=0)
    seen = _closeness(centred)
    chance = [_closeness(generator.permuted(centred, axis=0)) for _ in range(SHUFFLES)]
    if not seen > np.mean(chance) + 4 * np.std(chance) + 1e-3:
        raise CorpusError(
            f"The {n} papers are too uniform, or too few, to be divided into topics: no paper is closer to "
            "its neighbours than chance would have it; add papers, or drop copies of one text."
        )


def _closeness(centred: Floats) -> float:
    lengths = np.linalg.norm(centred, axis=1, keepdims=True)
    unit = centred / np.where(lengths > 1e-6, lengths, np.float32(np.inf))
    cosine = unit @ unit.T
    np.fill_diagonal(cosine, -1)
    return float(np.partition(cosine, -3, axis=1)[:, -3:].mean())


def densities(layout: Floats, around: Integers, fitted: Integers, size: int, samples: int) -> Integers:
    """(n,) the dense place in which each paper lies, -1 for none.

    layout: (n, c) papers in few dimensions; around: (n, k) row numbers of every paper's neighbours, nearest
    first. fitted: (m,) ascending rows of the papers that stand for a large corpus: HDBSCAN judges these, by
    limits in proportion, and every other paper lies where its nearest of them does. Empty: it judges all.
    size: the fewest papers of a dense place; samples: HDBSCAN's neighbourhood.
    """
    n = len(layout)
    if not len(fitted):
        return _hdbscan(layout, size, min(samples, n - 1))
    share = len(fitted) / n
    found = np.empty(n, np.int32)
    found[fitted] = _hdbscan(layout[fitted], max(2, int(size * share)), max(2, int(samples * share)))
    others = np.ones(n, bool)
    others[fitted] = False
    found[others] = found[around[others, 0]]
    return found


def _hdbscan(points: Floats, size: int, samples: int) -> Integers:
    import hdbscan

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = hdbscan.HDBSCAN(
            min_cluster_size=size,
            min_samples=samples,
            cluster_selection_method="leaf",
            core_dist_n_jobs=1,
        ).fit(points.astype(np.float64))
    labels: Integers = model.labels_.astype(np.int32)
    return labels
