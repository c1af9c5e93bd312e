"""Why masks on the cell are not scaled in training: c multiplies itself from step to step, and so do the scales.

Held gates (f = 1) isolate the masks: c_T = c_0 Π m_t. With m_t in {0, 1/(1-p)} drawn for each step E[c_T] = c_0, but
E[c_T²] = c_0² / (1-p)^T; drawn once for the sequence, c_T = c_0 / (1-p)^T with probability 1 - p. 0/1 masks keep
|c_T| <= |c_0|.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from .recurrence import initial, masks_of, unroll
from .survival import holding

FORMS = {
    "scaled, each step": "cell:direction,sample,step,feature:inverted",
    "scaled, once a sequence": "cell:direction,sample,feature:inverted",
    "0/1, each step": "cell-stepwise",
    "0/1, once a sequence": "cell",
}
FEATURES = 8
FORGET_BIASES = (1.0, 4.0)


def moments(form: str, rate: float, steps) -> tuple[np.ndarray, np.ndarray]:
    """E[c_T / c_0] and E[(c_T / c_0)²] after each number of steps, with held gates."""
    steps = np.asarray(steps, float)
    scale = 1 / (1 - rate) if form.startswith("scaled") else 1.0
    alive = (1 - rate) ** (steps if form.endswith("each step") else np.ones_like(steps))
    return alive * scale**steps, alive * scale ** (2 * steps)


def held(rate: float = 0.25, steps: int = 50, draws: int = 1000, units: int = 16, seed: int = 1) -> pd.DataFrame:
    """Measured moments of c_T / c_0 with held gates beside the formula.

    Columns: form, steps, mean, second (over draws and units), expected_mean, expected_second, survivors (how many of
    the draws × units are expected to be left; below about ten a sample no longer shows its moments), error (relative
    standard error of both moments that the formula gives such a sample).
    """
    nets = holding(units, seed)
    x = np.zeros((1, 1, steps, 1))
    x[:, :, 0] = 1.0
    start = float(np.tanh(1.0))
    length, rows = np.arange(1, steps + 1), []
    for form, placement in FORMS.items():
        masks = masks_of(placement, rate, draws, steps, 1, nets, seed)
        ratio = unroll(x, nets, masks)[1].astype(float)[:, 0] / start
        mean, second = moments(form, rate, length)
        alive = (1 - rate) ** (length if form.endswith("each step") else np.ones(steps))
        columns = {
            "form": form,
            "steps": length,
            "mean": ratio.mean(axis=(1, 2)),
            "second": (ratio**2).mean(axis=(1, 2)),
            "expected_mean": mean,
            "expected_second": second,
            "survivors": alive * draws * units,
            "error": np.sqrt((1 - alive) / (alive * draws * units)),
        }
        rows.append(pd.DataFrame(columns))
    return pd.concat(rows, ignore_index=True)


def ordinary(
    rate: float = 0.5,
    steps: int = 200,
    draws: int = 50,
    networks: int = 4,
    units: int = 16,
    seed: int = 1,
) -> pd.DataFrame:
    """The largest cell so far of networks as Keras starts them but for the forget bias, reading standard normal inputs.

    Of FORGET_BIASES 1 is Keras'; 4 holds f near what keeping a memory takes. A row a form, bias and step. Columns:
    form, bias, steps; median and high: median and 95th percentile, over networks and draws, of the largest |c| up to
    this step, infinite ones counted as such; nonfinite: share of (network, draw) pairs that have met an infinity
    or NaN.
    """
    start = initial(networks, FEATURES, units, seed)
    x = np.random.default_rng([seed, 0]).standard_normal((networks, 1, steps, FEATURES))
    rows = []
    for value in FORGET_BIASES:
        bias = start.bias.copy()
        bias[:, 1] = value
        nets = replace(start, bias=bias)
        for form, placement in FORMS.items():
            masks = masks_of(placement, rate, draws, steps, FEATURES, nets, seed)
            with np.errstate(over="ignore", invalid="ignore"):  # overflow is what is looked for
                _, cell = unroll(x, nets, masks)
            largest = np.abs(np.where(np.isnan(cell), np.inf, cell)).max(axis=-1).reshape(steps, -1)
            largest = np.maximum.accumulate(largest, axis=0)
            middle, high = np.quantile(largest, (0.5, 0.95), axis=1, method="lower")
            columns = {
                "form": form,
                "bias": value,
                "steps": np.arange(1, steps + 1),
                "median": middle,
                "high": high,
                "nonfinite": np.isinf(largest).mean(axis=1),
            }
            rows.append(pd.DataFrame(columns))
    return pd.concat(rows, ignore_index=True)
