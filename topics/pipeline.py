"""A run from settings to a published folder."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from topics.about import __version__
from topics.cache import publish, store
from topics.cache.log import Diary
from topics.cache.stage import Ledger, Observer, Silence
from topics.checks import check_settings, language_notes
from topics.cluster.guide import asked
from topics.config import Config
from topics.config.load import as_plain
from topics.inputs import paper_files
from topics.label.llm import Server
from topics.plan import KEPT, PUBLISHED, Given, libraries, plan
from topics.steps import build
from topics.types import OUTLIER, Corpus
from topics.way import Way


def run(
    config: Config,
    *,
    output: Path | None = None,
    observer: Observer | None = None,
    until: str | None = None,
    forced: frozenset[str] = frozenset(),
) -> Path | None:
    """Find topics and write the run's folder; gives its path, or None when stopped by `until`.

    Raises TopicsError: anything that the user can mend, in one sentence; nothing is written then.
    """
    target = output or Path(config.output_dir) / (config.name or "run")
    publish.check_target(target)
    check_beside(config)
    diary = Diary(observer or Silence())
    ledger = Ledger(store.Cache.of(config.cache.dir), diary, forced)
    with ledger.holds:
        way = plan(config, ledger)
        if not follow(way, until):
            return None
        publish_run(way, target, diary, {})
    return target


def check_beside(config: Config) -> None:
    """Look at what settings name besides papers: mistakes there shall not wait until papers are embedded.

    Raises ConfigError: a taxonomy or the address of a language model that cannot be taken.
    """
    asked(config.guide)
    Server.of(config.label.llm, config.random_state)


def run_on(
    config: Config,
    papers: Given,
    inputs: Mapping[str, str],
    target: Path,
    *,
    observer: Observer,
    origin: Mapping[str, Any],
) -> Path:
    """The run of papers that were read already, into `target`.

    inputs: the digests of the files that they are from. origin: what run.json says about them besides.
    """
    diary = Diary(observer)
    ledger = Ledger(store.Cache.of(config.cache.dir), diary)
    with ledger.holds:
        way = plan(config, ledger, {"read": papers}, inputs)
        follow(way, None)
        publish_run(way, target, diary, origin)
    return target


def follow(way: Way, until: str | None) -> bool:
    """Get the stages ready; False when stopped by `until`."""
    # A mistake in these settings shall not wait until the topics are found.
    check_settings(way.corpus, way.config)
    for note in language_notes(way.corpus, way.config):
        way.ledger.observer.note(note)
    for stage in way.stages.values() if until else ():
        stage.ready()
        if stage.name == until:
            return False
    for name in PUBLISHED:
        way.stages[name].ready()
    return True


def publish_run(way: Way, target: Path, diary: Diary, origin: Mapping[str, Any]) -> None:
    finished = [way.stages[name] for name in PUBLISHED]
    with publish.publish(target) as folder:
        for stage in finished:
            for name in stage.value.names:
                shutil.copyfile(stage.folder / name, folder / name)
        worded = bool(way.names.labels)
        model = way.stages["names" if worded else "label"].folder / "model"
        shutil.copytree(model, folder / "model", copy_function=shutil.copyfile)
        for name in KEPT if worded else [name for name in KEPT if name != "names"]:
            store.copy_value(way.stages[name].folder, folder / "data" / name)
        summary = _summary(way, folder) | dict(origin)
        store.write_summary(folder / store.RUN_FILE, summary)
        diary.save(
            folder / store.LOG_FILE,
            [account(way.corpus), *way.corpus.notes],
            summary["versions"],
        )


def read(config: Config) -> Corpus:
    """Read and clean the papers; no cache, no model.

    Raises InputError: a file that is missing, unreadable or of no known format.
    """
    return build(config, paper_files(config))


def written(run_folder: Path) -> list[Path]:
    """The files and folders of a finished run, in the order of `topics.output.tables.OUTPUTS`."""
    from topics.output.tables import OUTPUTS

    return [run_folder / name for name in OUTPUTS if (run_folder / name).exists()]


def _summary(way: Way, folder: Path) -> dict[str, Any]:
    from topics.corpus.build import summary

    clustering, ledger = way.clustering, way.ledger
    return {
        "paper_topics": {"version": __version__, "format": store.RUN_FORMAT},
        "config": as_plain(way.config),
        "random_state": way.config.random_state,
        "inputs": way.inputs,
        "account": summary(way.corpus),
        "account_text": account(way.corpus),
        "notes": [
            *way.corpus.notes,
            *language_notes(way.corpus, way.config),
            *way.guidance.notes,
            *way.names.notes,
            *way.trends.notes,
        ],
        "counts": {
            "papers": len(way.corpus),
            "topics": len(way.topics),
            "outliers": int((clustering.topic == OUTLIER).sum()),
        },
        "encoder": way.embeddings.encoder,
        "chosen": clustering.chosen,
        "quality": {
            **{name: round(mean, 4) for name, mean in way.quality.means.items()},
            "doubtful_topics": way.quality.doubtful,
        },
        **({"llm": _worded(way)} if way.names.labels else {}),
        "by_hand": [way.corpus.ids[row] for row in clustering.by_hand.tolist()],
        "versions": store.versions(libraries()),
        "stages": {
            name: {
                "key": stage.key,
                "seconds": round(ledger.seconds.get(name, 0.0), 3),
                "cached": ledger.cached.get(name, True),
            }
            for name, stage in way.stages.items()
        },
        "files": store.digests(folder, skip=[store.RUN_FILE, store.LOG_FILE]),
    }


def _worded(way: Way) -> dict[str, Any]:
    """What a language model was asked, what it answered, and what was taken."""
    from topics.label.llm_labels import RULES

    return {
        **way.config.label.llm.asked,
        "rules": store.bytes_digest(RULES.encode()),
        "answers": [
            {**vars(answer), "label": way.topics[answer.topic].label, "taken": not answer.why}
            for answer in way.names.answers
        ],
    }


def account(corpus: Corpus) -> str:
    """One sentence: how many records were read, kept and dropped, and why."""
    from topics.corpus.build import summary, summary_sentence

    return summary_sentence(summary(corpus))
