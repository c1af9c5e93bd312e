"""Intervals: what they must cover in simulation, and the same numbers from plain loops."""

import math

import numpy as np
import pytest
from scipy import stats

from bilstm_dropout.stats.intervals import bootstrap_interval, mean_interval


def generator(seed=0):
    return np.random.default_rng(seed)


def coverage(interval, draw, simulations, seed=5, true=0.3):
    rng = generator(seed)
    edges = [interval(draw(rng), rng)[1:] for _ in range(simulations)]
    return np.mean([low <= true <= high for low, high in edges])


def test_bca_by_hand():
    """Efron's bias and acceleration from loops of our own, on the same kind of resamples."""
    values = generator(2).exponential(size=30)
    means = np.sort([np.mean(generator([9, k]).choice(values, 30)) for k in range(9_999)])
    bias = stats.norm.ppf(np.mean(means < values.mean()))
    left_out = np.array([np.mean(np.delete(values, k)) for k in range(30)])
    away = left_out.mean() - left_out
    acceleration = np.sum(away**3) / (6 * np.sum(away**2) ** 1.5)
    expected = []
    for z in stats.norm.ppf([0.025, 0.975]):
        share = stats.norm.cdf(bias + (bias + z) / (1 - acceleration * (bias + z)))
        expected.append(np.quantile(means, share))
    mean, low, high = bootstrap_interval(values, generator())
    assert mean == pytest.approx(values.mean())
    assert (low, high) == pytest.approx(expected, abs=0.02)
    plain = np.quantile(means, [0.025, 0.975])
    assert low > plain[0] and high > plain[1] + 0.01  # skewed to the right, which plain percentiles ignore


def test_bca_covers_a_skewed_mean():
    covered = coverage(
        lambda x, rng: bootstrap_interval(x, rng, resamples=999), lambda rng: rng.gamma(2, 0.15, size=40), 400
    )
    assert 0.90 <= covered <= 0.98


def test_no_spread_and_too_few():
    for interval in (lambda x: bootstrap_interval(x, generator()), mean_interval):
        assert interval(np.full(12, 0.1)) == pytest.approx((0.1, 0.1, 0.1))
        mean, low, high = interval([2.0])
        assert mean == 2 and math.isnan(low) and math.isnan(high)
        assert all(math.isnan(value) for value in interval([]))
