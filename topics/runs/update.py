"""New papers for a finished run: their topics, where the topics no longer fit, and a fit of all papers.

A paper abstains when it is unlike all papers of the run (`topics.cluster.novelty`); of papers like the run's
own, a share of `ABSTAIN` does so. Abstentions that lie as near to each other as the papers of a topic do are
a topic that the run does not have.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from topics.cache import publish, store
from topics.cache.stage import NullObserver, Observer, RunState
from topics.cluster.assign import assign
from topics.config import Config
from topics.corpus.read import read_papers
from topics.embed.embed import text_keys
from topics.embed.encoder import kind_of
from topics.errors import InputError
from topics.pipeline import depending_on
from topics.runner import Given, plan
from topics.runs.derive import derive, new_topics, refuse_own_folder, taken_over
from topics.runs.predict import ABSTAIN, NOT_ASKED_FOR, Labeller, novel_papers
from topics.runs.renumber import kept_numbers
from topics.runs.run import Run, open_run
from topics.types import (
    OUTLIER,
    Clustering,
    Corpus,
    Embeddings,
    Floats,
    Integers,
    Labelled,
    Mask,
    Projection,
    Rows,
    Topic,
    counted,
)
from topics.types.arrays import evenly_spaced

if TYPE_CHECKING:
    import pyarrow as pa

    from topics.embed.precomputed import Vectors


MOST_GROUPED = 5_000
"""Abstaining papers that are grouped with each other, evenly spaced among all; the others join the groups."""

NEIGHBOURS = 5
"""A new paper's place on the map is the middle of so many nearest papers of the run."""

SURE = 0.01
"""Chance, at most, of so many abstentions among papers like the run's own, for them to mean something."""


@dataclass(frozen=True)
class UpdateReport:
    """What new papers say about a run.

    papers: the new ones; known: how many more the run holds already; renamed: how many of the new ones had
    the id of another paper of the run. vectors, labelled: row by row theirs.
    corpus: the run's papers and then the new ones, with the account of both. inputs: digests of the files.
    chance: of as many abstentions, or more, if the new papers were like the run's.
    fresh: topics that the run does not have, with label, keywords and papers (rows of `corpus`).
    members: their rows of `papers`.
    """

    run: Run
    papers: Corpus
    known: int
    renamed: int
    vectors: Floats
    labelled: Labelled
    corpus: Corpus
    inputs: dict[str, str]
    chance: float
    fresh: tuple[Topic, ...]
    members: tuple[tuple[int, ...], ...]

    @property
    def abstained(self) -> int:
        return int(self._novel.sum())

    @cached_property
    def _novel(self) -> Mask:
        return novel_papers(self.labelled, ABSTAIN)

    @property
    def not_asked_for(self) -> int:
        """Papers like those that a zero-shot run leaves without a topic."""
        return int(((self.labelled.topic == OUTLIER) & ~self._novel).sum())

    @property
    def outgrown(self) -> bool:
        """Whether the topics no longer fit the new papers."""
        return bool(self.fresh) or self.chance < SURE

    def lines(self, *, fitted_again: bool = False) -> list[str]:
        """The report in sentences; fitted_again: there is nothing left to advise."""
        n = len(self.papers)
        lines = [
            f"{new_papers(n)} labelled, {self.known:,} already in the run",
            f"{self.abstained:,} of them ({self.abstained / n:.0%}) are unlike all papers of the run; of "
            f"papers like the run's own it would be {ABSTAIN:.0%}",
        ]
        if self.renamed:
            lines.append(f"{self.renamed:,} of them had another paper's id and got a number added to it")
        if self.not_asked_for:
            lines.append(f"{self.not_asked_for:,} of them ({self.not_asked_for / n:.0%}) {NOT_ASKED_FOR}")
        lines += [
            f"new topic: {topic.label}, {topic.size} papers "
            f"({', '.join(keyword.term for keyword in topic.keywords[:5])})"
            for topic in self.fresh
        ]
        for topic, total in enumerate(
            np.bincount(self.labelled.nearest_topic, minlength=len(self.run.topics))
        ):
            away = int(((self.labelled.nearest_topic == topic) & self._novel).sum())
            if away >= 3 and away > total / 2:
                label = self.run.topics[topic].label
                lines.append(
                    f"topic {topic} ({label}) fits badly: {away} of the {total} papers nearest to it"
                )
        if not fitted_again:
            lines.append(
                "The topics no longer fit: fit all papers again with --refit."
                if self.outgrown
                else "The topics fit the new papers."
            )
        return lines

    def summary(self) -> dict[str, Any]:
        """What run.json says of the update."""
        return {
            "new": len(self.papers),
            "known": self.known,
            "renamed": self.renamed,
            "abstained": self.abstained,
            "not_asked_for": self.not_asked_for,
            "expected_share": ABSTAIN,
            "chance": round(self.chance, 6),
            "refit": self.outgrown,
            "new_topics": [
                {
                    "label": topic.label,
                    "keywords": [keyword.term for keyword in topic.keywords],
                    "papers": [self.papers.ids[row] for row in rows],
                }
                for topic, rows in zip(self.fresh, self.members, strict=True)
            ],
        }


def examine(run: Run, files: Sequence[Path], config: Config, vectors: Vectors | None = None) -> UpdateReport:
    """Label new papers and look for topics among those that abstain. config: how they are read.

    A paper is in the run already if its text is, or its DOI. vectors: as in
    `topics.runs.predict.label_records`.

    Raises InputError: a file that cannot be read, or no paper that is new.
    Raises ModelError: the run's encoder is not here, or the vectors do not fit.
    """
    inputs = {str(path): store.file_digest(path) for path in files}
    return examine_read(run, read_papers(config, list(files)), inputs, vectors)


def examine_read(run: Run, read: Corpus, inputs: dict[str, str], vectors: Vectors | None) -> UpdateReport:
    """`examine` for papers that were read already. inputs: digests of what they are from."""
    from scipy.stats import binom

    labeller = Labeller(run)
    dois = {doi for doi in run.corpus.column("doi") if doi}
    there = labeller.rows_of(read.texts) >= 0
    new = np.flatnonzero(~there & [doi not in dois for doi in read.column("doi")])
    if not len(new):
        raise InputError(f"All {len(read)} papers are in {run.path} already; there is nothing to update.")
    given = vectors.select(read.account.column("kept").to_pylist())[new] if vectors else None
    places, rows = labeller.encode([read.texts[row] for row in new.tolist()], given=given)
    labelled = labeller.place(places, rows)
    read, renamed = with_free_ids(read, new, run.corpus.ids)
    papers = Corpus(read.papers.take(new), read.account)
    corpus = joined(run.corpus, read, new)
    groups = _among(places, labelled, run)
    fresh = _named(run, corpus, places, labelled, groups, labeller) if groups else ()
    return UpdateReport(
        run=run,
        papers=papers,
        known=len(read) - len(new),
        renamed=renamed,
        vectors=places,
        labelled=labelled,
        corpus=corpus,
        inputs=inputs,
        chance=float(binom.sf(int(novel_papers(labelled, ABSTAIN).sum()) - 1, len(new), ABSTAIN)),
        fresh=fresh,
        members=tuple(tuple(rows.tolist()) for rows in groups),
    )


def extend(update: UpdateReport, target: Path, *, observer: Observer | None = None) -> None:
    """Write the run with the new papers under its own topics; nothing is fitted again."""
    run, labelled = update.run, update.labelled
    refuse_own_folder(run, target)
    old = run.clustering
    _, softmax = assign(update.vectors, old.directions, old.temperature)
    clustering = Clustering(
        topic=np.concatenate([old.topic, labelled.topic]),
        nearest_topic=np.concatenate([old.nearest_topic, labelled.nearest_topic]),
        probability=np.concatenate([old.probability, softmax]),
        centroids=old.centroids,
        temperature=old.temperature,
        chosen=old.chosen,
        names=run.topics.labels,
        by_hand=old.by_hand,
        directions=old.directions,
    )
    places = Projection(np.concatenate([run.layout.coordinates, _placed(update)]))
    given = taken_over(run, depending_on("cluster") | {"count"}) | _papers(update)
    given["cluster"] = new_topics(clustering)
    given["layout"] = Given(_digest(places.coordinates), lambda _: places)
    derive(
        run,
        given,
        target,
        observer=observer,
        origin=_origin(update, f"under the topics of {len(run.corpus):,}"),
    )


def refit(update: UpdateReport, target: Path, *, observer: Observer | None = None) -> list[str]:
    """Fit all papers, old and new, and write them; topics that are there again keep number and label.

    Gives a sentence for each topic that is new, or gone.
    """
    run = update.run
    refuse_own_folder(run, target)
    publish.check_target(target)
    given = _papers(update)
    if kind_of(run.config.embed).load is None:
        # It learns its words from the papers, the new ones too.
        del given["embed"]
    elif beside := _words_of_all(update):
        given["embed"] = beside
    state = RunState(store.Cache.of(), observer or NullObserver())
    with state.holds:
        found = plan(run.config, state, given).clustering
    numbered, matched = kept_numbers(run.clustering, run.topics.labels, found)
    origin = _origin(update, "and all were grouped again; topics that came back kept their numbers")
    origin["update"]["topics"] = changes(run, numbered, numbered.names, matched)
    derive(run, given | {"cluster": new_topics(numbered)}, target, observer=observer, origin=origin)
    return changes(run, numbered, open_run(target).topics.labels, matched)


def _among(vectors: Floats, labelled: Labelled, run: Run) -> list[Rows]:
    """Groups of abstaining papers that lie as near to each other as the papers of the run's topics do."""
    from scipy.cluster.hierarchy import fcluster, linkage

    alone = np.flatnonzero(novel_papers(labelled, ABSTAIN))
    least = max(3, int(str(run.clustering.chosen.get("min_cluster_size", 3))))
    if len(alone) < least:
        return []
    tight = _distance(run)
    chosen = evenly_spaced(alone, MOST_GROUPED)
    tree = linkage(vectors[chosen].astype(np.float64), "average", metric="cosine")
    labels = fcluster(tree, tight, criterion="distance")
    found = [chosen[labels == number] for number in np.unique(labels)]
    found = [rows for rows in found if len(rows) >= least]
    rest = np.setdiff1d(alone, chosen)
    if found and len(rest):
        # The mean of unit vectors gives the mean cosine to them, which is what the linkage goes by.
        means = np.stack([vectors[rows].mean(axis=0, dtype=np.float64) for rows in found])
        distance = np.round(1 - vectors[rest].astype(np.float64) @ means.T, 9)
        nearest = np.where(distance.min(axis=1) <= tight, distance.argmin(axis=1), -1)
        found = [np.sort(np.append(rows, rest[nearest == at])) for at, rows in enumerate(found)]
    return sorted((rows for rows in found if len(rows) >= least), key=lambda rows: (-len(rows), rows[0]))


def _distance(run: Run) -> float:
    """The median, over papers, of the mean cosine distance to the other papers of the same topic."""
    groups, vectors = run.clustering, run.embeddings.vectors
    sums = np.stack(
        [vectors[groups.topic == topic].sum(axis=0, dtype=np.float64) for topic in range(groups.n_topics)]
    )
    sizes = np.bincount(groups.topic[groups.topic >= 0], minlength=groups.n_topics)
    inside = np.flatnonzero((groups.topic >= 0) & (sizes[groups.topic] > 1))
    topic = groups.topic[inside]
    # A paper has a cosine of 1 with itself.
    cosine = ((vectors[inside] * sums[topic]).sum(axis=1) - 1) / (sizes[topic] - 1)
    return max(0.0, 1 - float(np.round(np.median(cosine), 6))) if len(inside) else 0.0


def _named(
    run: Run, corpus: Corpus, vectors: Floats, labelled: Labelled, groups: Sequence[Rows], labeller: Labeller
) -> tuple[Topic, ...]:
    from topics.embed.recognised import recognised
    from topics.label.topics import label_topics
    from topics.terms.matrix import count_terms

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
    vectors = np.concatenate([run.embeddings.vectors, vectors])
    embeddings = Embeddings(vectors, run.embeddings.encoder, text_keys(corpus.texts))
    settings = run.config.label
    embed = run.config.embed
    encoder = labeller.rebuilt or recognised(run.corpus, run.embeddings, embed, run.config.random_state)
    named = label_topics(
        corpus,
        embeddings,
        together,
        count_terms(corpus, settings),
        settings,
        encode=encoder.encode if encoder else None,
        chooser=encoder.name if encoder else "",
    )
    return named.topics[old.n_topics :]


def _papers(update: UpdateReport) -> dict[str, Given]:
    run, corpus = update.run, update.corpus
    vectors = np.concatenate([run.embeddings.vectors, update.vectors])
    embeddings = Embeddings(vectors, run.embeddings.encoder, text_keys(corpus.texts))

    def write(folder: Path) -> Embeddings:
        store.copy_encoder(run.folder("embed"), folder)
        return embeddings

    texts = store.bytes_digest("\0".join([*corpus.ids, *corpus.texts]).encode("utf-8", "surrogatepass"))
    origins = store.bytes_digest("\0".join(map(str, corpus.account.to_pylist())).encode("utf-8", "replace"))
    return {
        "read": Given([texts, origins, list(corpus.notes)], lambda _: corpus),
        "embed": Given([texts, _digest(vectors), embeddings.encoder], write),
    }


def _words_of_all(update: UpdateReport) -> Given | None:
    """The model's vectors with words beside them that were learned anew; None where none stand there."""
    from topics.embed.combined import load_own_words
    from topics.embed.embed import learn_own_words

    run, texts = update.run, update.corpus.texts
    vectors, name = np.concatenate([run.embeddings.vectors, update.vectors]), run.embeddings.encoder
    old = load_own_words(run.folder("embed") / "encoder")
    if old:
        vectors, name = old.without(vectors), old.model
    elif kind_of(run.config.embed).fit:
        return None
    words = learn_own_words(
        texts,
        run.config.embed,
        name,
        random_state=run.config.random_state,
        languages=update.corpus.languages,
    )
    if not words:
        return None
    embeddings = Embeddings(words.joined_to(vectors, texts), words.name, text_keys(texts))

    def write(folder: Path) -> Embeddings:
        # How the model reads stays; the words are new.
        store.copy_encoder(run.folder("embed"), folder)
        (folder / "encoder").mkdir(exist_ok=True)
        words.save(folder / "encoder")
        return embeddings

    return Given([_digest(embeddings.vectors), words.name], write)


def _placed(update: UpdateReport) -> Floats:
    """(m, 2) where new papers stand on the run's map."""
    known = update.run.embeddings.vectors
    places = np.empty((len(update.vectors), 2), np.float32)
    n_neighbors = min(NEIGHBOURS, len(known))
    for start in range(0, len(places), 1024):
        cosine = update.vectors[start : start + 1024] @ known.T
        nearest = np.argsort(-np.round(cosine, 6), axis=1, kind="stable")[:, :n_neighbors]
        places[start : start + 1024] = update.run.layout.coordinates[nearest].mean(axis=1)
    return places


def _origin(update: UpdateReport, how: str) -> dict[str, Any]:
    n_papers = len(update.papers)
    said = f"{n_papers:,} paper{'s were' if n_papers != 1 else ' was'} added later {how}"
    return {
        "update": update.summary(),
        "inputs": update.run.summary["inputs"] | update.inputs,
        "history": [*update.run.history, said],
    }


def _digest(array: Floats | Integers) -> str:
    return store.bytes_digest(np.ascontiguousarray(array).tobytes())


def changes(run: Run, numbered: Clustering, labels: Sequence[str], matched: dict[int, int]) -> list[str]:
    """A sentence for every topic whose number or label is not what it was; labels: "" where unknown yet."""
    names, sizes = run.topics.labels, numbered.sizes
    gone = set(range(len(names))) - set(matched.values())
    lines = []
    for number in range(numbered.n_topics):
        named = f"{number} ({labels[number]})" if labels[number] else f"{number}"
        old = matched.get(number)
        if old is None:
            before = f"; before, {number} was {names[number]}" if number < len(names) else ""
            lines.append(
                f"{named} is new, {sizes[number]} papers{before}{', which is gone' * (number in gone)}"
            )
        elif old != number:
            renamed = f" ({labels[number]})" * (labels[number] not in ("", names[old]))
            lines.append(f"{old} ({names[old]}) is now {number}{renamed}")
        elif labels[number] not in ("", names[old]):
            lines.append(f"{named} has other papers than before, when it was {names[old]}")
    told = {number for number in range(numbered.n_topics) if number not in matched}
    return [*lines, *(f"{old} ({names[old]}) is gone" for old in sorted(gone - told))]


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
    account = _replaced(_replaced(read.account, "kept", kept), "reason", reasons)
    papers = pa.concat_tables([old.papers, read.papers.take(new).cast(old.papers.schema)])
    return Corpus(
        papers,
        pa.concat_tables([old.account, account.cast(old.account.schema)]),
        tuple(dict.fromkeys((*old.notes, *read.notes))),
    )


def with_free_ids(read: Corpus, new: Rows, taken: Sequence[str]) -> tuple[Corpus, int]:
    """The papers just read, with ids of the rows `new` that no paper of the run has, and how many changed."""
    ids, others = list(read.ids), set(taken)
    used = others | set(ids)
    changed = 0
    for row in new.tolist():
        free, number = ids[row], 1
        while free in (used if number > 1 else others):
            number += 1
            free = f"{ids[row]}-{number}"
        used.add(free)
        changed += number > 1
        ids[row] = free
    if not changed:
        return read, 0
    names = iter(ids)
    account = [
        next(names) if kept else name
        for kept, name in zip(
            *(read.account.column(part).to_pylist() for part in ("kept", "id")), strict=True
        )
    ]
    note = f"{new_papers(changed)} had the id of another paper of the run and got a number added to it"
    papers, told = _replaced(read.papers, "id", ids), _replaced(read.account, "id", account)
    return Corpus(papers, told, (*read.notes, note)), changed


def new_papers(number: int) -> str:
    return counted(number, "new paper")


def _replaced(table: pa.Table, name: str, values: list[Any]) -> pa.Table:
    import pyarrow as pa

    field = table.schema.field(name)
    return table.set_column(table.column_names.index(name), field, pa.array(values, field.type))
