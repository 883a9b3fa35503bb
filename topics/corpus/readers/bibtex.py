"""BibTeX and BibLaTeX, through bibtexparser.

The file is cut at lines that begin with "@" and each entry parsed by itself, so that a broken entry is one
broken record and a long file needs no more memory than its longest entry. Text stays LaTeX;
`topics.corpus.build` makes it readable.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping

from topics.config import CorpusSettings
from topics.corpus.readers import CERTAIN, LIKELY, NO, Reader
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
_NAME = re.compile(r"([A-Za-z][\w.:+-]*)\s*=")
# The end of one value right before the name of the next field.
_LACKING = re.compile(rf'[}}"\w]\s*\n\s*{_FIELD_NAME}|[}}"]\s+{_FIELD_NAME}\s*[{{"]')
_KEY = re.compile(r"""\s*[^\s,{}()="']*\s*,""")
_NO_PAPER = {"comment", "preamble", "string"}
# Of BibTeX, BibLaTeX and what databases add.
_TYPES = set(
    "article artwork audio bibnote book bookinbook booklet collection commentary conference data dataset "
    "electronic image inbook incollection inproceedings inreference jurisdiction legal legislation letter "
    "manual mastersthesis misc movie music mvbook mvcollection mvproceedings mvreference online patent "
    "performance periodical phdthesis proceedings reference report review software standard suppbook "
    "suppcollection suppperiodical techreport thesis unpublished video webpage www".split()
)
_ABSTRACTS = ("abstract", "abstractnote", "summary")
_AND = re.compile(r"\s+and\s+", re.IGNORECASE)


def _sniff(source: Source) -> int:
    """A type of its own may stand in braces; "@SUM(A1,B1)" in a table is no entry."""
    head = source.head_text()
    found = [entry for line in head.splitlines() if (entry := _ENTRY.match(line))]
    if not found or "=" not in head:
        return NO
    known = [entry for entry in found if entry["type"].lower() in _TYPES]
    if any(_KEY.match(entry.string, entry.end()) for entry in known):
        return CERTAIN
    braced = any(entry.group().endswith("{") for entry in found)
    return LIKELY if known or braced else NO


def _read(source: Source, settings: CorpusSettings) -> Iterator[Record | Broken]:  # noqa: ARG001
    # What it logs is said by `Broken`.
    logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)
    strings: dict[str, str] = {}
    for position, kind, text in _entries(source):
        if kind == "string":
            name = _STRING.match(text)
            strings[name[1].lower() if name else ""] = text
        elif kind not in _NO_PAPER:
            yield from _parse(source.name, position, _used(strings, text), text)


def _used(strings: Mapping[str, str], text: str) -> str:
    """The abbreviations whose names stand in an entry: all of them beside each would cost their product."""
    if not strings:
        return ""
    words = {word.lower() for word in _WORD.findall(text)}
    return "".join(defined for name, defined in strings.items() if name in words)


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
        if size <= MAX_RECORD and kind != "comment":
            lines.append(line)
        elif lines:
            lines = []
    yield position, kind, "".join(lines)


def _parse(file: str, position: int, strings: str, text: str) -> Iterator[Record | Broken]:
    """The entry in a text; more than one where they stand on one line."""
    from bibtexparser.entrypoint import parse_string
    from bibtexparser.model import DuplicateFieldKeyBlock, Entry

    if not text:
        yield Broken(file, position, too_long())
        return
    text, key = _with_plain_key(text)
    text, uncommaed = _with_commas(text)
    library = parse_string(strings + text)
    if any("=" in (comment.raw or "") for comment in library.comments):
        yield Broken(file, position, "a BibTeX entry that ends before its last field, by a brace too many")
        return
    found = False
    for block in library.blocks:
        doubled = isinstance(block, DuplicateFieldKeyBlock)
        entry = block.ignore_error_block if isinstance(block, DuplicateFieldKeyBlock) else block
        if isinstance(entry, Entry):
            fields: dict[str, str] = {}
            for field in entry.fields:
                value = str(field.value)
                fields.setdefault(field.key.lower(), _bare(value) if doubled else value)
            own_key = entry.key if found or key is None else key
            yield _record(file, position, entry.entry_type, own_key, fields, uncommaed)
            found = True
        elif block in library.failed_blocks:
            yield Broken(file, position, "not a whole BibTeX entry")
            found = True
    if not found:
        yield Broken(file, position, "not a whole BibTeX entry")


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


def _with_commas(text: str) -> tuple[str, str]:
    """An entry with the commas that are missing between its fields, and after which fields they are."""
    if not _LACKING.search(text):
        return text, ""
    depth, quoted, last, has_comma = 0, False, "", True
    pieces, start, missing = list[str](), 0, list[str]()
    place = text.find("{") + 1
    while place < len(text):
        sign, inside = text[place], depth > 0 or quoted
        if sign == "\\":
            place += 1
        elif sign == '"' and depth == 0:
            quoted = not quoted
        elif sign in "{}":
            depth += 1 if sign == "{" else -1
        elif sign == "," and not inside:
            has_comma = True
        elif not inside and (name := _NAME.match(text, place)):
            if not has_comma:
                end = len(text[:place].rstrip())
                pieces.append(f"{text[start:end]},")
                start = end
                missing.append(last)
            last, has_comma, place = name[1], False, name.end() - 1
        place += 1
    return "".join([*pieces, text[start:]]), ", ".join(dict.fromkeys(missing))


def _bare(value: str) -> str:
    """A value without its braces or quotes, which bibtexparser leaves on where a field is given twice."""
    return value[1:-1] if value[:1] + value[-1:] in ("{}", '""') else value


def _record(file: str, position: int, kind: str, key: str, fields: dict[str, str], uncommaed: str) -> Record:
    def first(*names: str) -> str:
        return next((" ".join(fields[name].split()) for name in names if fields.get(name)), "")

    doi = clean_doi(first("doi", "url"))
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
        url=first("url", "link"),
        language=first("language", "langid"),
        kind=first("type", "document_type") or kind,
        identifiers=identifiers(
            doi=doi, arxiv=arxiv, pmid=first("pmid"), hints=(first("url"), first("journal"))
        ),
        assumed=f"a comma is missing after {uncommaed}; it is read as if it were there" if uncommaed else "",
        file=file,
        position=position,
        original={"entry_type": kind, "citation_key": key, **fields}
        | ({"et_al": True} if "others" in names else {}),
    )


def _date(fields: dict[str, str]) -> str:
    year, month, day = (fields.get(name, "") for name in ("year", "month", "day"))
    if not year:
        return parse_date(fields.get("date"))
    if month.isdigit():
        return parse_date("-".join(part for part in (year, month, day) if part)) or parse_date(year)
    return parse_date(f"{year} {month.replace('#', ' ')} {day}".strip())


READER = Reader(name="bibtex", title="BibTeX", suffixes=(".bib", ".bibtex"), sniff=_sniff, read=_read)
