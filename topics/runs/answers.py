"""Papers of any readable file with the topics of a run: a row for every record that was read.

Records are cleaned and screened as in the run. What a run leaves out for its text (no abstract, a notice ...)
gets no topic here either, but keeps its row, with the reason. Duplicates are papers like any other here.
"""

from __future__ import annotations

import dataclasses
import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from topics.cache import publish
from topics.corpus.build import REASONS, counted
from topics.corpus.input_columns import original_columns
from topics.corpus.rows import stage_records
from topics.errors import InputError
from topics.runs.predict import BESIDE, Labeller, strangers
from topics.types import OUTLIER, Broken, Floats, Integers, Labelled, Record, Texts

if TYPE_CHECKING:
    import pyarrow as pa

    from topics.config import CorpusSettings
    from topics.embed.precomputed import Vectors
    from topics.types import Progress

RESULTS: Mapping[str, str] = {
    "topic": "the topic; -1 for a paper that is unlike all papers of the run, or an outlier of it",
    "nearest_topic": "the nearest topic, never -1",
    "label": "the label of the nearest topic",
    "probability": "how firmly the paper belongs there",
    "second_topic": "the next topic",
    "second_label": "its label",
    "second_probability": "how likely that one is",
    "familiarity": "share of the run's papers that are no closer to the run than this one",
    "in_run": "the id of the run's paper with the same text",
    "left_out": "why there is no topic",
    "file": "the file that the record is from",
    "position": "its line or number there",
}
"""The columns that labelling adds, and what they hold. All but the last two are empty where they do not
apply."""

_SHARES = ("probability", "second_probability", "familiarity")

FORMATS = {".csv": "CSV", ".parquet": "Parquet", ".jsonl": "JSON lines"}
WINDOW = 8192


@dataclass(frozen=True)
class Answers:
    """Every record of the input and what the run says about it.

    records: table of the m records that were read, with the columns of `topics.corpus.build.PAPER_SCHEMA` and
        `reason`, why a record has no topic. rows: (k,) the rows of those that have one, in ascending order.
    labelled: their topics. labels: the run's labels. ids: the ids of the run's papers.
    """

    records: pa.Table
    rows: Integers
    labelled: Labelled
    labels: tuple[str, ...]
    ids: tuple[str, ...]

    @cached_property
    def table(self) -> pa.Table:
        """The m rows: the input's own columns, then those of `RESULTS`.

        `id` and `title` stand first where the input has no columns of these names. A column of the input that
        has the name of a result is called `input_...`.
        """
        import pyarrow as pa

        own = original_columns(self.records)
        first = [name for name in ("id", "title") if name not in own.column_names]
        columns = {name: self.records.column(name) for name in first}
        columns |= {_renamed(name, own.column_names): own.column(name) for name in own.column_names}
        return pa.table(columns | self.results)

    @cached_property
    def results(self) -> dict[str, pa.Array]:
        """The columns of `RESULTS`, m rows each, null where a record has no topic."""
        import pyarrow as pa

        found = self.labelled
        names, ids = pa.array(self.labels), pa.array(self.ids)
        place = np.full(self.records.num_rows, -1)
        place[self.rows] = np.arange(len(self.rows))
        spread = pa.array(place, mask=place < 0)

        def column(values: Any, empty: Any = None) -> pa.Array:
            return pa.array(values, mask=empty).take(spread)

        second, row = found.second_topic, found.row
        return {
            "topic": column(found.topic),
            "nearest_topic": column(found.nearest_topic),
            "label": names.take(column(found.nearest_topic)),
            "probability": column(found.probability),
            "second_topic": column(second, second == OUTLIER),
            "second_label": names.take(column(second, second == OUTLIER)),
            "second_probability": column(found.second_probability, second == OUTLIER),
            "familiarity": column(found.familiarity),
            "in_run": ids.take(column(row, row < 0)),
            "left_out": pa.array([reason or None for reason in self.records.column("reason").to_pylist()]),
            "file": self.records.column("file").combine_chunks(),
            "position": self.records.column("position").combine_chunks(),
        }

    def summary(self, labeller: Labeller) -> list[str]:
        """Sentences: how many records were labelled, how many not and why, and how many are like nothing."""
        records, known = self.records.num_rows, int((self.labelled.row >= 0).sum())
        new = self.labelled.row < 0
        many = int(new.sum())
        unlike = strangers(self.labelled, labeller.abstain)
        held = f", {known:,} of them in the run already" if known else ""
        lines = [
            f"{counted(records, 'record')} read, {len(self.rows):,} labelled{held}{self._left_out()}.",
        ]
        if many and labeller.abstain:
            strange = int(unlike.sum())
            lines.append(
                f"{strange:,} of {counted(many, 'new paper')} ({strange / many:.1%}) are unlike all "
                f"papers of the run and got topic -1; so would {labeller.turned_away:.1%} of the run's own."
            )
        if beside := int((new & ~unlike & (self.labelled.topic == OUTLIER)).sum()):
            lines.append(f"{beside:,} of {counted(many, 'new paper')} {BESIDE} and got topic -1.")
        return lines

    def _left_out(self) -> str:
        reasons = [reason.partition(":")[0] for reason in self.records.column("reason").to_pylist() if reason]
        words = {**REASONS, "notice": "notices"}
        named = ", ".join(f"{number:,} {words[name]}" for name, number in Counter(reasons).most_common())
        return f"; {len(reasons):,} without a topic: {named} (column left_out)" if reasons else ""


def label_records(
    labeller: Labeller,
    records: Iterable[Record | Broken],
    settings: CorpusSettings,
    *,
    vectors: Vectors | None = None,
    progress: Progress | None = None,
) -> Answers:
    """Label all records that have a text.

    vectors: one per record, or one per record that has a text, from whatever made the run's.

    Raises InputError: no record has a text to label. ModelError: the run's encoder is not here, or the
    vectors do not fit.
    """
    read = stage_records(records, settings)
    usable = [not reason for reason in read.column("reason").to_pylist()]
    rows = np.flatnonzero(usable).astype(np.int32)
    if not len(rows):
        first = f"; the first is left out as {read.column('reason')[0]}" if read.num_rows else ""
        raise InputError(f"None of {read.num_rows:,} records has a text to label{first}.")
    given = vectors.select(usable) if vectors else None
    papers = read.take(rows)
    run = labeller.run
    parts = [
        _window(labeller, papers.slice(start, WINDOW), given, start, progress)
        for start in range(0, len(rows), WINDOW)
    ]
    whole = {
        field.name: np.concatenate([getattr(part, field.name) for part in parts])
        for field in dataclasses.fields(Labelled)
    }
    return Answers(read, rows, Labelled(**whole), run.topics.labels, run.corpus.ids)


def _window(
    labeller: Labeller, papers: pa.Table, given: Floats | None, start: int, progress: Progress | None
) -> Labelled:
    texts = list(Texts(papers, "title", "abstract"))
    own = None if given is None else given[start : start + len(texts)]
    return labeller.place(*labeller.encode(texts, progress, own))


def _renamed(name: str, others: Collection[str]) -> str:
    """What a column of the input is called beside the results."""
    free = name
    while free in RESULTS or (free != name and free in others):
        free = f"input_{free}"
    return free


def check_format(path: Path) -> None:
    """Raises InputError: the end of the name is not one of `FORMATS`."""
    if path.suffix.lower() not in FORMATS or path.is_dir():
        known = ", ".join(f"{suffix} ({name})" for suffix, name in FORMATS.items())
        raise InputError(f"{path}: name a file that ends in one of {known}")


def write(answers: Answers, path: Path) -> None:
    """Write the table as the end of the name says, whole or not at all.

    Raises InputError: see `check_format`. RunError: the folder cannot be written.
    """
    check_format(path)
    writer = {".csv": write_csv, ".parquet": _write_parquet, ".jsonl": _write_lines}[path.suffix.lower()]
    with publish.whole_file(path) as place:
        writer(answers, place)


def write_csv(answers: Answers, path: Path) -> None:
    from topics.output.tables import write_csv

    columns = [_texts(answers.table.column(name).to_pylist()) for name in answers.table.column_names]
    write_csv(path, answers.table.column_names, zip(*columns, strict=True))


def _texts(values: list[Any]) -> list[Any]:
    return [
        "" if value is None else f"{value:.4f}".rstrip("0").rstrip(".") if isinstance(value, float) else value
        for value in values
    ]


def _write_parquet(answers: Answers, path: Path) -> None:
    import pyarrow.parquet as pq

    pq.write_table(answers.table, path, compression="zstd")


def _write_lines(answers: Answers, path: Path) -> None:
    """The input's lists and mappings stay what they are here."""
    originals = [json.loads(text or "{}") for text in answers.records.column("original").to_pylist()]
    names = {name for original in originals for name in original}
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        for original, row in zip(originals, answers.table.to_pylist(), strict=True):
            row |= {_renamed(name, names): value for name, value in original.items()}
            row |= {name: round(row[name], 6) for name in _SHARES if row[name] is not None}
            stream.write(json.dumps(row, ensure_ascii=False) + "\n")
