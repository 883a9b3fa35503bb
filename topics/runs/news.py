"""What new papers say about a finished run, and what a new fit has made of its topics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from topics.runs.additions import new_papers
from topics.runs.predict import ABSTAIN, BESIDE, strangers
from topics.runs.run import Run
from topics.types import OUTLIER, Clustering, Corpus, Floats, Labelled, Topic

Mask = npt.NDArray[np.bool_]

SURE = 0.01
"""Chance, at most, of so many abstentions among papers like the run's own, for them to mean something."""


@dataclass(frozen=True)
class News:
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
        return int(self._strange.sum())

    @cached_property
    def _strange(self) -> Mask:
        return strangers(self.labelled, ABSTAIN)

    @property
    def beside(self) -> int:
        """Papers like those that a zero-shot run leaves without a topic."""
        return int(((self.labelled.topic == OUTLIER) & ~self._strange).sum())

    @property
    def outgrown(self) -> bool:
        """Whether the topics no longer fit the new papers."""
        return bool(self.fresh) or self.chance < SURE

    def lines(self, *, fitted_again: bool = False) -> list[str]:
        """The news in sentences; fitted_again: there is nothing left to advise."""
        n = len(self.papers)
        lines = [
            f"{new_papers(n)} labelled, {self.known:,} already in the run",
            f"{self.abstained:,} of them ({self.abstained / n:.0%}) are unlike all papers of the run; of "
            f"papers like the run's own it would be {ABSTAIN:.0%}",
        ]
        if self.renamed:
            lines.append(f"{self.renamed:,} of them had another paper's id and got a number added to it")
        if self.beside:
            lines.append(f"{self.beside:,} of them ({self.beside / n:.0%}) {BESIDE}")
        lines += [
            f"new topic: {topic.label}, {topic.size} papers "
            f"({', '.join(keyword.term for keyword in topic.keywords[:5])})"
            for topic in self.fresh
        ]
        for topic, many in enumerate(
            np.bincount(self.labelled.nearest_topic, minlength=len(self.run.topics))
        ):
            away = int(((self.labelled.nearest_topic == topic) & self._strange).sum())
            if away >= 3 and away > many / 2:
                label = self.run.topics[topic].label
                lines.append(f"topic {topic} ({label}) fits badly: {away} of the {many} papers nearest to it")
        if not fitted_again:
            lines.append(
                "The topics no longer fit: fit all papers again with --refit."
                if self.outgrown
                else "The topics fit the new papers."
            )
        return lines

    def summary(self) -> dict[str, Any]:
        return {
            "new": len(self.papers),
            "known": self.known,
            "renamed": self.renamed,
            "abstained": self.abstained,
            "beside": self.beside,
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
