"""The loop over time steps, with a gradient that keeps little: half the memory traffic of TensorFlow's own.

TensorFlow's gradient of a loop keeps every intermediate of every step. This one keeps the state before each step and
the four gates, and takes a step's gradient from them; the kernels' gradients add up as it goes back. It can run a part
of the steps, so that a caller leaves out padding. Other backends differentiate keras.ops.scan by themselves.
"""

from __future__ import annotations

import keras
from keras import ops, tree

_VECTOR = 16  # float32 numbers in the widest registers of today's CPUs
# Steps that one turn of TensorFlow's loop runs. Their part of the kernels' gradients is one product, which is faster
# than one a step and added up less often; with four, what is run behind a row's end costs more than that saves.
STRIDE = 2


def scan(
    read, activate, combine, x, kernels, biases, sequence, state, first, last,
    collect=False, input_gradient=True, own_gradient=True,
):  # fmt: skip
    """Run the time steps from `first` to before `last` of a recurrence.

    read(hidden, x, now) -> what the gates read, tensors (D, B, R): one a gate, or a single one that all G gates read;
    with None for x the part (D, B, U) of hidden, which comes first.
    activate: one function a gate, with its slope as a function of its value: pairs. combine(gates, state, now) -> the
    new (hidden, cell), each (D, B, U). x (T, D, B, F); kernels (D, R, U) and biases (D, 1, U), one a gate; for a single
    read one of each, (D, R, G·U) and (D, 1, G·U): one large product is faster than G small ones. sequence: a structure
    of tensors with a leading time axis, constants of the gradient. state: the hidden output and cell to start from,
    (D, B, U) each.
    first, last: numbers, or (on TensorFlow) tensors that are multiples of STRIDE; last is None for all of T steps,
    where T is not known yet. Where tensors take last beyond T, x and sequence go on with zeros (False), and combine
    must copy the state there. input_gradient: False leaves the gradient to x out (None instead; TensorFlow only), with
    its part of a product at every step. own_gradient: False leaves the gradient to TensorFlow, and keeps nothing for
    it: for inference, because a SavedModel cannot hold a gradient of one's own. Returns the new state, and with collect
    all hidden outputs (T, D, B, U), zero at the steps that were not run, else None.
    """
    if keras.backend.backend() == "tensorflow":
        return _tensorflow_scan(
            read, activate, combine, x, kernels, biases, sequence, state, first, last, collect, input_gradient,
            own_gradient,
        )  # fmt: skip

    def body(state, now):
        gates = _gates(read, activate, kernels, biases, state[0], now["x"], now["sequence"])
        state = combine(gates, state, now["sequence"])
        return state, state[0] if collect else ops.zeros(())

    state, outputs = ops.scan(body, tuple(state), {"x": x, "sequence": sequence}, length=last)
    return state, outputs if collect else None


def _gates(read, activate, kernels, biases, hidden, x, now):
    reads = read(hidden, x, now)
    sums = [ops.matmul(each, kernel) + bias for each, kernel, bias in zip(reads, kernels, biases, strict=True)]
    if len(sums) == 1:
        sums = ops.split(sums[0], len(activate), axis=-1)
    return [function(each) for (function, _), each in zip(activate, sums, strict=True)]


def _tensorflow_scan(
    read, activate, combine, x, kernels, biases, sequence, state, first, last, collect, input_gradient, own_gradient
):
    import tensorflow as tf

    steps = ops.shape(x)[0]
    stride = 1 if last is None or (isinstance(last, int) and last % STRIDE) else STRIDE
    last = steps if last is None else last
    x, sequence = tree.map_structure(
        lambda each: tf.pad(each, [(0, -steps % stride)] + [(0, 0)] * (len(each.shape) - 1)), (x, sequence)
    )

    def array(values):
        like = dict(element_shape=values.shape[1:], clear_after_read=False)
        return tf.TensorArray(values.dtype, ops.shape(values)[0], **like).unstack(values)

    def loop(condition, body, state):
        # Without maximum_iterations XLA cannot tell how much to reserve.
        return tf.while_loop(condition, body, state, maximum_iterations=ops.shape(x)[0] // stride)

    constants = tree.map_structure(array, sequence)

    def at(time):
        return tree.map_structure(lambda each: each.read(time), constants)

    def empty(like):
        return tf.TensorArray(like.dtype, ops.shape(x)[0], element_shape=like.shape, clear_after_read=False)

    def run(x, first_hidden, first_cell, *weights):
        kernels, biases = weights[: len(weights) // 2], weights[len(weights) // 2 :]
        inputs = array(x)

        def forward(time, hidden, cell, kept, outputs):
            for now_at in range(stride):
                place = time + now_at
                now = at(place)
                values = _gates(read, activate, kernels, biases, hidden, inputs.read(place), now)
                kept = [each.write(place, value) for each, value in zip(kept, (hidden, cell, *values), strict=False)]
                hidden, cell = combine(values, (hidden, cell), now)
                outputs = [each.write(place, hidden) for each in outputs]
            return time + stride, hidden, cell, kept, outputs

        start = (
            first,
            first_hidden,
            first_cell,
            [empty(first_hidden), empty(first_cell), *(empty(first_cell) for _ in activate)] * own_gradient,
            [array(tf.zeros((ops.shape(x)[0], *ops.shape(first_hidden)), x.dtype))] * collect,
        )
        _, hidden, cell, kept, outputs = loop(lambda time, *_: time < last, forward, start)

        def gradient(to_hidden, to_cell, *to_outputs):
            hiddens, cells, *gates = kept
            incoming = array(to_outputs[0]) if collect else None
            # Transposed here once: a product that transposes its second factor takes a third longer, at every step.
            read_back = kernels[0].shape[1] if input_gradient else first_hidden.shape[-1]
            transposed = [tf.transpose(kernel[:, :read_back], (0, 2, 1)) for kernel in kernels]
            # The kernels' gradients are the faster product of the two, (U, B)(B, R), where R fills whole registers.
            whole = kernels[0].shape[1] % _VECTOR == 0

            def step_back(time, to_hidden, to_cell):
                """Gradients to the state before a step; what the gates read, and the gradients to their sums and x."""
                now = at(time)
                state = (hiddens.read(time), cells.read(time))
                values = [each.read(time) for each in gates]
                if collect:
                    to_hidden += incoming.read(time)
                with tf.GradientTape() as tape:
                    tape.watch((values, state))
                    new = combine(values, state, now)
                to_gates, (to_hidden, to_cell) = tape.gradient(
                    new, (values, state), (to_hidden, to_cell), tf.UnconnectedGradients.ZERO
                )
                sums = [each * slope(value) for (_, slope), each, value in zip(activate, to_gates, values, strict=True)]
                if len(kernels) == 1:
                    sums = [tf.concat(sums, axis=-1)]
                x_now = inputs.read(time)
                seen = (state[0], x_now) if input_gradient else (state[0],)
                with tf.GradientTape() as tape:
                    tape.watch(seen)
                    reads = read(state[0], x_now if input_gradient else None, now)
                to_reads = [tf.matmul(s, kernel) for s, kernel in zip(sums, transposed, strict=True)]
                more, *to_x = tape.gradient(reads, seen, to_reads, tf.UnconnectedGradients.ZERO)
                if not input_gradient:
                    reads = read(state[0], x_now, now)
                return to_hidden + more, to_cell, reads, sums, to_x

            def backward(time, to_hidden, to_cell, to_inputs, to_kernels, to_biases):
                of_steps = []
                for place in [time - back for back in range(stride)]:
                    to_hidden, to_cell, reads, sums, to_x = step_back(place, to_hidden, to_cell)
                    to_inputs = [kept.write(place, each) for kept, each in zip(to_inputs, to_x, strict=True)]
                    of_steps.append((reads, sums))
                # The rows of all these steps side by side, (D, stride · B, ...).
                reads, sums = (
                    [tf.concat(each, axis=1) for each in zip(*group, strict=True)]
                    for group in zip(*of_steps, strict=True)
                )
                pairs = zip(sums, reads, strict=True) if whole else zip(reads, sums, strict=True)
                to_kernels = [
                    total + tf.matmul(*pair, transpose_a=True) for total, pair in zip(to_kernels, pairs, strict=True)
                ]
                to_biases = [total + tf.reduce_sum(s, 1, True) for total, s in zip(to_biases, sums, strict=True)]
                return time - stride, to_hidden, to_cell, to_inputs, to_kernels, to_biases

            start = (
                last - 1,
                to_hidden,
                to_cell,
                [array(tf.zeros_like(x))] * input_gradient,
                [tf.zeros((k.shape[0], k.shape[2], k.shape[1]) if whole else k.shape, k.dtype) for k in kernels],
                [tf.zeros_like(bias) for bias in biases],
            )
            _, to_hidden, to_cell, to_inputs, to_kernels, to_biases = loop(
                lambda time, *_: time >= first, backward, start
            )
            if whole:
                to_kernels = [tf.transpose(each, (0, 2, 1)) for each in to_kernels]
            to_x = to_inputs[0].stack() if input_gradient else None
            return to_x, to_hidden, to_cell, *to_kernels, *to_biases

        return (hidden, cell, *[each.stack() for each in outputs]), gradient

    if own_gradient:
        hidden, cell, *outputs = tf.custom_gradient(run)(x, *state, *kernels, *biases)
    else:
        x = x if input_gradient else tf.stop_gradient(x)
        (hidden, cell, *outputs), _ = run(x, *state, *kernels, *biases)
    return (hidden, cell), outputs[0][:steps] if collect else None
