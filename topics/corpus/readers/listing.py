"""A listing page of arXiv papers, copied as text.

Three lines a paper: optional score, category, date (without the year for the current one) and an optional
"Code", all run together; then the title, run together with the authors, "et al." and, after a dot, the
affiliations; then the abstract.

The title ends where a lower-case letter, a digit, punctuation or the last capital of an acronym touches a
capital from which on everything reads as a list of personal names. Where that leaves a choice, a first author
who is named elsewhere in the file wins, then the name with the fewest oddities, then the latest place.
"""

from __future__ import annotations

import datetime
import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import cast

from topics.config import CorpusSettings
from topics.corpus.readers import CERTAIN, NO, Reader
from topics.corpus.readers.dates import last_such_day, parse_date
from topics.corpus.readers.source import Source
from topics.types import Broken, Record

_HEAD = re.compile(
    r"^(?P<score>\d{1,3}(?:\.\d+)?)?\s*"
    r"(?P<category>[a-z]+(?:-[a-z]+)?(?:\.[A-Za-z-]{2,})?|[A-Z]{2})\s*"
    r"(?P<month>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) (?P<day>[0-3]?\d)(?:, (?P<year>\d{4}))?\s*"
    r"(?P<code>Code)?$"
)
_LONGEST_LINE, _LONGEST_NAME = 3000, 80
_PARTICLE = re.compile(r"^(?:Mc|Mac|De|Del|Della|Di|Da|Du|La|Le|Van|Von|Fitz|Al|El|O['’]|D['’])$")


def _sniff(source: Source) -> int:
    lines = [line for line in source.head_text().splitlines() if line.strip()]
    return CERTAIN if lines and _HEAD.match(lines[0].strip()) else NO


def _read(source: Source, settings: CorpusSettings) -> Iterator[Record | Broken]:
    stated = settings.reference_date
    reference = datetime.date.fromisoformat(stated) if stated else datetime.date.today()
    blocks = list(_blocks(source))
    lines = [block[1][1] for block in blocks if isinstance(block, tuple) and len(block[1]) > 1]
    known = known_authors(lines)
    for block in blocks:
        if isinstance(block, Broken):
            yield block
            continue
        position, text = block
        yield _record(source.name, position, text, known, reference, stated is None)


def _blocks(source: Source) -> Iterator[tuple[int, list[str]] | Broken]:
    block: list[str] = []
    start = 0
    for number, line in source.lines():
        line = line.strip()
        if not line:
            continue
        if _HEAD.match(line):
            if block:
                yield (start, block) if len(block) > 1 else _without_title(source, start)
            block, start = [line], number
        elif block:
            block.append(line)
        else:
            yield Broken(source.name, number, "text before the first line with a category and a date")
    if block:
        yield (start, block) if len(block) > 1 else _without_title(source, start)


def _without_title(source: Source, line: int) -> Broken:
    return Broken(source.name, line, "a line with category and date, but no title after it")


def _record(
    file: str, position: int, block: list[str], known: Counter[str], reference: datetime.date, today: bool
) -> Record:
    head = cast(re.Match[str], _HEAD.match(block[0]))
    names, _, affiliations = block[1].rpartition(" · ") if " · " in block[1] else (block[1], "", "")
    bare = names.removesuffix(" et al.")
    title, authors = split_title(bare, known)
    abstract = " ".join(block[2:])
    stated = f"{head['month']} {head['day']}" + (f", {head['year']}" if head["year"] else "")
    assumed = []
    if not head["year"]:
        source = "today" if today else "corpus.reference_date"
        assumed.append(f"a date without a year is the last such day at or before {reference} ({source})")
    if not authors:
        assumed.append("title and authors could not be told apart; both are kept as the title")
    return Record(
        title=title,
        abstract=abstract,
        authors=authors,
        date=parse_date(stated)
        if head["year"]
        else last_such_day(head["month"], int(head["day"]), reference),
        categories=(head["category"],),
        assumed="; ".join(assumed),
        file=file,
        position=position,
        original={
            "score": float(head["score"]) if head["score"] else None,
            "category": head["category"],
            "date": stated,
            "code": head["code"] is not None,
            "title_and_authors": block[1],
            "et_al": bare != names,
            "affiliations": [name.strip() for name in affiliations.split(",") if name.strip()],
            "abstract": abstract,
        },
    )


def known_authors(lines: Iterable[str]) -> Counter[str]:
    """How often each string may be a person of the file: second and later authors count as sure, a possible
    first author only from its second line on.
    """
    sure: Counter[str] = Counter()
    possible: Counter[str] = Counter()
    for line in lines:
        bare = line.rpartition(" · ")[0] or line
        bare = bare.removesuffix(" et al.")
        sure.update(name for name in bare.split(", ")[1:] if _oddities(name) == 0)
        possible.update({_first(bare[place:]) for place in _places(bare)})
    return sure + Counter({name: count - 1 for name, count in possible.items()})


def split_title(line: str, known: Counter[str]) -> tuple[str, tuple[str, ...]]:
    """Title and authors of a line in which they touch; no authors where no place of touch is found."""
    places = _places(line)
    if not places:
        return line, ()

    def strangeness(place: int) -> tuple[bool, int, int]:
        oddities = sum(_oddities(name) for name in line[place:].split(", "))
        last = line[:place].split()[-1]
        oddities += sum(left.islower() and right.isupper() for left, right in itertools.pairwise(last))
        return known[_first(line[place:])] == 0, oddities, -place

    place = min(places, key=strangeness)
    return line[:place], tuple(line[place:].split(", "))


def _first(authors: str) -> str:
    return authors.split(", ", 1)[0]


def _places(line: str) -> list[int]:
    """Where a title may touch its first author; nowhere in a line too long for a title."""
    if len(line) > _LONGEST_LINE:
        return []
    return [
        place
        for place in range(1, len(line))
        if line[place].isupper()
        and not line[place - 1].isspace()
        and line[place - 1] not in "-'’/."
        and all(_is_name(name) for name in line[place:].split(", "))
    ]


def _is_name(name: str) -> bool:
    """Whether a string has the form of a personal name: capitalised words, initials, short particles."""
    words = name.split(" ")
    fits = len(name) <= _LONGEST_NAME and len(words) <= 6
    return fits and all(_is_name_word(word) for word in words) and words[0][0].isupper()


def _is_name_word(word: str) -> bool:
    bare = word.replace(".", "").replace("-", "").replace("'", "").replace("’", "")
    if not bare.isalpha():
        return False
    if bare.islower():
        return len(bare) <= 3
    return word[0].isupper() or "'" in word or "’" in word


def _oddities(name: str) -> int:
    """How far a name is from the usual two to four words with one capital each."""
    words = name.split(" ")
    count = 3 if len(words) == 1 else max(0, len(words) - 4)
    if not _is_name(name):
        return count + 10
    return count + sum(_inner_capitals(word) for word in words) + sum(word.islower() for word in words)


def _inner_capitals(word: str) -> int:
    """Capitals inside a word, initials, hyphens and particles ("McCoy", "O'Neil") apart."""
    count = 0
    for part in re.split(r"[-.]", word):
        for place in range(1, len(part)):
            if part[place].isupper() and not _PARTICLE.match(part[:place]):
                count += 1
    return count


READER = Reader(
    name="listing",
    title="a copied listing of arXiv papers",
    suffixes=(".txt",),
    sniff=_sniff,
    read=_read,
)
