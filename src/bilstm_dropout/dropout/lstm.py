"""An LSTM, in one or two directions, that takes its masks as arguments.

Both directions run as one recurrence over tensors with a leading direction axis D (1 or 2); the second direction
sees time reversed. Gates are kept apart, in Keras' order i, f, g, o, so that a mask may differ from gate to gate;
where all gates share their masks, one product serves the four.
"""

from __future__ import annotations

import inspect
from functools import partial

import keras
from keras import ops, tree

from . import arguments
from .lengths import first_rows, real_lengths, row_order
from .masks import LAYER_KEYS, Sizes, check_keys, draw_masks, expected_masks
from .scan import scan

_GATES = 4


def in_time(mask, directions: int, backwards=None):
    """Bring a mask (D|1, B|1, T|1, ...) to time-major (T|1, D, B|1, ...), the second direction in its own order.

    A mask with a step axis goes by absolute time: the backward direction meets it reversed. backwards: a function that
    puts a time-major tensor into that direction's order; without it all directions read forwards.
    """
    mask = ops.moveaxis(ops.broadcast_to(mask, (directions, *ops.shape(mask)[1:])), 2, 0)
    if backwards is not None and directions == 2 and mask.shape[0] != 1:
        second = backwards(mask[:, 1:])
        mask = ops.concatenate([ops.broadcast_to(mask[:, :1], ops.shape(second)), second], axis=1)
    return mask


def gate_masks(mask, gates: int = _GATES):
    """Split a mask (..., G|1, width) into one a gate; a shared one serves all."""
    if mask.shape[-2] == 1:
        return [mask[..., 0, :]] * gates
    return [mask[..., gate, :] for gate in range(gates)]


def count_reads(masks) -> int:
    """How many tensors the four gates read: 1 where they share their masks, else one a gate."""
    return max((masks[key].shape[-2] for key in ("recurrent", "input") if key in masks), default=1)


def read(fixed, hidden, x, now):
    """What the gates read: h[t-1] and x[t] side by side, (D, B, U + F), under their masks; as many as count_reads says.

    fixed: masks that hold for the sequence, or under "reads" what masks both; now["masks"]: those drawn for this step.
    x: None leaves it out, for (D, B, U).
    """
    if "reads" in fixed:
        both = hidden if x is None else ops.concatenate([hidden, x], axis=-1)
        return [both * mask[..., : both.shape[-1]] for mask in fixed["reads"]]
    masks = {**fixed, **now["masks"]}
    count = count_reads(masks)

    def masked(values, key):
        return [values * mask for mask in gate_masks(masks[key], count)] if key in masks else [values] * count

    if x is None:
        return masked(hidden, "recurrent")
    pairs = zip(masked(hidden, "recurrent"), masked(x, "input"), strict=True)
    return [ops.concatenate(pair, axis=-1) for pair in pairs]


# The gates' activations in Keras' order i, f, g, o, each with its slope as a function of its value.
_SIGMOID = (ops.sigmoid, lambda value: value - value * value)
ACTIVATIONS = (_SIGMOID, _SIGMOID, (ops.tanh, lambda value: 1 - value * value), _SIGMOID)


def combine(fixed, gates, state, now):
    """New hidden output and cell from the gates' values. Reads like Hochreiter & Schmidhuber's equations, with masks.

    gates: i, f, g, o, and state: h and c, each (D, B, U). fixed, now: as in read; now may hold the padding.
    """
    masks = {**fixed, **now["masks"]}
    hidden, cell = state
    i, f, g, o = gates
    if "gates" in masks:
        i, f, o = (gate * mask for gate, mask in zip((i, f, o), gate_masks(masks["gates"], 3), strict=True))
    if "candidate" in masks:
        g = masks["candidate"] * g
    new_cell = f * cell + i * g
    if "cell" in masks:
        new_cell = masks["cell"] * new_cell
    new_hidden = o * ops.tanh(new_cell)
    if "hidden" in masks:
        new_hidden = masks["hidden"] * new_hidden
    if "cell:keep" in masks:
        new_cell = masks["cell:keep"] * new_cell + (1 - masks["cell:keep"]) * cell
    if "hidden:keep" in masks:
        new_hidden = masks["hidden:keep"] * new_hidden + (1 - masks["hidden:keep"]) * hidden
    if "padding" in now:  # a padded step copies the state
        new_hidden = ops.where(now["padding"], new_hidden, hidden)
        new_cell = ops.where(now["padding"], new_cell, cell)
    return new_hidden, new_cell


def run_lstm(
    x, kernels, recurrent_kernels, biases, masks, padding=None, return_sequences=False, input_gradient=True,
    zero_output=True, own_gradient=True,
):  # fmt: skip
    """Run the recurrence over whole sequences.

    x: (B, T, F). kernels (F, 4U), recurrent_kernels (U, 4U), biases (4U,): one a direction, laid out as Keras'.
    masks: as draw_masks or expected_masks give them, any subset of LAYER_KEYS, else UserError; constants, nothing is
    differentiated by them.
    padding: boolean (B, T), True where a step is real. input_gradient: False where nothing is differentiated by x, as
    with data: TensorFlow then leaves that out. zero_output: sequences are zero at padded steps; False: one direction
    repeats its last output there. own_gradient: as in scan.scan. Returns (B, D·U), or (B, T, D·U) with
    return_sequences.
    """
    check_keys(masks, LAYER_KEYS, "an LSTM layer")
    directions, units = len(kernels), recurrent_kernels[0].shape[0]
    rows = row_order(padding, x.shape[1])
    kernel = ops.split(ops.stack(kernels), _GATES, axis=-1)
    bias = ops.split(ops.stack(biases)[:, None, :], _GATES, axis=-1)
    recurrent_kernel = ops.split(ops.stack(recurrent_kernels), _GATES, axis=-1)
    if "weights" in masks:
        recurrent_kernel = [
            kernel_of_gate * mask
            for kernel_of_gate, mask in zip(recurrent_kernel, gate_masks(masks["weights"]), strict=True)
        ]
    joined = [ops.concatenate(pair, axis=1) for pair in zip(recurrent_kernel, kernel, strict=True)]

    def both(sequence):  # (B, T, ...) to (T, D, B, ...)
        time_major = ops.swapaxes(rows.sort(sequence, 0), 0, 1)[:, None]
        return ops.concatenate([time_major, rows.backwards(time_major)][:directions], axis=1)

    fixed, stepwise = {}, {}
    for key in masks.keys() - {"weights", "output"}:
        mask = in_time(rows.sort(masks[key], 1), directions, rows.backwards)
        if mask.shape[0] == 1:
            fixed[key] = mask[0]
        else:
            stepwise[key] = mask
    sequences = both(x)
    for group in (fixed, stepwise):
        if "input" in group and group["input"].shape[-2] == 1:  # the same for every gate: applied once, here
            sequences = sequences * group.pop("input")[..., 0, :]
    count = count_reads({**fixed, **stepwise})
    if count == 1:  # one product serves the four gates
        joined, bias = [ops.concatenate(joined, axis=-1)], [ops.concatenate(bias, axis=-1)]
    pair = [fixed[key] for key in ("recurrent", "input") if key in fixed]
    widths, samples = [mask.shape[-1] for mask in pair], {mask.shape[1] for mask in pair}
    if widths == [units, x.shape[-1]] and len(samples) == 1:  # one product a gate and step instead of two
        fixed = {key: mask for key, mask in fixed.items() if key not in ("recurrent", "input")}
        of_gates = zip(*(gate_masks(mask, count) for mask in pair), strict=True)
        fixed["reads"] = [ops.concatenate(masks, axis=-1) for masks in of_gates]
    now = {"masks": stepwise}
    if padding is not None:
        now["padding"] = both(ops.cast(padding, "bool"))[..., None]
    state = [ops.zeros((directions, ops.shape(x)[0], units), dtype=x.dtype)] * 2
    ended, outputs = [], 0.0
    for left, first, last in rows.passes:
        if left is not None:
            ended.insert(0, state[0][:, left:])
        state = [first_rows(each, left, 1) for each in state]
        masks_of_rows = tree.map_structure(partial(first_rows, count=left, axis=1), fixed)
        now_of_rows = tree.map_structure(partial(first_rows, count=left, axis=2), now)
        state, hidden = scan(
            partial(read, masks_of_rows), ACTIVATIONS, partial(combine, masks_of_rows), first_rows(sequences, left, 2),
            joined, bias, now_of_rows, state, first, last, return_sequences, input_gradient, own_gradient,
        )  # fmt: skip
        if return_sequences:
            ended_rows = ops.shape(x)[0] - ops.shape(hidden)[2]
            outputs += hidden if left is None else ops.pad(hidden, [(0, 0), (0, 0), (0, ended_rows), (0, 0)])
    if return_sequences:
        sides = [outputs[:, :1], *([rows.backwards(outputs[:, 1:])] if directions == 2 else [])]
        result = rows.restore(ops.swapaxes(ops.concatenate(sides, axis=-1)[:, 0], 0, 1), 0)
        if padding is not None and (zero_output or directions == 2):  # as Keras' Bidirectional has it
            result = result * ops.cast(padding, result.dtype)[..., None]
        elif padding is not None:  # as Keras' LSTM has it; steps behind a row's end were not run
            at_end = rows.restore(ops.concatenate([state[0], *ended], axis=1)[0], 0)
            over = ops.arange(ops.shape(x)[1])[None] >= real_lengths(ops.cast(padding, "bool"))[:, None]
            result = ops.where(over[..., None], at_end[:, None], result)
        return result * masks["output"][:, None, :] if "output" in masks else result
    hidden = ops.concatenate([state[0], *ended], axis=1)
    result = rows.restore(ops.concatenate([hidden[direction] for direction in range(directions)], axis=-1), 0)
    return result * masks["output"] if "output" in masks else result


@keras.saving.register_keras_serializable(package="bilstm_dropout")
class DropoutLSTM(keras.layers.Layer):
    """A (bidirectional) LSTM with dropout at any placement that lies in or at one layer.

    units: units a direction, >= 1. placement: a name that placements.resolve takes, or a Placement; the sites embedding
    and between lie outside one layer (classifier.build_classifier has them): a placement that needs them is refused,
    one that can do without, as variational, warns and leaves them out. rate: 0 <= rate < 1. seed: integer for the
    dropout stream, or None for a fresh one. return_sequences: (B, T, D·U) instead of (B, D·U).
    bidirectional: two directions, concatenated. input_gradient: False where the input is data, by which nothing is
    differentiated: on TensorFlow that gradient is then left out (it is None), and training is some per cent faster.
    zero_output_for_mask: with return_sequences, zeros at padded steps; by default one direction repeats its last output
    there, as keras.layers.LSTM does. Two directions always give zeros, as keras.layers.Bidirectional does.
    Weights are those of keras.layers.Bidirectional(LSTM), in its order. Arguments of every Keras layer (name, dtype,
    trainable) are taken, those of stock LSTM are not. Whatever is wrong raises UserError, a ValueError of one line.

    Call: sequences (B, T, F); `masks` replaces the layer's own draw (keys and shapes of mask_shapes, size 1 where
    one draw serves an axis; UserError for others) in training and inference alike; without it, training draws and
    inference uses the stated expectation. B and T may differ from call to call. Evaluation draws nothing, so it never
    changes a training run. A seed drops the same under every dtype; compiled by XLA, TensorFlow's random numbers are
    others.

    Saving: `from bilstm_dropout import DropoutLSTM` before load_model, which makes the class known to Keras. As with
    keras.layers.Dropout, the place in the dropout stream is not saved: training that goes on draws the first masks
    again. `model.export` works, except where training=True or masks are built into the model: then the layer's own
    gradient must be left out, by keras.export.ExportArchive and its
    write_out(path, options=tf.saved_model.SaveOptions(experimental_custom_gradients=False)).
    """

    def __init__(
        self,
        units,
        placement="none",
        rate=0.0,
        seed=None,
        return_sequences=False,
        bidirectional=True,
        input_gradient=True,
        zero_output_for_mask=False,
        **kwargs,
    ):
        arguments.check_constructor(DropoutLSTM, kwargs)
        super().__init__(**kwargs)
        arguments.check_numbers(units, rate, seed)
        resolved = arguments.placement_of(placement)
        resolved.check_rate(rate)
        self.terms = arguments.terms_of_layer(resolved)
        self.units, self.placement, self.rate, self.seed = int(units), resolved.name, float(rate), seed
        self.return_sequences, self.bidirectional = return_sequences, bidirectional
        self.input_gradient, self.zero_output_for_mask = input_gradient, zero_output_for_mask
        self._placement_config = arguments.placement_config(resolved)
        self.supports_masking = True
        self.input_spec = keras.layers.InputSpec(ndim=3)
        # Its state is the dropout stream: a first word from the seed, and a count of the draws so far.
        self.dropout_stream = keras.random.SeedGenerator(seed)

    def __call__(self, *args, **kwargs):
        """As every Keras layer; UserError for an argument that `call` does not have, as stock LSTM's initial_state."""
        arguments.check_names(kwargs, inspect.signature(self.call).parameters, f"A call to {type(self).__name__}")
        return super().__call__(*args, **kwargs)

    @property
    def directions(self) -> int:
        """1 or 2."""
        return 2 if self.bidirectional else 1

    def build(self, input_shape):
        """Make each direction's kernel, recurrent kernel and bias, initialised as Keras' LSTM does."""
        self.input_spec = keras.layers.InputSpec(ndim=3, axes={-1: input_shape[-1]})
        names = ("forward", "backward")[: self.directions]
        self.kernels, self.recurrent_kernels, self.biases = [], [], []
        for name in names:
            self.kernels.append(
                self.add_weight(
                    shape=(input_shape[-1], 4 * self.units), name=f"{name}_kernel", initializer="glorot_uniform"
                )
            )
            self.recurrent_kernels.append(
                self.add_weight(
                    shape=(self.units, 4 * self.units), name=f"{name}_recurrent_kernel", initializer="orthogonal"
                )
            )
            self.biases.append(self.add_weight(shape=(4 * self.units,), name=f"{name}_bias", initializer=forget_bias))
        super().build(input_shape)

    def call(self, sequences, masks=None, mask=None, sequences_mask=None, training=False):
        """Run the layer. Keras hands padding over as `mask`, or as `sequences_mask` once `masks` is given."""
        padding = mask if mask is not None else sequences_mask
        if padding is not None:
            padding = arguments.fitting_padding(padding, sequences.shape[:2])
        sequences = ops.cast(sequences, self.compute_dtype)
        batch, steps, features = ops.shape(sequences)
        own_gradient = bool(training) or masks is not None
        if masks is not None:
            sizes = Sizes(*sequences.shape, self.units, directions=self.directions)
            masks = arguments.fitting_masks(masks, LAYER_KEYS, sizes, self.compute_dtype, "an LSTM layer")
        elif training and self.terms:
            sizes = Sizes(batch, steps, features, self.units, directions=self.directions)
            masks = draw_masks(self.terms, self.rate, sizes, self.dropout_stream.next(), dtype=self.compute_dtype)
        else:
            masks = expected_masks(self.terms, self.rate, self.compute_dtype)
        weights = ([each.value for each in group] for group in (self.kernels, self.recurrent_kernels, self.biases))
        return run_lstm(
            sequences, *weights, masks, padding, self.return_sequences, self.input_gradient, self.zero_output_for_mask,
            own_gradient,
        )  # fmt: skip

    def compute_output_shape(self, sequences_shape, masks_shape=None):
        """(B, D·U), or (B, T, D·U) with return_sequences."""
        width = self.directions * self.units
        return (*sequences_shape[:2], width) if self.return_sequences else (sequences_shape[0], width)

    def compute_mask(self, sequences, mask=None):
        """Padding goes on to the next layer where sequences do."""
        if not self.return_sequences:
            return None
        return mask[0] if isinstance(mask, list | tuple) else mask

    def get_config(self):
        """Everything the constructor takes."""
        own = ("units", "rate", "seed", "return_sequences", "bidirectional", "input_gradient", "zero_output_for_mask")
        config = {**super().get_config(), **{name: getattr(self, name) for name in own}}
        return {**config, "placement": self._placement_config}


def forget_bias(shape, dtype=None):
    """Keras' unit_forget_bias: 1 for the forget gate, 0 for the others."""
    units = shape[0] // _GATES
    return ops.concatenate([ops.zeros(units, dtype), ops.ones(units, dtype), ops.zeros(2 * units, dtype)])
