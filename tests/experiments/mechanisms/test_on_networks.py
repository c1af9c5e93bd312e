"""Mechanisms measured on networks that the study's layer runs: gradients, dose, Monte Carlo dropout."""

import numpy as np
import pandas as pd
import pytest
from keras import ops

from bilstm_dropout import datasets
from bilstm_dropout.dropout.masks import Sizes, draw_masks
from bilstm_dropout.dropout.placements import TABLE, resolve
from bilstm_dropout.errors import UserError
from bilstm_dropout.experiments.mechanisms import dose, gradients, monte_carlo, tables
from bilstm_dropout.runs import networks


@pytest.mark.parametrize("form", ["recurrent", "cell-stepwise"])
def test_gradients_are_those_of_finite_differences(form):
    config = networks.recall(units=4)
    model = networks.network(config, trained=False)
    norms = gradients._norms(config, False, form, 0.5, steps=4, draws=4, seed=1)["margin"]
    part = datasets.load("recall", steps=4, test=4, position="first", noise=0.0, data_seed=1).test
    masks = draw_masks(resolve(form), 0.5, Sizes(4, 4, 32, 4, directions=1), (1, 0))
    x = ops.convert_to_numpy(model.embedding(part.inputs)).copy()

    def margin(x):
        logits = ops.convert_to_numpy(model.head(model.recurrent[0](ops.convert_to_tensor(x), masks=masks))).astype(
            float
        )
        true = np.eye(4)[part.labels]
        return (logits * (true - (1 - true) / 3)).sum(axis=-1)

    change = np.zeros_like(x)
    for step in range(4):
        for feature in range(32):
            moved = np.zeros_like(x)
            moved[:, step, feature] = 0.1
            change[:, step, feature] = (margin(x + moved) - margin(x - moved)) / 0.2
    assert np.linalg.norm(change, axis=-1) == pytest.approx(norms, rel=0.03, abs=1e-5)


def test_recurrent_masks_that_stay_let_more_gradient_through_and_wiped_cells_less():
    def at_the_cue(form, rate):
        frame = gradients.by_step(form, rate, steps=30, units=16, draws=30, seeds=(1, 2))
        row = frame[(frame["step"] == 0) & (frame["quantity"] == "loss")].iloc[0]
        assert row["finite"] == 1 and row["median"] <= row["high"]
        return row["median"]

    plain = at_the_cue("none", 0.0)
    assert at_the_cue("recurrent", 0.75) > 2 * plain
    assert at_the_cue("cell-stepwise", 0.5) < plain / 100


def test_gradients_refuse_a_training_that_they_do_not_have():
    with pytest.raises(UserError, match="the form itself"):
        gradients.by_step("recurrent", after="input")


def test_a_short_training_learns_to_recall():
    assert min(gradients.accuracy(steps=networks.TRAINING_STEPS, units=16, seeds=(1, 2))) > 0.9


def test_the_spread_at_the_output_is_that_of_the_formula(untrained):
    rates = (0.1, 0.5)
    frame = dose.by_rate(("output", "gates"), (*rates, 0.75), units=8, rows=8, draws=200)
    measured = frame[frame["placement"] == "output"]["spread"].to_numpy()
    assert measured == pytest.approx(dose.expected_at_output((*rates, 0.75), units=8, rows=8), rel=0.1)
    assert list(frame[frame["placement"] == "gates"]["rate"]) == list(rates)  # no more than .5 is allowed


def test_dosed_placements_draw_each_sample_its_own_masks():
    for name in tables.DOSED:
        assert TABLE[name].applies(False, 1)
        assert all("sample" in term.axes for term in TABLE[name].terms if not term.optional)


def test_equal_dose_is_the_first_crossing_or_none():
    rows = [("recurrent", rate, rate) for rate in (0.1, 0.25, 0.5)]
    rows += [("rises", rate, 4 * rate**2) for rate in (0.1, 0.25, 0.5)]
    rows += [("falls", 0.1, 0.2), ("falls", 0.25, 0.3), ("falls", 0.5, 0.1), ("low", 0.1, 0.01), ("low", 0.5, 0.02)]
    frame = pd.DataFrame(rows, columns=["placement", "rate", "spread"])
    rates = dose.matched(frame).set_index("placement")["rate"]
    assert rates["recurrent"] == pytest.approx(0.25) and rates["rises"] == pytest.approx(0.25)
    assert 0.1 < rates["falls"] < 0.25 and np.isnan(rates["low"])
    with pytest.raises(ValueError, match="size 1"):
        dose.matched(frame[frame["placement"] != "recurrent"])


def test_mutual_information_is_what_draws_disagree_about():
    same = np.tile([[0.7, 0.2, 0.1]], (5, 1, 1))
    sure = np.eye(4)[:, None, :]  # four draws, each sure of another class
    assert monte_carlo.mutual_information(same)[1] == pytest.approx([0])
    entropy, information = monte_carlo.mutual_information(sure)
    assert entropy == pytest.approx([np.log(4)]) and information == pytest.approx([np.log(4)])


def test_masks_at_each_step_spread_the_predictions_less(untrained):
    frame = monte_carlo.by_sharing(rate=0.5, draws=30, rows=10, units=8)
    value, low, high = monte_carlo.ratio(frame, "spread")
    assert low <= value <= high < 1
    assert (frame["mutual_information"] >= -1e-12).all() and (frame["mutual_information"] <= frame["entropy"]).all()
    swapped = frame.assign(
        sharing=frame["sharing"].map(dict(zip(monte_carlo.SHARINGS, reversed(monte_carlo.SHARINGS), strict=True)))
    )
    assert monte_carlo.ratio(swapped, "spread")[0] == pytest.approx(1 / value)
