"""The figures of a finished run, explained, and how far it agrees with known classes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from topics.cache import publish
from topics.errors import InputError
from topics.output.text import markdown_table, write_lines
from topics.runs.run import Run

if TYPE_CHECKING:
    from topics.types import Clustering

EVALUATION_FILE = "evaluation.json"


@dataclass(frozen=True)
class Measure:
    """key: its name in JSON; name and meaning: for people. value: rounded to four digits."""

    key: str
    name: str
    value: float
    meaning: str


@dataclass(frozen=True)
class Evaluation:
    """The figures of one run; `classes` is the column they were compared with, or None."""

    run: str
    classes: str | None
    notes: tuple[str, ...]
    figures: tuple[Measure, ...]


def evaluate(run: Run, column: str | None) -> Evaluation:
    """Measure a run, with `column` also against the classes that a column of the input holds.

    Raises InputError: no such column, or one that does not put papers into classes.
    """
    figures = _own(run)
    notes: tuple[str, ...] = ()
    if column is not None:
        classes, notes = read_classes(run, column)
        figures += against(run.clustering, classes)
    return Evaluation(str(run.path), column, notes, tuple(figures))


def _own(run: Run) -> list[Measure]:
    quality, n_topics = run.quality, run.clustering.n_topics
    rows: list[tuple[str, str, float, str]] = [
        ("papers", "papers", len(run.clustering), "in the run"),
        ("topics", "topics", n_topics, "found in them"),
        (
            "doubtful_topics",
            "doubtful topics",
            quality.doubtful,
            "with a reason in the column doubt of topics.csv",
        ),
        ("outlier_share", "outlier share", quality.outlier_share, "papers far from all others"),
        (
            "stability",
            "stability",
            quality.means["stability"],
            "how much of a topic comes back on nine tenths of the papers and other seeds; mean, 1 is all",
        ),
        (
            "agreement",
            "agreement",
            quality.agreement,
            "how far such repetitions agree with the run on who belongs together; 0 is chance, 1 is all",
        ),
        (
            "coherence",
            "coherence (NPMI)",
            quality.means["coherence"],
            "whether a topic's keywords meet in the same papers; 0 is chance, 1 always, -1 never",
        ),
        ("diversity", "diversity", quality.diversity, "share of keywords that only one topic has"),
    ]
    return [Measure(key, name, round(float(value), 4), meaning) for key, name, value, meaning in rows]


def read_classes(run: Run, column: str) -> tuple[list[str], tuple[str, ...]]:
    """(n,) the class of each paper, "" where it has none, and what was assumed. A list counts by its first.

    Raises InputError: no such column, fewer than two classes, or a class of its own for every paper.
    """
    from topics.corpus.input_columns import original_columns
    from topics.types import counted

    table = original_columns(run.corpus.papers)
    if column not in table.column_names:
        raise InputError(
            f"{run.path} has no column {column!r}; --labels takes one of: {', '.join(table.column_names)}"
        )
    found = [_first(value) for value in table.column(column).to_pylist()]
    classes = [text for text, _ in found]
    known = [text for text in classes if text]
    if len(set(known)) < 2 or len(set(known)) == len(known):
        count = "fewer than two classes" if len(set(known)) < 2 else "a different value for every paper"
        raise InputError(f"the column {column!r} holds {count}; --labels needs classes that papers share")
    notes = []
    if several := sum(more for _, more in found):
        notes.append(f"{counted(several, 'paper')} with several values in {column}: the first one is used.")
    if missing := len(classes) - len(known):
        notes.append(f"{counted(missing, 'paper')} without a value in {column}: left out of the comparison.")
    return classes, tuple(notes)


def _first(value: Any) -> tuple[str, bool]:
    """A cell's class, and whether the cell holds more than one."""
    if isinstance(value, str) and value.startswith("["):
        try:
            value = json.loads(value)
        except ValueError:
            return value.strip(), False
    if isinstance(value, list):
        return (str(value[0]).strip() if value else ""), len(value) > 1
    return ("" if value is None else str(value).strip()), False


def against(clustering: Clustering, classes: Sequence[str]) -> list[Measure]:
    """Agreement of topics with known classes. classes: (n,), "" for papers that have none."""
    from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score

    rows = np.array([place for place, name in enumerate(classes) if name])
    gold = np.unique([classes[row] for row in rows], return_inverse=True)[1]
    topic, nearest = clustering.topic[rows], clustering.nearest_topic[rows]
    number = int(gold.max()) + 1
    values = [
        ("classes", "classes", number, "in the column"),
        ("topics_per_class", "topics per class", clustering.n_topics / number, "1 where as many were found"),
    ]
    for key, name, groups, what in (
        ("", "", topic, "outliers count as one group"),
        ("_nearest", ", everyone placed", nearest, "each paper at its nearest topic"),
    ):
        values += [
            (
                f"ami{key}",
                f"AMI{name}",
                adjusted_mutual_info_score(gold, groups),
                f"what topics tell about classes; 0 is chance, 1 all; {what}",
            ),
            (
                f"ari{key}",
                f"ARI{name}",
                adjusted_rand_score(gold, groups),
                f"pairs of papers that both keep together; 0 is chance, 1 all; {what}",
            ),
        ]
    return [Measure(key, name, round(float(value), 4), meaning) for key, name, value, meaning in values]


def lines(found: Evaluation) -> list[str]:
    """For the terminal: a figure and its meaning per line."""
    width = max(len(figure.name) for figure in found.figures)
    rows = [f"{figure.name:<{width}}  {figure.value:>8,.4g}  {figure.meaning}" for figure in found.figures]
    return [*rows, *found.notes]


def write_evaluation(found: Evaluation, target: Path) -> list[Path]:
    """evaluation.json and evaluation.md in the folder `target`, replacing those of an earlier evaluation.

    Raises RunError: the folder holds something else or cannot be written.
    """
    what = f" against the column {found.classes}" if found.classes else ""
    rows = ((figure.name, f"{figure.value:,.4g}", figure.meaning) for figure in found.figures)
    page = [f"# {Path(found.run).name}: how good are the topics{what}?", ""]
    page += markdown_table(("figure", "value:", "meaning"), rows)
    page += ["", *found.notes] if found.notes else []
    with publish.publish(target, EVALUATION_FILE) as folder:
        write_lines(folder / "evaluation.md", page)
        publish.leave_mark(
            folder,
            EVALUATION_FILE,
            run=found.run,
            classes=found.classes,
            notes=list(found.notes),
            figures={figure.key: figure.value for figure in found.figures},
        )
    return [target / EVALUATION_FILE, target / "evaluation.md"]
