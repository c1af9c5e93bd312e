"""The lines of code on the page 'Use it' run, on made-up data."""

import re

import keras
import nbformat
import numpy as np
import pytest

from bilstm_dropout.paths import project_root

PAGE = nbformat.read(project_root() / "notebooks" / "study" / "use_it.ipynb", as_version=4)
BLOCKS = [
    block
    for cell in PAGE.cells
    if cell.cell_type == "markdown"
    for block in re.findall(r"```python\n(.*?)```", cell.source, re.DOTALL)
]


def run(block, **names):
    """What a block leaves."""
    names |= {"keras": keras, "np": np, "words": 50, "classes": 3, "features": 4}
    exec(compile(block, "use_it", "exec"), names)
    return names


def test_there_are_five():
    assert len(BLOCKS) == 5


@pytest.mark.parametrize("block", [block for block in BLOCKS if "Sequential" in block])
def test_models_of_words_train(block):
    model = run(block)["model"]
    model.compile("adam", "sparse_categorical_crossentropy")
    x, y = np.random.default_rng(0).integers(1, 50, (8, 6)), np.arange(8) % 3
    history = model.fit(x, y, epochs=1, verbose=0)
    assert np.isfinite(history.history["loss"]).all() and model.predict(x, verbose=0).shape == (8, 3)


@pytest.mark.parametrize(("block", "inputs", "data"), [
    (next(block for block in BLOCKS if "SpatialDropout1D" in block), None, np.zeros((2, 5, 4), np.float32)),
    (next(block for block in BLOCKS if "DropoutLSTM" in block), "words", np.ones((2, 5), np.int32)),
])  # fmt: skip
def test_functional_models_predict(block, inputs, data):
    names = run(block, inputs=keras.Input((None,), dtype="int32") if inputs else None)
    model = keras.Model(names["inputs"], names["outputs"])
    assert model(data, training=True).shape == (2, 3)


def test_the_temperature_is_that_of_the_package():
    from bilstm_dropout.stats.calibration import fit_temperature

    generator = np.random.default_rng(1)
    labels = generator.integers(0, 3, 200)
    logits = 4 * (generator.normal(size=(200, 3)) + 0.5 * np.eye(3)[labels])
    p = np.exp(logits - np.logaddexp.reduce(logits, axis=1, keepdims=True))
    block = next(block for block in BLOCKS if "minimize_scalar" in block)
    assert run(block, p=p, labels=labels)["temperature"] == pytest.approx(
        fit_temperature(p, labels), rel=1e-2
    )
