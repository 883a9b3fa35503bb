"""JSON objects one by one, from JSON lines and from JSON documents of any size.

The papers of a document are a list of objects, lists somewhere inside of what an interface answers
(`message.items`, `hits.hits`, `response.docs` ...), objects by name, or a table: columns by name, or rows
with a row of column names. Every list that holds what looks like papers is read.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from topics.corpus.readers.column_names import ALIASES, key
from topics.corpus.readers.source import MAX_DEPTH, MAX_RECORD, Source, too_long
from topics.corpus.readers.table_rows import is_header
from topics.errors import InputError
from topics.types import Broken

_CHUNK = 1 << 16
_LIST = re.compile(r'"(?P<name>[^"\\]{1,60})"\s*:\s*\[(?=\s*\{)')
# A text that does not end goes to the end: from each of its quotes on it would be looked for again.
_TEXT = r'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)'
_TOKEN = re.compile(rf"{_TEXT}|[{{}}\[\]]", re.DOTALL)
_BRACE = re.compile(rf"{_TEXT}|[{{}}]", re.DOTALL)
_NO_BRACKET = re.compile(rf"{_TEXT}|[^\[\]{{}}\"]+", re.DOTALL)
_BETWEEN = re.compile(r"[ \n\r\t,]*")
_AFTER = re.compile(r"[ \n\r\t,;\x1e]*")
_TITLE = re.compile(r'"(?:title|abstract|display_name)"\s*:')
_NEAR_END = 10
_RECORD_SIGN = "\x1e"
"""Begins each value of a JSON text sequence (RFC 7464)."""

_USUAL = {
    "results", "result", "data", "items", "papers", "records", "works", "documents", "docs", "hits",
    "articles", "entries", "entry", "collection", "notes", "publications",
}  # fmt: skip
_CITED = re.compile("reference|citation|cited|related|similar", re.IGNORECASE)
_DEEPEST = 4
_FIRST = 5
_TITLES = frozenset(ALIASES["title"])
_TEXTS = frozenset((*ALIASES["title"], *ALIASES["abstract"]))
_PAPERS_ONLY = frozenset(("abstract", *ALIASES["authors"], *ALIASES["doi"]))
_OTHERS = frozenset(
    alias for field in ("abstract", "authors", "date", "doi", "venue") for alias in ALIASES[field]
)
_FIELDS = _TITLES | _OTHERS
_HEADERS = {"columns", "header", "headers", "fields", "names", "column_names", "cols", "schema"}
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:[-_]\w+)?|value|text|#text|language|lang|type|\W?\w?")
_MANY = 4
"""Lists of titles and of other fields of so many members are columns, of fewer they may be translations."""

_NO_OBJECT = ValueError("not a JSON object")


def looks_like_json(source: Source) -> bool:
    """Whether a file begins as a JSON object or a list of objects, of rows or of names does."""
    return re.match(r'\s*(?:\{\s*["}]|\[\s*[{\]\["])', source.head_text()) is not None


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


Found = Iterator[tuple[int, Any] | Broken]


def objects(source: Source) -> Iterator[tuple[int, dict[str, Any]] | Broken]:
    """Each object with its place: its line in JSON lines, its number in a document.

    An object that is no paper but holds a list of them, as a page of an interface's answers does, stands for
    its members, and so does a table.
    """
    head = source.head_text()
    is_list = re.match(r"\s*\[", head) is not None
    if _is_lines(head):
        yield from _opened(_lines(source), source.name)
    elif (start := _list_start(head)) is not None:
        members = _Pieces(source).from_list(start, 0 if is_list else _depth(head, start))
        yield from _opened(members, source.name)
    else:
        yield from _opened(_single(source), source.name)


def _opened(found: Found, name: str) -> Iterator[tuple[int, dict[str, Any]] | Broken]:
    """The papers in values: a list of them stands for its members, and a list of names for columns."""
    header: list[str] | None = None
    for item in found:
        if isinstance(item, Broken):
            yield item
            continue
        position, value = item
        if isinstance(value, dict):
            for place, paper in enumerate(_papers(value), position):
                yield (place, paper) if isinstance(paper, dict) else Broken(name, place, str(paper))
        elif not isinstance(value, list):
            yield Broken(name, position, str(_NO_OBJECT))
        elif all(isinstance(member, dict | list) for member in value):
            yield from _opened(((position + n, member) for n, member in enumerate(value)), name)
        elif header is not None:
            row = _row(header, value)
            yield (position, row) if isinstance(row, dict) else Broken(name, position, str(row))
        elif (header := _names(value)) is None:
            raise InputError(
                f"{name} has papers as lists of values, and no list of column names before them; put one "
                'first, as in [["title", "abstract"], ...], or write each paper as an object'
            )


def _papers(value: dict[str, Any]) -> list[Any]:
    """What an object stands for: itself, the rows of a table, or the papers that it holds; an error for each
    that cannot be read.
    """
    if isinstance(value.get("title"), str) and "abstract" in value:
        return [value]
    if (rows := _table(value)) is not None:
        return rows
    paper = paper_in(value)
    is_one = paper is value or (
        paper is not None and _table(paper) is None and sum(map(is_paper, value.values())) == 1
    )
    inside = [] if is_one and not _is_list_of(value) else _papers_in(value)
    return [paper if isinstance(paper, dict | ValueError) else _NO_OBJECT for paper in inside] or [value]


def _row(header: Sequence[str], row: Any) -> dict[str, Any] | ValueError:
    if not isinstance(row, list):
        return ValueError("not a row of the table around it")
    if len(row) != len(header):
        return ValueError(f"{len(row)} cells in a table of {len(header)} columns")
    return dict(zip(header, row, strict=True))


def _names(values: object, width: int = 0) -> list[str] | None:
    """The column names in a list of names, or of objects that have them; None where these are none.

    width: how many names are enough, known or not; with 0 a title or an abstract must be among known ones.
    """
    if not isinstance(values, list):
        return None
    names = [
        next((value[kind] for kind in ("name", "field", "title", "label", "id") if kind in value), "")
        if isinstance(value, Mapping)
        else value
        for value in values
    ]
    is_one = is_header(names) or (width > 0 and len(names) == width)
    return names if is_one and all(isinstance(name, str) for name in names) else None


def _table(value: Mapping[str, Any]) -> list[Any] | None:
    """The rows of a table: columns by name, as lists or by their rows' names ({"title": {"0": ...}}), or rows
    as lists beside a list of names; None for an object that is none.
    """
    known = {name: held for name, held in value.items() if key(name) in _FIELDS}
    titles = next((held for name, held in known.items() if key(name) in _TEXTS), None)
    lists = {name: held for name, held in value.items() if isinstance(held, list) and held}
    if len(known) > 1 and isinstance(titles, dict | list) and len(titles) > 1:
        if isinstance(titles, dict):
            columns = {name: held for name, held in value.items() if isinstance(held, dict)}
            return _by_rows(columns) if known.keys() <= columns.keys() and _are_rows(known) else None
        if known.keys() <= lists.keys():
            return _by_columns(lists, is_sure=len(lists) == len(value) or len(titles) >= _MANY)
    for name, rows in lists.items():
        width = next((len(row) for row in rows if isinstance(row, list)), 0)
        if not width:
            continue
        for other, held in lists.items():
            if other != name and (names := _names(held, width if other.lower() in _HEADERS else 0)):
                return [_row(names, row) for row in rows]
        if names := _names(rows[0]):
            return [_row(names, row) for row in rows[1:]]
    return None


def _by_rows(columns: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    rows = dict.fromkeys(row for held in columns.values() for row in held)
    return [{name: held.get(row) for name, held in columns.items()} for row in rows]


def _are_rows(columns: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether mappings are columns by the names of their rows, and not one text in several languages."""
    rows = {name for held in columns.values() for name in held}
    return all(name.isdigit() for name in rows) or (
        all(held.keys() == rows for held in columns.values())
        and not any(_LANGUAGE.fullmatch(name.lower()) for name in rows)
    )


def _by_columns(columns: Mapping[str, list[Any]], is_sure: bool) -> list[Any] | None:
    """The rows of columns, or an error where they have different lengths; None where they are no columns."""
    lengths = {name: len(held) for name, held in columns.items()}
    if len(set(lengths.values())) == 1 and is_sure:
        return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    if not is_sure or max(lengths.values()) < _MANY:
        return None
    said = ", ".join(f"{name} {number}" for name, number in list(lengths.items())[:5])
    return [ValueError(f"columns of different lengths ({said})")]


def _is_list_of(value: Mapping[str, Any]) -> bool:
    """Whether an object is what holds papers, as a feed or a folder is: it has no authors and no abstract."""
    names = {key(str(name)) for name in value}
    return names.isdisjoint(_PAPERS_ONLY) and any(
        isinstance(held, list) and name in _USUAL and any(map(is_paper, held[:_FIRST]))
        for name, held in value.items()
    )


def _papers_in(value: Mapping[str, Any]) -> list[Any]:
    """The members of all lists and tables of papers inside of an object, and the papers that it has by name.

    Where nothing looks like papers, those of a list under a usual name.
    """
    level, usual, found = [value], list[Any](), list[Any]()
    for _ in range(_DEEPEST):
        inner: list[Mapping[str, Any]] = []
        for mapping in level:
            is_by_name = sum(map(is_paper, mapping.values())) > 1
            for name, held in mapping.items():
                if isinstance(held, list) and not _CITED.search(name):
                    members: list[Any] = []
                    for member in held:
                        nested = isinstance(member, list) and any(isinstance(one, dict) for one in member)
                        members += member if nested else [member]
                    objects_in = [one for one in members if isinstance(one, dict)]
                    if any(paper_in(one) is not None for one in objects_in[:_FIRST]):
                        found += members
                        continue
                    inner += objects_in
                    usual = usual or (members if name in _USUAL and objects_in else [])
                elif isinstance(held, dict) and (rows := _table(held)) is not None:
                    found += rows
                elif isinstance(held, dict) and is_by_name and _is_like_paper(held):
                    found.append(held)
                elif isinstance(held, dict):
                    inner.append(held)
        level = inner
    return found or usual


def _is_like_paper(value: Mapping[str, Any]) -> bool:
    return not {key(str(name)) for name in value}.isdisjoint(_FIELDS)


def _depth(head: str, place: int) -> int:
    """How many objects are open at a place."""
    tokens = (found[0] for found in _TOKEN.finditer(head, 0, place))
    return sum({"{": 1, "}": -1}.get(token, 0) for token in tokens)


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
    """Whether each line is a value of its own: the first one is, or those after it begin as objects do."""
    lines = [line for line in head.strip().split("\n", 20)[:20] if line.strip()]
    if len(lines) < 2:
        return head.lstrip().startswith("{") and _list_start(head) is None
    if _is_value(lines[0]):
        return True
    own = [
        line for line in lines if line.startswith(("{", "[")) and not line.rstrip().endswith((",", "[", "{"))
    ]
    return 2 * len(own) >= len(lines) and any(map(_is_value, own))


def _is_value(line: str) -> bool:
    """Whether a line is an object or a list, and whole."""
    try:
        return isinstance(json.loads(line.lstrip(_RECORD_SIGN)), dict | list)
    except (ValueError, RecursionError):
        return False


def _lines(source: Source) -> Found:
    for number, line in source.lines():
        if line.isspace():
            continue
        try:
            value = json.loads(line.lstrip(_RECORD_SIGN) if line[0] == _RECORD_SIGN else line)
            _check_depth(line)
        except (ValueError, RecursionError) as error:
            if str(error).startswith("Extra data"):
                yield from _on_one_line(source.name, number, line)
            else:
                yield Broken(source.name, number, f"not JSON ({error})")
            continue
        yield number, value


def _on_one_line(name: str, number: int, line: str) -> Found:
    """The values of a line that has several, as where files without a last line end were joined."""
    place: int | None = _skip(line, line[0] == _RECORD_SIGN)
    while place is not None and place < len(line):
        value, end, wrong = _decode(line, place)
        yield Broken(name, number, f"not JSON ({wrong})") if wrong else (number, value)
        place = None if end is None else _skip(line, end)


def _single(source: Source) -> Found:
    """One object or list; several, one after another, where there are more."""
    with source.open_text() as stream:
        text = stream.read(MAX_RECORD)
    if len(text) == MAX_RECORD:
        raise InputError(f"{source.name} holds one JSON value {too_long()}; save it as JSON lines")
    try:
        value = json.loads(text)
        _check_depth(text)
    except (ValueError, RecursionError) as error:
        if str(error).startswith("Extra data"):
            yield from _Pieces(source).from_list(0, 0, is_open=False)
            return
        raise InputError(f"{source.name} is not whole JSON ({error}); save it again") from None
    yield 1, value


class _Pieces:
    """The values of a document that is read piece by piece."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._text, self._place, self._number, self._more = "", 0, 0, True

    def from_list(self, start: int, depth: int, is_open: bool = True) -> Found:
        """The members of the list that begins at `start`, and of the lists of papers after it.

        depth: how many objects are open there.
        """
        with self._source.open_text() as self._stream:
            self._stream.read(start)
            if is_open:
                yield from self._members()
            yield from self._rest(depth)

    def _sign(self, between: re.Pattern[str]) -> str:
        """The next character that is not between two values; "" at the end."""
        while True:
            # The patterns match nothing at all, too.
            self._place = cast(re.Match[str], between.match(self._text, self._place)).end()
            if self._place < len(self._text) or not self._read(_CHUNK):
                return self._text[self._place : self._place + 1]

    def _read(self, signs: int) -> bool:
        piece = self._stream.read(signs) if self._more else ""
        self._text, self._place, self._more = self._text[self._place :] + piece, 0, bool(piece)
        return self._more

    def _value(self) -> tuple[Any, str]:
        """The next value, and what is wrong with it; a broken one is passed over to its last brace.

        Raises EOFError: it has none.
        """
        while True:
            if self._place > 2 * _CHUNK:
                # The error of a broken record costs as much as all text before it is long.
                self._text, self._place = self._text[self._place :], 0
            length = len(self._text) - self._place
            value, end, wrong = _decode(self._text, self._place)
            if (
                not self._more
                or length >= MAX_RECORD
                or (end is not None and end < len(self._text))
                or not self._read(max(_CHUNK, length))
            ):
                break
        if end is None:
            why = too_long() if len(self._text) - self._place >= MAX_RECORD else "not JSON from here on"
            raise EOFError(why)
        self._place = end
        return value, wrong

    def _members(self) -> Found:
        while self._sign(_BETWEEN) != "]":
            self._number += 1
            try:
                value, wrong = self._value()
            except EOFError as error:
                self._place, self._more = len(self._text), False
                yield Broken(self._source.name, self._number, f"{error}; the rest of the list is lost")
                return
            yield self._found(value, wrong)
        self._place += 1

    def _found(self, value: Any, wrong: str) -> tuple[int, Any] | Broken:
        if wrong:
            return Broken(self._source.name, self._number, f"not JSON ({wrong})")
        return self._number, value

    def _rest(self, depth: int) -> Found:
        """What follows a list: members of other lists of papers, and further values where nothing is open."""
        while sign := self._sign(_AFTER):
            try:
                if sign in "}]":
                    depth, self._place = depth - (sign == "}"), self._place + 1
                elif depth <= 0 and sign == "[":
                    self._place += 1
                    yield from self._members()
                elif depth <= 0:
                    value, wrong = self._value()
                    self._number += 1
                    yield self._found(value, wrong)
                else:
                    name, _ = self._value()
                    if self._sign(_AFTER) == ":":
                        self._place += 1
                    sign = self._sign(_BETWEEN)
                    if sign == "{" and depth < _DEEPEST:
                        depth, self._place = depth + 1, self._place + 1
                    elif sign == "[":
                        self._place += 1
                        yield from self._other(str(name))
                    else:
                        self._value()
            except EOFError as error:
                yield Broken(self._source.name, self._number + 1, f"{error}; what follows is not read")
                return

    def _other(self, name: str) -> Found:
        """The members of a list if one of the first looks like a paper and they are not cited ones."""
        number = self._number
        members = self._members()
        first = list(itertools.islice(members, _FIRST))
        values = [item[1] for item in first if not isinstance(item, Broken)]
        if not _CITED.search(name) and any(
            isinstance(value, dict) and paper_in(value) is not None for value in values
        ):
            yield from itertools.chain(first, members)
            return
        for item in itertools.chain(first, members):
            if isinstance(item, Broken):
                yield item
        self._number = number


def _decode(text: str, place: int) -> tuple[Any, int | None, str]:
    """The value at `place`, its end and ""; of a broken one None, its closing brace, and what is wrong."""
    try:
        value, end = json.JSONDecoder().raw_decode(text, place)
        _check_depth(text[place:end])
    except (ValueError, RecursionError) as error:
        if getattr(error, "pos", 0) >= len(text) - _NEAR_END and len(text) - place > 2 * _CHUNK:
            # A long one that is cut off rather than broken.
            return None, None, str(error)
        return None, _closing(text, place), str(error).partition(": line")[0]
    return value, end, ""


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
    # The pattern matches nothing at all, too.
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
