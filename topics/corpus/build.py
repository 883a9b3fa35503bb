"""Records to `Corpus`: what is kept, what is left out and why.

Records stream in through `topics.corpus.rows`; duplicates are decided when all have been seen. The order of
the papers is the order of the input.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from topics.cache.parallel import PART, in_order, parts_of
from topics.config import CorpusSettings
from topics.corpus.duplicates import Fingerprints, Groups, find_groups
from topics.corpus.rows import (
    FLAG,
    INTEGER,
    PAPER_SCHEMA,
    STRING,
    Staged,
    arrow_schema,
    as_batch,
    check_columns,
    paper_row,
    text_of,
)
from topics.errors import InputError
from topics.types import Broken, Corpus, Record, counted

if TYPE_CHECKING:
    import pyarrow as pa

ACCOUNT_SCHEMA: Mapping[str, str] = {
    "file": STRING,
    "position": INTEGER,
    "id": STRING,
    "title": STRING,
    "kept": FLAG,
    "reason": STRING,
    "duplicate_of": STRING,
}
"""Columns of `Corpus.account`. `reason` is empty for a kept record, else one of `REASONS`, with a detail
after a colon where there is more to say."""

REASONS: Mapping[str, str] = {
    "duplicate": "duplicate",
    "no abstract": "without abstract",
    "short abstract": "with too short an abstract",
    "notice": "notice",
    "language": "in other languages",
    "broken": "unreadable",
}
"""Why a record is left out, and the words of the summary for it."""

_SHARE = 0.9
_EXPECTED = {"title": "a title", "date": "a date", "authors": "authors", "abstract": "an abstract"}
_MOST_COLUMNS = 40
TITLES_ALONE = "corpus.min_abstract_words: 0 works on titles alone"

_NOUNS = ("duplicate", "notice")
_MERGED = ("date", "doi", "url", "venue", "authors", "keywords", "categories")
_ENOUGH = 1200


@dataclass(frozen=True)
class _Verdict:
    """What happens to the staged rows.

    reasons: one per row, empty where kept. originals: the kept row of each duplicate. changed: new values of
    kept rows by column, where an id was taken or only a duplicate had a field.
    """

    reasons: Sequence[str]
    originals: Mapping[int, int]
    changed: Mapping[int, Mapping[str, object]]


@dataclass(frozen=True)
class _CleanedPart:
    """Some records, cleaned: their rows, what duplicates are found by, what readers had to guess, which
    fields they found, and the names of the input's own.
    """

    rows: pa.RecordBatch
    prints: Fingerprints
    assumed: Counter[str]
    columns: frozenset[str]
    filled: Counter[str]


def build_corpus(records: Iterable[Record | Broken], settings: CorpusSettings) -> Corpus:
    """The kept papers, and one account row for every record that came in.

    Raises InputError when no paper is left.
    """
    corpus = gather(records, settings)
    if not len(corpus):
        raise InputError(_nothing_left(corpus))
    return corpus


def gather(records: Iterable[Record | Broken], settings: CorpusSettings) -> Corpus:
    """The corpus of records, cleaned and without duplicates, as in `build_corpus`; it may be empty.

    Raises InputError when its records have too many different fields.
    """
    staged, prints, assumed, filled = Staged(), Fingerprints(), Counter[str](), Counter[str]()
    columns = set[str]()
    for part in in_order(partial(_prepared, settings), parts_of(records, PART)):
        staged.batches.append(part.rows)
        prints.extend(part.prints)
        assumed.update(part.assumed)
        filled.update(part.filled)
        check_columns(columns := columns | part.columns)
    groups = find_groups(prints, staged.text, settings.same_abstract)
    verdict, renamed = _decide(staged, groups)
    notes = [*assumptions(assumed), *unfilled(filled, settings)]
    if renamed:
        notes.append(f"{counted(renamed, 'paper')} had another paper's id and got a number added to it")
    account = _account(staged, verdict)
    papers = _papers(staged, verdict)
    spoken = Counter(code for code in papers.column("language").to_pylist() if code)
    return Corpus(papers, account, (*notes, *other_languages(spoken)))


def _prepared(settings: CorpusSettings, records: Sequence[Record | Broken]) -> _CleanedPart:
    prints, rows = Fingerprints(), [paper_row(item, settings) for item in records]
    if settings.duplicates == "drop":
        for row in rows:
            prints.add(text_of(row))
    assumed = Counter(item.assumed for item in records if isinstance(item, Record) and item.assumed)
    columns = frozenset(name for item in records if isinstance(item, Record) for name in item.original)
    return _CleanedPart(as_batch(rows), prints, assumed, columns, filled_of(records))


def _nothing_left(corpus: Corpus) -> str:
    if not corpus.account.num_rows:
        return "No paper is left: the files hold no records"
    first = corpus.account.slice(0, 1).to_pylist()[0]
    why = f"the first one ({first['file']}, {first['position']}) is left out as {first['reason']}"
    rows = corpus.account.to_pylist()
    titled = any(row["title"] and row["reason"].startswith(("no abstract", "short abstract")) for row in rows)
    offer = f"; {TITLES_ALONE}" if titled else ""
    return f"No paper is left: {account_sentence(corpus)}; {why}{offer}"


def _decide(staged: Staged, groups: Groups) -> tuple[_Verdict, int]:
    """What happens to each row, and how many papers had to get another id."""
    reasons: list[str] = staged.column("reason")
    originals: dict[int, int] = {}
    changed: dict[int, dict[str, object]] = {}
    for rows in groups.members().values():
        usable = [row for row in rows if not reasons[row]]
        if not usable:
            continue
        kept = _best(staged, usable)
        others = [row for row in rows if row != kept]
        for row in others:
            reasons[row] = f"duplicate: {groups.reasons[row]}"
            originals[row] = kept
        if gained := _gained(staged, kept, others):
            changed[kept] = gained
    new_ids = _new_ids(staged.column("id"), reasons)
    for row, name in new_ids.items():
        changed.setdefault(row, {})["id"] = name
    return _Verdict(reasons, originals, changed), len(new_ids)


def _best(staged: Staged, rows: Sequence[int]) -> int:
    """The last arXiv version, else the first record whose abstract is not a cut one."""
    versions = {row: staged.value(row, "version") for row in rows}
    latest = [row for row in rows if versions[row] == max(versions.values())]
    lengths = {row: len(staged.value(row, "abstract")) for row in latest}
    enough = min(max(lengths.values()), _ENOUGH) * 0.6
    return next(row for row in latest if lengths[row] >= enough)


def _gained(staged: Staged, kept: int, others: Sequence[int]) -> dict[str, object]:
    """Fields that the kept record lacks and another one has, and a more precise date of the same year."""
    gained: dict[str, object] = {}
    for name in _MERGED:
        own = staged.value(kept, name)
        found = [value for row in others if (value := staged.value(row, name))]
        if name == "date" and own:
            found = [date for date in found if len(date) > len(own) and date.startswith(own)]
        elif own:
            continue
        if found:
            gained[name] = found[0]
    return gained


def _new_ids(ids: Sequence[str], reasons: Sequence[str]) -> dict[int, str]:
    """Ids with a number added, for kept rows whose id an earlier kept row has."""
    taken: set[str] = set()
    renamed: dict[int, str] = {}
    for row, (name, reason) in enumerate(zip(ids, reasons, strict=True)):
        if reason:
            continue
        free, number = name, 1
        while free in taken:
            number += 1
            free = f"{name}-{number}"
        taken.add(free)
        if free != name:
            renamed[row] = free
    return renamed


def _account(staged: Staged, verdict: _Verdict) -> pa.Table:
    import pyarrow as pa

    def name_of(row: int) -> str:
        new = verdict.changed.get(row, {}).get("id")
        return str(new) if new else str(staged.value(row, "id"))

    schema = arrow_schema(ACCOUNT_SCHEMA)
    batches, start = [], 0
    for batch in staged.batches:
        rows = range(start, start + batch.num_rows)
        start = rows.stop
        reasons = verdict.reasons[rows.start : rows.stop]
        originals = [name_of(verdict.originals[row]) if row in verdict.originals else "" for row in rows]
        columns = [_changed(batch, name, rows.start, verdict) for name in ("file", "position", "id", "title")]
        columns += [
            pa.array([not reason for reason in reasons]),
            pa.array(reasons),
            pa.array(originals, pa.string()),
        ]
        batches.append(pa.RecordBatch.from_arrays(columns, schema=schema))
    return pa.Table.from_batches(batches, schema)


def _papers(staged: Staged, verdict: _Verdict) -> pa.Table:
    """The kept rows. Batches are given up one by one, so that they are never all held twice."""
    import pyarrow as pa

    schema = arrow_schema(PAPER_SCHEMA)
    batches, start = [], 0
    staged.batches.reverse()
    while staged.batches:
        batch = staged.batches.pop()
        columns = [_changed(batch, name, start, verdict) for name in PAPER_SCHEMA]
        kept = pa.array([not reason for reason in verdict.reasons[start : start + batch.num_rows]])
        batches.append(pa.RecordBatch.from_arrays(columns, schema=schema).filter(kept))
        start += batch.num_rows
    return pa.Table.from_batches(batches, schema)


def _changed(batch: pa.RecordBatch, name: str, start: int, verdict: _Verdict) -> pa.Array:
    """A column of a batch that begins at row `start`, with the changed values in."""
    import pyarrow as pa

    column = batch.column(name)
    new = {
        row - start: values[name]
        for row in range(start, start + batch.num_rows)
        if name in (values := verdict.changed.get(row, {}))
    }
    if not new:
        return column
    return pa.array([new.get(row, value) for row, value in enumerate(column.to_pylist())], column.type)


def assumptions(assumed: Mapping[str, int]) -> list[str]:
    """A sentence on each thing that readers had to guess, and of how many records."""
    return [f"{counted(number, 'record')}: {text}" for text, number in assumed.items()]


def filled_of(items: Iterable[Record | Broken]) -> Counter[str]:
    """How many records have which fields, by file: the keys are JSON, for `unfilled` to read."""
    found: Counter[tuple[object, ...]] = Counter()
    for item in items:
        if isinstance(item, Record):
            empty = tuple(name for name in _EXPECTED if not getattr(item, name))
            found[item.file, item.by_name, empty, tuple(item.original)] += 1
    return Counter({json.dumps(key, ensure_ascii=False): number for key, number in found.items()})


def unfilled(filled: Mapping[str, int], settings: CorpusSettings) -> list[str]:
    """A sentence on each file in which more than nine tenths of the records lack a field that papers have.

    Files that lack the same and have the same columns share one.
    """
    records, empty = Counter[str](), dict[str, Counter[str]]()
    columns, by_name = dict[str, dict[str, None]](), set[str]()
    for key, number in filled.items():
        file, named, lacking, names = json.loads(key)
        records[file] += number
        empty.setdefault(file, Counter()).update(dict.fromkeys(lacking, number))
        columns.setdefault(file, {}).update(dict.fromkeys(names))
        by_name |= {file} if named else set()
    alike: dict[tuple[object, ...], list[str]] = {}
    for file, number in records.items():
        lacking = tuple(name for name in _EXPECTED if empty[file][name] > _SHARE * number)
        if settings.min_abstract_words == 0:
            lacking = tuple(name for name in lacking if name != "abstract")
        if lacking:
            whole = all(empty[file][name] == number for name in lacking)
            alike.setdefault((lacking, file in by_name, tuple(columns[file]), whole), []).append(file)
    return [_unfilled(files, *about) for about, files in alike.items()]  # type: ignore[arg-type]


def _unfilled(
    files: Sequence[str], lacking: Sequence[str], by_name: bool, columns: Sequence[str], whole: bool
) -> str:
    where = files[0] if len(files) == 1 else f"{files[0]} and {counted(len(files) - 1, 'more file')}"
    shown = ", ".join(name[:40] for name in columns[:_MOST_COLUMNS])
    more = f" and {len(columns) - _MOST_COLUMNS} more" if len(columns) > _MOST_COLUMNS else ""
    said = f"{where}: {'no paper has' if whole else 'fewer than a tenth of the papers have'} "
    said += f"{_listed([_EXPECTED[name] for name in lacking], 'or')}; "
    said += f"{'the columns are' if by_name else 'the fields are'} {shown}{more}"
    if by_name:
        settings = [f"corpus.columns.{name}" for name in lacking]
        verb = "names the right one" if len(settings) == 1 else "name the right ones"
        said += f"; {_listed(settings, 'and')} {verb}"
    return said + (f"; {TITLES_ALONE}" if "abstract" in lacking and "title" not in lacking else "")


def _listed(words: Sequence[str], last: str) -> str:
    """As in "a, b and c"."""
    return f" {last} ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def other_languages(spoken: Counter[str]) -> list[str]:
    """A sentence on papers in other languages than most, if there are any; spoken: papers by language."""
    others = spoken.most_common()[1:]
    if not others:
        return []
    most, number = spoken.most_common(1)[0][0], sum(count for _, count in others)
    listed = ", ".join(f"{code} {count:,}" for code, count in others)
    kept = "is kept although it is" if number == 1 else "are kept although they are"
    return [
        f"{counted(number, 'paper')} {kept} not in {most} ({listed}); corpus.languages: [{most}] would leave "
        f"{'it' if number == 1 else 'them'} out"
    ]


def summary(corpus: Corpus) -> dict[str, int]:
    """Counts for `run.json`: files, records, kept, and one entry per reason that occurs."""
    reasons = Counter(
        reason.partition(":")[0] for reason in corpus.account.column("reason").to_pylist() if reason
    )
    counts = {
        "files": len(corpus.account.column("file").unique()),
        "records": corpus.account.num_rows,
        "kept": len(corpus),
    }
    return counts | {reason: reasons[reason] for reason in REASONS if reasons[reason]}


def summary_sentence(summed: Mapping[str, int]) -> str:
    """As in "5,510 records read from 3 files: 4,201 kept, 812 duplicates, 430 without abstract"."""
    counts = dict(summed)
    files, records = counted(counts.pop("files"), "file"), counted(counts.pop("records"), "record")
    kept = f"{counts.pop('kept'):,} kept"
    left_out = [
        counted(number, REASONS[name]) if name in _NOUNS else f"{number:,} {REASONS[name]}"
        for name, number in counts.items()
    ]
    return f"{records} read from {files}: {', '.join([kept, *left_out])}"


def account_sentence(corpus: Corpus) -> str:
    """How many records were read, kept and dropped, and why, as `summary_sentence` says it."""
    return summary_sentence(summary(corpus))
