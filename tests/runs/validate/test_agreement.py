"""Agreement between coders, against published worked examples."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from topics.runs.validate.agreement import MISSING, alpha, kappa

# K. Krippendorff (2011), "Computing Krippendorff's Alpha-Reliability", section C: four observers, twelve
# units, five categories. He reports .743 for nominal data and .815 for ordinal.
OBSERVERS = """
1 2 3 3 2 1 4 1 2 . . .
1 2 3 3 2 2 4 1 2 5 . 3
. 3 3 3 2 3 4 2 2 5 1 .
1 2 3 3 2 4 4 1 2 5 1 .
"""


READERS = """
0 0 1 1 3 2 2 2 4 3 3 0
1 0 1 1 1 2 2 2 4 3 3 3
"""


def table(text):
    lines = [line.split() for line in text.strip().splitlines()]
    return np.array([[MISSING if cell == "." else int(cell) for cell in line] for line in lines])


def test_alpha_is_the_published_one():
    assert alpha(table(OBSERVERS)) == pytest.approx(0.743, abs=5e-4)
    assert alpha(table(OBSERVERS), ordered=True) == pytest.approx(0.815, abs=5e-4)


def test_alpha_of_two_observers_without_missing_answers_is_the_published_one():
    """The same paper, section B: two observers, twelve units a to d as 0 to 3, alpha .692."""
    assert alpha(table(READERS)) == pytest.approx(0.692, abs=5e-4)


def test_kappa_is_the_one_of_the_textbook():
    """Fifty proposals, 20 accepted and 15 refused by both readers, 5 and 10 by one only: (.7 - .5) / .5."""
    one = np.repeat([1, 0, 1, 0], [20, 15, 5, 10])
    other = np.repeat([1, 0, 0, 1], [20, 15, 5, 10])
    assert kappa(np.stack([one, other])) == pytest.approx(0.4)


def test_near_misses_count_less_where_answers_have_an_order():
    one, near, far = np.array([0, 0, 1, 2, 2, 1]), np.array([0, 1, 1, 2, 1, 1]), np.array([0, 2, 1, 2, 0, 1])
    for measure in (kappa, alpha):
        assert measure(np.stack([one, near]), ordered=True) > measure(np.stack([one, far]), ordered=True)


def test_what_cannot_be_measured_is_none():
    same = np.array([[1, 1, 1], [1, 1, 1]])
    alone = np.array([[0, 1, 2]])
    apart = np.array([[0, 1, MISSING, MISSING], [MISSING, MISSING, 1, 0]])
    for measure in (kappa, alpha):
        assert [measure(answers) for answers in (same, alone, apart)] == [None, None, None]
    assert alpha(np.zeros((0, 4), np.int64)) is None


@given(st.integers(0, 2**32 - 1), st.booleans())
def test_neither_the_order_of_coders_nor_of_questions_matters(seed, ordered):
    generator = np.random.default_rng(seed)
    answers = generator.integers(-1, 3, (4, 15))
    found = alpha(answers, ordered=ordered)
    mixed = answers[generator.permutation(4)][:, generator.permutation(15)]
    again = alpha(mixed, ordered=ordered)
    assert (found is None) == (again is None)
    assert found is None or (found == pytest.approx(again) and found <= 1 + 1e-12)
