"""What is probed: each group of facts, with the layers whose outputs tell them."""

from __future__ import annotations

import inspect
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import keras
import numpy as np

from . import circuit
from .asking import asked, output
from .readings import MEANINGS, RATE, RECURRENT_RATE, TOLERANCE, rate_and_scaling, shared, sharing, silent

CALLS = 8
_AXES = ("call", "direction", "sample", "step", "gate", "twin", "feature")
_OF_ALL = ("samples_share", "steps_share", "features_share", "calls_share", "rate", "scaling", "inference_silent")
_LAYER = (*_OF_ALL, "inference_moves_generator")
_MASKED = ("gates_share", *_OF_ALL, "before_kernel", "inference_moves_generator")
Group = tuple[str, object, Callable[[], dict]]


def groups(seed: int, sizes: tuple[int, int, int]) -> list[Group]:
    """Every group: the prefix of its facts, their names (with meanings where they are its own), and how to read."""
    keras.utils.set_random_seed(seed)
    _, steps, features = sizes
    versions = {"keras": "Keras' version", "backend": "its backend", "backend_version": "the backend's version"}
    found: list[Group] = [("versions", versions, _versions)]
    noise = {
        "noise_1_t_1": (1, steps, 1),
        "noise_1_1_f": (1, 1, features),
        "noise_none_1_1": (None, 1, 1),
        "noise_none_t_1": (None, steps, 1),
        "noise_none_1_f": (None, 1, features),
    }
    layers = {
        "dropout": partial(keras.layers.Dropout, RATE),
        **{f"dropout.{name}": partial(keras.layers.Dropout, RATE, noise_shape=shape) for name, shape in noise.items()},
        "spatial_dropout_1d": partial(keras.layers.SpatialDropout1D, RATE),
    }
    found += [(name, _LAYER, partial(_dropout_layer, make, sizes, seed)) for name, make in layers.items()]
    found.append(("dropout.last_output", ("samples_share", "features_share"), partial(_last_output, sizes)))
    for kind in circuit.GATES:
        name = kind.lower()
        both = f"{name}.both"
        for prefix, rates in ((name, (RATE, 0.0)), (name, (0.0, RECURRENT_RATE)), (both, (RATE, RECURRENT_RATE))):
            for part, argument, rate in (("inputs", "dropout", rates[0]), ("recurrent", "recurrent_dropout", rates[1])):
                names = (*_MASKED, "state_masked", "reads") if part == "recurrent" else _MASKED
                if rate:
                    found.append((f"{prefix}.{argument}", names, partial(_masks, kind, part, rates, sizes, seed)))
        found += _implementation(kind, sizes) + _bidirectional(kind, sizes, seed)
        found += [
            _one(f"{name}.{argument}", "rate_one", partial(_rate_one, kind, argument, sizes),
                 f"what a rate of 1 does in {argument}")
            for argument in ("dropout", "recurrent_dropout")
        ]  # fmt: skip
    found.append(_one("dropout", "rate_one", partial(_dropout_rate_one, sizes), "what a rate of 1 does"))
    found += _padding(sizes)
    return found


def _one(prefix: str, name: str, read: Callable[[], object], meaning: str = "") -> Group:
    """A group of one fact. meaning: that of MEANINGS unless given."""
    return prefix, {name: meaning or MEANINGS[name]}, lambda: {name: read()}


def _versions() -> dict:
    backend = keras.config.backend()
    return {"keras": keras.__version__, "backend": backend, "backend_version": str(sys.modules[backend].__version__)}


# ---- Dropout and SpatialDropout1D: ones in, the mask comes out ----
def _dropout_layer(make, sizes, seed) -> dict:
    def call(layer, training):
        return output(layer, ones, training=training)

    ones = np.ones(sizes, "float32")
    with asked():
        layer, *twins = make(), make(seed=seed + 1), make(seed=seed + 1)
    masks = np.stack([call(layer, True) for _ in range(CALLS)])
    moved = [_second(call, twin, between) for twin, between in zip(twins, (False, True), strict=True)]
    return {
        **sharing(masks, ("call", "sample", "step", "feature")),
        **rate_and_scaling(masks, {"dropout": RATE}),
        "inference_silent": silent(call(layer, False)),
        "inference_moves_generator": not np.array_equal(*moved),
    }


def _second(call, layer, between: bool):
    """What the second call in training gives, with or without one in inference between the two."""
    call(layer, True)
    if between:
        call(layer, False)
    return call(layer, True)


def _last_output(sizes) -> dict:
    """Dropout behind a layer that returns its last output alone: the source units' outputs show the mask."""
    width = sizes[2]
    with asked():
        layer, dropout = keras.layers.LSTM(circuit.units("LSTM", width)), keras.layers.Dropout(RATE)
    circuit.wire(layer, "LSTM", width, sizes)
    masks = output(dropout, output(layer, np.ones(sizes, "float32")), training=True)
    return sharing(masks[:, :width], ("sample", "feature"))


def _dropout_rate_one(sizes) -> str:
    with asked():
        layer = keras.layers.Dropout(1.0)
    return _effect(output(layer, np.ones(sizes, "float32"), training=True))


def _effect(masks: np.ndarray) -> str:
    if silent(masks):
        return "drops nothing"
    return "drops everything" if np.allclose(masks, 0, atol=TOLERANCE) else "another"


# ---- LSTM and GRU: wired so that outputs show masks ----
def _wired(kind, sizes, bidirectional=False, **arguments):
    layer = _recurrent(kind, sizes, **arguments)
    if bidirectional:
        with asked():
            layer = keras.layers.Bidirectional(layer)
    circuit.wire(layer, kind, sizes[2], sizes)
    return layer


def _recurrent(kind, sizes, **arguments):
    make = getattr(keras.layers, kind)
    if "use_cudnn" in arguments and "use_cudnn" not in inspect.signature(make).parameters:
        del arguments["use_cudnn"]  # Keras 3.0 has none, and nothing to switch off
    size = circuit.units(kind, sizes[2])
    with asked():
        return make(size, return_sequences=True, **arguments)


def _masks(kind, part, rates, sizes, seed) -> dict:
    names = {"dropout": rates[0], "recurrent_dropout": rates[1]}
    layer = _wired(kind, sizes, **names)
    readings = [circuit.read(layer, kind, sizes) for _ in range(2)]
    masks = np.stack([reading[part] for reading in readings])
    quiet = circuit.read(layer, kind, sizes, training=False)
    found = {**sharing(masks, _AXES), **rate_and_scaling(masks, names)}
    call = lambda layer, training: circuit.read(layer, kind, sizes, training)[part]  # noqa: E731
    moved = [_second(call, _wired(kind, sizes, seed=seed + 1, **names), between) for between in (False, True)]
    factor = float(np.median(quiet["recurrent"]))
    return {
        **found,
        "before_kernel": found["twins_share"],
        "inference_silent": silent(quiet[part]),
        "inference_moves_generator": not shared(np.stack(moved), 0),
        "state_masked": max(float(np.abs(reading["state"]).max()) for reading in readings) > 1e-3,
        "reads": "the hidden output" if abs(factor - 1) < 1e-2 else f"{factor:.2f} times the hidden output",
    }


def _share(kind, sizes, axis, layer=None, part="inputs", **arguments) -> bool:
    """Whether the masks of one call are shared along an axis of _AXES."""
    layer = layer if layer is not None else _wired(kind, sizes, **arguments)
    return shared(circuit.read(layer, kind, sizes)[part], _AXES.index(axis) - 1)


def _rate_one(kind, argument, sizes) -> str:
    part = "inputs" if argument == "dropout" else "recurrent"
    return _effect(circuit.read(_wired(kind, sizes, **{argument: 1.0}), kind, sizes)[part])


# ---- implementation 1 and 2 ----
def _implementation(kind, sizes) -> list[Group]:
    one = {"dropout": RATE, "implementation": 1, "use_cudnn": False}
    two = {"dropout": RATE, "recurrent_dropout": RECURRENT_RATE, "implementation": 2}

    def share(**arguments) -> Callable[[], bool]:
        return partial(_share, kind, sizes, "gate", **arguments)

    gates = {
        "implementation_1": share(dropout=RATE, implementation=1),
        "implementation_1_without_cudnn": share(**one),
        "implementation_2_with_recurrent_dropout": share(part="recurrent", **two),
        "implementation_1_in_bidirectional": share(bidirectional=True, **one),
        "implementation_1_saved_and_loaded": lambda: share(layer=_saved_and_loaded(kind, sizes, one))(),
    }
    name = kind.lower()
    in_config = _one(f"{name}.implementation", "in_config",
                     lambda: "implementation" in _configuration(kind, sizes, one),
                     "whether get_config has the argument `implementation`")  # fmt: skip
    return [in_config, *(_one(f"{name}.{case}", "gates_share", read) for case, read in gates.items())]


def _configuration(kind, sizes, arguments) -> dict:
    layer = _recurrent(kind, sizes, **arguments)
    with asked():
        return layer.get_config()


def _saved_and_loaded(kind, sizes, arguments):
    layer = _recurrent(kind, sizes, **arguments)
    with tempfile.TemporaryDirectory() as folder, asked():
        model = keras.Sequential([keras.Input(sizes[1:]), layer])
        model.save(Path(folder) / "model.keras")
        layer = keras.saving.load_model(Path(folder) / "model.keras").layers[-1]
    layer.use_cudnn = False  # no part of the configuration either; only the implementation is asked about
    circuit.give_weights(layer, kind, sizes[2])
    return layer


# ---- Bidirectional ----
def _bidirectional(kind, sizes, seed) -> list[Group]:
    both = {"bidirectional": True, "dropout": RATE, "recurrent_dropout": RECURRENT_RATE}
    return [
        _one(f"bidirectional.{name}.{kind.lower()}.{argument}", "directions_share",
             partial(_share, kind, sizes, "direction", part=part, seed=own_seed, **both))
        for name, own_seed in (("unseeded", None), ("seeded", seed + 1))
        for part, argument in (("inputs", "dropout"), ("recurrent", "recurrent_dropout"))
    ]  # fmt: skip


# ---- padding ----
def _padding(sizes) -> list[Group]:
    def passes(make) -> bool:
        with asked():
            embedded = keras.layers.Embedding(4, sizes[2], mask_zero=True)(keras.Input(sizes[1:2], dtype="int32"))
            given = make(RATE)(embedded)
        return getattr(given, "_keras_mask", None) is not None

    def changes() -> dict:
        rows = np.random.default_rng(0).normal(size=sizes).astype("float32")
        padded = np.concatenate([rows, np.zeros_like(rows)], axis=1)
        with asked():
            layer = keras.layers.Bidirectional(keras.layers.LSTM(4))
        mask = np.concatenate([np.ones(sizes[:2], bool), np.zeros(sizes[:2], bool)], axis=1)
        plain, blind, masked = output(layer, rows), output(layer, padded), output(layer, padded, mask=mask)
        return {
            "unmasked_changes_output": not np.allclose(plain, blind, atol=1e-4),
            "masked_changes_output": not np.allclose(plain, masked, atol=1e-4),
        }

    meaning = "whether the layer hands the padding mask on to the next"
    of_bilstm = {
        "unmasked_changes_output": "whether zeros after the end, without a mask, change a BiLSTM's output",
        "masked_changes_output": "whether they do with a mask",
    }
    spatial = keras.layers.SpatialDropout1D
    return [
        _one("padding.dropout", "passed_on", lambda: passes(keras.layers.Dropout), meaning),
        _one("padding.spatial_dropout_1d", "passed_on", lambda: passes(spatial), meaning),
        ("padding.bidirectional_lstm", of_bilstm, changes),
        _one("custom_layer", "second_tensor_keeps_mask", _second_tensor,
             "whether `mask` reaches a layer's call(x, other, mask=None) that is given a second tensor"),
    ]  # fmt: skip


def _second_tensor() -> bool | str:
    seen = []

    class Custom(keras.layers.Layer):
        def call(self, x, other=None, mask=None):
            seen.append(mask is not None)
            return x

    with asked():
        embedded = keras.layers.Embedding(4, 2, mask_zero=True)(np.array([[1, 2, 0]]))
        layer = Custom()
        layer.supports_masking = True  # or Keras warns that the mask ends here
        layer(embedded)
        layer(embedded, np.ones((1, 3), "float32"))
    return seen[-1] if seen[0] else "no mask even with one tensor"
