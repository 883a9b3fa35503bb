"""What each stage of a run does: takes what it needs from the stages before it and calls one module.

Heavy modules are imported inside, so that a cached stage costs nothing.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from topics.cache import store
from topics.checks import check_dates, check_enough
from topics.config import Config
from topics.types import (
    Clustering,
    Corpus,
    Counts,
    Embeddings,
    Files,
    Guidance,
    Hierarchy,
    Layouts,
    Names,
    Neighbours,
    Novelty,
    Progress,
    Projection,
    Quality,
    RunTables,
    Topics,
    Trends,
    unwatched,
)
from topics.way import Way

T = TypeVar("T")

_AHEAD = ("sklearn.cluster", "umap.umap_", "hdbscan", "bertopic", "matplotlib.figure", "jinja2")
"""What later stages import: half the time of a small run, while minilm's network needs no interpreter."""


def read(way: Way, folder: Path) -> Corpus:  # noqa: ARG001
    with way.ledger.observer.progress("read", None, "records") as progress:
        papers = build(way.config, way.files, progress)
    check_enough(papers)
    return papers


def embed(way: Way, folder: Path) -> Embeddings:
    from topics.cache.parallel import imported_ahead
    from topics.embed.embed import embed, fit_encoder, weight_of_words

    papers, settings = way.corpus, way.config.embed
    parts = way.stages["embed"].parts()
    # What learns from the texts imports for itself, and two threads could meet half of a module.
    idle = settings.encoder == "minilm" and not weight_of_words(len(papers), settings)
    teacher = (
        way.ledger.observer.progress(
            "embed", min(len(papers), settings.teacher_papers), "papers read by the teacher"
        )
        if settings.encoder == "distilled"
        else contextlib.nullcontext()
    )

    def late(seconds: float) -> None:
        way.ledger.observer.note(
            f"{seconds:.0f} s of this went into loading UMAP, whose kernels are compiled once on a machine"
        )

    with imported_ahead(_AHEAD if idle else (), late):
        with teacher as progress:
            encoder = fit_encoder(
                papers.texts, settings, random_state=way.config.random_state, progress=progress, parts=parts
            )
        with way.progress("embed") as progress:
            embeddings = embed(papers, encoder, progress, parts)
    (folder / "encoder").mkdir()
    encoder.save(folder / "encoder")
    if settings.encoder == "minilm":
        # Reading again what is installed and what was just saved would give the same.
        way.loaded = encoder
    return embeddings


def guide(way: Way, folder: Path) -> Guidance:  # noqa: ARG001
    from topics.cluster.guide import asked, find_support

    if not asked(way.config.guide):
        return Guidance()
    encoder = way.encoder
    return find_support(way.corpus, way.embeddings, way.config.guide, encoder.encode if encoder else None)


def find_neighbours(way: Way, folder: Path) -> Neighbours:  # noqa: ARG001
    from topics.cluster.umap import find_neighbours

    with way.progress("neighbours") as progress:
        return find_neighbours(
            way.embeddings, way.config.reduce, random_state=way.config.random_state, progress=progress
        )


def reduce(way: Way, folder: Path) -> Layouts:  # noqa: ARG001
    from topics.cluster.umap import layouts

    settings = way.config.reduce
    with way.ledger.observer.progress("reduce", settings.layouts, "layouts") as progress:
        return layouts(
            way.embeddings, way.neighbours, settings, random_state=way.config.random_state, progress=progress
        )


def cluster(way: Way, folder: Path) -> Clustering:  # noqa: ARG001
    from topics.cluster.cluster import cluster

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
    from topics.cluster.novelty import calibrate

    return calibrate(way.embeddings, random_state=way.config.random_state)


def count(way: Way, folder: Path) -> Counts:  # noqa: ARG001
    from topics.terms.matrix import count

    with way.progress("count") as progress:
        return count(way.corpus, way.config.label, progress)


def label(way: Way, folder: Path) -> Topics:
    from topics.label.topics import label

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


def names(way: Way, folder: Path) -> Names:
    """Nothing where no language model is asked; else also BERTopic's model under the labels it worded."""
    from topics.label.bertopic import relabel
    from topics.label.coverage import Sample
    from topics.label.fits import Judge, fits
    from topics.label.llm import Server
    from topics.label.llm_labels import reword

    server = Server.of(way.config.label.llm, way.config.random_state)
    if server is None:
        return Names()
    ledger, anew = way.ledger, "names" in way.ledger.forced
    ledger.observer.note(f"the language model {server.model} at {server.url} is asked for labels")
    with ledger.observer.progress("names", len(way.drafted), "topics") as progress:
        found = reword(
            way.corpus,
            way.clustering,
            way.drafted,
            lambda messages: server.ask(messages, ledger.cache, anew=anew),
            progress,
        )
    for note in found.notes:
        ledger.observer.detail(note)
    sample = Sample.of(way.counts, way.clustering.topic, way.embeddings.order)
    judge = Judge.beside(way.corpus, sample.rows, way.embeddings.encoder)
    own = [fit for (fit,) in fits(sample, judge, [[label] for label in found.labels])]
    found = replace(found, fits=tuple(own))
    relabel(way.stages["label"].folder / "model", folder / "model", way.drafted.labels, found.labels)
    return found


def hierarchy(way: Way, folder: Path) -> Hierarchy:  # noqa: ARG001
    from topics.label.hierarchy import layers

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

    from topics.cluster.stability import REPETITIONS, regroup
    from topics.label.quality import assess

    with (
        threadpool_limits(1),
        way.ledger.observer.progress("quality", REPETITIONS, "repetitions") as progress,
    ):
        return assess(
            way.embeddings,
            way.clustering,
            way.counts,
            way.drafted,
            lambda rows, number: regroup(way, way.config, rows, number),
            random_state=way.config.random_state,
            progress=progress,
        )


def lay_out(way: Way, folder: Path) -> Projection:  # noqa: ARG001
    from topics.cluster.umap import project

    return project(
        way.embeddings,
        way.neighbours,
        n_components=2,
        min_dist=way.config.map.min_dist,
        random_state=way.config.random_state,
    )


def trends(way: Way, folder: Path) -> Trends:  # noqa: ARG001
    from topics.trends.trends import no_trends, trends

    if why := check_dates(way.corpus, way.config):
        return no_trends(why, way.corpus, way.drafted)
    return trends(way.corpus, way.clustering, way.drafted, way.counts, way.config.trends)


def tables(way: Way, folder: Path) -> Files:
    from topics.corpus.build import summary, summary_sentence
    from topics.corpus.input_columns import original_columns
    from topics.output.tables import write_tables

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
        summary_sentence(summary(way.corpus)),
        way.history,
        way.config.label.llm.model or "",
    )
    return Files(write_tables(run, folder))


def maps(way: Way, folder: Path) -> Files:
    from topics.output.maps.interactive import write_interactive
    from topics.output.maps.static import draw_static
    from topics.output.maps.view import build_view

    layers, trust = way.hierarchy, way.quality
    view = build_view(way.corpus, way.clustering, way.topics, way.layout, way.config.map, layers, trust)
    pictures = ("map.png", "map.svg")
    for name in pictures:
        draw_static(view, folder / name)
    write_interactive(view, way.corpus, way.topics, folder / "map.html", layers, trust)
    return Files((*pictures, "map.html"))


def trend_files(way: Way, folder: Path) -> Files:
    """Nothing where the dates tell nothing, and no pictures where the counts carry no verdict at all."""
    from topics.output.trends.gallery import draw_trends
    from topics.output.trends.tables import write_trends

    if not way.trends.periods:
        return Files(())
    names = write_trends(way.trends, way.topics, folder)
    if not way.trends.telling:
        return Files(names)
    pictures = draw_trends(way.trends, way.topics, way.clustering, way.layout, way.config.map, folder)
    return Files((*names, *pictures))


def report(way: Way, folder: Path, libraries: Iterable[str]) -> Files:
    from topics.output.report import findings, write_page

    told = findings(
        way,
        way.config,
        inputs=way.inputs,
        versions=store.versions(libraries),
        maps=way.stages["maps"].folder,
        explorer="map.html",
        history=way.history,
    )
    write_page(told, folder / "report.html")
    return Files(("report.html",))


def build(config: Config, files: list[Path], progress: Progress = unwatched) -> Corpus:
    """Read and clean paper files."""
    from topics.corpus.build import build_corpus
    from topics.corpus.readers import read_files

    return build_corpus(_watched(read_files(files, config.corpus), progress), config.corpus)


def _watched(items: Iterable[T], progress: Progress) -> Iterator[T]:
    for item in items:
        yield item
        progress(1)
