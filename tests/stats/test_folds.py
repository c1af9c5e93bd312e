"""Intervals over resampled folds: against loops, and the wider of two."""

import numpy as np
import pandas as pd
import pytest

from bilstm_dropout.stats import crossed, folds, mean_of


def frame(seed=0, shift=0.0, seeds=(1,)):
    generator = np.random.default_rng(seed)
    return pd.DataFrame([
        {"dataset": dataset, "fold": fold, "seed": each, "placement": placement,
         "loss": generator.normal(shift, 1) + (dataset == "b"), "churn": generator.random()}
        for dataset, count in (("a", 6), ("b", 8)) for fold in range(count) for each in seeds
        for placement in ("none", "input")
    ])  # fmt: skip


def generator():
    return np.random.default_rng(5)


def test_it_is_the_mean_of_the_data_sets_means_with_the_ends_that_loops_give():
    given = frame()
    found = folds.over_folds_of_sets(given, ["placement"], ["loss", "churn"], generator()).set_index("placement")
    assert list(found.index) == ["none", "input"]
    mine = given[given["placement"] == "input"]
    by_set = [each["loss"].to_numpy() for _, each in mine.groupby("dataset")]
    assert found.at["input", "loss"] == pytest.approx(np.mean([each.mean() for each in by_set]))
    own = np.random.default_rng(9)
    drawn = [np.mean([own.choice(each, len(each)).mean() for each in by_set]) for _ in range(20_000)]
    ends = found.loc["input", ["loss_low", "loss_high"]]
    assert list(ends) == pytest.approx(list(np.quantile(drawn, [0.025, 0.975])), abs=0.03)
    share = 2 * min(np.mean(np.array(drawn) <= 0), np.mean(np.array(drawn) >= 0))
    assert found.at["input", "loss_p"] == pytest.approx(share, abs=0.02)


def test_p_and_interval_say_the_same():
    for seed, shift in ((1, 0.0), (2, 0.5), (3, 3.0)):
        found = folds.over_folds_of_sets(frame(seed, shift), ["placement"], ["loss"], generator())
        outside = (found["loss_low"] > 0) | (found["loss_high"] < 0)
        assert ((found["loss_p"] < 0.05) == outside).all()
    assert list(found["loss_p"]) == pytest.approx([2 / 4001] * 2) and outside.all()


def test_groups_of_two_columns_and_the_same_resamples_for_all():
    given = pd.concat([frame().assign(at="best"), frame().assign(at="last")])
    found = folds.over_folds_of_sets(given, ["placement", "at"], ["loss"], generator()).set_index(["placement", "at"])
    assert found.loc[("none", "best")].equals(found.loc[("none", "last")]) and len(found) == 4


def test_the_wider_of_two_intervals_decides():
    given = frame(4, seeds=(1, 2, 3))
    given.loc[given["placement"] == "input", "loss"] += 2.0 * given["seed"]  # seeds differ, folds hardly
    found = folds.deciding(given, ["placement"], ["loss", "churn"], generator()).set_index("placement")
    means = given.groupby(["placement", "dataset", "fold"], sort=False)[["loss", "churn"]].mean().reset_index()
    narrow = folds.over_folds_of_sets(means, ["placement"], ["loss", "churn"], generator()).set_index("placement")
    for placement in ("none", "input"):
        mine = given[given["placement"] == placement]
        for name in ("loss", "churn"):
            whole = mean_of(
                crossed(each.pivot(index="seed", columns="fold", values=name).to_numpy())
                for _, each in mine.groupby("dataset")
            )
            columns = [f"{name}_low", f"{name}_high", f"{name}_p"]
            ends = [(whole.low, whole.high, whole.p), tuple(narrow.loc[placement, columns])]
            wider = max(ends, key=lambda each: each[1] - each[0])
            assert tuple(found.loc[placement, columns]) == pytest.approx(wider)
            assert found.at[placement, name] == pytest.approx(whole.mean)
            narrower = min(ends, key=lambda each: each[1] - each[0])
            other = [f"{name}_other_low", f"{name}_other_high"]
            assert tuple(found.loc[placement, other]) == pytest.approx(narrower[:2])
    assert found.at["input", "loss_low"] < narrow.at["input", "loss_low"] - 0.3


def test_one_fold_is_no_sample_of_folds():
    given = frame(4, seeds=(1, 2, 3)).query("fold == 0 and dataset == 'a'")
    found = folds.deciding(given, ["placement"], ["loss"], generator())
    assert found[["loss_other_low", "loss_other_high"]].isna().all(axis=None) and (found["loss_high"] > 0).all()


def test_an_interval_that_is_alone_has_no_other():
    alone = folds.ends_of("loss", (0.0, 1.0, 0.2))
    assert (alone["loss_low"], alone["loss_high"], alone["loss_p"]) == (0.0, 1.0, 0.2)
    assert np.isnan([alone["loss_other_low"], alone["loss_other_high"]]).all()
    both = folds.ends_of("loss", (0.0, 1.0, 0.2), (-2.0, 0.5, 0.1))
    assert tuple(both.values()) == (-2.0, 0.5, 0.1, 0.0, 1.0)


def test_a_run_without_a_value_is_no_fold_less():
    given = frame(4, seeds=(1, 2, 3))
    given.loc[5, "loss"] = np.nan
    with pytest.raises(ValueError):
        folds.deciding(given, ["placement"], ["loss"], generator())


@pytest.mark.parametrize("wrong", [lambda f: f.drop(index=3), lambda f: pd.concat([f, f[:1]]),
                                   lambda f: f.assign(loss=f["loss"].where(f.index != 2))])  # fmt: skip
def test_a_fold_that_is_missing_or_twice_is_refused(wrong):
    with pytest.raises(ValueError, match="each fold"):
        folds.over_folds_of_sets(wrong(frame()), ["placement"], ["loss"], generator())
