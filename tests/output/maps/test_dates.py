"""Dates as numbers and as a period in words."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from topics.output.maps.dates import date_values, period

days = st.dates().map(str)


def test_partial_dates_lie_in_the_middle():
    values = date_values(["2020", "2020-01", "2020-01-31", "2020-02", ""])
    assert values[0] == 2020.5
    assert values[1] < values[2] < values[3] < values[0]
    assert np.isnan(values[4])


@given(st.lists(days, min_size=2, max_size=2))
def test_order_is_kept(pair):
    first, second = date_values(sorted(pair))
    assert first <= second
    assert int(first) == int(sorted(pair)[0][:4])


@pytest.mark.parametrize(
    ("dates", "words"),
    [
        ([], ""),
        ([""], ""),
        (["2019"], "2019"),
        (["2019", "2007-03", ""], "2007–2019"),
        (["2025-05-01", "2025-03"], "March–May 2025"),
        (["2025-05-01", "2025-05-30"], "May 2025"),
        (["2025", "2025-05-30"], "2025"),
    ],
)
def test_periods(dates, words):
    assert period(dates) == words
