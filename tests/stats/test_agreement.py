"""Churn between runs: loops by hand; of one distribution nothing is the placement's, of two something is."""

import itertools

import numpy as np
import pytest

from bilstm_dropout.stats import agreement, metrics


def runs(seed, shift=0.0, seeds=5, n=400, classes=3):
    """Probabilities (S, N, C) of networks that share the examples and differ by chance; shift: of the first class."""
    examples = np.random.default_rng(99).normal(size=(n, classes))
    logits = examples + 0.7 * np.random.default_rng(seed).normal(size=(seeds, n, classes))
    logits[..., 0] += shift
    p = np.exp(logits)
    return p / p.sum(axis=-1, keepdims=True)


def churn(p, q):
    return np.mean(p.argmax(axis=-1) != q.argmax(axis=-1))


def test_they_are_what_loops_give():
    p, q, y = runs(1), runs(2, shift=0.3), np.random.default_rng(0).integers(0, 3, 400)
    pairs = list(itertools.combinations(range(5), 2))
    assert agreement.own_churn(p) == pytest.approx(np.mean([churn(p[a], p[b]) for a, b in pairs]))
    assert agreement.same_seed_churn(p, q) == pytest.approx(np.mean([churn(p[s], q[s]) for s in range(5)]))
    other = np.mean([churn(p[a], q[b]) for a, b in itertools.permutations(range(5), 2)])
    assert agreement.other_seed_churn(p, q) == pytest.approx(other)
    assert agreement.energy_distance(p, q) == pytest.approx(
        other - (agreement.own_churn(p) + agreement.own_churn(q)) / 2
    )
    error = [1 - metrics.accuracy(each, y) for each in p]
    expected = np.mean([churn(p[a], p[b]) / (error[a] + error[b]) for a, b in pairs])
    assert agreement.churn_at_equal_error(p, y) == pytest.approx(expected)


def test_of_one_distribution_the_distance_is_zero_on_average_and_of_two_it_is_not():
    same = [agreement.energy_distance(runs(seed), runs(1000 + seed)) for seed in range(80)]
    error = np.std(same, ddof=1) / np.sqrt(len(same))
    assert abs(np.mean(same)) < 3 * error and min(same) < 0 < max(same)
    differ = [agreement.energy_distance(runs(seed), runs(1000 + seed, shift=1.0)) for seed in range(10)]
    assert min(differ) > max(same)


def test_errors_that_never_coincide_give_one_and_no_errors_give_nothing():
    y = np.zeros(4, int)
    right, wrong = [0.9, 0.1], [0.1, 0.9]
    p = np.array([[wrong, right, right, right], [right, wrong, right, right]])
    assert agreement.churn_at_equal_error(p, y) == 1.0
    assert agreement.churn_at_equal_error(p[:, [0, 0]][:1].repeat(2, axis=0), y[:2]) == 0.0
    assert np.isnan(agreement.churn_at_equal_error(np.full((2, 4, 2), right), y))


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="two seeds"):
        agreement.own_churn(runs(1, seeds=1))
    with pytest.raises(ValueError, match="two seeds"):
        agreement.other_seed_churn(runs(1, seeds=1), runs(2, seeds=1))
    with pytest.raises(ValueError, match="as many seeds"):
        agreement.same_seed_churn(runs(1, seeds=2), runs(2, seeds=3))
