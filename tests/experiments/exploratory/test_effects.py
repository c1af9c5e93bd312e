"""Exploring parts: paired differences against an independent count, and whole cells only."""

import math

import numpy as np
import pandas as pd
import pytest
from support.exploring import published_rows, value
from support.text_sets import CLASSES, stand_in

from bilstm_dropout.experiments.confirmatory import plan
from bilstm_dropout.experiments.exploratory import effects as exploring
from bilstm_dropout.experiments.exploratory import plan as grid_exploring
from bilstm_dropout.results.rows import nll
from bilstm_dropout.runs.config import CONTROLS


@pytest.fixture(autouse=True)
def _text_sets(monkeypatch):
    monkeypatch.setitem(CLASSES, "imdb", 2)
    stand_in(monkeypatch)


CONFIGS = {"a3": plan.fixed_rate, "d": grid_exploring.data_size}


@pytest.mark.parametrize("part", exploring.SERIES)
def test_every_cell_is_the_mean_paired_difference(part):
    configs = CONFIGS[part]()
    found = exploring.effects(part, published_rows(configs))
    baselines = {
        (config.dataset, config.train_rows, config.seed, config.dataset_options.get("fold")): value(config)
        for config in configs
        if config.placement == "none"
    }
    cells = {}
    for config in configs:
        base = baselines[config.dataset, config.train_rows, config.seed, config.dataset_options.get("fold")]
        series = exploring.SERIES[part](pd.Series({**CONTROLS, **config.model_dump()}))
        cells.setdefault((config.dataset, config.placement, series), []).append(value(config) - base)
    wanted = {cell for cell in cells if cell[1] != "none"}
    assert {(row.dataset, row.row, row.series) for row in found.itertuples()} == wanted and len(found) == len(wanted)
    for row in found.itertuples():
        each = cells[row.dataset, row.row, row.series]
        assert row.n == len(each) and row.mean == pytest.approx(np.mean(each)) and row.low <= row.mean <= row.high


def test_cells_stand_in_the_order_of_the_plan_whatever_the_order_of_the_rows():
    rows = published_rows(grid_exploring.data_size())
    found = exploring.effects("d", rows.sample(frac=1, random_state=1))
    ends = ["low", "high"]  # drawn from the values in their order
    pd.testing.assert_frame_equal(found.drop(columns=ends), exploring.effects("d", rows).drop(columns=ends))
    one = found[(found["dataset"] == "mr") & (found["row"] == "input")]
    assert list(one["series"]) == [f"{rows:,} rows" for rows in grid_exploring.SIZES["mr"]]


def test_a_cell_without_all_its_units_is_left_out_and_divergence_counts():
    rows = published_rows(plan.fixed_rate())
    chosen = (rows["dataset"] == "trec") & (rows["placement"] == "output")
    rows.loc[rows.index[chosen][:2], "diverged"] = True
    rows.loc[rows.index[chosen][1], "nll_best"] = math.nan  # the first had a checkpoint before, and keeps it
    whole = exploring.effects("a3", rows)
    mean = whole[(whole["dataset"] == "trec") & (whole["row"] == "output")]["mean"].item()
    values = rows["nll_best"].fillna(math.log(6)).to_numpy()
    base = rows[(rows["dataset"] == "trec") & (rows["placement"] == "none")].index
    assert mean == pytest.approx(values[rows.index[chosen]].mean() - values[base].mean())
    fewer = exploring.effects("a3", rows.drop(rows.index[chosen][3]))
    assert len(fewer) == len(whole) - 1 and not ((fewer["dataset"] == "trec") & (fewer["row"] == "output")).any()
    no_baseline = exploring.effects("a3", rows.drop(base[0]))
    assert not (no_baseline["dataset"] == "trec").any() and (no_baseline["dataset"] == "japanese_vowels").any()


def test_without_validation_a_run_that_diverged_counts_as_uniform():
    rows = published_rows(runs := plan.fixed_rate())
    last = next(number for number, config in enumerate(runs) if config.dataset == "japanese_vowels")
    rows.loc[last, "diverged"] = True
    assert nll(rows)[last] == pytest.approx(math.log(9)) != rows.loc[last, "nll_last"]


def test_intervals_of_few_units_are_wide_enough():
    """95 % of intervals over ten units hold the truth; BCa's would be about 90 %."""
    configs = [config for config in grid_exploring.data_size() if config.dataset == "imdb"]
    rng, held = np.random.default_rng(0), []
    for _ in range(60):
        rows = published_rows(configs)
        rows["nll_best"] = rng.normal(0, 0.1, len(rows)) + 1
        again = exploring.effects("d", rows)
        assert set(again["n"]) == {10}
        held += ((again["low"] < 0) & (again["high"] > 0)).to_list()
    assert np.mean(held) > 0.92


def test_a_schedule_is_compared_with_the_constant_rate_on_its_own_site():
    rows = published_rows(grid_exploring.PARTS["g"]())
    # By .3 below on recurrent, ramp; .2 above on output, decay; all others as they came.
    moved = {("recurrent", "ramp"): -0.3, ("output", "decay"): 0.2}
    rows["shift"] = [moved.get(each, 0.0) for each in zip(rows["placement"], rows["schedule"], strict=True)]
    rows["shift"] += np.random.default_rng(0).normal(0, 0.01, len(rows))
    for column in ("nll_best", "nll_last"):
        rows[column] += rows["shift"]
    found = exploring.against_constant(rows)
    assert len(found) == 2 * 4 * 3  # data sets, sites and schedules beside the constant one
    for name in ("trec", "japanese_vowels"):
        assert found[name, "recurrent", "ramp"].mean == pytest.approx(-0.3, abs=0.02)
        assert found[name, "output", "decay"].low > 0 > found[name, "recurrent", "ramp"].high
        assert abs(found[name, "input", "ramp"].mean) < 0.02 and found[name, "input", "ramp"].n == 10
    # All checkpoints after a fifth of training, when nothing of a triangle and .2 of a ramp has acted.
    early = rows.assign(epoch_best=0.2 * rows["epochs"])
    acted = exploring.until_checkpoint(early, "trec")
    assert acted["triangle"] == pytest.approx((0.2, 0)) and acted["ramp"] == pytest.approx((0.2, 0.2))
    assert exploring.until_checkpoint(early, "japanese_vowels") == {}
    # A schedule that lacks one unit is left out, and a constant rate that lacks it takes all of its site along.
    ramp = rows[(rows["dataset"] == "trec") & (rows["placement"] == "input") & (rows["schedule"] == "ramp")]
    assert len(exploring.against_constant(rows.drop(ramp.index[0]))) == 23
    constant = rows[(rows["dataset"] == "trec") & (rows["placement"] == "input") & (rows["schedule"] == "constant")]
    assert len(exploring.against_constant(rows.drop(constant.index[0]))) == 21
    assert exploring.against_constant(rows.iloc[:0]) == {}
