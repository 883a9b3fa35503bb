"""What people's checks said, as the report shows it."""

from __future__ import annotations

from dataclasses import dataclass

from topics.types import Proportion, TaskScore, Validation, counted

NAMES = {
    "word_intrusion": "Which word does not belong?",
    "paper_intrusion": "Which paper does not belong?",
    "which_label": "Which of four labels is this paper's?",
    "label_fit": "Does the label fit this paper?",
}
SHORT = {
    "word_intrusion": "Word found",
    "paper_intrusion": "Paper found",
    "which_label": "Label chosen",
    "label_fit": "Label fits",
}


@dataclass(frozen=True)
class _Score:
    name: str
    right: str
    interval: str
    of: str


@dataclass(frozen=True)
class _Check:
    name: str
    right: str
    interval: str
    of: str
    chance: str
    kappa: str
    alpha: str
    coders: tuple[_Score, ...]


@dataclass(frozen=True)
class _Checked:
    id: int
    label: str
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Checks:
    """who: a sentence on the coders. columns: of the table by topic, one per kind of question."""

    who: str
    tasks: tuple[_Check, ...]
    notes: tuple[str, ...]
    columns: tuple[str, ...]
    topics: tuple[_Checked, ...]


def checks(found: Validation) -> Checks:
    """The figures as text."""
    people = [sheet for sheet in found.sheets if not sheet.model]
    models = [sheet.coder for sheet in found.sheets if sheet.model]
    asked = found.sheets[0].questions if found.sheets else 0
    who = (
        f"{len(people)} {'person' if len(people) == 1 else 'people'} answered blind questions, {asked:,} each"
    )
    if models:
        who += (
            f"; so did the language model{'s' * (len(models) > 1)} {', '.join(models)}, which "
            f"{'does' if len(models) == 1 else 'do'} not count among people"
        )
    open_ = sum(sheet.questions - sheet.answered for sheet in found.sheets)
    tail = f" {counted(open_, 'answer')} {'was' if open_ == 1 else 'were'} left open." if open_ else ""
    labels = {one.topic: one.label for task in found.tasks for one in task.topics}
    scores = [{one.topic: one.score for one in task.topics} for task in found.tasks]
    return Checks(
        f"{who}. {counted(found.papers, 'paper')} {'was' if found.papers == 1 else 'were'} drawn by topics."
        f"{tail}",
        tuple(map(_check, found.tasks)),
        tuple(note for task in found.tasks for note in _notes(task)),
        tuple(SHORT[task.task] for task in found.tasks),
        tuple(
            _Checked(topic, labels[topic], tuple(_cell(own.get(topic)) for own in scores))
            for topic in sorted(labels)
        ),
    )


def _check(task: TaskScore) -> _Check:
    coders = tuple(
        _Score(f"{one.coder}{' (language model)' * one.model}", *_texts(one.score))
        for one in task.coders
        if one.model or len(task.coders) > 1
    )
    chance = f"{task.chance:.0%}" if task.chance else ""
    return _Check(NAMES[task.task], *_texts(task.score), chance, _two(task.kappa), _two(task.alpha), coders)


def _notes(task: TaskScore) -> list[str]:
    found = []
    if task.controls:
        found.append(
            "Labels of other topics, mixed in to see whether people say yes to anything, were said to fit in "
            f"{_cell(task.controls)}."
        )
    if task.partly is not None:
        found.append(f'{task.partly:.0%} of answers on labels were "partly", which does not count as right.')
    if task.with_models is not None:
        found.append(f"{NAMES[task.task]} With language models as coders alpha is {task.with_models:.2f}.")
    return found


def _texts(score: Proportion | None) -> tuple[str, str, str]:
    if score is None:
        return "", "", ""
    return f"{score.share:.0%}", f"{score.low:.0%} to {score.high:.0%}", f"{score.of:,}"


def _cell(score: Proportion | None) -> str:
    return f"{score.share:.0%} ({score.low:.0%} to {score.high:.0%})" if score else ""


def _two(value: float | None) -> str:
    return f"{value:.2f}" if value is not None else ""
