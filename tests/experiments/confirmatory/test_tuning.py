"""What tuning found, from made-up runs: choices, the cost of a wrong one, and what decides a score."""

import numpy as np
import pandas as pd
import pytest
from support.study import _text_sets, score  # noqa: F401 (a fixture among them)

from bilstm_dropout.experiments.confirmatory import plan, tuning


def test_what_tuning_chose_is_what_the_grid_confirms(complete):
    found = tuning.best(complete["a1"])
    assert len(found) == 24 and (found["seeds"] == 3).all()
    for row in found.itertuples():
        assert plan.chosen(row.dataset, row.placement, score) == (row.learning_rate, row.rate)


def test_a_finalist_that_is_half_done_does_not_change_the_choice(complete):
    frame = complete["a1"]
    first = frame[frame["seed"] == plan.FIRST_SEED]
    second = frame[frame["seed"] == plan.MORE_SEEDS[0]].assign(nll_best=-9.0)
    pd.testing.assert_frame_equal(tuning.best(pd.concat([first, second])), tuning.best(first))


def noisy(frame):
    """Tuning's rows with a difference between placements and noise between runs."""
    noise = np.random.default_rng(3).normal(0, 0.2, len(frame))
    return frame.assign(nll_best=frame["nll_best"] + frame["placement"].map(len) / 20 + noise)


def test_shares_of_the_score_s_variance_are_those_of_an_analysis_of_variance(complete):
    from statsmodels.formula.api import ols
    from statsmodels.stats.anova import anova_lm

    frame = noisy(complete["a1"])
    found = tuning.decides(frame).set_index("dataset")
    assert list(found.index) == list(plan.TUNED)
    stage = tuning.first_stage(frame).query("placement != 'none'").assign(speed=lambda t: np.log(t["learning_rate"]))
    for dataset, runs in stage.groupby("dataset"):
        squares = anova_lm(ols("score ~ C(placement) + C(configuration)", runs).fit())["sum_sq"]
        shares = squares / squares.sum()
        assert found.loc[dataset, ["placement", "setting", "rest"]].to_list() == pytest.approx(shares.to_list())
        for axis, name in (("speed", "learning_rate"), ("rate", "rate")):  # orthogonal to place, so alone is enough
            assert found.loc[dataset, name] == pytest.approx(ols(f"score ~ {axis} + I({axis}**2)", runs).fit().rsquared)
        every = frame[(frame["dataset"] == dataset) & (frame["placement"] != "none")].copy()
        every["name"] = every["placement"] + every["learning_rate"].map(str) + every["rate"].map(str)
        finalists = every[every.groupby("name")["seed"].transform("size") == 3]
        left = ols("nll_best ~ C(name) + C(seed)", finalists).fit().mse_resid
        freedom = 6 * 15  # of place by setting, in a table of 7 x 16
        assert found.loc[dataset, "chance"] == pytest.approx(left * freedom / 112 / np.var(runs["score"]))


def test_shares_need_every_run_of_tuning_on_a_data_set_and_a_finite_score(complete):
    frame = noisy(complete["a1"])
    of_mr = frame.index[(frame["dataset"] == "mr") & (frame["placement"] == "output")]
    assert list(tuning.decides(frame.drop(of_mr[-1]))["dataset"]) == ["trec", "phrasebank"]
    frame.loc[of_mr[0], "nll_best"] = np.nan
    assert list(tuning.decides(frame)["dataset"]) == ["trec", "phrasebank"]
    assert tuning.decides(frame.iloc[:0]).empty


def test_what_a_seed_adds_to_every_setting_alike_is_not_chance_between_settings(complete):
    frame = noisy(complete["a1"])
    alike = frame.assign(nll_best=frame["nll_best"] + 9.0 * frame["seed"].isin(plan.MORE_SEEDS))
    pd.testing.assert_frame_equal(tuning.decides(alike), tuning.decides(frame))


def test_one_setting_for_all_placements_is_the_best_on_average(complete):
    frame = noisy(complete["a1"])
    found, first = tuning.borrowed_by_all(frame), frame[frame["seed"] == plan.FIRST_SEED]
    assert len(found) == 6 * 7 and "none" not in set(found["placement"])
    scores = {
        dataset: np.array([
            [first[(first["dataset"] == dataset) & (first["placement"] == placement)
                   & (first["learning_rate"] == speed) & (first["rate"] == rate)]["nll_best"].item()
             for speed, rate in plan.settings(placement)]
            for placement in plan.PLACEMENTS if placement != "none"
        ])
        for dataset in ("mr", "trec")
    }  # fmt: skip
    best = {dataset: table.mean(axis=0).argmin() for dataset, table in scores.items()}
    assert best["mr"] != best["trec"]
    each = found[(found["tuned_on"] == "mr") & (found["used_on"] == "trec")].set_index("placement")
    for row, placement in enumerate(name for name in plan.PLACEMENTS if name != "none"):
        assert each.loc[placement, "borrowed"] == pytest.approx(scores["trec"][row, best["mr"]])
        assert each.loc[placement, "own"] == pytest.approx(scores["trec"][row, best["trec"]])
    assert tuning.borrowed_by_all(frame.iloc[:0]).empty


def test_a_choice_needs_all_sixteen_and_is_not_final_before_its_seeds(complete):
    first = complete["a1"][complete["a1"]["seed"] == plan.FIRST_SEED]
    lacking = first.drop(first[(first["dataset"] == "mr") & (first["placement"] == "output")].index[0])
    found = tuning.best(lacking)
    assert len(found) == 23 and (found["seeds"] == 1).all() and tuning.best(first.iloc[:0]).empty


def test_a_run_without_a_checkpoint_scores_infinity(complete):
    frame = complete["a1"].copy()
    frame.loc[frame["placement"] == "combined", "nll_best"] = np.nan
    found = tuning.scored(frame)
    assert np.array_equal(np.isinf(found["score"]), found["placement"] == "combined")
