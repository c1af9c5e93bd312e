"""What dropout's arguments cost on this machine's GPU: seconds of a training step, measured in turns.

    KERAS_BACKEND=jax python -m bilstm_dropout.stock_keras.fast_path

prints JSON. On a GPU Keras asks its backend for a fused kernel (cuDNN's), unless an argument of the LSTM forbids it. A
BiLSTM classifier of UNITS units is trained with each of WAYS on made-up numbers, all rows of one length; in every round
every way trains one block of steps, in another order, after a first block that compiles. Besides this package only
Keras and one of its backends are needed.
"""

from __future__ import annotations

import contextlib
import json
import platform
import time
from collections.abc import Callable, Iterable
from unittest import mock

import keras
import numpy as np
from keras.src import backend as kernels

from .. import DropoutLSTM

UNITS, FEATURES, CLASSES = 64, 64, 2
SHAPES = {"sentences": (32, 50), "documents": (32, 400)}  # rows of a batch, steps of a row
ROUNDS = 5
BLOCK = 40  # training steps that are timed at once
BLOCK_EAGER = {"sentences": 20, "documents": 4}  # under PyTorch, which runs every operation by itself
RATE = 0.25
FUSED = ("lstm", "bidirectional_lstm")  # what a backend may have, for one direction and for both at once


def _bidirectional(**arguments) -> keras.layers.Layer:
    return keras.layers.Bidirectional(keras.layers.LSTM(UNITS, **arguments))


def _ours(placement: str) -> keras.layers.Layer:
    rate = 0.0 if placement == "none" else RATE
    return DropoutLSTM(UNITS, placement=placement, rate=rate, name="ours")


WAYS: dict[str, Callable[[], list[keras.layers.Layer]]] = {
    "no dropout": lambda: [_bidirectional()],
    "no dropout, without the fused kernel": lambda: [_bidirectional(use_cudnn=False)],
    "a Dropout layer before": lambda: [keras.layers.Dropout(RATE), _bidirectional()],
    "dropout": lambda: [_bidirectional(dropout=RATE)],
    "recurrent_dropout": lambda: [_bidirectional(recurrent_dropout=RATE)],
    "both arguments": lambda: [_bidirectional(dropout=RATE, recurrent_dropout=RATE)],
    "DropoutLSTM, none": lambda: [_ours("none")],
    "DropoutLSTM, recurrent-tied": lambda: [_ours("recurrent-tied")],
    "DropoutLSTM, input and recurrent-tied": lambda: [_ours("input+recurrent-tied")],
}


def measure(
    shapes: Iterable[str] = SHAPES, ways: Iterable[str] = WAYS, rounds: int = ROUNDS, block: int | None = None
) -> dict:
    """Milliseconds of a step: what this module prints.

    Gives keras and backend (versions), device (its name), system, and timed: a list with shape, way, fused (whether the
    backend answered when Keras asked for its kernel; under PyTorch it also answers with a loop, where cuDNN fails) and
    milliseconds, one a round. rounds, block: 1 or more; a block is by default long enough to be timed. KeyError for an
    unknown shape or way.
    """
    blocks = BLOCK_EAGER if keras.backend.backend() == "torch" else dict.fromkeys(SHAPES, BLOCK)
    found = [each for shape in shapes for each in _timed(shape, list(ways), rounds, block or blocks[shape])]
    return {"keras": keras.__version__, **_device(), "system": platform.system(), "timed": found}


def _timed(shape: str, ways: list[str], rounds: int, block: int) -> list[dict]:
    rows, steps = SHAPES[shape]
    generator = np.random.default_rng(0)
    x = generator.normal(size=(rows * block, steps, FEATURES)).astype("float32")
    y = generator.integers(0, CLASSES, rows * block)

    def trained(model) -> float:
        start = time.perf_counter()
        model.fit(x, y, batch_size=rows, epochs=1, shuffle=False, verbose=0)
        return 1000 * (time.perf_counter() - start) / block

    models, fused = {}, {}
    for way in ways:
        model = keras.Sequential([keras.Input((steps, FEATURES)), *WAYS[way](), keras.layers.Dense(CLASSES)])
        model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
        with contextlib.ExitStack() as stack:
            watched = [
                stack.enter_context(mock.patch.object(kernels, name, _Watched(getattr(kernels, name))))
                for name in FUSED if hasattr(kernels, name)
            ]  # fmt: skip
            trained(model)
        models[way], fused[way] = model, any(each.given for each in watched)
    seconds = {way: [] for way in ways}
    for _ in range(rounds):
        for way in generator.permutation(ways):
            seconds[way].append(round(trained(models[way]), 3))
    return [{"shape": shape, "way": way, "fused": fused[way], "milliseconds": seconds[way]} for way in ways]


class _Watched:
    """A backend's fused LSTM. given: whether it returned anything; NotImplementedError says that it has none."""

    def __init__(self, kernel):
        self.kernel, self.given = kernel, False

    def __call__(self, *arguments, **options):
        found = self.kernel(*arguments, **options)
        self.given = True
        return found


def _device() -> dict[str, str]:
    """The backend with its version, and the device that it trains on."""
    backend = keras.backend.backend()
    if backend == "jax":
        import jax

        return {"backend": f"jax {jax.__version__}", "device": jax.devices()[0].device_kind}
    if backend == "torch":
        import torch

        name = torch.cuda.get_device_name() if torch.cuda.is_available() else "cpu"
        return {"backend": f"torch {torch.__version__}", "device": name}
    import tensorflow as tf

    gpus = tf.config.list_physical_devices("GPU")
    name = tf.config.experimental.get_device_details(gpus[0]).get("device_name", "GPU") if gpus else "cpu"
    return {"backend": f"tensorflow {tf.__version__}", "device": name}


if __name__ == "__main__":
    print(json.dumps(measure(), indent=1))
