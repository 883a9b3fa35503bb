"""Sums of shards are those of all papers at once, however they are cut and in whatever order they come."""

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from topics.shards.count import Tally, total

ROWS, TERMS = 3, 4
PAPERS = st.lists(
    st.tuples(st.integers(0, ROWS - 1), st.lists(st.integers(0, 3), min_size=TERMS, max_size=TERMS)),
    max_size=12,
)

CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=50)


def tally(papers):
    row = np.array([row for row, _ in papers], np.int32)
    used = np.array([words for _, words in papers], np.int64).reshape(len(papers), TERMS)
    return Tally.of(row, sp.csr_matrix(used), ROWS)


def plain(found):
    return found.papers.tolist(), found.uses.toarray().tolist(), found.users.toarray().tolist()


def by_hand(papers):
    sums = [[0] * ROWS, [[0] * TERMS for _ in range(ROWS)], [[0] * TERMS for _ in range(ROWS)]]
    for row, words in papers:
        sums[0][row] += 1
        for column, times in enumerate(words):
            sums[1][row][column] += times
            sums[2][row][column] += times > 0
    return tuple(sums)


@CALM
@given(st.lists(PAPERS, min_size=1, max_size=6), st.randoms())
def test_the_sum_of_shards_is_that_of_their_papers(shards, random):
    papers = [paper for shard in shards for paper in shard]
    assert plain(total(map(tally, shards))) == by_hand(papers) == plain(tally(papers))
    random.shuffle(shards)
    assert plain(total(map(tally, shards))) == by_hand(papers)


@CALM
@given(PAPERS, PAPERS, PAPERS)
def test_adding_is_associative_and_commutative_to_the_last_byte(one, two, three):
    a, b, c = tally(one), tally(two), tally(three)
    for first, second in ((a + (b + c), (a + b) + c), (a + b, b + a)):
        assert plain(first) == plain(second)
        for name in ("uses", "users"):
            for part in ("data", "indices", "indptr"):
                left, right = (getattr(getattr(found, name), part) for found in (first, second))
                np.testing.assert_array_equal(left, right)


@pytest.mark.parametrize("many", [1, 2, 3, 7, 8, 100])
def test_total_adds_each_part_once_and_in_order(many):
    assert total([str(number)] for number in range(many)) == [str(number) for number in range(many)]


def test_a_tally_has_as_many_rows_of_everything():
    with pytest.raises(ValueError, match="as many rows"):
        Tally(np.zeros(2, np.int64), sp.csr_matrix((3, 1)), sp.csr_matrix((3, 1)))
