"""Measures of all seeds together: of which of two intervals the ends are, and on what the means rest."""

import numpy as np
import pytest

from bilstm_dropout.results.between import between
from bilstm_dropout.results.stacks import Stack
from bilstm_dropout.stats import agreement, metrics
from bilstm_dropout.stats.jackknife import over_examples, over_seeds


def runs(generator, of_seed, of_fold, seeds=5, rows=60):
    """Networks that err on a share of the examples which varies by seed, or by fold."""
    share = 0.3 + of_seed + of_fold
    wrong = generator.random((seeds, rows)) < np.clip(share, 0, 1)[:, None]
    return np.eye(2)[wrong.astype(int)]


def made(seed_spread, fold_spread, folds=6, sets=("a", "b")):
    generator, of_seed = np.random.default_rng(0), np.linspace(-1, 1, 5) * seed_spread
    return [
        Stack(name, fold, (1, 2, 3, 4, 5), np.zeros(60, dtype=int), {
            "none": runs(generator, 0 * of_seed, 0.0),
            "input": runs(generator, of_seed, fold_spread * (-1) ** fold),
        }, {})
        for name in sets for fold in range(folds)
    ]  # fmt: skip


def error(p, base=None, y=None):
    return np.mean(metrics.predicted(p) != 0, axis=0)


def found(stacks):
    return between(stacks, lambda *given: {"error": error(*given)}, ["none", "input"],
                   np.random.default_rng(1)).set_index("placement")  # fmt: skip


def test_means_are_of_folds_and_then_of_data_sets():
    stacks = [*made(0.1, 0.1), *made(0.1, 0.1, folds=3, sets=("c",))]
    by_set = {name: [] for name in "abc"}
    for each in stacks:
        by_set[each.dataset].append(error(each.p["input"], None, each.labels).mean())
    assert found(stacks).at["input", "error"] == pytest.approx(np.mean([np.mean(each) for each in by_set.values()]))


def test_seeds_widen_the_interval_where_they_vary_and_folds_where_those_do():
    by_seed, by_fold = found(made(0.2, 0.0)).loc["input"], found(made(0.0, 0.2)).loc["input"]
    stacks = made(0.2, 0.0)
    alone = over_seeds(lambda *p: np.mean([error(each, None, 0).mean() for each in p]), *[e.p["input"] for e in stacks])
    assert (by_seed["error_low"], by_seed["error_high"], by_seed["error_p"]) == pytest.approx(
        (alone.low, alone.high, alone.p)
    )
    # The folds are alike, so their interval is the narrower one, and stands beside.
    assert by_seed["error_low"] < by_seed["error_other_low"] < by_seed["error_other_high"] < by_seed["error_high"]
    # Twelve folds at .1 and .5: a standard error of .2 / sqrt(12).
    assert by_fold["error_high"] - by_fold["error_low"] == pytest.approx(2 * 1.96 * 0.2 / np.sqrt(12), rel=0.25)


def test_with_few_folds_the_examples_are_the_sample():
    (stack,) = made(0.0, 0.0, folds=1, sets=("a",))
    row = found([stack]).loc["input"]
    values = error(stack.p["input"], None, stack.labels)
    seeds = over_seeds(lambda p: error(p, None, 0).mean(), stack.p["input"])
    wide = max(seeds, over_examples(values), key=lambda each: each.high - each.low)
    assert (row["error"], row["error_low"], row["error_high"]) == pytest.approx((values.mean(), wide.low, wide.high))


def test_a_measure_may_be_a_number():
    (stack,) = made(0.1, 0.0, folds=1, sets=("a",))
    def given(p, base, y):
        return {"shared": agreement.coincidence(p, y)}

    row = between([stack], given, ["input"], np.random.default_rng(0)).loc[0]
    assert row["shared"] == agreement.coincidence(stack.p["input"], stack.labels)
    assert row["shared_low"] < row["shared"] < row["shared_high"]


def test_folds_of_different_seeds_are_refused():
    first, second = made(0.1, 0.0, folds=2, sets=("a",))
    fewer = Stack("a", 1, (1, 2, 3, 4), second.labels, {name: p[:4] for name, p in second.p.items()}, {})
    with pytest.raises(ValueError, match="same seeds"):
        found([first, fewer])
