"""The jackknife over seeds: where the answer is known, and what it covers."""

import numpy as np
import pytest

from bilstm_dropout.stats import agreement
from bilstm_dropout.stats.components import components
from bilstm_dropout.stats.crossed import crossed
from bilstm_dropout.stats.intervals import mean_interval
from bilstm_dropout.stats.jackknife import over_both, over_examples, over_seeds, wider


def test_of_a_mean_it_is_the_t_interval():
    values = np.random.default_rng(0).normal(size=7)
    found = over_seeds(np.mean, values)
    assert (found.mean, found.low, found.high) == pytest.approx(mean_interval(values))
    assert over_examples(values) == pytest.approx(found)


def test_seeds_that_all_say_the_same_have_no_spread():
    p = np.repeat(np.random.default_rng(1).dirichlet([1, 1], size=(1, 30)), 4, axis=0)
    assert over_seeds(lambda p: agreement.own_churn(p).mean(), p) == pytest.approx((0, 0, 3, 4))


def test_it_covers_churn_between_seeds_of_different_quality():
    # A seed has a share of errors of its own, on examples of its own.
    generator, true, covered = np.random.default_rng(2), [], []
    for _ in range(300):
        errors = generator.random((6, 200)) < generator.uniform(0, 0.3, size=(6, 1))
        found = over_seeds(lambda p: agreement.own_churn(p).mean(), np.eye(2)[errors.astype(int)])
        true.append(found.mean)
        covered.append((found.low, found.high))
    low, high = np.transpose(covered)
    assert 0.90 <= np.mean((low <= np.mean(true)) & (np.mean(true) <= high)) <= 0.995


def crossed_values(generator, rows=1.0, seeds=0.5, both=0.3):
    """Numbers (5, 8) of mean 0 with these standard deviations."""
    values = generator.normal(0, rows, (5, 1)) + generator.normal(0, seeds, (1, 8))
    return values + generator.normal(0, both, (5, 8))


def test_of_a_mean_over_two_crossed_axes_it_holds_the_rest_once_more_than_the_mean_squares_do():
    values = crossed_values(np.random.default_rng(3), seeds=1.0)
    by_row, by_seed = values.mean(axis=1), values.mean(axis=0)
    rest = np.sum((values - by_row[:, None] - by_seed + values.mean()) ** 2) / 28
    found = over_both(np.mean, values)
    assert found.mean == pytest.approx(values.mean())
    assert found.variance == pytest.approx(crossed(values).variance + rest / 40)
    assert over_both(np.mean, np.ones((3, 3))) == pytest.approx((1, 0, 2, 3))


def test_over_both_covers_a_variance_between_samples_of_the_rows():
    # Many examples move with five samples of rows, each by an amount of its own, as probabilities do.
    generator, covered = np.random.default_rng(4), []
    for _ in range(200):
        p = np.stack([crossed_values(generator, 0.2, 0.1, 0.1) for _ in range(30)], axis=-1)[..., None]
        found = over_both(lambda p: components(p).rows.mean(), p)
        covered.append(found.low <= 0.04 <= found.high)
    assert 0.90 <= np.mean(covered) <= 0.99


def test_over_both_refuses_stacks_that_do_not_fit():
    with pytest.raises(ValueError, match="first two axes"):
        over_both(lambda a, b: 0.0, np.ones((3, 4)), np.ones((4, 3)))
    with pytest.raises(ValueError, match="three or more"):
        over_both(np.mean, np.ones((2, 4)))


def test_the_wider_interval_decides():
    narrow, wide = over_examples(np.arange(9.0)), over_examples(np.arange(4.0) * 3)
    assert wider(narrow, wide) is wide and wider(wide, narrow) is wide


def test_too_few_seeds_are_refused():
    with pytest.raises(ValueError, match="three"):
        over_seeds(np.mean, np.ones(2))
    with pytest.raises(ValueError, match="same seeds"):
        over_seeds(lambda a, b: 0, np.ones(4), np.ones(3))
    with pytest.raises(ValueError, match="examples"):
        over_examples([1.0])
