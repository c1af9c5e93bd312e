"""Networks of several seeds averaged: what the mean of their probabilities gains (Lakshminarayanan et al. 2017).

Axes: ``p`` are probabilities (S, N, C) of S seeds, N examples and C classes, ``y`` labels (N,).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from . import metrics
from .calibration import fit_temperature, scaled


class Averaged(NamedTuple):
    """A measure of the single networks, the mean over them, and of the network that is their mean."""

    single: float
    ensemble: float


def averaged(p) -> np.ndarray:
    """The mean of the probabilities over seeds: (S, N, C) to (N, C)."""
    if np.ndim(p) != 3 or not len(p):
        raise ValueError(f"seeds need the shape (S, N, C), got {np.shape(p)}")
    return np.mean(np.asarray(p, dtype=np.float64), axis=0)


def of_measure(measure, p, y) -> Averaged:
    """A measure, a function of probabilities (..., N, C) and labels such as `metrics.nll`, before and after averaging.

    The NLL of the ensemble is never above the mean of its members' (Jensen), but for the clipping at metrics.EPSILON.
    """
    return Averaged(float(np.mean(measure(p, y))), float(measure(averaged(p), y)))


def tempered(p, y, p_validation, y_validation, temperatures=None) -> Averaged:
    """NLL in nats after temperatures fitted on validation: one for each network, and one for their mean.

    p_validation: (S, V, C) of the same seeds, y_validation: (V,). temperatures: (S,), of the networks, where they were
    fitted before. The mean is of the raw probabilities: its temperature
    is fitted after averaging (Rahaman and Thiery 2021), which makes sharper what averaging has made too unsure.
    """
    if temperatures is None:
        temperatures = [fit_temperature(watched, y_validation) for watched in p_validation]
    single = [metrics.nll(scaled(mine, each), y) for mine, each in zip(p, temperatures, strict=True)]
    temperature = fit_temperature(averaged(p_validation), y_validation)
    return Averaged(float(np.mean(single)), float(metrics.nll(scaled(averaged(p), temperature), y)))


def teams(samples: int, seeds: int, vary: str) -> list[list[tuple[int, int]]]:
    """Which networks are averaged: groups of as many as there are samples, each a list of (sample, seed), from 0.

    vary: 'seeds', one sample and seeds that follow each other; 'rows', one seed on all samples; 'both', another seed on
    every sample. Each network is in exactly one group. ValueError for another word, and where seeds are no multiple of
    samples.
    """
    if seeds % samples:
        raise ValueError(f"groups of {samples} need seeds by {samples}s, got {seeds}")
    lots = [range(first, first + samples) for first in range(0, seeds, samples)]
    if vary == "seeds":
        return [[(sample, seed) for seed in lot] for lot in lots for sample in range(samples)]
    if vary == "rows":
        return [[(sample, seed) for sample in range(samples)] for seed in range(seeds)]
    if vary == "both":
        return [[(n, lot[(n + shift) % samples]) for n in range(samples)] for lot in lots for shift in range(samples)]
    raise ValueError(f"what varies is 'seeds', 'rows' or 'both', not {vary!r}")
