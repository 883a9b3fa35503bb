"""A finished run with its topics edited by a person, as a new run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from topics.cache.stage import Observer
from topics.errors import EditError
from topics.pipeline import depending_on
from topics.runs.derive import derive, new_topics, refuse_own_folder, taken_over
from topics.runs.edits import Change, Outcome, TopicEditor, describe, replay
from topics.runs.run import Run
from topics.types import counted


def edit(
    run: Run,
    changes: Sequence[Change],
    target: Path,
    *,
    written_for: Run | None = None,
    observer: Observer | None = None,
) -> list[Outcome]:
    """Write the run with its topics edited; gives what became of each edit.

    written_for: the run that the numbers and labels of the edits belong to, where it is another one.

    Raises EditError: an edit that cannot be made or, with `written_for`, none that can; nothing is written.
    """
    refuse_own_folder(run, target)
    editor = editor_of(run)
    if written_for:
        outcomes = replay(editor, changes, editor_of(written_for))
        if not any(outcome.applied for outcome in outcomes):
            raise EditError(f"None of the {len(outcomes)} edits fits {run.path}: {outcomes[0].why}.")
    else:
        outcomes = []
        for number, change in enumerate(changes, start=1):
            try:
                editor.apply(change)
            except EditError as error:
                raise EditError(f"Edit {number} ({describe(change)}): {error}.") from None
            outcomes.append(Outcome(describe(change), applied=True))
    origin: dict[str, Any] = {"edits": [vars(outcome) for outcome in outcomes]}
    done = [change for change, outcome in zip(changes, outcomes, strict=True) if outcome.applied]
    origin["history"] = [*run.history, _said(done)]
    if written_for:
        origin["edits_written_for"] = str(written_for.path)
    given = taken_over(run, depending_on("cluster")) | {"cluster": new_topics(editor.finished())}
    derive(run, given, target, observer=observer, origin=origin)
    return outcomes


def _said(changes: Sequence[Change]) -> str:
    """How many edits were made, and of which kinds."""
    kinds = Counter(type(change).__name__.lower() for change in changes)
    each = ", ".join(counted(number, kind) for kind, number in sorted(kinds.items()))
    return f"{counted(len(changes), 'edit')} by hand ({each})"


def editor_of(run: Run) -> TopicEditor:
    """An editor of a run's topics, with the changes still to be made."""
    return TopicEditor(
        run.clustering,
        run.corpus.ids,
        run.embeddings.vectors,
        dict(enumerate(run.topics.labels)),
        run.config.random_state,
    )
