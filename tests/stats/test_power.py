"""Power: simulations against closed forms, and the test itself rejecting as often as was said."""

import math

import numpy as np
import pytest
from scipy import integrate, stats

from bilstm_dropout.stats import power
from bilstm_dropout.stats.tests import sign_flip_p


def generator(seed=0):
    return np.random.default_rng(seed)


def exact_t_power(n, effect, alpha):
    """The two-sided t test's power from the noncentral t distribution."""
    edge = stats.t.ppf(1 - alpha / 2, n - 1)
    shift = effect * math.sqrt(n)
    return stats.nct.sf(edge, n - 1, shift) + np.nan_to_num(stats.nct.cdf(-edge, n - 1, shift))


def exact_equivalence_power(n, margin, spread, difference):
    """The integral over the estimated spread of the chance that the mean lies inside what it leaves."""

    def inside(chi):
        room = (margin - stats.t.ppf(0.95, n - 1) * spread * chi / math.sqrt((n - 1) * n)) * math.sqrt(n) / spread
        shift = difference * math.sqrt(n) / spread
        chance = stats.norm.cdf(room - shift) - stats.norm.cdf(-room - shift) if room > 0 else 0.0
        return chance * stats.chi.pdf(chi, n - 1)

    return integrate.quad(inside, 0, 4 * math.sqrt(n), limit=200)[0]


def test_pooled_spread():
    groups = [[1.0, 3.0], [10.0, 10.0, 13.0], [7.0]]
    assert power.pooled_spread(groups) == (pytest.approx(math.sqrt((2 + 6) / 3)), 3)
    found, freedom = power.pooled_spread([[1.0], []])
    assert math.isnan(found) and freedom == 0


@pytest.mark.parametrize(("n", "effect"), [(10, 0.9), (40, 0.45)])
def test_sign_flip_power_is_near_that_of_t(n, effect):
    found, error = power.sign_flip_power(n, effect, 1.0, generator(), simulations=2_000)
    assert 0 < error < 0.02
    assert abs(found - exact_t_power(n, effect, 0.05)) < 4 * error + 0.02


def test_sign_flip_power_is_how_often_the_test_rejects():
    rng = generator(3)
    rejected = np.mean([sign_flip_p(rng.normal(0.8, 1, size=9), rng) < 0.05 for _ in range(1_500)])
    found, error = power.sign_flip_power(9, 0.8, 1.0, generator(), simulations=1_500)
    assert abs(found - rejected) < 4.5 * error


def test_five_pairs_can_never_reject():
    assert power.sign_flip_power(5, 10.0, 1.0, generator(), simulations=200) == (0.0, 0.0)
    assert power.sign_flip_power(6, 10.0, 1.0, generator(), simulations=200)[0] == 1.0


@pytest.mark.parametrize(("n", "margin", "difference"), [(20, 0.02, 0.0), (40, 0.01, 0.0), (40, 0.02, 0.01)])
def test_equivalence_power_against_an_integral(n, margin, difference):
    found, error = power.equivalence_power(n, margin, 0.03, generator(), difference=difference)
    assert abs(found - exact_equivalence_power(n, margin, 0.03, difference)) < 4 * error + 1e-6


@pytest.mark.parametrize("spread", [0.0, math.nan])
def test_what_is_not_above_0_is_refused(spread):
    with pytest.raises(ValueError, match="above 0"):
        power.difference_found(12, spread)


@pytest.mark.parametrize(("n", "alpha"), [(2, 0.05), (6, 0.05), (40, 0.05 / 16)])
def test_the_difference_found_has_the_power(n, alpha):
    difference = power.difference_found(n, 0.03, alpha=alpha)
    assert exact_t_power(n, difference / 0.03, alpha) == pytest.approx(0.8, abs=1e-4)
