"""Words that set a group of papers apart inside a topic."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from topics.evidence.moves import likeness
from topics.evidence.permutations import worth_testing
from topics.trends.shares import adjusted
from topics.trends.words import distinct
from topics.types import Counts, Doubles, GroupMembership, GroupWord, Integers, Regroupings
from topics.types.arrays import presence

LEAST_PAPERS = 5
"""Papers of a topic that must use a term before it is looked at, and papers that a group must have there."""

PRIOR = 10.0
"""The weight, in papers, of the belief that a group uses terms as its topic does."""

MOST_WORDS = 8
"""Words of a group in a topic."""


SURE = 1.96
"""What log-odds over their standard error must be in a repetition of the grouping that upholds a word."""


def group_words(
    counts: Counts, topic: Integers, membership: GroupMembership, regroupings: Regroupings, alpha: float
) -> tuple[GroupWord, ...]:
    """The terms that each topic's papers use more in a group than in the rest of the topic, surest first.

    Weighted log-odds with an informative Dirichlet prior (Monroe, Colaresi and Quinn 2008, "Fightin' Words",
    equations 16 to 22), of papers that use a term and not of its uses: one paper that says a word twenty
    times is one paper. The prior is the topic's own use, at the weight of `PRIOR` papers. q allows for all
    terms of all topics and groups that could be clear, if only the group used them or only the rest. A word
    that hangs on the grouping is left out: at least half of the repetitions must say the same of the papers
    that the topic has there.

    topic: (n,) the topic of each paper.
    """
    from scipy import stats

    used = presence(counts.matrix)
    found: list[tuple[int, int, Integers, Doubles, Doubles, Doubles, Doubles]] = []
    reach: list[Doubles] = []
    for k in range(int(topic.max()) + 1):
        rows = np.flatnonzero((topic == k) & membership.known)
        weights = membership.weights[rows][:, : membership.compared]
        sizes = np.vstack([weights.sum(axis=0), len(rows) - weights.sum(axis=0)])
        whole = np.asarray(used[rows].sum(axis=0)).ravel().astype(float)
        columns = np.flatnonzero(whole >= LEAST_PAPERS).astype(np.int32)
        if not len(columns):
            continue
        inside = np.asarray((used[rows][:, columns].T @ weights).T)
        for group in np.flatnonzero(sizes.min(axis=0) >= LEAST_PAPERS).tolist():
            y, n, m = inside[group], sizes[0, group], sizes[1, group]
            z = log_odds(y, whole[columns] - y, n, m)
            found.append((k, group, columns, z, y / n, (whole[columns] - y) / m, whole))
            ends = np.minimum(whole[columns], n), np.maximum(whole[columns] - m, 0)
            reach.append(np.max([np.abs(log_odds(end, whole[columns] - end, n, m)) for end in ends], axis=0))
    if not found:
        return ()
    p = 2 * stats.norm.sf(np.abs(np.concatenate([one[3] for one in found])))
    q = adjusted(np.where(worth_testing(2 * stats.norm.sf(np.concatenate(reach)), alpha), p, np.nan))
    words: list[GroupWord] = []
    for k, group, columns, z, share, rest, whole in found:
        own, q = q[: len(columns)], q[len(columns) :]
        sure = np.flatnonzero((own <= alpha) & (z > 0))
        order = sure[np.lexsort((columns[sure], -np.round(z[sure], 9)))]
        place = {int(columns[at]): int(at) for at in order}
        for column in distinct(list(place), whole.astype(np.int64), counts.terms, MOST_WORDS):
            at = place[column]
            figures = float(z[at]), float(share[at]), float(rest[at]), float(own[at])
            words.append(GroupWord(k, group, counts.terms[column], *figures))
    upheld = _upheld(words, counts, topic, membership, regroupings)
    return tuple(
        word for word, firm in zip(words, upheld.tolist(), strict=True) if 2 * firm >= len(regroupings)
    )


def _upheld(
    words: Sequence[GroupWord],
    counts: Counts,
    topic: Integers,
    membership: GroupMembership,
    regroupings: Regroupings,
) -> Integers:
    """(w,) in how many repetitions of the grouping each word sets its group apart, too."""
    used, place = presence(counts.matrix), {term: column for column, term in enumerate(counts.terms)}
    found = np.zeros(len(words), np.int32)
    for rows, again in regroupings:
        known = membership.known[rows]
        own = rows[known]
        there = likeness(topic[own], again[known], int(topic.max()) + 1)[:, again[known]] > 0
        for at, word in enumerate(words):
            papers = own[there[word.topic]]
            inside = membership.weights[papers, word.group]
            uses = used[papers, place[word.term]].toarray().ravel()
            n, m = float(inside.sum()), len(papers) - float(inside.sum())
            y = np.array([float(uses @ inside)])
            found[at] += bool(min(n, m, uses.sum()) > 0 and log_odds(y, uses.sum() - y, n, m)[0] >= SURE)
    return found


def log_odds(inside: Doubles, outside: Doubles, n: float, m: float) -> Doubles:
    """(v,) the log-odds of terms inside against outside over their standard error.

    The error is that of the whole formula (equation 19). Its short form (20) is for words that are rare; here
    a term can be in most of the papers.

    inside, outside: (v,) papers that use a term, of n inside and m outside.
    """
    prior = PRIOR * (inside + outside) / (n + m)
    odds, variance = [], np.zeros(len(inside))
    for uses, size in ((inside, n), (outside, m)):
        # What all papers use has no odds that differ; its variance is as good as infinite then.
        using, others = uses + prior, np.maximum(size - uses + PRIOR - prior, 1e-9)
        odds.append(np.log(using / others))
        variance += 1 / using + 1 / others
    return np.asarray((odds[0] - odds[1]) / np.sqrt(variance))
