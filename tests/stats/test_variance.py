"""Shares against least squares, standard deviations against restricted maximum likelihood, intervals by how often they
hold the truth."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.formula.api import ols
from statsmodels.stats.anova import anova_lm

from bilstm_dropout.stats.variance import by_chance, shares

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
    with pytest.raises(ValueError, match="all numbers are equal"):
        shares(np.ones((2, 2, 2)), TERMS)
