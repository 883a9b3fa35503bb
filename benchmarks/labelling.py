"""Labelling papers that a fit has not seen: ours and BERTopic's two ways, on the same vectors.

    python benchmarks/labelling.py [--corpus FILE] [--vectors FILE.npy] [--workplace FOLDER]

The corpus (arxiv-9k: JSON lines with `labels`, the first of which is the paper's class) is divided at random,
80 to 20. Each method is fitted on the 80 %, labels the 20 %, and is fitted once more on everything. AMI, ARI
and accuracy (the share of papers in the class that most fitted papers of their topic have) compare the labels
of the 20 % with the classes; AMI and ARI also compare them with what the method says of the same papers when
it is fitted on all. BERTopic runs as its documentation shows it (UMAP, HDBSCAN), seeded; its `transform` is
UMAP's and HDBSCAN's `approximate_predict`; "safetensors" is the same model saved, loaded and asked, which
takes the nearest topic vector. MiniLM's vectors are computed once, or taken from --vectors, which must be
what `topics run` computes.

Then: of papers of classes that no paper of a fit is from, how many are turned away, and how many of others;
rounds of four unseen classes each. Last, speed: CPU seconds of all threads for what `topics label` does once
it has started.

Everything goes to standard output as Markdown.
"""

from __future__ import annotations

import argparse
import contextlib
import gzip
import io
import json
import platform
import sys
import time
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from topics import runner
from topics.cluster.novelty import calibrate, novelty_p_values
from topics.config import Config
from topics.corpus.readers import read_files
from topics.runs.predict import Labeller, label_records
from topics.runs.run import Run, open_run
from topics.types import OUTLIER, Embeddings, join_text
from topics.types.arrays import unit_rows

SEED = 42
SHARES = (0.02, 0.05, 0.1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--corpus", type=Path, default=Path("arxiv-9k.jsonl.gz"))
    parser.add_argument("--vectors", type=Path)
    parser.add_argument("--workplace", type=Path, default=Path("labelling-benchmark"))
    arguments = parser.parse_args()
    opener = gzip.open if arguments.corpus.suffix == ".gz" else open
    with opener(arguments.corpus, "rt", encoding="utf-8") as stream:
        papers = [json.loads(line) for line in stream]
    bench = Bench(papers, arguments.workplace)
    bench.take_vectors(arguments.vectors)
    print(
        f"{len(papers):,} papers of {arguments.corpus.name}, {platform.processor() or platform.machine()}.\n"
    )
    bench.held_out()
    bench.unseen()
    bench.speed()


class Bench:
    """One corpus, its vectors and its division."""

    def __init__(self, papers: Sequence[dict[str, Any]], folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.papers, self.folder = papers, folder
        self.classes = np.array([paper["labels"][0] for paper in papers])
        self.texts = [join_text(paper["title"], paper["abstract"]) for paper in papers]
        shuffled = np.random.default_rng(SEED).permutation(len(papers))
        self.test, self.train = np.sort(shuffled[: len(papers) // 5]), np.sort(shuffled[len(papers) // 5 :])
        self.files = {
            "all": self._write("all", np.arange(len(papers))),
            "train": self._write("train", self.train),
            "test": self._write("test", self.test),
        }

    def _write(self, name: str, rows: np.ndarray) -> Path:
        file = self.folder / f"{name}.jsonl"
        lines = [json.dumps({**self.papers[row], "id": str(row)}, ensure_ascii=False) for row in rows]
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return file

    def take_vectors(self, given: Path | None) -> None:
        if given:
            found = np.load(given)
        else:
            from topics.embed.minilm import load_minilm

            found = load_minilm().encode(self.texts)
        self.vectors = unit_rows(found.astype(np.float64))
        for name, rows in (("all", slice(None)), ("train", self.train), ("test", self.test)):
            np.save(self.folder / f"{name}.npy", self.vectors[rows])

    def fit(self, name: str, encoder: str) -> Run:
        """A run of one part, every record kept, so that row i of the run is row i of the part."""
        kept = {"duplicates": "keep", "notices": "keep", "min_abstract_words": 0}
        config = Config.model_validate(
            {
                "name": name,
                "corpus": {"papers": [str(self.files[name])], **kept},
                "embed": {"encoder": encoder},
            }
        )
        target = self.folder / f"run-{name}-{Path(encoder).stem}"
        assert runner.run(config, output=target)
        return open_run(target)

    def held_out(self) -> None:
        print(
            f"## {len(self.train):,} papers fitted, {len(self.test):,} labelled\n\n"
            "| method | topics | AMI classes | ARI classes | accuracy | AMI refit | ARI refit | "
            "without a topic | CPU ms per paper |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|"
        )
        ours, refit = (self.fit(name, str(self.folder / f"{name}.npy")) for name in ("train", "all"))
        labeller = Labeller(ours)
        texts = [self.texts[row] for row in self.test]
        labeller.label([self.texts[self.train[0]]])
        begin = time.process_time()
        found = labeller.place(*labeller.encode(texts, given=self.vectors[self.test]))
        spent = time.process_time() - begin
        again = refit.clustering
        own = ours.clustering
        self._row("topics, nearest topic", own.nearest_topic, found.nearest_topic, again.nearest_topic, spent)
        self._row("topics, with outliers", own.topic, found.topic, again.topic, spent)
        self._bertopic()
        print(
            f"\nOf the fitted papers, {labeller.turned_away:.1%} would get no topic at the default threshold."
        )

    def _row(
        self, name: str, fitted: Sequence[int], found: Sequence[int], refit: Sequence[int], spent: float
    ) -> None:
        from sklearn.metrics import adjusted_mutual_info_score as ami
        from sklearn.metrics import adjusted_rand_score as ari

        fitted, found, later = np.asarray(fitted), np.asarray(found), np.asarray(refit)[self.test]
        gold = self.classes[self.test]
        classes, numbers = np.unique(self.classes, return_inverse=True)
        majority = {
            topic: np.bincount(numbers[self.train][fitted == topic], minlength=len(classes)).argmax()
            for topic in np.unique(fitted)
            if topic != OUTLIER
        }
        right = np.array([majority.get(topic, -1) for topic in found]) == numbers[self.test]
        print(
            f"| {name} | {fitted.max() + 1} | {ami(gold, found):.3f} | {ari(gold, found):.3f} | "
            f"{right.mean():.3f} | {ami(later, found):.3f} | {ari(later, found):.3f} | "
            f"{(found == OUTLIER).mean():.1%} | {1000 * spent / len(found):.3f} |",
            flush=True,
        )

    def _bertopic(self) -> None:
        texts = [self.texts[row] for row in self.test]
        with _quiet():
            model, fitted = _fitted([self.texts[row] for row in self.train], self.vectors[self.train])
            _, refit = _fitted(self.texts, self.vectors)
            model.transform(texts[:5], self.vectors[self.test[:5]])
            begin = time.process_time()
            found, _ = model.transform(texts, self.vectors[self.test])
            spent = time.process_time() - begin
        self._row("BERTopic, transform", fitted, found, refit, spent)
        with _quiet():
            from bertopic import BERTopic

            model.save(self.folder / "bertopic", serialization="safetensors", save_ctfidf=True)
            saved = BERTopic.load(str(self.folder / "bertopic"))
            saved.transform(texts[:5], self.vectors[self.test[:5]])
            begin = time.process_time()
            found, _ = saved.transform(texts, self.vectors[self.test])
            spent = time.process_time() - begin
        self._row("BERTopic, safetensors", fitted, found, refit, spent)

    def unseen(self) -> None:
        from sklearn.cluster import KMeans
        from sklearn.metrics import roc_auc_score

        names, generator = np.unique(self.classes), np.random.default_rng(SEED)
        rounds = np.array_split(generator.permutation(names), max(1, len(names) // 4))
        figures: dict[str, list[list[float]]] = {"topics": [], "nearest of 25 centroids": []}
        for strange in rounds:
            seen = generator.permutation(np.flatnonzero(~np.isin(self.classes, strange)))
            new = self.vectors[np.isin(self.classes, strange)]
            fitted, others = self.vectors[seen[len(seen) // 5 :]], self.vectors[seen[: len(seen) // 5]]
            novelty = calibrate(Embeddings(fitted, "MiniLM"), random_state=SEED)
            centroids = unit_rows(KMeans(25, n_init=1, random_state=SEED).fit(fitted).cluster_centers_)
            nearest = np.sort((fitted @ centroids.T).max(axis=1))
            for name in figures:
                if name == "topics":
                    scores = [
                        novelty_p_values(
                            part, np.full(len(part), -1, np.int32), fitted[novelty.rows], novelty
                        )
                        for part in (others, new)
                    ]
                else:
                    scores = [
                        np.searchsorted(nearest, (part @ centroids.T).max(axis=1)) / len(nearest)
                        for part in (others, new)
                    ]
                truth = np.repeat([0, 1], [len(part) for part in scores])
                line = [float(roc_auc_score(truth, -np.concatenate(scores)))]
                for share in SHARES:
                    line += [float((part < share).mean()) for part in scores]
                figures[name].append(line)
        print(
            "\n## Papers of classes that the fit has not seen\n\n| score | AUROC | "
            + " | ".join(f"at {share:.0%}: seen lost | unseen caught" for share in SHARES)
            + " |\n|---|--:|"
            + "--:|--:|" * len(SHARES)
        )
        for name, lines in figures.items():
            mean = np.mean(lines, axis=0)
            print(f"| {name} | {mean[0]:.3f} | " + " | ".join(f"{value:.1%}" for value in mean[1:]) + " |")

    def speed(self) -> None:
        print(
            "\n## Speed\n\n| encoder | papers | papers per CPU second, all | encoding alone | the rest |\n"
            "|---|--:|--:|--:|--:|"
        )
        run = self.fit("train", "lsa")
        self._speed("lsa", Labeller(run), len(self.test))

        from topics.embed.minilm import load_minilm

        ours = Labeller(open_run(self.folder / "run-train-train"))
        ours.__dict__["encoder"] = load_minilm()
        self._speed("minilm", ours, 300)

    def _speed(self, name: str, labeller: Labeller, many: int) -> None:
        file = self.folder / f"speed-{many}.jsonl"
        lines = self.files["test"].read_text(encoding="utf-8").splitlines()[:many]
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
        settings = labeller.run.config.corpus
        labeller.label(self.texts[:2])
        _ = labeller.encoder.encode(self.texts[:2])
        begin = time.process_time()
        answers = label_records(labeller, read_files([file], settings), settings)
        _ = answers.table
        whole = time.process_time() - begin
        texts = [self.texts[row] for row in self.test[:many]]
        begin = time.process_time()
        labeller.encoder.encode(texts)
        bare = time.process_time() - begin
        rest = f"{whole / bare - 1:+.1%} of encoding"
        print(
            f"| {name} | {many:,} | {many / whole:,.0f} | {many / bare:,.0f} | {rest} |",
            flush=True,
        )


def _fitted(texts: Sequence[str], vectors: np.ndarray) -> tuple[Any, list[int]]:
    """BERTopic as its documentation shows it, with UMAP's seed."""
    from bertopic import BERTopic
    from hdbscan import HDBSCAN
    from umap import UMAP

    model = BERTopic(
        embedding_model=None,
        umap_model=UMAP(n_neighbors=15, n_components=5, min_dist=0.0, metric="cosine", random_state=SEED),
        hdbscan_model=HDBSCAN(min_cluster_size=10, prediction_data=True),
    )
    found, _ = model.fit_transform(list(texts), vectors)
    return model, [int(topic) for topic in found]


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    with warnings.catch_warnings(), contextlib.redirect_stderr(io.StringIO()):
        warnings.simplefilter("ignore")
        yield


if __name__ == "__main__":
    sys.exit(main())
