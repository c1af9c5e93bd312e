"""How published probabilities are kept: as codes of two bytes, and how much of an NLL that may cost.

A code k stands for a log-probability of -k STEP nats, so that small probabilities are rounded as well as large ones;
those below LOWEST count as LOWEST, as they do for every measured NLL. Rounding moves a log-probability by at most
STEP / 2 = .000123 nats. Reading divides an example's probabilities by their sum and refuses a sum that is further than
SUM_ERROR from 1, which moves all of them by at most -ln(1 - SUM_ERROR) = .0002001. So no example's NLL, and no mean of
them, is off by more than NLL_ERROR, .00033 nats, and after a temperature T by no more than 2 NLL_ERROR / T.
"""

from __future__ import annotations

import math

import numpy as np

# Of the files' format, so it stays even if metrics.EPSILON, which it equals, ever changes.
LOWEST = 1e-7
STEP = -math.log(LOWEST) / 65_535  # nats: a code of 65,535 stands for LOWEST
SUM_ERROR = 2e-4  # rounding gives up to STEP / 2, float32 and a hundred probabilities of LOWEST about 1e-5 more
NLL_ERROR = 3.3e-4  # nats


def losses(p: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Each example's NLL in nats, (..., N): of probabilities (..., N, C) for labels (N,), clipped as by metrics."""
    return -np.log(np.clip(p[..., np.arange(len(y)), y], LOWEST, 1.0))


def encode(p: np.ndarray) -> bytes:
    """Finite probabilities (N, C) as a file holds them: little-endian uint16, N x C codes row by row."""
    logs = np.log(np.clip(np.asarray(p, dtype=np.float64), LOWEST, 1.0))
    return np.rint(-logs / STEP).astype("<u2").tobytes()


def decode(values: bytes, rows: int, classes: int) -> np.ndarray:
    """What `encode` was given, float64 (rows, classes), within NLL_ERROR. ValueError for what are no probabilities."""
    p = np.exp(-STEP * np.frombuffer(values, "<u2").reshape(rows, classes))
    total = p.sum(axis=1, keepdims=True)
    if np.abs(total - 1).max() > SUM_ERROR:
        raise ValueError("probabilities do not sum to 1")
    return p / total
