"""Averaging the networks of several seeds: what it gains, and how far single networks scatter.

p: probabilities (S, N, C) of S seeds; y: labels (N,).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from .calibration import fit_temperature, scaled
from .metrics import accuracy, nll


def averaged(p: ArrayLike) -> np.ndarray:
    """The ensemble's probabilities (N, C): the plain mean over seeds (Lakshminarayanan and others 2017)."""
    p = np.asarray(p, dtype=np.float64)
    if p.ndim != 3:
        raise ValueError(f"an ensemble needs probabilities of the shape (S, N, C), got {p.shape}")
    return p.mean(axis=0)


def gain(p: ArrayLike, y: ArrayLike) -> float:
    """Mean NLL of the members less that of the ensemble, in nats; never below 0 but for clipping (Jensen)."""
    return float(np.mean(nll(p, y)) - nll(averaged(p), y))


def accuracy_gain(p: ArrayLike, y: ArrayLike) -> float:
    """Accuracy of the ensemble less the mean of its members', a share."""
    return float(accuracy(averaged(p), y) - np.mean(accuracy(p, y)))


def tempered(p: ArrayLike, validation: ArrayLike, labels: ArrayLike) -> np.ndarray:
    """The ensemble's probabilities under a temperature that is fitted after averaging.

    validation: the members' probabilities (S, V, C) of the validation part; labels: of that, (V,).
    """
    return scaled(averaged(p), fit_temperature(averaged(validation), np.asarray(labels)))


def scatter(p: ArrayLike) -> float:
    """Variance over seeds (ddof 1), summed over classes, mean over examples. ValueError for fewer than two seeds."""
    p = np.asarray(p, dtype=np.float64)
    if p.ndim != 3 or len(p) < 2:
        raise ValueError(f"scatter needs two seeds or more, (S, N, C); got {p.shape}")
    return float(p.var(axis=0, ddof=1).sum(axis=-1).mean())
