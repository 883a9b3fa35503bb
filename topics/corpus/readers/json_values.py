"""JSON objects one by one, from JSON lines and from JSON documents of any size."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator
from typing import Any, cast

from topics.corpus.readers.source import MAX_DEPTH, MAX_RECORD, Source, too_long
from topics.errors import InputError
from topics.types import Broken

_CHUNK = 1 << 16
_LIST = re.compile(r'"(?:results|data|items|papers|records|works|documents|docs|hits)"\s*:\s*\[(?=\s*\{)')
_TEXT = r'"[^"\\]*(?:\\.[^"\\]*)*"'
_TOKEN = re.compile(rf"{_TEXT}|[{{}}\[\]]", re.DOTALL)
_BRACE = re.compile(rf"{_TEXT}|[{{}}]", re.DOTALL)
_NO_BRACKET = re.compile(rf"{_TEXT}|[^\[\]{{}}\"]+", re.DOTALL)
_BETWEEN = re.compile(r"[ \n\r\t,]*")
_KEYS = 20
_NEAR_END = 10


def looks_like_json(source: Source) -> bool:
    """Whether a file begins as a JSON object or a list of objects does."""
    return re.match(r'\s*(?:\{\s*["}]|\[\s*[{\]])', source.head_text()) is not None


def first_object(source: Source) -> dict[str, Any] | None:
    """The first record of a JSON file, or None when its head holds no whole one."""
    head = source.head_text()
    start = _list_start(head)
    try:
        value, _ = json.JSONDecoder().raw_decode(head[start or 0 :].lstrip())
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def objects(source: Source) -> Iterator[tuple[int, dict[str, Any]] | Broken]:
    """Each object with its place: its line in JSON lines, its number in a document.

    A document is a list of objects or an object with such a list under a usual key ("results", "data", ...)
    in its first two levels; any other object is one record.
    """
    start = _list_start(source.head_text())
    if start is not None:
        yield from _members(source, start)
    elif _is_lines(source.head_text()):
        yield from _lines(source)
    else:
        yield from _single(source)


def _list_start(head: str) -> int | None:
    """Where the members of a document's list begin."""
    if opened := re.match(r"\s*\[", head):
        return opened.end()
    for found in itertools.islice(_LIST.finditer(head), _KEYS):
        before = [token[0] for token in _TOKEN.findall(head, 0, found.start())]
        depth = before.count("{") - before.count("}")
        if before.count("[") == before.count("]") and depth in (1, 2):
            is_record = re.search(r'"(?:title|abstract|display_name)"\s*:', head[: found.start()])
            return None if is_record else found.end()
    return None


def _is_lines(head: str) -> bool:
    """Whether one of the first lines is an object by itself, or there is no second line to see."""
    lines = head.strip().split("\n", 3)
    return len(lines) == 1 or any(_is_object(line) for line in lines[:3])


def _is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _lines(source: Source) -> Iterator[tuple[int, dict[str, Any]] | Broken]:
    for number, line in source.lines():
        if line.isspace():
            continue
        try:
            value = json.loads(line)
            _check_depth(line)
        except (ValueError, RecursionError) as error:
            yield Broken(source.name, number, f"not JSON ({error})")
            continue
        yield (number, value) if isinstance(value, dict) else _no_object(source, number)


def _single(source: Source) -> Iterator[tuple[int, dict[str, Any]] | Broken]:
    with source.open_text() as stream:
        text = stream.read(MAX_RECORD)
    if len(text) == MAX_RECORD:
        raise InputError(f"{source.name} holds one JSON value {too_long()}; save it as JSON lines")
    try:
        value = json.loads(text)
        _check_depth(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{source.name} is not whole JSON ({error}); save it again") from None
    yield (1, value) if isinstance(value, dict) else _no_object(source, 1)


def _members(source: Source, start: int) -> Iterator[tuple[int, dict[str, Any]] | Broken]:
    """The members of a list, read piece by piece; a broken one is passed over to its closing brace."""
    with source.open_text() as stream:
        stream.read(start)
        text, place, number, more = "", 0, 0, True
        while True:
            place = _skip(text, place)
            if text[place : place + 1] == "]":
                return
            if place > 2 * _CHUNK:
                # The error of a broken record costs as much as all text before it is long.
                text, place = text[place:], 0
            value, end = _decode(text, place)
            if more and (end is None or end == len(text)) and len(text) - place < MAX_RECORD:
                piece = stream.read(max(_CHUNK, len(text) - place))
                text, place, more = text[place:] + piece, 0, bool(piece)
                continue
            number += 1
            if end is None:
                why = too_long() if len(text) - place >= MAX_RECORD else "not JSON from here on"
                yield Broken(source.name, number, f"{why}; the rest of the list is lost")
                return
            place = end
            yield (number, value) if isinstance(value, dict) else _no_object(source, number)


def _decode(text: str, place: int) -> tuple[object, int | None]:
    """The value at `place` and its end; None and the closing brace of a broken one, if there is one."""
    try:
        value, end = json.JSONDecoder().raw_decode(text, place)
        _check_depth(text[place:end])
    except (ValueError, RecursionError) as error:
        if getattr(error, "pos", 0) >= len(text) - _NEAR_END and len(text) - place > 2 * _CHUNK:
            # A long one that is cut off rather than broken.
            return None, None
        return None, _closing(text, place)
    return value, end


def _check_depth(text: str) -> None:
    """Raises ValueError: JSON nested more than `MAX_DEPTH` deep, which what is done to it cannot follow."""
    brackets = _NO_BRACKET.sub("", text)
    for _ in range(MAX_DEPTH):
        if not brackets:
            return
        brackets = brackets.replace("[]", "").replace("{}", "")
    if brackets:
        raise ValueError(f"nested more than {MAX_DEPTH} deep")


def _skip(text: str, place: int) -> int:
    # The pattern matches no signs at all, too.
    return cast(re.Match[str], _BETWEEN.match(text, place)).end()


def _closing(text: str, place: int) -> int | None:
    """The end of the object that begins at `place`, by counting braces."""
    depth = 0
    for token in _BRACE.finditer(text, place):
        sign = text[token.start()]
        if sign == "{":
            depth += 1
            if depth > 10 * MAX_DEPTH:
                return None
        elif sign == "}":
            depth -= 1
            if depth == 0:
                return token.end()
    return None


def _no_object(source: Source, number: int) -> Broken:
    return Broken(source.name, number, "not a JSON object")
