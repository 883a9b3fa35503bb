"""The regression against reference numbers, and its noise against planted noise."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from topics.trends.dispersion import measure_noise, odd_end
from topics.trends.growth import Noise, design_matrix, effect, fit

COUNTS = np.array([[3.0, 5, 4, 9, 8, 14, 19, 22]])
TOTALS = np.array([200.0, 240, 230, 300, 310, 400, 420, 460])
YEARS = np.arange(8.0)
PLAIN = np.column_stack([np.ones(8), YEARS - 3.5])


@pytest.mark.parametrize(
    ("dispersion", "level", "slope", "error"),
    [
        (0.0, -3.5695859112628154, 0.1620591542750533, 0.053752087494989054),
        (0.05, -3.570949614497923, 0.16237097508245377, 0.06594559062103686),
    ],
)
def test_the_fit_is_that_of_statsmodels(dispersion, level, slope, error):
    """GLM of statsmodels 0.14 on the counts with the paper that is lent; dispersion is its alpha."""
    fitted = fit(COUNTS, TOTALS, PLAIN, dispersion)
    assert fitted.coefficients[0] == pytest.approx([level, slope], rel=1e-7)
    assert np.sqrt(fitted.covariance[0, 1, 1]) == pytest.approx(error, rel=1e-6)


@pytest.mark.parametrize(
    ("dispersion", "gain"),
    [(0.0, 10.67581161738481 - 0.833668855962219), (0.05, 7.094642606586146 - 0.5898582034216664)],
)
def test_p_is_that_of_the_likelihood_ratio(dispersion, gain):
    """The deviances are statsmodels' of the same models."""
    from scipy import stats

    noise = Noise(dispersion, np.array([1.7]), np.array([6.0]))
    found = effect(COUNTS, TOTALS, PLAIN, noise)
    assert found.p[0] == pytest.approx(2 * stats.t.sf(np.sqrt(gain / 1.7), 6), rel=1e-6)
    low, high = found.interval(0.95)
    reach = stats.t.ppf(0.975, 6) * found.error[0]
    assert (low[0], high[0]) == pytest.approx((found.estimate[0] - reach, found.estimate[0] + reach))


def test_growth_from_nothing_is_finite_and_certain():
    totals = np.full(8, 1000.0)
    counts = np.array([[0.0, 0, 0, 0, 0, 0, 0, 80]])
    found = effect(counts, totals, PLAIN, Noise(0.0, np.ones(1), np.full(1, 6.0)))
    assert 0 < found.estimate[0] < 20
    assert found.p[0] < 0.001


@given(st.lists(st.integers(0, 40), min_size=8, max_size=8), st.floats(0.1, 50))
def test_only_shares_matter(counts, factor):
    """Twice as many papers in all, twice as many in each topic: the same growth."""
    given_ = np.array([counts], dtype=float) + 1
    one = fit(given_, TOTALS, PLAIN).coefficients[0, 1]
    # What is lent is one paper whatever the totals, so it is lent in proportion here.
    lent = (factor - 1) * TOTALS / TOTALS.sum()
    two = fit(given_ * factor + lent, TOTALS * factor, PLAIN).coefficients[0, 1]
    assert two == pytest.approx(one, abs=1e-6)


def test_odd_and_even_years_are_seasons_from_six_years_on():
    assert design_matrix(np.arange(5.0), np.arange(5) % 2).shape == (5, 2)
    assert design_matrix(np.arange(6.0), np.arange(6) % 2).shape == (6, 3)
    assert design_matrix(np.arange(12) / 4, np.arange(12) % 4).shape == (12, 5)
    assert design_matrix(np.arange(11) / 4, np.arange(11) % 4).shape == (11, 2)


def simulated(topics: int, periods: int, dispersion: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    totals = np.rint(10_000 * 10 ** np.linspace(0, 1, periods))
    share = np.exp(random.normal(0, np.sqrt(np.log1p(dispersion)), (topics, periods))) / (3 * topics)
    return random.poisson(share * totals).astype(float), totals


def test_the_dispersion_is_measured():
    design = design_matrix(np.arange(12.0), np.arange(12) % 2)
    quiet, _ = measure_noise(*simulated(60, 12, 0.0, 1), design)
    loud, _ = measure_noise(*simulated(60, 12, 0.04, 2), design)
    assert quiet.dispersion < 0.001
    assert 0.025 < loud.dispersion < 0.06


@pytest.mark.parametrize("periods", [5, 8, 12])
def test_flat_topics_are_called_moving_about_as_often_as_alpha(periods):
    design = design_matrix(np.arange(float(periods)), np.arange(periods) % 2)
    p = []
    for seed in range(12):
        counts, totals = simulated(40, periods, 0.04, 100 + seed)
        noise, _ = measure_noise(counts, totals, design)
        p.append(effect(counts, totals, design, noise).p)
    share = float((np.concatenate(p) <= 0.05).mean())
    assert 0.01 < share < 0.085


def test_one_wild_topic_does_not_make_the_others_noisy():
    counts, totals = simulated(30, 10, 0.01, 5)
    design = design_matrix(np.arange(10.0), np.arange(10) % 2)
    before, _ = measure_noise(counts, totals, design)
    counts[0, 4:6] *= 8
    after, _ = measure_noise(counts, totals, design)
    assert after.factor[1:] == pytest.approx(before.factor[1:], rel=0.35)
    assert after.dispersion == pytest.approx(before.dispersion, rel=0.3)


def test_one_topic_alone_has_its_own_scatter():
    noise, fitted = measure_noise(COUNTS, TOTALS, PLAIN)
    assert noise.degrees[0] == fitted.degrees
    assert noise.factor[0] >= 1 - COUNTS.sum() / TOTALS.sum()


def test_nothing_left_to_measure_means_counting_noise():
    noise, _ = measure_noise(np.array([[5.0, 9.0]]), np.array([50.0, 60.0]), np.array([[1, -0.5], [1, 0.5]]))
    assert (noise.dispersion, noise.factor[0]) == (0.0, 1.0)


def test_an_end_from_other_sources_stands_out():
    counts, totals = simulated(40, 10, 0.02, 7)
    design = design_matrix(np.arange(10.0), np.arange(10) % 2)
    assert odd_end(counts, totals, design, 0) < 4
    random = np.random.default_rng(0)
    counts[:, 0] = random.permutation(counts[:, 0]) * random.lognormal(0, 1, 40)
    assert odd_end(counts, totals, design, 0) > 4
    assert odd_end(counts, totals, design, -1) < 4
