"""Records of tagged lines, as RIS, PubMed and Web of Science write them: a short tag, a value, and lines
without a tag that go on with the value before them.
"""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from topics.config import CorpusSettings
from topics.corpus.readers import CERTAIN, LIKELY, NO
from topics.corpus.readers.source import MAX_LINES, MAX_RECORD, Source, too_long
from topics.types import Broken, Record

FEWEST_TAGS = 3
"""Different tags that make a file one of a format though no record has its first line."""


@dataclass(frozen=True)
class Grammar:
    """How a tagged format is written.

    line: groups `tag` and `value` of a tagged line.
    starts: tags that begin a record.
    first_line: what such a line is called in sentences.
    ends: the tag that ends it; empty where a blank line or the next record does.
    blank_ends: whether a blank line ends a record where no tag does.
    titles: tags that a record has once: the second one belongs to a record that has lost its first line.
    content: tags that show such a record where it has no title; other lines between records are remarks of
        the database.
    """

    line: re.Pattern[str]
    starts: frozenset[str]
    first_line: str
    ends: str = ""
    blank_ends: bool = True
    titles: frozenset[str] = frozenset({"TI"})
    content: frozenset[str] = frozenset({"AB"})

    def is_end(self, tag: str, line: str) -> bool:
        """Whether a line with this tag, if any, ends a record or what stands between two."""
        return tag == self.ends if self.ends else self.blank_ends and not line


@dataclass
class Fields:
    """The values of one record by tag, in the order of the file.

    more: lines that go on with the last value. order: line and tag of each value, "" for a blank line.
    is_begun: whether the record has its first line.
    """

    position: int
    is_begun: bool = True
    values: dict[str, list[str]] = field(default_factory=dict)
    last: str = ""
    more: list[str] = field(default_factory=list)
    order: list[tuple[int, str]] = field(default_factory=list)

    def add(self, number: int, tag: str, value: str) -> None:
        """One more value; without a tag, a line that goes on with the last one."""
        if tag:
            self.whole_now()
            self.values.setdefault(tag, []).append(value)
            self.last = tag
            self.order.append((number, tag))
        elif not value:
            self.order.append((number, ""))
        elif self.last:
            self.more.append(value)

    def whole_now(self) -> Fields:
        """These fields, the last value put together with the lines after it."""
        if self.more:
            self.values[self.last][-1] = "\n".join([self.values[self.last][-1], *self.more])
            self.more.clear()
        return self

    def parted(self, title: str) -> tuple[Fields, Fields]:
        """A record, and what of it belongs to the title that comes next: what follows the last blank line
        before a tag, else the tags right before the title that stand before its own title, too.
        """
        self.whole_now()
        own = next(place for place, (_, tag) in enumerate(self.order) if tag == title)
        lead = {tag for _, tag in self.order[:own]}
        border = len(self.order)
        while border > own + 1 and self.order[border - 1][1] in lead - {""}:
            border -= 1
        blank = [
            place
            for place in range(own + 1, len(self.order))
            if not self.order[place][1] and all(tag for _, tag in self.order[place + 1 :])
        ]
        border = blank[0] if blank else border
        counts = Counter[str]()
        parts = Fields(self.position, self.is_begun), Fields(0, is_begun=False)
        for place, (number, tag) in enumerate(self.order):
            value = self.values[tag][counts[tag]] if tag else ""
            counts[tag] += 1
            parts[place >= border].add(number, tag, value)
        return parts

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

    def listed(self, *tags: str) -> tuple[str, ...]:
        """As `all`, a value of several things divided at its semicolons."""
        return tuple(part.strip() for value in self.all(*tags) for part in value.split(";") if part.strip())

    def original(self) -> dict[str, object]:
        """Text where a tag stands once, a list where it stands more often."""
        return {tag: values[0] if len(values) == 1 else values for tag, values in self.values.items()}


def starting_with(
    first_line: re.Pattern[str], tags: re.Pattern[str] | None = None
) -> Callable[[Source], int]:
    """A reader's `sniff`: the head of the file has such a line, or lines with several of such tags."""

    def sniff(source: Source) -> int:
        head = source.head_text()
        if first_line.search(head):
            return CERTAIN
        return LIKELY if tags and len(set(tags.findall(head))) >= FEWEST_TAGS else NO

    return sniff


def reading(
    grammar: Grammar, record: Callable[[Fields, str], Record]
) -> Callable[[Source, CorpusSettings], Iterator[Record | Broken]]:
    """A reader's `read`. record: from the fields of a record and the name of its file."""

    def read(source: Source, settings: CorpusSettings) -> Iterator[Record | Broken]:  # noqa: ARG001
        for found in tagged_records(source, grammar):
            if isinstance(found, Broken):
                yield found
            elif found.is_begun:
                yield record(found, source.name)
            else:
                assumed = f"there is no line {grammar.first_line} before it; it is read without"
                yield dataclasses.replace(record(found, source.name), assumed=assumed)

    return read


def tagged_records(source: Source, grammar: Grammar) -> Iterator[Fields | Broken]:
    """Each record of the file, and each stretch of fields that belong to none.

    A record that lacks its end is whole when another one begins. When the file stops it is broken, unless no
    record of the file has an end. One that lacks its first line begins at the last end, or with a second
    title.
    """
    records = _Records(source.name, grammar)
    for number, line in source.lines():
        yield from records.read(number, line)
    yield from records.stopped()


class _Records:
    """Records as their lines come.

    current: the fields since the last end. is_passed_over: lines are the rest of one that is too long.
    ends: how many records had an end; others: how many were whole because another one began.
    """

    def __init__(self, file: str, grammar: Grammar) -> None:
        self._file, self._grammar = file, grammar
        self._current: Fields | None = None
        self._is_passed_over = False
        self._size = self._ends = self._others = 0

    def read(self, number: int, line: str) -> Iterator[Fields | Broken]:
        self._size += len(line)
        line = line.strip("\ufeff").rstrip()
        found = self._grammar.line.match(line)
        tag, value = (found["tag"].strip(), (found["value"] or "").strip()) if found else ("", "")
        current = self._current
        if tag in self._grammar.starts and not (current and current.is_begun and tag not in current.values):
            yield from self._finished(current)
            self._others += current is not None
            self._begin(Fields(number), number, tag, value)
        elif self._grammar.is_end(tag, line):
            yield from self._finished(current)
            self._ends += bool(tag)
            self._current, self._is_passed_over = None, False
        elif current is None:
            if tag and not self._is_passed_over:
                self._begin(Fields(number, is_begun=False), number, tag, value)
        elif number - current.position > MAX_LINES or self._size > MAX_RECORD:
            yield Broken(self._file, current.position, too_long(MAX_LINES))
            self._current, self._is_passed_over = None, True
        elif (
            tag in self._grammar.titles
            and tag != current.last
            and value not in current.values.get(tag, (value,))
        ):
            before, after = current.parted(tag)
            yield from self._finished(before)
            self._others += 1
            after.position = after.order[0][0] if after.order else number
            self._begin(after, number, tag, value)
        else:
            current.add(number, tag, value if tag else line.strip())

    def stopped(self) -> Iterator[Fields | Broken]:
        """What is left where the file stops."""
        if self._grammar.ends and (self._ends or not self._others):
            for _ in self._finished(self._current):
                lost = f"the file ends inside this record (no {self._grammar.ends})"
                yield Broken(self._file, self._current.position if self._current else 0, lost)
        else:
            yield from self._finished(self._current)

    def _begin(self, current: Fields, number: int, tag: str, value: str) -> None:
        self._current, self._is_passed_over, self._size = current, False, 0
        current.add(number, tag, value)

    def _finished(self, fields: Fields | None) -> Iterator[Fields | Broken]:
        if fields is None:
            return
        if fields.is_begun or not self._grammar.titles.isdisjoint(fields.values):
            yield fields.whole_now()
        elif not self._grammar.content.isdisjoint(fields.values):
            yield Broken(self._file, fields.position, "fields that belong to no record")
