"""How far a network can be believed: calibration errors, the Brier score's parts, reliability diagrams.

Axes as in metrics: p (..., N, C), y (N,); every function keeps the leading axes. r is whether the most probable class
is the label, c its probability. Bins of equal mass are made of the values in stable order, split as evenly as can be.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from .metrics import confidence, predicted

BINS = 15  # as many as Guo and others (2017) have


def calibration_error_squared(p: ArrayLike, y: ArrayLike, bins: int = BINS) -> np.ndarray:
    """The squared calibration error of a run, debiased: it scatters about 0 where confidence is right, below it too.

    The mean over bins of equal mass of (mean c - mean r)² - mean r (1 - mean r) / (n - 1): what chance alone adds to
    the square is taken away (Kumar, Liang and Ma 2019). Several runs are averaged before `root` is taken. ValueError
    for fewer than two examples a bin.
    """
    c, r = confidence(p), _right(p, y)
    order = _order(c, bins)
    total = 0.0
    for part in np.array_split(order, bins, axis=-1):
        n, mean_c, mean_r = part.shape[-1], _take(c, part).mean(axis=-1), _take(r, part).mean(axis=-1)
        total = total + n / order.shape[-1] * ((mean_c - mean_r) ** 2 - mean_r * (1 - mean_r) / (n - 1))
    return total


def root(squared: ArrayLike) -> np.ndarray:
    """The error of a squared one that may be below 0: the root of its size, with its sign."""
    squared = np.asarray(squared, dtype=np.float64)
    return np.sign(squared) * np.sqrt(np.abs(squared))


def expected_calibration_error(p: ArrayLike, y: ArrayLike, bins: int = BINS) -> np.ndarray:
    """ECE as Guo and others (2017) have it: mean |confidence - accuracy| over bins of equal width, weighed by examples.

    It has a bias upwards that falls with N, so it serves to compare with their numbers alone.
    """
    c, r = confidence(p), _right(p, y)
    part = np.minimum((c * bins).astype(np.int64), bins - 1)
    inside = part[..., None] == np.arange(bins)
    return np.abs(np.sum(inside * (c - r)[..., None], axis=-2)).sum(axis=-1) / c.shape[-1]


def sure_and_wrong(p: ArrayLike, y: ArrayLike, above: float = 0.9) -> np.ndarray:
    """The share of all examples that are wrong at a confidence above a threshold."""
    return np.mean((confidence(p) > above) & (_right(p, y) == 0), axis=-1)


def brier_reliability(p: ArrayLike, y: ArrayLike, bins: int = BINS) -> np.ndarray:
    """The part of the Brier score that calibration could save, bias-corrected; summed over classes, 0 is best.

    Each class is one against the rest, in bins of equal mass of its probability (Ferro and Fricker 2012). What varies
    within bins is in no part, so that reliability, resolution and the classes' own spread do not add up to the score.
    """
    return _brier_parts(p, y, bins)[0]


def brier_resolution(p: ArrayLike, y: ArrayLike, bins: int = BINS) -> np.ndarray:
    """The part of the Brier score that telling examples apart saves; as `brier_reliability`, but more is better."""
    return _brier_parts(p, y, bins)[1]


def reliability_diagram(p: ArrayLike, y: ArrayLike, bins: int = BINS) -> tuple[np.ndarray, np.ndarray]:
    """Mean confidence and share right in each of the bins of equal mass, (..., bins) each, the least sure first."""
    c, r = confidence(p), _right(p, y)
    parts = np.array_split(_order(c, bins), bins, axis=-1)
    return tuple(np.stack([_take(of, part).mean(axis=-1) for part in parts], axis=-1) for of in (c, r))


def _brier_parts(p, y, bins: int) -> tuple[np.ndarray, np.ndarray]:
    p = np.asarray(p, dtype=np.float64)
    reliability = resolution = 0.0
    for label in range(p.shape[-1]):
        q, outcome = p[..., label], np.broadcast_to(np.asarray(y) == label, p.shape[:-1]).astype(np.float64)
        order = _order(q, bins)
        n, base = order.shape[-1], outcome.mean(axis=-1)
        by_chance = 0.0
        for part in np.array_split(order, bins, axis=-1):
            share, mean = part.shape[-1] / n, _take(outcome, part).mean(axis=-1)
            reliability = reliability + share * (_take(q, part).mean(axis=-1) - mean) ** 2
            resolution = resolution + share * (mean - base) ** 2
            by_chance = by_chance + share * mean * (1 - mean) / (part.shape[-1] - 1)
        reliability = reliability - by_chance
        resolution = resolution - by_chance + base * (1 - base) / (n - 1)
    return reliability, resolution


def _right(p, y) -> np.ndarray:
    return (predicted(p) == np.asarray(y)).astype(np.float64)


def _order(values: np.ndarray, bins: int) -> np.ndarray:
    if bins < 1 or values.shape[-1] < 2 * bins:
        raise ValueError(f"{bins} bins need {2 * bins} examples or more, two a bin; got {values.shape[-1]}")
    return np.argsort(values, axis=-1, kind="stable")


def _take(values: np.ndarray, part: np.ndarray) -> np.ndarray:
    return np.take_along_axis(values, part, axis=-1)
