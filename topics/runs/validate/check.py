"""What `topics validate` does: write questions, let a model answer them, score answered sheets."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from topics.cache import publish, store
from topics.cache.stage import Observer
from topics.errors import ConfigError
from topics.label.llm import Server
from topics.output.tables.csv_file import write_csv
from topics.runs.compare import folder_beside
from topics.runs.redraw import report_again
from topics.runs.run import Run
from topics.runs.validate import model, questions, sheets
from topics.runs.validate.score import HEADER, rows, score, sentences
from topics.types import Validation, counted

SCORES = "scores.csv"


def folder(run: Path) -> Path:
    """Where questions and key go unless told otherwise."""
    return folder_beside(run, "validation")


def write_questions(
    run: Run, target: Path, precision: float, seed: int | None = None
) -> tuple[list[Path], list[str]]:
    """Write sheets and key into a folder; gives its files, and sentences on what is asked.

    Raises CorpusError: the run has one topic. RunError: see `topics.runs.validate.sheets.write`.
    """
    seed = run.config.random_state if seed is None else seed
    asked = questions.ask(run, precision, seed)
    found = sheets.prepared(run, asked, precision, seed)
    files, lines = sheets.write(run, found, target), _told(found)
    if target / sheets.KEY_FILE not in files:
        lines.append(
            f"They are in {target} already; its key was kept{', and what was gone is back' * bool(files)}."
        )
    return files, lines


def _told(found: sheets.Validating) -> list[str]:
    counts = Counter(question.task for question in found.questions)
    listed = ", ".join(f"{counts[task]} {task.replace('_', ' ')}" for task in questions.ASKED if counts[task])
    lines = [
        f"{counted(len(found.questions), 'question')} ({listed}) about {counted(len(found.labels), 'topic')} "
        f"and {counted(found.papers, 'paper')} drawn from them."
    ]
    for task in (questions.WORDS, questions.PAPERS):
        if missing := len(found.labels) - counts[task]:
            what = "word" if task == questions.WORDS else "paper"
            lines.append(
                f"{counted(missing, 'topic')} {'has' if missing == 1 else 'have'} no {what} question: "
                f"nothing stands out enough against {'it' if missing == 1 else 'them'}."
            )
    return lines


def server(run: Run, overrides: tuple[str, ...]) -> Server:
    """The language model that the run's settings name, or those given here.

    Raises ConfigError: none is named.
    """
    from topics.config.load import override, without_value

    for change in overrides:
        if not change.strip().startswith("label.llm."):
            raise ConfigError(f"{without_value(change)}: only label.llm settings count here")
    config = override(run.config, overrides, f"the settings of {run.path}")
    found = Server.of(config.label.llm, config.random_state)
    if found is None:
        raise ConfigError(
            "--model needs a language model: --set label.llm.url=... --set label.llm.model=... "
            "(docs/llm-labels.md)"
        )
    return found


def fill_by_model(
    run: Run, target: Path, server: Server, observer: Observer, wanted: tuple[float, int | None]
) -> list[Path]:
    """Let a language model answer the questions in a folder, which are written where there are none.

    wanted: precision and seed, for questions that are not there yet. Gives the file of its answers.
    Raises ServerError: the server is not there, refuses, or answers what is no answer.
    """
    if not publish.is_run(target, sheets.KEY_FILE):
        write_questions(run, target, *wanted)
    found, cache = sheets.read_key(run, target), store.Cache.of()
    with observer.progress("model", len(found.questions), "questions") as progress:
        given = model.answers(found, lambda messages: server.ask(messages, cache), progress)
    name = re.sub(r"[^\w.]+", "-", server.model).strip("-.") or "model"
    path = target / f"answers-{name}.csv"
    with publish.whole_file(path) as place:
        sheets.write_rows(found, place, given, server.model, sheets.MODEL)
    return [path]


def score_sheets(run: Run, target: Path, paths: Sequence[Path]) -> list[str]:
    """Score answered sheets against the key in a folder; gives what they say, in lines.

    The figures go into scores.csv there, into the run's run.json and into its report.
    Raises InputError: see `topics.runs.validate.sheets.read_sheets`. RunError: see `read_key`.
    """
    key = sheets.read_key(run, target)
    found = score(key, sheets.read_sheets(key, paths), run.clustering.sizes.tolist())
    with publish.whole_file(target / SCORES) as place:
        write_csv(place, HEADER, rows(found))
    keep(run, found)
    return sentences(found)


def keep(run: Run, found: Validation) -> None:
    """Write the figures into the run's run.json, and its report with them."""
    run.summary["validation"] = asdict(found)
    with publish.whole_file(run.path / store.RUN_FILE) as place:
        store.write_summary(place, run.summary)
    report_again(run, run.path / "report.html")


def written(run: Run, target: Path) -> list[Path]:
    """The files that scoring writes."""
    return [target / SCORES, run.path / "report.html", run.path / store.RUN_FILE]
