"""Clusters to named topics: keywords, representative papers, labels and names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from topics.config import LabelSettings
from topics.label.bertopic import class_tfidf, save_model
from topics.label.coverage import Sample, link_of
from topics.label.fits import Judge, fits
from topics.label.joined_keywords import choose_joined_keywords
from topics.label.keywords import heaviest
from topics.label.labels import choose_covering
from topics.label.phrases import fitness
from topics.types import (
    Clustering,
    Corpus,
    Counts,
    Embeddings,
    Encode,
    Floats,
    Keyword,
    Rows,
    Topic,
    Topics,
)


def label_topics(
    corpus: Corpus,
    embeddings: Embeddings,
    clustering: Clustering,
    counts: Counts,
    settings: LabelSettings,
    *,
    encode: Encode | None = None,
    chooser: str = "",
    model_dir: Path | None = None,
) -> Topics:
    """Name every topic and find its keywords and most representative papers.

    encode: phrases to (m, d) vectors in the space of `embeddings`; None where the encoder cannot (vectors
        read from a file).
    chooser: the name of the encoder of `encode`, where that is not the name of the vectors'.
    model_dir: where to save the BERTopic model (safetensors); its folder is made. `BERTopic.load` opens it
        and `transform(documents, embeddings)` runs on it without torch.

    Topics whose names are settled (`Clustering.names`) keep them.

    Keywords are ranked by class-based TF-IDF (Grootendorst 2022); representative papers are those nearest
    to their topic's mean vector. Outliers belong to no topic; in the saved model they are topic -1.
    """
    encode = _remembering(encode) if encode else None
    weights = class_tfidf(counts.matrix, clustering.topic)
    most = weights.max(axis=0).toarray().ravel()
    noun_fitness, label_fitness = fitness(counts, corpus)
    sample = Sample.of(counts, clustering.topic, embeddings.order)
    labels, others = choose_covering(
        counts, clustering.topic, embeddings, label_fitness, encode, clustering.names, sample, link_of(corpus)
    )
    topics: list[Topic] = []
    for topic, chosen in enumerate(labels):
        members = np.flatnonzero(clustering.topic == topic)
        central = most_central(embeddings.vectors, members, settings.representative)
        keywords = heaviest(weights[topic], most, counts, members, noun_fitness, settings.keywords)
        name = chosen or _spare_name(corpus, int(central[0]), keywords, [*labels, *(t.label for t in topics)])
        topics.append(
            Topic(topic, name, len(members), keywords or (Keyword(name, 0.0),), tuple(central.tolist()))
        )
    joined = choose_joined_keywords(
        [topic.label for topic in topics],
        [topic.keywords for topic in topics],
        counts,
        clustering.topic,
        embeddings,
        encode,
    )
    chooser = chooser or embeddings.encoder
    judge = Judge.other_than(corpus, sample.rows, chooser)
    fitting = fits(sample, judge, [[topic.label, *own] for topic, own in zip(topics, others, strict=True)])
    topics = [
        replace(topic, joined_keywords=words, fit=first, others=tuple(further))
        for topic, words, (first, *further) in zip(topics, joined, fitting, strict=True)
    ]
    if model_dir is not None:
        save_model(embeddings, clustering, counts, settings, [topic.label for topic in topics], model_dir)
    return Topics(tuple(topics), chooser)


def _remembering(encode: Encode) -> Encode:
    """`encode` that reads each phrase once: most keywords were candidates for labels before."""
    known: dict[str, Floats] = {}

    def remembered(phrases: Sequence[str]) -> Floats:
        if not phrases:
            return encode(phrases)
        fresh = [phrase for phrase in dict.fromkeys(phrases) if phrase not in known]
        if fresh:
            known.update(zip(fresh, encode(fresh), strict=True))
        return np.array([known[phrase] for phrase in phrases])

    return remembered


def most_central(vectors: Floats, members: Rows, n_papers: int) -> Rows:
    """The rows of `members` nearest to their mean, nearest first; ties in the order of the rows."""
    own = vectors[members].astype(np.float64)
    cosines = np.round(own @ own.mean(axis=0), 9)
    order: Rows = np.argsort(-cosines, kind="stable")[:n_papers]
    return members[order]


def _spare_name(
    corpus: Corpus, central: int, keywords: Sequence[Keyword], taken: Sequence[str | None]
) -> str:
    """For a topic without a usable phrase: a keyword nobody has, or its most central paper's title."""
    used = {name.casefold() for name in taken if name}
    title = corpus.titles[central] or corpus.ids[central]
    names = [*(keyword.term for keyword in keywords), title, f"{title} ({corpus.ids[central]})"]
    return next(name for name in names if name.casefold() not in used)
