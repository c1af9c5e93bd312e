"""The loop over time steps, with a gradient that keeps little: half the memory traffic of TensorFlow's own.

TensorFlow's gradient of a loop keeps every intermediate of every step. This one keeps the states and the four gates,
and takes a step's gradient from them; the kernels' gradients add up as it goes back. Padding after the last real step
of a batch costs nothing. Other backends differentiate keras.ops.scan by themselves.
"""

from __future__ import annotations

import keras
from keras import ops, tree


def scan(read, activate, combine, x, kernels, biases, sequence, units: int, steps, collect: bool):
    """Run `steps` time steps of a recurrence from a zero state.

    read(hidden, x, now) -> what each gate reads, tensors (D, B, R). activate: one function a gate, with its slope as a
    function of its value: pairs. combine(gates, state, now) -> the new (hidden, cell), each (D, B, U).
    x (T, D, B, F); kernels (D, R, U) and biases (D, 1, U), one a gate; sequence: a structure of tensors with a leading
    time axis, constants of the gradient. steps: how many of the T steps to run, a number or (on TensorFlow) a tensor.
    Returns the last hidden output (D, B, U), or with collect all of them (T, D, B, U), zero after `steps`.
    """
    if keras.backend.backend() == "tensorflow":
        return _tensorflow_scan(read, activate, combine, x, kernels, biases, sequence, units, steps, collect)

    def body(state, now):
        gates = _gates(read, activate, kernels, biases, state[0], now["x"], now["sequence"])
        state = combine(gates, state, now["sequence"])
        return state, state[0] if collect else ops.zeros(())

    zero = ops.zeros((*ops.shape(x)[1:3], units), dtype=x.dtype)
    (hidden, _), outputs = ops.scan(body, (zero, zero), {"x": x, "sequence": sequence}, length=steps)
    return outputs if collect else hidden


def _gates(read, activate, kernels, biases, hidden, x, now):
    return [
        function(ops.matmul(each, kernel) + bias)
        for (function, _), each, kernel, bias in zip(activate, read(hidden, x, now), kernels, biases, strict=True)
    ]


def _tensorflow_scan(read, activate, combine, x, kernels, biases, sequence, units, steps, collect):
    import tensorflow as tf

    def array(values):
        like = dict(element_shape=values.shape[1:], clear_after_read=False)
        return tf.TensorArray(values.dtype, values.shape[0], **like).unstack(values)

    def loop(condition, body, state):
        # Without maximum_iterations XLA cannot tell how much to reserve.
        return tf.while_loop(condition, body, state, maximum_iterations=x.shape[0])

    constants = tree.map_structure(array, sequence)

    def at(time):
        return tree.map_structure(lambda each: each.read(time), constants)

    @tf.custom_gradient
    def run(x, *weights):
        kernels, biases = weights[:4], weights[4:]
        inputs = array(x)
        zero = tf.zeros((*ops.shape(x)[1:3], units), x.dtype)
        zeros = tf.zeros((x.shape[0], *ops.shape(zero)), x.dtype)

        def forward(time, hidden, cell, hiddens, cells, gates):
            now = at(time)
            values = _gates(read, activate, kernels, biases, hidden, inputs.read(time), now)
            new_hidden, new_cell = combine(values, (hidden, cell), now)
            gates = [kept.write(time, value) for kept, value in zip(gates, values, strict=True)]
            return time + 1, new_hidden, new_cell, hiddens.write(time, new_hidden), cells.write(time, new_cell), gates

        start = (0, zero, zero, array(zeros), array(zeros), [array(zeros) for _ in kernels])
        _, last, _, hiddens, cells, gates = loop(lambda time, *_: time < steps, forward, start)

        def gradient(upstream):
            incoming = array(upstream) if collect else None

            def before(states, time):
                return tf.where(time > 0, states.read(tf.maximum(time - 1, 0)), zero)

            def backward(time, to_hidden, to_cell, to_inputs, to_kernels, to_biases):
                now, state = at(time), (before(hiddens, time), before(cells, time))
                values = [kept.read(time) for kept in gates]
                if collect:
                    to_hidden += incoming.read(time)
                with tf.GradientTape() as tape:
                    tape.watch((values, state))
                    new = combine(values, state, now)
                to_gates, (to_hidden, to_cell) = tape.gradient(
                    new, (values, state), (to_hidden, to_cell), tf.UnconnectedGradients.ZERO
                )
                sums = [value * slope(kept) for (_, slope), value, kept in zip(activate, to_gates, values, strict=True)]
                seen = (state[0], inputs.read(time))
                with tf.GradientTape() as tape:
                    tape.watch(seen)
                    reads = read(*seen, now)
                to_reads = [tf.matmul(s, kernel, transpose_b=True) for s, kernel in zip(sums, kernels, strict=True)]
                more, to_x = tape.gradient(reads, seen, to_reads, tf.UnconnectedGradients.ZERO)
                to_kernels = [
                    total + tf.matmul(each, s, transpose_a=True)
                    for total, each, s in zip(to_kernels, reads, sums, strict=True)
                ]
                to_biases = [total + tf.reduce_sum(s, 1, True) for total, s in zip(to_biases, sums, strict=True)]
                return time - 1, to_hidden + more, to_cell, to_inputs.write(time, to_x), to_kernels, to_biases

            start = (
                steps - 1,
                tf.zeros_like(zero) if collect else upstream,
                tf.zeros_like(zero),
                array(tf.zeros_like(x)),
                [tf.zeros_like(kernel) for kernel in kernels],
                [tf.zeros_like(bias) for bias in biases],
            )
            _, _, _, to_inputs, to_kernels, to_biases = loop(lambda time, *_: time >= 0, backward, start)
            return to_inputs.stack(), *to_kernels, *to_biases

        return hiddens.stack() if collect else last, gradient

    return run(x, *kernels, *biases)
