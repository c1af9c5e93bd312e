"""The page on a BiLSTM: its lines of NumPy are Keras' LSTM, and its masks have the shapes of those that train."""

from __future__ import annotations

import subprocess
import sys

import nbformat
import numpy as np
import pytest

from bilstm_dropout import dropout
from bilstm_dropout.dropout.shapes import mask_shapes
from bilstm_dropout.paths import project_root

CELLS = {each.id: each.source for each in nbformat.read(project_root() / "notebooks/understand/bilstm.ipynb", 4).cells}
UNITS, FEATURES, STEPS, SAMPLES = 5, 3, 7, 4


def run(*cells: str, **names) -> dict:
    """The names that cells of the page define."""
    space = {"dropout": dropout, "given": {"rate": 0.25}, **names}
    for cell in cells:
        exec(CELLS[cell], space)
    return space


@pytest.fixture(scope="module")
def weights() -> list[np.ndarray]:
    """Of both directions, in the order of Keras' Bidirectional."""
    random = np.random.default_rng(0)
    shapes = [(FEATURES, 4 * UNITS), (UNITS, 4 * UNITS), (4 * UNITS,)] * 2
    return [random.normal(size=shape).astype("float32") for shape in shapes]


@pytest.fixture(scope="module")
def x() -> np.ndarray:
    return np.random.default_rng(1).normal(size=(SAMPLES, STEPS, FEATURES)).astype("float32")


def test_the_lines_are_keras_bidirectional_lstm(weights, x):
    import keras

    layer = keras.layers.Bidirectional(keras.layers.LSTM(UNITS))
    layer.build(x.shape)
    layer.set_weights(weights)
    bilstm = run("equations", "bidirectional")["bilstm"]
    here = np.stack([bilstm(each, weights[:3], weights[3:]) for each in x])
    assert np.abs(here - keras.ops.convert_to_numpy(layer(x))).max() < 1e-5


@pytest.mark.parametrize(("name", "argument"), [("input-spatial", "m_x"), ("recurrent-tied", "m_h")])
def test_its_masks_are_those_of_the_packages_layer(weights, x, name, argument):
    import keras

    layer = dropout.DropoutLSTM(UNITS, name, 0.4)
    layer.build(x.shape)
    layer.set_weights(weights)
    masks = dropout.draw_masks(dropout.resolve(name), 0.4, dropout.Sizes(SAMPLES, STEPS, FEATURES, UNITS), [2, 3])
    ((key, drawn),) = masks.items()
    found = keras.ops.convert_to_numpy(layer(x, masks=masks))[:, :UNITS]
    space, drawn = run("equations"), keras.ops.convert_to_numpy(drawn)
    assert (drawn == 0).any()
    for sample, expected in enumerate(found):
        here = space["lstm"](x[sample], *weights[:3], **{argument: drawn[0, sample, 0, 0]})[-1]
        assert np.abs(here - expected).max() < 1e-5, key


@pytest.mark.parametrize("name", [name for name, entry in dropout.TABLE.items() if len(entry.terms) == 1])
def test_masks_of_the_page_have_the_shape_of_those_that_train(name):
    sizes = dropout.Sizes(2, 7, 6, 3, vocabulary=8)
    mask = run("equations", "draw")["draw"](name, sizes, np.random.default_rng(0))
    assert [mask.shape] == list(mask_shapes(dropout.resolve(name), sizes).values())


def test_a_mask_spreads_over_what_shares_it():
    at_input = run("equations", "draw")["at_input"]
    sizes, words = dropout.Sizes(2, 4, 6, 3, vocabulary=4), np.array([[1, 2, 1, 3], [3, 3, 2, 1]])
    for seed in range(20):
        steps, spatial, types = (
            at_input(name, sizes, np.random.default_rng(seed), words if name == "embedding-types" else None)
            for name in ("input-steps", "input-spatial", "embedding-types")
        )
        assert (steps == steps[:1, :, :1]).all() and (spatial == spatial[:, :1]).all()
        assert (types[0, 0] == types[0, 2]).all() and (types[1, 0] == types[1, 1]).all()


def test_sizes_are_had_without_keras():
    code = "import sys; from bilstm_dropout import dropout; dropout.Sizes(1, 1, 1, 1); print('keras' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
