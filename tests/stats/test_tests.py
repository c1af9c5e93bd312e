"""Tests on pairs: their size and power in simulation, hand values, and plain loops beside them."""

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from bilstm_dropout.stats.tests import (
    clear,
    effect_size,
    equivalence_p,
    holm,
    pairing_correlation,
    probability_above,
    sign_flip_p,
)


def generator(seed=0):
    return np.random.default_rng(seed)


def three_errors(share, simulations):
    return 3 * math.sqrt(share * (1 - share) / simulations)


@pytest.mark.parametrize("values", [[1, 2, 3, -1, 0, 5], [0.1, 0.1, -0.1, 0.3, 0.3, 0.3, -0.3], [1e-9, 2e-9, 3e-9]])
def test_exact_sign_flips_by_loop(values):
    reached = [
        abs(sum(sign * value for sign, value in zip(signs, values, strict=True))) >= abs(sum(values)) * (1 - 1e-9)
        for signs in itertools.product((-1, 1), repeat=len(values))
    ]
    assert sign_flip_p(values, generator()) == pytest.approx(np.mean(reached))


def test_twenty_pairs_are_exact_and_more_are_drawn():
    values = generator(4).normal(0.3, 1, size=20)
    assert sign_flip_p(values, generator(1)) == sign_flip_p(values, generator(2))
    assert sign_flip_p(np.linspace(1, 2, 20), generator()) == 2 / 2**20
    longer = np.append(values, [0.2, -0.1])
    drawn = sign_flip_p(longer, generator(1))
    assert drawn == sign_flip_p(longer, generator(1)) != sign_flip_p(longer, generator(2))
    exact = np.zeros(1)
    for value in longer:
        exact = np.concatenate([exact + value, exact - value])
    exact = np.mean(np.abs(exact) >= abs(longer.sum()) - 1e-9)
    assert abs(drawn - exact) < three_errors(exact, 9_999)
    assert sign_flip_p(np.linspace(1, 2, 40), generator()) == 1 / 10_000


@pytest.mark.parametrize(("n", "size"), [(10, 50 / 1024), (40, 0.05)])
def test_size_of_sign_flips_on_skewed_magnitudes(n, size):
    """Symmetric about 0 and far from normal, which is all that the test needs."""
    rng = generator(7)
    draws = rng.standard_t(2, size=(1_000, n))
    rejected = np.mean([sign_flip_p(draw, rng, resamples=999) < 0.05 for draw in draws])
    assert abs(rejected - size) < three_errors(0.05, 1_000) + 0.003


def test_holm_by_hand():
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.6, 0.7]) == pytest.approx([1.0, 1.0])
    assert holm([0.01, math.nan, 0.02]) == pytest.approx([0.03, 1.0, 0.04])
    assert holm([]).shape == (0,)


def test_holm_by_loop():
    p = generator(1).uniform(size=16) ** 3
    adjusted, highest = np.empty(16), 0.0
    for rank, place in enumerate(sorted(range(16), key=lambda each: p[each])):
        highest = max(highest, min(1.0, (16 - rank) * p[place]))
        adjusted[place] = highest
    assert holm(p) == pytest.approx(adjusted)


def test_equivalence_is_two_one_sided_tests():
    values, margin = generator(3).normal(0.004, 0.03, size=40), 0.02
    error = np.std(values, ddof=1) / math.sqrt(40)
    below = stats.t.sf((values.mean() + margin) / error, 39)
    above = stats.t.cdf((values.mean() - margin) / error, 39)
    assert equivalence_p(values, margin) == pytest.approx(max(below, above))


def test_equivalence_without_spread_or_pairs():
    assert equivalence_p(np.full(10, 0.01), 0.02) == 0 and equivalence_p(np.full(10, 0.03), 0.02) == 1
    assert math.isnan(equivalence_p([0.01], 0.02))
    with pytest.raises(ValueError, match="margin"):
        equivalence_p([0.1, 0.2], 0)


def test_size_and_power_of_equivalence():
    rng = generator(11)

    def share(mean):
        return np.mean([equivalence_p(rng.normal(mean, 0.03, size=40), 0.02) < 0.05 for _ in range(600)])

    assert abs(share(0.02) - 0.05) < three_errors(0.05, 600)  # at the margin itself it may err once in twenty
    assert share(0.03) < 0.01 and share(0.0) > 0.95


def test_probability_above():
    share, low, high = probability_above([1.0, 2.0, -1.0, 0.0])
    assert share == pytest.approx(2.5 / 4)
    z, p, n = stats.norm.ppf(0.975), 2.5 / 4, 4
    centre, half = (p + z**2 / (2 * n)), z * math.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    assert (low, high) == pytest.approx(((centre - half) / (1 + z**2 / n), (centre + half) / (1 + z**2 / n)))
    assert all(math.isnan(value) for value in probability_above([]))


def test_effect_size_is_unbiased_for_few_pairs():
    rng = generator(2)
    found = np.mean([effect_size(rng.normal(0.8, 1, size=6)) for _ in range(6_000)])
    assert found == pytest.approx(0.8, abs=0.03)
    raw = np.array([1.0, 2.0, 4.0])
    assert effect_size(raw) == pytest.approx(raw.mean() / raw.std(ddof=1) * math.gamma(1) / math.gamma(0.5))
    assert all(math.isnan(effect_size(few)) for few in ([1.0], [1.0, 1.0], [1.0, 2.0], [1.0, 1.0, 1.0]))


def test_pairing_correlation_is_what_pairing_saves():
    shared = generator(5).normal(size=4_000)
    a, b = shared + generator(6).normal(size=4_000), shared + generator(7).normal(size=4_000)
    correlation = pairing_correlation(a, b)
    assert correlation == pytest.approx(np.corrcoef(a, b)[0, 1])
    assert np.var(a - b) == pytest.approx((np.var(a) + np.var(b)) * (1 - correlation), rel=0.02)
    assert math.isnan(pairing_correlation([1.0, 1.0], [1.0, 2.0]))
    with pytest.raises(ValueError, match="one length"):
        pairing_correlation([1.0], [1.0, 2.0])


def test_clear_rows_are_those_that_the_step_up_rule_keeps():
    """Benjamini and Hochberg by hand: of m p values the k smallest, for the largest k with p_(k) <= alpha k / m."""
    p = [0.001, 0.9, 0.02, 0.03, math.nan, 0.0001]
    found = pd.DataFrame({"loss_p": p}, index=["a", "b", "c", "d", "e", "none"])
    # Four are compared: 0.001, 0.02, 0.03 and 0.9, with limits of 0.0125, 0.025, 0.0375 and 0.05.
    assert list(found.index[clear(found, "loss")]) == ["a", "c", "d"]
    assert list(found.index[clear(found, "loss", alpha=0.03)]) == ["a"]  # 0.0075, 0.015, 0.0225, 0.03
    # With `none` among them there are five, and it is clear, too.
    assert list(found.index[clear(found, "loss", apart_from=None)]) == ["a", "c", "d", "none"]
    assert not clear(found.loc[["e", "none"]], "loss").any()
