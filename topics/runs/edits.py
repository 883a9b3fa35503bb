"""What a person changes in the topics of a run: renamed, merged, split, dropped, papers moved.

Files of edits are read, checked and described here.

Numbers in an edit are the run's own, whatever edits came before; a topic can be called by its label as well.
Topics that stay keep their numbers as far as no gap is left, and those that are split off come last. Where
papers belong after an edit is settled by the edit; where the one rule says otherwise, the paper is
held by hand (`Clustering.by_hand`), so `topics.cluster.assign` remains the one rule for papers to come.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import BeforeValidator, Field, StrictInt, StrictStr, ValidationError

from topics.cluster.assign import assign, similarities
from topics.cluster.discriminant import discriminants, spread_inside
from topics.config import Section
from topics.config.fields import Name
from topics.config.load import explain, read_yaml
from topics.errors import EditError
from topics.types import OUTLIER, Clustering, Doubles, Embeddings, Floats, Rows, counted, share_of_many
from topics.types.arrays import unit

Ref = StrictInt | StrictStr
Paper = Annotated[str, BeforeValidator(str)]
Papers = Annotated[tuple[Paper, ...], Field(min_length=1)]


SAME = 0.5
"""From this share of common papers, of those in either, two topics are the same one in two runs."""


class Rename(Section):
    topic: Ref
    to: Name


class Merge(Section):
    topics: Annotated[tuple[Ref, ...], Field(min_length=2)]
    label: Name | None = None


class Split(Section):
    topic: Ref
    into: Annotated[int, Field(ge=2, le=50)] | None = None
    papers: tuple[Paper, ...] = ()
    label: Name | None = None


class Drop(Section):
    topic: Ref


class Move(Section):
    papers: Papers
    to: Ref


class Edit(Section):
    """One change; exactly one of the keys."""

    rename: Rename | None = None
    merge: Merge | None = None
    split: Split | None = None
    drop: Drop | None = None
    move: Move | None = None


class Edits(Section):
    edits: tuple[Edit, ...]


Change = Rename | Merge | Split | Drop | Move


def read_edits(path: Path) -> tuple[Change, ...]:
    """The changes of a YAML file, in their order.

    Raises ConfigError: it is not readable or not YAML. Raises EditError: anything else in it that is no edit.
    """
    return changes_of(read_yaml(path, "a file of edits begins with the line `edits:`"), str(path))


def changes_of(tree: Mapping[str, Any], path: str) -> tuple[Change, ...]:
    """The changes that such a file holds; `path` is what errors call it. Raises EditError: as above."""
    try:
        found = Edits.model_validate(tree)
    except ValidationError as error:
        raise EditError(explain(error, path, Edits)) from None
    changes = []
    for number, entry in enumerate(found.edits, start=1):
        parts: list[Change] = [part for _, part in entry if part is not None]
        if len(parts) != 1:
            raise EditError(
                f"{path}: entry {number} of edits has {len(parts)} changes, but must have one of "
                f"{', '.join(Edit.model_fields)}"
            )
        change = parts[0]
        if isinstance(change, Split) and (change.into is None) == (not change.papers):
            raise EditError(
                f"{path}: entry {number} of edits: split says either into how many topics, or which papers go"
            )
        if isinstance(change, Split) and change.label and (change.into or 2) > 2:
            raise EditError(
                f"{path}: entry {number} of edits: split has one label, but into {change.into} it splits off "
                f"{(change.into or 2) - 1} topics; leave the label out, or split into 2"
            )
        changes.append(change)
    if not changes:
        raise EditError(f"{path} holds no edits")
    return tuple(changes)


def describe(change: Change) -> str:
    """The change in a few words, as it stands in the file."""
    parts = [
        f"{name} {value}" for name, value in change.model_dump(mode="json").items() if value not in (None, [])
    ]
    return f"{type(change).__name__.lower()}: {', '.join(parts)}".replace("'", "")


@dataclass
class TopicEditor:
    """The topics of one run while they are edited.

    ids: (n,) of the papers. vectors: (n, d) unit rows. labels: by the run's numbers. topic and nearest hold
    these numbers, and new ones for topics that are split off; settled says which labels need not be found.
    """

    clustering: Clustering
    ids: Sequence[str]
    vectors: Floats
    labels: dict[int, str]
    random_state: int
    topic: Rows = field(init=False)
    nearest: Rows = field(init=False)
    settled: set[int] = field(init=False)
    regrouped: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.topic = np.array(self.clustering.topic, np.int64)
        self.nearest = np.array(self.clustering.nearest_topic, np.int64)
        self.settled = set(self.labels)
        self._places = {name: row for row, name in enumerate(self.ids)}

    @cached_property
    def _spread(self) -> Doubles | None:
        """What the run's own directions were made with, or nearly: topics keep theirs unless regrouped."""
        found = self.clustering
        if np.array_equal(found.directions, found.centroids):
            return None
        # In an order that does not depend on the file, since of many papers it is learned from some.
        order = Embeddings(self.vectors, "").order
        return spread_inside(self.vectors[order], found.nearest_topic[order], share_of_many(len(order)))

    def find(self, ref: Ref) -> int:
        """The number of a topic that an edit names.

        Raises EditError: there is none.
        """
        text = str(ref).strip().casefold()
        if text.isascii() and text.isdecimal() and int(text) in self.labels:
            return int(text)
        for number, label in self.labels.items():
            if label and label.casefold() == text:
                return number
        known = [label for label in self.labels.values() if label]
        near = difflib.get_close_matches(str(ref), known, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]!r}?" if near else ""
        there = ", ".join(f"{number} {label}".strip() for number, label in sorted(self.labels.items()))
        raise EditError(f"there is no topic {ref!r}; {hint or f'there are: {there}'}")

    def rows(self, papers: Iterable[str]) -> Rows:
        """Raises EditError: a paper is not there."""
        names = list(dict.fromkeys(papers))
        for name in names:
            if name not in self._places:
                near = difflib.get_close_matches(name, self._places, n=1, cutoff=0.6)
                hint = f"did you mean {near[0]!r}?" if near else "assignments.csv lists the ids"
                raise EditError(f"there is no paper {name!r}; {hint}")
        return np.array([self._places[name] for name in names], np.int64)

    def members(self, topic: int) -> Rows:
        return np.flatnonzero(self.topic == topic)

    def apply(self, change: Change) -> None:
        """Make one change, wholly or not at all.

        Raises EditError: it names a topic or a paper that is not there, or leaves a topic without papers.
        """
        before = self.topic.copy(), self.nearest.copy(), dict(self.labels), self.settled, set(self.regrouped)
        try:
            _CHANGES[type(change)](self, change)
            self._check()
        except EditError:
            self.topic, self.nearest, self.labels, self.settled, self.regrouped = before
            raise

    def _check(self) -> None:
        names = [label.casefold() for label in self.labels.values() if label]
        for number, label in self.labels.items():
            if not (self.topic == number).any():
                raise EditError(
                    f"this leaves topic {number} ({label}) without papers; drop or merge it instead"
                )
            if label and names.count(label.casefold()) > 1:
                raise EditError(f"two topics would be called {label!r}; give one of them another name")

    def rename(self, change: Rename) -> None:
        number = self.find(change.topic)
        self._name(number, change.to)

    def merge(self, change: Merge) -> None:
        numbers = list(dict.fromkeys(self.find(ref) for ref in change.topics))
        if len(numbers) < 2:
            raise EditError("merge names one topic twice; name two or more")
        for number in numbers[1:]:
            self.topic[self.topic == number] = numbers[0]
            self.nearest[self.nearest == number] = numbers[0]
            del self.labels[number]
        self.regrouped.add(numbers[0])
        self._name(numbers[0], change.label)

    def split(self, change: Split) -> None:
        number = self.find(change.topic)
        if change.into:
            self._divide(number, change.into, change.label)
            return
        rows = self.rows(change.papers)
        elsewhere = [row for row in rows.tolist() if self.nearest[row] != number]
        if elsewhere:
            raise EditError(
                f"paper {self.ids[elsewhere[0]]!r} is not in topic {number} but in "
                f"{self.nearest[elsewhere[0]]}; move it instead"
            )
        fresh = self._fresh()
        self.topic[rows] = self.nearest[rows] = fresh
        self.labels[fresh] = ""
        self.regrouped |= {number, fresh}
        self._name(fresh, change.label)

    def _divide(self, number: int, into: int, label: str | None) -> None:
        """Spherical k-means of the papers; the largest part keeps the number, the next the label."""
        from sklearn.cluster import KMeans
        from threadpoolctl import threadpool_limits

        inside = self.members(number)
        if len(inside) < into:
            raise EditError(
                f"topic {number} has {counted(len(inside), 'paper')} and cannot be split into {into}"
            )
        order = inside[np.lexsort(self.vectors[inside].T[::-1])]
        # One thread: a sum split among cores comes out differently with their number.
        with threadpool_limits(1):
            parts = KMeans(into, n_init=10, random_state=self.random_state).fit_predict(self.vectors[order])
        if len(set(parts.tolist())) < into:
            raise EditError(f"the papers of topic {number} are too alike to be split into {into}")
        ranked = np.argsort(-np.bincount(parts), kind="stable")
        numbers = [number, *(self._fresh() + more for more in range(into - 1))]
        self.topic[order] = np.array(numbers)[np.argsort(ranked)[parts]]
        self.nearest[order] = self.topic[order]
        centroids = np.stack([_mean(self.vectors[self.members(part)]) for part in numbers])
        rest = np.flatnonzero((self.nearest == number) & (self.topic != number))
        nearest, _ = assign(self.vectors[rest], discriminants(centroids, self._spread), 1.0)
        self.nearest[rest] = np.array(numbers)[nearest]
        self.regrouped |= set(numbers)
        for part in numbers:
            self._name(part, label if part == numbers[1] else None)

    def drop(self, change: Drop) -> None:
        number = self.find(change.topic)
        if len(self.labels) == 1:
            raise EditError(f"topic {number} is the only one and cannot be dropped")
        self.topic[self.topic == number] = OUTLIER
        self.nearest[self.nearest == number] = OUTLIER
        del self.labels[number]

    def move(self, change: Move) -> None:
        rows = self.rows(change.papers)
        if _is_outlier(change.to):
            self.topic[rows] = OUTLIER
            return
        self.topic[rows] = self.nearest[rows] = self.find(change.to)

    def _name(self, number: int, label: str | None) -> None:
        """Settle a label, or leave it to be found."""
        self.labels[number] = label.strip() if label else ""
        self.settled = self.settled | {number} if label else self.settled - {number}

    def _fresh(self) -> int:
        return max(*self.labels, int(self.nearest.max()), self.clustering.n_topics - 1) + 1

    def _place(self, number: int) -> tuple[Floats, Floats]:
        """The (d,) centroid and direction of a topic: those that it had, unless its papers are others now."""
        if number not in self.regrouped:
            return self.clustering.centroids[number], self.clustering.directions[number]
        middle = _mean(self.vectors[self.members(number)])
        return middle, discriminants(middle[None], self._spread)[0]

    def finished(self) -> Clustering:
        """The edited clustering: topics in the order of their numbers, without gaps."""
        order = sorted(self.labels)
        old = self.clustering
        centroids, compared = map(np.stack, zip(*map(self._place, order), strict=True))
        places = {number: place for place, number in enumerate(order)}
        topic = np.array([places.get(number, OUTLIER) for number in self.topic.tolist()], np.int32)
        nearest = np.array([places.get(number, OUTLIER) for number in self.nearest.tolist()], np.int32)
        rule, probability = assign(self.vectors, compared, old.temperature)
        nearest = np.where(nearest == OUTLIER, rule, nearest)
        by_hand = np.flatnonzero(nearest != rule).astype(np.int32)
        cosine = similarities(self.vectors[by_hand], compared) / old.temperature
        cosine = np.exp(cosine - cosine.max(axis=1, keepdims=True))
        probability = np.array(probability)
        probability[by_hand] = cosine[np.arange(len(by_hand)), nearest[by_hand]] / cosine.sum(axis=1)
        return Clustering(
            topic=topic,
            nearest_topic=nearest,
            probability=probability,
            centroids=centroids,
            directions=compared,
            temperature=old.temperature,
            chosen={**old.chosen, "n_topics": len(order)},
            names=tuple(self.labels[number] if number in self.settled else "" for number in order),
            by_hand=by_hand,
        )


_CHANGES: dict[type[Change], Callable[[TopicEditor, Any], None]] = {
    Rename: TopicEditor.rename,
    Merge: TopicEditor.merge,
    Split: TopicEditor.split,
    Drop: TopicEditor.drop,
    Move: TopicEditor.move,
}


@dataclass(frozen=True)
class Outcome:
    """What became of one edit. why: the reason, where it was not applied, or only in part."""

    edit: str
    applied: bool
    why: str = ""


def replay(editor: TopicEditor, changes: Sequence[Change], written_for: TopicEditor) -> list[Outcome]:
    """Apply edits that were written for another run of (some of) the same papers, where they still fit.

    A topic of the other run is found again as the one with which it has the most papers in common.
    """
    outcomes = []
    for number, change in enumerate(changes, start=1):
        what = describe(change)
        try:
            here, why = _translated(change, written_for, editor)
        except EditError as error:
            here, why = None, str(error)
        try:
            written_for.apply(change)
        except EditError as error:
            raise EditError(f"edit {number} ({what}): {error}") from None
        if here:
            try:
                editor.apply(here)
            except EditError as error:
                here, why = None, str(error)
        outcomes.append(Outcome(what, here is not None, why))
    return outcomes


def _translated(change: Change, there: TopicEditor, here: TopicEditor) -> tuple[Change, str]:
    """The change with this run's numbers and the papers that it has."""
    update: dict[str, Any] = {}
    why = ""
    if not isinstance(change, Merge | Move):
        update["topic"] = _counterpart(change.topic, there, here)
    if isinstance(change, Move) and not _is_outlier(change.to):
        update["to"] = _counterpart(change.to, there, here)
    if isinstance(change, Merge):
        update["topics"] = tuple(_counterpart(ref, there, here) for ref in change.topics)
    if isinstance(change, Move | Split) and change.papers:
        held = set(here.ids)
        update["papers"] = tuple(paper for paper in change.papers if paper in held)
        missing = len(change.papers) - len(update["papers"])
        if not update["papers"]:
            raise EditError("none of its papers is in this run")
        why = f"{missing} of its papers are not in this run" if missing else ""
    return change.model_copy(update=update), why


def _counterpart(ref: Ref, there: TopicEditor, here: TopicEditor) -> int:
    number = there.find(ref)
    places = {name: row for row, name in enumerate(here.ids)}
    shared = np.array([(row, places[name]) for row, name in enumerate(there.ids) if name in places], np.int64)
    if not len(shared):
        raise EditError("the two runs have no paper in common")
    own = there.nearest[shared[:, 0]] == number
    best, overlap = -1, 0.0
    for candidate in sorted(here.labels):
        other = here.nearest[shared[:, 1]] == candidate
        share = float((own & other).sum()) / max(float((own | other).sum()), 1.0)
        if share > overlap:
            best, overlap = candidate, share
    if overlap < SAME:
        nearest = f", topic {best} {here.labels[best]}".rstrip() if best >= 0 else ""
        raise EditError(
            f"no topic here has as many as {SAME:.0%} of its papers in common with {ref!r} (at most "
            f"{overlap:.0%}{nearest})"
        )
    return best


def _is_outlier(ref: Ref) -> bool:
    return str(ref).casefold() in ("outlier", "outliers", "-1")


def _mean(vectors: Floats) -> Floats:
    return unit(vectors.astype(np.float64).sum(axis=0)).astype(np.float32)
