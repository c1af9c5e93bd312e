"""Passes with masks after training: a loop of model calls gives the same, and they change nothing else of a run."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy.special import entr
from support.networks import made_up

from bilstm_dropout.dropout.masks import draw_masks, seed_of
from bilstm_dropout.dropout.placements import resolve
from bilstm_dropout.dropout.sizes import Sizes
from bilstm_dropout.errors import UserError
from bilstm_dropout.runs.blocks import EVALUATION_ROWS
from bilstm_dropout.runs.config import RunConfig
from bilstm_dropout.runs.trainer import Trainer

SMALL = dict(dataset="recall", units=4, epochs=2, batch_size=8, embedding_dim=4)
PASSES = 50


@pytest.fixture(scope="module")
def data():
    return made_up("tokens", rows=21, validation=True)


@pytest.fixture(scope="module")
def trainer(data):
    return Trainer(data, RunConfig(**SMALL))


def in_blocks(split, steps):
    """A split's one block, the longest rows first, and the order."""
    order = np.argsort(-split.lengths, kind="stable")
    spare = EVALUATION_ROWS - len(order)
    inputs = np.pad(split.inputs[order], [(0, spare), (0, steps - split.inputs.shape[1])])
    return inputs, np.pad(split.lengths[order], (0, spare), constant_values=1), order


def looped(trainer, split, rate, masks_of, seed=3):
    """Mean probabilities and information of PASSES calls of the network, row by row."""
    steps = max(part.inputs.shape[1] for part in (trainer.dataset.test, trainer.dataset.validation))
    inputs, lengths, order = in_blocks(split, steps)
    model = tf.function(lambda masks: trainer.model(inputs, lengths, masks=masks))
    found = []
    for stream in range(1, PASSES + 1):
        logits = model(masks_of(seed_of(seed, stream), steps))
        found.append(keras.ops.softmax(logits).numpy()[: len(order)][np.argsort(order)].astype(float))
    p = np.array(found)
    information = entr(p.mean(axis=0)).sum(axis=1) - entr(p).sum(axis=2).mean(axis=0)
    return p.mean(axis=0), information


@pytest.mark.parametrize("placement", ["recurrent-tied", "input+output", "variational", "gates"])
def test_passes_are_those_of_a_loop_of_calls(trainer, data, placement):
    # A high learning rate, so that masks matter far more than what is compared to.
    config = RunConfig(placement=placement, rate=0.4, seed=3, passes=PASSES, learning_rate=0.05, **SMALL)
    found = trainer.run(config).probabilities  # the network keeps the chosen weights

    def drawn(seed, steps):
        return trainer.model.draw(0.4, [seed, 0], batch=EVALUATION_ROWS, steps=steps, features=4)

    def at_the_output(seed, steps):
        terms = resolve("output").terms
        drawn = draw_masks(terms, 0.25, Sizes(EVALUATION_ROWS, steps, 4, 4, 0, 2), [seed, 0], label="0")
        masks = trainer.model.expected(0.4)
        return {**masks, "layer 0": {**masks["layer 0"], **drawn}}

    for name, split, masks in (
        ("test_best", data.test, drawn), ("validation_best", data.validation, drawn),
        ("test_best_output_0.25", data.test, at_the_output),
    ):  # fmt: skip
        mean, information = looped(trainer, split, 0.4, masks)
        assert found[f"{name}_mean"] == pytest.approx(mean, abs=1e-5)
        if split is data.test:
            assert found[f"{name}_information"][:, 0] == pytest.approx(np.maximum(information, 0), abs=1e-5)
            assert found[f"{name}_information"].max() > 1e-4
            assert not np.allclose(found[f"{name}_mean"], found["test_best"], atol=1e-6)
    names = {"test_last", "test_best", *(f"test_best_output_{rate}" for rate in (0.1, 0.25, 0.5))}
    assert {name.removesuffix("_information") for name in found if name.endswith("_information")} == names
    assert {name.removesuffix("_mean") for name in found if name.endswith("_mean")} == {*names, "validation_best"}


@pytest.mark.parametrize("placement", ["none", "input"])
def test_passes_change_nothing_else_of_a_run(trainer, placement):
    config = RunConfig(placement=placement, rate=0.0 if placement == "none" else 0.4, **SMALL)
    plain, passed = trainer.run(config), trainer.run(RunConfig(**{**config.model_dump(), "passes": 3}))
    assert plain.curves == passed.curves and plain.best_epoch == passed.best_epoch
    for name, p in plain.probabilities.items():
        assert np.array_equal(p, passed.probabilities[name])
    assert "test_best_mean" not in plain.probabilities and "test_best_mean" in passed.probabilities
    again = trainer.run(RunConfig(**{**config.model_dump(), "passes": 3}))
    assert all(np.array_equal(p, again.probabilities[name]) for name, p in passed.probabilities.items())


def test_without_dropout_every_pass_is_the_same(trainer):
    found = trainer.run(RunConfig(passes=3, **SMALL)).probabilities
    for name in ("test_last", "test_best", "validation_best"):
        assert np.array_equal(found[f"{name}_mean"], found[name])
    assert not found["test_last_information"].any() and not found["test_best_information"].any()
    assert found["test_best_output_0.5_information"].max() > 1e-6  # masks at its output are another matter


def test_a_run_without_passes_is_named_as_before_there_were_any():
    assert "passes" not in RunConfig(**SMALL).model_dump() and RunConfig(passes=5, **SMALL).model_dump()["passes"] == 5
    for value in (-1, 1.5, True, 2**31):
        with pytest.raises(UserError, match="passes"):
            RunConfig(passes=value, **SMALL)
