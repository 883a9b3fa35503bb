"""The words of a topic in each period, and which came and went.

All from counts of terms, by paper or added up. A period's keywords are weighed against the other topics of
that same period and nothing else, so that no later word leaks into an earlier one (BERTopic's
`topics_over_time` mixes in weights of the whole time unless told otherwise).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from topics.corpus.segment import is_unspaced
from topics.label.bertopic import class_tfidf
from topics.label.keywords import SHARED
from topics.trends.shares import adjusted
from topics.types import Counts, Doubles, Integers, Longs, PeriodKeyword, Rows, TermChange
from topics.types.arrays import presence, sum_rows

if TYPE_CHECKING:
    import scipy.sparse as sp

LEAST_USES = 2
"""A keyword of a period is used by at least this many of the topic's papers in it."""

LEAST_PAPERS = 5
"""A term must be used by this many of a topic's papers before it can be said to come or go."""

MUCH = 2.0
"""A term has come when at least this many times as large a share of the papers uses it."""

COVERED = 0.6
"""A term is left out where a longer one that contains it accounts for this share of its papers."""


@dataclass(frozen=True)
class Usage:
    """How terms are used, row by row; a row is a paper, or all papers of one topic in one period.

    uses: (r, v) how often; papers: (r, v) by how many papers; size: (r,) papers of the row. terms: (v,).
    """

    uses: sp.csr_matrix
    papers: sp.csr_matrix
    size: Longs
    terms: tuple[str, ...]

    @classmethod
    def of(cls, counts: Counts) -> Usage:
        """A row per paper."""
        matrix = counts.matrix
        return cls(matrix, presence(matrix), np.ones(matrix.shape[0], np.int64), counts.terms)


def period_keywords(
    usage: Usage, topic: Integers, period: Integers, names: Sequence[str], n_terms: int
) -> tuple[PeriodKeyword, ...]:
    """Up to `n_terms` terms of each topic in each period: of most c-TF-IDF within that period
    (`topics.label.bertopic`) times the share of its papers there that use them, to the power that serves
    topics (`topics.label.keywords`).

    topic, period: (r,) the number of each row's topic and period; -1 for none.
    """
    found: list[PeriodKeyword] = []
    for number, name in enumerate(names):
        rows = np.flatnonzero((period == number) & (topic >= 0))
        if len(rows) == 0:
            continue
        present, group = np.unique(topic[rows], return_inverse=True)
        weights, papers = class_tfidf(usage.uses[rows], group), sum_rows(usage.papers[rows], group)
        sizes = np.bincount(group, weights=usage.size[rows])
        for at, k in enumerate(present.tolist()):
            columns, weight = weights[at].indices, weights[at].data
            using = papers[at].toarray().ravel()
            common = using[columns] >= LEAST_USES
            columns, weight = columns[common], weight[common]
            value = weight * (using[columns] / sizes[at]) ** SHARED
            order = np.lexsort((columns, -np.round(value, 12)))
            kept = distinct(columns[order].tolist(), using, usage.terms, n_terms)
            heavy = dict(zip(columns.tolist(), weight.tolist(), strict=True))
            found.extend(
                PeriodKeyword(k, name, rank, usage.terms[column], int(using[column]), heavy[column])
                for rank, column in enumerate(kept, start=1)
            )
    return tuple(sorted(found, key=lambda word: word.topic))


def term_changes(
    usage: Usage, topic: Integers, half: Integers, n_terms: int, alpha: float
) -> tuple[TermChange, ...]:
    """For each topic the terms that rose most and fell most between two halves of the time.

    topic: (r,) as above; half: (r,) 0 for rows of the first half, 1 for the second, -1 for neither. A
    term's share of the topic's papers must change by a factor of `MUCH`, and mostly on its own account:
    what the term does in the whole corpus is taken off. Each is tested by Fisher's exact test; q allows for
    all terms of all topics.
    """
    rows = np.flatnonzero((half >= 0) & (topic >= 0))
    if len(rows) == 0:
        return ()
    topics = int(topic.max()) + 1
    used, number, late = usage.papers[rows], topic[rows], half[rows] == 1
    papers = [sum_rows(used[side], number[side], topics) for side in (~late, late)]
    size = usage.size[rows]
    sizes = [np.bincount(number[side], size[side], topics).astype(np.int64) for side in (~late, late)]
    tables = [_table(k, papers, sizes) for k in range(topics)]
    q = adjusted(np.concatenate([_fisher(table) for table in tables]))
    before, after = (
        np.asarray(part.sum(axis=0)).ravel() / max(size.sum(), 1)
        for part, size in zip(papers, sizes, strict=True)
    )
    found: list[TermChange] = []
    for k, table in enumerate(tables):
        own, q = q[: len(table)], q[len(table) :]
        sure = own <= alpha
        for direction in (1, -1):
            columns = _moved(table[sure], direction, after - before, usage.terms, n_terms)
            found.extend(
                TermChange(k, usage.terms[column], before_k / n, after_k / m, chance)
                for (column, before_k, after_k, n, m), chance in zip(
                    table[sure][columns].tolist(), own[sure][columns].tolist(), strict=True
                )
            )
    return tuple(found)


def _table(k: int, papers: Sequence[sp.csr_matrix], sizes: Sequence[Longs]) -> Longs:
    """(c, 5) for the topic's usual terms: column, papers using it before and after, papers before and
    after.
    """
    before, after = (part[k].toarray().ravel() for part in papers)
    columns = np.flatnonzero(before + after >= LEAST_PAPERS)
    if min(sizes[0][k], sizes[1][k]) < LEAST_PAPERS:
        columns = columns[:0]
    whole = np.ones_like(columns)
    return np.column_stack(
        [columns, before[columns], after[columns], whole * sizes[0][k], whole * sizes[1][k]]
    )


def _fisher(table: Longs) -> Doubles:
    """(c,) two-sided p, twice the tail of the hypergeometric distribution on the side of the deviation."""
    from scipy import stats

    # Of thousands of terms, most have one of a few small counts.
    rows, place = np.unique(table[:, 1:], axis=0, return_inverse=True)
    before, after, n, m = rows.T
    rose = after * n > before * m
    p = np.ones(len(rows))
    for side, tail in ((rose, stats.hypergeom.sf), (~rose, stats.hypergeom.cdf)):
        papers, drawn = (n + m)[side], (before + after)[side]
        p[side] = tail(after[side] - rose[side], papers, drawn, m[side])
    return np.asarray(np.minimum(1.0, 2 * p)[place.ravel()])


def _moved(table: Longs, direction: int, drift: Doubles, terms: Sequence[str], n_terms: int) -> list[int]:
    """The rows of a table whose terms went one way, those that did so most on their own account first."""
    columns, before, after, n, m = table.T
    shares = np.column_stack([before / n, after / m])[:, ::direction]
    change = shares[:, 1] - shares[:, 0]
    own = change - direction * drift[columns]
    clear = np.flatnonzero((shares[:, 1] >= MUCH * shares[:, 0]) & (own >= change / 2))
    order = clear[np.lexsort((columns[clear], -np.round(own[clear], 12)))]
    place = {int(columns[at]): int(at) for at in order}
    using = dict(zip(columns.tolist(), (before + after).tolist(), strict=True))
    return [place[column] for column in distinct(list(place), using, terms, n_terms)]


def distinct(
    columns: Sequence[int], using: dict[int, int] | Rows, terms: Sequence[str], n_terms: int
) -> list[int]:
    """The first `n_terms` of some ranked terms, without those that a kept or a longer, nearly as common one
    says already.
    """
    candidates = columns[: 6 * n_terms]
    longer: dict[str, list[int]] = {}
    for column in candidates:
        for part in _parts(terms[column]):
            longer.setdefault(part, []).append(column)
    kept: list[int] = []
    phrases: set[str] = set()
    said: set[str] = set()
    for column in candidates:
        phrase, parts = terms[column].casefold(), _parts(terms[column])
        covered = any(using[other] >= COVERED * using[column] for other in longer.get(phrase, ()))
        if not covered and phrase not in said and phrases.isdisjoint(parts):
            kept.append(column)
            phrases.add(phrase)
            said.update(parts, (phrase,))
        if len(kept) == n_terms:
            break
    return kept


@lru_cache(maxsize=100_000)
def _parts(term: str) -> tuple[str, ...]:
    """The shorter phrases inside a term, without regard to case."""
    words = term.casefold().split(" ")
    if is_unspaced(term) and len(words) == 1:
        return tuple(term[at:end] for at in range(len(term)) for end in range(at + 2, len(term) + 1))[:-1]
    spans = ((at, end) for at in range(len(words)) for end in range(at + 1, len(words) + 1))
    return tuple(" ".join(words[at:end]) for at, end in spans if end - at < len(words))
