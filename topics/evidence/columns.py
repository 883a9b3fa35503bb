"""A column of the input as groups of papers: where it is, what its cells hold, which values are compared.

Cells may hold one value or several, numbers, or parts of records that a path names ("open_access.is_oa").
Nothing is left out silently: what is cut, taken together or empty is said in the notes.
"""

from __future__ import annotations

import difflib
import json
import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from topics.corpus.affiliations import COUNTRY, INSTITUTION, places_of
from topics.errors import InputError
from topics.types import Corpus, Doubles, Mask, counted
from topics.types.groups import OTHERS, GroupMembership

MOST_GROUPS = 30
"""Groups that are compared; of more, the largest."""

FEW_NUMBERS = 8
"""Different numbers up to which each is a group of its own."""

BINS = 4
"""Bins of about as many papers each into which more numbers are cut."""

SEPARATOR = ";"
"""What parts the values of a cell of text, in Web of Science, Scopus and most others."""

EMPTY = frozenset("nan none null n/a #n/a <na> na n.a.".split())
"""What programs write into cells without a value, in any case."""

LISTED, LONGEST = 25, 60
"""Columns that an error names, and characters of a value."""

Cells = list[tuple[Any, ...]]


@dataclass(frozen=True)
class Grouping:
    """How a column becomes groups.

    fractional: a paper of m values counts 1 / m in each, otherwise 1. least: papers that a value must have,
    or it goes with the others. separator: between the values of a cell of text, "" where cells hold one
    value.
    bins: edges of the bins of numbers, or how many bins of about as many papers; None as `FEW_NUMBERS` says.
    """

    fractional: bool = True
    least: int = 20
    separator: str = SEPARATOR
    bins: int | tuple[float, ...] | None = None


DEFAULT = Grouping()


def groups_of(
    corpus: Corpus, column: str, how: Grouping = DEFAULT, asked: Mask | None = None
) -> GroupMembership:
    """The papers' groups by one column.

    column: of the input under its own name, with a path below it for what lies inside records; or `venue`,
        `language`, `year`, `decade`, `file`, `keywords`, `categories` or `authors`; or `country` or
        `institution`, told from affiliations. asked: (n,) the papers that are asked about, if not all.

    Raises InputError: no such column, one value only, or no value that enough papers share.
    """
    cells, notes = _cells(corpus, column)
    asked = np.ones(len(cells), np.bool_) if asked is None else asked
    cells = [_parted(own, how.separator) if keep else () for own, keep in zip(cells, asked, strict=True)]
    cells, empty = _without_empty(cells)
    if empty:
        which = " or ".join(f'"{text}"' for text in sorted(empty))
        notes.append(f"{which} counts as an empty cell: {counted(sum(empty.values()), 'paper')}.")
    numbers = _numbers(cells)
    odd = "" if numbers else _no_number(corpus, column, cells, how)
    notes += [f"{odd}."] if odd else []
    different = len(set(_flat(numbers))) if numbers else 0
    if numbers and (how.bins is not None or different > FEW_NUMBERS):
        named, names = _binned(column, numbers, how.bins)
        notes.append(f"The numbers in {column} are cut into bins: {', '.join(names)}.")
    else:
        named = _spelled(cells)
        sizes = Counter(_flat(named))
        names = sorted(sizes, key=lambda name: (float(name),) if numbers else (-sizes[name], name))
    try:
        return _membership(column, named, names, how, notes, int(asked.sum()))
    except InputError as error:
        raise InputError(f"{error} ({odd})" if odd else str(error)) from None


def _membership(
    column: str, named: list[tuple[str, ...]], names: list[str], how: Grouping, notes: list[str], n: int
) -> GroupMembership:
    """names: of all groups, in the order in which they are shown. n: how many papers are asked about."""
    sizes = Counter(_flat(named))
    _check_shared(column, n, sizes, how.least)
    large = [name for name, papers in sizes.most_common() if papers >= how.least]
    kept = [name for name in names if name in set(large[:MOST_GROUPS])]
    rest = {name for name in sizes if name not in set(kept)}
    if rest:
        papers = sum(bool(rest.intersection(own)) for own in named)
        few = (
            f"with fewer than {counted(how.least, 'paper')}"
            if len(large) <= MOST_GROUPS
            else "that are less frequent"
        )
        which = (
            f"1 value of {column} {few} is"
            if len(rest) == 1
            else f"{len(rest):,} values of {column} {few} are"
        )
        notes.append(f"{which} not compared, but part of the rest ({counted(papers, 'paper')}).")
    place = {name: at for at, name in enumerate(kept)} | dict.fromkeys(rest, len(kept))
    weights = np.zeros((len(named), len(kept) + bool(rest)))
    for row, own in enumerate(named):
        for name in own:
            if how.fractional:
                weights[row, place[name]] += 1 / len(own)
            else:
                weights[row, place[name]] = 1.0
    known = np.array([bool(own) for own in named])
    if missing := n - int(known.sum()):
        notes.append(f"Without a value in {column} and left out: {missing:,} of {counted(n, 'paper')}.")
    if several := sum(len(own) > 1 for own in named):
        count = "divided evenly among them" if how.fractional else "counted as a whole paper in each"
        notes.append(f"With several values in {column}, {count}: {counted(several, 'paper')}.")
    # Parts such as thirds do not add up to 1 to the last bit.
    weights[np.abs(weights - 1) < 1e-9] = 1.0
    shown = (*kept, OTHERS) if rest else tuple(kept)
    return GroupMembership(column, shown, weights, known, how.fractional, tuple(notes))


def _check_shared(column: str, n: int, sizes: Counter[str], least: int) -> None:
    """Raises InputError: there is nothing to compare."""
    if not sizes:
        raise InputError(f"the column {column!r} is empty: none of {counted(n, 'paper')} has a value in it")
    top, papers = max(sizes.items(), key=lambda item: (item[1], item[0]))
    if len(sizes) == 1:
        raise InputError(
            f"the column {column!r} has only one value, {cut(top)!r}; --by needs at least two to compare"
        )
    if papers == 1:
        raise InputError(
            f"the column {column!r} holds a different value for every paper; --by needs values that papers "
            "share"
        )
    if papers < least:
        raise InputError(
            f"no value of the column {column!r} has {counted(least, 'paper')}; the most frequent, "
            f"{cut(top)!r}, has {papers}: set --least-papers {papers} or lower"
        )


def cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _cells(corpus: Corpus, column: str) -> tuple[Cells, list[str]]:
    """The values of each paper's cell, and notes on what could not be told."""
    records = [json.loads(text or "{}") for text in corpus.column("original")]
    names = dict.fromkeys(name for record in records for name in record)
    alike = [name for name in names if name.casefold() == column.casefold()]
    name = column if column in names else alike[0] if len(alike) == 1 else ""
    if name:
        cells = [_values(record.get(name)) for record in records]
        _check_plain(column, cells)
        return cells, []
    head, _, path = column.partition(".")
    if path and head in names:
        cells = [tuple(_inside(record.get(head), path.split("."))) for record in records]
        if not any(cells):
            _check_path(column, records)
        _check_plain(column, cells)
        return cells, []
    if column in _PAPERS:
        return [_values(value) for value in _PAPERS[column](corpus)], []
    if column in (COUNTRY, INSTITUTION):
        places = places_of(corpus)
        found = places.of(column)
        if not any(found):
            raise InputError(
                f"the papers have no column {column!r}, and no affiliations to tell it from; export them "
                "with addresses (Web of Science: full record; Scopus: affiliations)"
            )
        return list(found), list(places.notes[column])
    raise _not_there(column, [*names, *_PAPERS, COUNTRY, INSTITUTION])


_PAPERS: dict[str, Callable[[Corpus], Iterable[Any]]] = {
    "venue": lambda corpus: corpus.column("venue"),
    "language": lambda corpus: corpus.languages,
    "year": lambda corpus: [int(date[:4]) if date else None for date in corpus.dates],
    "decade": lambda corpus: [f"{date[:3]}0s" if date else None for date in corpus.dates],
    "file": lambda corpus: corpus.column("file"),
    "keywords": lambda corpus: corpus.column("keywords"),
    "categories": lambda corpus: corpus.column("categories"),
    "authors": lambda corpus: corpus.column("authors"),
}


def _check_plain(column: str, cells: Cells) -> None:
    """Raises InputError: the cells hold records, a part of which must be named."""
    parts = dict.fromkeys(key for own in cells for value in own if isinstance(value, dict) for key in value)
    if parts:
        paths = _some([f"{column}.{part}" for part in parts])
        raise InputError(f"the column {column!r} holds records; name one of their parts: {paths}")


def _check_path(column: str, records: list[dict[str, Any]]) -> None:
    """Raises InputError: no record has the path, which must be another then."""
    head = column.partition(".")[0]
    paths = dict.fromkeys(path for record in records for path in _paths(record.get(head), head))
    if column not in paths:
        raise _not_there(column, list(paths))


def _paths(value: Any, path: str) -> Iterator[str]:
    """The paths of the values within records and lists of records."""
    if isinstance(value, list):
        for own in value:
            yield from _paths(own, path)
    elif isinstance(value, dict):
        for key, below in value.items():
            yield from _paths(below, f"{path}.{key}")
    else:
        yield path


def _not_there(column: str, listed: list[str]) -> InputError:
    folded = {own.casefold(): own for own in listed}
    close = [folded[own] for own in difflib.get_close_matches(column.casefold(), folded, 3, 0.7)]
    meant = f"did you mean {' or '.join(map(repr, close))}?" if close else f"there are: {_some(listed)}"
    return InputError(f"the papers have no column {column!r}; {meant}")


def _some(names: list[str]) -> str:
    more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
    return ", ".join(names[:LISTED]) + more


def _inside(value: Any, path: list[str]) -> Iterator[Any]:
    """What lies at a path within records and lists of records."""
    if isinstance(value, list):
        for own in value:
            yield from _inside(own, path)
    elif not path:
        yield from _values(value)
    elif isinstance(value, dict):
        yield from _inside(value.get(path[0]), path[1:])


def _values(value: Any) -> tuple[Any, ...]:
    """The values of a cell: those of a list, also of one written as JSON; none where it is empty."""
    if isinstance(value, str) and value[:1] == "[" and value[-1:] == "]":
        try:
            value = json.loads(value)
        except ValueError:
            return (value,)
    if isinstance(value, list):
        return tuple(own for part in value for own in _values(part))
    if value is None or value == "" or value != value:
        return ()
    return (value,)


def _parted(values: tuple[Any, ...], separator: str) -> tuple[Any, ...]:
    """The values with text divided at the separator, without blanks around it and without empty ones."""
    found: list[Any] = []
    for value in values:
        if not isinstance(value, str):
            found.append(("no", "yes")[value] if isinstance(value, bool) else value)
            continue
        parts = value.split(separator) if separator else [value]
        found += [" ".join(part.split()) for part in parts if part.strip()]
    return tuple(found)


def _without_empty(cells: Cells) -> tuple[Cells, Counter[str]]:
    """The cells without what stands for no value, and how many papers had which."""
    words = [{own for own in values if isinstance(own, str) and own.casefold() in EMPTY} for values in cells]
    if not any(words):
        return cells, Counter()
    # Beside codes of two letters NA is Namibia's, or North America's.
    others = {
        str(own) for values, none in zip(cells, words, strict=True) for own in values if own not in none
    }
    if others and all(len(text) == 2 and text.isalpha() and text.isupper() for text in others):
        words = [none - {"NA"} for none in words]
    kept = [
        tuple(own for own in values if own not in none) for values, none in zip(cells, words, strict=True)
    ]
    return kept, Counter(own for none in words for own in none)


def _no_number(corpus: Corpus, column: str, cells: Cells, how: Grouping) -> str:
    """Which cell is no number where most others are, "" where there is none.

    Raises InputError: bins were asked for.
    """
    odd = [row for row, own in enumerate(cells) if own and _numbers([own]) is None]
    filled = sum(map(bool, cells))
    if not odd or (how.bins is None and 2 * len(odd) > filled):
        return ""
    row = odd[0]
    cell = f"{cut('; '.join(map(str, cells[row])))!r} of paper {cut(str(corpus.ids[row]))!r}"
    if how.bins is not None:
        more = f" ({len(odd):,} such cells)" if len(odd) > 1 else ""
        raise InputError(
            f"--bins cuts numbers, and in the column {column!r} {cell} is no number{more}; empty it, or "
            "leave --bins out"
        )
    if len({value for own in cells if (found := _numbers([own])) for value in found[0]}) <= FEW_NUMBERS:
        return ""
    return (
        f"{column} is not cut into bins, since {counted(len(odd), 'cell')} of {filled:,} "
        f"{'is no number' if len(odd) == 1 else 'are no numbers'}: {cell}"
    )


def _flat(cells: Iterable[Sequence[Any]]) -> Iterator[Any]:
    return (value for own in cells for value in own)


def _numbers(cells: Cells) -> list[tuple[float, ...]] | None:
    """The cells as numbers, where all values are."""
    try:
        found = [tuple(float(value) for value in own) for own in cells]
    except (TypeError, ValueError):
        return None
    return found if all(math.isfinite(value) for value in _flat(found)) and any(found) else None


def _binned(
    column: str, numbers: list[tuple[float, ...]], bins: int | tuple[float, ...] | None
) -> tuple[list[tuple[str, ...]], list[str]]:
    """The bin of each number, and the names of all bins in their order.

    Raises InputError: edges that leave all numbers in one bin.
    """
    values = np.array(sorted(_flat(numbers)))
    if isinstance(bins, tuple):
        edges = np.array(sorted(bins))
    else:
        parts = np.arange(1, bins or BINS) / (bins or BINS)
        edges = np.unique(np.quantile(values, parts, method="higher"))
        edges = edges[edges > values[0]]
    place = np.searchsorted(edges, values, side="right")
    if len(set(place.tolist())) < 2:
        raise InputError(
            f"all numbers in the column {column!r} fall into one bin; they run from {values[0]:g} to "
            f"{values[-1]:g}: set --bins to edges between these"
        )
    names = {at: _span(values[place == at]) for at in sorted(set(place.tolist()))}
    return [
        tuple(dict.fromkeys(names[int(np.searchsorted(edges, value, side="right"))] for value in own))
        for own in numbers
    ], list(names.values())


def _span(values: Doubles) -> str:
    low, high = (f"{value:.10g}" for value in (values.min(), values.max()))
    return low if low == high else f"{low} to {high}"


def _spelled(cells: Cells) -> list[tuple[str, ...]]:
    """The different values of each cell as text; those that differ in case alone, by the commonest
    spelling.
    """
    texts = [[f"{value:.10g}" if isinstance(value, float) else str(value) for value in own] for own in cells]
    spellings: dict[str, Counter[str]] = {}
    for text in _flat(texts):
        spellings.setdefault(text.casefold(), Counter())[text] += 1
    best = {
        folded: min(counts, key=lambda text: (-counts[text], text)) for folded, counts in spellings.items()
    }
    return [tuple(dict.fromkeys(best[text.casefold()] for text in own)) for own in texts]
