"""How unevenly topics are spread over groups of papers, and what of it hangs on the grouping into topics.

A topic's share in a group is set against its share in the rest. With O papers of the topic in the group,
and E to be expected if the topics were permuted over the papers, O - E is the difference of the
two shares times a number that depends on the sizes alone. Its variance under permutation is known, also
where papers are divided among groups; within periods, all of these add up (Mantel and Haenszel 1959).

The run's repetitions of its grouping say how far the same difference moves when papers are grouped anew. The
mean square of that is added to the variance, as multiple imputation does (Rubin 1987): what is imputed are
the topics of the papers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from topics.errors import InputError
from topics.evidence.moves import Measure, Moves, in_change, in_difference, in_share, in_share_of
from topics.evidence.permutations import Permutations, least_p, permute, stratified_p, worth_testing
from topics.evidence.tallies import GroupTally, members
from topics.evidence.words import group_words
from topics.trends.shares import Z, adjusted, difference, exact_p, wilson
from topics.types import Clustering, Counts, Doubles, Integers, Mask, Regroupings
from topics.types.groups import (
    APART,
    EVEN,
    HANGS,
    LESS,
    MORE,
    GroupComparison,
    GroupMembership,
    GroupShare,
    PeriodShare,
)
from topics.types.trends import TOO_FEW

LARGEST = 50.0
"""Log-odds beyond which an interval says nothing more."""

LEAST_EXPECTED = 5.0
"""Papers to be expected in each half of the time before a change from one to the other is looked for; and
in most cells of the table before chi-square's own distribution serves."""

NOTHING = 1e-12
"""Variance under permutation from which on a topic in a group can be compared with the rest at all."""


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
    membership: GroupMembership,
    strata: Strata,
    *,
    alpha: float,
    random_state: int,
) -> GroupComparison:
    """Every topic in every group, set against the rest; papers count by nearest topic.

    alpha: the largest share of false ones among the claimed differences (Benjamini and Hochberg 1995).

    Raises InputError: no period holds papers of two groups.
    """
    from scipy import stats

    rows = np.flatnonzero(membership.known & (strata.of_paper >= 0))
    topic, weights, stratum = clustering.nearest_topic[rows], membership.weights[rows], strata.of_paper[rows]
    k, g = len(labels), membership.compared
    tally = GroupTally.of(members(topic, k), weights[:, :g], stratum)
    lone = _check_met(tally, membership, strata.unit)
    halves = _Halves.of(topic, weights[:, :g], stratum, k) if strata.unit else None
    periods = [_Period.of(number, topic, weights[:, :g], stratum, k) for number in range(len(strata.names))]
    measures: list[tuple[Measure, Doubles]] = list(
        zip((in_difference, in_share), tally.variances, strict=True)
    )
    measures += [(in_change(halves.cut), halves.variance)] if halves else []
    measures += [(in_share_of(one.number), one.variance) for one in periods] if strata.unit else []
    moves = Moves.of(clustering, regroupings, membership, strata.of_paper, measures)
    table = np.asarray(members(topic, k) @ weights)
    single = membership.single and len(strata.names) == 1
    permutations = None
    if not single or not _expected_well(table):
        permutations = permute(topic, weights, stratum, k, random_state)
    words = group_words(counts, clustering.nearest_topic, membership, regroupings, alpha)
    least = least_p(topic, weights[:, :g], stratum, k)
    judged = _Judged.of(tally, moves, _p_counts(tally, membership, permutations), least, alpha)
    terms: dict[tuple[int, int], list[str]] = {}
    for word in words:
        terms.setdefault((word.topic, word.group), []).append(word.term)
    shares = [judged.at(t, j, len(regroupings), alpha, terms) for t in range(k) for j in range(g)]
    if halves:
        shares = halves.added_to(shares, moves.added[2])
    within = f" within each {strata.unit}" if strata.unit else ""
    shape = int(np.count_nonzero(table.sum(axis=1))), int(np.count_nonzero(table.sum(axis=0)))
    degrees = (shape[0] - 1) * (shape[1] - 1)
    if permutations and strata.unit:
        chi2, chance = permutations.statistic, permutations.chance
    else:
        chi2, chance = chi_square(table), degrees * table.sum() / (table.sum() - 1)
    v, corrected = strength(chi2, chance, shape, float(table.sum()))
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
        float(stats.chi2.sf(chi2, degrees)) if permutations is None else permutations.table_p,
        "chi-square"
        if permutations is None
        else f"{permutations.n_permutations:,} random permutations{within}",
        v,
        corrected,
        len(regroupings),
        strata.unit,
        _by_period(periods, strata.names, moves.added[-len(periods) :]) if strata.unit else (),
        (*membership.notes, *lone),
    )


def _check_met(tally: GroupTally, membership: GroupMembership, unit: str) -> list[str]:
    """Notes on groups of which few papers, or none, are from a period that has others.

    Raises InputError: that is so of all groups.
    """
    if not unit:
        return []
    met = np.zeros(len(tally.total))
    for n, _, total, _ in tally.strata:
        met += np.where((total > NOTHING) & (total < n - NOTHING), total, 0.0)
    if not met.any():
        raise InputError(
            f"no {unit} holds papers of two values of {membership.column}, so nothing can be compared within "
            f"a {unit}; leave --period out"
        )
    notes = []
    for name, own, total in zip(membership.names, met.tolist(), tally.total.tolist(), strict=False):
        if 2 * own < total:
            rests = "it is not compared" if not own else "the comparison rests on these"
            notes.append(
                f"Of {total:,.10g} papers of {name}, {own:,.10g} are from a {unit} that has papers of other "
                f"values; {rests}."
            )
    return notes


@dataclass(frozen=True)
class _Period:
    """The papers of one stratum. observed: (k, g); total, squares: (g,); size: (k,); variance: (k, g) of the
    shares, by the counts.
    """

    number: int
    papers: int
    observed: Doubles
    total: Doubles
    squares: Doubles
    size: Doubles
    variance: Doubles

    @classmethod
    def of(cls, number: int, topic: Integers, weights: Doubles, stratum: Integers, k: int) -> _Period:
        own, member = weights[stratum == number], members(topic[stratum == number], k)
        total, squares = own.sum(axis=0), (own**2).sum(axis=0)
        overall = np.bincount(topic, minlength=k)[:, None] / len(topic)
        return cls(
            number,
            len(own),
            np.asarray(member @ own),
            total,
            squares,
            np.asarray(member.sum(axis=1)).ravel(),
            overall * (1 - overall) * squares / np.maximum(total, 1e-12) ** 2,
        )


def _p_counts(tally: GroupTally, membership: GroupMembership, permutations: Permutations | None) -> Doubles:
    """(k, g) two-sided p of the counts alone: exact for whole papers, by permutations for divided ones."""
    if not membership.whole:
        if permutations is None:
            raise ValueError("papers that are divided among groups need random permutations")
        return permutations.p[:, : membership.compared]
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
    """Figures of all topics in all groups, each (k, g); NaN where there is nothing to compare."""

    tally: GroupTally
    moves: Moves
    p_counts: Doubles
    q_counts: Doubles
    p: Doubles
    q: Doubles
    interval: tuple[Doubles, Doubles]
    share: tuple[Doubles, Doubles, Doubles]
    comparable: Mask

    @classmethod
    def of(cls, tally: GroupTally, moves: Moves, p_counts: Doubles, least: Doubles, alpha: float) -> _Judged:
        """least: (k, g) the smallest p_counts that the sizes allow."""
        from scipy import stats

        comparable: Mask = tally.variance > NOTHING
        variance, added = tally.variances[0], moves.added[0]
        z = stats.norm.isf(np.clip(p_counts, 1e-300, 1) / 2) / np.sqrt(
            1 + added / np.maximum(variance, 1e-15)
        )
        p = np.maximum(2 * stats.norm.sf(z), p_counts)
        tested = worth_testing(np.where(comparable, least, 1.0), alpha)
        q, q_counts = (
            adjusted(np.where(tested, value, np.nan).ravel()).reshape(p.shape) for value in (p, p_counts)
        )
        share = _share(tally.observed, tally.total, tally.squares, moves.added[1])
        p, p_counts, low, high = (
            np.where(comparable, value, np.nan) for value in (p, p_counts, *_interval(tally, added))
        )
        return cls(tally, moves, p_counts, q_counts, p, q, (low, high), share, comparable)

    def at(
        self, t: int, j: int, repetitions: int, alpha: float, terms: Mapping[tuple[int, int], Sequence[str]]
    ) -> GroupShare:
        tally, upheld = self.tally, int(self.moves.upheld[t, j])
        rest = (tally.size[t] - tally.observed[t, j]) / max(tally.papers - tally.total[j], 1e-9)
        there = 1.0 if self.comparable[t, j] else np.nan
        middle = there * float(tally.difference[t, j])
        odds, spread = there * float(tally.log_odds[t, j]), float(tally.log_odds_variance[t, j])
        # A paper more here and less elsewhere moves the difference by 1 / balance, the log-odds by `spread`.
        grouping = float(self.moves.added[0][t, j]) * (float(tally.balance[j]) * spread) ** 2
        reach = Z * float(np.sqrt(spread + grouping))
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
            odds_low=float(np.exp(np.maximum(odds - reach, -LARGEST))),
            odds_high=float(np.exp(np.minimum(odds + reach, LARGEST))),
            residual=there * float(tally.residual[t, j]),
            p_counts=float(self.p_counts[t, j]),
            q_counts=float(self.q_counts[t, j]),
            p=float(self.p[t, j]),
            q=float(self.q[t, j]),
            found=int(self.moves.found[t]),
            upheld=upheld,
            verdict=self._verdict(t, j, repetitions, alpha),
            words=tuple(terms.get((t, j), ())),
        )

    def _verdict(self, t: int, j: int, repetitions: int, alpha: float) -> str:
        if self.tally.size[t] and not self.comparable[t, j]:
            return APART
        if np.isnan(self.q[t, j]):
            return TOO_FEW
        firm = self.q[t, j] <= alpha and 2 * self.moves.upheld[t, j] >= repetitions
        direction = MORE if self.tally.difference[t, j] > 0 else LESS
        return direction if firm else HANGS if self.q_counts[t, j] <= alpha else EVEN


def _interval(tally: GroupTally, added: Doubles) -> tuple[Doubles, Doubles]:
    """(k, g) ends of the differences: Newcombe's at the effective numbers of papers, and the variance
    `added` by the grouping.
    """
    total = np.broadcast_to(tally.total, tally.observed.shape)
    size = tally.size[:, None]
    overall = size / tally.papers
    # A value that all papers have leaves no rest.
    others = np.maximum(tally.papers - total, 1e-9)
    plain = np.maximum(overall * (1 - overall), 1e-12) * tally.papers / np.maximum(total * others, 1e-12)
    thin = np.maximum(tally.variances[0] / plain, 1e-3)
    inside, outside = (tally.observed, total), (size - tally.observed, others)
    low, high = difference((outside[0] / thin, outside[1] / thin), (inside[0] / thin, inside[1] / thin))
    crude = inside[0] / np.maximum(total, 1e-12) - outside[0] / others
    middle = tally.difference
    return (
        np.maximum(middle - np.hypot(crude - low, Z * np.sqrt(added)), -1.0),
        np.minimum(middle + np.hypot(high - crude, Z * np.sqrt(added)), 1.0),
    )


def _share(
    observed: Doubles, total: Doubles, squares: Doubles, added: Doubles
) -> tuple[Doubles, Doubles, Doubles]:
    """(k, g) share of each topic in each group and its interval: Wilson's, at the effective number of papers
    (Kish 1965), and the variance `added` by the grouping. NaN for a group without papers.

    squares: (g,) squares of the papers' weights, added up.
    """
    whole = np.broadcast_to(total, observed.shape)
    thin = np.maximum(squares / np.maximum(total, 1e-12), 1e-6)
    share = np.where(whole > 0, observed / np.maximum(whole, 1e-12), np.nan)
    low, high = wilson(observed / thin, whole / thin)
    return (
        share,
        np.maximum(share - np.hypot(share - low, Z * np.sqrt(added)), 0.0),
        np.minimum(share + np.hypot(high - share, Z * np.sqrt(added)), 1.0),
    )


@dataclass(frozen=True)
class _Halves:
    """The earlier and the later half of the papers. cut: the last stratum of the earlier one. variance:
    (k, g) of the change, by the counts.
    """

    cut: int
    early: GroupTally
    late: GroupTally
    variance: Doubles

    @classmethod
    def of(cls, topic: Integers, weights: Doubles, stratum: Integers, k: int) -> _Halves | None:
        """None where all papers are of one stratum."""
        cut = int(np.median(stratum))
        if (stratum <= cut).all():
            cut -= 1
        if not (stratum <= cut).any():
            return None
        early, late = (
            GroupTally.of(members(topic[side], k), weights[side], stratum[side])
            for side in (stratum <= cut, stratum > cut)
        )
        return cls(cut, early, late, early.variances[0] + late.variances[0])

    def added_to(self, shares: Sequence[GroupShare], added: Doubles) -> list[GroupShare]:
        """The shares with the difference in both halves, and q for its change. added: (k, g) the variance of
        the change by the grouping.
        """
        from scipy import stats

        z = (self.late.difference - self.early.difference) / np.sqrt(np.maximum(self.variance + added, 1e-15))
        enough = np.minimum(self.early.expected, self.late.expected) >= LEAST_EXPECTED
        enough &= np.minimum(self.early.variance, self.late.variance) > NOTHING
        q = adjusted(np.where(enough, 2 * stats.norm.sf(np.abs(z)), np.nan).ravel()).reshape(z.shape)
        return [
            replace(
                share,
                early=float(self.early.difference[share.topic, share.group]),
                late=float(self.late.difference[share.topic, share.group]),
                change_q=float(q[share.topic, share.group]),
            )
            if enough[share.topic, share.group]
            else share
            for share in shares
        ]


def _by_period(
    periods: Sequence[_Period], names: Sequence[str], added: Sequence[Doubles]
) -> tuple[PeriodShare, ...]:
    """added: for each period (k, g) the variance of the shares by the grouping."""
    found = []
    for one, name, more in zip(periods, names, added, strict=True):
        share, low, high = _share(one.observed, one.total, one.squares, more)
        others = one.papers - one.total
        rest = np.where(others > 0, (one.size[:, None] - one.observed) / np.maximum(others, 1e-12), np.nan)
        found += [
            PeriodShare(
                name,
                t,
                j,
                float(one.observed[t, j]),
                float(one.total[j]),
                *(float(value[t, j]) for value in (share, low, high, rest)),
            )
            for t, j in np.ndindex(one.observed.shape)
        ]
    return tuple(found)


def chi_square(table: Doubles) -> float:
    """Pearson's, of the rows and columns that hold anything. A paper that counts in several groups counts as
    often in the table.
    """
    from scipy import stats

    used = table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0]
    return float(stats.chi2_contingency(used, correction=False).statistic) if min(used.shape) > 1 else 0.0


def strength(chi2: float, chance: float, shape: tuple[int, int], total: float) -> tuple[float, float]:
    """Cramer's V, and V without what chance alone gives (Bergsma 2013).

    chi2, chance: of a table of this shape with this total, and what it is on average where topics are
    permuted; within strata both are of sums over the strata.
    """
    if min(shape) < 2:
        return 0.0, 0.0
    phi2 = chi2 / total
    low = max(phi2 - chance / total, 0.0)
    sides = (side - (side - 1) ** 2 / (total - 1) for side in shape)
    # Sums over strata can exceed what one table allows.
    v, corrected = np.sqrt(phi2 / (min(shape) - 1)), np.sqrt(low / (min(sides) - 1))
    return min(float(v), 1.0), min(float(corrected), 1.0)


def _expected_well(table: Doubles) -> bool:
    """Whether chi-square's own distribution serves (Cochran 1954): 5 expected in most cells, 1 in all."""
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
    enough: Mask = expected >= LEAST_EXPECTED
    return bool(enough.mean() >= 0.8 and expected.min() >= 1)
