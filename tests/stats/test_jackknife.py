"""The jackknife over seeds: where the answer is known, and what it covers."""

import numpy as np
import pytest

from bilstm_dropout.stats import agreement
from bilstm_dropout.stats.intervals import mean_interval
from bilstm_dropout.stats.jackknife import over_examples, over_seeds, wider


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
