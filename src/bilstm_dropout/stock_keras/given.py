"""Stock Keras layers under masks that are handed to them, in place of those that they would draw.

So a pass of this package's network can be repeated by Keras' own layers, to the last digits, wherever they have a place
for the masks: whatever multiplies what a layer reads or gives, and the two masks that an LSTM draws once a sequence.
"""

from __future__ import annotations

from collections.abc import Mapping

import keras
import numpy as np
from keras import ops

from ..errors import UserError

# Axes of the masks on what a layer reads (see dropout.terms.SITES).
_DIRECTION, _STEP, _GATE = 0, 2, 3


def why_not(masks: Mapping[str, Mapping[str, object]]) -> str:
    """Why stock Keras layers cannot take these masks, in one sentence; '' where they can.

    masks: as dropout.Classifier.draw gives them, by part of the network and key.
    """
    for key, mask in ((key, mask) for group in masks.values() for key, mask in group.items()):
        if key not in ("embedding", "input", "recurrent", "output"):
            return f"Keras' LSTM has no place for a mask at the site {key.split(':')[0]}."
        if key == "recurrent" and mask.shape[_STEP] > 1:
            return "Keras' LSTM holds its recurrent mask for a whole sequence, and this one changes at every step."
        if key == "input" and not _is_before(mask) and mask.shape[_STEP] > 1:
            return "Keras' LSTM holds its masks for a whole sequence, and the product of these changes at every step."
    return ""


def logits(stock: keras.Model, inputs, real, masks: Mapping[str, Mapping[str, object]]):
    """What a stock model gives when its layers read these masks: (B, classes), differentiable by its weights.

    stock: Embedding (for words), one or two LSTMs, each in a Bidirectional or alone, Dense. inputs: (B, T) word numbers
    or (B, T, F) numbers. real: boolean (B, T), False at padding. masks: as why_not takes them. UserError, with the
    sentence of why_not, for masks that Keras has no place for.
    """
    refused = why_not(masks)
    if refused:
        raise UserError(refused)
    of_layers = (masks[place] for place in sorted(masks) if place.startswith("layer"))
    x = ops.convert_to_tensor(inputs)
    for layer in stock.layers:
        if isinstance(layer, keras.layers.Embedding):
            x = layer(x)
            for mask in masks["embedding"].values():  # (B|1, V|1), by word
                of_words = ops.broadcast_to(mask, (len(inputs), layer.input_dim))
                x = x * ops.take_along_axis(of_words, ops.convert_to_tensor(inputs), axis=1)[..., None]
        elif isinstance(layer, keras.layers.Bidirectional | keras.layers.LSTM):
            x = _recurrent(layer, x, real, next(of_layers))
        elif isinstance(layer, keras.layers.Dense):
            x = layer(x)
    return x


def _is_before(mask) -> bool:
    """Whether a mask on the input is one for both directions and all gates, so that it multiplies what is read."""
    return mask.shape[_DIRECTION] == mask.shape[_GATE] == 1


def _recurrent(layer, x, real, masks):
    inside = {key: mask for key, mask in masks.items() if key in ("input", "recurrent")}
    if "input" in inside and _is_before(inside["input"]):
        x = x * inside.pop("input")[0, :, :, 0]
    sides = [layer.forward_layer, layer.backward_layer] if hasattr(layer, "forward_layer") else [layer]
    for direction, side in enumerate(sides if inside else ()):
        _give(side.cell, direction, x.shape, inside)
    h = layer(x, mask=real, training=bool(inside))
    for side in sides if inside else ():
        _take_back(side.cell)
    if "output" not in masks:
        return h
    return h * (masks["output"][:, None] if layer.return_sequences else masks["output"])


def _give(cell, direction: int, shape, masks) -> None:
    """Make an LSTM's cell read these masks (D|1, B|1, 1, G|1, width) as if it had drawn them, one a gate."""

    def of_gates(key, width):
        if key not in masks:
            return [np.ones((1, width), "float32")] * 4
        mask = masks[key][min(direction, masks[key].shape[_DIRECTION] - 1), :, 0]
        whole = ops.broadcast_to(mask, (shape[0], 4, width))
        return [whole[:, gate] for gate in range(4)]

    read, state = of_gates("input", shape[2]), of_gates("recurrent", cell.units)
    cell.get_dropout_mask = lambda inputs: read
    cell.get_recurrent_dropout_mask = lambda inputs: state
    # A rate of neither 0 nor 1, so that the masks are asked for; implementation 1 has one a gate.
    cell.kept = cell.dropout, cell.recurrent_dropout, cell.implementation
    cell.dropout, cell.recurrent_dropout, cell.implementation = 0.5, 0.5, 1


def _take_back(cell) -> None:
    cell.dropout, cell.recurrent_dropout, cell.implementation = cell.kept
    del cell.get_dropout_mask, cell.get_recurrent_dropout_mask, cell.kept
