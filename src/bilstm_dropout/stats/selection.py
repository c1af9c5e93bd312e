"""Answering only where a network is sure: how well its confidence tells right answers from wrong ones.

Axes as in metrics: p (..., N, C), y (N,); every function keeps the leading axes. Examples are taken from the most
confident to the least, equally confident ones in their own order.
"""

from __future__ import annotations

import math

import numpy as np
import scipy
from numpy.typing import ArrayLike

from .metrics import confidence, predicted

COVERAGE = 0.8  # the share of examples that is answered, where one number is asked for


def auroc(p: ArrayLike, y: ArrayLike) -> np.ndarray:
    """How often a right answer is more confident than a wrong one, ties counted half: .5 is chance, 1 is perfect.

    NaN where all answers are right, or all wrong.
    """
    return ranked(confidence(p), predicted(p) == np.asarray(y))


def ranked(sure: ArrayLike, right: ArrayLike) -> np.ndarray:
    """`auroc` of what a network is sure of, (..., N) each: its confidence, and whether its answer is right."""
    right = np.asarray(right)
    n, good = right.shape[-1], right.sum(axis=-1)
    ranks = np.sum(scipy.stats.rankdata(sure, axis=-1) * right, axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return (ranks - good * (good + 1) / 2) / (good * (n - good))


def risk_coverage(p: ArrayLike, y: ArrayLike) -> np.ndarray:
    """The error among the k most confident examples for k = 1 … N: (..., N)."""
    return risks(confidence(p), predicted(p) == np.asarray(y))


def risks(sure: ArrayLike, right: ArrayLike) -> np.ndarray:
    """`risk_coverage` of what a network is sure of, (..., N) each: any score of it, and whether its answer is right."""
    wrong = 1.0 - np.asarray(right)
    order = np.argsort(-np.asarray(sure), axis=-1, kind="stable")
    found = np.cumsum(np.take_along_axis(wrong, order, axis=-1), axis=-1)
    return found / np.arange(1, wrong.shape[-1] + 1)


def aurc(p: ArrayLike, y: ArrayLike) -> np.ndarray:
    """The area under the risk-coverage curve: the mean of `risk_coverage` (Geifman and El-Yaniv 2017); 0 is best."""
    return risk_coverage(p, y).mean(axis=-1)


def excess_aurc(p: ArrayLike, y: ArrayLike) -> np.ndarray:
    """`aurc` less that of a perfect ranking with as many errors, which has them last (Geifman and others 2019)."""
    risk = risk_coverage(p, y)
    n = risk.shape[-1]
    errors = np.rint(risk[..., -1] * n)
    k = np.arange(1, n + 1)
    best = np.maximum(k - (n - errors[..., None]), 0) / k
    return risk.mean(axis=-1) - best.mean(axis=-1)


def risk_at_coverage(p: ArrayLike, y: ArrayLike, coverage: float = COVERAGE) -> np.ndarray:
    """The error among the share of examples that is most confident, rounded up; 0 < coverage <= 1, else ValueError."""
    return answered(confidence(p), predicted(p) == np.asarray(y), coverage)


def answered(sure: ArrayLike, right: ArrayLike, coverage: float = COVERAGE) -> np.ndarray:
    """`risk_at_coverage` of what a network is sure of, as `risks` takes it."""
    if not 0 < coverage <= 1:
        raise ValueError(f"coverage is a share above 0, at most 1; got {coverage}")
    risk = risks(sure, right)
    return risk[..., math.ceil(round(coverage * risk.shape[-1], 9)) - 1]
