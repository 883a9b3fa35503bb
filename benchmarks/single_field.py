"""Topics of corpora of one field: their number and size, their likeness to classes, and what moves them.

    python benchmarks/single_field.py [--population math] [--size 200] [--draws 10] [--encoder minilm]
                                      [--method kmeans] [--python evoc=PYTHON] [--vectors FOLDER]
                                      [--json FILE] [--labels]

Populations: the arXiv archives math, cs, cond-mat, astro-ph and physics, and ML (cs.LG, cs.CV, cs.CL and
stat.ML together), each with primary categories as classes and at most 3,000 papers drawn of it; 3,000 papers
of the ACL Anthology, without classes; ohsumed by disease; and each review in the folder of OpenAlex exports,
without classes. Seeded draws of a population stand for corpora of one field; sizes that a population does not
have are left out. arxiv-9k, of many fields, is there for movement at 8,900 papers. Classes with less than 1 %
of a draw are one, "other". MiniLM reads as much of each paper as a run of so many papers does, which is more
of fewer than 200 (see `embed.windows`), and every method is given these vectors.

Topics and the largest one count every paper in its nearest topic; AMI and ARI likewise. For peers that leave
papers out these are one class more. "True k" is told the number of classes.

Movement, for ours: AMI with another run on the same papers, where every entry of the vectors is moved by one
unit in the last place, `random_state` differs, k-means has other starts (they do not follow random_state), or
10 % of the papers are left out; "given back": the run's own vectors are read as a file of vectors is. Peers
are moved by the last bit, seed and part where --moved-peers asks for it. --labels does whole
runs instead and says what share of the labels is kept; a thousand papers take minutes.

Strangers: 10 papers of an archive that the draw's number chooses, put among 200 and 500 papers. They are
apart where they are in no topic, or in one that is for the larger part theirs.

Peers that are not installed are left out and named; give another environment's interpreter with --python
NAME=PATH. Tables go to standard output as Markdown and figures, after every step, to the file of --json. What
this file has is not computed again: `--draws` and its like are those of the steps that are missing.
"""

from __future__ import annotations

import argparse
import collections
import itertools
import json
import os
import random
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from quality import ROOT, minilm_vectors, run_method, write_job
from quality_peers import Job, with_words
from single_field_tables import LABELS, report

from topics.types import join_text

ARCHIVES = ("math", "cs", "cond-mat", "astro-ph", "physics")
LEARNING = ("cs.LG", "cs.CV", "cs.CL", "stat.ML")
LARGEST_POOL, POOL_SEED = 3000, 77
SIZES = (50, 100, 200, 500, 1000, 2000, 8900)
KIN = (frozenset({"cs", "ML", "ACL"}), frozenset({"cond-mat", "physics"}))
"""Populations whose papers are no strangers to each other."""

MIXED = "arxiv-9k"

ENCODERS = ("minilm", "lsa")
STRANGERS, STRANGERS_AMONG = 10, (200, 500)
RARE = 0.01
OWN = "ours_unnamed"
TOLD = ("kmeans", "kmeans_umap")
METHODS = (
    OWN,
    *TOLD,
    "bertopic",
    "leiden",
    "evoc",
    "toponymy",
    "topeax",
    "senstopic",
    "tritopic",
)

Rows = npt.NDArray[np.int64]
Figures = dict[str, Any]


@dataclass(frozen=True)
class Population:
    """n papers. classes: n names, or none where there is no such thing."""

    name: str
    ids: list[str]
    titles: list[str]
    abstracts: list[str]
    classes: list[str]

    def texts(self, rows: Iterable[int]) -> list[str]:
        return [join_text(self.titles[row], self.abstracts[row]) for row in rows]


@dataclass(frozen=True)
class Task:
    """One job of a cell, and what it is compared with: the papers `rows` of the draw `draw`.

    kind: "" for the draw as it is, a move, or "strangers", whose papers are the last of the job.
    """

    draw: int
    kind: str
    rows: Rows
    job: Job


@dataclass(frozen=True)
class Scope:
    """How much is done. moved, moved_peers: draws in which ours and peers are moved; bits, seeds, parts:
    times for each.
    """

    draws: int
    moved: int
    moved_peers: int
    bits: int
    seeds: int
    parts: int


def main() -> None:
    options = _parser().parse_args()
    scope = Scope(
        options.draws, options.moved, options.moved_peers, options.bits, options.seeds, options.parts
    )
    interpreters = dict(pair.split("=", 1) for pair in options.python)
    absent: dict[str, str] = {}
    done: list[Figures] = json.loads(options.json.read_text("utf-8")) if options.json.exists() else []
    populations = read(options.corpora, options.exports)
    if unknown := set(options.population or ()) - set(populations):
        sys.exit(f"No population {', '.join(sorted(unknown))}; there are {', '.join(populations)}.")
    vectors = Vectors(populations, options.vectors)
    methods = [*(options.method or METHODS), *([LABELS] if options.labels else [])]
    cells = itertools.product(
        options.encoder or ENCODERS, options.size or SIZES, options.population or populations, methods
    )
    for encoder, size, name, method in cells:
        population = populations[name]
        if size > len(population.ids) or (name == MIXED) != (size == SIZES[-1]):
            continue
        if method in absent or (method in TOLD and not population.classes):
            continue
        key = {"encoder": encoder, "size": size, "population": name, "ran": method}
        if any(key.items() <= row.items() for row in done):
            continue
        if method == LABELS:
            found = {LABELS: with_labels(vectors, name, size, encoder, scope)}
        else:
            tasks = plan(vectors, name, size, encoder, scope, own=method == OWN)
            found = compute(method, tasks, population, interpreters.get(method, sys.executable), absent)
        done += [{**key, "method": named, "draws": draws} for named, draws in found.items()]
        lines = ",\n".join(json.dumps(row) for row in done)
        options.json.write_text(f"[\n{lines}\n]\n", "utf-8")
    report(done)
    for method, why in absent.items():
        print(f"{method} was left out: {why}")


def _parser() -> argparse.ArgumentParser:
    shared = ROOT.parent / "shared"
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--corpora", type=Path, default=shared / "corpora")
    parser.add_argument("--exports", type=Path, default=shared / "exports" / "openalex_json")
    parser.add_argument("--vectors", type=Path, help="folder that keeps each population's vectors")
    parser.add_argument("--json", type=Path, default=Path("single_field.json"), help="file of all figures")
    parser.add_argument("--population", action="append", help="may be repeated")
    parser.add_argument("--size", action="append", type=int, choices=SIZES, help="papers; may be repeated")
    parser.add_argument("--encoder", action="append", choices=ENCODERS, help="may be repeated")
    parser.add_argument("--method", action="append", choices=METHODS, help="may be repeated")
    parser.add_argument("--python", action="append", default=[], help="NAME=PATH, interpreter for a method")
    parser.add_argument("--draws", type=int, default=10)
    parser.add_argument("--moved", type=int, default=10, help="draws whose movement is measured")
    parser.add_argument("--moved-peers", type=int, default=0, help="the same for peers")
    parser.add_argument("--bits", type=int, default=5, help="times that vectors move in their last bit")
    parser.add_argument("--seeds", type=int, default=5, help="other values of random_state, and of starts")
    parser.add_argument("--parts", type=int, default=5, help="times that 10 %% of the papers are left out")
    parser.add_argument("--labels", action="store_true", help="whole runs, to see which labels are kept")
    return parser


def read(corpora: Path, exports: Path) -> dict[str, Population]:
    """All populations by name. Exits where a file is missing."""
    pools: dict[str, list[tuple[Figures, str]]] = {name: [] for name in (*ARCHIVES, "ML", "ACL")}
    for row in _lines(corpora / "arxiv-200k.jsonl.gz"):
        category = row["labels"][0]
        if (archive := category.split(".")[0]) in ARCHIVES:
            pools[archive].append((row, category))
        if category in LEARNING:
            pools["ML"].append((row, category))
    pools["ACL"] = [(row, "") for row in _lines(corpora / "acl-2016-2025.jsonl.gz")]
    drawn = {
        name: random.Random(POOL_SEED).sample(pool, min(LARGEST_POOL, len(pool)))
        for name, pool in pools.items()
    }
    drawn[MIXED] = [(row, row["labels"][0]) for row in _lines(corpora / f"{MIXED}.jsonl.gz")]
    drawn["ohsumed"] = [(row, row["labels"][0]) for row in _lines(corpora / "ohsumed.jsonl.gz")]
    found = {
        name: Population(
            name,
            [str(row["id"]) for row, _ in pool],
            [row["title"] for row, _ in pool],
            [row["abstract"] for row, _ in pool],
            [label for _, label in pool if label],
        )
        for name, pool in drawn.items()
    }
    return found | {review.name: review for review in _reviews(exports)}


def _lines(path: Path) -> Iterator[Figures]:
    import gzip

    if not path.exists():
        sys.exit(
            f"{path} is missing: the corpora lie beside the project and not in it; name their folder with "
            "--corpora FOLDER."
        )
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def _reviews(folder: Path) -> Iterator[Population]:
    from topics.config import Config
    from topics.corpus.read import read_papers

    paths = sorted(folder.glob("*.json.gz"))
    if not paths:
        sys.exit(
            f"{folder} has no reviews (*.json.gz); name the folder of OpenAlex exports with --exports FOLDER."
        )
    for path in paths:
        papers = read_papers(Config(), [path])
        name = path.name.split("__")[1]
        yield Population(name, list(papers.ids), list(papers.titles), list(papers.abstracts), [])


class Vectors:
    """The populations' MiniLM vectors, made when they are first asked for."""

    def __init__(self, populations: dict[str, Population], kept: Path | None) -> None:
        self.populations = populations
        self._kept = kept
        self._made: dict[str, Any] = {}

    def of(self, name: str) -> Any:
        """Of one window of each paper."""
        if name not in self._made:
            population = self.populations[name]
            store = self._kept / f"{name}.npy" if self._kept else None
            self._made[name] = minilm_vectors(population.texts(range(len(population.ids))), store)
        return self._made[name]

    def read(self, name: str, rows: Rows, papers: int) -> Any:
        """(len(rows), 384) of as many windows as a run of so many papers reads."""
        from topics.config import EmbedSettings
        from topics.embed.embed import with_windows
        from topics.embed.minilm_graph import WIDTH

        windows = with_windows(EmbedSettings(encoder="minilm"), papers).fixed_windows
        if windows == 1:
            return self.of(name)[rows]
        file = f"{name}-{windows:g}-windows"
        population, store = self.populations[name], self._kept / f"{file}.npy" if self._kept else None
        if file not in self._made:
            unread = np.full((len(population.ids), WIDTH), np.nan, np.float32)
            self._made[file] = np.load(store) if store and store.exists() else unread
        vectors = self._made[file]
        if len(missing := rows[np.isnan(vectors[rows, 0])]):
            vectors[missing] = minilm_vectors(population.texts(missing), None, windows)
            if store:
                np.save(store, vectors)
        return vectors[rows]


def drawn_rows(population: Population, size: int, draw: int) -> Rows:
    generator = np.random.default_rng([size, draw])
    return np.sort(generator.choice(len(population.ids), size, replace=False))


def merged(classes: Sequence[str]) -> Rows:
    """Numbers of classes, those of few papers together."""
    counts = collections.Counter(classes)
    kept = [name if counts[name] >= RARE * len(classes) else "other" for name in classes]
    return np.unique(kept, return_inverse=True)[1]


def plan(vectors: Vectors, name: str, size: int, encoder: str, scope: Scope, *, own: bool) -> list[Task]:
    """The tasks of all draws of one cell. own: whether for ours, whose movement is measured."""
    tasks: list[Task] = []
    for draw in range(scope.draws):
        rows = drawn_rows(vectors.populations[name], size, draw)
        tasks.append(Task(draw, "", rows, _job(vectors, {name: rows}, encoder, own=own)))
        if draw < (scope.moved if own else scope.moved_peers):
            tasks += _moved(vectors, name, tasks[-1], encoder, scope, own=own)
        if size in STRANGERS_AMONG:
            several = {name: rows} | _strangers(vectors.populations, name, size, draw)
            tasks.append(Task(draw, "strangers", rows, _job(vectors, several, encoder, own=own)))
    return tasks


def _job(vectors: Vectors, rows: dict[str, Rows], encoder: str, *, own: bool, seed: int = 0) -> Job:
    """rows: of one population, or of several one after the other; classes are the first one's.

    own: whether these are the vectors that a run of ours has, with words beside them where it has such.
    """
    from topics.embed.lsa import fit_lsa

    texts = [text for name, some in rows.items() for text in vectors.populations[name].texts(some)]
    name = next(iter(rows))
    classes = vectors.populations[name].classes
    k = len(np.unique(merged([classes[row] for row in rows[name]]))) if classes else 0
    if encoder == "lsa":
        return Job(texts, fit_lsa(texts, random_state=seed).encode(texts), k, seed, words=False)
    found = np.concatenate([vectors.read(name, some, len(texts)) for name, some in rows.items()])
    if own:
        found = with_words(texts, found, seed)
    return Job(texts, found, k, seed, words=False)


def _moved(
    vectors: Vectors, name: str, task: Task, encoder: str, scope: Scope, *, own: bool
) -> Iterator[Task]:
    from topics.embed.precomputed import of_array

    rows, job = task.rows, task.job
    if own:
        back = of_array(job.vectors, Path("given.npy")).rows
        yield Task(task.draw, "given back", rows, replace(job, vectors=back))
    generator = np.random.default_rng([len(rows), task.draw, 1])
    for _ in range(scope.bits):
        yield Task(task.draw, "last bit", rows, replace(job, vectors=last_bit(job.vectors, generator)))
    for seed in range(1, scope.seeds + 1):
        yield Task(task.draw, "random_state", rows, _job(vectors, {name: rows}, encoder, own=own, seed=seed))
        if own:
            yield Task(task.draw, "starts", rows, replace(job, starts=seed))
    for _ in range(scope.parts):
        part = np.sort(generator.choice(rows, round(0.9 * len(rows)), replace=False))
        yield Task(task.draw, "90 % of papers", part, _job(vectors, {name: part}, encoder, own=own))


def last_bit(vectors: Any, generator: np.random.Generator) -> Any:
    """Every entry one unit in the last place up or down."""
    towards = np.where(generator.random(vectors.shape) < 0.5, -np.inf, np.inf).astype(np.float32)
    return np.nextafter(vectors, towards)


def _strangers(populations: dict[str, Population], name: str, size: int, draw: int) -> dict[str, Rows]:
    """Rows of the archive whose turn it is."""
    kin = next((kin for kin in KIN if name in kin), frozenset({name}))
    others = [other for other in ARCHIVES if other not in kin]
    other = others[draw % len(others)]
    generator = np.random.default_rng([size, draw, 2])
    return {other: generator.choice(len(populations[other].ids), STRANGERS, replace=False)}


def compute(
    method: str, tasks: Sequence[Task], population: Population, python: str, absent: dict[str, str]
) -> dict[str, list[Figures]]:
    """Figures of every draw under each name that the method reports."""
    with tempfile.TemporaryDirectory() as place:
        for number, task in enumerate(tasks):
            write_job(Path(place), number, task.job)
        answered = run_method(method, Path(place), python, absent)["results"]
    found: dict[str, list[Figures]] = {}
    for named, results in answered.items():
        draws = measure(tasks, [results[str(number)] for number in range(len(tasks))], population)
        # Some of a method's names differ in keywords only.
        if draws not in found.values():
            found[named] = draws
    return found


def measure(tasks: Sequence[Task], results: Sequence[Figures], population: Population) -> list[Figures]:
    """What is said of each draw: of the draw itself, and of the tasks that are compared with it."""
    from sklearn.metrics import adjusted_mutual_info_score as ami
    from sklearn.metrics import adjusted_rand_score as ari

    draws: dict[int, Figures] = {}
    start: dict[int, tuple[Rows, Rows]] = {}
    for task, result in zip(tasks, results, strict=True):
        topic, nearest = np.array(result["topic"]), np.array(result["nearest"])
        if not task.kind:
            start[task.draw] = task.rows, nearest
            sizes = np.bincount(nearest[nearest >= 0], minlength=1)
            draws[task.draw] = {
                "draw": task.draw,
                "topics": int(np.count_nonzero(sizes)),
                "largest": float(sizes.max() / len(nearest)),
                "outliers": float((topic < 0).mean()),
                "moved": [],
            }
            if population.classes:
                gold = merged([population.classes[row] for row in task.rows])
                draws[task.draw] |= {
                    "classes": task.job.k,
                    "largest class": float(np.bincount(gold).max() / len(gold)),
                    "AMI": ami(gold, nearest),
                    "ARI": ari(gold, nearest),
                }
        elif task.kind == "strangers":
            draws[task.draw]["strangers"] = strangers_of(topic)
        elif draws[task.draw]["topics"]:
            rows, before = start[task.draw]
            draws[task.draw]["moved"].append(
                {
                    "kind": task.kind,
                    "AMI": ami(before[np.isin(rows, task.rows)], nearest),
                    "topics": len(np.unique(nearest[nearest >= 0])),
                }
            )
    return list(draws.values())


def strangers_of(topic: Rows) -> dict[str, float]:
    """topic: (n,) of which the last are the strangers'; -1 for papers in none."""
    strangers, others = topic[-STRANGERS:], topic[:-STRANGERS]
    theirs = [(strangers == one).sum() > (others == one).sum() for one in strangers]
    return {
        "out": float((strangers < 0).mean()),
        "apart": float(((strangers < 0) | theirs).mean()),
        "others out": float((others < 0).mean()),
    }


def with_labels(vectors: Vectors, name: str, size: int, encoder: str, scope: Scope) -> list[Figures]:
    """The movement of whole runs, whose labels are compared. Draws that a run refuses have none."""
    from topics.errors import CorpusError

    population, found = vectors.populations[name], []
    with tempfile.TemporaryDirectory() as place:
        os.environ["TOPICS_CACHE"] = str(Path(place) / "cache")
        for draw in range(min(scope.draws, scope.moved)):
            rows = drawn_rows(population, size, draw)
            made = _job(vectors, {name: rows}, encoder, own=True).vectors
            try:
                moved = _moved_runs(population, rows, made, Path(place) / "vectors.npy", draw, scope)
            except CorpusError as error:
                print(f"{name}, {size} papers, draw {draw}: {error}", file=sys.stderr)
                moved = []
            found.append({"draw": draw, "moved": moved})
    return found


def _moved_runs(
    population: Population, rows: Rows, made: Any, file: Path, draw: int, scope: Scope
) -> list[Figures]:
    """made: the papers' vectors; file: where runs are given vectors."""
    import pandas as pd

    from topics import fit

    def run(papers: Any, given: Any, seed: int = 42) -> Any:
        np.save(file, given)
        return fit(papers, {"embed": {"encoder": str(file)}, "random_state": seed})

    columns = {"id": population.ids, "title": population.titles, "abstract": population.abstracts}
    frame = pd.DataFrame({key: [column[row] for row in rows] for key, column in columns.items()})
    base = run(frame, made)
    # Copies of a paper that came in the same draw are no longer there.
    frame, own = frame[frame["id"].isin(base.papers["id"])], np.array(base.vectors)
    generator = np.random.default_rng([len(rows), draw, 1])
    moved = [_kept("given back", base, run(frame, own))]
    moved += [_kept("last bit", base, run(frame, last_bit(own, generator))) for _ in range(scope.bits)]
    for seed in range(1, scope.seeds + 1):
        moved.append(_kept("random_state", base, run(frame, own, 42 + seed)))
    for _ in range(scope.parts):
        part = np.sort(generator.choice(len(frame), round(0.9 * len(frame)), replace=False))
        moved.append(_kept("90 % of papers", base, run(frame.iloc[part], own[part])))
    return moved


def _kept(kind: str, base: Any, other: Any) -> Figures:
    from sklearn.metrics import adjusted_mutual_info_score as ami

    labels = set(base.topics["label"])
    before = base.papers.set_index("id")["nearest_topic"].reindex(other.papers["id"])
    return {
        "kind": kind,
        "AMI": ami(before, other.papers["nearest_topic"]),
        "topics": len(other.topics),
        "from": len(base.topics),
        "labels": len(labels & set(other.topics["label"])) / len(labels),
        "same tables": bool(base.topics.equals(other.topics) and base.papers.equals(other.papers)),
    }


if __name__ == "__main__":
    main()
