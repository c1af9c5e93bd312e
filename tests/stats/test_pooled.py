"""Calibration errors of several sets: runs are averaged before the root, sets after it."""

import numpy as np
import pytest

from bilstm_dropout.stats import reliability
from bilstm_dropout.stats.calibration import scaled
from bilstm_dropout.stats.pooled import pooled_difference, pooled_error


def test_runs_are_averaged_before_the_root_and_sets_after_it():
    first, second = [[0.05, -0.01]], [[-0.09, -0.09], [-0.09, -0.09]]
    assert pooled_error([first]) == pytest.approx(0.02**0.5) and pooled_error([second]) == pytest.approx(-0.3)
    assert pooled_error([first, second]) == pytest.approx((0.02**0.5 - 0.3) / 2)


def runs(sharpness, seed, n=500):
    """Squared errors (3, 6) of networks that know the posterior, made surer by a factor."""
    generator = np.random.default_rng(seed)
    p = 1 / (1 + np.exp(-1.5 * generator.normal(size=(3, 6, n))))
    y = (generator.random((3, 6, n)) < p).astype(int)
    both = scaled(np.stack([1 - p, p], axis=-1), 1 / sharpness)
    return np.array([[reliability.calibration_error_squared(both[s, f], y[s, f]) for f in range(6)] for s in range(3)])


def test_what_is_planted_is_found_and_two_that_know_the_posterior_do_not_differ():
    generator = np.random.default_rng(0)
    right, again, sure = ([runs(sharpness, seed) for seed in seeds]
                          for sharpness, seeds in ((1, (1, 2)), (1, (3, 4)), (3, (1, 2))))  # fmt: skip
    worse, alike = (pooled_difference(each, right, generator) for each in (sure, again))
    assert worse.low > 0.05 and worse.mean == pytest.approx(pooled_error(sure) - pooled_error(right))
    assert alike.low < 0 < alike.high and worse.n == 36
    same = pooled_difference(right, right, generator)
    assert same[:3] == (0, 0, 0)


def test_shapes_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="one shape"):
        pooled_difference([np.zeros((2, 3))], [np.zeros((2, 4))], np.random.default_rng(0))
    with pytest.raises(ValueError, match="two folds"):
        pooled_difference([np.zeros((2, 1))], [np.zeros((2, 1))], np.random.default_rng(0))
