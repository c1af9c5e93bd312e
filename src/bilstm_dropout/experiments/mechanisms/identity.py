"""The rnnDrop identity: a 0/1 mask on c, once a sequence, is the same mask on h wherever h is read.

c of a unit reaches other units, and the output, through h = o ⊙ tanh(c) alone, and its own later value through itself.
So with one draw m for all steps, masking c_t at every step and masking h_t at the recurrent and at the output site
leave the same network. With a new draw each step they do not, since a wiped cell stays wiped.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from keras import ops

from ...dropout.lstm import run_lstm
from .recurrence import initial


def differences(
    rates: tuple[float, ...] = (0.25, 0.5),
    steps: int = 20,
    batch: int = 16,
    features: int = 6,
    units: int = 8,
    networks: int = 5,
    seed: int = 1,
) -> pd.DataFrame:
    """The largest absolute difference between the two networks' last outputs, for random weights, inputs and masks.

    Bidirectional. A row a rate, sharing ('once a sequence', 'each step') and network. Columns: rate, sharing, network,
    difference, and size, the largest absolute output, to compare with.
    """
    rows = []
    for number in range(networks):
        both = initial(2, features, units, seed + number)
        weights = both.as_keras()
        draw = np.random.default_rng([seed, number])
        x = draw.standard_normal((batch, steps, features)).astype("float32")
        for rate in rates:
            for sharing, length in (("once a sequence", 1), ("each step", steps)):
                mask = (draw.random((2, batch, length, units)) >= rate).astype("float32")
                on_cell = ops.convert_to_numpy(run_lstm(x, *weights, {"cell": mask}))
                last = (mask[0, :, -1], mask[1, :, 0])  # the backward direction reads the first step last
                masks = {"recurrent": _as_read(mask), "output": np.concatenate(last, axis=-1)}
                on_hidden = ops.convert_to_numpy(run_lstm(x, *weights, masks))
                rows.append((rate, sharing, number, np.abs(on_cell - on_hidden).max(), np.abs(on_cell).max()))
    return pd.DataFrame(rows, columns=["rate", "sharing", "network", "difference", "size"])


def _as_read(mask: np.ndarray) -> np.ndarray:
    """The mask of h_t, (2, B, T|1, U), as the one for what step t reads, h_{t-1}, which has a gate axis.

    At the first step of a direction h is zero, and any mask will do.
    """
    if mask.shape[2] > 1:
        mask = np.stack([np.roll(mask[0], 1, axis=1), np.roll(mask[1], -1, axis=1)])
    return mask[:, :, :, None, :]
