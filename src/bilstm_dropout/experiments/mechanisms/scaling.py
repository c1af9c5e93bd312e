"""Inverted scaling: dividing by 1 - p in training, or multiplying by 1 - p in inference, or neither.

Where what follows the mask is linear, E[m ⊙ h] = h for inverted masks and (1-p) h for 0/1 masks, which inference must
then multiply by 1 - p. Where a recurrence follows, either is right to first order only.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from keras import ops

from ...dropout.masks import Sizes, draw_masks, expected_masks
from ...dropout.terms import parse_term
from .equations import last_outputs
from .recurrence import initial

SITES = {
    "output": "output:sample,feature",
    "input": "input:direction,sample,feature",
    "recurrent": "recurrent:direction,sample,gate,feature",
}
SCALINGS = ("inverted", "expectation", "neither")


def expected_slope(site: str, scaling: str, rate: float) -> float:
    """What `slopes` should give where the layer is linear after the mask; NaN where it is not."""
    if site != "output":
        return float("nan")
    return 1 - rate if scaling == "neither" else 1.0


def slopes(
    rates: tuple[float, ...] = (0.25, 0.5),
    steps: int = 10,
    draws: int = 500,
    features: int = 8,
    units: int = 16,
    networks: int = 8,
    seed: int = 1,
) -> pd.DataFrame:
    """How large the mean output over mask draws in training is, as a multiple of the output in inference.

    The slope is ⟨mean training output, inference output⟩ / ⟨inference output, inference output⟩ over the units of one
    sequence; 1 means that inference stands for the mean of training. Columns: site, scaling ('inverted',
    'expectation': 0/1 masks and times 1 - p in inference, 'neither': 0/1 masks and no correction), rate, slope (mean
    over networks, each with a sequence of its own), error (its standard error over networks), formula.
    """
    rows = []
    for rate in rates:
        for site, text in SITES.items():
            for scaling in SCALINGS:
                found = [_slope(text, scaling, rate, steps, draws, features, units, (seed, n)) for n in range(networks)]
                error = np.std(found, ddof=1) / np.sqrt(networks) if networks > 1 else np.nan
                formula = expected_slope(site, scaling, rate)
                rows.append((site, scaling, rate, np.mean(found), error, formula))
    return pd.DataFrame(rows, columns=["site", "scaling", "rate", "slope", "error", "formula"])


def _slope(text, scaling, rate, steps, draws, features, units, seeds) -> float:
    term = parse_term(text if scaling == "inverted" else f"{text}:expectation")
    networks = initial(2, features, units, sum(seeds))
    x = np.random.default_rng(seeds).standard_normal((1, steps, features))
    masks = _arrays(draw_masks((term,), rate, Sizes(draws, steps, features, units), seeds))
    training = last_outputs(x, networks, masks).astype(float).mean(axis=0)
    correction = {} if scaling == "neither" else _arrays(expected_masks((term,), rate))
    inference = last_outputs(x, networks, correction)[0].astype(float)
    return float(training @ inference / (inference @ inference))


def _arrays(masks: dict) -> dict:
    return {key: ops.convert_to_numpy(mask) for key, mask in masks.items()}
