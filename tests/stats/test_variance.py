"""Shares against least squares, standard deviations against restricted maximum likelihood, intervals by how often they
hold the truth."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.formula.api import mixedlm, ols
from statsmodels.stats.anova import anova_lm

from bilstm_dropout.stats.variance import by_chance, components, shares

TERMS = {"a": (0,), "b": (1,), "both": (0, 1), "unit": (2,)}


def made_up(seed=0, shape=(3, 4, 6)):
    """Numbers with effects of both factors, of their interaction and of units."""
    rng = np.random.default_rng(seed)
    a, b, unit = (rng.normal(0, size, count) for size, count in zip((1, 2, 0.7), shape, strict=True))
    values = a[:, None, None] + b[:, None] + unit + 0.5 * rng.normal(size=shape)
    values[0, 1] += 2
    return values


def frame_of(values):
    index = pd.MultiIndex.from_product([range(size) for size in values.shape], names=["a", "b", "unit"])
    return pd.DataFrame({"y": values.ravel()}, index=index).reset_index()


def test_shares_are_those_of_least_squares_and_add_up():
    values = made_up()
    found = shares(values, TERMS)
    table = anova_lm(ols("y ~ C(a) * C(b) + C(unit)", frame_of(values)).fit())
    wanted = table["sum_sq"] / table["sum_sq"].sum()
    names = {"a": "C(a)", "b": "C(b)", "both": "C(a):C(b)", "unit": "C(unit)", "rest": "Residual"}
    for name, factor in names.items():
        assert found[name] == pytest.approx(wanted[factor], rel=1e-9)
    assert sum(found.values()) == pytest.approx(1)
    rest = table.loc["Residual"]
    expected = table.loc["C(a):C(b)", "df"] * rest["mean_sq"] / table["sum_sq"].sum()
    assert by_chance(values.shape, TERMS, "both", found["rest"]) == pytest.approx(expected, rel=1e-9)


def test_a_share_by_chance_is_what_noise_alone_has_on_average():
    rng, found, expected = np.random.default_rng(1), [], []
    for _ in range(600):
        values = rng.normal(size=(6, 4, 5))
        each = shares(values, TERMS)
        found.append(each["both"])
        expected.append(by_chance(values.shape, TERMS, "both", each["rest"]))
    assert np.mean(expected) == pytest.approx(np.mean(found), rel=0.05)
    assert np.mean(found) > 0.1


def test_a_missing_number_and_no_spread_are_refused():
    values = made_up()
    values[0, 0, 0] = np.nan
    with pytest.raises(ValueError, match="1 of 72 numbers are missing"):
        shares(values, TERMS)
    with pytest.raises(ValueError, match="finite"):
        components(values[0], np.random.default_rng(0))
    with pytest.raises(ValueError, match="all numbers are equal"):
        shares(np.ones((2, 2, 2)), TERMS)


def test_deviations_are_those_of_a_mixed_model():
    values = made_up(3)
    found = components(values.reshape(-1, values.shape[2]), np.random.default_rng(0))
    fitted = mixedlm("y ~ C(a) * C(b)", frame_of(values), groups="unit").fit(reml=True)
    assert found["unit"][0] == pytest.approx(np.sqrt(fitted.cov_re.iloc[0, 0]), rel=1e-3)
    assert found["rest"][0] == pytest.approx(np.sqrt(fitted.scale), rel=1e-3)


def test_nothing_between_units_is_0_and_no_rest_is_a_point():
    values = np.random.default_rng(0).normal(size=(30, 8))
    values -= values.mean(axis=0)
    between = components(values, np.random.default_rng(0))["unit"]
    assert between[0] == 0 == between[1]
    additive = np.arange(5.0)[:, None] + np.arange(4.0)
    found = components(additive, np.random.default_rng(0))
    assert found["rest"] == (0, 0, 0) and found["unit"][0] == pytest.approx(np.arange(4.0).std(ddof=1))


def test_intervals_hold_the_truth_where_cells_spread_unequally():
    """A chi-square interval of the rest would hold it in about half of these."""
    rng = np.random.default_rng(2)
    size = np.repeat([0.3, 3.0], [30, 10])[:, None]
    truth = {"unit": 0.5, "rest": np.sqrt(np.mean(size**2))}
    held = {name: [] for name in truth}
    for _ in range(80):
        values = 0.5 * rng.normal(size=10) + size * rng.standard_t(5, size=(40, 10)) / np.sqrt(5 / 3)
        for name, (_, low, high) in components(values, rng).items():
            held[name].append(low <= truth[name] <= high)
    assert np.mean(held["unit"]) > 0.85 and np.mean(held["rest"]) > 0.82
