"""Where (1 - p)^T applies: how long a unit's memory lasts under each form of dropout.

The gates are held: open to a cue at the first step, after it f = 1 and i = 0, so that without dropout every cell keeps
what the cue wrote. The recurrent weights are those of an ordinary network, so gates do read the masked output.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from .recurrence import Networks, initial, masks_of, unroll

# Form to the power of 1 - p that the share of units which still hold the cue is expected to have after T steps.
EXPONENTS = {
    "none": "0",
    "input": "1",
    "recurrent": "0",
    "recurrent-tied": "0",
    "recurrent-stepwise": "0",
    "candidate": "1",
    "gates": "T",
    "cell": "1",
    "cell-stepwise": "T",
    "zoneout": "1",
}
_HELD = 30.0  # the sigmoid of it is 1 in single precision, and of its negative 1e-13


def expected(form: str, rate: float, steps) -> np.ndarray:
    """The share of units that still hold the cue after each number of steps: (1 - p) to the power in EXPONENTS."""
    steps = np.asarray(steps, float)
    return (1 - rate) ** (steps if EXPONENTS[form] == "T" else float(EXPONENTS[form]) * np.ones_like(steps))


def holding(units: int, seed: int, hold: float = _HELD) -> Networks:
    """A network of one feature, the cue, whose gates are held at sigmoid(±hold); its recurrent weights are alive."""
    start = initial(1, 1, units, seed)
    kernel, bias = np.zeros_like(start.kernel), np.zeros_like(start.bias)
    kernel[:, 0], bias[:, 0] = 2 * hold, -hold  # i: open where the cue is, shut otherwise
    bias[:, 1], bias[:, 3] = hold, hold  # f and o: open
    kernel[:, 2] = 1.0  # what the cue writes: tanh(1)
    return Networks(kernel, start.recurrent_kernel, bias)


def by_step(
    forms: tuple[str, ...] = tuple(EXPONENTS),
    rate: float = 0.25,
    steps: int = 50,
    draws: int = 400,
    units: int = 16,
    seed: int = 1,
    hold: float = _HELD,
) -> pd.DataFrame:
    """The share of (draw, unit) pairs whose cell still holds more than half of what it holds without dropout.

    rate: at most .5 where gates are among the forms. hold: the gates' held pre-activation; small ones let noise in.
    Columns: form, steps (1 is the cue's own), share, error (its standard error, over draws), expected.
    """
    nets = holding(units, seed, hold)
    x = np.zeros((1, 1, steps, 1))
    x[:, :, 0] = 1.0
    _, plain = unroll(x, nets, {})
    length, rows = np.arange(1, steps + 1), []
    for form in forms:
        masks = masks_of(form, rate if form != "none" else 0.0, draws, steps, 1, nets, seed)
        _, cell = unroll(x, nets, masks)
        kept = (np.abs(cell) > np.abs(plain) / 2)[:, 0].mean(axis=-1)  # (T, B): share of the units of a draw
        columns = {
            "form": form,
            "steps": length,
            "share": kept.mean(axis=1),
            "error": kept.std(axis=1, ddof=min(1, kept.shape[1] - 1)) / np.sqrt(kept.shape[1]),
            "expected": expected(form, rate, length),
        }
        rows.append(pd.DataFrame(columns))
    return pd.concat(rows, ignore_index=True)
