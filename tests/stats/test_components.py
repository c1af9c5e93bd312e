"""Variances by rows and by seeds: against least squares, in a simulation, at known cases."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.formula.api import ols
from statsmodels.stats.anova import anova_lm

from bilstm_dropout.stats import metrics
from bilstm_dropout.stats.components import components


def drawn(generator, samples=5, seeds=20, examples=3, sizes=(0.1, 0.05, 0.02)):
    """Numbers (R, S, N, 2) with these standard deviations of rows, seeds and both, the classes' sum always 1."""
    shapes = ((samples, 1, examples), (1, seeds, examples), (samples, seeds, examples))
    first = 0.5 + sum(generator.normal(0, size, shape) for size, shape in zip(sizes, shapes, strict=True))
    return np.stack([first, 1 - first], axis=-1)


def test_the_variances_are_those_of_the_mean_squares_of_statsmodels():
    p = drawn(np.random.default_rng(0), samples=4, seeds=6, examples=2)
    found = components(p)
    for example in range(2):
        wanted = np.zeros(3)
        for of_class in range(2):
            long = pd.DataFrame(
                [(r, s, p[r, s, example, of_class]) for r in range(4) for s in range(6)], columns=["r", "s", "y"]
            )
            squares = anova_lm(ols("y ~ C(r) + C(s)", long).fit())["mean_sq"]
            rest = squares["Residual"]
            wanted += [(squares["C(r)"] - rest) / 6, (squares["C(s)"] - rest) / 4, rest]
        assert [part[example] for part in found] == pytest.approx(wanted)


def test_on_average_they_are_what_was_drawn():
    found = components(drawn(np.random.default_rng(1), examples=20_000))
    for part, size in zip(found, (0.1, 0.05, 0.02), strict=True):
        assert part.mean() == pytest.approx(2 * size**2, rel=0.03)


def test_what_does_not_vary_has_no_variance():
    generator = np.random.default_rng(2)
    only_rows = np.repeat(drawn(generator, seeds=1, sizes=(0.1, 0, 0)), 4, axis=1)
    rows, seeds, both = components(only_rows)
    assert (rows > 0.001).all() and seeds == pytest.approx(0) and both == pytest.approx(0)
    turned = components(only_rows.swapaxes(0, 1))
    assert turned.seeds == pytest.approx(rows) and turned.rows == pytest.approx(0)


def test_the_squared_error_of_an_average_follows_from_them():
    # Over all choices of k seeds of one sample, the Brier score of the average is that of one network less (1 - 1/k) of
    # what varies with seeds there.
    p = drawn(np.random.default_rng(3), samples=3, seeds=3, examples=50)
    y = np.zeros(50, dtype=int)
    found = components(p)
    single, average = metrics.brier(p, y).mean(), metrics.brier(p.mean(axis=1), y).mean()
    assert single - average == pytest.approx((1 - 1 / 3) * np.mean(found.seeds + found.both))


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="two samples"):
        components(np.ones((1, 4, 2, 2)))
