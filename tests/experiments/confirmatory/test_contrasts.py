"""The 16 confirmatory tests on made-up rows: known differences are found, and nothing is left out silently."""

import json
import math

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.power import TTestPower
from support.contrasts import rows
from support.text_sets import CLASSES, stand_in

from bilstm_dropout.experiments.confirmatory import contrasts, plan


@pytest.fixture(autouse=True)
def _text_sets(monkeypatch):
    stand_in(monkeypatch)


def confirmed(seed=0):
    return rows(plan.confirmation(lambda config: config.rate), seed)


def by_loop(frame, weights, column):
    found = {}
    for row in frame[frame["dataset"].isin(plan.TUNED)].to_dict("records"):
        unit = (json.loads(row["dataset_options"])["fold"], row["seed"])
        found[unit] = found.get(unit, 0.0) + weights.get(row["placement"], 0) * row[column] / 3
    return found


def test_eight_contrasts_on_two_measures():
    assert len(contrasts.CONTRASTS) == 8 and len(contrasts.MEASURES) == 2
    for part, weights in contrasts.CONTRASTS.values():
        assert sum(weights.values()) == 0
        assert set(weights) <= {*plan.PLACEMENTS, *([plan.CELL] if part == "a3" else [])}


def test_units_by_loop():
    parts = {"a2": confirmed(), "a3": rows(plan.fixed_rate())}
    for contrast, (part, weights) in contrasts.CONTRASTS.items():
        for measure, column in contrasts.MEASURES.items():
            found = contrasts.units(contrasts.values(parts[part], measure), contrast)
            assert len(found) == (40 if part == "a2" else 20)
            assert found.to_dict() == pytest.approx(by_loop(parts[part], weights, column))


def test_the_family_finds_what_was_put_in():
    found = contrasts.family({"a2": confirmed(), "a3": rows(plan.fixed_rate())}).set_index(["contrast", "measure"])
    assert len(found) == 16 and (found["p_holm"] >= found["p"]).all()
    raw, after = (found.xs(measure, level="measure") for measure in contrasts.MEASURES)
    assert raw.loc["input - none", "mean"] == pytest.approx(-0.05, abs=0.006)
    assert after.loc["input - none", "mean"] == pytest.approx(-0.025, abs=0.006)
    lower = raw.loc["input - none"]
    assert lower["high"] < 0 and lower["p_holm"] < 0.05 and lower["above"] == 0 and lower["effect"] < -1
    assert raw.loc["recurrent - none", "low"] > 0 and raw.loc["recurrent - none", "p_equivalent"] > 0.05
    for contrast in ("input-spatial - input", "input x recurrent", "combined - none"):
        same = raw.loc[contrast]
        assert same["p_holm"] > 0.05 and same["p_equivalent"] < 0.05
    assert (found["corrected_low"] < found["low"]).all() and (found["corrected_high"] > found["high"]).all()
    assert found.loc["input x recurrent", "n"].eq(20).all() and found.loc["output - none", "n"].eq(40).all()


@pytest.mark.parametrize("drop", ["run", "unit", "placement"])
def test_a_missing_run_stops_the_analysis(drop):
    frame = confirmed()
    fold = frame["dataset_options"].map(lambda text: json.loads(text)["fold"])
    gone = (fold == 4) & (frame["seed"] == 2)
    if drop == "run":
        gone &= (frame["placement"] == "none") & (frame["dataset"] == "trec")
    if drop == "placement":
        gone = frame["placement"] == "none"
    with pytest.raises(ValueError, match="missing"):
        contrasts.units(contrasts.values(frame[~gone]), "input - none")
    with pytest.raises(ValueError, match="duplicate"):
        contrasts.units(contrasts.values(pd.concat([frame, frame[gone]])), "input - none")


def test_a_run_without_a_finite_checkpoint_counts_as_uniform():
    frame = confirmed()
    row = frame.index[(frame["placement"] == "input") & (frame["dataset"] == "trec")][7]
    frame.loc[row, "nll_best"] = math.nan
    found = contrasts.values(frame)
    assert found["uniform"].sum() == 1 and found.loc[row, "value"] == pytest.approx(math.log(CLASSES["trec"]))
    assert len(contrasts.units(found, "input - none")) == 40


def test_a_checkpoint_without_the_measure_stops_the_analysis():
    frame = confirmed()
    frame.loc[frame.index[5], "nll_scaled_best"] = math.nan
    with pytest.raises(ValueError, match="'after temperature'"):
        contrasts.values(frame, "after temperature")


def tuned(spread):
    """Rows of a1 whose raw runs vary by `spread` nats over seeds, on settings that lie far apart."""
    rng = np.random.default_rng(3)
    frame = rows(plan.tuning(lambda config: config.learning_rate))
    frame["nll_best"] = 500 * frame["learning_rate"] + rng.normal(0, spread, len(frame))
    return frame


def test_the_tuning_arm_s_spread():
    """Two sides a contrast and three sets: a unit's variance is 3 x 2 x spread² / 9."""
    spread, freedom = contrasts.tuning_spread(tuned(0.03))
    assert spread == pytest.approx(0.03 * math.sqrt(2 / 3), rel=0.15) and freedom == 3 * 7 * 4 * 2


def test_the_tuning_arm_s_spread_by_loop():
    frame = tuned(0.03)
    variance = 0.0
    for dataset in plan.TUNED:
        squares, freedom = 0.0, 0
        for part, weights in contrasts.CONTRASTS.values():
            if part != "a2":
                continue
            sides = []
            for placement in weights:
                mine = frame[(frame["dataset"] == dataset) & (frame["placement"] == placement)]
                ranked = mine[mine["seed"] == 101].sort_values("nll_best")["learning_rate"].tolist()
                wide = mine.set_index(["learning_rate", "seed"])["nll_best"]
                sides.append([[wide[rate, seed] for seed in (101, 102, 103)] for rate in ranked if (rate, 102) in wide])
            for a, b in zip(*sides, strict=True):
                squares, freedom = squares + 2 * np.var(np.subtract(a, b), ddof=1), freedom + 2
        variance += squares / freedom / 9
    assert contrasts.tuning_spread(frame)[0] == pytest.approx(math.sqrt(variance))


def test_power_follows_from_the_spread():
    frame = tuned(0.07)
    found = contrasts.power(frame).set_index("measure")
    raw = found.loc["raw"]
    assert raw["units"] == 40
    expected = TTestPower().power(raw["visible"] / raw["spread"], 40, 0.05 / 16)
    assert expected == pytest.approx(0.8, abs=1e-3)
    assert 0 < raw["finds_margin"] < 1 and 0 < raw["shows_equivalence"] < 1
    assert found.loc["after temperature", "spread"] < raw["spread"]  # 0.01 a run


def test_before_tuning_is_complete_there_is_no_spread():
    frame = tuned(0.03)
    for incomplete in (frame[frame["seed"] == 101], frame.drop(index=frame.index[-1]), frame.iloc[:0]):
        spread, freedom = contrasts.tuning_spread(incomplete)
        assert math.isnan(spread) and freedom == 0
        assert contrasts.power(incomplete)[["visible", "finds_margin"]].isna().all(axis=None)
