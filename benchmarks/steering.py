"""Topics asked for by name and terms: how much of a known class each of them gets, ours against BERTopic's.

    python benchmarks/steering.py [--corpora FOLDER] [--seeds 3]

Five arXiv categories of arxiv-2k (100 papers each, among 20 categories) are asked for at once, each by a name
and three terms or fewer, in three sets of five; a guided topic should hold its category and nothing else.
Precision and recall are of `topic`, outliers counted as missed, and the mean of the categories is given.

BERTopic gets the terms as `seed_topic_list`, the same vectors, an embedding model (without one it ignores the
seeds) and a seeded UMAP. It does not say which topic a seed list became: "as found" takes the one that
`find_topics` gives for the words, "with hindsight" the one that holds most papers of the category.
"Words alone": every paper goes to the nearest of the five if it has half the cosine of the nearest paper.
Everything goes to standard output as Markdown.
"""

from __future__ import annotations

import argparse
import functools
import sys
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from topics.config import ClusterSettings, CorpusSettings, GuideSettings, GuideTopic, ReduceSettings
from topics.corpus.build import build_corpus
from topics.corpus.readers import read_files
from topics.embed.minilm import load_minilm
from topics.types import Corpus, Embeddings, Neighbours, Projection

ROOT = Path(__file__).parents[1]
SETS = (
    {
        "robotics": ("cs.RO", ["robot", "manipulation", "motion planning"]),
        "cryptography and security": ("cs.CR", ["attack", "encryption", "malware"]),
        "neuroscience": ("q-bio.NC", ["neurons", "brain", "cortex"]),
        "fluid dynamics": ("physics.flu-dyn", ["turbulence", "flow", "Reynolds number"]),
        "natural language processing": ("cs.CL", ["language model", "translation", "parsing"]),
    },
    {
        "databases": ("cs.DB", ["query", "SQL", "data management"]),
        "plasma physics": ("physics.plasm-ph", ["plasma", "tokamak", "magnetic confinement"]),
        "human-computer interaction": ("cs.HC", ["users", "interface", "usability"]),
        "numerical analysis": ("math.NA", ["finite element", "discretization", "convergence"]),
        "population biology": ("q-bio.PE", ["epidemic", "species", "evolution"]),
    },
    {
        "logic": ("math.LO", ["proof", "theorem", "modal logic"]),
        "neural networks": ("cs.NE", ["neural network", "evolutionary algorithm"]),
        "quantum gases": ("cond-mat.quant-gas", ["Bose-Einstein condensate", "ultracold atoms"]),
        "software engineering": ("cs.SE", ["software", "testing", "developers"]),
        "statistics methodology": ("stat.ME", ["estimator", "regression", "Bayesian"]),
    },
)

Wanted = dict[str, tuple[str, list[str]]]
Layouts = Callable[[int], tuple[Neighbours, Projection]]
Members = dict[str, npt.NDArray[np.bool_]]


@dataclass(frozen=True)
class Papers:
    corpus: Corpus
    embeddings: Embeddings
    gold: npt.NDArray[np.str_]
    encode: Callable[[Sequence[str]], Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--corpora", type=Path, default=ROOT.parent / "shared" / "corpora")
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    papers = read(options.corpora / "arxiv-2k.jsonl.gz")

    @functools.cache
    def layouts(seed: int) -> tuple[Neighbours, Projection]:
        from topics.cluster.umap import find_neighbours, project

        around = find_neighbours(papers.embeddings, ReduceSettings(), random_state=seed)
        return around, project(papers.embeddings, around, n_components=5, min_dist=0.0, random_state=seed)

    print("| method | precision | recall | F1 | worst F1 of a category |")
    print("|---|--:|--:|--:|--:|")
    rows: dict[str, list[tuple[float, float]]] = {}
    for seed in range(options.seeds):
        for wanted in SETS:
            names_only: Wanted = {name: (gold, []) for name, (gold, _) in wanted.items()}
            answers = {"guided": ours(papers, layouts, wanted, seed, "guided")}
            answers["guided, names alone"] = ours(papers, layouts, names_only, seed, "guided")
            answers["zero_shot"] = ours(papers, layouts, wanted, seed, "zero_shot")
            answers |= bertopic(papers, wanted, seed)
            answers["words alone"] = words(papers, wanted)
            for method, members in answers.items():
                rows.setdefault(method, []).extend(
                    figures(members[name], papers.gold == gold) for name, (gold, _) in wanted.items()
                )
    for method, found in rows.items():
        precision, recall = np.array(found).T
        f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-9)
        means = f"{precision.mean():.2f} | {recall.mean():.2f} | {f1.mean():.2f}"
        print(f"| {method} | {means} | {f1.min():.2f} |")


def read(path: Path) -> Papers:
    if not path.exists():
        sys.exit(f"{path} is missing; name the folder with the corpora with --corpora FOLDER.")
    settings = CorpusSettings(min_abstract_words=0, duplicates="keep", notices="keep")
    corpus = build_corpus(read_files([path], settings), settings)
    encoder = load_minilm()
    gold = np.array([labels[0] for labels in corpus.column("categories")])
    return Papers(corpus, Embeddings(encoder.encode(corpus.texts), encoder.name), gold, encoder.encode)


def figures(members: npt.NDArray[np.bool_], gold: npt.NDArray[np.bool_]) -> tuple[float, float]:
    """Precision and recall."""
    hits = float((members & gold).sum())
    return hits / max(float(members.sum()), 1.0), hits / float(gold.sum())


def ours(papers: Papers, layouts: Layouts, wanted: Wanted, seed: int, mode: str) -> Members:
    from topics.cluster.cluster import cluster
    from topics.cluster.guide import find_support

    asked = tuple(GuideTopic(name=name, terms=tuple(terms)) for name, (_, terms) in wanted.items())
    settings = GuideSettings.model_validate({"topics": asked, "mode": mode})
    guidance = find_support(papers.corpus, papers.embeddings, settings, papers.encode)
    around, layout = layouts(seed)
    found = cluster(
        papers.embeddings, around, layout, ClusterSettings(), random_state=seed, guidance=guidance
    )
    return {name: found.topic == found.names.index(name) for name in wanted}


def bertopic(papers: Papers, wanted: Wanted, seed: int) -> dict[str, Members]:
    from bertopic import BERTopic
    from bertopic.backend import BaseEmbedder
    from umap import UMAP

    class Backend(BaseEmbedder):  # type: ignore[misc]
        def embed(self, documents: Sequence[str], verbose: bool = False) -> Any:  # noqa: ARG002
            return papers.encode(list(documents))

    layout = UMAP(n_neighbors=15, n_components=5, min_dist=0.0, metric="cosine", random_state=seed)
    model = BERTopic(
        seed_topic_list=[[name, *terms] for name, (_, terms) in wanted.items()],
        embedding_model=Backend(),
        umap_model=layout,
    )
    # It writes into the vectors that it is given.
    topic = np.array(model.fit_transform(list(papers.corpus.texts), papers.embeddings.vectors.copy())[0])
    as_found, hindsight = {}, {}
    for name, (gold, terms) in wanted.items():
        numbers, _ = model.find_topics(". ".join([name, ", ".join(terms)]), top_n=2)
        as_found[name] = topic == next(number for number in numbers if number >= 0)
        inside = topic[(papers.gold == gold) & (topic >= 0)]
        hindsight[name] = topic == np.bincount(inside).argmax()
    return {"BERTopic, as found": as_found, "BERTopic, with hindsight": hindsight}


def words(papers: Papers, wanted: Wanted) -> Members:
    queries = papers.encode([". ".join([name, ", ".join(terms)]) for name, (_, terms) in wanted.items()])
    cosine = papers.embeddings.vectors @ queries.T
    near = (cosine == cosine.max(axis=1, keepdims=True)) & (cosine >= cosine.max(axis=0) / 2)
    return {name: near[:, column] for column, name in enumerate(wanted)}


if __name__ == "__main__":
    main()
