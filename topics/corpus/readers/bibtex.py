"""BibTeX and BibLaTeX, through bibtexparser.

The file is cut at lines that begin with "@" and each entry parsed by itself, so that a broken entry is one
broken record and a long file needs no more memory than its longest entry. What is wrong between the fields of
an entry is mended first, and noted. Text stays LaTeX; `topics.corpus.build` makes it readable.
"""

from __future__ import annotations

import itertools
import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import cast

from topics.config import CorpusSettings
from topics.corpus.readers import CERTAIN, LIKELY, NO, POSSIBLE, Reader
from topics.corpus.readers.dates import parse_date
from topics.corpus.readers.fields import clean_doi, identifiers, items
from topics.corpus.readers.source import MAX_RECORD, Source, too_long
from topics.types import Broken, Record

_ENTRY = re.compile(r"^\s*@\s*(?P<type>[A-Za-z]+)\s*[{(]")
_STRING = re.compile(r"\s*@\s*\w+\s*[{(]\s*([^\s=]+)")
_WORD = re.compile(r"[^\s{}()#,=\"]+")
_FIELD_NAME = r"[A-Za-z][\w.:+-]*\s*="
# A key may have commas and blanks in it, or be missing; it ends where the first field's name begins.
_HEAD = re.compile(rf"\A(\s*@\s*[A-Za-z]+\s*[{{(])([^={{}}\"]*?)(,?)(\s*)(?={_FIELD_NAME})", re.DOTALL)
_NAME = re.compile(r"(?P<name>[^\W\d_](?:[\w.:+/-]*[\w+/-])?)\s*(?P<sign>:?=*)\s*")
# Another field on a line of its own inside of a value that ends where the text does.
_SWALLOWED = re.compile(r",\s*\n\s*[A-Za-z][\w-]*\s*=\s*[{\"]")
_BETWEEN = re.compile(r"[\s,;]*")
_BARE = re.compile(r'[^\s{}",#;=()]+')
_SIGN = re.compile(r'\\.|[{}"]', re.DOTALL)
_GOES_ON = re.compile(rf"[}})]\s*,\s*(?={_FIELD_NAME}\s*[{{\"\w])")
_FIELD = re.compile(rf'(?<![\w"{{]){_FIELD_NAME}\s*(?=[{{"\d])')
_FIELD_LINE = re.compile(
    r'^[^\S\n]*+(title|author|year|abstract|journal|doi)\s*=\s*[{"]', re.MULTILINE | re.IGNORECASE
)
_ANY_ENTRY = re.compile(r"@\s*[A-Za-z]+\s*[{(]")
_LOST = re.compile(r"[\w{(-]*?([^\s,{}()]+)\s*,\s*\Z")
_KEY = re.compile(r"""\s*[^\s,{}()="']*\s*,""")
_DEFINED = re.compile(r"@\s*string\s*[{(]\s*([^\s=]+)\s*=\s*", re.IGNORECASE)
_BLANKS = re.compile(r"\s*+")
_NO_PAPER = {"comment", "preamble", "string"}
# Of BibTeX, BibLaTeX and what databases add.
_TYPES = set(
    "article artwork audio bibnote book bookinbook booklet collection commentary conference data dataset "
    "electronic image inbook incollection inproceedings inreference jurisdiction legal legislation letter "
    "manual mastersthesis misc movie music mvbook mvcollection mvproceedings mvreference online patent "
    "performance periodical phdthesis proceedings reference report review software standard suppbook "
    "suppcollection suppperiodical techreport thesis unpublished video webpage www".split()
)
_MOST_STRINGS = 1000
_ABSTRACTS = ("abstract", "abstractnote", "summary")
_AND = re.compile(r"\s+and\s+", re.IGNORECASE)


def _sniff(source: Source) -> int:
    """A type of its own may stand in braces; "@SUM(A1,B1)" in a table is no entry."""
    head = source.head_text()
    found = [entry for line in head.splitlines() if (entry := _ENTRY.match(line))]
    if not found or "=" not in head:
        return POSSIBLE if len({name.lower() for name in _FIELD_LINE.findall(head)}) > 2 else NO
    known = [entry for entry in found if entry["type"].lower() in _TYPES]
    if any(_KEY.match(entry.string, entry.end()) for entry in known):
        return CERTAIN
    braced = any(entry.group().endswith("{") for entry in found)
    return LIKELY if known or braced else NO


def _read(source: Source, settings: CorpusSettings) -> Iterator[Record | Broken]:  # noqa: ARG001
    # What it logs is said by `Broken`.
    logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)
    strings: dict[str, str] = {}
    entries = _entries(source)
    entry = next(entries)
    for following in itertools.chain(entries, [None]):
        position, kind, text = entry
        if kind == "string":
            name = _STRING.match(text)
            strings[name[1].lower() if name else ""] = text
        if kind in _NO_PAPER:
            yield from _headless(source.name, position, text, _closed(text) if position else 0)
        elif not text:
            yield Broken(source.name, position, too_long())
        elif len(used := _used(strings, text)) > _MOST_STRINGS:
            why = f"names more than {_MOST_STRINGS:,} abbreviations (@string)"
            yield Broken(source.name, position, why)
        else:
            yield from _parse(source.name, position, "".join(used), text, is_last=following is None)
        entry = following or entry


def _used(strings: dict[str, str], text: str) -> list[str]:
    """The abbreviations whose names stand in an entry, or in such a one, which is defined after those that it
    names. All of them beside each entry would cost their product.
    """
    if not strings:
        return []
    words, found = {word.lower() for word in _WORD.findall(text)}, list[str]()
    for name, defined in reversed(strings.items()):
        if name in words:
            found.append(defined)
            words.update(word.lower() for word in _WORD.findall(defined))
    return found[::-1]


def _entries(source: Source) -> Iterator[tuple[int, str, str]]:
    """Line, type and text of each entry. What stands before the first one is a comment in BibTeX.

    The text of an entry beyond `MAX_RECORD` is left out, which breaks it.
    """
    position, kind, lines = 0, "comment", list[str]()
    size = 0
    for number, line in source.lines():
        if found := _ENTRY.match(line.lstrip("\ufeff")):
            yield position, kind, "".join(lines)
            position, kind, lines, size = number, found["type"].lower(), [], 0
        size += len(line)
        if size <= MAX_RECORD:
            lines.append(line)
        elif lines:
            lines = []
    yield position, kind, "".join(lines)


@dataclass
class _Fields:
    """The fields of an entry as they are written.

    values: name and value, in order. places: where each begins. wrong: what is wrong between them. end: where
    they end. failure: why what comes after them is no field; "" where the entry ends.
    """

    end: int
    values: list[tuple[str, str]] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    failure: str = ""
    is_closed: bool = False

    @property
    def last(self) -> str:
        return self.values[-1][0] if self.values else "the key"

    def names(self) -> list[str]:
        return [name.lower() for name, _ in self.values]

    def parted(self) -> _Fields:
        """These fields up to where they begin again with a second title, which is that of another entry."""
        names = self.names()
        second = next((place for place, name in enumerate(names) if name == "title" in names[:place]), 0)
        if len(set(names)) > len(names) - 2 or not second:
            return self
        while names[second - 1] in names[: second - 1]:
            second -= 1
        return _Fields(self.places[second], self.values[:second], self.places[:second], self.wrong)


def _fields(text: str, place: int) -> _Fields:
    """The fields that begin at a place."""
    found = _Fields(place)
    while True:
        between = cast(re.Match[str], _BETWEEN.match(text, place))
        signs, place = "".join(between[0].split()), between.end()
        if text[place : place + 1] in ("}", ")"):
            goes_on = _GOES_ON.match(text, place)
            found.wrong += [f"{_FAULTS.get(signs, _STRAY)} after {found.last}"] if signs[1:] else []
            if goes_on is None:
                found.end, found.is_closed = place + 1, True
                return found.parted()
            found.wrong.append(f"a brace stands too many after {found.last}")
            place, signs = goes_on.end(), ","
        name = _NAME.match(text, place)
        if name is None or (not name["sign"] and text[name.end() : name.end() + 1] not in ("{", '"')):
            found.end, found.failure = between.start(), _failure(text, place)
            return found.parted()
        if found.values and signs != ",":
            found.wrong.append(f"{_FAULTS.get(signs, _STRAY)} after {found.last}")
        if name["sign"] != "=":
            found.wrong.append(f"= is missing after {name['name']}")
        end = _value_end(text, name.end())
        if end is None or (
            _after_blanks(text, end) == len(text) and _SWALLOWED.search(text, name.end(), end)
        ):
            found.end, found.failure = between.start(), f"the value of {name['name']} never ends"
            return found.parted()
        found.values.append((name["name"], text[name.end() : end].rstrip()))
        found.places.append(place)
        place = found.end = end


_NO_BRACE = "no brace ends it"
_STRAY = "a stray character stands"
_FAULTS = {
    "": "a comma is missing",
    ",,": "there are two commas in a row",
    ";": "a semicolon stands in place of a comma",
}


def _failure(text: str, place: int) -> str:
    rest = " ".join(text[place : place + 40].split())
    return f"{rest[:20]!r} is no field" if rest else _NO_BRACE


def _value_end(text: str, place: int) -> int | None:
    """The end of a value (pieces in braces, in quotation marks or bare, joined by #); None without one."""
    while True:
        end = _part_end(text, place)
        if end is None:
            return None
        after = _after_blanks(text, end)
        if text[after : after + 1] != "#":
            return end
        place = _after_blanks(text, after + 1)


def _part_end(text: str, place: int) -> int | None:
    if text[place : place + 1] in ("{", '"'):
        return _piece_end(text, place)
    bare = _BARE.match(text, place)
    return bare.end() if bare else place


def _joined(name: str, value: str, abbreviations: Mapping[str, str]) -> str:
    """A value whose pieces # joins as one piece; that of a month, which is a date, as it is."""
    if "#" not in value or name.lower() == "month":
        return value
    pieces, place, size = list[str](), 0, 0
    while (end := _part_end(value, place)) and end > place:
        piece = value[place:end]
        pieces.append(piece[1:-1] if piece[0] in '{"' else abbreviations.get(piece.lower(), piece))
        size += len(pieces[-1])
        place = _after_blanks(value, end)
        if size > MAX_RECORD or value[place : place + 1] != "#":
            break
        place = _after_blanks(value, place + 1)
    return "{" + "".join(pieces) + "}" if len(pieces) > 1 and size <= MAX_RECORD else value


def _abbreviations(strings: str) -> dict[str, str]:
    """What @string defines, by its names in small letters."""
    found: dict[str, str] = {}
    place: int | None = 0
    while place is not None and (head := _DEFINED.search(strings, place)):
        place = _value_end(strings, head.end())
        found[head[1].lower()] = _bare(_joined("", strings[head.end() : place].strip(), found))
    return found


def _after_blanks(text: str, place: int) -> int:
    # The pattern matches nothing at all, too.
    return cast(re.Match[str], _BLANKS.match(text, place)).end()


def _piece_end(text: str, place: int) -> int | None:
    depth, is_quoted = 0, text[place] == '"'
    for found in _SIGN.finditer(text, place + is_quoted):
        sign = found[0]
        if sign == "{":
            depth += 1
        elif sign == "}":
            depth -= 1
            if depth < 0:
                return None
        if depth == 0 and sign == ('"' if is_quoted else "}"):
            return found.end()
    return None


def _closed(text: str) -> int:
    """Where the first braces of a text close; its end where they do not."""
    start = text.find("{")
    return (_piece_end(text, start) if start >= 0 else None) or len(text)


def _parse(file: str, position: int, strings: str, text: str, is_last: bool) -> Iterator[Record | Broken]:
    """The entry in a text; more than one where they stand on one line, or have no head of their own."""
    text, key = _with_plain_key(text)
    head = re.match(r"\s*@\s*\w+\s*[{(]\s*[^\s,={}()\"]*\s*,?", text)
    start = head.end() if head else 0
    fields = _fields(text, start)
    rest = text[fields.end :]
    again = _fields(text, fields.end)
    if fields.is_closed and again.is_closed and set(again.names()).isdisjoint(fields.names()):
        again.wrong[:0] = [*fields.wrong, f"a brace stands too many after {fields.last}"]
        again.values[:0] = fields.values
        fields, rest = again, text[again.end :]
    is_unended = bool(fields.values) and fields.failure == _NO_BRACE and not is_last
    is_whole = fields.is_closed or is_unended or _is_neighbour(rest)
    if not is_whole:
        yield from _by_parser(file, position, strings, text, key, fields.failure)
        return
    wrong = fields.wrong + ([] if fields.is_closed else [f"no brace ends the entry after {fields.last}"])
    own = text[: fields.end]
    abbreviations = _abbreviations(strings) if "#" in own else {}
    values = [(name, _joined(name, value, abbreviations)) for name, value in fields.values]
    if wrong or values != fields.values:
        own = text[:start].rstrip(" ,\n") + "".join(f",\n{name} = {value}" for name, value in values) + "\n}"
    yield from _by_parser(file, position, strings, own, key, "", ", ".join(dict.fromkeys(wrong)))
    place = position + text.count("\n", 0, fields.end)
    another = _ANY_ENTRY.search(rest)
    cut = another.start() if another else len(rest)
    yield from _headless(file, place, rest[:cut], 0)
    if another:
        yield from _parse(file, place + rest.count("\n", 0, cut), strings, rest[cut:], is_last)


def _is_neighbour(rest: str) -> bool:
    """Whether a text has the fields of an entry, a title among them, and no head before them."""
    found = _FIELD.search(rest)
    return found is not None and "title" in _fields(rest, found.start()).names()


def _headless(file: str, position: int, text: str, place: int) -> Iterator[Record | Broken]:
    """Entries in a text that no head begins, from a place on."""
    while found := _FIELD.search(text, place):
        fields = _fields(text, found.start())
        key = _LOST.search(text[place : found.start()])
        line = position + text.count("\n", 0, found.start()) + (position == 0)
        names = set(fields.names())
        if not names & {"title", *_ABSTRACTS}:
            if len(names) > 1:
                yield Broken(file, line, "fields that belong to no BibTeX entry")
        elif fields.failure and not fields.is_closed:
            yield Broken(file, line, f"not a whole BibTeX entry ({fields.failure}, and no @type{{ begins it)")
        else:
            own = "@misc{" + "".join(
                ["entry", *(f",\n{name} = {value}" for name, value in fields.values), "\n}"]
            )
            wrong = ", ".join(["no @type{ begins the entry", *dict.fromkeys(fields.wrong)])
            yield from _by_parser(file, line, "", own, key[1] if key else "", "", wrong)
        place = max(fields.end, found.end())


def _by_parser(
    file: str, position: int, strings: str, text: str, key: str | None, failure: str, wrong: str = ""
) -> Iterator[Record | Broken]:
    """The entry in a text as bibtexparser reads it.

    failure: why it cannot be whole. wrong: what was mended in it.
    """
    from bibtexparser.entrypoint import parse_string
    from bibtexparser.model import DuplicateFieldKeyBlock, Entry

    library = parse_string(strings + text)
    stray = any("=" in (comment.raw or "") for comment in library.comments)
    why = f"not a whole BibTeX entry ({failure})" if failure else "not a whole BibTeX entry"
    entries = [
        (block.ignore_error_block if isinstance(block, DuplicateFieldKeyBlock) else block, block)
        for block in library.blocks
    ]
    found = [(entry, block) for entry, block in entries if isinstance(entry, Entry)]
    if (
        stray
        or len(found) != 1
        or any(block in library.failed_blocks and block is not found[0][1] for block in library.blocks)
    ):
        yield Broken(file, position, why)
        return
    entry, block = found[0]
    doubled = isinstance(block, DuplicateFieldKeyBlock)
    fields: dict[str, str] = {}
    for one in entry.fields:
        value = str(one.value)
        fields.setdefault(one.key.lower(), _bare(value) if doubled else value)
    kind = "" if wrong.startswith("no @type{") else entry.entry_type
    yield _record(file, position, kind, entry.key if key is None else key, fields, wrong)


def _with_plain_key(text: str) -> tuple[str, str | None]:
    """An entry with a key that the parser takes, and its own key; None where the parser must say it."""
    head = _HEAD.match(text)
    if head is None:
        return text, None
    key = head[2].strip().rstrip(",").strip()
    if head[3] and re.fullmatch(r"[^\s,]+", key):
        return text, key
    plain = re.sub(r"[\s,]+", "_", key) or "entry"
    return f"{head[1]}{plain},{head[4]}{text[head.end() :]}", key


def _bare(value: str) -> str:
    """A value without its braces or quotes, which bibtexparser leaves on where a field is given twice."""
    return value[1:-1] if value[:1] + value[-1:] in ("{}", '""') else value


def _record(file: str, position: int, kind: str, key: str, fields: dict[str, str], wrong: str) -> Record:
    def first(*names: str) -> str:
        return next((" ".join(fields[name].split()) for name in names if fields.get(name)), "")

    doi = clean_doi(_unescaped(first("doi", "url")))
    arxiv = first("eprint") if first("archiveprefix", "eprinttype").lower() == "arxiv" else ""
    names = [name for name in _AND.split(first("author")) if name]
    return Record(
        title=first("title", "booktitle"),
        abstract=next((text for name in _ABSTRACTS if (text := fields.get(name))), ""),
        id="" if doi else key,
        authors=tuple(name for name in names if name != "others"),
        date=_date(fields),
        venue=first("journal", "journaltitle", "fjournal", "booktitle", "eventtitle", "series"),
        keywords=items(first("keywords", "keyword", "author_keywords", "author-keywords"))
        + items(first("keywords-plus")),
        categories=tuple(
            part
            for part in first("web-of-science-categories", "research-areas", "primaryclass").split("; ")
            if part
        ),
        doi=doi,
        url=_unescaped(first("url", "link")),
        language=first("language", "langid"),
        kind=first("type", "document_type") or kind,
        identifiers=identifiers(
            doi=doi, arxiv=arxiv, pmid=first("pmid"), hints=(first("url"), first("journal"))
        ),
        assumed=f"{wrong}; it is read as if that were mended" if wrong else "",
        file=file,
        position=position,
        original={"entry_type": kind, "citation_key": key, **fields}
        | ({"et_al": True} if "others" in names else {}),
    )


def _unescaped(value: str) -> str:
    r"""A DOI or an address as it is: Mendeley writes `coli{\_}a`, JabRef `coli\_a`."""
    return _ESCAPED.sub(lambda found: found[1] or found[2] or _ANGLES[found[3]], value)


_ESCAPED = re.compile(r"\{\\?([_&%#$~\[\]])\}|\\([_&%#$])|\{\\text(less|greater)\}")
_ANGLES = {"less": "<", "greater": ">"}


def _date(fields: dict[str, str]) -> str:
    year, month, day = (fields.get(name, "") for name in ("year", "month", "day"))
    if not year:
        return parse_date(fields.get("date"))
    if month.isdigit():
        return parse_date("-".join(part for part in (year, month, day) if part)) or parse_date(year)
    # As in `mar # "~15"`.
    month = " ".join(re.sub(r'[#"~{}]', " ", month).split())
    return parse_date(f"{year} {month} {day}".strip())


READER = Reader(name="bibtex", title="BibTeX", suffixes=(".bib", ".bibtex"), sniff=_sniff, read=_read)
