"""How masks enter the equations: the equations of recurrence.py against the study's layer, for every placement."""

from __future__ import annotations

import numpy as np
import pandas as pd
from keras import ops

from ...dropout.lstm import run_lstm
from ...dropout.masks import Sizes, draw_masks
from ...dropout.placements import TABLE
from .recurrence import Networks, initial, unroll


def last_outputs(x, networks: Networks, masks: dict) -> np.ndarray:
    """The last outputs (B, 2U) of a BiLSTM by the equations. x (B, T, F). networks: the two directions.

    masks: as draw_masks gives them for two directions; they go by absolute time, so the second one meets them reversed.
    """
    both = _second_reversed(np.stack([x, x]))
    inside = {key: mask if key in ("output", "weights") else _second_reversed(mask) for key, mask in masks.items()}
    hidden, _ = unroll(both, networks, inside)
    return np.concatenate(hidden[-1], axis=-1) * masks.get("output", 1)


def _second_reversed(values) -> np.ndarray:
    """(2|1, B, T|1, ...) with the second direction's steps in the order in which it meets them."""
    values = np.broadcast_to(values, (2, *np.shape(values)[1:])).copy()
    values[1] = values[1, :, ::-1]
    return values


def differences(
    rate: float = 0.25, steps: int = 12, batch: int = 8, features: int = 5, units: int = 6, seed: int = 1
) -> pd.DataFrame:
    """The largest difference between the equations' and the layer's last outputs, for every placement of one layer.

    rate: at most .5, since gates allow no more. Columns: placement, difference, size (the largest output) and
    unmasked (the largest difference that leaving out the masks makes: were it 0, nothing would be tested).
    """
    networks = initial(2, features, units, seed)
    x = np.random.default_rng(seed).standard_normal((batch, steps, features)).astype("float32")
    plain = last_outputs(x, networks, {})
    rows = []
    for name, placement in TABLE.items():
        if not placement.applies(False, 1):
            continue
        terms = [term for term in placement.terms if term.site != "embedding"]
        drawn = draw_masks(terms, rate, Sizes(batch, steps, features, units), (seed, 0))
        masks = {key: ops.convert_to_numpy(mask) for key, mask in drawn.items()}
        written = last_outputs(x, networks, masks)
        layer = ops.convert_to_numpy(run_lstm(x, *networks.as_keras(), masks))
        rows.append((name, np.abs(written - layer).max(), np.abs(layer).max(), np.abs(written - plain).max()))
    return pd.DataFrame(rows, columns=["placement", "difference", "size", "unmasked"])
