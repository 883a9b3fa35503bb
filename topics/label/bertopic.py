"""The only module that touches BERTopic: its class-based TF-IDF, and a model that `BERTopic.load` opens.

BERTopic gets our clusters, our vectors and our counts. `class_tfidf` gives all weights of terms: keywords of
topics, fields and subtopics, words of a period, the tree of topics. The saved model holds the same numbers.
"""

from __future__ import annotations

import contextlib
import functools
import json
import logging
import shutil
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from topics.cache.parallel import with_kernels
from topics.config import LabelSettings
from topics.errors import CorpusError, ModelError
from topics.types import OUTLIER, Clustering, Counts, Embeddings, Encode, Floats, Rows
from topics.types.arrays import sum_rows

if TYPE_CHECKING:
    import scipy.sparse as sp


def class_tfidf(counts: sp.csr_matrix, groups: Rows) -> sp.csr_matrix:
    """Class-based TF-IDF (Grootendorst 2022) as BERTopic computes it, frequent words reduced.

    A weight is the square root of the term's share of all terms of its group, times log(1 + a / u): a is the
    mean number of terms of a group, rounded down; u is how often all groups together use the term.

    counts: (n, v) how often each of n rows uses each term; a row is a paper, or several.
    groups: (n,) the group of each row, from 0 to g - 1. As in BERTopic, rows in no group (-1) are one group
        more, which counts in a and u and has no row in the result.

    Returns (g, v) float64 with sorted indices.
    """
    first = int(groups.min() < 0)
    uses = sum_rows(counts, groups + first)
    n_terms = uses.shape[1]
    # BERTopic's class wants two columns at least. A term that no group uses has u = 0 and no entry.
    uses.resize(uses.shape[0], n_terms + 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        weights: sp.csr_matrix = _transformer().fit(uses).transform(uses)[first:, :n_terms]
    weights.sort_indices()
    return weights


def _transformer() -> Any:
    with quiet():
        from bertopic.vectorizers import ClassTfidfTransformer
    return ClassTfidfTransformer(reduce_frequent_words=True)


def save_model(
    embeddings: Embeddings,
    clustering: Clustering,
    counts: Counts,
    settings: LabelSettings,
    labels: Sequence[str],
    folder: Path,
) -> None:
    """Fit BERTopic to these clusters, vectors and counts, and write what `BERTopic.load` opens.

    labels: (k,) of our topics. BERTopic numbers topics by size, with outliers as topic -1.
    """
    with quiet():
        from bertopic import BERTopic
        from bertopic.cluster import BaseCluster
        from bertopic.dimensionality import BaseDimensionalityReduction

        model = BERTopic(
            # "english" would strip every letter beyond ASCII.
            language="multilingual",
            top_n_words=settings.keywords,
            n_gram_range=(1, settings.ngram_max),
            # At least as many as there are: BERTopic then neither merges topics nor renumbers them.
            nr_topics=clustering.n_topics + 1,
            umap_model=BaseDimensionalityReduction(),
            hdbscan_model=BaseCluster(),
            vectorizer_model=_row_counter(counts, settings),
            ctfidf_model=_transformer(),
        )
        rows = [str(row) for row in range(len(clustering))]
        model.fit(rows, embeddings=embeddings.vectors, y=clustering.topic.tolist())
        model.nr_topics = None
        label_of = dict(zip(model.topics_, clustering.topic.tolist(), strict=True))
        named = ["outliers" if ours == OUTLIER else labels[ours] for _, ours in sorted(label_of.items())]
        model.set_topic_labels(named)
        model.save(folder, serialization="safetensors", save_ctfidf=True, save_embedding_model=True)
    for path in sorted(folder.glob("*.json")):
        # BERTopic writes mappings in the order in which it met the papers.
        value = json.loads(path.read_text(encoding="utf-8"))
        path.write_text(json.dumps(value, indent=2, sort_keys=True), encoding="utf-8")


def _row_counter(counts: Counts, settings: LabelSettings) -> Any:
    """A CountVectorizer whose documents are row numbers: it adds up rows of our matrix."""
    import scipy.sparse as sp
    from sklearn.feature_extraction.text import CountVectorizer

    class RowCounter(CountVectorizer):  # type: ignore[misc]
        def fit_transform(self, raw_documents: Sequence[str], y: object = None) -> sp.csr_matrix:  # noqa: ARG002
            return self.transform(raw_documents)

        def transform(self, raw_documents: Sequence[str]) -> sp.csr_matrix:
            rows = [np.array(document.split(), dtype=np.int64) for document in raw_documents]
            lengths = np.cumsum([0, *map(len, rows)])
            columns = np.concatenate(rows)
            shape = (len(rows), counts.matrix.shape[0])
            return (
                sp.csr_matrix((np.ones(len(columns), dtype=np.int64), columns, lengths), shape)
                @ counts.matrix
            )

        def get_feature_names_out(self, input_features: object = None) -> Any:  # noqa: ARG002
            return np.array(counts.terms, dtype=object)

        @classmethod
        def _get_param_names(cls) -> list[str]:
            return list(CountVectorizer._get_param_names())

    counter = RowCounter(ngram_range=(1, settings.ngram_max))
    counter.vocabulary_ = {term.lower(): column for column, term in enumerate(counts.terms)}
    return counter


def relabel(source: Path, target: Path, before: Sequence[str], after: Sequence[str]) -> None:
    """Copy a model that `save_model` saved, with other labels for its topics."""
    shutil.copytree(source, target, copy_function=shutil.copyfile)
    path, new = target / "topics.json", dict(zip(before, after, strict=True))
    value = json.loads(path.read_text(encoding="utf-8"))
    value["custom_labels"] = [new.get(label, label) for label in value["custom_labels"]]
    path.write_text(json.dumps(value, indent=2, sort_keys=True), encoding="utf-8")


def load_bertopic(
    folder: Path, encode: Encode, clustering: Clustering, documents: Mapping[int, Sequence[str]]
) -> Any:
    """The saved model, with `encode` as its embedding model, so that it takes text as well as vectors.

    clustering: of its papers. documents: by our topics, the texts of papers that stand for each. BERTopic
    saves neither these nor probabilities.
    """
    with quiet():
        from bertopic import BERTopic
        from bertopic.backend import BaseEmbedder

        class RunEmbedder(BaseEmbedder):  # type: ignore[misc]
            def embed(self, documents: Sequence[str], verbose: bool = False) -> Floats:  # noqa: ARG002
                return encode(list(documents))

        embedder = RunEmbedder()
        model = _kind()(embedding_model=embedder)
        vars(model).update(vars(BERTopic.load(str(folder), embedding_model=embedder)))
    number = dict(zip(clustering.topic.tolist(), model.topics_, strict=True))
    model.representative_docs_ = {number[topic]: list(texts) for topic, texts in documents.items()}
    model.representative_docs_[OUTLIER] = []
    model.probabilities_ = np.array(clustering.probability)
    return model


@functools.cache
def _kind() -> type[Any]:
    """BERTopic 0.17.4 where pandas 3, few topics or a missing package would stop it."""
    from bertopic import BERTopic

    class RunModel(BERTopic):  # type: ignore[misc]
        def topics_over_time(
            self,
            docs: Sequence[str],
            timestamps: Sequence[Any],
            topics: Sequence[int] | None = None,
            nr_bins: int | None = None,
            datetime_format: str | None = None,
            **options: Any,
        ) -> Any:
            """As BERTopic's; documents with an empty timestamp are left out, which it cannot take.

            Text is read here: BERTopic gives `pandas.to_datetime` an argument that pandas 3 has no more.
            """
            moments = _moments(timestamps, datetime_format)
            dated = [row for row, moment in enumerate(moments) if moment is not None]
            chosen = ([values[row] for row in dated] for values in (docs, moments, topics or self.topics_))
            return super().topics_over_time(*chosen, nr_bins, **options)

        def visualize_hierarchical_documents(
            self,
            docs: Sequence[str],
            hierarchical_topics: Any,
            *parts: Any,
            nr_levels: int = 10,
            **options: Any,
        ) -> Any:
            """As BERTopic's, with fewer levels than joins: it has no name for the join of all topics."""
            levels = min(nr_levels, len(hierarchical_topics) - 1)
            if levels < 1:
                raise CorpusError("visualize_hierarchical_documents needs three topics")
            return super().visualize_hierarchical_documents(
                docs, hierarchical_topics, *parts, nr_levels=levels, **options
            )

        def visualize_approximate_distribution(self, *parts: Any, **options: Any) -> Any:
            """As BERTopic's, which calls `Styler.map` by the name that it had before pandas 3."""
            from pandas.io.formats.style import Styler

            known = hasattr(Styler, "applymap")
            if not known:
                Styler.applymap = Styler.map
            try:
                return super().visualize_approximate_distribution(*parts, **options)
            finally:
                if not known:
                    del Styler.applymap

    for name in dir(BERTopic):
        if name.startswith("visualize_"):
            setattr(RunModel, name, _with_packages(getattr(RunModel, name), name))
    return RunModel


def _with_packages(method: Callable[..., Any], name: str) -> Callable[..., Any]:
    @functools.wraps(method)
    def drawn(*arguments: Any, **options: Any) -> Any:
        if not find_spec("plotly"):
            raise ModelError(f"{name} draws with plotly: `pip install 'paper-topics[plots]'`")
        if "datamap" in name and not find_spec("datamapplot"):
            raise ModelError(f"{name} draws with datamapplot: `pip install datamapplot`")
        return method(*arguments, **options)

    return drawn


def _moments(timestamps: Sequence[Any], form: str | None) -> list[Any]:
    """Text as moments, other values as they are; None for what is empty."""
    import pandas as pd

    given = [None if moment is None or moment != moment or moment == "" else moment for moment in timestamps]
    if not any(isinstance(moment, str) for moment in given):
        return given
    found = pd.to_datetime(pd.Series(given, dtype=object), format=form or "mixed", errors="raise")
    return [None if moment is pd.NaT else moment for moment in found]


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Importing BERTopic mutes warnings for the whole process, and it logs on its own; keep both inside."""
    with warnings.catch_warnings():
        logger = logging.getLogger("BERTopic")
        level = logger.level
        with_kernels("bertopic")
        logger.setLevel(logging.ERROR)
        try:
            yield
        finally:
            logger.setLevel(level)
