"""What people, and language models, who answered blind questions about a run say of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Proportion:
    """A share with its 95 % interval.

    right: how many were right, of several coders in the mean, so not always whole; of: how many questions.
    """

    right: float
    of: int
    share: float
    low: float
    high: float

    def __post_init__(self) -> None:
        if not 0 <= self.low <= self.share <= self.high <= 1:
            raise ValueError("Proportion: a share lies inside its interval, and that in [0, 1]")


@dataclass(frozen=True)
class CoderScore:
    """One coder's answers to one kind of question. model: whether it is a language model."""

    coder: str
    model: bool
    score: Proportion


@dataclass(frozen=True)
class TopicScore:
    """What people's answers say of one topic. label: as it was when the questions were written."""

    topic: int
    label: str
    score: Proportion


@dataclass(frozen=True)
class TaskScore:
    """One kind of question.

    score: of people, each topic counted by its papers where the questions are about drawn papers; None where
        only language models answered. chance: the share that guessing gives, None where there is no such.
    partly: the share of answers "partly" of people. controls: the share of labels of other topics, mixed in
        to see whether people say yes to anything, that were said to fit; None without such.
    kappa: mean over pairs of people (Cohen 1960, weighted linearly where answers have an order); alpha: of
        all people (Krippendorff 2011); with_models: alpha with language models as coders. None where fewer
        than two answered, or all gave one answer.
    """

    task: str
    score: Proportion | None
    chance: float | None
    coders: tuple[CoderScore, ...]
    topics: tuple[TopicScore, ...]
    partly: float | None = None
    controls: Proportion | None = None
    kappa: float | None = None
    alpha: float | None = None
    with_models: float | None = None


@dataclass(frozen=True)
class SheetRead:
    """One answered sheet: who filled it, how many questions of how many, and the file's sha256."""

    coder: str
    model: bool
    answered: int
    questions: int
    sha256: str


@dataclass(frozen=True)
class Validation:
    """All of it. precision: half of the widest 95 % interval that the sample of papers allows."""

    sheet: str
    precision: float
    papers: int
    sheets: tuple[SheetRead, ...]
    tasks: tuple[TaskScore, ...]
