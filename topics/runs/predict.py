"""Topics of a finished run for any text: papers of the run and papers that come later.

A text that the run holds keeps the run's vector, so it gets the run's answer whatever computed that vector,
on whatever machine; any other text is encoded by the encoder of the run. From there on both go one way:
`topics.cluster.assign` says which topic is nearest, `topics.cluster.novelty` whether the paper is like
anything in the run, `topics.cluster.memberships` how much of each topic it is.

Files are answered with a row for every record that was read. Records are cleaned and screened as in the run.
What a run leaves out for its text (no abstract, a notice ...) gets no topic here either, but keeps its row,
with the reason. Duplicates are papers like any other here.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from topics.cache import publish
from topics.cluster.memberships import likeliest
from topics.cluster.novelty import novelty_p_values, share_marked
from topics.corpus.build import REASONS
from topics.corpus.input_columns import original_columns
from topics.corpus.rows import stage_records
from topics.embed.embed import unread_languages
from topics.errors import InputError, ModelError
from topics.runs.run import Run
from topics.types import OUTLIER, Broken, Floats, Integers, Labelled, Mask, Record, Texts, counted

if TYPE_CHECKING:
    import pyarrow as pa

    from topics.config import CorpusSettings
    from topics.embed.encoder import Encoder
    from topics.embed.precomputed import Vectors
    from topics.types import Progress

ABSTAIN = 0.05
"""Share of papers like the run's own that are left without a topic, so that papers unlike them can be."""

NOT_ASKED_FOR = "belong to none of the topics asked for"
"""What is said of papers that a zero-shot run has the like of, but no topic for."""

RESULTS: Mapping[str, str] = {
    "topic": "the topic; -1 for a paper that is unlike all papers of the run, or an outlier of it",
    "nearest_topic": "the nearest topic, never -1",
    "label": "the label of the nearest topic",
    "probability": "how firmly the paper belongs there",
    "second_topic": "the next topic",
    "second_label": "its label",
    "second_probability": "how likely that one is",
    "between": "whether the second topic is at least half as likely as the nearest",
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


def novel_papers(labelled: Labelled, abstain: float) -> Mask:
    """(m,) the new papers that are unlike all papers of the run; others of topic -1 are like its outliers."""
    unlike: Mask = (labelled.row < 0) & (labelled.familiarity < abstain)
    return unlike


@dataclass(frozen=True)
class Labeller:
    """The topics of `run` for other papers.

    abstain: papers of a familiarity below this get topic -1; 0 gives every paper a topic.

    Nothing is read before the first question. Every answer depends on the text, or on the vector, that it is
    for and on nothing else: not on the other papers, its place or the number of threads.
    """

    run: Run
    abstain: float = ABSTAIN

    def label(self, texts: Sequence[str], progress: Progress | None = None) -> Labelled:
        """Topics of texts, each a title and an abstract as `topics.types.join_text` joins them.

        Raises ModelError: a text is new and the run's encoder is not here.
        """
        return self.place(*self.encode(texts, progress))

    def encode(
        self, texts: Sequence[str], progress: Progress | None = None, given: Floats | None = None
    ) -> tuple[Floats, Integers]:
        """The vectors of texts and the rows of the run's papers that they are, -1 for new ones.

        given: (m, d) unit rows, vectors of these texts that somebody else computed, with or without the run's
            words beside them; a text is then a paper of the run only if the vector is that paper's, too.
        Returns (m, d) float32 and (m,) int32. Raises ModelError: see `label`, or `given` has another width.
        """
        known = self.run.embeddings.vectors
        rows = self.rows_of(texts)
        if given is not None:
            given = self._whole(given, texts)
            if given.shape[1:] != known.shape[1:]:
                raise ModelError(
                    f"The vectors have {given.shape[1]} dimensions, but those of {self.run.path} have "
                    f"{known.shape[1]}; give vectors from the model that made the run's."
                )
            same = (given == known[rows]).all(axis=1)
            return given, np.where(same, rows, np.int32(-1))
        vectors = np.array(known[rows])
        new = np.flatnonzero(rows < 0)
        if len(new):
            vectors[new] = self.encoder.encode([texts[number] for number in new.tolist()], progress)
        return vectors, rows

    def _whole(self, given: Floats, texts: Sequence[str]) -> Floats:
        """Vectors of the model alone get those of the run's words beside them, where it has them."""
        from topics.embed.combined import load_own_words

        words = load_own_words(self.run.folder("embed") / "encoder")
        if words and given.shape[1] + words.lsa.width == self.run.embeddings.vectors.shape[1]:
            return words.joined_to(given, texts)
        return given

    def place(self, vectors: Floats, rows: Integers) -> Labelled:
        """Topics of vectors; takes what `encode` gives."""
        groups, members = self.run.clustering, self.run.memberships
        chosen, likely = likeliest(vectors, groups.directions, members.rule, 2)
        known = np.flatnonzero(rows >= 0)
        # A paper that an edit has put elsewhere stays there; the nearest topic is the second choice.
        moved = known[groups.nearest_topic[rows[known]] != chosen[known, 0]]
        chosen[moved] = np.column_stack([groups.nearest_topic[rows[moved]], chosen[moved, 0]])
        likely[moved] = np.column_stack([members.probability[rows[moved]], likely[moved, 0]])
        found = novelty_p_values(vectors, rows, self._references, self.run.novelty)
        topic = np.where(found < self.abstain, np.int32(OUTLIER), chosen[:, 0])
        if self.run.config.guide.mode == "zero_shot":
            # Topics that were asked for do not cover the run: a paper among its outliers is one as well.
            outlying = groups.topic[self.run.novelty.rows] == OUTLIER
            topic[share_marked(vectors, self._references, outlying) > 0.5] = OUTLIER
        topic[known] = groups.topic[rows[known]]
        return Labelled(
            topic=topic,
            nearest_topic=chosen[:, 0],
            probability=likely[:, 0],
            second_topic=chosen[:, 1],
            second_probability=likely[:, 1],
            familiarity=found,
            row=rows,
        )

    @cached_property
    def turned_away(self) -> float:
        """Share of the run's own papers, each compared with the others, that would get topic -1."""
        novelty = self.run.novelty
        own = novelty_p_values(self._references, novelty.rows, self._references, novelty)
        return float((own < self.abstain).mean())

    @cached_property
    def encoder(self) -> Encoder:
        """The encoder of the run, rebuilt from its folder.

        Raises ModelError: there is none behind the run's vectors, or it is not on this machine.
        """
        made, encoder = self.run.embeddings.encoder, self.rebuilt
        if encoder is None:
            raise ModelError(
                f"{self.run.path} was made from {made}, which cannot read new papers; give their vectors, "
                "one row per paper, with --vectors FILE.npy."
            )
        if encoder.name != made:
            raise ModelError(
                f"{self.run.path} was made with {made}, and what is installed here is {encoder.name}; new "
                "papers need the same."
            )
        return encoder

    @cached_property
    def rebuilt(self) -> Encoder | None:
        """What is in the run's folder of its encoder; None where the vectors were given.

        Raises ModelError: it is not on this machine.
        """
        from topics.embed.embed import load_encoder

        try:
            return load_encoder(self.run.config.embed, self.run.folder("embed") / "encoder")
        except ModelError as error:
            raise ModelError(
                f"{self.run.path} was made with {self.run.embeddings.encoder}, which new papers need: {error}"
            ) from None

    @cached_property
    def _references(self) -> Floats:
        return self.run.embeddings.vectors[self.run.novelty.rows]

    def rows_of(self, texts: Sequence[str]) -> Integers:
        """(m,) int32, the rows of the run's papers with these texts; -1 for a text that is new."""
        rows = self._known
        return np.array([rows.get(_fingerprint(text), -1) for text in texts], np.int32)

    @cached_property
    def _known(self) -> dict[bytes, int]:
        found: dict[bytes, int] = {}
        for row, text in enumerate(self.run.corpus.texts):
            found.setdefault(_fingerprint(text), row)
        return found


def _fingerprint(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=16).digest()


@dataclass(frozen=True)
class Answers:
    """Every record of the input and what the run says about it.

    records: table of the m records that were read, with the columns of `topics.corpus.rows.PAPER_SCHEMA` and
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
            "between": column(found.between),
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
        n_new = int(new.sum())
        unlike = novel_papers(self.labelled, labeller.abstain)
        held = f", {known:,} of them in the run already" if known else ""
        lines = [
            f"{counted(records, 'record')} read, {len(self.rows):,} labelled{held}{self._left_out()}.",
        ]
        if n_new and labeller.abstain:
            novel = int(unlike.sum())
            lines.append(
                f"{novel:,} of {counted(n_new, 'new paper')} ({novel / n_new:.1%}) are unlike all "
                f"papers of the run and got topic -1; so would {labeller.turned_away:.1%} of the run's own."
            )
        if others := int((new & ~unlike & (self.labelled.topic == OUTLIER)).sum()):
            lines.append(f"{others:,} of {counted(n_new, 'new paper')} {NOT_ASKED_FOR} and got topic -1.")
        papers = self.records.take(self.rows)
        texts = Texts(papers, "title", "abstract")
        spoken = papers.column("language").to_pylist()
        return lines + [f"{note}." for note in unread_languages(spoken, texts, labeller.run.config.embed)]

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
    writer = {".csv": write_answers_csv, ".parquet": _write_parquet, ".jsonl": _write_lines}[
        path.suffix.lower()
    ]
    with publish.whole_file(path) as place:
        writer(answers, place)


def write_answers_csv(answers: Answers, path: Path) -> None:
    """The answers as CSV, numbers with four decimals at most."""
    from topics.output.tables.csv_file import write_csv

    table = answers.table
    columns = {name: _texts(table.column(name).to_pylist()) for name in table.column_names}
    # 1 and 0, as in assignments.csv.
    columns["between"] = [value if value == "" else int(value) for value in columns["between"]]
    write_csv(path, list(columns), zip(*columns.values(), strict=True))


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
