"""The line of Keras that the table gives for a placement draws the masks that the table states."""

import re

import keras
import numpy as np
import pytest

from bilstm_dropout.dropout.placements import TABLE
from bilstm_dropout.stock_keras.probe import circuit

SIZES = (32, 5, 8)  # samples, steps, features
AXES = ("direction", "sample", "step", "gate", "twin", "feature")
LAYER = re.compile(r"keras\.layers\.Bidirectional\((keras\.layers\.LSTM\(units.*?\))\)\((?:x)\)$", re.MULTILINE)
WITH_ARGUMENTS = [name for name, entry in TABLE.items() if entry.keras and "dropout=" in entry.keras]


def drawn_axes(masks) -> set[str]:
    """Which axes differ: those along which the layer drew masks apart."""
    return {
        name
        for axis, name in enumerate(AXES)
        if not np.allclose(masks, np.take(masks, [0], axis=axis), atol=1e-2, rtol=0)
    }


@pytest.mark.parametrize("name", WITH_ARGUMENTS)
def test_the_keras_line_of_a_placement_draws_its_masks(name):
    entry = TABLE[name]
    line = LAYER.findall(entry.keras)[-1].replace("(units", "(units, return_sequences=True")
    units = circuit.units("LSTM", SIZES[2])
    layer = keras.layers.Bidirectional(eval(line, {"keras": keras, "units": units, "rate": 0.5}))
    circuit.wire(layer, "LSTM", SIZES[2], SIZES)
    found = circuit.read(layer, "LSTM", SIZES)
    # A term that names directions is the layer's own; one that does not is a layer's before it.
    stated = {term.site: set(term.axes) for term in entry.terms if "direction" in term.axes}
    for site, part in (("input", "inputs"), ("recurrent", "recurrent")):
        assert drawn_axes(found[part]) == stated.get(site, set()), (name, site)


def test_every_placement_with_an_argument_is_read():
    assert {"lstm-dropout", "lstm-dropout-gates", "recurrent", "combined"} <= set(WITH_ARGUMENTS)


BEFORE = re.compile(r"x = (keras\.layers\.\w*Dropout\w*\(rate.*\))\(x\)$", re.MULTILINE)
WITH_A_LAYER = [name for name, entry in TABLE.items() if BEFORE.search(entry.keras or "")]


@pytest.mark.parametrize("name", WITH_A_LAYER)
def test_a_layer_before_the_lstm_draws_the_masks_of_the_table_and_needs_no_length(name):
    entry = TABLE[name]
    layer = eval(BEFORE.search(entry.keras)[1], {"keras": keras, "rate": 0.5})
    kept = np.asarray(layer(np.ones((16, 12, 10), np.float32), training=True)) != 0
    apart = {axis for i, axis in enumerate(("sample", "step", "feature")) if (kept != kept.take([0], axis=i)).any()}
    (term,) = (term for term in entry.terms if "direction" not in term.axes and term.site in ("input", "between"))
    assert apart == set(term.axes)


def test_every_placement_with_a_layer_on_the_input_is_read():
    alone = {name for name, entry in TABLE.items() if [term.site for term in entry.terms] == ["input"]}
    assert alone - set(WITH_ARGUMENTS) <= set(WITH_A_LAYER) and "input-words" in alone
