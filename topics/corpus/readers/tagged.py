"""Records of tagged lines, as RIS, PubMed and Web of Science write them: a short tag, a value, and lines
without a tag that go on with the value before them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from topics.config import CorpusSettings
from topics.corpus.readers import CERTAIN, NO
from topics.corpus.readers.source import MAX_LINES, MAX_RECORD, Source, too_long
from topics.types import Broken, Record


@dataclass(frozen=True)
class Grammar:
    """How a tagged format is written.

    line: groups `tag` and `value` of a tagged line.
    starts: tags that begin a record.
    ends: the tag that ends it; empty where a blank line or the next record does.
    blank_ends: whether a blank line ends a record where no tag does.
    content: tags that show a record which has lost its beginning; other lines between records are remarks of
        the database.
    """

    line: re.Pattern[str]
    starts: frozenset[str]
    ends: str = ""
    blank_ends: bool = True
    content: frozenset[str] = frozenset({"TI", "AB"})

    def is_end(self, tag: str, line: str) -> bool:
        """Whether a line with this tag, if any, ends a record or what stands between two."""
        return tag == self.ends if self.ends else not line


@dataclass
class Fields:
    """The values of one record by tag, in the order of the file.

    more: lines that go on with the last value.
    """

    position: int
    values: dict[str, list[str]] = field(default_factory=dict)
    last: str = ""
    more: list[str] = field(default_factory=list)

    def add(self, tag: str, value: str) -> None:
        """One more value; without a tag, a line that goes on with the last one."""
        if not tag:
            self.more += [value] if value else []
            return
        self.whole_now()
        self.values.setdefault(tag, []).append(value)
        self.last = tag

    def whole_now(self) -> Fields:
        """The same, the last value put together with the lines after it."""
        if self.more:
            self.values[self.last][-1] = "\n".join([self.values[self.last][-1], *self.more])
            self.more.clear()
        return self

    def first(self, *tags: str) -> str:
        """The first non-empty value of the first of these tags that has one."""
        return next((value for tag in tags for value in self.values.get(tag, ()) if value), "")

    def whole(self, tag: str) -> str:
        """All values of a tag as paragraphs of one text."""
        return "\n\n".join(value for value in self.values.get(tag, ()) if value)

    def all(self, *tags: str) -> tuple[str, ...]:
        """All non-empty values of the first of these tags that has one; a value's lines count one by one."""
        for tag in tags:
            lines = [line.strip() for value in self.values.get(tag, ()) for line in value.split("\n")]
            if found := tuple(line for line in lines if line):
                return found
        return ()

    def original(self) -> dict[str, object]:
        """Text where a tag stands once, a list where it stands more often."""
        return {tag: values[0] if len(values) == 1 else values for tag, values in self.values.items()}


def starting_with(first_line: re.Pattern[str]) -> Callable[[Source], int]:
    """A reader's `sniff`: the head of the file has such a line."""
    return lambda source: CERTAIN if first_line.search(source.head_text()) else NO


def reading(
    grammar: Grammar, record: Callable[[Fields, str], Record]
) -> Callable[[Source, CorpusSettings], Iterator[Record | Broken]]:
    """A reader's `read`. record: from the fields of a record and the name of its file."""

    def read(source: Source, settings: CorpusSettings) -> Iterator[Record | Broken]:  # noqa: ARG001
        for found in tagged_records(source, grammar):
            yield found if isinstance(found, Broken) else record(found, source.name)

    return read


def tagged_records(source: Source, grammar: Grammar) -> Iterator[Fields | Broken]:
    """Each record of the file, and each stretch of fields that belong to none.

    A record that lacks its end is whole when another one begins, and broken when the file stops.
    """
    current: Fields | None = None
    stray = False
    size = 0
    for number, line in source.lines():
        size += len(line)
        line = line.strip("\ufeff").rstrip()
        found = grammar.line.match(line)
        tag, value = (found["tag"].strip(), (found["value"] or "").strip()) if found else ("", "")
        if tag in grammar.starts and (current is None or tag in current.values):
            if current:
                yield current.whole_now()
            current, stray, size = Fields(number), False, len(line)
            current.add(tag, value)
        elif current is None:
            if grammar.is_end(tag, line):
                stray = False
            elif not stray and tag in grammar.content:
                stray = True
                yield Broken(source.name, number, "fields that belong to no record")
        elif grammar.is_end(tag, line) and (grammar.ends or grammar.blank_ends):
            yield current.whole_now()
            current = None
        elif number - current.position > MAX_LINES or size > MAX_RECORD:
            yield Broken(source.name, current.position, too_long(MAX_LINES))
            current, stray = None, True
        else:
            current.add(tag, value if tag else line.strip())
    if current and grammar.ends:
        yield Broken(source.name, current.position, f"the file ends inside this record (no {grammar.ends})")
    elif current:
        yield current.whole_now()
