"""Embedding: is it true to sentence-transformers, how fast is it, and how good is it at which length?

    python benchmarks/embedding.py --peer OTHER_ENVIRONMENT/bin/python

Truth and speed are measured against sentence-transformers on torch, which lives in an environment of its own
(`pip install torch sentence-transformers`); `--peer` names its Python. Without it both are left out, and said
to be. Both sides read the same papers in turns within one run, so only the ratio means anything. Quality is
the adjusted mutual information of k-means with the true number of classes against the labels of the shared
corpora, with other readings of the same papers and other uses of the same vectors beside the default ones;
our default and sentence-transformers' are compared over many seeds, with the difference's standard error.
Everything goes to standard output as Markdown.
"""

from __future__ import annotations

import argparse
import contextlib
import gzip
import itertools
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

ROOT = Path(__file__).parents[1]
QUALITY_CORPORA = ("arxiv-2k", "ohsumed")
LENGTH_CORPORA = (*QUALITY_CORPORA, "arxiv-9k")
OURS_TOKENS, PEER_TOKENS = 128, 256
SEEDS, SEEDS_OF_LENGTHS = 5, 40

Vectors = npt.NDArray[np.float32]
Scores = npt.NDArray[np.float64]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--corpora", type=Path, default=ROOT.parent / "shared" / "corpora")
    parser.add_argument("--peer", help="Python of an environment with sentence-transformers and torch")
    parser.add_argument("--papers", type=int, default=200, help="papers per turn of the speed test")
    parser.add_argument("--turns", type=int, default=5, help="turns of the speed test")
    parser.add_argument("--skip-quality", action="store_true", help="truth and speed only")
    parser.add_argument("--most", type=int, help="papers of each corpus that quality is measured on")
    parser.add_argument("--serve", metavar="FOLDER", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve(options.serve)
        return

    corpora = {name: load(options.corpora / f"{name}.jsonl.gz", options.most) for name in LENGTH_CORPORA}
    for name in [name for name, corpus in corpora.items() if corpus is None]:
        print(f"{options.corpora / name}.jsonl.gz is missing: {name} is left out.", file=sys.stderr)
    present = {name: corpus for name, corpus in corpora.items() if corpus is not None}
    if not present:
        sys.exit("No corpus to measure on; name the folder that holds them with --corpora.")
    if options.peer:
        texts = next(iter(present.values())).texts
        with peer(options.peer) as ask:
            report_truth(texts[: options.papers], ask)
            report_speed(texts[: options.papers], ask, options.turns)
    else:
        print("Truth and speed are left out: --peer names no Python with sentence-transformers.\n")
    if not options.skip_quality:
        few = {name: present[name] for name in QUALITY_CORPORA if name in present}
        report_quality(few)
        report_readings(few)
        report_lengths(present)


@dataclass(frozen=True)
class Labelled:
    """Titles, abstracts, both as the pipeline embeds them, and one class for each."""

    titles: list[str]
    abstracts: list[str]
    texts: list[str]
    classes: list[str]


def load(path: Path, most: int | None) -> Labelled | None:
    from topics.types import join_text

    if not path.exists():
        return None
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        papers = [json.loads(line) for line in itertools.islice(lines, most)]
    titles, abstracts = ([paper[part] for paper in papers] for part in ("title", "abstract"))
    texts = [join_text(title, abstract) for title, abstract in zip(titles, abstracts, strict=True)]
    return Labelled(titles, abstracts, texts, [paper["labels"][0] for paper in papers])


Ask = Callable[[Sequence[str], int], tuple[Vectors, float]]
"""Texts and a token limit to vectors and the seconds that encoding took."""


def serve(folder: str) -> None:
    """The peer's side: answer requests on standard input until it is closed."""
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(folder, device="cpu", local_files_only=True)
    print("ready", flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        model.max_seq_length = request["max_tokens"]
        begin = time.perf_counter()
        vectors = model.encode(request["texts"], normalize_embeddings=True, show_progress_bar=False)
        seconds = time.perf_counter() - begin
        np.save(request["out"], vectors)
        print(seconds, flush=True)


@contextlib.contextmanager
def peer(python: str) -> Iterator[Ask]:
    """sentence-transformers with the same weights, in its own process."""
    from topics.embed.minilm import installed_weights

    command = [python, __file__, "--serve", str(installed_weights())]
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "true"}
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=environment,
        ) as process,
    ):
        requests, answers = process.stdin, process.stdout
        assert requests
        assert answers
        if answers.readline() != "ready\n":
            sys.exit(f"{python} cannot load the model with sentence-transformers.")

        def ask(texts: Sequence[str], max_tokens: int) -> tuple[Vectors, float]:
            out = f"{folder}/vectors.npy"
            requests.write(json.dumps({"texts": texts, "max_tokens": max_tokens, "out": out}) + "\n")
            requests.flush()
            seconds = float(answers.readline())
            return np.load(out), seconds

        yield ask
        requests.close()


def ours(precision: str, max_tokens: int) -> Any:
    from topics.config import EmbedSettings
    from topics.embed.embed import fit_encoder

    settings = EmbedSettings(encoder="minilm", precision=precision, max_tokens=max_tokens)
    return fit_encoder([], settings, random_state=0)


def report_truth(texts: Sequence[str], ask: Ask) -> None:
    print(f"Cosine of our vector with sentence-transformers' at the same truncation, {len(texts)} papers:\n")
    print("| tokens | precision | mean | least |\n|---|---|---|---|")
    for max_tokens in (64, 128, 256):
        reference, _ = ask(texts, max_tokens)
        for precision in ("fp32", "int8"):
            vectors = ours(precision, max_tokens).encode(texts)
            cosines = np.einsum("ij,ij->i", vectors.astype(np.float64), reference.astype(np.float64))
            print(f"| {max_tokens} | {precision} | {cosines.mean():.7f} | {cosines.min():.7f} |")
    print()


def report_speed(texts: Sequence[str], ask: Ask, turns: int) -> None:
    encoders = {
        f"ours, {precision}, {tokens} tokens": ours(precision, tokens)
        for precision, tokens in (("fp32", 128), ("int8", 128), ("fp32", 256), ("fp32", 64))
    }
    rates: dict[str, list[float]] = {name: [] for name in encoders}
    peers = {f"sentence-transformers, {tokens} tokens": tokens for tokens in (PEER_TOKENS, OURS_TOKENS)}
    rates |= {name: [] for name in peers}
    ask(texts[:32], PEER_TOKENS)
    for encoder in encoders.values():
        encoder.encode(texts[:32])
    for _ in range(turns):
        for name, encoder in encoders.items():
            begin = time.perf_counter()
            encoder.encode(texts)
            rates[name].append(len(texts) / (time.perf_counter() - begin))
        for name, tokens in peers.items():
            rates[name].append(len(texts) / ask(texts, tokens)[1])
    base = np.array(rates[f"sentence-transformers, {PEER_TOKENS} tokens"])
    print(f"Papers per second, {len(texts)} papers, median of {turns} turns in one run; ratio to")
    print(f"sentence-transformers at its default {PEER_TOKENS} tokens, median and range over the turns:\n")
    print("| encoder | papers/s | ratio |\n|---|---|---|")
    for name, rate in rates.items():
        ratio = np.array(rate) / base
        spread = f"{np.median(ratio):.2f} ({ratio.min():.2f} to {ratio.max():.2f})"
        print(f"| {name} | {np.median(rate):.1f} | {spread} |")
    print()


def report_quality(corpora: dict[str, Labelled]) -> None:
    encoders: dict[str, Callable[[Sequence[str]], Vectors]] = {
        f"minilm, {precision}, {tokens} tokens": ours(precision, tokens).encode
        for tokens in (64, 128, 256)
        for precision in ("fp32", "int8")
    }
    encoders["lsa, 200 dimensions"] = learned
    print(f"AMI of k-means with the true number of classes (mean of {SEEDS} seeds), all papers:\n")
    print(f"| encoder | {' | '.join(corpora)} |\n|---|{'---|' * len(corpora)}")
    for name, encode in encoders.items():
        scores = [agreement(encode(corpus.texts), corpus.classes) for corpus in corpora.values()]
        print(f"| {name} | {' | '.join(f'{score:.3f}' for score in scores)} |", flush=True)


def report_readings(corpora: dict[str, Labelled]) -> None:
    """The default encoder on other readings of the papers, and other uses of its vectors."""
    encode = ours("fp32", OURS_TOKENS).encode
    plain = {name: encode(corpus.texts) for name, corpus in corpora.items()}
    readings: dict[str, Callable[[str], Vectors]] = {
        "title and abstract (default)": lambda name: plain[name],
        "title alone": lambda name: encode(corpora[name].titles),
        "title twice": lambda name: encode(
            [
                f"{title}. {text}"
                for title, text in zip(corpora[name].titles, corpora[name].texts, strict=True)
            ]
        ),
        "title and abstract apart, mean": lambda name: (
            encode(corpora[name].titles) + encode(corpora[name].abstracts)
        ),
        "title, first and last two sentences": lambda name: encode(
            [
                f"{title}. {ends(text)}"
                for title, text in zip(corpora[name].titles, corpora[name].abstracts, strict=True)
            ]
        ),
        "without their mean": lambda name: without_components(plain[name], 0),
        "without their mean and first component": lambda name: without_components(plain[name], 1),
        "without their mean and first three": lambda name: without_components(plain[name], 3),
        "whitened": lambda name: whitened(plain[name]),
        "lsa's beside them, at .3": lambda name: joined(plain[name], learned(corpora[name].texts)),
    }
    print(f"\nfp32, {OURS_TOKENS} tokens:\n")
    print(f"| reading, or use of the vectors | {' | '.join(corpora)} |\n|---|{'---|' * len(corpora)}")
    for reading, vectors in readings.items():
        scores = [agreement(units(vectors(name)), corpus.classes) for name, corpus in corpora.items()]
        print(f"| {reading} | {' | '.join(f'{score:.3f}' for score in scores)} |", flush=True)


def report_lengths(corpora: dict[str, Labelled]) -> None:
    """What a run has, with the papers' own words beside the model, and the model alone, at both lengths."""
    print(f"\nk-means with the true number of classes, fp32, {SEEDS_OF_LENGTHS} seeds, mean AMI and standard")
    print(f"error; the difference is {OURS_TOKENS} tokens with words less {PEER_TOKENS} without:\n")
    both = (OURS_TOKENS, PEER_TOKENS)
    columns = [f"{tokens}{beside}" for tokens in both for beside in ("", ", words beside")]
    print(f"| corpus | {' | '.join(columns)} | difference |\n|---|{'---|' * (len(columns) + 1)}")
    for name, corpus in corpora.items():
        words, found = learned(corpus.texts), {}
        for tokens in both:
            vectors = ours("fp32", tokens).encode(corpus.texts)
            found[f"{tokens}"] = agreements(vectors, corpus.classes, SEEDS_OF_LENGTHS)
            found[f"{tokens}, words beside"] = agreements(
                joined(vectors, words), corpus.classes, SEEDS_OF_LENGTHS
            )
        cells = [
            f"{scores.mean():.4f} ({standard_error(scores):.4f})"
            for scores in (found[column] for column in columns)
        ]
        default, peer = found[f"{OURS_TOKENS}, words beside"], found[f"{PEER_TOKENS}"]
        error = np.hypot(standard_error(default), standard_error(peer))
        print(
            f"| {name} | {' | '.join(cells)} | {default.mean() - peer.mean():+.4f} ({error:.4f}) |",
            flush=True,
        )


def standard_error(scores: Scores) -> float:
    return float(scores.std(ddof=1) / len(scores) ** 0.5)


def ends(abstract: str) -> str:
    sentences = re.split(r"(?<=[.!?])\s+", abstract)
    return " ".join(sentences if len(sentences) <= 4 else [*sentences[:2], *sentences[-2:]])


def units(vectors: Vectors) -> Vectors:
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def without_components(vectors: Vectors, many: int) -> Vectors:
    """All but the top (Mu and Viswanath 2018): less the mean and the first components."""
    centred = vectors - vectors.mean(axis=0)
    first = np.linalg.svd(centred, full_matrices=False)[2][:many]
    return centred - centred @ first.T @ first


def whitened(vectors: Vectors) -> Vectors:
    left, _, right = np.linalg.svd(vectors - vectors.mean(axis=0), full_matrices=False)
    return left @ right


def joined(vectors: Vectors, words: Vectors) -> Vectors:
    from topics.embed.combined import combined
    from topics.embed.minilm import OWN_WORDS

    return combined(vectors, words, OWN_WORDS)


def learned(texts: Sequence[str]) -> Vectors:
    from topics.embed.lsa import fit_lsa

    return fit_lsa(texts).encode(texts)


def agreement(vectors: Vectors, classes: list[str]) -> float:
    return float(agreements(vectors, classes, SEEDS).mean())


def agreements(vectors: Vectors, classes: list[str], seeds: int) -> Scores:
    """(seeds,) the AMI of each run of k-means."""
    from sklearn.cluster import KMeans
    from sklearn.metrics import adjusted_mutual_info_score

    count = len(set(classes))
    found = [KMeans(count, n_init=4, random_state=seed).fit_predict(vectors) for seed in range(seeds)]
    return np.array([adjusted_mutual_info_score(classes, groups) for groups in found])


if __name__ == "__main__":
    main()
