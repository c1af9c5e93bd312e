"""The lines of code on the page 'Use it' run, on made-up data."""

import re
from itertools import pairwise

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
    names = {"keras": keras, "np": np, "words": 50, "classes": 3, "features": 4, "length": 6} | names
    exec(compile(block, "use_it", "exec"), names)
    return names


def block(word):
    """The one block that has a word."""
    (found,) = (block for block in BLOCKS if word in block)
    return found


def test_there_are_seven():
    assert len(BLOCKS) == 7


def test_the_line_for_pytorch_drops_between_word_vectors_and_lstm():
    """With stand-ins for its three modules, since PyTorch is in another environment."""
    modules = {
        "embedding": lambda texts: f"vectors of {texts}", "drop": lambda x: f"dropped {x}",
        "lstm": lambda x: (f"states from {x}", "the last state"),
    }  # fmt: skip
    assert run(block("nn.LSTM"), texts="texts", **modules)["h"] == "states from dropped vectors of texts"


@pytest.mark.parametrize("block", [block for block in BLOCKS if "Sequential" in block])
def test_models_of_words_train(block):
    model = run(block)["model"]
    model.compile("adam", "sparse_categorical_crossentropy")
    x, y = np.random.default_rng(0).integers(1, 50, (8, 6)), np.arange(8) % 3
    history = model.fit(x, y, epochs=1, verbose=0)
    assert np.isfinite(history.history["loss"]).all() and model.predict(x, verbose=0).shape == (8, 3)


def test_whole_words_are_dropped_each_sample_for_itself():
    layer = run(block("noise_shape"))["model"].layers[1]
    kept = np.asarray(layer(np.ones((4, 200, 5), np.float32), training=True)) != 0
    assert (kept == kept[:, :, :1]).all()
    assert 0.65 < kept.mean() < 0.85 and len(np.unique(kept[:, :, 0], axis=0)) == 4


@pytest.mark.parametrize(("word", "data"), [
    ("SpatialDropout1D", np.zeros((2, 5, 4), np.float32)), ("DropoutLSTM", np.ones((2, 6), np.int32)),
])  # fmt: skip
def test_functional_models_predict(word, data):
    names = run(block(word))
    model = keras.Model(names["inputs"], names["outputs"])
    assert model(data, training=True).shape == (2, 3)


def test_five_networks_are_averaged_and_each_has_its_own_seed():
    texts, networks = np.random.default_rng(0).integers(1, 50, (4, 6)), []

    def trained():
        layers = keras.layers
        model = keras.Sequential([layers.Embedding(50, 4), layers.LSTM(3), layers.Dense(3, activation="softmax")])
        model.compile("adam", "sparse_categorical_crossentropy")
        model.fit(texts, np.arange(4) % 3, verbose=0)
        networks.append(model.predict(texts, verbose=0))
        return model

    p = run(block("trained()"), texts=texts, trained=trained)["p"]
    assert len(networks) == 5 and np.allclose(p, np.mean(networks, axis=0), atol=1e-6)
    assert np.allclose(p.sum(axis=1), 1, atol=1e-5)
    assert not any(np.allclose(first, other) for first, other in pairwise(networks))


def test_the_temperature_is_that_of_the_package():
    from bilstm_dropout.stats.calibration import fit_temperature

    generator = np.random.default_rng(1)
    labels = generator.integers(0, 3, 200)
    logits = 4 * (generator.normal(size=(200, 3)) + 0.5 * np.eye(3)[labels])
    p = np.exp(logits - np.logaddexp.reduce(logits, axis=1, keepdims=True))
    found = run(block("minimize_scalar"), p=p, labels=labels)["temperature"]
    assert found == pytest.approx(fit_temperature(p, labels), rel=1e-2)
