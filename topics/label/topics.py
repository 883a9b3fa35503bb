"""Clusters to named topics. The only module that touches BERTopic.

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
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from topics.config import LabelSettings
from topics.label.beside import choose_beside
from topics.label.keywords import heaviest
from topics.label.labels import Encode, choose_labels
from topics.label.phrases import fitness
from topics.types import (
    OUTLIER,
    Clustering,
    Corpus,
    Counts,
    Embeddings,
    Floats,
    Keyword,
    Topic,
    Topics,
)

if TYPE_CHECKING:
    import scipy.sparse as sp

Rows = npt.NDArray[np.integer[Any]]


def label(
    corpus: Corpus,
    embeddings: Embeddings,
    clustering: Clustering,
    counts: Counts,
    settings: LabelSettings,
    *,
    encode: Encode | None = None,
    model_dir: Path | None = None,
) -> Topics:
    """Name every topic and find its keywords and most representative papers.

    encode: phrases to (m, d) vectors in the space of `embeddings`; None where the encoder cannot (vectors
        read from a file).
    model_dir: where to save the BERTopic model (safetensors); its folder is made. `BERTopic.load` opens it
        and `transform(documents, embeddings)` runs on it without torch.

    Topics whose names are settled (`Clustering.names`) keep them.

    Keywords are ranked by class-based TF-IDF (Grootendorst 2022); representative papers are those nearest
    to their topic's mean vector. Outliers belong to no topic; in the saved model they are topic -1.
    """
    with _quiet():
        model = _fitted(embeddings, clustering, counts, settings)
    weights = model.c_tf_idf_.tocsr()
    first = int(min(model.topics_) == OUTLIER)
    numbers = _their_numbers(model.topics_, clustering.topic)
    most = weights[first:].max(axis=0).toarray().ravel()
    shape, fit = fitness(counts, corpus)
    labels = choose_labels(counts, clustering.topic, embeddings, fit, encode, clustering.names)
    topics: list[Topic] = []
    for topic, chosen in enumerate(labels):
        members = np.flatnonzero(clustering.topic == topic)
        central = most_central(embeddings.vectors, members, settings.representative)
        own = weights[numbers[topic] + first]
        keywords = heaviest(own, most, counts, members, shape, settings.keywords)
        name = chosen or _spare_name(corpus, int(central[0]), keywords, [*labels, *(t.label for t in topics)])
        topics.append(
            Topic(topic, name, len(members), keywords or (Keyword(name, 0.0),), tuple(central.tolist()))
        )
    beside = choose_beside(
        [topic.label for topic in topics],
        [topic.keywords for topic in topics],
        counts,
        clustering.topic,
        embeddings,
        encode,
    )
    topics = [replace(topic, beside=words) for topic, words in zip(topics, beside, strict=True)]
    if model_dir is not None:
        with _quiet():
            _save(model, model_dir, [topics[topic].label for topic in np.argsort(numbers)])
    return Topics(tuple(topics))


def most_central(vectors: Floats, members: Rows, many: int) -> Rows:
    """The rows of `members` nearest to their mean, nearest first; ties in the order of the rows."""
    own = vectors[members].astype(np.float64)
    cosines = np.round(own @ own.mean(axis=0), 9)
    order: Rows = np.argsort(-cosines, kind="stable")[:many]
    return members[order]


def _spare_name(
    corpus: Corpus, central: int, keywords: Sequence[Keyword], taken: Sequence[str | None]
) -> str:
    """For a topic without a usable phrase: a keyword nobody has, or its most central paper's title."""
    used = {name.casefold() for name in taken if name}
    title = corpus.titles[central] or corpus.ids[central]
    names = [*(keyword.term for keyword in keywords), title, f"{title} ({corpus.ids[central]})"]
    return next(name for name in names if name.casefold() not in used)


def _fitted(embeddings: Embeddings, clustering: Clustering, counts: Counts, settings: LabelSettings) -> Any:
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


def _their_numbers(theirs: Sequence[int], ours: Rows) -> Rows:
    """(k,) BERTopic's number of each of our topics."""
    topics, first = np.unique(ours, return_index=True)
    numbers: Rows = np.asarray(theirs, dtype=np.int32)[first[topics != OUTLIER]]
    return numbers


def _save(model: Any, folder: Path, labels: Sequence[str]) -> None:
    outliers = ["outliers"] if OUTLIER in model.topics_ else []
    model.set_topic_labels([*outliers, *labels])
    model.save(folder, serialization="safetensors", save_ctfidf=True, save_embedding_model=True)
    for path in sorted(folder.glob("*.json")):
        # BERTopic writes mappings in the order in which it met the papers.
        value = json.loads(path.read_text(encoding="utf-8"))
        path.write_text(json.dumps(value, indent=2, sort_keys=True), encoding="utf-8")


def relabel(source: Path, target: Path, before: Sequence[str], after: Sequence[str]) -> None:
    """Copy a model that `label` saved, with other labels for its topics."""
    shutil.copytree(source, target, copy_function=shutil.copyfile)
    path, new = target / "topics.json", dict(zip(before, after, strict=True))
    value = json.loads(path.read_text(encoding="utf-8"))
    value["custom_labels"] = [new.get(label, label) for label in value["custom_labels"]]
    path.write_text(json.dumps(value, indent=2, sort_keys=True), encoding="utf-8")


def load_bertopic(folder: Path, encode: Encode) -> Any:
    """The saved model, with `encode` as its embedding model, so that it takes text as well as vectors."""
    with _quiet():
        from bertopic import BERTopic
        from bertopic.backend import BaseEmbedder

        class Reader(BaseEmbedder):  # type: ignore[misc]
            def embed(self, documents: Sequence[str], verbose: bool = False) -> Floats:  # noqa: ARG002
                return encode(list(documents))

        return BERTopic.load(str(folder), embedding_model=Reader())


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Importing BERTopic mutes warnings for the whole process, and it logs on its own; keep both inside."""
    with warnings.catch_warnings():
        logger = logging.getLogger("BERTopic")
        level = logger.level
        import bertopic  # noqa: F401

        logger.setLevel(logging.ERROR)
        try:
            yield
        finally:
            logger.setLevel(level)
