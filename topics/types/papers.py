"""Papers as read and as kept."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, overload

if TYPE_CHECKING:
    import pyarrow as pa

FEW_PAPERS, MANY_PAPERS = 500, 1000
"""Papers up to which a corpus is grouped by the rules for few, and from which on by those for many."""


@dataclass(frozen=True)
class Record:
    """One paper as a reader found it: text untouched, fields named.

    `date` is ISO 8601 cut to what is known: "2023", "2023-05" or "2023-05-14"; empty when unknown.
    `position` is the 1-based place in `file` (a line for line-based formats, else the record's number).
    `original` holds every field of the input under the input's own name.
    `kind` is the database's own word for what this is: "Article", "Erratum", "Editorial" ...
    `identifiers` are what makes two records the same paper, as "doi:...", "arxiv:...", "pmid:...".
    `assumed` says what the reader had to guess to fill a field; empty when nothing.
    `by_name` says that fields were found by their names, which `corpus.columns` can set.
    """

    title: str
    abstract: str
    id: str = ""
    authors: tuple[str, ...] = ()
    date: str = ""
    venue: str = ""
    keywords: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    doi: str = ""
    url: str = ""
    language: str = ""
    kind: str = ""
    identifiers: tuple[str, ...] = ()
    assumed: str = ""
    file: str = ""
    position: int = 0
    original: Mapping[str, object] = field(default_factory=dict)
    by_name: bool = False


@dataclass(frozen=True)
class Broken:
    """A place in a file where no record could be read, and why."""

    file: str
    position: int
    reason: str


class Texts(Sequence[str]):
    """Texts of n papers, made from columns of their table whenever they are asked for and not held."""

    _AT_ONCE = 4096

    def __init__(self, papers: pa.Table, *columns: str) -> None:
        self._table = papers.select(columns)

    def __len__(self) -> int:
        return int(self._table.num_rows)

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> list[str]: ...
    def __getitem__(self, place: int | slice) -> str | list[str]:
        if isinstance(place, slice):
            start, stop, step = place.indices(len(self))
            if step != 1:
                return [self[row] for row in range(start, stop, step)]
            return self._made(start, max(0, stop - start))
        row = range(len(self))[place]
        return self._made(row, 1)[0]

    def __iter__(self) -> Iterator[str]:
        for start in range(0, len(self), self._AT_ONCE):
            yield from self._made(start, self._AT_ONCE)

    def _made(self, start: int, length: int) -> list[str]:
        found = [column.to_pylist() for column in self._table.slice(start, length).columns]
        return found[0] if len(found) == 1 else list(map(join_text, *found))


@dataclass(frozen=True)
class Corpus:
    """The kept papers and the account of every input record.

    papers: table of n rows with the columns of `topics.corpus.rows.PAPER_SCHEMA`: id, title, abstract, date,
        doi, url, venue, language, file (strings), authors, keywords, categories (lists of strings), position
        (int64) and original (string: the input's own fields as JSON). `title` and `abstract` are cleaned
        for reading; `original` is untouched. Ids are unique.
    account: one row per input record with the columns of `topics.corpus.build.ACCOUNT_SCHEMA`: file,
        position, id, title, kept (bool), reason, duplicate_of.
    notes: sentences for the user about what was assumed or repaired.
    """

    papers: pa.Table
    account: pa.Table
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if len(set(self.ids)) != len(self.ids):
            raise ValueError("Corpus.papers has an id twice")

    def __len__(self) -> int:
        return int(self.papers.num_rows)

    def column(self, name: str) -> list[Any]:
        """(n,) a column of `papers` as Python values."""
        values: list[Any] = self.papers.column(name).to_pylist()
        return values

    @cached_property
    def ids(self) -> tuple[str, ...]:
        return tuple(self.column("id"))

    @cached_property
    def titles(self) -> tuple[str, ...]:
        return tuple(self.column("title"))

    @cached_property
    def abstracts(self) -> Texts:
        return Texts(self.papers, "abstract")

    @cached_property
    def dates(self) -> tuple[str, ...]:
        return tuple(self.column("date"))

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """ISO 639-1 codes as stated or detected, "" for unknown; all unknown where the table has none."""
        known = "language" in self.papers.column_names
        return tuple(self.column("language")) if known else ("",) * len(self)

    @cached_property
    def more_authors(self) -> tuple[bool, ...]:
        """Whether a paper has authors that its source left out as "et al." (`et_al` of its own fields)."""
        import pyarrow.compute as pc

        rows = self.papers.column("original")
        said = pc.match_substring(rows, '"et_al"').to_pylist()
        return tuple(
            bool(found) and json.loads(rows[row].as_py()).get("et_al") is True
            for row, found in enumerate(said)
        )

    @cached_property
    def texts(self) -> Texts:
        """What is embedded: the title, a stop, the abstract."""
        return Texts(self.papers, "title", "abstract")


def join_text(title: str, abstract: str) -> str:
    """Title first, so that a truncated reading keeps it."""
    if not title or not abstract:
        return title or abstract
    return f"{title}{'' if title[-1] in '.?!:' else '.'} {abstract}"


def counted(number: int, noun: str) -> str:
    """As in "1 record" and "5,510 records"."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def share_of_many(papers: int) -> float:
    """How far the rules for many papers count for a corpus of so many: 0 up to `FEW_PAPERS`, 1 from
    `MANY_PAPERS` on, linear between, so that a few papers more do not change everything.

    `benchmarks/history/grouping.md` has what it gives and on what it was chosen.
    """
    return min(max((papers - FEW_PAPERS) / (MANY_PAPERS - FEW_PAPERS), 0.0), 1.0)
