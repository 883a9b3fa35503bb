"""New papers for a finished run: their topics, where the topics no longer fit, and a fit of all papers.

A paper abstains when it is unlike all papers of the run (`topics.novelty`); of papers like the run's own, a
share of `ABSTAIN` does so. Abstentions that lie as near to each other as the papers of a topic do are a topic
that the run does not have.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from topics import store
from topics.config import Config
from topics.errors import InputError
from topics.pipeline import derive
from topics.plan import Given, depending_on, plan
from topics.predict import ABSTAIN, Labeller
from topics.renumber import kept_numbers
from topics.rework import new_topics, refuse_own_folder, taken_over
from topics.runs import Run
from topics.stage import Ledger, Observer, Silence
from topics.steps import build
from topics.types import (
    OUTLIER,
    Clustering,
    Corpus,
    Embeddings,
    Floats,
    Integers,
    Labelled,
    Projection,
    Topic,
)

Rows = npt.NDArray[np.integer[Any]]

SURE = 0.01
"""Chance, at most, of so many abstentions among papers like the run's own, for them to mean something."""

NEIGHBOURS = 5
"""A new paper's place on the map is the middle of so many nearest papers of the run."""


@dataclass(frozen=True)
class News:
    """What new papers say about a run.

    papers: the new ones; known: how many more the run holds already. vectors, labelled: row by row theirs.
    corpus: the run's papers and then the new ones, with the account of both. inputs: digests of the files.
    chance: of as many abstentions, or more, if the new papers were like the run's.
    fresh: topics that the run does not have, with label, keywords and papers (rows of `corpus`).
    members: their rows of `papers`.
    """

    run: Run
    papers: Corpus
    known: int
    vectors: Floats
    labelled: Labelled
    corpus: Corpus
    inputs: dict[str, str]
    chance: float
    fresh: tuple[Topic, ...]
    members: tuple[tuple[int, ...], ...]

    @property
    def abstained(self) -> int:
        return int((self.labelled.topic == OUTLIER).sum())

    @property
    def refit(self) -> bool:
        """Whether the topics no longer fit the new papers."""
        return bool(self.fresh) or self.chance < SURE

    def lines(self) -> list[str]:
        """The news in sentences."""
        n = len(self.papers)
        lines = [
            f"{n:,} new paper{'s' * (n != 1)} labelled, {self.known:,} already in the run",
            f"{self.abstained:,} of them ({self.abstained / n:.0%}) are unlike all papers of the run; of "
            f"papers like the run's own it would be {ABSTAIN:.0%}",
        ]
        lines += [
            f"new topic: {topic.label}, {topic.size} papers "
            f"({', '.join(keyword.term for keyword in topic.keywords[:5])})"
            for topic in self.fresh
        ]
        for topic, many in enumerate(
            np.bincount(self.labelled.nearest_topic, minlength=len(self.run.topics))
        ):
            away = int(((self.labelled.nearest_topic == topic) & (self.labelled.topic == OUTLIER)).sum())
            if away >= 3 and away > many / 2:
                label = self.run.topics[topic].label
                lines.append(f"topic {topic} ({label}) fits badly: {away} of the {many} papers nearest to it")
        lines.append(
            "The topics no longer fit: fit all papers again with --refit."
            if self.refit
            else "The topics fit the new papers."
        )
        return lines

    def summary(self) -> dict[str, Any]:
        return {
            "new": len(self.papers),
            "known": self.known,
            "abstained": self.abstained,
            "expected_share": ABSTAIN,
            "chance": round(self.chance, 6),
            "refit": self.refit,
            "new_topics": [
                {
                    "label": topic.label,
                    "keywords": [keyword.term for keyword in topic.keywords],
                    "papers": [self.papers.ids[row] for row in rows],
                }
                for topic, rows in zip(self.fresh, self.members, strict=True)
            ],
        }


def examine(run: Run, files: Sequence[Path], config: Config) -> News:
    """Label new papers and look for topics among those that abstain. config: how they are read.

    Raises InputError: a file that cannot be read, or no paper that is new.
    Raises ModelError: the run's encoder is not here.
    """
    labeller = Labeller(run)
    read = build(config, list(files))
    vectors, rows = labeller.encode(read.texts)
    ids = set(run.corpus.ids)
    new = np.flatnonzero([row < 0 and name not in ids for row, name in zip(rows, read.ids, strict=True)])
    if not len(new):
        raise InputError(f"All {len(read)} papers are in {run.path} already; there is nothing to update.")
    papers = Corpus(read.papers.take(new), read.account)
    labelled = labeller.place(vectors[new], rows[new])
    corpus = joined(run.corpus, read, new)
    groups = _among(vectors[new], labelled, run)
    fresh = _named(run, corpus, vectors[new], labelled, groups, labeller) if groups else ()
    return News(
        run=run,
        papers=papers,
        known=len(read) - len(new),
        vectors=vectors[new],
        labelled=labelled,
        corpus=corpus,
        inputs={str(path): store.file_digest(path) for path in files},
        chance=_chance(int((labelled.topic == OUTLIER).sum()), len(new)),
        fresh=fresh,
        members=tuple(tuple(rows.tolist()) for rows in groups),
    )


def extend(news: News, target: Path, *, observer: Observer | None = None) -> None:
    """Write the run with the new papers under its own topics; nothing is fitted again."""
    run, labelled = news.run, news.labelled
    refuse_own_folder(run, target)
    old = run.clustering
    clustering = Clustering(
        topic=np.concatenate([old.topic, labelled.topic]),
        nearest_topic=np.concatenate([old.nearest_topic, labelled.nearest_topic]),
        probability=np.concatenate([old.probability, labelled.probability]),
        centroids=old.centroids,
        temperature=old.temperature,
        chosen=old.chosen,
        names=run.topics.labels,
        by_hand=old.by_hand,
    )
    places = Projection(np.concatenate([run.layout.coordinates, _placed(news)]))
    given = taken_over(run, depending_on("cluster") | {"count"}) | _papers(news)
    given["cluster"] = new_topics(clustering)
    given["layout"] = Given(_digest(places.coordinates), lambda _: places)
    derive(
        run,
        given,
        target,
        observer=observer,
        origin=_origin(news, f"under the topics of {len(run.corpus):,}"),
    )


def refit(news: News, target: Path, *, observer: Observer | None = None) -> list[str]:
    """Fit all papers, old and new, and write them; topics that are there again keep number and label.

    Gives a sentence for each topic that is new, or gone.
    """
    run = news.run
    refuse_own_folder(run, target)
    store.check_target(target)
    given = _papers(news)
    if run.config.embed.encoder == "lsa":
        # It learns its words from the papers, the new ones too.
        del given["embed"]
    ledger = Ledger(store.Cache(store.default_cache_dir()), observer or Silence())
    with ledger.holds:
        found = plan(run.config, ledger, given).clustering
    numbered, matched = kept_numbers(run.clustering, run.topics.labels, found)
    report = _changes(run, numbered, matched)
    origin = _origin(news, "and all were grouped again; topics that came back kept number and label")
    origin["update"]["topics"] = report
    derive(run, given | {"cluster": new_topics(numbered)}, target, observer=observer, origin=origin)
    return report


def joined(old: Corpus, read: Corpus, new: Rows) -> Corpus:
    """The papers of a run and then the rows `new` of those just read; the account says why others are not."""
    import pyarrow as pa

    fresh = set(new.tolist())
    kept, reasons, row = [], [], 0
    for was, reason in zip(
        read.account.column("kept").to_pylist(), read.account.column("reason").to_pylist(), strict=True
    ):
        kept.append(was and row in fresh)
        reasons.append("duplicate: already in the run" if was and row not in fresh else reason)
        row += was
    account = read.account
    for name, values in (("kept", kept), ("reason", reasons)):
        at = account.column_names.index(name)
        account = account.set_column(
            at, account.schema.field(name), pa.array(values, account.schema.field(name).type)
        )
    papers = pa.concat_tables([old.papers, read.papers.take(new).cast(old.papers.schema)])
    return Corpus(
        papers,
        pa.concat_tables([old.account, account.cast(old.account.schema)]),
        tuple(dict.fromkeys((*old.notes, *read.notes))),
    )


def _chance(abstained: int, n: int) -> float:
    from scipy.stats import binom

    return float(binom.sf(abstained - 1, n, ABSTAIN))


def _among(vectors: Floats, labelled: Labelled, run: Run) -> list[Rows]:
    """Groups of abstaining papers that lie as near to each other as the papers of the run's topics do."""
    from scipy.cluster.hierarchy import fcluster, linkage

    alone = np.flatnonzero(labelled.topic == OUTLIER)
    groups, known = run.clustering, run.embeddings.vectors
    least = max(3, int(str(groups.chosen.get("min_cluster_size", 3))))
    if len(alone) < least:
        return []
    inside = np.flatnonzero(groups.topic >= 0)
    tight = 1 - float(np.median((known[inside] * groups.centroids[groups.topic[inside]]).sum(axis=1))) ** 2
    tree = linkage(vectors[alone].astype(np.float64), "average", metric="cosine")
    labels = fcluster(tree, tight, criterion="distance")
    found = [alone[labels == number] for number in np.unique(labels)]
    return sorted((rows for rows in found if len(rows) >= least), key=lambda rows: (-len(rows), rows[0]))


def _named(
    run: Run, corpus: Corpus, vectors: Floats, labelled: Labelled, groups: Sequence[Rows], labeller: Labeller
) -> tuple[Topic, ...]:
    from topics.count import count
    from topics.label import label

    old, start = run.clustering, len(run.corpus)
    topic = np.concatenate([old.topic, labelled.topic])
    nearest = np.concatenate([old.nearest_topic, labelled.nearest_topic])
    centroids = [*old.centroids]
    for number, rows in enumerate(groups, start=old.n_topics):
        topic[rows + start] = nearest[rows + start] = number
        mean = vectors[rows].mean(axis=0)
        centroids.append(mean / max(float(np.linalg.norm(mean)), 1e-12))
    together = Clustering(
        topic,
        nearest,
        np.ones(len(topic), np.float32),
        np.stack(centroids),
        old.temperature,
        names=(*run.topics.labels, *[""] * len(groups)),
    )
    embeddings = Embeddings(np.concatenate([run.embeddings.vectors, vectors]), run.embeddings.encoder)
    settings = run.config.label
    named = label(
        corpus, embeddings, together, count(corpus, settings), settings, encode=labeller.encoder.encode
    )
    return named.topics[old.n_topics :]


def _papers(news: News) -> dict[str, Given]:
    run, corpus = news.run, news.corpus
    vectors = np.concatenate([run.embeddings.vectors, news.vectors])
    embeddings = Embeddings(vectors, run.embeddings.encoder)

    def write(folder: Path) -> Embeddings:
        beside = run.folder("embed") / "encoder"
        if beside.is_dir():
            shutil.copytree(beside, folder / "encoder", copy_function=shutil.copyfile)
        return embeddings

    texts = store.bytes_digest("\0".join([*corpus.ids, *corpus.texts]).encode("utf-8", "surrogatepass"))
    origins = store.bytes_digest("\0".join(map(str, corpus.account.to_pylist())).encode("utf-8", "replace"))
    return {
        "read": Given([texts, origins, list(corpus.notes)], lambda _: corpus),
        "embed": Given([texts, _digest(vectors), embeddings.encoder], write),
    }


def _placed(news: News) -> Floats:
    """(m, 2) where new papers stand on the run's map."""
    known = news.run.embeddings.vectors
    places = np.empty((len(news.vectors), 2), np.float32)
    many = min(NEIGHBOURS, len(known))
    for start in range(0, len(places), 1024):
        cosine = news.vectors[start : start + 1024] @ known.T
        nearest = np.argsort(-np.round(cosine, 6), axis=1, kind="stable")[:, :many]
        places[start : start + 1024] = news.run.layout.coordinates[nearest].mean(axis=1)
    return places


def _changes(run: Run, numbered: Clustering, matched: dict[int, int]) -> list[str]:
    """A sentence for every topic whose number or label is not what it was."""
    names, sizes = run.topics.labels, numbered.sizes
    lines = [
        f"{number} is new, {sizes[number]} papers"
        for number in range(numbered.n_topics)
        if number not in matched
    ]
    lines += [f"{old} ({names[old]}) is now {new}" for new, old in sorted(matched.items()) if old != new]
    gone = sorted(set(range(len(names))) - set(matched.values()))
    return [*lines, *(f"{old} ({names[old]}) is gone" for old in gone)]


def _origin(news: News, how: str) -> dict[str, Any]:
    many = len(news.papers)
    said = f"{many:,} paper{'s were' if many != 1 else ' was'} added later {how}"
    return {
        "update": news.summary(),
        "inputs": news.run.summary["inputs"] | news.inputs,
        "history": [*news.run.history, said],
    }


def _digest(array: Floats | Integers) -> str:
    return store.bytes_digest(np.ascontiguousarray(array).tobytes())
