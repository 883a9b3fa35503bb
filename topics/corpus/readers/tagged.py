"""Records of tagged lines, as RIS, PubMed and Web of Science write them: a short tag, a value, and lines
without a tag that go on with the value before them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from topics.corpus.readers.source import Source
from topics.types import Broken


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


@dataclass
class Fields:
    """The values of one record by tag, in the order of the file."""

    position: int
    values: dict[str, list[str]] = field(default_factory=dict)
    last: str = ""

    def add(self, tag: str, value: str) -> None:
        self.values.setdefault(tag, []).append(value)
        self.last = tag

    def go_on(self, text: str) -> None:
        self.values[self.last][-1] += f"\n{text}"

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


def tagged_records(source: Source, grammar: Grammar) -> Iterator[Fields | Broken]:
    """Each record of the file, and each stretch of fields that belong to none.

    A record that lacks its end is whole when another one begins, and broken when the file stops.
    """
    current: Fields | None = None
    stray = False
    for number, line in source.lines():
        line = line.strip("\ufeff").rstrip()
        found = grammar.line.match(line)
        tag, value = (found["tag"].strip(), (found["value"] or "").strip()) if found else ("", "")
        if tag in grammar.starts and (current is None or tag in current.values):
            if current:
                yield current
            current, stray = Fields(number), False
            current.add(tag, value)
        elif current is None:
            if tag == grammar.ends if grammar.ends else not line:
                stray = False
            elif not stray and tag in grammar.content:
                stray = True
                yield Broken(source.name, number, "fields that belong to no record")
        elif tag == grammar.ends if grammar.ends else not line and grammar.blank_ends:
            yield current
            current = None
        elif tag:
            current.add(tag, value)
        elif line:
            current.go_on(line.strip())
    if current and grammar.ends:
        yield Broken(source.name, current.position, f"the file ends inside this record (no {grammar.ends})")
    elif current:
        yield current
