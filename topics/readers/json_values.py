"""JSON objects one by one, from JSON lines and from JSON documents of any size."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import IO, Any

from topics.errors import InputError
from topics.readers.source import MAX_LINE, Source
from topics.types import Broken

_CHUNK = 1 << 16
_LIST_KEYS = ("results", "data", "items", "papers", "records", "works", "documents", "response")


def first_object(source: Source) -> dict[str, Any] | None:
    """The first object of a JSON file, or None when its head holds no whole one."""
    head = source.head_text().lstrip()
    start = head.find("{") if head.startswith("[") else 0
    if not head.startswith(("{", "[")) or start < 0:
        return None
    try:
        value, _ = json.JSONDecoder().raw_decode(head[start:])
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def looks_like_json(source: Source) -> bool:
    head = source.head_text().lstrip()
    return (head.startswith("{") and head[1:].lstrip()[:1] in ('"', "}")) or head.startswith("[")


def objects(source: Source) -> Iterator[tuple[int, dict[str, Any]] | Broken]:
    """Each object with its place: its line in JSON lines, its number in a document.

    A document is a list of objects or an object with such a list under a usual key ("results", "data", ...);
    any other object is one record.
    """
    head = source.head_text().lstrip()
    line = head.split("\n", 1)[0].strip()
    try:
        whole = isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        whole = "\n" not in head and line.startswith("{") and len(line) > 1000
    if whole:
        yield from _lines(source)
    else:
        yield from _document(source)


def _lines(source: Source) -> Iterator[tuple[int, dict[str, Any]] | Broken]:
    for number, line in source.lines():
        if not line or line.isspace():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as error:
            yield Broken(source.name, number, f"not JSON ({error})")
            continue
        if isinstance(value, dict):
            yield number, value
        else:
            yield Broken(source.name, number, "not a JSON object")


def _document(source: Source) -> Iterator[tuple[int, dict[str, Any]] | Broken]:
    with source.open_text() as stream:
        first = next((sign for sign in iter(lambda: stream.read(1), "") if not sign.isspace()), "")
        if first == "[":
            yield from _members(source, stream)
            return
        text = first + stream.read(MAX_LINE * 16)
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{source.name} is not whole JSON ({error}); save it again") from None
    found = next((value[key] for key in _LIST_KEYS if isinstance(value.get(key), list)), None)
    for number, member in enumerate([value] if found is None else found, 1):
        yield (number, member) if isinstance(member, dict) else _no_object(source, number)


def _members(source: Source, stream: IO[str]) -> Iterator[tuple[int, dict[str, Any]] | Broken]:
    """The members of a list, read piece by piece."""
    decode = json.JSONDecoder().raw_decode
    text, place, number, more = "", 0, 0, True
    while True:
        while place < len(text) and (text[place].isspace() or text[place] == ","):
            place += 1
        if place < len(text) and text[place] == "]":
            return
        try:
            value, end = decode(text, place)
        except (ValueError, RecursionError):
            value, end = None, len(text)
        if end == len(text) and more and end - place < MAX_LINE:
            piece = stream.read(max(_CHUNK, end - place))
            text, place, more = text[place:] + piece, 0, bool(piece)
            continue
        number += 1
        if value is None and end == len(text):
            yield Broken(source.name, number, "not JSON from here on; the rest of the list is lost")
            return
        place = end
        yield (number, value) if isinstance(value, dict) else _no_object(source, number)


def _no_object(source: Source, number: int) -> Broken:
    return Broken(source.name, number, "not a JSON object")
