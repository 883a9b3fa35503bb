"""Topics against the papers' known classes: ours on auto and what else one could use, on the same vectors.

Of more than 500 papers ours has the papers' own words beside these vectors, as a run has by itself. They are
of the first 128 tokens of each paper; with --windows 3 of up to three times as many, as a run of at most 100
papers has them.

    python benchmarks/quality.py [--corpora FOLDER] [--draws 20] [--only 50 --only arxiv-2k]
                                 [--python evoc=PYTHON] [--vectors FOLDER] [--windows 3]

Cells: 50, 100, 200 and 500 papers drawn from arxiv-9k (5 to 12 classes of uneven size, as many seeded
draws as --draws says), and the whole of arxiv-2k, arxiv-9k and ohsumed with three seeds each.

AMI and ARI compare with the first label of each paper, once with outliers as one class and once with everyone
assigned (`nearest_topic`; peers without such a thing appear as they are). "topics / gold" is the number of
topics over that of classes. NPMI counts in how many of the cell's own papers two of a topic's ten keywords
occur together. Stability is the AMI with runs on another seed and on 90 % of the papers. Every method has
a process of its own: seconds are per run, imports and first-use compilation included in its first run.

"True k" is told the number of classes. EVoC, Top2Vec and Turftopic are run where they can be imported: give
another environment's interpreter with --python NAME=PATH; those not found are named at the end.

Everything goes to standard output as Markdown.
"""

from __future__ import annotations

import argparse
import gzip
import itertools
import json
import platform
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from quality_peers import Job

from topics.types import join_text

ROOT = Path(__file__).parents[1]
WHOLE = ("arxiv-2k", "arxiv-9k", "ohsumed")
DRAWN_FROM = "arxiv-9k"
SIZES = (50, 100, 200, 500)
METHODS = (
    "ours",
    "bertopic",
    "kmeans",
    "kmeans_umap",
    "leiden",
    "lda",
    "nmf",
    "evoc",
    "top2vec",
    "turftopic",
)
OPTIONAL = ("evoc", "top2vec", "turftopic", "topeax", "senstopic", "toponymy", "tritopic")
STABILITY_DRAWS = 5

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Papers:
    texts: list[str]
    vectors: Any
    gold: Numbers


@dataclass(frozen=True)
class Run:
    """One job of a cell. `of` is the number of the run whose stability it measures, its own otherwise."""

    rows: Numbers
    seed: int
    of: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--corpora", type=Path, default=ROOT.parent / "shared" / "corpora")
    parser.add_argument("--vectors", type=Path, help="folder that keeps each corpus' vectors from run to run")
    parser.add_argument("--windows", type=int, default=1, help="of 128 tokens of each paper")
    parser.add_argument("--draws", type=int, default=20, help="drawn corpora of each size")
    cells = [*map(str, SIZES), *WHOLE]
    parser.add_argument("--only", action="append", choices=cells, help="a cell, may be repeated")
    parser.add_argument("--method", action="append", choices=METHODS, help="a method, may be repeated")
    parser.add_argument(
        "--python", action="append", default=[], help="NAME=PATH, another interpreter for one method"
    )
    options = parser.parse_args()
    interpreters = dict(pair.split("=", 1) for pair in options.python)
    corpora: dict[str, Papers] = {}
    absent: dict[str, str] = {}
    print(f"Python {platform.python_version()}, {platform.machine()}, {options.draws} draws per size.\n")
    for cell in options.only or cells:
        name = cell if cell in WHOLE else DRAWN_FROM
        if name not in corpora:
            corpora[name] = read(options.corpora / f"{name}.jsonl.gz", options.vectors, options.windows)
        papers = corpora[name]
        runs = plan(papers, cell, options.draws)
        with tempfile.TemporaryDirectory() as place:
            write_jobs(papers, runs, Path(place))
            rows = []
            for method in options.method or METHODS:
                answered = run_method(method, Path(place), interpreters.get(method, sys.executable), absent)
                rows += [
                    measure(named, runs, papers, answered["megabytes"], results)
                    for named, results in answered["results"].items()
                ]
        report(cell, papers, runs, rows)
    for method, why in absent.items():
        print(f"{method} was left out: {why}")


def read(path: Path, kept: Path | None, windows: int = 1) -> Papers:
    if not path.exists():
        sys.exit(f"{path} is missing; name the folder with the corpora with --corpora FOLDER.")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    texts = [join_text(row["title"], row["abstract"]) for row in rows]
    gold = np.unique([row["labels"][0] for row in rows], return_inverse=True)[1]
    read_more = f"-{windows}-windows" if windows > 1 else ""
    store = kept / f"{path.name.removesuffix('.jsonl.gz')}{read_more}.npy" if kept else None
    return Papers(texts, minilm_vectors(texts, store, windows), gold)


def minilm_vectors(texts: Sequence[str], store: Path | None, windows: float = 1) -> Any:
    """(len(texts), 384) unit rows, kept in the file `store`."""
    if store and store.exists():
        vectors = np.load(store)
        if len(vectors) != len(texts):
            sys.exit(f"{store} has {len(vectors)} rows for {len(texts)} papers; delete it.")
        return vectors
    from topics.embed.minilm import load_minilm

    vectors = load_minilm(windows=windows).encode(texts)
    if store:
        store.parent.mkdir(parents=True, exist_ok=True)
        np.save(store, vectors)
    return vectors


def draw(gold: Numbers, size: int, seed: int) -> Numbers:
    """Rows of `size` papers from 5 to 12 classes, whose shares are uneven (Dirichlet, parameter 3)."""
    generator = np.random.default_rng([size, seed])
    classes = generator.choice(gold.max() + 1, int(generator.integers(5, 13)), replace=False)
    wanted = np.maximum(2, np.round(generator.dirichlet(np.full(len(classes), 3.0)) * size)).astype(int)
    while wanted.sum() != size:
        wanted[np.argmax(wanted)] += np.sign(size - wanted.sum())
    picked = [
        generator.choice(np.flatnonzero(gold == number), many, replace=False)
        for number, many in zip(classes, wanted, strict=True)
    ]
    return np.concatenate(picked)


def plan(papers: Papers, cell: str, draws: int) -> list[Run]:
    """The runs that are compared with the classes, then those that only measure stability."""
    if cell in WHOLE:
        everyone = np.arange(len(papers.gold))
        main = [Run(everyone, seed, seed) for seed in range(3)]
    else:
        main = [Run(draw(papers.gold, int(cell), seed), 0, seed) for seed in range(draws)]
    more = []
    for run in main[: 1 if cell in WHOLE else STABILITY_DRAWS]:
        generator = np.random.default_rng(run.of)
        part = generator.choice(len(run.rows), round(0.9 * len(run.rows)), replace=False)
        more += [Run(run.rows, run.seed + 1000, run.of), Run(run.rows[np.sort(part)], run.seed, run.of)]
    return main + more


def write_jobs(papers: Papers, runs: Sequence[Run], folder: Path) -> None:
    for number, run in enumerate(runs):
        texts = [papers.texts[row] for row in run.rows]
        k = len(np.unique(papers.gold[run.rows]))
        write_job(folder, number, Job(texts, papers.vectors[run.rows], k, run.seed))


def write_job(folder: Path, number: int, job: Job) -> None:
    np.savez(
        folder / f"job-{number}.npz",
        vectors=job.vectors,
        k=job.k,
        seed=job.seed,
        starts=job.starts,
        words=job.words,
    )
    (folder / f"job-{number}.json").write_text(json.dumps(job.texts), "utf-8")


def run_method(method: str, folder: Path, python: str, absent: dict[str, str]) -> dict[str, Any]:
    command = [python, str(ROOT / "benchmarks" / "quality_peers.py"), method, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        if method not in OPTIONAL:
            sys.exit(f"{method} failed: {last}")
        absent[method] = last
        return {"megabytes": 0.0, "results": {}}
    answered: dict[str, Any] = json.loads((folder / f"{method}.json").read_text("utf-8"))
    for line in done.stderr.splitlines():
        if line.startswith(f"{method} on job-"):
            print(line, file=sys.stderr)
    return answered


def measure(
    named: str, runs: Sequence[Run], papers: Papers, megabytes: float, results: dict[str, Any]
) -> tuple[str, dict[str, list[float]]]:
    from sklearn.metrics import adjusted_mutual_info_score as ami
    from sklearn.metrics import adjusted_rand_score as ari

    figures: dict[str, list[float]] = {}
    first: dict[int, int] = {}
    for number, run in enumerate(runs):
        result = results[str(number)]
        nearest = np.array(result["nearest"])
        if run.of in first:
            start = runs[first[run.of]]
            other = np.array(results[str(first[run.of])]["nearest"])
            common = np.flatnonzero(np.isin(start.rows, run.rows))
            place = {row: position for position, row in enumerate(run.rows.tolist())}
            same = nearest[[place[row] for row in start.rows[common].tolist()]]
            figures.setdefault("stability", []).append(ami(other[common], same))
            continue
        first[run.of] = number
        gold, topic = papers.gold[run.rows], np.array(result["topic"])
        found = len(np.unique(topic[topic >= 0]))
        texts = [papers.texts[row] for row in run.rows]
        values = {
            "AMI": ami(gold, topic),
            "ARI": ari(gold, topic),
            "AMI all": ami(gold, nearest),
            "ARI all": ari(gold, nearest),
            "topics / gold": found / len(np.unique(gold)),
            "outliers": float((topic < 0).mean()),
            "seconds": result["seconds"],
        }
        words = [row for row in result["keywords"] if row]
        if words:
            values |= {"NPMI": npmi(words, texts), "diversity": diversity(words)}
        for key, value in values.items():
            figures.setdefault(key, []).append(value)
    figures["MB"] = [megabytes]
    return named, figures


def npmi(words: Sequence[Sequence[str]], texts: Sequence[str]) -> float:
    """Mean normalised pointwise mutual information of keyword pairs (Bouma 2009), over documents."""
    lowered = [text.casefold() for text in texts]
    terms = sorted({term for row in words for term in row})
    present = {}
    for term in terms:
        plain = term.casefold()
        whole = re.compile(rf"(?<!\w){re.escape(plain)}(?!\w)")
        # A plain search is many times faster and rules most texts out.
        present[term] = np.array([plain in text and whole.search(text) is not None for text in lowered])
    scores = []
    for row in words:
        for one, two in itertools.combinations(row, 2):
            both = float((present[one] & present[two]).mean())
            if both == 0:
                scores.append(-1.0)
            elif both == 1:
                scores.append(1.0)
            else:
                apart = float(present[one].mean() * present[two].mean())
                scores.append(float(np.log(both / apart) / -np.log(both)))
    return float(np.mean(scores)) if scores else float("nan")


def diversity(words: Sequence[Sequence[str]]) -> float:
    """The share of keywords that are not another topic's too (Dieng et al. 2020)."""
    terms = [term.casefold() for row in words for term in row]
    return len(set(terms)) / len(terms)


COLUMNS = (
    "AMI",
    "ARI",
    "AMI all",
    "ARI all",
    "topics / gold",
    "outliers",
    "NPMI",
    "diversity",
    "stability",
    "seconds",
    "MB",
)


def report(
    cell: str, papers: Papers, runs: Sequence[Run], rows: Sequence[tuple[str, dict[str, list[float]]]]
) -> None:
    main = [run for number, run in enumerate(runs) if run.of not in {r.of for r in runs[:number]}]
    classes = [len(np.unique(papers.gold[run.rows])) for run in main]
    drawn = "papers drawn" if cell not in WHOLE else "whole"
    span = f"{min(classes)} to {max(classes)}" if min(classes) < max(classes) else f"{classes[0]}"
    print(f"### {cell} {drawn}: {len(main)} runs, {span} classes; median (quartiles), AMI all with mean\n")
    print("| method | mean AMI all | " + " | ".join(COLUMNS) + " |")
    print("|---" * (len(COLUMNS) + 2) + "|")
    for named, figures in sorted(rows, key=lambda row: -float(np.mean(row[1]["AMI all"]))):
        shown = [spread(figures[column]) if column in figures else "" for column in COLUMNS]
        print(f"| {named} | {np.mean(figures['AMI all']):.3f} | " + " | ".join(shown) + " |")
    print(flush=True)


def spread(values: Sequence[float]) -> str:
    low, middle, high = np.nanquantile(values, [0.25, 0.5, 0.75])
    digits = 0 if middle >= 100 else 1 if middle >= 10 else 3
    if len(values) == 1:
        return f"{middle:.{digits}f}"
    return f"{middle:.{digits}f} ({low:.{digits}f}-{high:.{digits}f})"


if __name__ == "__main__":
    main()
