"""Intervals of runs that share seeds and folds, against a mixed model, by simulation and at the edges."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats as scipy_stats

from bilstm_dropout.stats import (
    Crossed,
    crossed,
    crossed_of,
    heterogeneity,
    mean_interval,
    mean_of,
    mean_of_runs,
    means_of_runs,
    over_folds,
)


def drawn(generator, of_seed=1.0, of_fold=0.5, of_rest=0.3, seeds=5, folds=8):
    """Values (S, F) of mean 0 with these standard deviations."""
    rows = generator.normal(0, of_seed, (seeds, 1)) + generator.normal(0, of_fold, (1, folds))
    return rows + generator.normal(0, of_rest, (seeds, folds))


def test_the_variance_is_that_of_the_mean_squares_of_statsmodels():
    import statsmodels.api as models
    from statsmodels.formula.api import ols

    values = drawn(np.random.default_rng(0))
    long = pd.DataFrame([(s, f, values[s, f]) for s in range(5) for f in range(8)], columns=["seed", "fold", "value"])
    table = models.stats.anova_lm(ols("value ~ C(seed) + C(fold)", long).fit())
    seed, fold, rest = (table["mean_sq"][name] for name in ("C(seed)", "C(fold)", "Residual"))
    found = crossed_of(long, "value")
    assert found.variance == pytest.approx((seed + fold - rest) / 40)
    assert found.df == pytest.approx((seed + fold - rest) ** 2 / (seed**2 / 4 + fold**2 / 7 + rest**2 / 28))
    low, high = scipy_stats.t.interval(0.95, found.df, values.mean(), math.sqrt(found.variance))
    assert (found.low, found.high) == pytest.approx((low, high))
    assert found.p == pytest.approx(2 * scipy_stats.t.sf(abs(values.mean()) / math.sqrt(found.variance), found.df))


@pytest.mark.parametrize("spread", [(1.0, 0.5, 0.3), (0.5, 0.5, 1.0), (1.0, 0.01, 0.3)])
def test_it_covers_where_the_interval_over_units_does_not(spread):
    generator = np.random.default_rng(1)
    tables = [drawn(generator, *spread) for _ in range(1_500)]
    covered = np.mean([each.low < 0 < each.high for each in map(crossed, tables)])
    of_units = np.mean([low < 0 < high for _, low, high in (mean_interval(each.ravel()) for each in tables)])
    assert 0.92 < covered < 0.985
    assert of_units < 0.8


def test_without_factors_it_is_the_plain_interval():
    values = np.random.default_rng(2).normal(size=(5, 8))
    values = values - values.mean(axis=0) - values.mean(axis=1)[:, None]  # neither seeds nor folds differ
    found = crossed(values)
    assert found.variance == pytest.approx(np.sum(values**2) / 28 / 40, rel=0.2) and found.df == pytest.approx(28)


def test_a_mean_of_sets_adds_their_variances():
    parts = [crossed(drawn(np.random.default_rng(seed))) for seed in range(3)]
    found = mean_of(parts)
    assert found.mean == pytest.approx(np.mean([part.mean for part in parts]))
    assert found.variance == pytest.approx(sum(part.variance for part in parts) / 9)
    assert min(part.df for part in parts) < found.df <= sum(part.df for part in parts) and found.n == 120
    one = mean_of([parts[0]])
    assert (one.mean, one.df) == (parts[0].mean, pytest.approx(parts[0].df))


def test_equivalence_is_two_one_sided_tests():
    found = crossed(0.01 + 0.01 * drawn(np.random.default_rng(3)))
    root = math.sqrt(found.variance)
    one_sided = [
        scipy_stats.t.sf((0.02 - found.mean) / root, found.df),
        scipy_stats.t.sf((0.02 + found.mean) / root, found.df),
    ]
    assert found.equivalent(0.02) == pytest.approx(max(one_sided))
    assert found.equivalent(1.0) < 1e-3 and found.equivalent(0.0) > 0.5


def test_heterogeneity_is_welchs_test():
    from statsmodels.stats.oneway import anova_oneway

    groups = [np.random.default_rng(seed).normal(shift, seed, 4 + 3 * seed) for seed, shift in ((1, 0), (2, 1), (3, 2))]
    parts = [Crossed(each.mean(), each.var(ddof=1) / len(each), len(each) - 1, len(each)) for each in groups]
    assert heterogeneity(parts) == pytest.approx(anova_oneway(groups, use_var="unequal").pvalue)
    assert heterogeneity(parts[:2]) == pytest.approx(anova_oneway(groups[:2], use_var="unequal").pvalue)
    alike, apart = np.random.default_rng(4), [0.0, 5.0, -5.0]
    assert heterogeneity([crossed(shift + drawn(alike, 0.1, 0.1, 0.1)) for shift in apart]) < 1e-4
    assert heterogeneity(parts[:1] * 2) == pytest.approx(1.0)
    with pytest.raises(ValueError, match="two means"):
        heterogeneity(parts[:1])


def test_where_nothing_differs_heterogeneity_is_seen_as_often_as_it_says():
    generator = np.random.default_rng(3)
    p = [heterogeneity([crossed(drawn(generator)) for _ in range(3)]) for _ in range(800)]
    assert np.mean(np.array(p) < 0.05) < 0.08


def test_edges():
    constant = crossed(np.full((2, 3), 0.25))
    assert (constant.low, constant.mean, constant.high, constant.p) == (0.25, 0.25, 0.25, 0.0)
    assert crossed(np.zeros((2, 3))).p == 1.0 and constant.estimate().n == 6
    for bad in (np.zeros(4), np.zeros((1, 4)), np.array([[1.0, np.nan], [0.0, 1.0]])):
        with pytest.raises(ValueError, match="shape"):
            crossed(bad)
    with pytest.raises(ValueError, match="twice"):
        crossed_of(pd.DataFrame({"seed": [1, 1], "fold": [2, 2], "value": [0.0, 1.0]}), "value")
    with pytest.raises(ValueError, match="nothing"):
        mean_of([])


def test_the_rule_crosses_three_folds_or_more_and_averages_two_and_leaves_one():
    values = drawn(np.random.default_rng(3))
    long = pd.DataFrame([(s, f, values[s, f]) for s in range(5) for f in range(8)], columns=["seed", "fold", "value"])
    whole = mean_of_runs(long.sample(frac=1, random_state=0), "value")
    assert whole == crossed(values)
    for folds in (1, 2):
        few = mean_of_runs(long[long["fold"] < folds].sample(frac=1, random_state=0), "value")
        assert (few.mean, few.low, few.high) == pytest.approx(mean_interval(values[:, :folds].mean(axis=1)))
        assert few.n == 5 * folds and few.df == 4


def test_means_by_group_are_those_of_each_group_in_the_order_of_the_rows():
    generator = np.random.default_rng(4)
    rows = [
        (name, rate, s, f, generator.normal(), np.nan if name == "series" else generator.normal())
        for name, folds in (("text", 4), ("series", 1)) for rate in (0.5, 0.25) for s in range(5) for f in range(folds)
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["data", "rate", "seed", "fold", "late", "early"])
    found = means_of_runs(frame, ["data", "rate"], ["early", "late"])
    assert list(found[["data", "rate", "measure"]].itertuples(index=False, name=None)) == [
        ("text", 0.5, "early"), ("text", 0.5, "late"), ("text", 0.25, "early"), ("text", 0.25, "late"),
        ("series", 0.5, "late"), ("series", 0.25, "late"),
    ]  # fmt: skip
    for row in found.itertuples():
        mine = frame[(frame["data"] == row.data) & (frame["rate"] == row.rate)]
        one = mean_of_runs(mine, row.measure)
        assert (row.mean, row.low, row.high, row.p, row.n) == (one.mean, one.low, one.high, one.p, one.n)


def test_the_rule_refuses_what_is_missing_twice_or_not_finite():
    long = pd.DataFrame([(s, f, 0.1 * s + f) for s in range(3) for f in range(2)], columns=["seed", "fold", "value"])
    for wrong in (long.iloc[1:], pd.concat([long, long.iloc[:1]]), long.assign(fold=0)):
        with pytest.raises(ValueError, match="each seed has to stand once on each fold"):
            mean_of_runs(wrong, "value")
    for wrong in (long.replace({"value": {0.1: np.nan}}), long[long["seed"] == 0]):
        with pytest.raises(ValueError, match="two seeds or more are needed, with finite values"):
            mean_of_runs(wrong, "value")


def test_an_interval_is_that_of_nadeau_and_bengio():
    values = np.random.default_rng(1).normal(0.3, 1, 20)
    found = over_folds(values)
    half = scipy_stats.t.ppf(0.975, 19) * values.std(ddof=1) * np.sqrt(1 / 20 + 1 / 8)
    assert (found.low, found.high) == pytest.approx((values.mean() - half, values.mean() + half))
    plain = scipy_stats.t.interval(0.95, 19, values.mean(), scipy_stats.sem(values))
    narrow = over_folds(values, overlap=0)
    assert (narrow.low, narrow.high) == pytest.approx(plain)
    with pytest.raises(ValueError, match="two values"):
        over_folds(values[:1])
    with pytest.raises(ValueError, match="overlap"):
        over_folds(values, overlap=-0.1)
    same = over_folds(np.full(12, 0.1))
    assert (same.low, same.high, same.equivalent(0.2), same.equivalent(0.05)) == pytest.approx((0.1, 0.1, 0, 1))


def test_only_the_wider_interval_covers_where_folds_share_a_deviation():
    """Correlation ρ = overlap / (1 + overlap) between folds is what Nadeau and Bengio assume."""
    rng, rho = np.random.default_rng(5), 1 / 9
    drawn = [math.sqrt(rho) * rng.normal() + math.sqrt(1 - rho) * rng.normal(size=10) for _ in range(2000)]
    found = [[over_folds(values, overlap=overlap) for values in drawn] for overlap in (1 / 8, 0)]
    covered = [np.mean([each.low <= 0 <= each.high for each in every]) for every in found]
    assert abs(covered[0] - 0.95) < 0.02 and covered[1] < 0.87


def test_seeds_that_recur_count_as_chance():
    rng, covered, plain = np.random.default_rng(3), [], []
    for _ in range(2000):  # three dealings, each with a shift of its own, and what all trials share
        shift, shared = np.repeat(rng.normal(0, 1, 3), 10), rng.normal(0, np.sqrt(1 / 8))
        values, dealings = shift + shared + rng.normal(0, 1, 30), np.repeat([0, 1, 2], 10)
        found, other = over_folds(values, dealings), over_folds(values)
        covered.append(found.low < 0 < found.high)
        plain.append(other.low < 0 < other.high)
    assert np.mean(covered) > 0.9 > 0.85 > np.mean(plain)
    values = rng.normal(0, 1, 30)  # dealings that do not differ leave the interval as it is
    values -= np.repeat(values.reshape(3, 10).mean(axis=1), 10)
    assert over_folds(values, np.repeat([0, 1, 2], 10)) == over_folds(values)
