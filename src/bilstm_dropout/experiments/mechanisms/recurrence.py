"""The LSTM's equations written out in NumPy with every mask in its place, for many networks at once.

Here all states are in sight, the cells too, which the layer keeps to itself. equations.py shows that layer and
equations agree for every placement. The masks are the study's own (masks.draw_masks). Keras is imported where
weights or masks are drawn: what only reads a measured table, or a formula beside it, needs none.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from ...dropout.placements import resolve


@dataclass(frozen=True)
class Networks:
    """N LSTMs of one direction, gates in Keras' order i, f, g, o.

    kernel (N, 4, F, U), recurrent_kernel (N, 4, U, U), bias (N, 4, U): float32.
    """

    kernel: np.ndarray
    recurrent_kernel: np.ndarray
    bias: np.ndarray

    @property
    def count(self) -> int:
        """N."""
        return self.bias.shape[0]

    @property
    def units(self) -> int:
        """U."""
        return self.bias.shape[-1]

    def as_keras(self) -> tuple[list, list, list]:
        """Kernels (F, 4U), recurrent kernels (U, 4U) and biases (4U,), a list each, as run_lstm takes them."""
        kernels, recurrent_kernels = (
            np.moveaxis(each, 1, 2).reshape(self.count, -1, 4 * self.units)
            for each in (self.kernel, self.recurrent_kernel)
        )
        return list(kernels), list(recurrent_kernels), list(self.bias.reshape(self.count, -1))


def initial(networks: int, features: int, units: int, seed: int) -> Networks:
    """Networks as Keras starts them: Glorot kernels, orthogonal recurrent kernels, a forget bias of 1."""
    import keras

    from ...dropout.lstm import forget_bias

    kernels, recurrent_kernels = [], []
    for number in range(networks):
        seeds = np.random.default_rng([seed, number]).integers(2**31, size=2).tolist()
        kernels.append(keras.initializers.GlorotUniform(seed=seeds[0])((features, 4 * units)))
        recurrent_kernels.append(keras.initializers.Orthogonal(seed=seeds[1])((units, 4 * units)))
    bias = keras.ops.convert_to_numpy(forget_bias((4 * units,), "float32")).reshape(1, 4, units)
    return Networks(_by_gate(kernels), _by_gate(recurrent_kernels), np.tile(bias, (networks, 1, 1)))


def _by_gate(kernels) -> np.ndarray:
    """Kernels (rows, 4U), one a network, as (N, 4, rows, U)."""
    from keras import ops

    stacked = np.stack([ops.convert_to_numpy(kernel) for kernel in kernels])
    return np.moveaxis(stacked.reshape(*stacked.shape[:2], 4, -1), 2, 1)


def masks_of(placement: str, rate: float, batch: int, steps: int, features: int, networks: Networks, seed: int) -> dict:
    """Masks of one training pass, as draw_masks gives them; an axis direction gives each network its own.

    placement: a name that placements.resolve takes, with sites inside one layer.
    """
    from keras import ops

    from ...dropout.masks import Sizes, draw_masks

    sizes = Sizes(batch, steps, features, networks.units, directions=networks.count)
    drawn = draw_masks(resolve(placement), rate, sizes, (seed, 0))
    return {key: ops.convert_to_numpy(mask) for key, mask in drawn.items()}


def unroll(x, networks: Networks, masks: dict) -> tuple[np.ndarray, np.ndarray]:
    """Every hidden output and every cell, each (T, N, B, U), float32, all networks reading forwards.

    x: sequences (N, B, T, F), where N and B may be 1: all networks, or all samples, then read the same. masks: arrays
    as masks_of gives them; a mask at the output, which acts after the last step, is not applied.
    """
    x, steps = np.asarray(x, "float32"), x.shape[2]
    batch = max([x.shape[1], *(mask.shape[1] for key, mask in masks.items() if key not in ("output", "weights"))])
    h = c = np.zeros((networks.count, batch, networks.units), "float32")
    kernel, recurrent_kernel, bias = networks.kernel, networks.recurrent_kernel, networks.bias[:, :, None]
    if "weights" in masks:
        recurrent_kernel = recurrent_kernel * np.moveaxis(masks["weights"], 2, 1)
    hidden, cell = [], []
    for t in range(steps):

        def m(site, gate=None, t=t):
            """A site's mask at this step, and for a gate where there is one each; an axis of size 1 is shared."""
            if site not in masks:
                return np.float32(1)
            mask = masks[site][:, :, t % masks[site].shape[2]]
            return mask if gate is None else mask[:, :, gate % mask.shape[2]]

        a = [
            (m("input", k) * x[:, :, t]) @ kernel[:, k] + (m("recurrent", k) * h) @ recurrent_kernel[:, k] + bias[:, k]
            for k in range(4)
        ]
        i, f, o = m("gates", 0) * expit(a[0]), m("gates", 1) * expit(a[1]), m("gates", 2) * expit(a[3])
        g = m("candidate") * np.tanh(a[2])
        new_c = m("cell") * (f * c + i * g)
        new_h = m("hidden") * o * np.tanh(new_c)
        c = m("cell:keep") * new_c + (1 - m("cell:keep")) * c
        h = m("hidden:keep") * new_h + (1 - m("hidden:keep")) * h
        hidden.append(h)
        cell.append(c)
    return np.stack(hidden), np.stack(cell)
