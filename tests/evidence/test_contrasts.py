"""Shares, tests and intervals of topics in groups, by hand and beside scipy; what a new grouping changes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from tests.trends import made
from topics.errors import InputError
from topics.evidence.contrasts import Strata, chi_square, compare_groups, strength
from topics.evidence.moves import likeness
from topics.evidence.permutations import least_p, permute, stratified_p, worth_testing
from topics.evidence.tallies import GroupTally, members
from topics.evidence.words import log_odds
from topics.types import Regroupings
from topics.types.groups import APART, EVEN, HANGS, LESS, MORE, GroupMembership
from topics.types.trends import TOO_FEW


def membership(weights, fractional=False):
    weights = np.asarray(weights, float)
    names = tuple("ABCDEFG"[: weights.shape[1]])
    return GroupMembership("group", names, weights, weights.sum(axis=1) > 0, fractional)


def one_hot(groups):
    return np.eye(max(groups) + 1)[list(groups)]


def again(topic, *groupings):
    rows = np.arange(len(topic))
    return Regroupings([rows] * len(groupings), list(groupings)) if groupings else Regroupings()


def compared(topic, weights, groupings=(), strata=None, words=None, **more):
    topic = np.asarray(topic)
    counts = made.words(words or [["word"]] * len(topic))
    labels = tuple(f"T{k}" for k in range(topic.max() + 1))
    strata = strata or Strata.one(len(topic))
    regrouped = again(topic, *groupings)
    group = membership(weights, **more)
    return compare_groups(
        made.clustering(topic), counts, labels, regrouped, group, strata, alpha=0.05, random_state=3
    )


def test_figures_of_whole_papers_are_those_of_the_two_by_two_table():
    # 30 of 40 papers of group A, and 15 of 60 of group B, are of topic 0.
    topic = [0] * 30 + [1] * 10 + [0] * 15 + [1] * 45
    found = compared(topic, one_hot([0] * 40 + [1] * 60))
    share = found.at(0, 0)
    assert (share.papers, share.total, share.share, share.rest) == (30, 40, 0.75, 0.25)
    assert share.difference == pytest.approx(0.5)
    assert share.p_counts == pytest.approx(stats.fisher_exact([[30, 10], [15, 45]]).pvalue)
    assert share.odds_ratio == pytest.approx(30.5 * 45.5 / (10.5 * 15.5))
    # Haberman's adjusted residual, with n - 1 where he has n.
    expected = 45 * 40 / 100
    variance = 45 * 55 * 40 * 60 / (100 * 100 * 99)
    assert share.residual == pytest.approx((30 - expected) / variance**0.5)
    assert found.chi2 == pytest.approx(stats.chi2_contingency([[30, 15], [10, 45]], correction=False)[0])
    assert found.table_test == "chi-square"
    assert found.cramers_v == pytest.approx(
        stats.contingency.association(np.array([[30, 15], [10, 45]]), method="cramer")
    )
    assert found.corrected_v < found.cramers_v
    assert share.verdict == MORE
    assert found.at(0, 1).verdict == LESS
    assert found.at(0, 1).difference == pytest.approx(-0.5)
    low, high = share.difference_low, share.difference_high
    assert 0.28 < low < 0.5 < high < 0.66


def test_a_difference_that_only_one_grouping_makes_is_marked():
    rng = np.random.default_rng(0)
    group = one_hot([0] * 100 + [1] * 100)
    topic = np.array([0] * 60 + [1] * 40 + [0] * 30 + [1] * 70)
    firm = compared(topic, group, [topic] * 5)
    assert firm.at(0, 0).verdict == MORE
    assert (firm.at(0, 0).found, firm.at(0, 0).upheld) == (5, 5)
    assert firm.at(0, 0).p == pytest.approx(firm.at(0, 0).p_counts)
    # Groupings in which the papers of group A that made the difference are elsewhere.
    others = []
    for _ in range(5):
        moved = topic.copy()
        moved[:60] = rng.permutation([0] * 30 + [1] * 30)
        others.append(moved)
    loose = compared(topic, group, others)
    assert loose.at(0, 0).verdict == HANGS
    assert loose.at(0, 0).p > 100 * loose.at(0, 0).p_counts
    assert loose.at(0, 0).high - loose.at(0, 0).low > firm.at(0, 0).high - firm.at(0, 0).low
    assert loose.at(0, 0).difference == firm.at(0, 0).difference


def test_likeness_joins_the_parts_of_a_topic_that_was_split():
    topic = np.repeat([0, 1], [6, 4])
    like = likeness(topic, np.array([2, 2, 2, 0, 0, 0, 1, 1, 1, 1]), 2)
    assert like.tolist() == [[1, 0, 1], [0, 1, 0]]


def test_a_topic_that_repetitions_split_moves_nothing_but_is_not_found():
    topic = np.array([0] * 60 + [1] * 40 + [0] * 30 + [1] * 70)
    halves = np.where(topic == 0, np.arange(200) % 3, 3)
    found = compared(topic, one_hot([0] * 100 + [1] * 100), [halves] * 5).at(0, 0)
    assert found.p == found.p_counts
    assert (found.found, found.upheld, found.verdict) == (0, 0, HANGS)
    quarter = np.where(topic == 0, np.arange(200) % 4 == 0, 2)
    assert compared(topic, one_hot([0] * 100 + [1] * 100), [quarter] * 5).at(0, 0).found == 5


def test_a_plain_difference_in_a_small_group_is_tested_however_few_were_to_be_expected():
    topic = [0] * 12 + [1] * 8 + [0] * 4 + [1] * 1976
    found = compared(topic, one_hot([0] * 20 + [1] * 1980)).at(0, 0)
    assert 16 * 20 / 2000 < 1
    assert found.verdict == MORE


def test_pairs_that_can_show_nothing_are_not_said_to_be_even():
    # Three papers of topic 2 in all: no table of them has a p below .2.
    topic = [0] * 20 + [1] * 10 + [0] * 10 + [1] * 17 + [2] * 3
    found = compared(topic, one_hot([0] * 30 + [1] * 30))
    share = found.at(2, 0)
    assert (share.verdict, np.isnan(share.q)) == (TOO_FEW, True)
    # Four pairs are tested, and two of them have this p.
    assert found.at(0, 0).q == pytest.approx(2 * found.at(0, 0).p)


@given(st.integers(2, 12), st.integers(2, 12), st.data())
@settings(max_examples=40, deadline=None)
def test_the_least_p_is_that_of_the_most_extreme_table(size, group, data):
    n = data.draw(st.integers(max(size, group) + 1, 30))
    topic, group_of = np.arange(n) >= size, np.arange(n) < group
    found = least_p(topic.astype(np.int32), one_hot(np.where(group_of, 0, 1)), np.zeros(n, int), 2)
    tables = [
        [[a, size - a], [group - a, n - size - group + a]]
        for a in range(max(0, size + group - n), min(size, group) + 1)
    ]
    smallest = min(stats.fisher_exact(table).pvalue for table in tables)
    assert found[0, 0] == pytest.approx(smallest)
    assert found[1, 0] == pytest.approx(smallest)


def test_the_least_p_of_divided_papers_and_of_strata():
    # The two papers that are wholly in the group, of six; or two of the three that are not in it at all.
    weights = np.array([[1.0], [1.0], [0.5], [0.0], [0.0], [0.0]])
    topic = np.array([0, 1, 1, 0, 1, 1], np.int32)
    assert least_p(topic, weights, np.zeros(6, int), 2)[0, 0] == pytest.approx(1 / 15)
    # One of three in each stratum, as likely as the other end of the scale in the second.
    strata = np.array([0, 1, 0, 1, 1, 0])
    assert least_p(topic, weights, strata, 2)[0, 0] == pytest.approx(1 / 9)


def test_tarones_choice():
    """His rule: the smallest m for which no more than m pairs can reach alpha / m."""
    least = np.array([[0.001, 0.012, 0.02], [0.03, 0.2, 1.0]])
    assert worth_testing(least, 0.05).tolist() == [[True, True, False], [False] * 3]
    assert not worth_testing(np.full((2, 2), 0.3), 0.05).any()


def test_groups_of_different_periods_are_not_compared():
    topic, group, period = [0, 1] * 60, [0] * 60 + [1] * 60, [0] * 60 + [1] * 60
    years = Strata("year", ("2020", "2021"), np.array(period, np.int32))
    with pytest.raises(InputError, match="no year holds papers of two values of group, so nothing can be"):
        compared(topic, one_hot(group), strata=years)
    # A third group of both years is compared with either; ten papers of the first are in its year's company.
    group, period = [0] * 60 + [1] * 60 + [2] * 60, [0] * 60 + [1] * 60 + [2] * 50 + [1] * 10
    years = Strata("year", ("2020", "2021", "2022"), np.array(period, np.int32))
    found = compared([0, 1] * 90, one_hot(group), strata=years)
    assert [found.at(0, j).verdict for j in range(3)] == [APART, EVEN, EVEN]
    assert np.isnan([found.at(0, 0).difference, found.at(0, 0).odds_ratio, found.at(0, 0).q]).all()
    assert found.notes == (
        "Of 60 papers of A, 0 are from a year that has papers of other values; it is not compared.",
        "Of 60 papers of C, 10 are from a year that has papers of other values; the comparison rests on "
        "these.",
    )


def test_the_whole_table_is_compared_within_periods_as_its_pairs_are():
    # As in the first test of periods: what looks like an association is time's.
    topic, group, period = [], [], []
    for when, which, of_zero, of_one in ((0, 0, 60, 20), (0, 1, 15, 5), (1, 0, 5, 15), (1, 1, 20, 60)):
        topic += [0] * of_zero + [1] * of_one
        group += [which] * (of_zero + of_one)
        period += [when] * (of_zero + of_one)
    crude = compared(topic, one_hot(group))
    years = Strata("year", ("2020", "2021"), np.array(period, np.int32))
    within = compared(topic, one_hot(group), strata=years)
    assert crude.cramers_v > 0.29
    assert (within.chi2, within.cramers_v, within.corrected_v) == (pytest.approx(0, abs=1e-9),) * 3
    assert within.table_p == 1
    assert within.table_test == "9,999 random permutations within each year"
    one = compared(topic, one_hot(group), strata=Strata("year", ("2020",), np.zeros(200, np.int32)))
    assert one.cramers_v == pytest.approx(crude.cramers_v)
    assert one.corrected_v == pytest.approx(crude.corrected_v, abs=0.01)


def test_what_the_grouping_moves_is_added_as_it_is_to_lopsided_shares_and_to_each_period():
    rng = np.random.default_rng(1)
    topic = np.array([0] * 90 + [1] * 10 + [0] * 20 + [1] * 280)
    group, period = one_hot([0] * 100 + [1] * 300), np.arange(400, dtype=np.int32) % 2
    years = Strata("year", ("2020", "2021"), period)
    # In each repetition other papers of the group's odd year have left the topic.
    again_ = []
    for _ in range(5):
        moved = topic.copy()
        moved[rng.choice(np.flatnonzero((topic == 0) & (np.arange(400) < 100) & (period == 1)), 30)] = 1
        again_.append(moved)
    plain, firm = (
        compared(topic, group, [one] * 5 if at == 0 else one) for at, one in enumerate((topic, again_))
    )
    for one, other in ((plain.at(0, 0), firm.at(0, 0)),):
        added = other.difference - other.difference_low, one.difference - one.difference_low
        grouping = np.sqrt(added[0] ** 2 - added[1] ** 2)
        # Some 25 of 100 papers less: .25 of the group's share, and a tail for five repetitions.
        assert 0.3 < grouping < 0.7
        assert 0 <= other.low < one.low < one.share < one.high <= other.high <= 1
    found = compared(topic, group, again_, strata=years)
    even, odd = (
        {(one.period, one.topic, one.group): one for one in found.periods}[year, 0, 0] for year in years.names
    )
    assert odd.share - odd.low > 3 * (even.share - even.low)


def test_a_group_that_only_came_later_is_not_taken_for_different():
    # In both periods the share of topic 0 is the same in both groups; it fell while group B grew.
    topic, group, period = [], [], []
    for when, which, of_zero, of_one in ((0, 0, 60, 20), (0, 1, 15, 5), (1, 0, 5, 15), (1, 1, 20, 60)):
        topic += [0] * of_zero + [1] * of_one
        group += [which] * (of_zero + of_one)
        period += [when] * (of_zero + of_one)
    crude = compared(topic, one_hot(group))
    within = compared(
        topic, one_hot(group), strata=Strata("year", ("2020", "2021"), np.array(period, np.int32))
    )
    assert crude.at(0, 0).verdict == MORE
    assert within.at(0, 0).verdict == EVEN
    assert within.at(0, 0).difference == pytest.approx(0)
    assert within.at(0, 0).odds_ratio == pytest.approx(1, abs=0.03)
    shares = {(one.period, one.group): one.share for one in within.periods if one.topic == 0}
    assert shares == {("2020", 0): 0.75, ("2020", 1): 0.75, ("2021", 0): 0.25, ("2021", 1): 0.25}
    assert (within.at(0, 0).early, within.at(0, 0).late) == pytest.approx((0, 0))


def test_a_difference_that_turns_round_is_seen():
    topic, group, period = [], [], []
    for when, which, of_zero, of_one in ((0, 0, 40, 10), (0, 1, 10, 40), (1, 0, 10, 40), (1, 1, 40, 10)):
        topic += [0] * of_zero + [1] * of_one
        group += [which] * 50
        period += [when] * 50
    found = compared(topic, one_hot(group), strata=Strata("year", ("a", "b"), np.array(period, np.int32)))
    share = found.at(0, 0)
    assert share.verdict == EVEN
    assert (share.early, share.late) == (pytest.approx(0.6), pytest.approx(-0.6))
    assert share.change_q < 0.001


def test_within_one_stratum_the_exact_test_is_fishers():
    table = np.array([[7.0], [3.0]])
    p = stratified_p(
        table, np.zeros((2, 1)), np.ones((2, 1)), [(40, np.array([10.0, 30.0]), np.array([10.0]), table)]
    )
    assert p[0, 0] == pytest.approx(stats.fisher_exact([[7, 3], [3, 27]]).pvalue)


def test_random_permutations_of_whole_papers_give_fishers_p():
    topic = np.array([0] * 8 + [1] * 4 + [0] * 6 + [1] * 22)
    found = permute(topic, one_hot([0] * 12 + [1] * 28), np.zeros(40, int), 2, 1)
    assert found.n_permutations == 9999
    exact = stats.fisher_exact([[8, 4], [6, 22]]).pvalue
    assert found.p[0, 0] == pytest.approx(exact, rel=0.25)
    assert found.table_p == pytest.approx(exact, rel=0.25)


def test_divided_papers_are_tested_by_permutations_and_halves_cancel():
    rng = np.random.default_rng(5)
    topic = np.array([0] * 60 + [1] * 60)
    weights = np.full((120, 2), 0.5)
    weights[:50] = np.where(rng.random(50)[:, None] < 0.9, [1.0, 0.0], [0.5, 0.5])
    found = compared(topic, weights, fractional=True)
    assert found.table_test == "9,999 random permutations"
    assert found.at(0, 0).verdict == MORE
    assert found.at(0, 0).p_counts < 1e-4
    even = compared(topic, np.full((120, 2), 0.5), fractional=True)
    assert (even.at(0, 0).verdict, even.at(0, 0).share) == (APART, 0.5)


@given(
    st.integers(2, 4),
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2), st.integers(0, 2)), min_size=12, max_size=60),
)
@settings(max_examples=40, deadline=None)
def test_intervals_hold_their_figures_and_tallies_add_up(k, papers):
    topic = np.array([*range(k), *(t % k for t, _, _ in papers)])
    topic = np.unique(topic, return_inverse=True)[1]
    group = one_hot([*([0, 1, 2] * 2)[: len(topic) - len(papers)], *(g for _, g, _ in papers)])
    stratum = np.array([0] * (len(topic) - len(papers)) + [s for _, _, s in papers])
    tally = GroupTally.of(members(topic, k), group, stratum)
    assert tally.observed.sum() == pytest.approx(tally.expected.sum()) == pytest.approx(len(topic))
    if group.sum(axis=0).min() == 0:
        return
    for share in compared(topic, group).shares:
        assert 0 <= share.low <= share.share <= share.high <= 1
        assert share.difference_low <= share.difference <= share.difference_high
        assert 0 <= share.p_counts <= share.p <= 1
        assert share.odds_low <= share.odds_ratio <= share.odds_high


def test_words_that_set_a_group_apart_are_those_of_monroe():
    topic = [0] * 60 + [1] * 40
    group = one_hot(([0] * 30 + [1] * 30) + [0] * 20 + [1] * 20)
    words = [["model", "graph"] if row < 28 else ["model"] for row in range(60)] + [["model"]] * 40
    found = compared(topic, group, words=words)
    assert found.at(0, 0).words == ("graph",)
    assert found.at(0, 1).words == found.at(1, 0).words == ()
    (word,) = found.words
    assert (word.topic, word.group, word.inside, word.outside) == (0, 0, pytest.approx(28 / 30), 0)
    prior = 10 * 28 / 60
    odds = np.log((28 + prior) / (2 + 10 - prior)) - np.log(prior / (30 + 10 - prior))
    inside = 1 / (28 + prior) + 1 / (2 + 10 - prior)
    outside = 1 / prior + 1 / (30 + 10 - prior)
    assert word.z == pytest.approx(odds / np.sqrt(inside + outside))


def test_words_that_repetitions_do_not_uphold_are_left_out():
    topic = np.array([0] * 60 + [1] * 40)
    group = one_hot(([0] * 30 + [1] * 30) + [0] * 20 + [1] * 20)
    words = [["model", "graph"] if row < 18 else ["model"] for row in range(60)] + [["model"]] * 40
    # The papers that say it are elsewhere there.
    other = np.where(np.arange(100) < 18, 1, topic)
    for again_, many in (([topic] * 5, 1), ([other] * 5, 0), ([topic, topic, topic, other, other], 1)):
        assert len(compared(topic, group, again_, words=words).words) == many


@pytest.mark.parametrize("share", [0.05, 0.3, 0.8, 0.95, 1.0])
def test_words_that_groups_use_alike_are_rarely_called_theirs(share):
    generator = np.random.default_rng(3)
    draws = generator.binomial(100, share, (2, 4000)).astype(float)
    z = log_odds(draws[0], draws[1], 100, 100)
    assert (np.abs(z) > 1.96).mean() <= 0.05
    alone = log_odds(np.array([100.0]), np.array([20.0]), 100, 20)
    assert abs(alone[0]) < 0.01


def test_a_table_in_which_papers_count_several_times_has_no_more_than_all_association():
    chi2 = chi_square(np.array([[40.0, 0.0], [0.0, 40.0]]))
    assert chi2 == pytest.approx(80)
    assert strength(chi2, 1.0, (2, 2), 80.0)[0] == pytest.approx(1)


def test_an_empty_topic_and_a_table_of_nothing_much_are_no_stumbling_block():
    group = np.vstack([one_hot([0] * 10 + [1] * 10), np.zeros((5, 2))])
    found = compared([0] * 10 + [1] * 10 + [2] * 5, group)
    assert found.papers == 20
    assert all(np.isnan(found.at(2, j).q) for j in range(2))
    assert found.at(2, 0).verdict == TOO_FEW
    assert found.at(2, 0).share == 0


def test_a_value_that_all_papers_have_and_a_single_topic_are_no_stumbling_block():
    weights = np.column_stack([np.ones(40), [1] * 20 + [0] * 20])
    found = compared([0] * 25 + [1] * 15, weights)
    assert [found.at(t, 0).verdict for t in range(2)] == [APART, APART]
    assert all(np.isnan(found.at(t, 0).q) for t in range(2))
    assert found.at(0, 1).verdict == MORE
    assert all(np.isfinite(one.low) for one in found.shares)
    alone = compared([0] * 20, one_hot([0] * 10 + [1] * 10))
    assert (alone.cramers_v, alone.at(0, 0).verdict) == (0, APART)


def test_strength_without_association_is_nothing_once_chance_is_taken_off():
    chi2 = chi_square(np.array([[20.0, 20.0], [30.0, 30.0]]))
    assert (chi2, *strength(chi2, 100 / 99, (2, 2), 100.0)) == (0, 0, 0)
