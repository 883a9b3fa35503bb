"""The sample: each year's share, the same however the papers are cut."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from topics.shards.sample import limits, quotas, sampling_keys

CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=50)
YEARS = st.dictionaries(st.integers(0, 2030), st.integers(1, 500), min_size=1, max_size=8)


@CALM
@given(YEARS, st.integers(1, 400))
def test_quotas_are_shares_and_add_up(papers, most):
    found, total = quotas(papers, most), sum(papers.values())
    assert sum(found.values()) == min(most, total)
    for year, number in papers.items():
        assert abs(found[year] - number * min(most, total) / total) < 1
        assert found[year] <= number


@CALM
@given(
    st.lists(st.sampled_from([0, 1999, 2000, 2001]), min_size=1, max_size=60),
    st.integers(1, 70),
    st.integers(1, 9),
)
def test_the_lowest_lots_of_each_year_are_drawn(years, most, cuts):
    years = np.array(years, np.int16)
    keys = sampling_keys(np.arange(len(years), dtype=np.uint64), 42)
    found = limits(zip(np.array_split(keys, cuts), np.array_split(years, cuts), strict=True), most)
    drawn = [row for row, year in enumerate(years.tolist()) if year in found and keys[row] <= found[year]]
    wanted = quotas({year: int((years == year).sum()) for year in set(years.tolist())}, most)
    assert sorted(drawn) == sorted(
        row
        for year, many in wanted.items()
        for row in sorted(np.flatnonzero(years == year).tolist(), key=lambda row: keys[row])[:many]
    )


def test_other_seeds_draw_other_papers():
    texts = np.arange(1000, dtype=np.uint64)
    assert len(set(sampling_keys(texts, 1).tolist())) == 1000
    lowest = [set(np.argsort(sampling_keys(texts, seed))[:100].tolist()) for seed in (1, 2)]
    assert len(lowest[0] & lowest[1]) == pytest.approx(10, abs=9)
