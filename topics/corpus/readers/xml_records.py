"""Records of XML files one by one.

The text is cut at the records' own tags and each piece is parsed by itself: the memory is that of one record,
a broken record does not take the others with it, and no piece can declare an entity or fetch anything.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from typing import IO
from xml.parsers import expat

from topics.config import CorpusSettings
from topics.corpus.readers import CERTAIN, NO
from topics.corpus.readers.source import MAX_DEPTH, MAX_RECORD, Source, too_long
from topics.errors import InputError
from topics.types import Broken, Record

_CHUNK = 1 << 16
_LONGEST_TAG = 200


def xml_records(source: Source, *tags: str, attribute: str = "") -> Iterator[tuple[int, ET.Element] | Broken]:
    """Each element with one of these names, with its number from 1. Names are without namespace prefixes.

    attribute: what an element of that name must have to be a record; others of that name are parts of one.

    Raises InputError when the file declares entities.
    """
    for number, piece in enumerate(_pieces(source, tags, attribute), 1):
        try:
            if not piece:
                raise ValueError(too_long())  # noqa: TRY301 - one place says what is broken
            yield number, _parse(piece)
        except expat.ExpatError as error:
            reason = f"record {number} is not whole XML ({expat.ErrorString(error.code)})"
            yield Broken(source.name, number, reason)
        except ValueError as error:
            yield Broken(source.name, number, f"record {number} is {error}")


def reading(
    record: Callable[[ET.Element, str, int], Record | Broken], *tags: str
) -> Callable[[Source, CorpusSettings], Iterator[Record | Broken]]:
    """The `read` of a reader (`Reader`) whose records are the elements with one of these names.

    record: an element, the name of the file and the element's number to what it holds.
    """

    def read(source: Source, settings: CorpusSettings) -> Iterator[Record | Broken]:  # noqa: ARG001
        for found in xml_records(source, *tags):
            yield found if isinstance(found, Broken) else record(found[1], source.name, found[0])

    return read


def holding(*signs: str) -> Callable[[Source], int]:
    """The `sniff` of a reader whose files hold all of these at their beginning, which others do not."""
    return lambda source: CERTAIN if all(sign in source.head_text() for sign in signs) else NO


def _pieces(source: Source, tags: tuple[str, ...], attribute: str) -> Iterator[str]:
    """The text of each record from its first to its last tag, or to where the next one begins; "" for one
    that is longer than `MAX_RECORD`.
    """
    prefix = r"(?:\w{1,100}:)?"
    having = rf"\s[^<>]{{0,{_LONGEST_TAG}}}?{attribute}=" if attribute else r"[\s>/]"
    start = re.compile(rf"<{prefix}(?P<tag>{'|'.join(tags)})(?={having})")
    borders = {
        tag: re.compile(rf"{start.pattern}|(?P<end></{prefix}{tag}\s{{0,{_LONGEST_TAG}}}>)") for tag in tags
    }
    with source.open_text() as stream:
        text = _prolog(source, stream, start)
        found = start.search(text)
        while found:
            place, seen, border = found.start(), found.end(), borders[found["tag"]]
            stop = border.search(text, seen)
            while not stop and len(text) - place < MAX_RECORD:
                seen = max(seen - place, len(text) - place - 3 * _LONGEST_TAG)
                more = stream.read(max(_CHUNK, len(text) - place))
                text, place = text[place:] + more, 0
                if not more:
                    break
                stop = border.search(text, seen)
            end = (stop.end() if stop["end"] else stop.start()) if stop else len(text)
            yield text[place:end] if end - place < MAX_RECORD else ""
            found = start.search(text, end)
            while not found and (more := stream.read(_CHUNK)):
                text, end = text[max(end, len(text) - 3 * _LONGEST_TAG) :] + more, 0
                found = start.search(text)
            if found and found.start() > _CHUNK:
                text, found = text[found.start() :], start.search(text[found.start() :])


def _prolog(source: Source, stream: IO[str], start: re.Pattern[str]) -> str:
    """The text up to the first record and some of it."""
    text = ""
    while not (found := start.search(text)) and len(text) < MAX_RECORD:
        more = stream.read(max(_CHUNK, len(text)))
        if not more:
            break
        text += more
    if "<!ENTITY" in text[: found.start() if found else None]:
        raise InputError(
            f"{source.name} declares XML entities, which can open files or fill the memory; "
            "remove its DOCTYPE"
        )
    return text


def _parse(piece: str) -> ET.Element:
    """The tree of one record, names without prefixes.

    A piece begins with an element, so a DOCTYPE in it is an error and entities stay undefined. Raises
    ValueError: it is nested more than `MAX_DEPTH` deep.
    """
    builder = ET.TreeBuilder()
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    depth = 0

    def opened(tag: str, found: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > MAX_DEPTH:
            raise ValueError(f"nested more than {MAX_DEPTH} deep")
        builder.start(_local(tag), found)

    def closed(tag: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(_local(tag))

    parser.StartElementHandler, parser.EndElementHandler = opened, closed
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
