"""Asking Keras: what a layer itself refuses is told apart from what this package gets wrong.

Whatever is asked of a layer (to be made, built, called, saved) goes through here, and what comes back is an array of
NumPy's, whatever the backend. An error of anything else, reading a mask for instance, is ours, and no fact.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import keras
import numpy as np


class Refused(Exception):
    """Keras, or its backend, raised an error when a layer was asked for something; the text is that error's name."""


@contextmanager
def asked() -> Iterator[None]:
    """Raise Refused for whatever is raised inside: nothing but calls into Keras stands there."""
    try:
        yield
    except Exception as error:  # whatever a version of Keras, or a backend, raises is what is to be told
        raise Refused(type(error).__name__) from error


def output(layer, *inputs, **arguments) -> np.ndarray:
    """What a layer gives for inputs. Raises Refused where the layer fails."""
    with asked():
        given = layer(*inputs, **arguments)
    return keras.ops.convert_to_numpy(given)


@contextmanager
def in_float32() -> Iterator[None]:
    """Keras' usual numbers, whatever keras.json or the program around has set: masks are read back through them."""
    floatx, policy = keras.config.floatx(), keras.mixed_precision.dtype_policy()
    keras.config.set_floatx("float32")
    keras.mixed_precision.set_dtype_policy("float32")
    try:
        yield
    finally:
        keras.config.set_floatx(floatx)
        keras.mixed_precision.set_dtype_policy(policy)
