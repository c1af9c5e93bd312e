"""Temperature scaling and what it splits: how well predictions rank, and how well their sizes fit.

Axes as in metrics.py: probabilities (..., N, C), labels (N,) from 0 to C - 1. One temperature is fitted a run.
"""

from dataclasses import dataclass

import numpy as np
import scipy

from . import metrics

COOLEST, HOTTEST = 0.05, 20.0  # the range in which a temperature is looked for


@dataclass(frozen=True)
class Scaled:
    """A run's test NLL in nats: raw, and after the temperature that was fitted on validation.

    refinement: the NLL that is left after scaling. What scaling took away, raw minus refinement, is negative where the
    temperature fits validation better than the test.
    """

    raw: float
    refinement: float
    temperature: float


def scaled(p, temperature):
    """Probabilities (..., N, C) with their logits divided by a temperature above 0. 1 changes nothing.

    Probabilities below metrics.EPSILON count as that.
    """
    logits = np.log(np.clip(np.asarray(p, dtype=np.float64), metrics.EPSILON, 1.0))
    return scipy.special.softmax(logits / temperature, axis=-1)


def fit_temperature(p, y):
    """The temperature that minimises the NLL of p (N, C) for the labels y (N,), from COOLEST to HOTTEST (Guo 2017).

    Above 1 the predictions were over-confident. Predictions that are all uniform have no best temperature: 1.
    """
    p, y = np.asarray(p, dtype=np.float64), np.asarray(y)
    if np.ptp(p, axis=-1).max() < 1e-12:
        return 1.0
    # The NLL is convex in 1/T, so along log T too it has one minimum.
    found = scipy.optimize.minimize_scalar(
        lambda log_temperature: float(metrics.nll(scaled(p, np.exp(log_temperature)), y)),
        bounds=(np.log(COOLEST), np.log(HOTTEST)),
        method="bounded",
        options={"xatol": 1e-6},
    )
    return float(np.exp(found.x))


def split_nll(p_test, y_test, p_validation, y_validation):
    """The Scaled of a run: probabilities (N, C) and labels (N,) of the test part, and of the validation part."""
    temperature = fit_temperature(p_validation, y_validation)
    return Scaled(
        raw=float(metrics.nll(p_test, y_test)),
        refinement=float(metrics.nll(scaled(p_test, temperature), y_test)),
        temperature=temperature,
    )
