"""Terms, and the topics that they name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Annotated

import numpy as np
from pydantic import AliasChoices, Field

from topics.types.arrays import Floats, Integers, Rows, freeze

if TYPE_CHECKING:
    import scipy.sparse as sp


FITTING = 0.5
"""Share of a topic's papers that a label must fit, or that is said."""

FEWEST_FOR_A_SHARE = 3
"""A topic of fewer papers is not doubted for the share of them that its label fits."""


@dataclass(frozen=True)
class Counts:
    """The document-term matrix and what stands beside each term.

    matrix: (n, v) scipy CSR int32. terms: (v,) as the authors write them, sorted without regard to case.
    before, after: (v, 5) int32, how often a term's neighbour on either side is punctuation or nothing, a
        determiner, a word that announces a verb ("we", "to", "can"), another stop word, a content word.
    continued: (v, 2) float32, the share of the commonest word before and after it, content or "of", looked
        for beyond "and" and beyond other stop words inside a name; all numerals after it are one word.
    The last three are evidence on where a phrase begins and ends; left out, they are all zero.
    """

    matrix: sp.csr_matrix
    terms: tuple[str, ...]
    before: Integers = field(default_factory=lambda: np.zeros((0, 5), dtype=np.int32))
    after: Integers = field(default_factory=lambda: np.zeros((0, 5), dtype=np.int32))
    continued: Floats = field(default_factory=lambda: np.zeros((0, 2), dtype=np.float32))

    def __post_init__(self) -> None:
        terms = len(self.terms)
        if self.matrix.shape[1] != terms:
            raise ValueError(f"Counts: {self.matrix.shape[1]} columns but {terms} terms")
        for name, dtype, columns in (
            ("before", np.int32, 5),
            ("after", np.int32, 5),
            ("continued", np.float32, 2),
        ):
            given = getattr(self, name)
            table = freeze(self, name, given if len(given) else np.zeros((terms, columns)), dtype, 2)
            if table.shape != (terms, columns):
                raise ValueError(f"Counts.{name} must have shape {(terms, columns)}, not {table.shape}")

    def of(self, rows: Rows) -> Counts:
        """Those of the papers `rows`, with the terms that one of them uses."""
        matrix = self.matrix.tocsr()[rows]
        used = np.flatnonzero(np.bincount(matrix.indices, minlength=len(self.terms)) > 0)
        return replace(self, matrix=matrix).with_terms(used)

    def with_terms(self, columns: Rows) -> Counts:
        """Those of the terms `columns`, in that order."""
        return Counts(
            self.matrix[:, columns],
            tuple(self.terms[column] for column in columns.tolist()),
            self.before[columns],
            self.after[columns],
            self.continued[columns],
        )


@dataclass(frozen=True)
class Keyword:
    """A term and its c-TF-IDF weight in one topic."""

    term: str
    weight: float


@dataclass(frozen=True)
class LabelFit:
    """A name of a topic and the shares of its papers that it fits, from 0 to 1 (`topics.label.coverage`).

    words: by their words. encoder: by an encoder that did not choose it. share: by one or the other.
    """

    name: str
    share: float
    words: float
    encoder: float


@dataclass(frozen=True)
class Topic:
    """One named topic. `representative` are row numbers of the corpus, most central first.

    joined_keywords: those that, with the label that its papers gave it, best lead a paper to this topic.
    fit: how many of its papers its label fits, None where that was not asked. others: further names for it.
    """

    id: int
    label: str
    size: int
    keywords: tuple[Keyword, ...]
    representative: tuple[int, ...]
    joined_keywords: Annotated[
        tuple[str, ...], Field(validation_alias=AliasChoices("joined_keywords", "beside"))
    ] = ()
    fit: LabelFit | None = None
    others: tuple[LabelFit, ...] = ()

    def __post_init__(self) -> None:
        if not self.label.strip() or self.size < 1 or not self.keywords:
            raise ValueError(f"Topic {self.id} needs a label, a size of at least 1 and keywords")

    @property
    def doubt(self) -> str:
        """What there is to say against its label, or ""; of a handful of papers nothing is."""
        if self.fit is None or self.fit.share >= FITTING or self.size < FEWEST_FOR_A_SHARE:
            return ""
        return f"its label fits {round(self.fit.share * self.size):,} of {self.size:,} papers"

    @property
    def name(self) -> str:
        """The label and the keywords joined to it: too long for a map, but it finds more of the papers."""
        return ", ".join([self.label, *self.joined_keywords])


@dataclass(frozen=True)
class Topics:
    """All topics in the order of their ids, 0 first.

    encoder: the name of the encoder that chose among phrases, or that of the vectors where none did; "" where
        that is not known.
    """

    topics: tuple[Topic, ...]
    encoder: str = ""

    def __post_init__(self) -> None:
        if [topic.id for topic in self.topics] != list(range(len(self.topics))):
            raise ValueError("Topics must be numbered 0, 1, 2, ... in order")
        labels = [topic.label.casefold() for topic in self.topics]
        if len(set(labels)) != len(labels):
            raise ValueError("Topics: labels must be unique within a run")

    def __len__(self) -> int:
        return len(self.topics)

    def __getitem__(self, topic: int) -> Topic:
        return self.topics[topic]

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(topic.label for topic in self.topics)

    def relabelled(self, labels: Sequence[str], fits: Sequence[LabelFit] = ()) -> Topics:
        """These topics under other labels, one for each.

        Joined keywords that the new label contains are left out. A label that is replaced becomes
        the first of the topic's `others`, where its fit is known. fits: those of the new labels; () where
        they are not known.
        """
        known: Sequence[LabelFit | None] = fits or [None] * len(labels)
        return Topics(
            tuple(
                replace(
                    topic,
                    label=label,
                    joined_keywords=tuple(
                        word for word in topic.joined_keywords if word.casefold() not in label.casefold()
                    ),
                    fit=fit,
                    others=topic.others
                    if label == topic.label or not topic.fit
                    else (topic.fit, *topic.others),
                )
                for topic, label, fit in zip(self.topics, labels, known, strict=True)
            ),
            self.encoder,
        )


@dataclass(frozen=True)
class Answer:
    """What a language model was asked about one topic, and what became of it.

    own: the label that the topic had. prompt: sha256 of what was asked, in hex. answer: its text, cut.
    why: the reason why it did not become the label, "" where it did.
    """

    topic: int
    own: str
    prompt: str
    answer: str
    why: str


@dataclass(frozen=True)
class Names:
    """Labels worded by a language model. Both empty where none was asked.

    labels: one per topic, in the order of their ids. answers: one per topic that it was asked about.
    fits: one per label, how many of the topic's papers it fits.
    """

    labels: tuple[str, ...] = ()
    answers: tuple[Answer, ...] = ()
    fits: tuple[LabelFit, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """A sentence on the topics whose label is not the model's."""
        refused = [answer for answer in self.answers if answer.why]
        if not refused:
            return ()
        each = "; ".join(f"{answer.topic} {answer.own}: {answer.why}" for answer in refused)
        share = f"{len(refused)} of {len(self.answers)}"
        return (
            f"The language model's answers for {share} topics are no labels, and these keep ours ({each}).",
        )
