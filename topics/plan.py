"""The stages of a run in their order. `PLAN` tells the whole story, from top to bottom."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from topics import steps
from topics.about import __version__
from topics.cache import store
from topics.cache.stage import Ledger, Stage
from topics.config import CacheSettings, Config
from topics.config.load import as_plain
from topics.inputs import digests, paper_files, today
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
    Projection,
    Quality,
    Topics,
    Trends,
)
from topics.way import Way

_NUMERIC = ("numpy", "scipy", "scikit-learn")
_GRAPH = (*_NUMERIC, "numba", "umap-learn")
_ENCODERS = (
    *_NUMERIC,
    "onnx",
    "onnxruntime",
    "safetensors",
    "sentence-transformers",
    "tokenizers",
    "torch",
    "transformers",
)
_GROUPING = ("hdbscan", "scikit-network")
_DRAWING = ("numpy", "scipy", "matplotlib")


PUBLISHED = ("tables", "maps", "trend_files", "report")
"""Stages whose files a run's folder shows."""

KEPT = (
    "read",
    "embed",
    "guide",
    "cluster",
    "novelty",
    "count",
    "label",
    "names",
    "hierarchy",
    "quality",
    "layout",
    "trends",
)
"""Stages whose values stay in the run's folder, so that it can be opened without the cache."""


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


@dataclass(frozen=True)
class Given:
    """A value that a run does not compute: another run's own, or one made from it.

    depends: everything that it depends on. make: writes what lies beside it into a folder, and gives it.
    """

    depends: object
    make: Callable[[Path], Any]


_CLUSTER = (
    "cluster/cluster",
    "cluster/neighbours",
    "cluster/discriminant",
    "cluster/consensus",
    "cluster/methods",
    "cluster/seeded",
    "cluster/assign",
)
_NAMING = (
    "label/keywords",
    "label/labels",
    "label/coverage",
    "label/phrases",
    "terms/lexicon",
    "terms/stop_words.txt",
)

PLAN = (
    Plan(
        "read",
        Corpus,
        steps.read,
        lambda config: config.corpus,
        modules=(
            "corpus/readers",
            "corpus/build",
            "corpus/rows",
            "corpus/clean",
            "corpus/latex",
            "corpus/screen",
            "corpus/duplicates",
        ),
        libraries=("bibtexparser", "ftfy", "numpy", "py3langid", "pyarrow", "pylatexenc", "python-calamine"),
    ),
    Plan(
        "embed",
        Embeddings,
        steps.embed,
        lambda config: (config.embed, config.random_state),
        after=("read",),
        modules=("embed",),
        libraries=_ENCODERS,
    ),
    Plan(
        "guide",
        Guidance,
        steps.guide,
        lambda config: (config.guide, config.embed),
        after=("read", "embed"),
        modules=("cluster/guide", "terms/lexicon", "terms/stop_words.txt", "embed"),
        libraries=_ENCODERS,
    ),
    Plan(
        "neighbours",
        Neighbours,
        steps.find_neighbours,
        lambda config: (config.reduce.n_neighbors, config.random_state),
        after=("embed",),
        modules=("cluster/umap", "cluster/neighbours", "cluster/assign"),
        libraries=_GRAPH,
    ),
    Plan(
        "reduce",
        Layouts,
        steps.reduce,
        lambda config: (config.reduce, config.random_state),
        after=("embed", "neighbours"),
        modules=("cluster/umap", "cluster/neighbours", "cluster/assign"),
        libraries=_GRAPH,
    ),
    Plan(
        "cluster",
        Clustering,
        steps.cluster,
        lambda config: (config.cluster, config.random_state),
        after=("embed", "guide", "neighbours", "reduce"),
        modules=_CLUSTER,
        libraries=(*_NUMERIC, *_GROUPING),
    ),
    Plan(
        "novelty",
        Novelty,
        steps.calibrate,
        lambda config: config.random_state,
        after=("embed",),
        modules=("cluster/novelty",),
        libraries=("numpy",),
    ),
    Plan(
        "count",
        Counts,
        steps.count,
        lambda config: config.label.own,
        after=("read",),
        modules=("terms/matrix", "terms/tokens", "terms/lexicon", "terms/spelling", "terms/stop_words.txt"),
        libraries=_NUMERIC,
    ),
    Plan(
        "label",
        Topics,
        steps.label,
        lambda config: (config.label.own, config.embed),
        after=("read", "embed", "cluster", "count"),
        modules=("label/topics", "label/bertopic", "label/fits", *_NAMING, "embed"),
        libraries=(*_ENCODERS, "bertopic"),
    ),
    Plan(
        "names",
        Names,
        steps.names,
        lambda config: (config.label.llm.asked, config.random_state),
        after=("read", "embed", "cluster", "count", "label"),
        modules=(
            "label/llm_labels",
            "label/llm",
            "label/coverage",
            "label/fits",
            "label/phrases",
            "embed",
            "terms/lexicon",
            "terms/stop_words.txt",
        ),
        libraries=_ENCODERS,
    ),
    Plan(
        "hierarchy",
        Hierarchy,
        steps.hierarchy,
        lambda config: (config.label.own, config.random_state),
        after=("read", "embed", "cluster", "count", "label", "names"),
        modules=(
            "label/hierarchy",
            "label/subtopics",
            "cluster/stability",
            "cluster/umap",
            *_CLUSTER,
            *_NAMING,
        ),
        libraries=_NUMERIC,
    ),
    Plan(
        "quality",
        Quality,
        steps.quality,
        lambda config: (config.cluster, config.reduce.n_neighbors, config.random_state),
        after=("embed", "guide", "reduce", "cluster", "count", "label"),
        modules=("label/quality", "cluster/stability", "cluster/umap", *_CLUSTER),
        libraries=(*_GRAPH, *_GROUPING),
    ),
    Plan(
        "layout",
        Projection,
        steps.lay_out,
        lambda config: (config.map.min_dist, config.random_state),
        after=("embed", "neighbours"),
        modules=("cluster/umap", "cluster/neighbours", "cluster/assign"),
        libraries=_GRAPH,
    ),
    Plan(
        "trends",
        Trends,
        steps.trends,
        lambda config: config.trends,
        after=("read", "cluster", "label", "count"),
        modules=("trends", "terms/lexicon"),
        libraries=("numpy", "scipy"),
    ),
    Plan(
        "tables",
        Files,
        steps.tables,
        lambda config: config.label.llm.model,
        after=("read", "cluster", "label", "names", "hierarchy", "quality", "layout", "trends"),
        modules=("output/tables", "output/markdown", "corpus/build", "corpus/input_columns"),
        libraries=("pyarrow",),
    ),
    Plan(
        "maps",
        Files,
        steps.maps,
        lambda config: config.map,
        after=("read", "cluster", "label", "names", "hierarchy", "quality", "layout"),
        modules=("output/maps",),
        libraries=_DRAWING,
    ),
    Plan(
        "trend_files",
        Files,
        steps.trend_files,
        lambda config: (config.map.theme, config.map.width_mm),
        after=("cluster", "label", "names", "layout", "trends"),
        modules=("trends", "output/trends", "output/maps", "output/tables", "output/markdown"),
        libraries=_DRAWING,
    ),
    Plan(
        "report",
        Files,
        lambda way, folder: steps.report(way, folder, libraries()),
        lambda config: config.model_copy(update={"cache": CacheSettings(), "output_dir": ""}),
        after=(
            "read",
            "embed",
            "cluster",
            "label",
            "names",
            "hierarchy",
            "quality",
            "layout",
            "trends",
            "maps",
        ),
        modules=(
            "output/report",
            "output/maps",
            "output/trends",
            "trends",
            "corpus/build",
            "output/tables",
            "output/markdown",
            "config/load",
            "cluster/neighbours",
            "cluster/assign",
        ),
        libraries=("jinja2", *_DRAWING),
    ),
)


def plan(
    config: Config,
    ledger: Ledger,
    given: Mapping[str, Given] | None = None,
    inputs: Mapping[str, str] | None = None,
    history: tuple[str, ...] = (),
) -> Way:
    """The stages of a run, none of them computed yet.

    given: values of stages, by name, that are there. inputs: the digests of the paper files, where these were
        read by another run and may be gone. history: what was done to the topics since they were found.

    Raises InputError: a paper file that is not there.
    """
    given = given or {}
    files = [] if "read" in given else paper_files(config)
    read = {str(path): store.file_digest(path) for path in files} if inputs is None else dict(inputs)
    way = Way(config, files, read, ledger, {}, history)
    outside = {
        "read": [read, today(config, files)],
        "tables": history,
        "report": [read, history, __version__, store.versions(libraries())],
        "embed": digests([config.embed.encoder, config.embed.model_dir]),
        "guide": digests([config.guide.taxonomy]),
    }
    for step in PLAN:
        if step.name in given:
            value = given[step.name]
            way.stages[step.name] = Stage(step.name, step.kind, value.make, ledger, ["given", value.depends])
            continue
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


def libraries() -> frozenset[str]:
    """Distributions whose versions a run's results depend on."""
    return frozenset(name for step in PLAN for name in step.libraries)


def depending_on(stage: str) -> frozenset[str]:
    """The names of the stages whose results depend on one stage's, itself among them."""
    found = {stage}
    for step in PLAN:
        if found & set(step.after):
            found.add(step.name)
    return frozenset(found)
