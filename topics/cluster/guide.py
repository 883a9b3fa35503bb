"""Topics that somebody asks for: which papers support each of them, and how well.

Two kinds of evidence are added up, each relative to the best paper's: how near a paper lies to the topic's
name, terms and description in the space of the embeddings, and which of the terms it contains, rare ones
counting more (inverse document frequency, Sparck Jones 1972). Where the encoder cannot place a phrase
(vectors from a file), the terms are all the evidence there is.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from topics.config import GuideSettings
from topics.config.fields import plain_name
from topics.config.load import open_file
from topics.corpus.segment import single_words
from topics.errors import ConfigError, CorpusError, InputError
from topics.terms.lexicon import crude, is_stop_word
from topics.types import Corpus, Doubles, Embeddings, Encode, Guidance
from topics.types.arrays import evenly_spaced, unit

NEAR = 0.7
"""A paper supports a topic whose terms it does not contain from this share of the cosine that papers in the
middle have with their nearest neighbour."""

APART = 0.5
"""What a paper counts for a term whose words it has, but not side by side."""

GOOD = 0.5
"""Least share of the best paper's evidence that makes a paper a seed."""

MOST_BYTES, MOST_TOPICS = 1 << 24, 5000
"""Largest file of a taxonomy, and most topics in it."""


@dataclass(frozen=True)
class Asked:
    """One topic as asked for. must: whether it is an error that no paper supports it."""

    name: str
    terms: tuple[str, ...] = ()
    description: str = ""
    papers: tuple[str, ...] = ()
    must: bool = field(default=True, compare=False)


def asked(settings: GuideSettings) -> tuple[Asked, ...]:
    """The topics of the settings, then those of the taxonomy file.

    Raises InputError: the taxonomy is missing or unreadable, has no column `name`, or a name that is none.
    Raises ConfigError: a name is given twice, a paper to two topics, no word tells a topic's papers, or
        zero_shot is asked for alone.
    """
    wanted = _listed(settings)
    wanted += _taxonomy(Path(settings.taxonomy)) if settings.taxonomy else []
    names = [one.name.casefold() for one in wanted]
    for one in wanted:
        if names.count(one.name.casefold()) > 1:
            raise ConfigError(f"guide names the topic {one.name!r} twice; keep one of them")
        if one.must and not one.papers and not _telling(_query(one)):
            raise ConfigError(
                f"guide.topics, {one.name!r}: its name and terms hold stop words only; "
                "give it other terms, a description or papers"
            )
    papers = [paper for one in wanted for paper in dict.fromkeys(one.papers)]
    if twice := next((paper for paper in papers if papers.count(paper) > 1), None):
        raise ConfigError(f"guide.topics: the paper {twice!r} is listed under two topics; list it under one")
    if settings.mode == "zero_shot" and not wanted:
        raise ConfigError("guide.mode zero_shot needs topics: list them under guide.topics or guide.taxonomy")
    return tuple(wanted)


def find_support(
    corpus: Corpus, embeddings: Embeddings, settings: GuideSettings, encode: Encode | None
) -> Guidance:
    """The papers that speak most clearly for each topic that is asked for.

    encode: phrases to (m, d) unit vectors in the space of the embeddings, or None.

    Raises CorpusError: no paper supports a topic of `guide.topics`, or a paper named there is not in the
        corpus. Topics of the taxonomy that no paper supports are left out and listed.
    Raises InputError, ConfigError: see `asked`.
    """
    wanted = asked(settings)
    if not wanted:
        return Guidance()
    named = [_rows_of(one, corpus) for one in wanted]
    places = np.zeros((len(wanted), embeddings.vectors.shape[1]))
    if encode:
        places += encode([_query(one) for one in wanted])
    evidence = _evidence(wanted, named, places, corpus, embeddings)
    seeds = _seeds(evidence, named, embeddings)
    for one, rows in zip(wanted, seeds, strict=True):
        if one.must and not rows:
            raise CorpusError(_unsupported(one, len(corpus)))
    kept = [at for at, rows in enumerate(seeds) if rows]
    if not kept:
        raise CorpusError(f"None of the {len(wanted)} topics of {settings.taxonomy} is supported by a paper.")
    return Guidance(
        names=tuple(wanted[at].name for at in kept),
        seeds=tuple(seeds[at] for at in kept),
        places=places[kept].astype(np.float32),
        only=settings.mode == "zero_shot",
        without=tuple(one.name for at, one in enumerate(wanted) if at not in kept),
    )


def _taxonomy(path: Path) -> list[Asked]:
    try:
        with open_file(path) as stream:
            content = stream.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise InputError(
                f"{path} is larger than {MOST_BYTES >> 20} MB, too large for a taxonomy (guide.taxonomy)"
            )
        with io.StringIO(content.decode("utf-8-sig"), newline="") as stream:
            table = csv.DictReader(stream)
            columns = {(name or "").strip().casefold(): name for name in table.fieldnames or ()}
            if "name" not in columns:
                found = ", ".join(name for name in columns if name) or "none"
                raise InputError(
                    f"{path}: a taxonomy needs the columns name and description; its columns are {found}"
                )
            about = columns.get("description", "")
            rows = [((row[columns["name"]] or "").strip(), (row.get(about) or "").strip()) for row in table]
    except FileNotFoundError:
        raise InputError(f"{path}: no such taxonomy file (guide.taxonomy)") from None
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = getattr(error, "strerror", None) or "it is not CSV in UTF-8"
        raise InputError(f"{path}: the taxonomy cannot be read ({reason})") from None
    topics = [Asked(_named(path, name), description=text, must=False) for name, text in rows if name]
    if not topics:
        raise InputError(f"{path}: the taxonomy names no topic; give one per line")
    if len(topics) > MOST_TOPICS:
        raise InputError(f"{path}: the taxonomy names {len(topics):,} topics; at most {MOST_TOPICS:,} can be")
    return topics


def _named(path: Path, name: str) -> str:
    try:
        return plain_name(name)
    except ValueError as error:
        raise InputError(f"{path}: {name[:60]!r} cannot be the name of a topic: {error}") from None


def check_papers(settings: GuideSettings, corpus: Corpus) -> None:
    """Raises CorpusError: a paper that `guide.topics` names is not in the corpus."""
    for one in _listed(settings):
        _rows_of(one, corpus)


def _listed(settings: GuideSettings) -> list[Asked]:
    return [
        Asked(topic.name.strip(), topic.terms, topic.description, topic.papers) for topic in settings.topics
    ]


def _rows_of(one: Asked, corpus: Corpus) -> list[int]:
    places = {name: row for row, name in enumerate(corpus.ids)}
    for paper in one.papers:
        if paper not in places:
            raise CorpusError(
                f"guide.topics, {one.name!r}: no paper {paper!r} was kept; corpus.csv lists ids, and why "
                "papers were left out"
            )
    return [places[paper] for paper in one.papers]


def _unsupported(one: Asked, papers: int) -> str:
    terms = ", ".join(one.terms or (one.name,))
    return (
        f"No paper supports the guided topic {one.name!r}: none of the {papers} papers contains {terms} "
        "or lies near it; give it other terms or example papers, or leave it out."
    )


def _evidence(
    wanted: Sequence[Asked],
    named: Sequence[Sequence[int]],
    places: Doubles,
    corpus: Corpus,
    embeddings: Embeddings,
) -> Doubles:
    """(n, g) at least 0; 0 where a paper does not support a topic. places: (g, d) where its words lie."""
    contained = _contained(wanted, corpus)
    places = places.copy()
    for at, rows in enumerate(named):
        if rows:
            places[at] = unit(unit(places[at]) + len(rows) * unit(embeddings.vectors[rows].mean(axis=0)))
    cosine = np.round(embeddings.vectors.astype(np.float64) @ places.T, 9)
    supports = (contained > 0) | (cosine >= NEAR * _closeness(embeddings))
    evidence = _relative(contained) + _relative(np.maximum(cosine, 0.0))
    return np.where(supports, evidence, 0.0)


def _query(one: Asked) -> str:
    return ". ".join(part for part in (one.name, ", ".join(one.terms), one.description.strip()) if part)


def _telling(text: str) -> bool:
    return any(not (is_stop_word(word) or is_stop_word(crude(word))) for word in single_words().findall(text))


def _contained(wanted: Sequence[Asked], corpus: Corpus) -> Doubles:
    """(n, g) sums of the idf of the terms that each paper contains; the name counts as one of them."""
    texts = [f" {' '.join(crude(word) for word in single_words().findall(text))} " for text in corpus.texts]
    bags = [set(text.split()) for text in texts]
    found = np.zeros((len(texts), len(wanted)))
    for column, one in enumerate(wanted):
        for term in dict.fromkeys((*one.terms, one.name)):
            words = [crude(word) for word in single_words().findall(term)]
            needed = {word for word in words if not is_stop_word(word)} or set(words)
            if not needed:
                continue
            phrase = f" {' '.join(words)} "
            has = np.array(
                [
                    1.0 if phrase in text else APART if needed <= bag and len(words) > 1 else 0.0
                    for text, bag in zip(texts, bags, strict=True)
                ]
            )
            papers = np.count_nonzero(has)
            found[:, column] += has * (math.log((len(texts) + 1) / (papers + 1)) + 1e-3)
    return found


def _closeness(embeddings: Embeddings) -> float:
    """The median cosine of a paper and its nearest neighbour, on 1,000 papers of a larger corpus."""
    sample = embeddings.vectors[evenly_spaced(embeddings.order, 1000)].astype(np.float64)
    cosine = sample @ sample.T
    np.fill_diagonal(cosine, -1.0)
    return float(np.round(np.median(cosine.max(axis=1)), 6))


def _relative(values: Doubles) -> Doubles:
    best = values.max(axis=0, keepdims=True)
    relative: Doubles = values / np.where(best > 0, best, 1.0)
    return relative


def _seeds(
    evidence: Doubles, named: Sequence[Sequence[int]], embeddings: Embeddings
) -> list[tuple[int, ...]]:
    """For each topic its named papers, then the best others: about half the root of n, each for one topic."""
    n = len(evidence)
    most = max(5, round(math.sqrt(n) / 2))
    rank = embeddings.rank
    taken = {row for rows in named for row in rows}
    owner = evidence.argmax(axis=1)
    seeds: list[tuple[int, ...]] = []
    for topic, rows in enumerate(named):
        own = evidence[:, topic]
        order = np.lexsort((rank, -own))
        good = [
            int(row)
            for row in order
            if own[row] > 0 and own[row] >= GOOD * own.max() and owner[row] == topic and row not in taken
        ]
        if not good and not rows:
            # Its papers say more for others; the best one that nobody needs keeps it alive.
            good = [int(row) for row in order if own[row] > 0 and row not in taken][:1]
            taken.update(good)
        seeds.append((*rows, *good[: max(0, most - len(rows))]))
    used: set[int] = set()
    distinct = []
    for rows in seeds:
        distinct.append(tuple(row for row in dict.fromkeys(rows) if row not in used))
        used.update(rows)
    return distinct
