"""The only module that touches BERTopic.

BERTopic gets our clusters, our vectors and our counts; it computes the class-based TF-IDF, which we read
back, and writes a model that `BERTopic.load` opens.
"""

from __future__ import annotations

import contextlib
import json
import logging
import shutil
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from topics.cache.parallel import with_kernels
from topics.config import LabelSettings
from topics.label.labels import Encode
from topics.types import OUTLIER, Clustering, Counts, Embeddings, Floats

if TYPE_CHECKING:
    import scipy.sparse as sp

Rows = npt.NDArray[np.integer[Any]]


def fitted_model(
    embeddings: Embeddings, clustering: Clustering, counts: Counts, settings: LabelSettings
) -> Any:
    """A BERTopic of these clusters; its c-TF-IDF weights are those of its own formula."""
    from bertopic import BERTopic
    from bertopic.cluster import BaseCluster
    from bertopic.dimensionality import BaseDimensionalityReduction
    from bertopic.vectorizers import ClassTfidfTransformer

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
        ctfidf_model=ClassTfidfTransformer(reduce_frequent_words=True),
    )
    rows = [str(row) for row in range(len(clustering))]
    model.fit(rows, embeddings=embeddings.vectors, y=clustering.topic.tolist())
    model.nr_topics = None
    return model


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


def numbers_of(theirs: Sequence[int], ours: Rows) -> Rows:
    """(k,) BERTopic's number of each of our topics."""
    topics, first = np.unique(ours, return_index=True)
    numbers: Rows = np.asarray(theirs, dtype=np.int32)[first[topics != OUTLIER]]
    return numbers


def save_model(model: Any, folder: Path, labels: Sequence[str]) -> None:
    """Write what `BERTopic.load` opens. labels: of its topics, in its own order, without the outliers'."""
    outliers = ["outliers"] if OUTLIER in model.topics_ else []
    model.set_topic_labels([*outliers, *labels])
    model.save(folder, serialization="safetensors", save_ctfidf=True, save_embedding_model=True)
    for path in sorted(folder.glob("*.json")):
        # BERTopic writes mappings in the order in which it met the papers.
        value = json.loads(path.read_text(encoding="utf-8"))
        path.write_text(json.dumps(value, indent=2, sort_keys=True), encoding="utf-8")


def relabel(source: Path, target: Path, before: Sequence[str], after: Sequence[str]) -> None:
    """Copy a model that `save_model` saved, with other labels for its topics."""
    shutil.copytree(source, target, copy_function=shutil.copyfile)
    path, new = target / "topics.json", dict(zip(before, after, strict=True))
    value = json.loads(path.read_text(encoding="utf-8"))
    value["custom_labels"] = [new.get(label, label) for label in value["custom_labels"]]
    path.write_text(json.dumps(value, indent=2, sort_keys=True), encoding="utf-8")


def load_bertopic(folder: Path, encode: Encode) -> Any:
    """The saved model, with `encode` as its embedding model, so that it takes text as well as vectors."""
    with quiet():
        from bertopic import BERTopic
        from bertopic.backend import BaseEmbedder

        class RunEmbedder(BaseEmbedder):  # type: ignore[misc]
            def embed(self, documents: Sequence[str], verbose: bool = False) -> Floats:  # noqa: ARG002
                return encode(list(documents))

        return BERTopic.load(str(folder), embedding_model=RunEmbedder())


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
