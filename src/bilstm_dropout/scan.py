"""A loop over time steps that every Keras backend can run, differentiate and, on TensorFlow, compile with XLA."""

from __future__ import annotations

import keras
from keras import ops, tree


def scan(step, state, sequence, steps: int, collect: bool):
    """Run step(state, now) -> state for every time step.

    state: a tuple of tensors, whose first is collected. sequence: a structure of tensors with a leading time axis of
    length `steps`. Returns the last state and, with collect, the first tensor of every new state, (T, ...).
    """
    if keras.backend.backend() == "tensorflow":
        return _tensorflow_scan(step, state, sequence, steps, collect)

    def body(carry, now):
        carry = step(carry, now)
        return carry, carry[0] if collect else ops.zeros(())

    return ops.scan(body, state, sequence, length=steps)


def _tensorflow_scan(step, state, sequence, steps, collect):
    # keras.ops.scan sets no maximum_iterations on TensorFlow, without which XLA cannot differentiate a loop.
    import tensorflow as tf

    def array(like):
        return tf.TensorArray(like.dtype, steps, element_shape=like.shape)

    reads = tree.map_structure(lambda each: array(each[0]).unstack(each), sequence)
    writes = (array(state[0]),) if collect else ()

    def body(time, state, writes):
        state = tuple(step(state, tree.map_structure(lambda each: each.read(time), reads)))
        return time + 1, state, tuple(each.write(time, state[0]) for each in writes)

    _, state, writes = tf.while_loop(
        lambda time, *_: time < steps, body, (tf.constant(0), tuple(state), writes), maximum_iterations=steps
    )
    return state, writes[0].stack() if collect else None
