"""Records of XML files one by one.

The text is cut at the records' own tags and each piece is parsed by itself: the memory is that of one record,
a broken record does not take the others with it, and no piece can declare an entity or fetch anything.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from typing import IO
from xml.parsers import expat

from topics.corpus.readers.source import MAX_LINE, Source
from topics.errors import InputError
from topics.types import Broken

_CHUNK = 1 << 16
_LONGEST_TAG = 200


def xml_records(source: Source, *tags: str, attribute: str = "") -> Iterator[tuple[int, ET.Element] | Broken]:
    """Each element with one of these names, with its number from 1. Names are without namespace prefixes.

    attribute: what an element of that name must have to be a record; others of that name are parts of one.

    Raises InputError when the file declares entities.
    """
    for number, piece in enumerate(_pieces(source, tags, attribute), 1):
        try:
            yield number, _parse(piece)
        except expat.ExpatError as error:
            reason = f"record {number} is not whole XML ({expat.ErrorString(error.code)})"
            yield Broken(source.name, number, reason)


def _pieces(source: Source, tags: tuple[str, ...], attribute: str) -> Iterator[str]:
    """The text of each record from its first to its last tag, or to where the next one begins."""
    having = rf"\s[^<>]{{0,{_LONGEST_TAG}}}?{attribute}=" if attribute else r"[\s>/]"
    start = re.compile(rf"<(?:\w+:)?(?P<tag>{'|'.join(tags)})(?={having})")
    ends = {tag: re.compile(rf"</(?:\w+:)?{tag}\s*>") for tag in tags}
    with source.open_text() as stream:
        text = _prolog(source, stream, start)
        found = start.search(text)
        while found:
            place, end = found.start(), ends[found["tag"]]
            closed = end.search(text, place)
            while not closed and len(text) - place < MAX_LINE:
                more = stream.read(max(_CHUNK, len(text) - place))
                if not more:
                    break
                text, place = text[place:] + more, 0
                closed = end.search(text)
            again = start.search(text, place + 1, closed.start() if closed else len(text))
            stop = again.start() if again else closed.end() if closed else len(text)
            yield text[place:stop]
            found = start.search(text, stop)
            while not found and (more := stream.read(_CHUNK)):
                text, stop = text[max(stop, len(text) - _LONGEST_TAG) :] + more, 0
                found = start.search(text)


def _prolog(source: Source, stream: IO[str], start: re.Pattern[str]) -> str:
    """The text up to the first record and some of it."""
    text = ""
    while not (found := start.search(text)) and len(text) < MAX_LINE and (more := stream.read(_CHUNK)):
        text += more
    if "<!ENTITY" in text[: found.start() if found else None]:
        raise InputError(
            f"{source.name} declares XML entities, which can open files or fill the memory; "
            "remove its DOCTYPE"
        )
    return text


def _parse(piece: str) -> ET.Element:
    """The tree of one record, names without prefixes.

    A piece begins with an element, so a DOCTYPE in it is an error and entities stay undefined.
    """
    builder = ET.TreeBuilder()
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.StartElementHandler = lambda tag, found: builder.start(_local(tag), found)
    parser.EndElementHandler = lambda tag: builder.end(_local(tag))
    parser.CharacterDataHandler = builder.data
    parser.Parse(piece.encode("utf-8", "surrogatepass"), True)
    return builder.close()


def _local(tag: str) -> str:
    return tag.rpartition(":")[2]


def content(element: ET.Element | None) -> str:
    """All text inside an element, that of its children included."""
    return "" if element is None else "".join(element.itertext()).strip()


def contents(element: ET.Element, path: str) -> tuple[str, ...]:
    """The non-empty texts of all elements at a path."""
    return tuple(found for child in element.iterfind(path) if (found := content(child)))


def as_mapping(element: ET.Element) -> dict[str, object]:
    """An element as plain values: its children and attributes by name, repeated ones as lists."""
    values: dict[str, object] = {f"@{name}": value for name, value in element.attrib.items()}
    for child in element:
        value = as_mapping(child) if len(child) or child.attrib else content(child)
        held = values.get(child.tag)
        if child.tag not in values:
            values[child.tag] = value
        elif isinstance(held, list):
            held.append(value)
        else:
            values[child.tag] = [held, value]
    if any((text or "").strip() for text in (element.text, *(child.tail for child in element))):
        values["#text"] = content(element)
    return values
