"""A run over shards, from settings to a published folder.

Each step is done for all shards, or found in the cache, when first asked for.
"""

from __future__ import annotations

import itertools
import json
import os
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from topics.about import __version__
from topics.cache import folders, publish, store
from topics.cache.log import RunLog
from topics.cache.stage import NullObserver, Observer
from topics.config import Config, CorpusSettings
from topics.config.load import as_plain
from topics.corpus.build import REASONS, assumptions, other_languages, summary_sentence, unfilled
from topics.corpus.read import today
from topics.corpus.readers import names
from topics.embed.embed import unread_languages
from topics.embed.encoder import kind_of
from topics.errors import ConfigError, CorpusError, InputError
from topics.pipeline import libraries
from topics.runner import check_before, folder_of, paper_files
from topics.runs.prune import PARTS
from topics.runs.run import FIT, SHARDED, Run, open_run
from topics.shards import tables
from topics.shards.clean import CleanShard, SplitFile
from topics.shards.count import CountShard, ShardWords, Tally, sides_of, total
from topics.shards.duplicates import PAPERS_PER_BUCKET, Duplicates, FindDuplicates
from topics.shards.engine import Engine
from topics.shards.fit import Fit, fit
from topics.shards.label import LabelShard
from topics.shards.sample import SampleShard, limits, sampling_keys
from topics.shards.task import (
    ASSIGNED,
    LEFT_OUT,
    SUMS,
    Tallies,
    Task,
    fingerprints_of,
    finish,
    kept,
    tallies_of,
)
from topics.trends.periods import Calendar, find_periods
from topics.trends.trends import trends_of
from topics.trends.words import Usage
from topics.types import Hashes, Longs, Trends, counted

T = TypeVar("T", bound=Task)

FORM = 1
"""The form of the folder that is written."""


@dataclass(frozen=True)
class Dropped:
    """The duplicates of one shard: their rows, and the earlier shard that has each."""

    rows: tuple[int, ...]
    first: tuple[int, ...]


@dataclass(frozen=True)
class ShardedRun:
    """root: the cache of this corpus. files: paper files by name, in the order of their names; digests: of
    each. day: what dates without a year are counted back from.
    """

    config: Config
    engine: Engine
    observer: Observer
    root: Path
    files: Mapping[str, Path]
    digests: Mapping[str, str]
    day: str | None

    @property
    def settings(self) -> CorpusSettings:
        """How files are read, without their names."""
        return self.config.corpus.model_copy(update={"papers": ()})

    def done(self, tasks: Sequence[T]) -> Sequence[T]:
        """The tasks of one step, all of them finished."""
        # A run on the sample has stages of the same names.
        step, begin = f"{tasks[0].recipe.step} shards", time.perf_counter()
        self.observer.started(step)
        computed = 0
        with self.observer.progress(step, len(tasks), "shards") as progress:
            for fresh in self.engine.map(finish, tasks):
                computed += fresh
                progress(1)
        self.observer.detail(f"{step}: {computed:,} of {len(tasks):,} had to be done")
        self.observer.finished(step, time.perf_counter() - begin, cached=not computed)
        return tasks

    @cached_property
    def clean(self) -> Sequence[CleanShard]:
        """The shards of papers; a shard's place here is its number.

        Raises InputError: there is no paper in any.
        """
        size, plain = self.config.shards.papers_per_shard, as_plain(self.settings)
        split = [
            SplitFile(
                self.root,
                SplitFile.recipe.key([plain, self.day, size], name, self.digests[name]),
                name,
                path,
                self.settings,
                size,
            )
            for name, path in self.files.items()
        ]
        tasks = [
            CleanShard(
                self.root,
                CleanShard.recipe.key(plain, file.key, piece.name),
                f"{file.what}, records from {number * size + 1:,} on",
                piece,
                self.settings,
            )
            for file in self.done(split)
            for number, piece in enumerate(file.pieces)
        ]
        self.done(tasks)
        if not any(len(fingerprints_of(task.place)) for task in tasks):
            account = account_of(total(tallies_of(task.place) for task in tasks), len(self.files))
            raise InputError(f"No paper is left: {summary_sentence(account)}")
        return tasks

    @cached_property
    def _cleaned(self) -> int:
        """Papers of all shards, duplicates among them."""
        return sum(len(fingerprints_of(task.place)) for task in self.clean)

    @cached_property
    def _duplicates(self) -> Sequence[Duplicates]:
        if self.settings.duplicates == "keep":
            none = np.zeros(0, np.int64)
            return [Duplicates(none, none, none, none.astype(np.uint64))]
        papers = tuple(task.place for task in self.clean)
        keys = [task.key for task in self.clean]
        buckets = 1 + self._cleaned // PAPERS_PER_BUCKET
        tasks = [
            FindDuplicates(
                self.root,
                FindDuplicates.recipe.key([bucket, buckets], *keys),
                f"bucket {bucket + 1} of {buckets}",
                papers,
                bucket,
                buckets,
            )
            for bucket in range(buckets)
        ]
        return [store.unpack(Duplicates, task.place) for task in self.done(tasks)]

    @cached_property
    def dropped(self) -> Sequence[Dropped]:
        """The duplicates of each shard."""
        shard, row, first = (
            np.concatenate([getattr(found, name) for found in self._duplicates])
            for name in ("shard", "row", "first")
        )
        order = np.lexsort((row, shard))
        ends = np.searchsorted(shard[order], np.arange(len(self.clean) + 1)).tolist()
        return [
            Dropped(tuple(row[order[start:end]].tolist()), tuple(first[order[start:end]].tolist()))
            for start, end in itertools.pairwise(ends)
        ]

    @cached_property
    def sharing(self) -> int:
        """Papers that share an identifier, and no text, with a paper of an earlier shard."""
        return len(np.unique(np.concatenate([found.sharing for found in self._duplicates])))

    @cached_property
    def drawn(self) -> Sequence[SampleShard]:
        """The sample's papers of each shard."""
        seed = self.config.random_state
        highest = limits(self._sampling_keys(seed), self.config.shards.fit_papers)
        return self.done(
            [
                SampleShard(
                    self.root,
                    SampleShard.recipe.key([sorted(highest.items()), seed], task.key, dropped.rows),
                    task.what,
                    task.place,
                    dropped.rows,
                    highest,
                    seed,
                )
                for task, dropped in zip(self.clean, self.dropped, strict=True)
            ]
        )

    def _sampling_keys(self, seed: int) -> Iterator[tuple[Hashes, npt.NDArray[np.int16]]]:
        for task, dropped in zip(self.clean, self.dropped, strict=True):
            prints = fingerprints_of(task.place)
            rows = kept(prints, dropped.rows)
            yield sampling_keys(prints.texts[rows], seed), prints.years[rows]

    @cached_property
    def papers(self) -> int:
        """How many there are in all shards."""
        return self._cleaned - sum(len(dropped.rows) for dropped in self.dropped)

    @cached_property
    def fit(self) -> Fit:
        """The run on the sample."""
        return fit(self.config, self.root, self.drawn, self.papers, self.digests, self.observer)

    @cached_property
    def run(self) -> Run:
        return open_run(self.fit.folder)

    def _kept(self, stages: Sequence[str]) -> Mapping[str, str]:
        """Digests of what the run on the sample keeps of some stages."""
        starts = tuple(f"data/{stage}/" for stage in stages)
        return {name: sha for name, sha in self.run.summary["files"].items() if name.startswith(starts)}

    @cached_property
    def labelled(self) -> Sequence[LabelShard]:
        """The assignments of each shard."""
        settings = [as_plain(self.config.embed), self.config.guide.mode]
        model = self._kept(LabelShard.reads)
        return self.done(
            [
                LabelShard(
                    self.root,
                    LabelShard.recipe.key(settings, model, task.key, dropped.rows, dropped.first),
                    task.what,
                    task.place,
                    self.fit.folder,
                    dropped.rows,
                    dropped.first,
                )
                for task, dropped in zip(self.clean, self.dropped, strict=True)
            ]
        )

    @cached_property
    def tallies(self) -> Tallies:
        """Records, reasons, languages and dates of all shards."""
        return total(tallies_of(task.place) for task in (*self.clean, *self.labelled))

    @cached_property
    def calendar(self) -> Calendar | str:
        """The periods of each date, in the order of `tallies.dates`; a sentence where dates tell nothing."""
        dates = self.tallies.dates
        try:
            return find_periods(list(dates), self.config.trends, np.array(list(dates.values()), np.int64))
        except CorpusError as error:
            return str(error)

    @cached_property
    def counted(self) -> Sequence[CountShard]:
        """Papers and terms of each shard, as whole numbers."""
        of_date, n_periods = {}, 0
        if isinstance(self.calendar, Calendar):
            numbers, n_periods = self.calendar.of_paper.tolist(), len(self.calendar.periods)
            of_date = {date: at for date, at in zip(self.tallies.dates, numbers, strict=True) if at >= 0}
        words = ShardWords(
            self.root,
            ShardWords.recipe.key(
                [sorted(of_date.items()), self.config.label.stop_words], self._kept(ShardWords.reads)
            ),
            "the sample's terms",
            self.fit.folder,
            of_date,
        )
        self.done([words])
        topics = len(self.run.topics)
        return self.done(
            [
                CountShard(
                    self.root,
                    CountShard.recipe.key([topics, n_periods], words.key, task.key, labelled.key),
                    task.what,
                    task.place,
                    labelled.place,
                    dropped.rows,
                    words.place,
                    topics,
                    n_periods,
                )
                for task, labelled, dropped in zip(self.clean, self.labelled, self.dropped, strict=True)
            ]
        )

    @cached_property
    def tally(self) -> Tally:
        """Papers and terms of all shards."""
        return total(store.unpack(Tally, task.place) for task in self.counted)

    @cached_property
    def sums(self) -> Longs:
        """(k, d) sums of the vectors nearest to each topic, see `LabelShard`."""
        return total(np.load(task.place / SUMS, allow_pickle=False) for task in self.labelled)

    @cached_property
    def trends(self) -> Trends | None:
        """What all dates say; `period` is that of each row of `tally`. None where they tell nothing."""
        if not isinstance(self.calendar, Calendar):
            return None
        topics, tally = len(self.run.topics), self.tally
        topic, nearest, period = sides_of(topics, len(self.calendar.periods))
        usage = Usage(tally.uses, tally.users, tally.papers, self.run.counts.terms)
        return trends_of(
            replace(self.calendar, of_paper=period), nearest, topic, usage, topics, self.config.trends
        )


def account_of(tallies: Tallies, files: int) -> dict[str, int]:
    """The counts of `topics.corpus.build.summary` for all shards."""
    left_out = {reason: tallies.reasons[reason] for reason in REASONS if tallies.reasons[reason]}
    kept = tallies.records - sum(left_out.values())
    return {"files": files, "records": tallies.records, "kept": kept} | left_out


def run(
    config: Config, engine: Engine, *, output: Path | None = None, observer: Observer | None = None
) -> Path:
    """Find topics in a sample, give them to all papers, and write the result's folder; gives its path.

    Raises TopicsError: anything that the user can mend, in one sentence; nothing is written then.
    """
    if not kind_of(config.embed).encodes:
        raise ConfigError(
            f"embed.encoder is {config.embed.encoder}, but papers outside the sample need an encoder, and a "
            "file of vectors has none; name an encoder, or run without --engine"
        )
    target = folder_of(config, output)
    check_before(config, target)
    log = RunLog(observer or NullObserver())
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
        _publish(ShardedRun(config, engine, log, root, files, digests, day), target, log)
    finally:
        held.close()
    return target


def written(folder: Path) -> list[Path]:
    """The files and folders of a result, in the order of `topics.shards.tables.OUTPUTS`."""
    return [folder / name for name in tables.OUTPUTS if (folder / name).exists()]


def _publish(sharded: ShardedRun, target: Path, log: RunLog) -> None:
    from topics.output.trends.gallery import write_trend_files

    account = _account(sharded)
    whole = tables.ShardedTables(
        sharded.tally,
        sharded.sums,
        sharded.run.clustering,
        sharded.run.topics,
        sharded.run.hierarchy,
        sharded.run.counts.terms,
        sharded.trends,
        account,
        sharded.tallies.reasons,
    )
    with publish.publish(target) as folder:
        for name, file in (("assignments", ASSIGNED), ("left_out", LEFT_OUT)):
            (folder / name).mkdir()
            for number, task in enumerate(sharded.labelled):
                shutil.copyfile(task.place / file, folder / name / f"part-{number:05d}.parquet")
        shutil.copytree(sharded.fit.folder, folder / FIT, copy_function=shutil.copyfile)
        tables.write_tables(whole, folder)
        if sharded.trends:
            run, settings = sharded.run, sharded.config.map
            # The map of the sample lacks most papers of the trends.
            write_trend_files(
                sharded.trends, run.topics, run.clustering, run.layout, settings, folder, places=False
            )
        # What `topics cache prune --keep` keeps.
        fitted = json.loads((folder / FIT / store.STAGES_FILE).read_text(encoding="utf-8"))
        stages = {**fitted, SHARDED: {"key": sharded.root.parent.name}}
        store.write_json(folder / store.STAGES_FILE, stages)
        summary = _summary(sharded, whole, folder)
        store.write_summary(folder / store.RUN_FILE, summary)
        log.save(folder / store.LOG_FILE, account, summary["versions"])


def _account(sharded: ShardedRun) -> tuple[str, ...]:
    """What was read, drawn, left out and assumed, in sentences."""
    tallies, papers = sharded.tallies, len(sharded.run.corpus)
    everywhere = papers == sharded.papers
    lines = [
        f"{summary_sentence(account_of(tallies, len(sharded.files)))}.",
        "Topics were found in all of them."
        if everywhere
        else f"Topics were found in {papers:,} of them, a sample in which each year has the share that it "
        "has of all; the other papers have the nearest of these topics.",
    ]
    if sharded.sharing:
        lines.append(
            f"{counted(sharded.sharing, 'paper')} with an identifier of a paper in another shard, but not "
            "its text, count as papers of their own."
        )
    if model := sharded.config.label.llm.model:
        lines.append(f"Labels were worded by the language model {model}.")
    found_in = sharded.run.corpus
    unread = unread_languages(found_in.languages, found_in.texts, sharded.config.embed)
    notes = (
        *assumptions(tallies.assumed),
        *unfilled(tallies.filled, sharded.config.corpus),
        *other_languages(tallies.languages),
        *(note if everywhere else f"of the papers in which topics were found, {note}" for note in unread),
    )
    lines += [f"{text}." for text in notes]
    if isinstance(sharded.calendar, str):
        lines.append(f"No trends: {sharded.calendar}")
    return tuple(lines)


def _summary(sharded: ShardedRun, whole: tables.ShardedTables, folder: Path) -> dict[str, Any]:
    fitted = sharded.run.summary
    return {
        "paper_topics": {"version": __version__, "format": store.RUN_FORMAT},
        SHARDED: {
            "form": FORM,
            "engine": sharded.engine.name,
            "files": len(sharded.files),
            "parts": len(sharded.labelled),
            "papers_per_shard": sharded.config.shards.papers_per_shard,
            "duplicates": sum(len(dropped.rows) for dropped in sharded.dropped),
            "sharing_an_identifier": sharded.sharing,
        },
        FIT: {
            "papers": len(sharded.run.corpus),
            "drawn": sharded.fit.drawn,
            "of": sharded.papers,
            "run_json": store.file_digest(sharded.fit.folder / store.RUN_FILE),
        },
        "config": as_plain(sharded.config),
        "random_state": sharded.config.random_state,
        "inputs": sharded.digests,
        "account": account_of(sharded.tallies, len(sharded.files)),
        "account_text": whole.account[0],
        "notes": [*whole.account[1:], *(sharded.trends.notes if sharded.trends else ())],
        "counts": {
            "papers": whole.papers,
            "topics": len(whole.topics),
            "outliers": whole.papers - sum(whole.sizes),
        },
        "encoder": fitted["encoder"],
        "versions": store.versions({*libraries(), "ray"} if sharded.engine.name == "ray" else libraries()),
        "files": store.digests(folder, skip=[store.STAGES_FILE]),
    }
