"""Comparisons on finished runs: other periods, two periods, two runs, groups of papers.

Everything comes from what the runs keep and goes into a folder of its own; the runs themselves stay as they
are. Such a folder bears a mark, `trends.json`, `compare.json` or `saturation.json`, by which it may be
written anew.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from topics.cache import publish
from topics.config.fields import check_moment
from topics.config.load import as_plain, validate
from topics.embed.encoder import kind_of
from topics.errors import ConfigError, CorpusError
from topics.runs.run import Run, open_run
from topics.types import Corpus, Integers, Progress, Projection, counted, unwatched

if TYPE_CHECKING:
    from topics.config import TrendSettings
    from topics.evidence.columns import Grouping
    from topics.trends.compare import Side
    from topics.types import Comparison, GroupComparison, TopicFlow, Trends
    from topics.types.groups import Saturation

TRENDS_FILE, COMPARISON_FILE, SATURATION_FILE = "trends.json", "compare.json", "saturation.json"


def trends_of(run: Run, *, period: str | None, start: str | None, end: str | None) -> Trends:
    """The trends of a finished run in other periods; what is None is as the run's settings say.

    Raises ConfigError: a bound that is no date, dates too coarse for the period.
    Raises CorpusError: no dates, no papers in the time asked for, or all of them in one period.
    """
    from topics.trends.trends import find_trends

    for option, moment in (("--from", start), ("--to", end)):
        _check_bound(option, moment)
    if start and end and start[: len(end)] > end[: len(start)]:
        raise ConfigError(f"--from {start} lies after --to {end}; swap them")
    settings = _settings(run, period=period, start=start, end=end)
    return find_trends(run.corpus, run.clustering, run.topics, run.counts, settings)


def write_trends(run: Run, found: Trends, target: Path) -> tuple[Path, ...]:
    """Write tables and pictures of a run's trends into a folder; gives the files.

    Raises RunError: something else lies there.
    """
    from topics.output.trends import tables
    from topics.output.trends.gallery import draw_trends

    def write(folder: Path) -> tuple[str, ...]:
        drawn = draw_trends(found, run.topics, run.clustering, run.layout, run.config.map, folder)
        return (*tables.write_trends(found, run.topics, folder), *drawn)

    return _published(target, TRENDS_FILE, [run], write, unit=found.unit, notes=list(found.notes))


def trends_folder(run: Path, *, period: str | None, start: str | None, end: str | None) -> Path:
    """Where trends go unless told otherwise: beside the run, named after what was asked for."""
    span = f"{start or ''}..{end or ''}" if start or end else ""
    return folder_beside(run, "-".join(part for part in ("trends", period or "", span) if part))


def compare_spans(run: Run, before: str, after: str) -> Comparison:
    """The topics of one run in two spans of time.

    Raises ConfigError: a span that cannot be read, or spans that overlap or stand in the wrong order.
    Raises CorpusError: no dates, or a span without papers.
    """
    from topics.trends.compare import compare_periods

    stages = (run.corpus, run.clustering, run.topics, run.counts)
    return compare_periods(*stages, (before, after), run.config.trends)


def compare_two(before: Run, after: Run) -> Comparison:
    """The topics of two runs, by the first one's settings.

    Raises CorpusError: so few topics that nothing shows how alike different ones are.
    """
    from topics.trends.compare import compare_runs

    names = _told_apart([before.path, after.path])
    return compare_runs(_side(before, names[0]), _side(after, names[1]), before.config.trends)


def flow_between(run: Run, spans: Sequence[str], *, refit: bool, progress: Progress = unwatched) -> TopicFlow:
    """The topics of one run in successive spans of time. refit: found anew in the papers of each span.

    Raises ConfigError: fewer than two spans, spans that cannot be read or in the wrong order, or a grouping
        that needs a layout. CorpusError: a span without papers, or with too few for topics of its own.
    """
    from topics.cluster.methods import methods
    from topics.trends.flow import EACH_FIT, flow_of_sides, flow_of_spans, spans_of

    if len(spans) < 2:
        raise ConfigError("--spans takes two spans of time or more, as in 2016..2018,2019..2021,2022..2025")
    if not refit:
        return flow_of_spans(run.corpus, run.clustering, run.topics, spans)
    if methods()[run.config.cluster.method].reduced:
        raise ConfigError(
            f"--refit groups vectors, and cluster.method {run.config.cluster.method} groups a layout of "
            "them; compare runs of each period instead"
        )
    span = spans_of(run.corpus.dates, spans)
    sides = []
    for number, name in enumerate(spans):
        sides.append(_fitted_alone(run, name, np.flatnonzero(span == number).astype(np.int32)))
        progress(1)
    return flow_of_sides(sides, run.config.trends, EACH_FIT)


def flow_of_runs(runs: Sequence[Run]) -> TopicFlow:
    """The topics of successive runs, by the first one's settings.

    Raises CorpusError: so few topics that nothing shows how alike different ones are.
    """
    from topics.trends.flow import EACH_RUN, flow_of_sides

    names = _told_apart([run.path for run in runs])
    sides = [_side(run, name) for run, name in zip(runs, names, strict=True)]
    return flow_of_sides(sides, runs[0].config.trends, EACH_RUN)


def _fitted_alone(run: Run, name: str, rows: Integers) -> Side:
    """The topics of some of a run's papers, found in these alone."""
    from threadpoolctl import threadpool_limits

    from topics.cluster.cluster import cluster
    from topics.cluster.umap import find_neighbours
    from topics.embed.lsa import is_lsa
    from topics.label.topics import label_topics
    from topics.trends.compare import Side

    embeddings, seed = run.embeddings.of(rows), run.config.random_state
    corpus = Corpus(run.corpus.papers.take(rows), run.corpus.account)
    counts = run.counts.of(rows)
    settings = run.config.cluster
    if settings.n_topics != "auto":
        settings = settings.model_copy(update={"n_topics": max(2, min(settings.n_topics, len(rows) // 2))})
    try:
        with threadpool_limits(1):
            near = find_neighbours(embeddings, run.config.reduce, random_state=seed)
            texts = corpus.texts if is_lsa(embeddings.encoder) else ()
            none = Projection.none(len(rows))
            found = cluster(embeddings, near, none, settings, random_state=seed, texts=texts)
    except CorpusError as error:
        raise CorpusError(f"{name}: {error}") from None
    topics = label_topics(corpus, embeddings, found, counts, run.config.label)
    return Side(name, corpus, found, topics, counts, run.embeddings.encoder)


def write_flows(runs: Sequence[Run], found: TopicFlow, target: Path) -> tuple[Path, ...]:
    """Write the picture and the tables of a flow; gives the files.

    Raises RunError: something else lies there.
    """
    from topics.output.trends.flows import write_flow

    write = partial(write_flow, found, runs[0].config.map)
    periods = [column.name for column in found.columns]
    return _published(target, COMPARISON_FILE, runs, write, periods=periods, fit=found.fit)


def flow_folder(runs: Sequence[Path], spans: Sequence[str], *, refit: bool) -> Path:
    """Where a flow goes unless told otherwise: beside the first run."""
    what = [span.replace("..", "-") for span in spans] or [run.resolve().name for run in runs[1:]]
    return folder_beside(runs[0], "-".join(["flow", *(["refit"] if refit else []), *what]))


def write_comparison(runs: tuple[Run, Run], found: Comparison, target: Path) -> tuple[Path, ...]:
    """Write tables, pictures and the page of a comparison; gives the files. runs: of both sides.

    Raises RunError: something else lies there.
    """
    from topics.output.trends import tables
    from topics.output.trends.compare_page import write_page
    from topics.output.trends.gallery import draw_comparison

    corpora: tuple[Corpus, Corpus] = (runs[0].corpus, runs[1].corpus)

    def write(folder: Path) -> tuple[str, ...]:
        return (
            *tables.write_comparison(found, corpora, folder),
            *write_page(found, corpora, folder),
            *draw_comparison(found, runs[0].config.map, folder),
        )

    return _published(target, COMPARISON_FILE, runs, write, before=found.before, after=found.after)


def comparison_folder(runs: tuple[Path, ...], before: str | None, after: str | None) -> Path:
    """Where a comparison goes unless told otherwise: beside the first run."""
    if len(runs) == 1:
        return folder_beside(runs[0], f"compare-{before}-{after}")
    return folder_beside(runs[0], f"compare-{runs[1].resolve().name}")


def compare_columns(run: Run, column: str, how: Grouping, period: str | None) -> GroupComparison:
    """The topics of a run in groups of its papers, within each period where one is given.

    Raises InputError: a column that is not there or does not divide the papers into groups.
    Raises CorpusError, ConfigError: no dates, or dates too coarse for the period.
    """
    from topics.evidence.columns import groups_of
    from topics.evidence.contrasts import Strata, compare_groups
    from topics.trends.periods import find_periods

    strata = Strata.one(len(run.corpus))
    notes: tuple[str, ...] = ()
    if period:
        calendar = find_periods(run.corpus.dates, _settings(run, period=period))
        strata = Strata(calendar.unit, tuple(period.name for period in calendar.periods), calendar.of_paper)
        if without := int((calendar.of_paper < 0).sum()):
            notes = (
                f"Without a date that tells the {calendar.unit}, and left out: {counted(without, 'paper')}.",
            )
    membership = groups_of(run.corpus, column, how, strata.of_paper >= 0)
    found = compare_groups(
        run.clustering,
        run.counts,
        run.topics.labels,
        run.regroupings,
        membership,
        strata,
        alpha=run.config.trends.alpha,
        random_state=run.config.random_state,
    )
    return replace(found, notes=(*found.notes, *notes))


def write_groups(run: Run, found: GroupComparison, target: Path) -> tuple[Path, ...]:
    """Write tables, pictures and the page of groups compared; gives the files.

    Raises RunError: something else lies there.
    """
    from topics.output.evidence.page import write_page
    from topics.output.evidence.pictures import draw_groups
    from topics.output.evidence.tables import write_groups

    def write(folder: Path) -> tuple[str, ...]:
        drawn = draw_groups(found, run.config.map, folder)
        return (*write_groups(found, folder), *write_page(found, folder), *drawn)

    return _published(
        target,
        COMPARISON_FILE,
        [run],
        write,
        by=found.column,
        groups=list(found.names),
        period=found.unit,
        cramers_v=round(found.cramers_v, 4),
        cramers_v_corrected=round(found.corrected_v, 4),
        chi2=round(found.chi2, 4),
        degrees=found.degrees,
        p=found.table_p,
        test=found.table_test,
        notes=list(found.notes),
    )


def groups_folder(run: Path, column: str, period: str | None) -> Path:
    """Where groups go unless told otherwise: beside the run, named after the column."""
    plain = "".join(sign if sign.isalnum() or sign in "._-" else "-" for sign in column).strip(".-")[:60]
    return folder_beside(run, "-".join(["by", plain or "column", *([period] if period else [])]))


def saturation_of(run: Run) -> Saturation:
    """Whether more papers would bring more to a run."""
    from topics.evidence.saturation import saturation
    from topics.terms.matrix import count_terms

    # The run's own counts leave out rare words where there are many papers, and phrases never end.
    every = run.config.label.model_copy(update={"min_df": 1, "ngram_max": 1})
    words = count_terms(run.corpus, every)
    return saturation(run.clustering, words, run.regroupings, run.config.random_state)


def write_saturation(run: Run, found: Saturation, target: Path) -> tuple[Path, ...]:
    """Write the page, the table and the pictures of a run's saturation; gives the files.

    Raises RunError: something else lies there.
    """
    from topics.output.evidence.saturation import write_saturation

    write = partial(write_saturation, found, run.config.map)
    said = {"orders": found.orders, "missed": list(found.missed), "coverage": found.coverage}
    return _published(target, SATURATION_FILE, [run], write, **said)


def _published(
    target: Path, mark: str, runs: Sequence[Run], write: Callable[[Path], tuple[str, ...]], **said: Any
) -> tuple[Path, ...]:
    """Write a folder as a whole, and its mark with what is said of it; gives the files that `write` names."""
    with publish.publish(target, mark) as folder:
        names = write(folder)
        publish.leave_mark(folder, mark, runs=[run.path.name for run in runs], **said)
    return tuple(target / name for name in names)


def open_runs(paths: tuple[Path, ...], before: str | None, after: str | None) -> tuple[Run, Run]:
    """The runs of both sides: one run with two spans of time, or two runs.

    Raises ConfigError: any other combination. RunError: see `topics.runs.run.open_run`.
    """
    if len(paths) == 1 and before and after:
        run = open_run(paths[0])
        return run, run
    if len(paths) == 2 and not before and not after:
        return open_run(paths[0]), open_run(paths[1])
    raise ConfigError("compare needs one run with both --before and --after, or two runs without either")


def _settings(run: Run, **given: str | None) -> TrendSettings:
    tree: dict[str, Any] = {"trends": as_plain(run.config.trends)}
    tree["trends"] |= {name: value for name, value in given.items() if value is not None}
    return validate(tree, "topics trends").trends


def _check_bound(option: str, moment: str | None) -> None:
    try:
        if moment is not None:
            check_moment(moment)
    except ValueError:
        raise ConfigError(
            f"{option} {moment} is no date; write a year, a month or a day, as in 2016, 2016-05 or 2016-05-31"
        ) from None


def _side(run: Run, name: str) -> Side:
    from topics.embed.combined import model_part
    from topics.trends.compare import Side

    # Vectors learned from one corpus, or taken from a file, mean nothing beside those of another.
    own = not kind_of(run.config.embed).pretrained
    encoder, centroids = model_part(
        run.embeddings.encoder, run.clustering.centroids, run.folder("embed") / "encoder"
    )
    clustering = replace(run.clustering, centroids=centroids, directions=centroids)
    return Side(name, run.corpus, clustering, run.topics, run.counts, encoder, own)


def _told_apart(folders: Sequence[Path]) -> list[str]:
    """What tells folders apart, with those above them where their names are the same."""
    parts = [path.resolve().parts for path in folders]
    for deep in range(1, max(map(len, parts)) + 1):
        names = ["/".join(part[-deep:]) for part in parts]
        if len(set(names)) == len(names):
            return names
    return [f"{part[-1]} ({number})" for number, part in enumerate(parts, start=1)]


def folder_beside(run: Path, what: str) -> Path:
    """A folder next to a run's, named after it; RUN may be `.`."""
    whole = run.resolve()
    return whole.with_name(f"{whole.name}-{what}") if not run.name else run.with_name(f"{run.name}-{what}")
