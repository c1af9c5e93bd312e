"""Recurrent layers wired so that their outputs tell which masks were drawn.

The weights of a real `keras.layers.LSTM` or `GRU` are set so that each unit shows one thing: a *source* puts a known
number on the hidden output, a *memory* carries a known state, and a *reader* of a gate lets one input feature, or one
source, through that gate while every other gate is wide open or shut. With inputs of ones, the mask is what is left
when the activations are undone. Needs Keras and NumPy alone, whatever the version of Keras 3.
"""

from __future__ import annotations

import numpy as np

from .asking import asked, output

# Through the sigmoid and tanh of float32 these are 1 and 0 (or 1 and -1), so a gate is open or shut.
OPEN, SHUT = 20.0, -20.0
# Where a reader's gate stands when its signal is masked: off the flat parts for every factor up to 4.
BASE = -1.0
# What a memory, and a reader of the forget gate, write at each step; small, so that tanh does not flatten.
WRITE = 0.1
GATES = {"LSTM": ("input", "forget", "candidate", "output"), "GRU": ("update", "reset", "candidate")}
# Two readers for each entry: masks on the inputs agree in both, masks behind the kernel do not.
TWINS = 2

# What each kind of unit needs as bias: the gates of GATES in their order.
_SOURCE = {"LSTM": (OPEN, SHUT, OPEN, OPEN), "GRU": (SHUT, OPEN, OPEN)}
_MEMORY = {"LSTM": (OPEN, OPEN, WRITE, OPEN), "GRU": (0.0, OPEN, OPEN)}
_READERS = {
    "LSTM": ((BASE, SHUT, OPEN, OPEN), (OPEN, BASE, WRITE, OPEN), (OPEN, SHUT, BASE, OPEN), (OPEN, SHUT, OPEN, BASE)),
    "GRU": ((BASE, OPEN, OPEN), (SHUT, BASE, 0.0), (SHUT, OPEN, BASE)),
}
_SOURCE_OUTPUT = {"LSTM": np.tanh(1.0), "GRU": 1.0}


def _logit(x):
    return np.log(x / (1 - x))


def units(kind: str, width: int) -> int:
    """Units that a circuit for `width` features and `width` sources takes."""
    return width + 1 + 2 * TWINS * len(GATES[kind]) * width


def weights(kind: str, width: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Kernel (width, G·U), recurrent kernel (U, G·U) and bias, (G·U,) or (2, G·U) for a GRU, laid out as Keras'."""
    gates, size = len(GATES[kind]), units(kind, width)
    kernel, recurrent = np.zeros((width, gates, size)), np.zeros((size, gates, size))
    bias, recurrent_bias = np.zeros((gates, size)), np.zeros((gates, size))
    bias[:, :width] = np.array(_SOURCE[kind])[:, None]
    bias[:, width] = _MEMORY[kind]
    unit = width + 1
    for from_input in (True, False):
        for gate in range(gates):
            for entry in list(range(width)) * TWINS:
                bias[:, unit] = _READERS[kind][gate]
                if from_input:
                    kernel[entry, gate, unit] = 1.0
                else:
                    recurrent[entry, gate, unit] = 1.0 / _SOURCE_OUTPUT[kind]
                if kind == "GRU" and GATES[kind][gate] == "reset":
                    recurrent_bias[2, unit] = 1.0  # what the reset gate lets through
                unit += 1
    bias = np.stack([bias.ravel(), recurrent_bias.ravel()]) if kind == "GRU" else bias.ravel()
    return tuple(each.astype("float32") for each in (kernel.reshape(width, -1), recurrent.reshape(size, -1), bias))


def decode(kind: str, outputs: np.ndarray, width: int) -> dict[str, np.ndarray]:
    """What outputs (B, T, U) of a circuit say.

    Returns `inputs` and `recurrent`, the factors (B, T - 1, G, TWINS, width) met by inputs and last outputs from the
    second step on; NaN where a reader shows no factor at all. `state` (B, T - 1): how far the memory is off.
    """
    outputs = outputs.astype("float64")
    gates = len(GATES[kind])
    with np.errstate(all="ignore"):
        readers = outputs[:, :, width + 1 :].reshape(*outputs.shape[:2], 2, gates, TWINS, width)
        drive = _LSTM_DRIVE if kind == "LSTM" else _GRU_DRIVE
        factors = np.stack([drive[gate](readers[:, :, :, gate]) for gate in range(gates)], axis=3) - BASE
    memory = outputs[:, :, width]
    steps = np.arange(1, memory.shape[1] + 1)
    expected = np.tanh(steps * np.tanh(WRITE)) if kind == "LSTM" else 1 - 0.5**steps
    return {"inputs": factors[:, :, 0], "recurrent": factors[:, :, 1], "state": (memory - expected)[:, 1:]}


def _forget(h):
    cell = np.arctanh(h)
    return _logit((cell[:, 1:] - np.tanh(WRITE)) / cell[:, :-1])


# From a reader's outputs (B, T, ...) to what drove its gate at the second step and later (B, T - 1, ...).
_LSTM_DRIVE = (
    lambda h: _logit(np.arctanh(h[:, 1:])),
    _forget,
    lambda h: np.arctanh(np.arctanh(h[:, 1:])),
    lambda h: _logit(h[:, 1:] / np.tanh(1.0)),
)
_GRU_DRIVE = (
    lambda h: _logit((1 - h[:, 1:]) / (1 - h[:, :-1])),
    lambda h: _logit(np.arctanh(h[:, 1:])),
    lambda h: np.arctanh(h[:, 1:]),
)


def wire(layer, kind: str, width: int, shape: tuple[int, int, int]) -> None:
    """Build a layer (or a Bidirectional one) for inputs of a shape, and give it a circuit's weights."""
    with asked():
        layer.build(shape)
    give_weights(layer, kind, width)


def give_weights(layer, kind: str, width: int) -> None:
    """Give a built layer a circuit's weights."""
    for each in _directions(layer):
        cell = each.cell
        for variable, value in zip((cell.kernel, cell.recurrent_kernel, cell.bias), weights(kind, width), strict=True):
            variable.assign(value)


def _directions(layer) -> list:
    return [layer.forward_layer, layer.backward_layer] if hasattr(layer, "forward_layer") else [layer]


def read(layer, kind: str, sizes: tuple[int, int, int], training: bool = True) -> dict[str, np.ndarray]:
    """Call a wired layer, with return_sequences, on ones of sizes (B, T, width); decode, directions first.

    The second direction is given in the order in which it met the steps. A GRU whose state is masked hides what its
    update gate reads: that gate is left out.
    """
    outputs = output(layer, np.ones(sizes, "float32"), training=training)
    directions = len(_directions(layer))
    parts = np.split(outputs, directions, axis=-1)
    if directions == 2:
        parts[1] = parts[1][:, ::-1]
    decoded = [decode(kind, part, sizes[2]) for part in parts]
    found = {name: np.stack([each[name] for each in decoded]) for name in decoded[0]}
    if kind == "GRU" and np.abs(found["state"]).max() > 1e-3:
        found = {name: each if name == "state" else each[:, :, :, 1:] for name, each in found.items()}
    return found
