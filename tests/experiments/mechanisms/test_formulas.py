"""Mechanisms that need no trained network: what is measured follows the formulas, and would show it if it did not."""

import numpy as np
import pytest
from keras import ops

from bilstm_dropout.dropout.lstm import run_lstm
from bilstm_dropout.dropout.placements import TABLE
from bilstm_dropout.experiments.mechanisms import averaging, equations, explosion, identity, scaling, survival
from bilstm_dropout.experiments.mechanisms.recurrence import initial, unroll


def test_the_equations_are_the_layer_for_every_placement():
    frame = equations.differences().set_index("placement")
    assert set(frame.index) == {name for name, entry in TABLE.items() if entry.applies(False, 1)}
    assert frame["difference"].max() < 1e-6
    assert frame.drop("none")["unmasked"].min() > 1e-3 and frame.loc["none", "unmasked"] == 0


def test_the_equations_see_time_and_gates_as_the_layer_does():
    """Masks that differ by step and gate: taking them in another order gives other outputs."""
    networks, draw = initial(2, 3, 4, seed=1), np.random.default_rng(0)
    x = draw.standard_normal((2, 5, 3)).astype("float32")
    mask = (draw.random((2, 2, 5, 4, 4)) < 0.5).astype("float32")
    layer = ops.convert_to_numpy(run_lstm(x, *networks.as_keras(), {"recurrent": mask}))
    assert np.abs(equations.last_outputs(x, networks, {"recurrent": mask}) - layer).max() < 1e-6
    for wrong in (mask[:, :, ::-1], mask[:, :, :, ::-1], mask[::-1]):
        assert np.abs(equations.last_outputs(x, networks, {"recurrent": wrong}) - layer).max() > 1e-3


@pytest.mark.parametrize("forget", [0.3, 0.731, 1.0])
def test_the_formula_of_averaging_is_the_ratio_of_its_sums(forget):
    weights = forget ** np.arange(20.0)
    assert averaging.formula(forget, 20) == pytest.approx((weights**2).sum() / weights.sum() ** 2)


def test_noise_averages_over_the_readers_memory_and_only_where_the_signal_stays():
    frame = averaging.by_length(steps=60, draws=60, networks=10, units=8)
    last = frame[frame["steps"] == 60].set_index(["reader", "signal"])
    for reader in ("average", "forgetting"):
        row = last.loc[(reader, "constant")]
        assert row["ratio"] == pytest.approx(row["formula"], rel=0.2)
    assert last.loc[("average", "constant"), "formula"] == pytest.approx(1 / 60)
    assert last.loc[("forgetting", "constant"), "ratio"] > 5 / 60
    assert 0.5 < last.loc[("average", "independent"), "ratio"] < 2
    assert (frame["low"] <= frame["ratio"]).all() and (frame["ratio"] <= frame["high"]).all()


def test_memories_survive_as_the_formula_says():
    frame = survival.by_step(steps=20, draws=300, units=8)
    slack = 5 * np.sqrt(frame["expected"] * (1 - frame["expected"]) / 300) + 1e-12
    assert ((frame["share"] - frame["expected"]).abs() <= slack).all()
    last = frame[frame["steps"] == 20].set_index("form")["share"]
    assert (last[["none", "recurrent", "recurrent-tied", "recurrent-stepwise"]] == 1).all()
    assert last["cell"] > 0.6 and last["cell-stepwise"] < 0.05 and last["gates"] < 0.05


def test_gates_that_are_not_held_lose_memories_to_noise_on_h():
    loose = survival.by_step(("recurrent-stepwise",), rate=0.5, steps=20, draws=50, hold=1.0)
    assert loose["share"].min() < 0.95


def test_scaled_masks_on_the_cell_have_the_moments_of_the_formula():
    frame = explosion.held(steps=12, draws=500, units=8)
    assert ((frame["second"] / frame["expected_second"] - 1).abs() <= 5 * frame["error"] + 1e-4).all()
    assert ((frame["mean"] / frame["expected_mean"] - 1).abs() <= 5 * frame["error"] + 1e-4).all()
    last = frame[frame["steps"] == 12].set_index("form")
    assert last.loc["scaled, each step", "expected_mean"] == pytest.approx(1)
    assert last.loc["scaled, each step", "expected_second"] == pytest.approx(0.75**-12)


def test_only_scaled_masks_that_stay_make_cells_infinite():
    frame = explosion.ordinary(rate=0.5, steps=180, draws=10, networks=2, units=8)
    last = frame[(frame["steps"] == 180) & (frame["bias"] == 4)].set_index("form")
    assert last.loc["scaled, once a sequence", "nonfinite"] == 1
    assert (last.drop("scaled, once a sequence")["nonfinite"] == 0).all()
    assert last.loc["scaled, each step", "median"] > 5 * last.loc["0/1, each step", "median"]
    assert (frame.groupby(["form", "bias"])["median"].diff().dropna().replace(np.nan, 0) >= 0).all()


def test_rnndrop_is_a_mask_on_h_at_two_sites():
    worst = identity.differences(networks=2, steps=8).groupby("sharing")["difference"]
    assert worst.max()["once a sequence"] < 1e-6 < 0.01 < worst.min()["each step"]


def test_inverted_scaling_keeps_the_expectation_where_the_head_is_linear():
    frame = scaling.slopes(draws=400, networks=4, steps=6)
    linear = frame[frame["site"] == "output"]
    assert (linear["slope"] - linear["formula"]).abs().max() < 0.03
    slopes = frame.set_index(["site", "scaling", "rate"])["slope"]
    assert slopes["input", "neither", 0.5] < slopes["input", "inverted", 0.5] < 0.98
    assert frame[frame["site"] != "output"]["formula"].isna().all()


def test_unroll_gives_every_network_and_draw_its_own_states():
    networks = initial(3, 2, 4, seed=1)
    hidden, cell = unroll(np.ones((1, 1, 5, 2)), networks, {})
    assert hidden.shape == cell.shape == (5, 3, 1, 4) and hidden.dtype == np.float32
    assert np.abs(hidden[-1, 0] - hidden[-1, 1]).max() > 0.01
