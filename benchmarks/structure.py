"""Whether a corpus has topics at all: how often real papers are refused, and papers without subjects are not.

    python benchmarks/structure.py [--corpora FOLDER] [--exports FOLDER] [--vectors FOLDER] [--draws 4]

Draws of 40 to 200 papers of single fields (see single_field.py) stand for real corpora. The same papers with
all their words shuffled among them stand for corpora without subjects: lengths and frequencies of words stay.
Both with lsa, and the real ones with MiniLM, too, for which shuffled words are no texts. Shares that
`require_structure` accepts go to standard output as Markdown.
"""

from __future__ import annotations

import argparse
import random
from pathlib import Path
from typing import Any

import numpy as np
from quality import ROOT
from single_field import Vectors, read

from topics.cluster.cluster import require_structure
from topics.embed.lsa import fit_lsa
from topics.errors import CorpusError

SIZES = (40, 50, 75, 100, 200)
FIELDS = ("math", "cs", "physics", "ACL", "ohsumed", "Oud_2018", "van_der_Valk_2021")


def main() -> None:
    shared = ROOT.parent / "shared"
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--corpora", type=Path, default=shared / "corpora")
    parser.add_argument("--exports", type=Path, default=shared / "exports" / "openalex_json")
    parser.add_argument("--vectors", type=Path, help="folder that keeps each population's vectors")
    parser.add_argument("--draws", type=int, default=4, help="of each field")
    options = parser.parse_args()
    populations = read(options.corpora, options.exports)
    vectors = Vectors(populations, options.vectors)
    print("| papers | draws | MiniLM | lsa | lsa, words shuffled |\n|---|---|---|---|---|")
    for size in SIZES:
        found: dict[str, list[bool]] = {"minilm": [], "lsa": [], "shuffled": []}
        for name in FIELDS:
            population = populations[name]
            for draw in range(options.draws):
                generator = np.random.default_rng([size, draw, 5])
                rows = np.sort(generator.choice(len(population.ids), size, replace=False))
                texts = population.texts(rows)
                found["minilm"].append(accepted(vectors.of(name)[rows]))
                found["lsa"].append(accepted_words(texts))
                found["shuffled"].append(accepted_words(shuffled(texts, draw)))
        shares = " | ".join(f"{np.mean(values):.0%}" for values in found.values())
        print(f"| {size} | {len(found['lsa'])} | {shares} |", flush=True)


def accepted(vectors: Any) -> bool:
    try:
        require_structure(vectors)
    except CorpusError:
        return False
    return True


def accepted_words(texts: list[str]) -> bool:
    try:
        return accepted(fit_lsa(texts).encode(texts))
    except CorpusError:
        return False


def shuffled(texts: list[str], seed: int) -> list[str]:
    """As many words a text, drawn without replacement from those of all."""
    words = [word for text in texts for word in text.split()]
    random.Random(seed).shuffle(words)
    ends = np.cumsum([len(text.split()) for text in texts])
    return [
        " ".join(words[end - len(text.split()) : end]) for end, text in zip(ends.tolist(), texts, strict=True)
    ]


if __name__ == "__main__":
    main()
