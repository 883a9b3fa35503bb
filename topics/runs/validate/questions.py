"""Blind questions about a run: what a person is shown, and what the right answer is.

Word intrusion, and topic intrusion turned around to papers, are due to Chang et al. (2009), "Reading tea
leaves: how humans interpret topic models". Of the two kinds of question about labels, one shows four and the
other one; some of the latter show a label of another topic, so that people who say yes to anything are seen.
Papers are drawn by topics (stratified), as many as the precision asked for needs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import TYPE_CHECKING

import numpy as np

from topics.errors import CorpusError
from topics.output.maps.typeset import clean
from topics.terms.lexicon import crude
from topics.trends.shares import Z
from topics.types import Doubles, Integers, Longs

if TYPE_CHECKING:
    from topics.types.run import Values

WORDS, PAPERS, WHICH, FIT = "word_intrusion", "paper_intrusion", "which_label", "label_fit"

ASKED = {
    WORDS: "All but one of these words belong together. Which one does not?",
    PAPERS: "All but one of these papers are about one subject. Which one is not?",
    WHICH: "Which of these labels fits this paper best?",
    FIT: "Does this label fit this paper?",
}
"""The tasks in the order in which they are asked: labels are chosen before one is shown as given."""

NONE = "none of these"
FITS = ("fits", "fits partly", "does not fit")
LETTERS = "ABCDEF"

OWN_WORDS, OWN_PAPERS, LABELS = 5, 4, 4
"""What belongs together, beside the one intruder; and labels to choose from."""

CONTROLS = 5
"""Among so many questions whether a label fits, one shows another topic's label. These come besides the
sample."""

AT_LEAST = 3
"""Papers that are drawn of each topic, where it has them."""

RARE = 0.05
"""Largest share of a topic's papers that may use the word which does not belong there."""

BEGINNING = 220
"""Signs of an abstract that stand beside a title to choose from."""


@dataclass(frozen=True)
class Question:
    """What is shown, and what is not: the key.

    number: from 1, in the order of the sheet. title, abstract, label: shown above the options, "" for none.
    right: the place of the right option; for a label that is shown as given 0 where it is the paper's own,
        and the last place where it is another topic's. topic: that the question is about; control: whether it
        shows another topic's label. of: the topic of each option, -1 where it has none.
    """

    number: int
    task: str
    options: tuple[str, ...]
    right: int
    topic: int
    title: str = ""
    abstract: str = ""
    label: str = ""
    control: bool = False
    of: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if self.task not in ASKED or not 2 <= len(self.options) <= len(LETTERS):
            raise ValueError("Question needs a known task and two to six options")
        if not 0 <= self.right < len(self.options):
            raise ValueError("Question.right must be the place of an option")


def sample_size(papers: int, precision: float) -> int:
    """How many of `papers` must be drawn so that a share's 95 % interval reaches at most `precision` to
    either side, whatever the share: Cochran's formula (1977) for one half, corrected for a finite population.
    """
    endless = Z**2 * 0.25 / precision**2
    return min(papers, ceil(round(endless / (1 + (endless - 1) / papers), 6)))


def allocated(sizes: Integers, n_questions: int) -> Longs:
    """(k,) papers to draw of each topic: in proportion, by largest remainders, and `AT_LEAST` of each.

    sizes: (k,) papers there are.
    """
    exact = n_questions * sizes / sizes.sum()
    drawn = np.floor(exact).astype(np.int64)
    drawn[np.argsort(drawn - exact, kind="stable")[: n_questions - drawn.sum()]] += 1
    found: Longs = np.minimum(np.maximum(drawn, AT_LEAST), sizes).astype(np.int64)
    return found


def ask(run: Values, precision: float, seed: int) -> tuple[Question, ...]:
    """All questions, in the order of the sheet; the same run, precision and seed give the same.

    Raises CorpusError: the run has one topic, so nothing can be told apart.
    """
    if len(run.topics) < 2:
        raise CorpusError("The run has one topic, so there is nothing to tell apart; validate needs two.")
    generator = np.random.default_rng([seed, 1])
    rows = _drawn(run, precision, generator)
    more = _further(run, rows, generator)
    tasks: Sequence[Iterator[Question]] = (
        _word_intrusion(run, generator),
        _paper_intrusion(run, generator),
        _which_label(run, rows, generator),
        _label_fit(run, rows, more, generator),
    )
    found: list[Question] = []
    for questions in tasks:
        some = list(questions)
        for place in generator.permutation(len(some)).tolist():
            found.append(replace(some[place], number=len(found) + 1))
    return tuple(found)


def _drawn(run: Values, precision: float, generator: np.random.Generator) -> list[int]:
    """Rows of papers with a topic, of each topic as many as `allocated` says."""
    topic, sizes = run.clustering.topic, run.clustering.sizes
    allotted = allocated(sizes, sample_size(int(sizes.sum()), precision))
    order = run.embeddings.order
    rows: list[int] = []
    for k, number in enumerate(allotted.tolist()):
        # In the order of their texts, so that the order of the input changes nothing.
        own = order[topic[order] == k]
        rows += np.sort(generator.choice(own, number, replace=False)).tolist()
    return rows


def _further(run: Values, rows: Sequence[int], generator: np.random.Generator) -> list[int]:
    """Rows for control questions: papers that were not drawn, and where none are left, drawn ones."""
    order, topic = run.embeddings.order, run.clustering.topic
    n_controls = ceil(len(rows) / (CONTROLS - 1))
    left = np.setdiff1d(order[topic[order] >= 0], rows)
    left = order[np.isin(order, left)]
    found: list[int] = generator.choice(left, min(n_controls, len(left)), replace=False).tolist()
    found += generator.choice(rows, n_controls - len(found), replace=False).tolist()
    return found


def _word_intrusion(run: Values, generator: np.random.Generator) -> Iterator[Question]:
    """The first keywords of a topic and one of another topic's that hardly any of its papers use."""
    words = [[keyword.term for keyword in topic.keywords] for topic in run.topics.topics]
    used = _usage(run, sorted({term for own in words for term in own}))
    for k, own in enumerate(words):
        said = {crude(part) for term in own for part in term.split()}
        others = [
            (term, other)
            for other, theirs in enumerate(words)
            if other != k
            for term in theirs[:OWN_WORDS]
            if said.isdisjoint(crude(part) for part in term.split()) and used[term][k] <= RARE
        ]
        if len(own) >= 2 and others:
            term, other = others[int(generator.integers(len(others)))]
            shown = [(word, k) for word in own[:OWN_WORDS]]
            yield _intrusion(WORDS, k, shown, (term, other), generator)


def _usage(run: Values, terms: Sequence[str]) -> dict[str, Doubles]:
    """(k,) the share of each topic's papers that use a term."""
    counts, nearest = run.counts, run.clustering.nearest_topic
    place = {term: column for column, term in enumerate(counts.terms)}
    sizes = np.bincount(nearest, minlength=len(run.topics))
    matrix = counts.matrix.tocsc()
    found = {}
    for term in terms:
        rows = matrix[:, [place[term]]].indices if term in place else np.zeros(0, np.int32)
        found[term] = np.bincount(nearest[rows], minlength=len(sizes)) / np.maximum(sizes, 1)
    return found


def _paper_intrusion(run: Values, generator: np.random.Generator) -> Iterator[Question]:
    """Papers drawn from a topic, and one of another topic that has no listed share of this one."""
    topic, members, order = run.clustering.topic, run.memberships, run.embeddings.order
    paper = np.repeat(np.arange(len(members)), np.diff(members.starts))
    for k in range(len(run.topics)):
        own = order[topic[order] == k]
        near = np.zeros(len(members), bool)
        near[paper[members.topics == k]] = True
        others = order[(topic[order] >= 0) & (topic[order] != k) & ~near[order]]
        if len(own) >= 2 and len(others):
            shown = generator.choice(own, min(OWN_PAPERS, len(own)), replace=False).tolist()
            intruder = int(generator.choice(others))
            yield _intrusion(
                PAPERS,
                k,
                [(_short(run, row), k) for row in shown],
                (_short(run, intruder), int(topic[intruder])),
                generator,
            )


def _intrusion(
    task: str,
    topic: int,
    own: list[tuple[str, int]],
    intruder: tuple[str, int],
    generator: np.random.Generator,
) -> Question:
    options, right = _shuffled([intruder, *own], generator)
    return Question(
        0, task, tuple(text for text, _ in options), right, topic, of=tuple(one for _, one in options)
    )


def _shuffled(
    options: Sequence[tuple[str, int]], generator: np.random.Generator
) -> tuple[list[tuple[str, int]], int]:
    """The options in another order, and where the first of them has gone."""
    order = generator.permutation(len(options)).tolist()
    return [(_plain(options[place][0]), options[place][1]) for place in order], order.index(0)


def _which_label(run: Values, rows: Sequence[int], generator: np.random.Generator) -> Iterator[Question]:
    """The label of a paper's topic, that of the topic nearest to it besides, and two of others."""
    labels, topic, second = run.topics.labels, run.clustering.topic, run.memberships.second_topic
    for row in rows:
        own, next_to = int(topic[row]), int(second[row])
        others = [k for k in range(len(labels)) if k not in (own, next_to)]
        more = generator.permutation(others)[: LABELS - 2].tolist()
        options, right = _shuffled([(labels[k], k) for k in (own, next_to, *more)], generator)
        yield Question(
            0,
            WHICH,
            (*(text for text, _ in options), NONE),
            right,
            own,
            *_shown(run, row),
            of=(*(k for _, k in options), -1),
        )


def _label_fit(
    run: Values, rows: Sequence[int], more: Sequence[int], generator: np.random.Generator
) -> Iterator[Question]:
    """Whether its topic's label fits each paper drawn; to papers of `more` another topic's is shown."""
    labels, topic, second = run.topics.labels, run.clustering.topic, run.memberships.second_topic
    for row in rows:
        own = int(topic[row])
        yield Question(0, FIT, FITS, 0, own, *_shown(run, row), label=_plain(labels[own]))
    for row in more:
        own = int(topic[row])
        others = [k for k in range(len(labels)) if k not in (own, int(second[row]))] or [int(second[row])]
        label = _plain(labels[int(generator.choice(others))])
        yield Question(0, FIT, FITS, len(FITS) - 1, own, *_shown(run, row), label=label, control=True)


def _shown(run: Values, row: int) -> tuple[str, str]:
    """Title and abstract."""
    return _plain(run.corpus.titles[row]), _plain(run.corpus.abstracts[row])


def _short(run: Values, row: int) -> str:
    """The title and the beginning of the abstract."""
    title, abstract = _shown(run, row)
    if len(abstract) > BEGINNING:
        abstract = f"{abstract[:BEGINNING].rpartition(' ')[0] or abstract[:BEGINNING]} ..."
    return " - ".join(part for part in (title, abstract) if part)


def _plain(text: str) -> str:
    """One line without control and direction characters."""
    return " ".join(clean(text).split())
