"""The words of a topic in each period, and which came and went.

All from the one document-term matrix. A period's keywords are weighed against the other topics of that same
period and nothing else, so that no later word leaks into an earlier one (BERTopic's `topics_over_time`
mixes in weights of the whole time unless told otherwise).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from topics.trends.growth import Doubles
from topics.trends.shares import adjusted
from topics.types import Counts, Integers, PeriodKeyword, TermChange

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


def period_keywords(
    counts: Counts, topic: Integers, period: Integers, names: Sequence[str], many: int
) -> tuple[PeriodKeyword, ...]:
    """The heaviest `many` terms of each topic in each period by class-based TF-IDF within that period.

    topic, period: (n,) the number of each paper's topic and period; -1 for none.
    """
    found: list[PeriodKeyword] = []
    for number, name in enumerate(names):
        rows = np.flatnonzero((period == number) & (topic >= 0))
        if len(rows) == 0:
            continue
        part = counts.matrix[rows]
        uses, papers = _by_topic(part, topic[rows]), _by_topic(_presence(part), topic[rows])
        weights = _class_tf_idf(uses)
        for k in range(uses.shape[0]):
            if weights.indptr[k] == weights.indptr[k + 1]:
                continue
            span = slice(weights.indptr[k], weights.indptr[k + 1])
            columns, weight = weights.indices[span], weights.data[span]
            using = papers[k].toarray().ravel()
            common = using[columns] >= LEAST_USES
            columns, weight = columns[common], weight[common]
            order = np.lexsort((columns, -np.round(weight, 12)))
            kept = distinct(columns[order].tolist(), using, counts.terms, many)
            heavy = dict(zip(columns.tolist(), weight.tolist(), strict=True))
            found.extend(
                PeriodKeyword(k, name, rank, counts.terms[column], int(using[column]), heavy[column])
                for rank, column in enumerate(kept, start=1)
            )
    return tuple(sorted(found, key=lambda word: word.topic))


def term_changes(
    counts: Counts, topic: Integers, half: Integers, many: int, alpha: float
) -> tuple[TermChange, ...]:
    """For each topic the terms whose share of the papers rose most and fell most between two halves of the
    time.

    topic: (n,) as above; half: (n,) 0 for papers of the first half, 1 for the second, -1 for neither.
    Each term is tested by Fisher's exact test, and q allows for all terms of all topics.
    """
    rows = np.flatnonzero((half >= 0) & (topic >= 0))
    if len(rows) == 0:
        return ()
    topics = int(topic.max()) + 1
    presence = _presence(counts.matrix[rows])
    early, late = (
        _by_topic(presence[half[rows] == side], topic[rows][half[rows] == side], topics) for side in (0, 1)
    )
    sizes = [np.bincount(topic[rows][half[rows] == side], minlength=topics) for side in (0, 1)]
    tables = [_table(k, early, late, sizes) for k in range(topics)]
    q = np.split(
        adjusted(np.concatenate([_fisher(table) for table in tables])),
        np.cumsum([len(table) for table in tables])[:-1],
    )
    found: list[TermChange] = []
    for k, (table, values) in enumerate(zip(tables, q, strict=True)):
        found.extend(_changes(k, table, values, counts.terms, many, alpha))
    return tuple(found)


def _table(
    k: int, early: sp.csr_matrix, late: sp.csr_matrix, sizes: Sequence[npt.NDArray[np.intp]]
) -> npt.NDArray[np.int64]:
    """(c, 5) column, papers using it before and after, papers before and after, for the topic's usual
    terms.
    """
    before, after = early[k].toarray().ravel(), late[k].toarray().ravel()
    columns = np.flatnonzero(before + after >= LEAST_PAPERS)
    if min(sizes[0][k], sizes[1][k]) < LEAST_PAPERS:
        columns = columns[:0]
    size = np.ones_like(columns)
    return np.column_stack([columns, before[columns], after[columns], size * sizes[0][k], size * sizes[1][k]])


def _fisher(table: npt.NDArray[np.int64]) -> Doubles:
    """(c,) two-sided p, twice the smaller tail of the hypergeometric distribution."""
    from scipy import stats

    _, before, after, n, m = table.T
    drawn = stats.hypergeom(n + m, before + after, m)
    tails = np.minimum(drawn.sf(after - 1), drawn.cdf(after))
    return np.asarray(np.minimum(1.0, 2 * tails))


def _changes(
    k: int, table: npt.NDArray[np.int64], q: Doubles, terms: Sequence[str], many: int, alpha: float
) -> Iterable[TermChange]:
    columns, before, after, n, m = table.T
    share_before, share_after = before / np.maximum(n, 1), after / np.maximum(m, 1)
    using = dict(zip(columns.tolist(), (before + after).tolist(), strict=True))
    for first, second in ((share_before, share_after), (share_after, share_before)):
        clear = np.flatnonzero((q <= alpha) & (second >= MUCH * first))
        order = clear[np.lexsort((columns[clear], -np.round(second[clear] - first[clear], 12)))]
        place = {int(columns[at]): at for at in order}
        for column in distinct(list(place), using, terms, many):
            at = place[column]
            yield TermChange(k, terms[column], float(share_before[at]), float(share_after[at]), float(q[at]))


def distinct(
    columns: Sequence[int], using: dict[int, int] | npt.NDArray[np.integer], terms: Sequence[str], many: int
) -> list[int]:
    """The first `many` of some ranked terms, without those that a kept or a longer, nearly as common one
    says already.
    """
    candidates = columns[: 6 * many]
    words = {column: terms[column].casefold().split(" ") for column in candidates}
    kept: list[int] = []
    for column in candidates:
        covered = any(
            len(words[other]) > len(words[column])
            and using[other] >= COVERED * using[column]
            and _inside(words[column], words[other])
            for other in candidates
        )
        if not covered and not any(_inside(words[column], words[other]) for other in kept):
            kept.append(column)
        if len(kept) == many:
            break
    return kept


def _inside(short: Sequence[str], long: Sequence[str]) -> bool:
    return any(long[at : at + len(short)] == short for at in range(len(long) - len(short) + 1))


def _presence(matrix: sp.csr_matrix) -> sp.csr_matrix:
    """1 where a paper uses a term."""
    result = matrix.copy()
    result.data = np.ones_like(result.data)
    return result


def _by_topic(matrix: sp.csr_matrix, topic: Integers, topics: int | None = None) -> sp.csr_matrix:
    """(k, v) sums over the papers of each topic."""
    import scipy.sparse as sp

    rows = np.arange(len(topic))
    shape = (int(topic.max(initial=0)) + 1 if topics is None else topics, len(topic))
    member = sp.csr_matrix((np.ones(len(topic), dtype=np.int64), (topic, rows)), shape=shape)
    result: sp.csr_matrix = (member @ matrix).tocsr()
    result.sort_indices()
    return result


def _class_tf_idf(uses: sp.csr_matrix) -> sp.csr_matrix:
    """c-TF-IDF (Grootendorst 2022): a term's share of its topic's terms, times log(1 + mean length / its
    uses).
    """
    lengths = np.asarray(uses.sum(axis=1)).ravel()
    totals = np.asarray(uses.sum(axis=0)).ravel()
    weights = uses.astype(np.float64)
    if not weights.nnz:
        return weights
    weights.data /= np.repeat(np.maximum(lengths, 1), np.diff(uses.indptr))
    weights.data *= np.log1p(lengths[lengths > 0].mean() / totals[uses.indices])
    return weights
