"""New runs from finished ones: what edits and updates share.

What is not touched is taken over as the run keeps it; what depends on the topics is computed again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from topics.cache import publish, store
from topics.cache.stage import NullObserver, Observer
from topics.errors import RunError
from topics.pipeline import STAGES
from topics.runner import Given, run_given
from topics.runs.run import Run
from topics.types import Clustering, Names


def derive(
    parent: Run,
    given: Mapping[str, Given],
    target: Path,
    *,
    observer: Observer | None,
    origin: Mapping[str, Any],
) -> Path:
    """Write a run made from a finished one (`topics.runner.run_given`); it needs neither cache nor input
    files.

    The user's own cache serves, whatever `cache.dir` the parent had. No language model is asked: labels that
    one worded are settled names by now, and the others are phrases of the papers.

    origin: what run.json says about where the run comes from, besides its parent.
    """
    publish.check_target(target)
    given = {"names": Given("none asked", lambda _: Names()), **given}
    named = {"path": str(parent.path), "run_json": store.file_digest(parent.path / store.RUN_FILE)}
    return run_given(
        parent.config,
        given,
        origin.get("inputs", parent.summary["inputs"]),
        target,
        observer=observer or NullObserver(),
        origin={"parent": named, **origin},
        cache=store.Cache.of(),
    )


def refuse_own_folder(run: Run, target: Path) -> None:
    """Raises RunError: the new run would replace the one that it is made from."""
    if target.resolve() == run.path.resolve():
        raise RunError(f"{target} is the run itself, and a run stays as it is; name another folder with -o.")


def taken_over(run: Run, but: frozenset[str]) -> dict[str, Given]:
    """What a run keeps, `but` for some stages and for those that an older version did not keep."""
    files = run.summary["files"]
    given = {}
    for spec in STAGES.values():
        start = f"data/{spec.name}/"
        digests = {name: sha for name, sha in files.items() if name.startswith(start)}
        if spec.kept and spec.name not in but and digests:
            given[spec.name] = Given(digests, _copied(run, spec.name, spec.kind))
    return given


def _copied(run: Run, stage: str, kind: type[Any]) -> Callable[[Path], Any]:
    def make(folder: Path) -> Any:
        store.copy_encoder(run.folder(stage), folder)
        return run.value(stage, kind)

    return make


def new_topics(clustering: Clustering) -> Given:
    """A clustering in place of the stage `cluster`."""
    papers = (clustering.topic, clustering.nearest_topic, clustering.probability, clustering.by_hand)
    arrays = (*papers, clustering.centroids, clustering.directions)
    depends = [store.bytes_digest(array.tobytes()) for array in arrays]
    plain = (clustering.names, clustering.temperature, dict(clustering.chosen))
    return Given([depends, plain], lambda _: clustering)
