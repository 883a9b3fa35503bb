"""JSON objects one by one, from JSON lines and from JSON documents of any size.

The papers of a document are a list of objects, a list somewhere inside of what an interface answers
(`message.items`, `hits.hits`, `response.docs` ...), or objects by name. The list that holds what looks like
papers is the one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, cast

from topics.corpus.readers.fields import ALIASES, key
from topics.corpus.readers.source import MAX_DEPTH, MAX_RECORD, Source, too_long
from topics.errors import InputError
from topics.types import Broken

_CHUNK = 1 << 16
_LIST = re.compile(r'"(?P<name>[^"\\]{1,60})"\s*:\s*\[(?=\s*\{)')
_TEXT = r'"[^"\\]*(?:\\.[^"\\]*)*"'
_TOKEN = re.compile(rf"{_TEXT}|[{{}}\[\]]", re.DOTALL)
_BRACE = re.compile(rf"{_TEXT}|[{{}}]", re.DOTALL)
_NO_BRACKET = re.compile(rf"{_TEXT}|[^\[\]{{}}\"]+", re.DOTALL)
_BETWEEN = re.compile(r"[ \n\r\t,]*")
_TITLE = re.compile(r'"(?:title|abstract|display_name)"\s*:')
_NEAR_END = 10
_USUAL = {
    "results", "result", "data", "items", "papers", "records", "works", "documents", "docs", "hits",
    "articles", "entries", "entry", "collection", "notes", "publications",
}  # fmt: skip
_CITED = re.compile("reference|citation|cited|related|similar", re.IGNORECASE)
_DEEPEST = 4
_FIRST = 5
_TITLES = frozenset(ALIASES["title"])
_OTHERS = frozenset(
    alias for field in ("abstract", "authors", "date", "doi", "venue") for alias in ALIASES[field]
)


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


def is_paper(value: object) -> bool:
    """Whether an object has the usual name of a title and of something else that papers have."""
    if not isinstance(value, Mapping):
        return False
    names = {key(str(name)) for name in value}
    return not names.isdisjoint(_TITLES) and not names.isdisjoint(_OTHERS)


def paper_in(value: Mapping[str, Any], deepest: int = 2) -> Mapping[str, Any] | None:
    """The object itself if it looks like a paper, else the one below it that does (`metadata`, `_source`)."""
    if is_paper(value):
        return value
    below = [held for held in value.values() if isinstance(held, Mapping)] if deepest else []
    return next((found for held in below if (found := paper_in(held, deepest - 1)) is not None), None)


def objects(source: Source) -> Iterator[tuple[int, dict[str, Any]] | Broken]:
    """Each object with its place: its line in JSON lines, its number in a document.

    An object that is no paper but holds a list of them, as a page of an interface's answers does, stands for
    its members.
    """
    head = source.head_text()
    is_list = re.match(r"\s*\[", head) is not None
    if not is_list and _is_lines(head):
        yield from _opened(_lines(source))
    elif (start := _list_start(head)) is not None:
        yield from _opened(_members(source, start)) if is_list else _members(source, start)
    else:
        yield from _opened(_single(source))


def _opened(
    found: Iterator[tuple[int, dict[str, Any]] | Broken],
) -> Iterator[tuple[int, dict[str, Any]] | Broken]:
    for item in found:
        if isinstance(item, Broken) or (isinstance(item[1].get("title"), str) and "abstract" in item[1]):
            yield item
        elif is_paper(item[1]):
            yield from _by_row(*item)
        elif inside := _papers_in(item[1]):
            yield from ((item[0] + number, paper) for number, paper in enumerate(inside))
        else:
            yield item


def _by_row(position: int, value: dict[str, Any]) -> Iterator[tuple[int, dict[str, Any]]]:
    """The rows of a table written column by column ({"title": {"0": ...}, ...}), else the object."""
    rows = next((held.keys() for held in value.values() if isinstance(held, dict) and "0" in held), None)
    if not rows or any(not isinstance(held, dict) or held.keys() != rows for held in value.values()):
        yield position, value
        return
    for number, row in enumerate(rows):
        yield position + number, {name: held[row] for name, held in value.items()}


def _papers_in(value: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The members of the outermost list of papers, or the papers that an object holds by name.

    Where nothing looks like papers, those of a list under a usual name.
    """
    level, usual = [value], list[Any]()
    for _ in range(_DEEPEST):
        inner: list[Mapping[str, Any]] = []
        for mapping in level:
            for name, held in mapping.items():
                if isinstance(held, list) and any(isinstance(member, dict) for member in held[:_FIRST]):
                    papers = [member for member in held if isinstance(member, dict)]
                    if not _CITED.search(name) and any(
                        paper_in(member) is not None for member in papers[:_FIRST]
                    ):
                        return papers
                    usual = usual or (papers if name in _USUAL else [])
            below = [held for held in mapping.values() if isinstance(held, dict)]
            if len(found := [held for held in below if is_paper(held)]) > 1:
                return found
            inner += below
        level = inner
    return usual


def _list_start(head: str) -> int | None:
    """Where the members of a document's list begin; None where its head does not show one."""
    if opened := re.match(r"\s*\[", head):
        return opened.end()
    usual, depth, lists = None, 0, 0
    title = _TITLE.search(head)
    for token in _TOKEN.finditer(head):
        depth += {"{": 1, "}": -1}.get(token[0], 0)
        lists += {"[": 1, "]": -1}.get(token[0], 0)
        found = None if lists or not 1 <= depth <= _DEEPEST else _LIST.match(head, token.start())
        if found is None:
            continue
        if title and title.end() <= found.start():
            return usual
        if _shows_paper(head, found.end()) and not _CITED.search(found["name"]):
            return found.end()
        if usual is None and found["name"] in _USUAL:
            usual = found.end()
    return usual


def _shows_paper(head: str, place: int) -> bool:
    """Whether one of a list's first members looks like a paper."""
    for _ in range(_FIRST):
        try:
            value, place = json.JSONDecoder().raw_decode(head, _skip(head, place))
        except (ValueError, RecursionError):
            return False
        if isinstance(value, dict) and paper_in(value) is not None:
            return True
    return False


def _is_lines(head: str) -> bool:
    """Whether lines begin as objects do, one of the first is one, or there is one line without a list."""
    lines = head.strip().split("\n", 3)
    if len(lines) == 1:
        return _list_start(head) is None
    return (head.lstrip().startswith("{") and "\n{" in head.strip()) or any(map(_is_object, lines[:3]))


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
    if text.count("{") + text.count("[") <= MAX_DEPTH:
        return
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
