"""The way from paper files to a finished run. `PLAN` tells the whole story, from top to bottom."""

from __future__ import annotations

import datetime
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from topics import __version__, store
from topics.config import Config
from topics.configfile import as_plain
from topics.errors import CorpusError
from topics.stage import Ledger, Observer, Silence, Stage
from topics.types import (
    OUTLIER,
    Clustering,
    Corpus,
    Counts,
    Embeddings,
    Files,
    Layouts,
    Neighbours,
    Projection,
    Topics,
)

RUN_FORMAT = 1

_NUMERIC = ("numpy", "scipy", "scikit-learn")
_GRAPH = (*_NUMERIC, "numba", "pynndescent", "umap-learn")
_ENCODERS = (*_NUMERIC, "onnx", "onnxruntime", "sentence-transformers", "tokenizers")


@dataclass
class Way:
    """One run under way: its settings and its stages, each computed or loaded when first asked for."""

    config: Config
    files: list[Path]
    ledger: Ledger
    stages: dict[str, Stage[Any]]

    @property
    def corpus(self) -> Corpus:
        papers: Corpus = self.stages["read"].value
        return papers

    @property
    def embeddings(self) -> Embeddings:
        vectors: Embeddings = self.stages["embed"].value
        return vectors

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
    def layout(self) -> Projection:
        projection: Projection = self.stages["layout"].value
        return projection


@dataclass(frozen=True)
class Plan:
    """One stage as planned: what it makes, from what, and everything else that its result depends on."""

    name: str
    kind: type[Any]
    make: Callable[[Way, Path], Any]
    settings: Callable[[Config], Any]
    after: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    libraries: tuple[str, ...] = ()


def _read(way: Way, folder: Path) -> Corpus:  # noqa: ARG001
    papers = _build_corpus(way.config, way.files)
    check_enough(papers)
    return papers


def _embed(way: Way, folder: Path) -> Embeddings:
    from topics.embed import embed, fit_encoder

    papers, settings = way.corpus, way.config.embed
    encoder = fit_encoder(papers.texts, settings, random_state=way.config.random_state)
    with way.ledger.observer.progress("embed", len(papers)) as progress:
        embeddings = embed(papers, encoder, progress, way.stages["embed"].parts())
    (folder / "encoder").mkdir()
    encoder.save(folder / "encoder")
    return embeddings


def _find_neighbours(way: Way, folder: Path) -> Neighbours:  # noqa: ARG001
    from topics.reduce import find_neighbours

    return find_neighbours(way.embeddings, way.config.reduce, random_state=way.config.random_state)


def _reduce(way: Way, folder: Path) -> Layouts:  # noqa: ARG001
    from topics.reduce import project

    settings = way.config.reduce
    projections = [
        project(
            way.embeddings,
            way.neighbours,
            n_components=settings.n_components,
            min_dist=settings.min_dist,
            random_state=(way.config.random_state + number) % 2**32,
        )
        for number in range(settings.layouts)
    ]
    return Layouts(np.stack([projection.coordinates for projection in projections]))


def _cluster(way: Way, folder: Path) -> Clustering:  # noqa: ARG001
    from topics.cluster import cluster

    return cluster(
        way.embeddings,
        way.neighbours,
        [Projection(coordinates) for coordinates in way.spaces.coordinates],
        way.config.cluster,
        random_state=way.config.random_state,
    )


def _count(way: Way, folder: Path) -> Counts:  # noqa: ARG001
    from topics.count import count

    return count(way.corpus, way.config.label)


def _label(way: Way, folder: Path) -> Topics:
    from topics.embed import load_encoder
    from topics.label import label

    encoder = load_encoder(way.config.embed, way.stages["embed"].folder / "encoder")
    return label(
        way.corpus,
        way.embeddings,
        way.clustering,
        way.counts,
        way.config.label,
        encode=encoder.encode if encoder else None,
        model_dir=folder / "model",
    )


def _lay_out(way: Way, folder: Path) -> Projection:  # noqa: ARG001
    from topics.reduce import project

    return project(
        way.embeddings,
        way.neighbours,
        n_components=2,
        min_dist=way.config.map.min_dist,
        random_state=way.config.random_state,
    )


def _tables(way: Way, folder: Path) -> Files:
    from topics.corpus import original_columns
    from topics.report import RunTables, write_tables

    original = original_columns(way.corpus)
    run = RunTables(way.corpus, way.clustering, way.topics, way.layout, original, account(way.corpus))
    return Files(write_tables(run, folder))


def _maps(way: Way, folder: Path) -> Files:
    from topics.maps.interactive import write_interactive
    from topics.maps.static import draw_static
    from topics.maps.view import build_view

    view = build_view(way.corpus, way.clustering, way.topics, way.layout, way.config.map)
    draw_static(view, folder / "map.png")
    draw_static(view, folder / "map.svg")
    write_interactive(view, way.corpus, way.topics, folder / "map.html")
    return Files(("map.png", "map.svg", "map.html"))


PLAN = (
    Plan(
        "read",
        Corpus,
        _read,
        lambda config: config.corpus,
        modules=("readers", "corpus", "intake", "clean", "tex", "screen", "dedupe"),
        libraries=("bibtexparser", "ftfy", "numpy", "py3langid", "pyarrow", "pylatexenc", "python-calamine"),
    ),
    Plan(
        "embed",
        Embeddings,
        _embed,
        lambda config: (config.embed, config.random_state),
        after=("read",),
        modules=("embed", "encoders"),
        libraries=_ENCODERS,
    ),
    Plan(
        "neighbours",
        Neighbours,
        _find_neighbours,
        lambda config: (config.reduce.n_neighbors, config.random_state),
        after=("embed",),
        modules=("reduce",),
        libraries=_GRAPH,
    ),
    Plan(
        "reduce",
        Layouts,
        _reduce,
        lambda config: (config.reduce, config.random_state),
        after=("embed", "neighbours"),
        modules=("reduce",),
        libraries=_GRAPH,
    ),
    Plan(
        "cluster",
        Clustering,
        _cluster,
        lambda config: (config.cluster, config.random_state),
        after=("embed", "neighbours", "reduce"),
        modules=("cluster", "consensus", "assign"),
        libraries=(*_GRAPH, "hdbscan"),
    ),
    Plan(
        "count",
        Counts,
        _count,
        lambda config: config.label,
        after=("read",),
        modules=("count", "tokens", "lexicon", "spelling", "stop_words.txt"),
        libraries=_NUMERIC,
    ),
    Plan(
        "label",
        Topics,
        _label,
        lambda config: (config.label, config.embed),
        after=("read", "embed", "cluster", "count"),
        modules=("label", "naming", "phrases", "lexicon", "stop_words.txt", "embed", "encoders"),
        libraries=(*_ENCODERS, "bertopic", "safetensors"),
    ),
    Plan(
        "layout",
        Projection,
        _lay_out,
        lambda config: (config.map.min_dist, config.random_state),
        after=("embed", "neighbours"),
        modules=("reduce",),
        libraries=_GRAPH,
    ),
    Plan(
        "tables",
        Files,
        _tables,
        lambda _: None,
        after=("read", "cluster", "label", "layout"),
        modules=("report", "corpus"),
        libraries=("pyarrow",),
    ),
    Plan(
        "maps",
        Files,
        _maps,
        lambda config: config.map,
        after=("read", "cluster", "label", "layout"),
        modules=("maps",),
        libraries=("matplotlib",),
    ),
)


def run(
    config: Config,
    *,
    output: Path | None = None,
    observer: Observer | None = None,
    until: str | None = None,
    forced: frozenset[str] = frozenset(),
) -> Path | None:
    """Find topics and write the run's folder; gives its path, or None when stopped by `until`.

    Raises TopicsError: anything that the user can mend, in one sentence; nothing is written then.
    """
    target = output or Path(config.output_dir) / (config.name or "run")
    store.check_target(target)
    root = Path(config.cache.dir) if config.cache.dir else store.default_cache_dir()
    way = plan(config, Ledger(store.Cache(root), observer or Silence(), forced))
    for stage in way.stages.values() if until else ():
        stage.ready()
        if stage.name == until:
            return None
    finished = (way.stages["tables"], way.stages["maps"])
    for stage in finished:
        stage.ready()
    with store.publish(target) as folder:
        for stage in finished:
            for name in stage.value.names:
                shutil.copyfile(stage.folder / name, folder / name)
        shutil.copytree(way.stages["label"].folder / "model", folder / "model", copy_function=shutil.copyfile)
        store.write_json(folder / store.RUN_FILE, _summary(way, folder))
    return target


def plan(config: Config, ledger: Ledger) -> Way:
    """The stages of a run, none of them computed yet.

    Raises InputError: a paper file that is not there.
    """
    way = Way(config, _paper_files(config), ledger, {})
    outside = {
        "read": [{str(path): store.file_digest(path) for path in way.files}, _today(config, way.files)],
        "embed": _named_files(config),
    }
    for step in PLAN:
        way.stages[step.name] = Stage(
            step.name,
            step.kind,
            lambda folder, make=step.make: make(way, folder),  # type: ignore[misc]
            ledger,
            settings=[as_plain(step.settings(config)), outside.get(step.name)],
            after=[way.stages[name] for name in step.after],
            modules=step.modules,
            libraries=step.libraries,
        )
    return way


def read(config: Config) -> Corpus:
    """Read and clean the papers; no cache, no model.

    Raises InputError: a file that is missing, unreadable or of no known format.
    """
    return _build_corpus(config, _paper_files(config))


def account(corpus: Corpus) -> str:
    """One sentence: how many records were read, kept and dropped, and why."""
    from topics.corpus import summary_sentence

    return summary_sentence(corpus)


def check_enough(corpus: Corpus) -> None:
    """Raises CorpusError: there are too few papers for a run."""
    from topics.cluster import MIN_PAPERS

    if len(corpus) < MIN_PAPERS:
        raise CorpusError(
            f"{len(corpus)} paper{'s' * (len(corpus) != 1)} are too few; give at least {MIN_PAPERS}."
        )


def written(run_folder: Path) -> list[Path]:
    """The files and folders of a finished run, in the order of `topics.report.OUTPUTS`."""
    from topics.report import OUTPUTS

    return [run_folder / name for name in OUTPUTS if (run_folder / name).exists()]


def _paper_files(config: Config) -> list[Path]:
    from topics.readers import expand

    return expand([Path(name) for name in config.corpus.papers])


def _build_corpus(config: Config, files: list[Path]) -> Corpus:
    from topics.corpus import build_corpus
    from topics.readers import read_files

    return build_corpus(read_files(files, config.corpus), config.corpus)


def _today(config: Config, files: list[Path]) -> str | None:
    """The day that dates without a year are counted back from, where there can be any."""
    from topics.readers import detect

    readers = {detect(path, config.corpus).name for path in files}
    if config.corpus.reference_date or "listing" not in readers:
        return None
    return datetime.date.today().isoformat()


def _named_files(config: Config) -> dict[str, str]:
    """Digests of vectors or weights that the config names by path."""
    named = [Path(name) for name in (config.embed.encoder, config.embed.model_dir) if name]
    files = [path for place in named for path in (sorted(place.glob("*")) if place.is_dir() else [place])]
    return {str(path): store.file_digest(path) for path in files if path.is_file()}


def _summary(way: Way, folder: Path) -> dict[str, object]:
    from topics.corpus import summary

    clustering, ledger = way.clustering, way.ledger
    libraries = {name for step in PLAN for name in step.libraries}
    return {
        "paper_topics": {"version": __version__, "format": RUN_FORMAT},
        "config": as_plain(way.config),
        "random_state": way.config.random_state,
        "inputs": {str(path): store.file_digest(path) for path in way.files},
        "account": summary(way.corpus),
        "account_text": account(way.corpus),
        "notes": list(way.corpus.notes),
        "counts": {
            "papers": len(way.corpus),
            "topics": len(way.topics),
            "outliers": int((clustering.topic == OUTLIER).sum()),
        },
        "encoder": way.embeddings.encoder,
        "chosen": clustering.chosen,
        "versions": store.versions(libraries),
        "stages": {
            name: {
                "key": stage.key,
                "seconds": round(ledger.seconds.get(name, 0.0), 3),
                "cached": ledger.cached.get(name, True),
            }
            for name, stage in way.stages.items()
        },
        "files": store.digests(folder, skip=[store.RUN_FILE]),
    }
