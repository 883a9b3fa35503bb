"""How unevenly topics are spread over groups of papers, and what of it hangs on the grouping into topics.

A topic's share in a group is set against its share in the rest. With O papers of the topic in the group,
and E to be expected if the topics were dealt out to the papers at random, O - E is the difference of the
two shares times a number that depends on the sizes alone. Its variance under random dealing is known, also
where papers are divided among groups; within periods, all of these add up (Mantel and Haenszel 1959).

The run's repetitions of its grouping say how far the same difference moves when papers are grouped anew. The
mean square of that is added to the variance, as multiple imputation does (Rubin 1987): what is imputed are
the topics of the papers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from topics.evidence.deals import Deals, deal, stratified_p
from topics.evidence.tallies import GroupTally, members
from topics.evidence.words import group_words
from topics.label.quality import DISSOLVED
from topics.trends.shares import Z, adjusted, difference, exact_p, wilson
from topics.types import Clustering, Counts, Doubles, Integers, Mask, Regroupings
from topics.types.groups import (
    EVEN,
    HANGS,
    LESS,
    MORE,
    GroupComparison,
    GroupShare,
    Membership,
    PeriodShare,
)

PRIOR = 5
"""How many repetitions the usual effect of a new grouping on a topic is worth."""

TESTED = 1.0
"""Papers of a topic to be expected in a group and in the rest, and of other topics in the group, before the
topic is tested there."""

LARGEST = 50.0
"""Log-odds beyond which an interval says nothing more."""

LEAST_EXPECTED = 5.0
"""Papers to be expected in each half of the time before a change from one to the other is looked for; and
in most cells of the table before chi-square's own distribution serves."""


@dataclass(frozen=True)
class Strata:
    """Papers that are compared with each other only: those of one period, or all.

    unit: "year" ... or "". names: of the strata, the earliest first. of_paper: (n,) int32, the stratum of
    each paper, -1 for papers that do not count.
    """

    unit: str
    names: tuple[str, ...]
    of_paper: Integers

    @classmethod
    def one(cls, n: int) -> Strata:
        return cls("", ("",), np.zeros(n, np.int32))


def compare_groups(
    clustering: Clustering,
    counts: Counts,
    labels: tuple[str, ...],
    regroupings: Regroupings,
    membership: Membership,
    strata: Strata,
    *,
    alpha: float,
    random_state: int,
) -> GroupComparison:
    """Every topic in every group, set against the rest; papers count by nearest topic.

    alpha: the largest share of false ones among the claimed differences (Benjamini and Hochberg 1995).
    """
    rows = np.flatnonzero(membership.known & (strata.of_paper >= 0))
    topic, weights, stratum = clustering.nearest_topic[rows], membership.weights[rows], strata.of_paper[rows]
    k, g = len(labels), membership.compared
    tally = GroupTally.of(members(topic, k), weights[:, :g], stratum)
    moves = Moves.of(clustering, regroupings, membership, strata, tally.variances)
    single = membership.single and len(strata.names) == 1
    table = np.asarray(members(topic, k) @ weights)
    deals = None
    if not single or not _expected_well(table):
        deals = deal(topic, weights, stratum, k, random_state)
    p_counts = _p_counts(tally, membership, deals)
    words = group_words(counts, clustering.nearest_topic, membership, alpha)
    judged = _Judged.of(tally, moves, p_counts)
    terms: dict[tuple[int, int], list[str]] = {}
    for word in words:
        terms.setdefault((word.topic, word.group), []).append(word.term)
    shares = [judged.at(t, j, len(regroupings), alpha, terms) for t in range(k) for j in range(g)]
    if strata.unit:
        shares = _with_halves(shares, topic, weights[:, :g], stratum, judged)
    chi2, v, corrected = strength(table)
    degrees = int((np.count_nonzero(table.sum(axis=1)) - 1) * (np.count_nonzero(table.sum(axis=0)) - 1))
    return GroupComparison(
        membership.column,
        membership.names[:g],
        tuple(tally.total.tolist()),
        labels,
        len(rows),
        membership.fractional,
        tuple(shares),
        words,
        chi2,
        degrees,
        _chi2_p(chi2, degrees) if deals is None else deals.table_p,
        "chi-square" if deals is None else f"{deals.many:,} random deals",
        v,
        corrected,
        len(regroupings),
        strata.unit,
        _by_period(topic, weights[:, :g], strata.names, stratum, judged) if strata.unit else (),
        membership.notes,
    )


@dataclass(frozen=True)
class Moves:
    """What grouping the papers anew does to the figures. k topics, g groups.

    difference, share: (k, g) the variance that it adds to a difference and to a share.
    found: (k,) in how many repetitions there is such a topic. upheld: (k, g) in how many of these the
    difference has the same sign.
    """

    difference: Doubles
    share: Doubles
    found: Integers
    upheld: Integers

    @classmethod
    def of(
        cls,
        clustering: Clustering,
        regroupings: Regroupings,
        membership: Membership,
        strata: Strata,
        variances: tuple[Doubles, Doubles],
    ) -> Moves:
        """Set each repetition against the run's own grouping of the same papers.

        A topic's like in a repetition are the groups that together overlap with it most. What papers that
        change sides at random add to the mean square falls with the number of papers, and a repetition may
        have only some of them; so that part is scaled to all.

        variances: (k, g) of the counts, of differences and of shares.
        """
        from scipy import stats

        (k, g), many = variances[0].shape, len(regroupings)
        squares, noise = np.zeros((2, k, g)), np.zeros((2, k, g))
        found, upheld = np.zeros(k, np.int32), np.zeros((k, g), np.int32)
        counted = membership.known & (strata.of_paper >= 0)
        part = 1.0
        for rows, again in regroupings:
            kept = counted[rows]
            own = rows[kept]
            topic = clustering.nearest_topic[own]
            like, overlap = likeness(topic, again[kept], k)
            first, second = members(topic, k), like[:, again[kept]]
            part = len(own) / max(int(counted.sum()), 1)
            each = _per_paper(membership.weights[own, :g], strata.of_paper[own])
            moved = np.abs(second - first.toarray())
            ours = [np.asarray(first @ weight) for weight in each]
            theirs = [second @ weight for weight in each]
            for at, weight in enumerate(each):
                squares[at] += (theirs[at] - ours[at]) ** 2
                noise[at] += moved @ weight**2
            here = overlap >= DISSOLVED
            found += here
            upheld += here[:, None] & (np.sign(np.round(theirs[0], 12)) == np.sign(np.round(ours[0], 12)))
        if not many:
            return cls(squares[0], squares[1], found, upheld)
        added = (np.maximum(squares - noise, 0) + noise * min(part, 1.0)) / many
        # A variance from few repetitions is uncertain itself: Student's distribution, not the normal one.
        wider = (stats.t.ppf(0.975, many + PRIOR) / Z) ** 2
        own, share = (
            _drawn_in(one, usual, many) * wider for one, usual in zip(added, variances, strict=True)
        )
        return cls(own, share, found, upheld)


def _drawn_in(added: Doubles, usual: Doubles, many: int) -> Doubles:
    """(k, g) variances by the grouping, each drawn towards what is usual in its topic.

    usual: (k, g) variances of the counts, to which those of a topic's groups are usually in proportion.
    """
    ratio = added.sum(axis=1, keepdims=True) / np.maximum(usual.sum(axis=1, keepdims=True), 1e-15)
    return np.asarray((many * added + PRIOR * ratio * usual) / (many + PRIOR))


def likeness(topic: Integers, again: Integers, k: int) -> tuple[Doubles, Doubles]:
    """(k, c) 1 for the groups that together are most like a topic; (k,) their Jaccard overlap with it.

    topic, again: (m,) from 0 to k - 1, and the groups from 0 to c - 1.
    """
    table = np.zeros((k, int(again.max(initial=0)) + 1))
    np.add.at(table, (topic, again), 1)
    sizes, like, overlap = table.sum(axis=0), np.zeros(table.shape), np.zeros(k)
    for t, both in enumerate(table):
        order = np.argsort(-both / np.maximum(sizes, 1), kind="stable")
        inside, outside = np.cumsum(both[order]), np.cumsum(sizes[order])
        jaccard = inside / np.maximum(both.sum() + outside - inside, 1)
        best = int(jaccard.argmax())
        like[t, order[: best + 1]], overlap[t] = 1, jaccard[best]
    return like, overlap


def _per_paper(weights: Doubles, stratum: Integers) -> tuple[Doubles, Doubles]:
    """(m, g) twice: what a paper of a topic adds to its difference, and to its share in the group."""
    numbers = np.unique(stratum, return_inverse=True)[1]
    n = np.bincount(numbers)[:, None]
    total = np.zeros((len(n), weights.shape[1]))
    np.add.at(total, numbers, weights)
    balance = (total * (n - total) / n).sum(axis=0)
    own = (weights - (total / n)[numbers]) / np.maximum(balance, 1e-12)
    return own, weights / np.maximum(weights.sum(axis=0), 1e-12)


def _p_counts(tally: GroupTally, membership: Membership, deals: Deals | None) -> Doubles:
    """(k, g) two-sided p of the counts alone: exact for whole papers, by random deals for divided ones."""
    if not membership.whole:
        if deals is None:
            raise ValueError("papers that are divided among groups need random deals")
        return deals.p[:, : membership.compared]
    if len(tally.strata) > 1:
        return stratified_p(tally.observed, tally.residual, tally.variance, tally.strata)
    found = np.ones(tally.observed.shape)
    for j, total in enumerate(tally.total):
        inside = np.rint(tally.observed[:, j])
        found[:, j] = exact_p(
            (tally.size - inside, np.full(len(inside), tally.papers - total)),
            (inside, np.full(len(inside), total)),
        )
    return found


@dataclass(frozen=True)
class _Judged:
    """Figures of all topics in all groups, each (k, g). inflation: of the variance, by the grouping."""

    tally: GroupTally
    moves: Moves
    p_counts: Doubles
    q_counts: Doubles
    p: Doubles
    q: Doubles
    inflation: Doubles
    interval: tuple[Doubles, Doubles]
    share: tuple[Doubles, Doubles, Doubles]

    @classmethod
    def of(cls, tally: GroupTally, moves: Moves, p_counts: Doubles) -> _Judged:
        from scipy import stats

        variance = tally.variances[0]
        inflation = 1 + moves.difference / np.maximum(variance, 1e-15)
        z = stats.norm.isf(np.clip(p_counts, 1e-300, 1) / 2) / np.sqrt(inflation)
        p = np.maximum(2 * stats.norm.sf(z), p_counts)
        total = np.broadcast_to(tally.total, p.shape)
        size = tally.size[:, None]
        overall = size / tally.papers
        # A value that all papers have leaves no rest.
        others = np.maximum(tally.papers - total, 1e-9)
        plain = np.maximum(overall * (1 - overall), 1e-12) * tally.papers / (total * others)
        thin = np.maximum((variance + moves.difference) / plain, 1e-3)
        inside, outside = (tally.observed, total), (size - tally.observed, others)
        low, high = difference((outside[0] / thin, outside[1] / thin), (inside[0] / thin, inside[1] / thin))
        crude = inside[0] / inside[1] - outside[0] / outside[1]
        middle = tally.difference
        interval = middle - (crude - low), middle + (high - crude)
        share = _share(tally.observed, tally.total, tally.squares, overall, moves.share)
        least = np.minimum(tally.expected, tally.total - tally.expected)
        tested = np.minimum(least, size - tally.expected) >= TESTED
        q, q_counts = (
            adjusted(np.where(tested, value, np.nan).ravel()).reshape(p.shape) for value in (p, p_counts)
        )
        return cls(tally, moves, p_counts, q_counts, p, q, inflation, interval, share)

    def at(
        self, t: int, j: int, repetitions: int, alpha: float, terms: Mapping[tuple[int, int], Sequence[str]]
    ) -> GroupShare:
        tally, upheld = self.tally, int(self.moves.upheld[t, j])
        rest = (tally.size[t] - tally.observed[t, j]) / max(tally.papers - tally.total[j], 1e-9)
        middle = float(tally.difference[t, j])
        reach = Z * float(np.sqrt(tally.log_odds_variance[t, j] * self.inflation[t, j]))
        odds = float(tally.log_odds[t, j])
        if self.q[t, j] <= alpha and 2 * upheld >= repetitions:
            verdict = MORE if middle > 0 else LESS
        else:
            verdict = HANGS if self.q_counts[t, j] <= alpha else EVEN
        share, low, high = (float(value[t, j]) for value in self.share)
        return GroupShare(
            topic=t,
            group=j,
            papers=float(tally.observed[t, j]),
            total=float(tally.total[j]),
            share=share,
            low=low,
            high=high,
            rest=float(rest),
            difference=middle,
            difference_low=float(self.interval[0][t, j]),
            difference_high=float(self.interval[1][t, j]),
            odds_ratio=float(np.exp(odds)),
            odds_low=float(np.exp(max(odds - reach, -LARGEST))),
            odds_high=float(np.exp(min(odds + reach, LARGEST))),
            residual=float(tally.residual[t, j]),
            p_counts=float(self.p_counts[t, j]),
            q_counts=float(self.q_counts[t, j]),
            p=float(self.p[t, j]),
            q=float(self.q[t, j]),
            found=int(self.moves.found[t]),
            upheld=upheld,
            verdict=verdict,
            words=tuple(terms.get((t, j), ())),
        )


def _share(
    observed: Doubles, total: Doubles, squares: Doubles, overall: Doubles, added: Doubles
) -> tuple[Doubles, Doubles, Doubles]:
    """(k, g) share of each topic in each group and its interval: Wilson's, at the effective number of papers.

    squares: (g,) squares of the papers' weights, added up (Kish 1965). added: (k, g) variance by the
    grouping.
    """
    whole = np.broadcast_to(total, observed.shape)
    safe = np.maximum(whole, 1e-12)
    thin = squares / np.maximum(total, 1e-12) + added * safe / np.maximum(overall * (1 - overall), 1e-12)
    thin = np.maximum(thin, 1e-6)
    low, high = wilson(observed / thin, whole / thin)
    return np.asarray(np.where(whole > 0, observed / safe, np.nan)), low, high


def _with_halves(
    shares: Sequence[GroupShare], topic: Integers, weights: Doubles, stratum: Integers, judged: _Judged
) -> list[GroupShare]:
    """The same with the difference in the earlier and the later half of the papers, and q for its change."""
    from scipy import stats

    k, g = judged.p.shape
    cut = int(np.median(stratum))
    if (stratum <= cut).all():
        cut -= 1
    halves = [
        GroupTally.of(members(topic[side], k), weights[side], stratum[side])
        for side in (stratum <= cut, stratum > cut)
        if side.any()
    ]
    if len(halves) < 2:
        return list(shares)
    variance = halves[0].variances[0] + halves[1].variances[0]
    z = (halves[1].difference - halves[0].difference) / np.sqrt(
        np.maximum(variance * judged.inflation, 1e-15)
    )
    enough = np.minimum(*(half.expected for half in halves)) >= LEAST_EXPECTED
    q = adjusted(np.where(enough, 2 * stats.norm.sf(np.abs(z)), np.nan).ravel()).reshape(k, g)
    return [
        replace(
            share,
            early=float(halves[0].difference[share.topic, share.group]),
            late=float(halves[1].difference[share.topic, share.group]),
            change_q=float(q[share.topic, share.group]),
        )
        if enough[share.topic, share.group]
        else share
        for share in shares
    ]


def _by_period(
    topic: Integers, weights: Doubles, names: Sequence[str], stratum: Integers, judged: _Judged
) -> tuple[PeriodShare, ...]:
    k, g = judged.p.shape
    overall = judged.tally.size[:, None] / judged.tally.papers
    found = []
    for number, name in enumerate(names):
        own, member = weights[stratum == number], members(topic[stratum == number], k)
        observed, total = np.asarray(member @ own), own.sum(axis=0)
        share, low, high = _share(observed, total, (own**2).sum(axis=0), overall, judged.moves.share)
        size = np.asarray(member.sum(axis=1)).reshape(-1, 1)
        others = len(own) - total
        rest = np.where(others > 0, (size - observed) / np.maximum(others, 1e-12), np.nan)
        found += [
            PeriodShare(
                name,
                t,
                j,
                float(observed[t, j]),
                float(total[j]),
                *(float(value[t, j]) for value in (share, low, high, rest)),
            )
            for t in range(k)
            for j in range(g)
        ]
    return tuple(found)


def strength(table: Doubles) -> tuple[float, float, float]:
    """Chi-square of a (k, g) table, Cramer's V, and V without what chance alone gives (Bergsma 2013).

    A paper that counts in several groups counts as often in the table.
    """
    from scipy import stats

    used = table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0]
    if min(used.shape) < 2:
        return 0.0, 0.0, 0.0
    chi2 = float(stats.chi2_contingency(used, correction=False).statistic)
    (r, c), total = used.shape, float(used.sum())
    phi2 = chi2 / total
    low = max(phi2 - (r - 1) * (c - 1) / (total - 1), 0.0)
    sides = (side - (side - 1) ** 2 / (total - 1) for side in (r, c))
    return chi2, float(np.sqrt(phi2 / (min(r, c) - 1))), float(np.sqrt(low / (min(sides) - 1)))


def _expected_well(table: Doubles) -> bool:
    """Whether chi-square's own distribution serves (Cochran 1954): 5 expected in most cells, 1 in all."""
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
    enough: Mask = expected >= LEAST_EXPECTED
    return bool(enough.mean() >= 0.8 and expected.min() >= 1)


def _chi2_p(chi2: float, degrees: int) -> float:
    from scipy import stats

    return float(stats.chi2.sf(chi2, degrees))
