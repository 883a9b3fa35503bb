"""What each stage of a run does: takes what it needs from the stages before it and calls one module.

Heavy modules are imported inside, so that a cached stage costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from topics import store
from topics.config import Config
from topics.errors import CorpusError
from topics.stage import Ledger, Stage
from topics.types import (
    Clustering,
    Corpus,
    Counts,
    Embeddings,
    Files,
    Guidance,
    Hierarchy,
    Integers,
    Layouts,
    Neighbours,
    Novelty,
    Progress,
    Projection,
    Quality,
    Topics,
    Trends,
    unwatched,
)

if TYPE_CHECKING:
    from topics.encoders import Encoder

T = TypeVar("T")

_AHEAD = ("sklearn.cluster", "umap.umap_", "hdbscan", "bertopic", "matplotlib.figure", "jinja2")
"""What later stages import: half the time of a small run, while minilm's network needs no interpreter."""


@dataclass
class Way:
    """One run under way: its settings and its stages, each computed or loaded when first asked for."""

    config: Config
    files: list[Path]
    inputs: Mapping[str, str]
    ledger: Ledger
    stages: dict[str, Stage[Any]]
    history: tuple[str, ...] = ()
    loaded: Encoder | None = None

    @property
    def encoder(self) -> Encoder | None:
        """What made the vectors, from the embed stage's folder; None where the vectors were given."""
        if self.loaded is None:
            from topics.embed import load_encoder

            self.loaded = load_encoder(self.config.embed, self.stages["embed"].folder / "encoder")
        return self.loaded

    def progress(self, stage: str) -> AbstractContextManager[Progress]:
        """For a stage that knows how many papers it has done."""
        return self.ledger.observer.progress(stage, len(self.corpus))

    @property
    def corpus(self) -> Corpus:
        papers: Corpus = self.stages["read"].value
        return papers

    @property
    def embeddings(self) -> Embeddings:
        vectors: Embeddings = self.stages["embed"].value
        return vectors

    @property
    def guidance(self) -> Guidance:
        wanted: Guidance = self.stages["guide"].value
        return wanted

    @property
    def neighbours(self) -> Neighbours:
        graph: Neighbours = self.stages["neighbours"].value
        return graph

    @property
    def spaces(self) -> Layouts:
        layouts: Layouts = self.stages["reduce"].value
        return layouts

    @property
    def clustering(self) -> Clustering:
        groups: Clustering = self.stages["cluster"].value
        return groups

    @property
    def counts(self) -> Counts:
        matrix: Counts = self.stages["count"].value
        return matrix

    @property
    def topics(self) -> Topics:
        named: Topics = self.stages["label"].value
        return named

    @property
    def hierarchy(self) -> Hierarchy:
        layers: Hierarchy = self.stages["hierarchy"].value
        return layers

    @property
    def quality(self) -> Quality:
        figures: Quality = self.stages["quality"].value
        return figures

    @property
    def layout(self) -> Projection:
        projection: Projection = self.stages["layout"].value
        return projection

    @property
    def trends(self) -> Trends:
        change: Trends = self.stages["trends"].value
        return change


def read(way: Way, folder: Path) -> Corpus:  # noqa: ARG001
    with way.ledger.observer.progress("read", None, "records") as progress:
        papers = build(way.config, way.files, progress)
    check_enough(papers)
    return papers


def embed(way: Way, folder: Path) -> Embeddings:
    from topics.ahead import imported_ahead
    from topics.embed import embed, fit_encoder

    papers, settings = way.corpus, way.config.embed
    parts = way.stages["embed"].parts()
    to_teach = min(len(papers), settings.teacher_papers)

    def late(seconds: float) -> None:
        way.ledger.observer.note(
            f"{seconds:.0f} s of this went into loading UMAP, whose kernels are compiled once on a machine"
        )

    with imported_ahead(_AHEAD if settings.encoder == "minilm" else (), late):
        with way.ledger.observer.progress("embed", to_teach, "papers read by the teacher") as progress:
            encoder = fit_encoder(
                papers.texts, settings, random_state=way.config.random_state, progress=progress, parts=parts
            )
        with way.progress("embed") as progress:
            embeddings = embed(papers, encoder, progress, parts)
    (folder / "encoder").mkdir()
    encoder.save(folder / "encoder")
    if settings.encoder == "minilm":
        # Nothing was learned, so reading the weights again would give the same.
        way.loaded = encoder
    return embeddings


def guide(way: Way, folder: Path) -> Guidance:  # noqa: ARG001
    from topics.guide import asked, find_support

    if not asked(way.config.guide):
        return Guidance()
    encoder = way.encoder
    return find_support(way.corpus, way.embeddings, way.config.guide, encoder.encode if encoder else None)


def find_neighbours(way: Way, folder: Path) -> Neighbours:  # noqa: ARG001
    from topics.reduce import find_neighbours

    with way.progress("neighbours") as progress:
        return find_neighbours(
            way.embeddings, way.config.reduce, random_state=way.config.random_state, progress=progress
        )


def reduce(way: Way, folder: Path) -> Layouts:  # noqa: ARG001
    from topics.reduce import project

    settings = way.config.reduce
    found = []
    with way.ledger.observer.progress("reduce", settings.layouts, "layouts") as progress:
        for number in range(settings.layouts):
            projection = project(
                way.embeddings,
                way.neighbours,
                n_components=settings.n_components,
                min_dist=settings.min_dist,
                random_state=(way.config.random_state + number) % 2**32,
            )
            found.append(projection.coordinates)
            progress(1)
    return Layouts(np.stack(found))


def cluster(way: Way, folder: Path) -> Clustering:  # noqa: ARG001
    from topics.cluster import cluster

    with way.ledger.observer.progress("cluster", None, "groupings") as progress:
        return cluster(
            way.embeddings,
            way.neighbours,
            [Projection(coordinates) for coordinates in way.spaces.coordinates],
            way.config.cluster,
            random_state=way.config.random_state,
            guidance=way.guidance,
            progress=progress,
        )


def calibrate(way: Way, folder: Path) -> Novelty:  # noqa: ARG001
    from topics.novelty import calibrate

    return calibrate(way.embeddings, random_state=way.config.random_state)


def count(way: Way, folder: Path) -> Counts:  # noqa: ARG001
    from topics.count import count

    with way.progress("count") as progress:
        return count(way.corpus, way.config.label, progress)


def label(way: Way, folder: Path) -> Topics:
    from topics.label import label

    encoder = way.encoder
    return label(
        way.corpus,
        way.embeddings,
        way.clustering,
        way.counts,
        way.config.label,
        encode=encoder.encode if encoder else None,
        model_dir=folder / "model",
    )


def hierarchy(way: Way, folder: Path) -> Hierarchy:  # noqa: ARG001
    from topics.hierarchy import layers

    return layers(
        way.corpus,
        way.embeddings,
        way.clustering,
        way.counts,
        way.topics,
        way.config.label,
        random_state=way.config.random_state,
    )


def quality(way: Way, folder: Path) -> Quality:  # noqa: ARG001
    from threadpoolctl import threadpool_limits

    from topics.quality import REPETITIONS, assess

    with (
        threadpool_limits(1),
        way.ledger.observer.progress("quality", REPETITIONS, "repetitions") as progress,
    ):
        return assess(
            way.embeddings,
            way.clustering,
            way.counts,
            way.topics,
            lambda rows, number: _regrouped(way, rows, number),
            random_state=way.config.random_state,
            progress=progress,
        )


def _regrouped(way: Way, rows: Integers, number: int) -> Integers:
    """The topics of some of the papers alone: other seeds, and each time one layout less."""
    from topics.cluster import cluster
    from topics.reduce import find_neighbours

    seed = (way.config.random_state + 1000 * (number + 1)) % 2**32
    part = Embeddings(way.embeddings.vectors[rows], way.embeddings.encoder)
    spaces = way.spaces.coordinates
    kept = [space for place, space in enumerate(spaces) if len(spaces) == 1 or place != number % len(spaces)]
    settings, share = way.config.cluster, len(rows) / len(way.clustering)
    smaller: dict[str, object] = {
        "min_cluster_size": max(2, round(share * int(str(way.clustering.chosen["min_cluster_size"]))))
    }
    if settings.n_topics != "auto":
        smaller["n_topics"] = min(settings.n_topics, len(rows) // 2)
    return cluster(
        part,
        find_neighbours(part, way.config.reduce, random_state=seed),
        [Projection(space[rows]) for space in kept],
        settings.model_copy(update=smaller),
        random_state=seed,
        guidance=_guidance_within(way.guidance, rows),
        checked=True,
    ).nearest_topic


def _guidance_within(guidance: Guidance, rows: Integers) -> Guidance:
    """The topics asked for that still have a paper among these rows."""
    place = {row: at for at, row in enumerate(rows.tolist())}
    seeds = [tuple(place[row] for row in own if row in place) for own in guidance.seeds]
    kept = [topic for topic, own in enumerate(seeds) if own]
    return Guidance(
        tuple(guidance.names[topic] for topic in kept),
        tuple(seeds[topic] for topic in kept),
        guidance.places[kept],
        guidance.only,
    )


def lay_out(way: Way, folder: Path) -> Projection:  # noqa: ARG001
    from topics.reduce import project

    return project(
        way.embeddings,
        way.neighbours,
        n_components=2,
        min_dist=way.config.map.min_dist,
        random_state=way.config.random_state,
    )


def trends(way: Way, folder: Path) -> Trends:  # noqa: ARG001
    from topics.trends import no_trends, trends

    if why := check_dates(way.corpus, way.config):
        return no_trends(why, way.corpus, way.topics)
    return trends(way.corpus, way.clustering, way.topics, way.counts, way.config.trends)


def tables(way: Way, folder: Path) -> Files:
    from topics.corpus import original_columns, summary_sentence
    from topics.report import RunTables, write_tables

    original = original_columns(way.corpus.papers)
    run = RunTables(
        way.corpus,
        way.clustering,
        way.topics,
        way.hierarchy,
        way.quality,
        way.layout,
        way.trends,
        original,
        summary_sentence(way.corpus),
        way.history,
    )
    return Files(write_tables(run, folder))


def maps(way: Way, folder: Path) -> Files:
    from topics.maps.interactive import write_interactive
    from topics.maps.static import draw_static
    from topics.maps.view import build_view

    layers, trust = way.hierarchy, way.quality
    view = build_view(way.corpus, way.clustering, way.topics, way.layout, way.config.map, layers, trust)
    pictures = ("map.png", "map.svg")
    for name in pictures:
        draw_static(view, folder / name)
    write_interactive(view, way.corpus, way.topics, folder / "map.html", layers, trust)
    return Files((*pictures, "map.html"))


def trend_files(way: Way, folder: Path) -> Files:
    """Nothing where the dates tell nothing, and no pictures where the counts carry no verdict at all."""
    from topics.trends.plots import draw_trends
    from topics.trends.tables import write_trends

    if not way.trends.periods:
        return Files(())
    names = write_trends(way.trends, way.topics, folder)
    if not way.trends.telling:
        return Files(names)
    pictures = draw_trends(way.trends, way.topics, way.clustering, way.layout, way.config.map, folder)
    return Files((*names, *pictures))


def report(way: Way, folder: Path, libraries: Iterable[str]) -> Files:
    from topics.page import findings, write_page

    told = findings(
        way,
        inputs=way.inputs,
        versions=store.versions(libraries),
        maps=way.stages["maps"].folder,
        explorer="map.html",
    )
    write_page(told, folder / "report.html")
    return Files(("report.html",))


def build(config: Config, files: list[Path], progress: Progress = unwatched) -> Corpus:
    """Read and clean paper files."""
    from topics.corpus import build_corpus
    from topics.readers import read_files

    return build_corpus(_watched(read_files(files, config.corpus), progress), config.corpus)


def _watched(items: Iterable[T], progress: Progress) -> Iterator[T]:
    for item in items:
        yield item
        progress(1)


def check_settings(corpus: Corpus, config: Config) -> None:
    """What only these papers tell about the settings, before anything expensive is done.

    Raises ConfigError: more topics than there can be, a colour that names no column, or see `check_dates`.
    """
    from topics.cluster import check_number
    from topics.maps.paint import check_color

    check_number(len(corpus), config.cluster)
    check_color(corpus, config.map.color)
    check_dates(corpus, config)


def check_dates(corpus: Corpus, config: Config) -> str:
    """Why these papers have no trends, in a sentence; empty where they have.

    Raises ConfigError: dates too coarse for `trends.period`, or `trends.start` after `trends.end`.
    """
    from topics.trends.periods import find_periods

    try:
        find_periods(corpus.dates, config.trends)
    except CorpusError as error:
        return str(error)
    return ""


def check_enough(corpus: Corpus) -> None:
    """Raises CorpusError: there are too few papers for a run."""
    from topics.cluster import MIN_PAPERS
    from topics.corpus import summary_sentence

    n = len(corpus)
    if n < MIN_PAPERS:
        raise CorpusError(
            f"{n} paper{'s' * (n != 1)} are too few; give at least {MIN_PAPERS} ({summary_sentence(corpus)})."
        )
