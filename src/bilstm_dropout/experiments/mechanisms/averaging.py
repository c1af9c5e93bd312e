"""Why noise on inputs averages out, and when it does not.

A reader that forgets by the factor f a step gives step t the weight w_t = f^(T-t). Noise drawn anew at every step
reaches its state with variance ∝ Σ w_t², noise drawn once a sequence with (Σ w_t)² where the feature keeps its value.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from .recurrence import Networks, initial, masks_of, unroll

READERS = ("average", "forgetting", "as initialised")
# Per step and per sequence; the first axis gives each network draws of its own.
SHARINGS = ("input:direction,sample,step,feature", "input:direction,sample,feature")
FEATURES = 8
_RESAMPLES = 400
_SMALL = 0.02  # of the reading kernel, so that tanh is a straight line
_SHUT = -6.0  # the held input gate; it scales the state alone, and the ratio of two variances not at all
_OPEN = 30.0  # the sigmoid of it is 1 in single precision


def formula(forget: float, steps) -> np.ndarray:
    """Variance under per-step noise over variance under per-sequence noise, Σ w_t² / (Σ w_t)², for a constant signal.

    forget: f, from 0 to 1; 1 is the average, with 1 / T. steps: T, a number or an array.
    """
    steps = np.asarray(steps, float)
    if forget == 1:
        return 1 / steps
    return (1 - forget) / (1 + forget) * (1 + forget**steps) / (1 - forget**steps)


def forget_of(reader: str) -> float:
    """The factor f of a reader whose gates are held; for the others the one that Keras' forget bias of 1 gives."""
    return 1.0 if reader == "average" else float(1 / (1 + np.exp(-1)))


def _reader(name: str, networks: int, units: int, seed: int) -> Networks:
    start = initial(networks, FEATURES, units, seed)
    if name == "as initialised":
        return start
    kernel, bias = np.zeros_like(start.kernel), np.zeros_like(start.bias)
    kernel[:, 2] = _SMALL * start.kernel[:, 2]
    bias[:, 0], bias[:, 3] = _SHUT, _OPEN
    bias[:, 1] = _OPEN if name == "average" else 1.0
    return Networks(kernel, np.zeros_like(start.recurrent_kernel), bias)


def by_length(
    steps: int = 200, rate: float = 0.25, draws: int = 50, networks: int = 20, units: int = 16, seed: int = 1
) -> pd.DataFrame:
    """Variance of the cell over mask draws after 1 to `steps` steps: masks for each step over masks for the sequence.

    A row a reader ('average': f = 1, i held small; 'forgetting': f held at its initial value; 'as initialised':
    nothing held), a signal ('constant': a feature keeps its value; 'independent': a new standard normal number each
    step) and a number of steps. Columns: reader, signal, steps; stepwise, locked: variances, means over networks and
    units; ratio, with low and high, its 95 % bootstrap interval over networks; formula (NaN where none is claimed).
    """
    normal = np.random.default_rng([seed, 0]).standard_normal((networks, 1, steps, FEATURES))
    signals = {"constant": np.repeat(normal[:, :, :1], steps, axis=2), "independent": normal}
    length = np.arange(1, steps + 1)
    again = np.random.default_rng([seed, 1]).integers(networks, size=(_RESAMPLES, networks))
    rows = []
    for reader in READERS:
        nets = _reader(reader, networks, units, seed)
        for signal, x in signals.items():
            stepwise, locked = (_variance(x, nets, sharing, rate, draws, seed) for sharing in SHARINGS)
            resampled = stepwise[:, again].mean(axis=-1) / locked[:, again].mean(axis=-1)
            low, high = np.quantile(resampled, (0.025, 0.975), axis=1)
            stepwise, locked = stepwise.mean(axis=1), locked.mean(axis=1)
            expected = formula(forget_of(reader), length) if signal == "constant" else np.ones(steps)
            columns = {
                "reader": reader,
                "signal": signal,
                "steps": length,
                "stepwise": stepwise,
                "locked": locked,
                "ratio": stepwise / locked,
                "low": low,
                "high": high,
                "formula": expected if reader != "as initialised" else np.nan,
            }
            rows.append(pd.DataFrame(columns))
    return pd.concat(rows, ignore_index=True)


def _variance(x, nets: Networks, placement: str, rate: float, draws: int, seed: int) -> np.ndarray:
    """(T, N): variance of the cell over the draws, mean over the units."""
    masks = masks_of(placement, rate, draws, x.shape[2], FEATURES, nets, seed)
    return unroll(x, nets, masks)[1].astype(float).var(axis=2, ddof=1).mean(axis=-1)
