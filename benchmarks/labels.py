"""Labels: does a paper find its own topic by its name, and is the name what people call the field?

    python benchmarks/labels.py [--corpora FOLDER] [--only arxiv-2k]

All methods name the same clusters of the same papers with the same vectors; only the names differ. Clusters
are the known classes and three runs of k-means, because a few other papers in a cluster change the best name.

Retrieval: the names of all topics are embedded with an encoder that did not choose them, and a paper counts
when the name nearest to it is its own topic's. Where MiniLM chose, lsa judges, and the other way round.
Names differ in length, and a list of four words catches more papers than a phrase of two, so each peer is
also judged at equal length: cut to as many words as our label has for the same topic. Our name has three
keywords beside the label: four terms, as many as BERTopic's names have.

Coverage: the share of a topic's papers that its name fits by their words or by the same judge, as
`topics.label.coverage` says: the mean over topics, the least, and the mean share of the other papers that it
fits too. Of a name that is a list, one term is enough, so a longer list fits more papers, here and elsewhere.

Likeness: on arXiv's categories taken as clusters, the cosine (MiniLM) of a name to the category's official
one; its own row says how well the official names do in retrieval.

Everything goes to standard output as Markdown.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from bertopic import BERTopic
from bertopic.backend import BaseEmbedder
from bertopic.cluster import BaseCluster
from bertopic.dimensionality import BaseDimensionalityReduction
from bertopic.representation import KeyBERTInspired, MaximalMarginalRelevance
from sklearn.cluster import KMeans
from sklearn.feature_extraction.text import CountVectorizer

from topics.config import CorpusSettings, LabelSettings
from topics.corpus.build import build_corpus
from topics.embed.encoder import Encoder
from topics.embed.lsa import fit_lsa
from topics.embed.minilm import load_minilm
from topics.label.coverage import Sample, are_near
from topics.label.topics import label_topics
from topics.terms.matrix import count_terms
from topics.types import Clustering, Corpus, Counts, Embeddings, Floats, Record

ROOT = Path(__file__).parents[1]
CORPORA = ("arxiv-2k", "arxiv-9k", "ohsumed")
GROUPS, SEEDS = 30, 3

OFFICIAL = {
    "cond-mat.quant-gas": "Quantum Gases",
    "cs.CL": "Computation and Language",
    "cs.CR": "Cryptography and Security",
    "cs.DB": "Databases",
    "cs.DC": "Distributed, Parallel, and Cluster Computing",
    "cs.HC": "Human-Computer Interaction",
    "cs.IR": "Information Retrieval",
    "cs.NE": "Neural and Evolutionary Computing",
    "cs.RO": "Robotics",
    "cs.SE": "Software Engineering",
    "math.GT": "Geometric Topology",
    "math.LO": "Logic",
    "math.NA": "Numerical Analysis",
    "physics.chem-ph": "Chemical Physics",
    "physics.flu-dyn": "Fluid Dynamics",
    "physics.plasm-ph": "Plasma Physics",
    "physics.soc-ph": "Physics and Society",
    "q-bio.NC": "Neurons and Cognition",
    "q-bio.PE": "Populations and Evolution",
    "stat.ME": "Methodology",
}

Names = Sequence[str]


@dataclass(frozen=True)
class Case:
    """Papers with given clusters. `official`: what people call the clusters, empty where nothing."""

    title: str
    corpus: Corpus
    counts: Counts
    clustering: Clustering
    official: tuple[str, ...]


class Memory:
    """An encoder that remembers what it has encoded."""

    def __init__(self, encoder: Encoder) -> None:
        self.encoder = encoder
        self.known: dict[str, Floats] = {}

    def __call__(self, texts: Sequence[str]) -> Floats:
        fresh = sorted({text for text in texts if text not in self.known})
        if fresh:
            self.known.update(zip(fresh, self.encoder.encode(fresh), strict=True))
        return np.array([self.known[text] for text in texts], dtype=np.float32)


class Backend(BaseEmbedder):  # type: ignore[misc]
    """One of our encoders, as BERTopic asks for it."""

    def __init__(self, encode: Memory) -> None:
        super().__init__()
        self.encode = encode

    def embed(self, documents: Sequence[str], verbose: bool = False) -> Floats:  # noqa: ARG002
        return self.encode([str(document) for document in documents])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--corpora", type=Path, default=ROOT.parent / "shared" / "corpora")
    parser.add_argument(
        "--only", action="append", choices=CORPORA, help="one of the corpora, may be repeated"
    )
    options = parser.parse_args()
    minilm = Memory(load_minilm())
    totals: dict[str, dict[str, list[tuple[float, float]]]] = {}
    for name in options.only or CORPORA:
        path = options.corpora / f"{name}.jsonl.gz"
        if not path.exists():
            print(f"{path} is missing: {name} is left out.", file=sys.stderr)
            continue
        corpus, classes = read(path)
        lsa = Memory(fit_lsa(corpus.texts))
        for case in cases(name, corpus, classes, minilm):
            print(f"\n### {case.title}\n")
            kind = totals.setdefault(case.title.split(", seed")[0], {})
            for method, scores in report(case, minilm, lsa).items():
                kind.setdefault(method, []).append(scores)
    if not totals:
        sys.exit("No corpus to measure on; name the folder that holds them with --corpora.")
    summary(totals)


def summary(totals: dict[str, dict[str, list[tuple[float, float]]]]) -> None:
    """Retrieval by kind of clusters, the mean of the runs of k-means."""
    print("\n### Retrieval, mean over runs of k-means: lsa judges, MiniLM judges; and the mean of all\n")
    print("| names | " + " | ".join(totals) + " | mean |")
    print("|---" * (len(totals) + 2) + "|")
    for method in next(iter(totals.values())):
        means = [np.mean(kind[method], axis=0) for kind in totals.values()]
        cells = [f"{one:.3f}, {other:.3f}" for one, other in means]
        print(f"| {method} | " + " | ".join(cells) + f" | {np.mean(means):.3f} |")


def read(path: Path) -> tuple[Corpus, list[str]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    records = (Record(row["title"], row["abstract"], id=str(row["id"])) for row in rows)
    corpus = build_corpus(records, CorpusSettings())
    classes = {str(row["id"]): row["labels"][0] for row in rows}
    return corpus, [classes[paper] for paper in corpus.ids]


def cases(name: str, corpus: Corpus, classes: list[str], minilm: Memory) -> Iterator[Case]:
    """The gold classes as clusters, and what k-means makes of the papers."""
    counts = count_terms(corpus, LabelSettings())
    known, gold = np.unique(classes, return_inverse=True)
    clustering, order = as_clustering(gold)
    official = tuple(OFFICIAL[key] for key in known[order]) if set(known) <= OFFICIAL.keys() else ()
    yield Case(f"{name}, its {len(known)} classes", corpus, counts, clustering, official)
    for seed in range(SEEDS):
        groups = KMeans(GROUPS, n_init=3, random_state=seed).fit_predict(minilm(corpus.texts))
        title = f"{name}, {GROUPS} k-means clusters, seed {seed}"
        yield Case(title, corpus, counts, as_clustering(groups)[0], ())


def as_clustering(groups: Any) -> tuple[Clustering, Any]:
    """The groups renumbered by size, and which old number each new one has."""
    order = np.argsort(-np.bincount(groups), kind="stable")
    rank = np.argsort(order)
    topic = rank[groups]
    centroids = np.eye(len(order), dtype=np.float32)
    return Clustering(topic, topic, np.ones(len(topic)), centroids, 1.0), order


def report(case: Case, minilm: Memory, lsa: Memory) -> dict[str, tuple[float, float]]:
    """Prints what is found of a case; gives each method's retrieval by lsa and by MiniLM."""
    by_minilm, by_lsa = names(case, minilm), names(case, lsa)
    ours = by_minilm[OURS][0]
    scores: dict[str, tuple[float, float]] = {}
    print(
        "| names | MiniLM chose, lsa judges | at our length | lsa chose, MiniLM judges | at our length |",
        end="",
    )
    print(" fits, MiniLM chose: mean, least, elsewhere | fits, lsa chose |", end="")
    print(" like the official name | examples |" if case.official else " examples |")
    print("|---|---|---|---|---|---|---|" + ("---|" if case.official else "") + "---|")
    for method, (given, shown) in by_minilm.items():
        other = by_lsa[method][0]
        scores[method] = found(case, given, lsa), found(case, other, minilm)
        short = found(case, cut(given, ours), lsa), found(case, cut(other, by_lsa[OURS][0]), minilm)
        cells = [method]
        for whole, at_our_length in zip(scores[method], short, strict=True):
            cells += [f"{whole:.3f}", f"{at_our_length:.3f}"]
        lists = [given, other] if method.startswith("topics") else [listed(given), listed(other)]
        cells += [coverage(case, lists[0], lsa), coverage(case, lists[1], minilm)]
        if case.official:
            cells.append(f"{likeness(case, given, minilm):.3f}")
        cells.append(", ".join(f"`{name}`" for name in shown[:3]))
        print("| " + " | ".join(cells) + " |")
    if case.official:
        official = f"{found(case, case.official, lsa):.3f} | | {found(case, case.official, minilm):.3f} | |"
        official += f" {coverage(case, case.official, lsa)} | {coverage(case, case.official, minilm)} |"
        print(f"| *the official names* | {official} 1.000 | |", flush=True)
    return scores


OURS = "topics: label"


def names(case: Case, encode: Memory) -> dict[str, tuple[Names, Names]]:
    """Per method the names by topic, as they are judged and as they are shown."""
    vectors = encode(case.corpus.texts)
    topics = label_topics(
        case.corpus,
        Embeddings(vectors, "benchmark"),
        case.clustering,
        case.counts,
        LabelSettings(),
        encode=encode,
    )
    labels = list(topics.labels)
    four = [topic.name for topic in topics.topics]
    result: dict[str, tuple[Names, Names]] = {
        OURS: (labels, labels),
        "topics: name (label, 3 keywords)": (four, four),
    }
    for method, (representation, stop_words) in PEERS.items():
        peer = bertopic_names(case, encode, vectors, representation(), stop_words)
        result[f"BERTopic: {method}"] = (peer, peer)
    return result


PEERS: dict[str, tuple[Callable[[], Any], str | None]] = {
    "default": (lambda: None, None),
    "default, English stop words": (lambda: None, "english"),
    # A bare KeyBERTInspired takes the wrong documents when vectors are given.
    "KeyBERTInspired": (lambda: [KeyBERTInspired()], None),
    "MMR": (lambda: [MaximalMarginalRelevance()], None),
    "MMR, English stop words": (lambda: [MaximalMarginalRelevance()], "english"),
}


def bertopic_names(
    case: Case, encode: Memory, vectors: Floats, representation: Any, stop_words: str | None
) -> list[str]:
    model = BERTopic(
        embedding_model=Backend(encode),
        umap_model=BaseDimensionalityReduction(),
        hdbscan_model=BaseCluster(),
        vectorizer_model=CountVectorizer(stop_words=stop_words),
        representation_model=representation,
    )
    model.fit(list(case.corpus.texts), embeddings=vectors, y=case.clustering.topic.tolist())
    theirs = np.array(model.topics_)
    numbers = [theirs[case.clustering.topic == topic][0] for topic in range(case.clustering.n_topics)]
    return [" ".join(model.topic_labels_[number].split("_")[1:]) for number in numbers]


def cut(given: Names, ours: Names) -> list[str]:
    """Each name cut to as many words as our label for the same topic."""
    return [" ".join(name.split()[: len(own.split())]) for name, own in zip(given, ours, strict=True)]


def found(case: Case, given: Names, judge: Memory) -> float:
    """The share of papers whose nearest name is their own topic's."""
    nearest = (judge(case.corpus.texts) @ judge(given).T).argmax(axis=1)
    return float((nearest == case.clustering.topic).mean())


def listed(given: Names) -> list[str]:
    """BERTopic's names as lists of their terms, which are single words."""
    return [", ".join(name.split()) for name in given]


def coverage(case: Case, given: Names, judge: Memory) -> str:
    """Shares of papers that names fit: of their topics' in the mean, the least; of all others in the mean."""
    topic = case.clustering.topic
    sample = Sample.of(case.counts, topic, np.arange(len(topic)))
    papers = judge([case.corpus.texts[row] for row in sample.rows.tolist()])
    inside, outside = [], []
    for own, name in enumerate(given):
        have = sample.have(name)[:, None]
        fitting = (have | are_near(papers @ judge([name]).T, have, sample.topic, own))[:, 0]
        inside.append(fitting[sample.topic == own].mean())
        outside.append(fitting[sample.topic != own].mean())
    return f"{np.mean(inside):.3f}, {min(inside):.2f}, {np.mean(outside):.2f}"


def likeness(case: Case, given: Names, judge: Memory) -> float:
    return float((judge(given) * judge(case.official)).sum(axis=1).mean())


if __name__ == "__main__":
    main()
