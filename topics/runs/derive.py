"""Runs made from finished ones."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from topics.cache import publish, store
from topics.cache.log import RunLog
from topics.cache.stage import NullObserver, Observer, RunState
from topics.config import Config
from topics.runner import Given, make_ready, plan, publish_run
from topics.runs.run import Run
from topics.types import Names


def derive(
    parent: Run,
    given: Mapping[str, Given],
    target: Path,
    *,
    observer: Observer | None = None,
    origin: Mapping[str, Any],
    config: Config | None = None,
) -> Path:
    """Write a run whose stages are `given` or follow from those; it needs neither cache nor input files.

    The user's own cache serves, whatever `cache.dir` the parent had. No language model is asked: labels that
    one worded are settled names by now, and the others are phrases of the papers.

    origin: what run.json says about where the run comes from, besides its parent; `history`, what was done
    to the topics since they were found, is told in topics.md and report.html too.
    """
    publish.check_target(target)
    log = RunLog(observer or NullObserver())
    state = RunState(store.Cache.of(), log)
    given = {"names": Given("none asked", lambda _: Names()), **given}
    named = {"path": str(parent.path), "run_json": store.file_digest(parent.path / store.RUN_FILE)}
    with state.holds:
        inputs = origin.get("inputs", parent.summary["inputs"])
        planned = plan(config or parent.config, state, given, inputs, tuple(origin["history"]))
        make_ready(planned, None)
        publish_run(planned, target, log, {"parent": named, **origin})
    return target
