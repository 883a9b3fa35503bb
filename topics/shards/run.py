"""A run over shards, from settings to a published folder."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

from topics import pipeline
from topics.about import __version__
from topics.cache import folders, publish, store
from topics.cache.log import Diary
from topics.cache.stage import Observer, Silence
from topics.config import Config
from topics.config.load import as_plain
from topics.corpus.build import assumptions, counted, other_languages, summary_sentence
from topics.corpus.readers import names
from topics.errors import ConfigError
from topics.inputs import paper_files, today
from topics.plan import libraries
from topics.runs.prune import PARTS
from topics.runs.run import FIT, SHARDED
from topics.shards import tables
from topics.shards.engine import Engine
from topics.shards.papers import ASSIGNED, LEFT_OUT
from topics.shards.way import Way, account_of

FORM = 1
"""The form of the folder that is written."""


def run(
    config: Config, engine: Engine, *, output: Path | None = None, observer: Observer | None = None
) -> Path:
    """Find topics in a sample, give them to all papers, and write the result's folder; gives its path.

    Raises TopicsError: anything that the user can mend, in one sentence; nothing is written then.
    """
    target = output or Path(config.output_dir) / (config.name or "run")
    publish.check_target(target)
    pipeline.check_beside(config)
    if config.embed.encoder.endswith(".npy"):
        raise ConfigError(
            f"embed.encoder is {config.embed.encoder}, but papers outside the sample need an encoder, and a "
            "file of vectors has none; name an encoder, or run without --engine"
        )
    diary = Diary(observer or Silence())
    found = paper_files(config)
    day = today(config, found)
    # In the order of their names, so that the order in which they are given changes nothing.
    files = dict(sorted(zip(names(found), (path.resolve() for path in found), strict=True)))
    digests = dict(zip(files, engine.map(store.file_digest, list(files.values())), strict=True))
    place = store.Cache.of(config.cache.dir).place(PARTS, store.stage_key(SHARDED, inputs=digests)).resolve()
    # The folder is held while entries change hands in the one below: both take a lock.
    root = place / SHARDED
    root.mkdir(parents=True, exist_ok=True)
    # Pruning by age goes by when a run was last here.
    os.utime(place)
    held = folders.hold(place)
    try:
        _publish(Way(config, engine, diary, root, files, digests, day), target, diary)
    finally:
        held.close()
    return target


def written(folder: Path) -> list[Path]:
    """The files and folders of a result, in the order of `topics.shards.tables.OUTPUTS`."""
    return [folder / name for name in tables.OUTPUTS if (folder / name).exists()]


def _publish(way: Way, target: Path, diary: Diary) -> None:
    account = _account(way)
    whole = tables.Whole(
        way.tally,
        way.sums,
        way.run.clustering,
        way.run.topics,
        way.run.hierarchy,
        way.run.counts.terms,
        way.trends,
        account,
        way.tallies.reasons,
    )
    with publish.publish(target) as folder:
        for name, file in (("assignments", ASSIGNED), ("left_out", LEFT_OUT)):
            (folder / name).mkdir()
            for number, task in enumerate(way.labelled):
                shutil.copyfile(task.place / file, folder / name / f"part-{number:05d}.parquet")
        shutil.copytree(way.fit.folder, folder / FIT, copy_function=shutil.copyfile)
        tables.write_tables(whole, folder)
        _write_trends(way, folder)
        summary = _summary(way, whole, folder)
        store.write_summary(folder / store.RUN_FILE, summary)
        diary.save(folder / store.LOG_FILE, account, summary["versions"])


def _write_trends(way: Way, folder: Path) -> None:
    from topics.output.trends.gallery import draw_trends
    from topics.output.trends.tables import write_trends

    if way.trends is None:
        return
    write_trends(way.trends, way.run.topics, folder)
    if way.trends.telling:
        run = way.run
        draw_trends(way.trends, run.topics, run.clustering, run.layout, way.config.map, folder, places=False)


def _account(way: Way) -> tuple[str, ...]:
    """What was read, drawn, left out and assumed, in sentences."""
    tallies, papers = way.tallies, len(way.run.corpus)
    everywhere = papers == way.papers
    lines = [
        f"{summary_sentence(account_of(tallies, len(way.files)))}.",
        "Topics were found in all of them."
        if everywhere
        else f"Topics were found in {papers:,} of them, a sample in which each year has the share that it "
        "has of all; the other papers have the nearest of these topics.",
    ]
    if way.sharing:
        lines.append(
            f"{counted(way.sharing, 'paper')} with an identifier of a paper in another shard, but not its "
            "text, count as papers of their own."
        )
    if model := way.config.label.llm.model:
        lines.append(f"Labels were worded by the language model {model}.")
    lines += [f"{text}." for text in (*assumptions(tallies.assumed), *other_languages(tallies.languages))]
    if isinstance(way.calendar, str):
        lines.append(f"No trends: {way.calendar}")
    return tuple(lines)


def _summary(way: Way, whole: tables.Whole, folder: Path) -> dict[str, Any]:
    fitted = way.run.summary
    return {
        "paper_topics": {"version": __version__, "format": store.RUN_FORMAT},
        SHARDED: {
            "form": FORM,
            "engine": way.engine.name,
            "files": len(way.files),
            "parts": len(way.labelled),
            "papers_per_shard": way.config.shards.papers_per_shard,
            "twins": sum(len(dropped.rows) for dropped in way.dropped),
            "sharing_an_identifier": way.sharing,
        },
        FIT: {
            "papers": len(way.run.corpus),
            "drawn": way.fit.drawn,
            "of": way.papers,
            "run_json": store.file_digest(way.fit.folder / store.RUN_FILE),
        },
        "config": as_plain(way.config),
        "random_state": way.config.random_state,
        "inputs": way.digests,
        "account": account_of(way.tallies, len(way.files)),
        "account_text": whole.account[0],
        "notes": [*whole.account[1:], *(way.trends.notes if way.trends else ())],
        "counts": {
            "papers": whole.papers,
            "topics": len(whole.topics),
            "outliers": whole.papers - sum(whole.sizes),
        },
        "encoder": fitted["encoder"],
        "versions": store.versions({*libraries(), "ray"} if way.engine.name == "ray" else libraries()),
        # What `topics cache prune --keep` keeps.
        "stages": {**fitted["stages"], SHARDED: {"key": way.root.parent.name}},
        "files": store.digests(folder),
    }
