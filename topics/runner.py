"""Running the stages of `topics.pipeline`: plan them, get them ready, publish the run's folder."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from topics.about import __version__
from topics.cache import publish, store
from topics.cache.log import RunLog
from topics.cache.stage import NullObserver, Observer, RunContext, RunState, Stage
from topics.cluster.guide import asked
from topics.config import Config
from topics.config.load import as_plain
from topics.embed.encoder import kind_of
from topics.label.llm import Server
from topics.pipeline import STAGES, libraries, needed_by
from topics.types import OUTLIER, Corpus

PUBLISHED = tuple(spec.name for spec in STAGES.values() if spec.published)
"""Stages whose files a run's folder shows."""

KEPT = tuple(spec.name for spec in STAGES.values() if spec.kept)
"""Stages whose values stay in the run's folder, so that it can be opened without the cache."""


ONE_THREAD_BELOW = 5_000
"""Papers below which BLAS gets one thread."""


@dataclass(frozen=True)
class Given:
    """A value that a run does not compute: another run's own, or one made from it.

    depends: everything that it depends on. make: writes what lies beside it into a folder, and gives it.
    """

    depends: object
    make: Callable[[Path], Any]


def run(
    config: Config,
    *,
    output: Path | None = None,
    observer: Observer | None = None,
    until: str | None = None,
    forced: frozenset[str] = frozenset(),
    given: Mapping[str, Given] | None = None,
    inputs: Mapping[str, str] | None = None,
) -> Path | None:
    """Find topics and write the run's folder; gives its path, or None when stopped by `until`.

    given, inputs: as in `plan`, for papers that are in no file.

    Raises TopicsError: anything that the user can mend, in one sentence; nothing is written then.
    """
    target = folder_of(config, output)
    check_before(config, target, vectors="embed" in (given or {}))
    log = RunLog(observer or NullObserver())
    state = RunState(store.Cache.of(config.cache.dir), log, forced)
    with state.holds:
        planned = plan(config, state, given, inputs)
        if not make_ready(planned, until):
            return None
        publish_run(planned, target, log, {})
    return target


def run_given(
    config: Config,
    given: Mapping[str, Given],
    inputs: Mapping[str, str],
    target: Path,
    *,
    observer: Observer,
    origin: Mapping[str, Any],
    cache: store.Cache | None = None,
) -> Path:
    """Write the run whose stages are `given` or follow from those, the papers among them, into `target`.

    inputs: the digests of the files that the papers are from. origin: what run.json says of the run besides;
    its `history`, what was done to the topics since they were found, is told in topics.md and report.html
    too. cache: the one that `config` names by default.
    """
    log = RunLog(observer)
    state = RunState(cache or store.Cache.of(config.cache.dir), log)
    with state.holds:
        planned = plan(config, state, given, inputs, tuple(origin.get("history", ())))
        make_ready(planned, None)
        publish_run(planned, target, log, origin)
    return target


def folder_of(config: Config, output: Path | None) -> Path:
    """Where a run is written: the folder that was named, or else the one of its name."""
    return output or Path(config.output_dir) / (config.name or "run")


def check_before(config: Config, target: Path, *, vectors: bool = False) -> None:
    """Look at everything that needs no paper and could fail later, before any paper is read.

    vectors: whether they are given, so that no encoder is asked for them.

    Raises TopicsError: a folder that cannot be written or holds something else, a taxonomy, the address of a
    language model, an encoder or a clustering method that cannot be taken.
    """
    from topics.cluster.cluster import check_method

    publish.check_target(target)
    asked(config.guide)
    Server.of(config.label.llm, config.random_state)
    check_method(config.cluster)
    if not vectors:
        kind_of(config.embed).check(config.embed)


def check_vectors(corpus: Corpus, config: Config) -> None:
    """Raises ModelError: `embed.encoder` is a file that has not one vector per paper."""
    if not kind_of(config.embed).encodes:
        from topics.embed.precomputed import load_vectors

        load_vectors(Path(config.embed.encoder)).select(corpus.account.column("kept").to_pylist())


def check_settings(corpus: Corpus, config: Config) -> str:
    """What only these papers tell about the settings; gives the answer of `why_no_periods`.

    Raises TopicsError: more topics than there can be, a colour that names no column, a paper of a topic asked
    for that is not there, or see `why_no_periods`.
    """
    from topics.cluster import seeded
    from topics.cluster.cluster import check_number
    from topics.cluster.guide import check_papers
    from topics.output.maps.paint import check_color
    from topics.trends.periods import why_no_periods

    n_topics = config.cluster.n_topics
    check_number(len(corpus), config.cluster)
    check_papers(config.guide, corpus)
    if config.guide.mode == "zero_shot" and n_topics != "auto":
        seeded.check_number(only=True, n_topics=n_topics)
    check_color(corpus, config.map.color)
    return why_no_periods(corpus.dates, config.trends)


def paper_files(config: Config) -> list[Path]:
    """The files that the config names, globs and folders resolved.

    Raises InputError: one that is not there.
    """
    from topics.corpus.readers import expand

    return expand([Path(name) for name in config.corpus.papers])


def plan(
    config: Config,
    state: RunState,
    given: Mapping[str, Given] | None = None,
    inputs: Mapping[str, str] | None = None,
    history: tuple[str, ...] = (),
) -> RunContext:
    """A run with all its stages, none of them computed yet.

    given: values of stages, by name, that are there. inputs: the digests of the paper files, where these were
        read by another run and may be gone. history: what was done to the topics since they were found.

    Raises InputError: a paper file that is not there.
    """
    given = given or {}
    files = [] if "read" in given else paper_files(config)
    read = {str(path): store.file_digest(path) for path in files} if inputs is None else dict(inputs)
    planned = RunContext(config, files, read, state, history)
    for spec in STAGES.values():
        if spec.name in given:
            value = given[spec.name]
            planned.stages[spec.name] = Stage(
                spec.name, spec.kind, value.make, state, ["given", value.depends]
            )
            continue
        planned.stages[spec.name] = Stage(
            spec.name,
            spec.kind,
            lambda folder, make=spec.make: make(planned, folder),  # type: ignore[misc]
            state,
            settings=[as_plain(spec.settings(config)), spec.outside(planned)],
            after=[planned.stages[name] for name in spec.needs],
            modules=spec.modules,
            libraries=spec.libraries,
        )
    return planned


def make_ready(run: RunContext, until: str | None) -> bool:
    """Read the papers, look at the settings with them, and compute what is missing, in the stages' order.

    until: the stage that is computed alone, with what it needs. Gives False then, for a run without all else.
    """
    from topics.output.maps.fonts import without_font
    from topics.output.notes import corpus_notes

    run.stages["read"].ready()
    run.state.few = len(run.corpus) < ONE_THREAD_BELOW
    # A mistake in these settings must not wait until the topics are found.
    check_settings(run.corpus, run.config)
    if run.files:
        check_vectors(run.corpus, run.config)
    for note in corpus_notes(run.corpus, run.config.embed):
        run.state.observer.note(note)
    wanted = needed_by(until) if until else run.stages.keys()
    for name, stage in run.stages.items():
        if name == until or (name in wanted and not STAGES[name].dropped):
            stage.ready()
    if until:
        return False
    if note := without_font(run.topics.labels):
        run.state.observer.note(note)
    return True


def publish_run(run: RunContext, target: Path, log: RunLog, origin: Mapping[str, Any]) -> None:
    """Write the folder of a run whose stages are ready, or nothing. origin: what run.json says of it besides.

    Raises RunError: something else lies at `target`, or it cannot be written.
    """
    from topics.corpus.build import account_sentence

    finished = [run.stages[name] for name in PUBLISHED]
    with publish.publish(target) as folder:
        for stage in finished:
            for name in stage.value.names:
                shutil.copyfile(stage.folder / name, folder / name)
        worded = bool(run.names.labels)
        model = run.stages["names" if worded else "label"].folder / "model"
        shutil.copytree(model, folder / "model", copy_function=shutil.copyfile)
        for name in KEPT if worded else [name for name in KEPT if name != "names"]:
            store.copy_value(run.stages[name].folder, folder / "data" / name)
        store.write_json(folder / store.STAGES_FILE, _stages(run))
        summary = _summary(run, folder) | dict(origin)
        store.write_summary(folder / store.RUN_FILE, summary)
        log.save(
            folder / store.LOG_FILE,
            [account_sentence(run.corpus), *run.corpus.notes],
            summary["versions"],
        )


def written(run_folder: Path) -> list[Path]:
    """The files and folders of a finished run, in the order of `topics.output.tables.OUTPUTS`."""
    from topics.output.tables import OUTPUTS

    return [run_folder / name for name in OUTPUTS if (run_folder / name).exists()]


def _summary(run: RunContext, folder: Path) -> dict[str, Any]:
    from topics.corpus.build import account_sentence, summary
    from topics.output.notes import all_notes

    clustering = run.clustering
    return {
        "paper_topics": {"version": __version__, "format": store.RUN_FORMAT},
        "config": as_plain(run.config),
        "random_state": run.config.random_state,
        "inputs": run.inputs,
        "account": summary(run.corpus),
        "account_text": account_sentence(run.corpus),
        "notes": [
            *all_notes(run.corpus, run.config.embed),
            *run.guidance.notes,
            *run.names.notes,
            *run.levels.notes,
            *run.trends.notes,
        ],
        "counts": {
            "papers": len(run.corpus),
            "topics": len(run.topics),
            "outliers": int((clustering.topic == OUTLIER).sum()),
        },
        "encoder": run.embeddings.encoder,
        "chosen": clustering.chosen,
        "quality": {
            **{name: round(mean, 4) for name, mean in run.quality.means.items()},
            "doubtful_topics": run.quality.doubtful,
        },
        "memberships": {
            "between": int(run.memberships.between.sum()),
            "calibration_error": round(run.memberships.calibration_error, 4),
            "reliability": [
                {"pairs": pairs, "share": round(share, 4), "seen": round(seen, 4)}
                for pairs, share, seen in run.memberships.reliability
            ],
        },
        "levels": [
            {
                "topics": len(level),
                "score": round(level.score, 4),
                "agreement": round(level.agreement, 4),
                "taken": place == run.levels.taken,
            }
            for place, level in enumerate(run.levels.levels)
        ],
        **({"llm": _worded(run)} if run.names.labels else {}),
        "by_hand": [run.corpus.ids[row] for row in clustering.by_hand.tolist()],
        "versions": store.versions(libraries()),
        "files": store.digests(folder, skip=[store.STAGES_FILE]),
    }


def _stages(run: RunContext) -> dict[str, Any]:
    """What each stage was made under, and in what time."""
    return {
        name: {
            "key": stage.key,
            "seconds": round(run.state.seconds.get(name, 0.0), 3),
            "cached": run.state.cached.get(name, True),
        }
        for name, stage in run.stages.items()
    }


def _worded(run: RunContext) -> dict[str, Any]:
    """What a language model was asked, what it answered, and what was taken."""
    from topics.label.llm_labels import RULES

    return {
        **run.config.label.llm.asked,
        "rules": store.bytes_digest(RULES.encode()),
        "answers": [
            {**vars(answer), "label": run.topics[answer.topic].label, "taken": not answer.why}
            for answer in run.names.answers
        ],
    }
