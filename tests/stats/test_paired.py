"""Intervals, tests and verdicts: known cases, the size of the test and the coverage of the intervals."""

import itertools
import math
import warnings

import numpy as np
import pytest
from scipy import stats

from bilstm_dropout.stats.paired import Difference, mean_interval, paired_difference, sign_flip_p, verdict


@pytest.fixture(autouse=True)
def warnings_are_errors():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def generator(seed=0):
    return np.random.default_rng(seed)


def test_interval_is_students_for_few_pairs():
    a, b = np.array([1.0, 2.0, 4.0, 4.5, 5.0]), np.zeros(5)
    difference = paired_difference(a, b, generator())
    expected = stats.ttest_1samp(a, 0).confidence_interval(0.95)
    assert (difference.low, difference.high) == pytest.approx((expected.low, expected.high))
    assert (difference.mean, difference.n) == (pytest.approx(3.3), 5)


def test_sign_flip_p_counts_sign_patterns():
    differences = np.array([0.3, 1.1, -0.2, 0.8, 0.5, 0.9, -0.4])
    means = [abs(np.mean(differences * signs)) for signs in itertools.product((-1, 1), repeat=7)]
    expected = np.mean(np.asarray(means) >= abs(differences.mean()) - 1e-12)
    assert sign_flip_p(differences, generator()) == pytest.approx(expected)


@pytest.mark.parametrize("n", [2, 3, 5, 6, 9, 13])
def test_least_p_is_two_in_two_to_the_n(n):
    differences = np.linspace(1, 2, n)
    assert sign_flip_p(differences, generator()) == pytest.approx(2 / 2**n)


def test_same_generator_same_interval():
    a, b = generator(1).normal(size=(2, 20))
    assert paired_difference(a, b, generator(3)) == paired_difference(a, b, generator(3))


def test_no_and_one_pair_give_no_interval():
    none, one = paired_difference([], [], generator()), paired_difference([2.0], [1.5], generator())
    assert none.n == 0 and math.isnan(none.mean)
    assert one.mean == 0.5 and all(math.isnan(value) for value in (one.low, one.high, one.p))
    assert verdict(none) == verdict(one) == "unclear"


@pytest.mark.parametrize("n", [2, 6, 12])
@pytest.mark.parametrize(("value", "expected"), [(0.0, "unclear"), (0.1, "higher"), (-0.1, "lower")])
def test_equal_differences_need_no_spread(n, value, expected):
    difference = paired_difference(np.full(n, value) + 0.7, np.full(n, 0.7), generator())
    assert difference.low == difference.high == difference.mean == pytest.approx(value)
    assert verdict(difference) == (expected if n >= 6 else "unclear")


def test_diverged_pairs_are_left_out():
    difference = paired_difference([1.0, np.nan, 3.0, np.inf], [0.0, 1.0, 1.0, 1.0], generator())
    assert (difference.mean, difference.n) == (1.5, 2)


def test_pairs_of_unequal_length_are_refused():
    with pytest.raises(ValueError, match="one length"):
        paired_difference([1.0, 2.0], [1.0], generator())


@pytest.mark.parametrize(
    ("difference", "expected"),
    [
        (Difference(-1, -2, -0.5, 0.03, 6), "lower"),
        (Difference(1, 0.5, 2, 0.03, 6), "higher"),
        (Difference(-1, -2, -0.5, 0.0625, 5), "unclear"),
        (Difference(-1, -2, -0.5, 0.001, 5), "unclear"),
        (Difference(-1, -2, -0.5, 0.05, 8), "unclear"),
        (Difference(-1, -2, 0.1, 0.01, 8), "unclear"),
        (Difference(-1, math.nan, math.nan, math.nan, 1), "unclear"),
    ],
)
def test_verdict_needs_pairs_p_and_interval(difference, expected):
    assert verdict(difference) == expected


def test_size_of_the_sign_flip_test():
    rng = generator(7)
    rejected = [sign_flip_p(rng.normal(size=8), rng) < 0.05 for _ in range(600)]
    # p takes steps of 1/128, so the exact size is 6/128 = .047; three standard errors about it
    assert abs(np.mean(rejected) - 6 / 128) < 3 * np.sqrt(0.047 * 0.953 / 600)


@pytest.mark.parametrize(("n", "simulations", "least"), [(6, 200, 0.92), (25, 80, 0.86)])
def test_intervals_cover_the_mean(n, simulations, least):
    rng = generator(11)
    hits = []
    for _ in range(simulations):
        difference = paired_difference(rng.normal(0.3, 1, size=n), np.zeros(n), rng)
        hits.append(difference.low <= 0.3 <= difference.high)
    assert least <= np.mean(hits) < 1


def test_mean_interval():
    assert mean_interval([2.0, 2.0]) == (2.0, 2.0, 2.0)
    mean, low, high = mean_interval([1.0, 3.0, np.nan])
    assert (
        mean == 2
        and low == pytest.approx(2 - stats.t.ppf(0.975, 1))
        and high == pytest.approx(2 + stats.t.ppf(0.975, 1))
    )
    assert mean_interval([])[0] != mean_interval([])[0]
