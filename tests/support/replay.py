"""A replay of the network's forward pass in plain NumPy, one sample and one step at a time, from masks and weights.

Written from the papers' equations, apart from the package: it takes each mask as drawn and looks up the one entry that
applies to a direction, sample, step and gate.
"""

import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def _pick(mask, *indices):
    """The entry of a mask at (direction, sample, step, ...), where a shared axis has size 1."""
    return mask[tuple(0 if size == 1 else index for size, index in zip(mask.shape, indices, strict=False))]


def replay_lstm(x, length, sample, weights, masks, return_sequences=False):
    """One sample. x: (T, F). weights: [kernel, recurrent kernel, bias] a direction, as Keras lays them out."""
    steps = len(x)
    finals, sequences = [], []
    for d in range(len(weights) // 3):
        kernel, recurrent, bias = (np.asarray(w, np.float64) for w in weights[3 * d : 3 * d + 3])
        units = recurrent.shape[0]
        hidden, cell = np.zeros(units), np.zeros(units)
        collected = np.zeros((steps, units))
        order = range(steps) if d == 0 else range(steps - 1, -1, -1)
        for t in order:
            if t >= length:
                continue
            z = []
            for gate in range(4):
                columns = slice(gate * units, (gate + 1) * units)
                read, state, matrix = x[t], hidden, recurrent[:, columns]
                if "input" in masks:
                    read = read * _pick(masks["input"], d, sample, t, gate)
                if "recurrent" in masks:
                    state = state * _pick(masks["recurrent"], d, sample, t, gate)
                if "weights" in masks:
                    weights_mask = masks["weights"]
                    matrix = matrix * np.array(
                        [[_pick(weights_mask, d, row, gate, column) for column in range(units)] for row in range(units)]
                    )
                z.append(read @ kernel[:, columns] + state @ matrix + bias[columns])
            i, f, g, o = sigmoid(z[0]), sigmoid(z[1]), np.tanh(z[2]), sigmoid(z[3])
            if "gates" in masks:
                i, f, o = (v * _pick(masks["gates"], d, sample, t, k) for k, v in enumerate((i, f, o)))
            if "candidate" in masks:
                g = g * _pick(masks["candidate"], d, sample, t)
            new_cell = f * cell + i * g
            if "cell" in masks:
                new_cell = new_cell * _pick(masks["cell"], d, sample, t)
            new_hidden = o * np.tanh(new_cell)
            if "hidden" in masks:
                new_hidden = new_hidden * _pick(masks["hidden"], d, sample, t)
            if "cell:keep" in masks:
                share = _pick(masks["cell:keep"], d, sample, t)
                new_cell = share * new_cell + (1 - share) * cell
            if "hidden:keep" in masks:
                share = _pick(masks["hidden:keep"], d, sample, t)
                new_hidden = share * new_hidden + (1 - share) * hidden
            hidden, cell = new_hidden, new_cell
            collected[t] = hidden
        finals.append(hidden)
        sequences.append(collected)
    result = np.concatenate(sequences if return_sequences else finals, axis=-1)
    return result * _pick(masks["output"], sample) if "output" in masks else result


def replay_classifier(model, inputs, lengths, masks):
    """Logits (B, C) of a model.Classifier."""
    weights = [np.asarray(w, np.float64) for w in model.get_weights()]
    rows = []
    for sample in range(len(inputs)):
        remaining = list(weights)
        x = np.asarray(inputs[sample], np.float64) if inputs.ndim == 3 else None
        if x is None:
            table = remaining.pop(0)
            x = table[inputs[sample]]
            if "embedding" in masks["embedding"]:
                mask = masks["embedding"]["embedding"]
                x = x * np.array([_pick(mask, sample, word) for word in inputs[sample]])[:, None]
        for index, layer in enumerate(model.recurrent):
            count = 3 * layer.directions
            own, remaining = remaining[:count], remaining[count:]
            x = replay_lstm(x, lengths[sample], sample, own, masks[f"layer {index}"], layer.return_sequences)
        rows.append(x @ remaining[0] + remaining[1])
    return np.array(rows)
