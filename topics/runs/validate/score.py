"""What answered sheets say: accuracy with intervals, by topic and by coder, and how far coders agree."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from topics.runs.validate.agreement import MISSING, alpha, kappa
from topics.runs.validate.questions import ASKED, FIT, FITS, WHICH, Question
from topics.runs.validate.sheets import Answered, Validating
from topics.trends.shares import wilson
from topics.types import (
    CoderScore,
    Doubles,
    Longs,
    Proportion,
    SheetRead,
    TaskScore,
    TopicScore,
    Validation,
    counted,
)


def score(found: Validating, sheets: Sequence[Answered], sizes: Sequence[int]) -> Validation:
    """All figures. sizes: (k,) papers of each topic, by which drawn papers are weighed."""
    tasks = []
    for task in ASKED:
        own = [question for question in found.questions if question.task == task]
        if any(question.number in sheet.answers for sheet in sheets for question in own):
            tasks.append(_task(task, own, sheets, found.labels, np.asarray(sizes, np.float64)))
    return Validation(
        found.sheet,
        found.precision,
        found.papers,
        tuple(
            SheetRead(sheet.coder, sheet.model, len(sheet.answers), len(found.questions), sheet.sha256)
            for sheet in sheets
        ),
        tuple(tasks),
    )


def _task(
    task: str,
    questions: Sequence[Question],
    sheets: Sequence[Answered],
    labels: Sequence[str],
    sizes: Doubles,
) -> TaskScore:
    plain = [question for question in questions if not question.control]
    controls = [question for question in questions if question.control]
    people = [sheet for sheet in sheets if not sheet.model]
    topic = np.array([question.topic for question in plain])
    right = _right(plain, people)
    # Which word or paper does not belong is asked once per topic, and all topics are asked about.
    drawn = task in (WHICH, FIT)
    weights = sizes if drawn else np.ones(len(sizes))
    of = sizes if drawn else None
    by_topic = [
        (k, _share(right[topic == k])) for k in range(len(labels)) if np.isfinite(right[topic == k]).any()
    ]
    # The controls have one right answer, on which everybody would agree.
    answers = _categories(plain, sheets)
    human = np.array([not sheet.model for sheet in sheets])
    ordered = task == FIT
    given = [sheet.answers[q.number] for sheet in people for q in plain if q.number in sheet.answers]
    return TaskScore(
        task=task,
        score=_weighed(right, topic, weights, of),
        chance=None if task == FIT else float(np.mean([1 / len(question.options) for question in plain])),
        coders=tuple(
            CoderScore(sheet.coder, sheet.model, own)
            for sheet in sheets
            if (own := _weighed(_right(plain, [sheet]), topic, weights, of))
        ),
        topics=tuple(TopicScore(k, labels[k], own) for k, own in by_topic if own),
        partly=given.count(1) / len(given) if task == FIT and given else None,
        controls=_share(1 - _right(controls, people, wrong_is=0)) if controls and people else None,
        kappa=kappa(answers[human], ordered=ordered),
        alpha=alpha(answers[human], ordered=ordered),
        with_models=alpha(answers, ordered=ordered) if not human.all() else None,
    )


def _right(questions: Sequence[Question], sheets: Sequence[Answered], wrong_is: int | None = None) -> Doubles:
    """(q,) the share of coders who were right, NaN where nobody answered.

    wrong_is: the only option that counts as wrong, where it is not every other.
    """
    found = np.full((len(sheets), len(questions)), np.nan)
    for at, sheet in enumerate(sheets):
        for place, question in enumerate(questions):
            if (given := sheet.answers.get(question.number)) is not None:
                found[at, place] = given == question.right if wrong_is is None else given != wrong_is
    answered = np.isfinite(found).sum(axis=0)
    total = np.nansum(found, axis=0)
    return np.where(answered > 0, total / np.maximum(answered, 1), np.nan)


def _share(right: Doubles) -> Proportion | None:
    """The mean with Wilson's interval, several coders' answers to one question counted as one."""
    known = right[np.isfinite(right)]
    return (
        _proportion(float(known.sum()), len(known), float(known.mean()), len(known)) if len(known) else None
    )


def _weighed(right: Doubles, topic: Longs, weights: Doubles, sizes: Doubles | None) -> Proportion | None:
    """The mean over topics, each by its weight, with Wilson's interval at the effective number of questions
    (Kish 1965; Korn and Graubard 1998): what topics of unlike size are drawn by counts for as little as it
    tells, and where a topic's papers are finite (Cochran 1977, equation 5.6), those drawn for as much.

    sizes: (k,) papers that a topic's questions were drawn from without replacement, None where they are no
        such sample.
    """
    known = np.isfinite(right)
    if not known.any():
        return None
    answered = np.bincount(topic[known], minlength=len(weights))
    share = np.bincount(topic[known], right[known], minlength=len(weights)) / np.maximum(answered, 1)
    weight = np.where(answered > 0, weights, 0.0)
    weight = weight / weight.sum()
    each = weight[answered > 0] ** 2 / answered[answered > 0]
    if sizes is not None:
        papers = np.maximum(sizes[answered > 0], answered[answered > 0])
        each = each * (papers - answered[answered > 0]) / np.maximum(papers - 1, 1)
    # All papers asked about leave nothing to chance; a share of so many questions has no width to speak of.
    effective = 1 / max(float(each.sum()), 1e-9)
    return _proportion(float(right[known].sum()), int(known.sum()), float(weight @ share), effective)


def _proportion(right: float, of: int, share: float, effective: float) -> Proportion:
    low, high = wilson(share * effective, effective)
    share = min(max(share, 0.0), 1.0)
    ends = min(float(low), share), max(float(high), share)
    return Proportion(round(right, 4), of, round(share, 4), *(round(end, 4) for end in ends))


def _categories(questions: Sequence[Question], sheets: Sequence[Answered]) -> Longs:
    """(c, u) the place of the option that each coder chose, which guessers choose alike."""
    found = np.full((len(sheets), len(questions)), MISSING, np.int64)
    for at, sheet in enumerate(sheets):
        for place, question in enumerate(questions):
            if (given := sheet.answers.get(question.number)) is not None:
                found[at, place] = given
    return found


def sentences(found: Validation) -> list[str]:
    """For the terminal: a line per kind of question, and what to keep in mind."""
    lines = []
    for sheet in found.sheets:
        kind = " (language model)" if sheet.model else ""
        open_ = sheet.questions - sheet.answered
        lines.append(
            f"{sheet.coder}{kind}: {sheet.answered:,} of {counted(sheet.questions, 'question')} answered"
            + (f", {open_:,} left open" if open_ else "")
        )
    for task in found.tasks:
        lines.append("")
        lines.append(NAMES[task.task])
        if task.score:
            chance = f"; guessing gives {task.chance:.0%}" if task.chance else ""
            lines.append(f"  people: {said(task.score)}, {counted(task.score.of, 'question')}{chance}")
        lines += [
            f"  {one.coder}{' (language model)' if one.model else ''}: {said(one.score)}"
            for one in task.coders
            if one.model or len(task.coders) > 1
        ]
        lines += [f"  {text}" for text in details(task)]
        weakest = sorted(task.topics, key=lambda one: (one.score.share, one.topic))[:3]
        lines += [
            f"  lowest: {one.topic} {one.label}: {said(one.score)}" for one in weakest if one.score.share < 1
        ]
    return lines


def said(score: Proportion) -> str:
    """A share with its interval."""
    return f"{score.share:.0%} ({score.low:.0%} to {score.high:.0%})"


NAMES = {
    "word_intrusion": "Word intrusion: the word that does not belong was found",
    "paper_intrusion": "Paper intrusion: the paper that does not belong was found",
    "which_label": "Which label: the label of the paper's topic was chosen",
    "label_fit": f'Label fit: the label of the paper\'s topic "{FITS[0]}"',
}


def details(task: TaskScore) -> list[str]:
    """Sentences on one kind of question besides its share."""
    found = []
    if task.partly is not None:
        found.append(f"{task.partly:.0%} of answers were partly")
    if task.controls:
        found.append(f"labels of other topics, mixed in, were said to fit in {said(task.controls)}")
    figures = [
        f"{name} {value:.2f}"
        for name, value in (
            ("Cohen's kappa", task.kappa),
            ("Krippendorff's alpha", task.alpha),
            ("alpha with language models", task.with_models),
        )
        if value is not None
    ]
    if figures:
        found.append(f"agreement between coders: {', '.join(figures)}")
    return found


def rows(found: Validation) -> list[list[object]]:
    """scores.csv: a row for all people, for each coder and for each topic, of each kind of question."""
    every: list[list[object]] = []
    for task in found.tasks:
        if task.score:
            every.append([task.task, "people", "", "", *_cells(task.score)])
        for one in task.coders:
            kind = "language model" if one.model else "person"
            every.append([task.task, kind, one.coder, "", *_cells(one.score)])
        every += [[task.task, "topic", one.topic, one.label, *_cells(one.score)] for one in task.topics]
        if task.controls:
            every.append([task.task, "controls said to fit", "", "", *_cells(task.controls)])
        for name in ("kappa", "alpha", "with_models", "partly"):
            if (value := getattr(task, name)) is not None:
                every.append([task.task, name, "", "", "", "", f"{value:.4f}", "", ""])
    return every


HEADER = ("task", "of", "which", "label", "right", "questions", "share", "low", "high")


def _cells(score: Proportion) -> list[object]:
    return [f"{score.right:g}", score.of, *(f"{part:.4f}" for part in (score.share, score.low, score.high))]
