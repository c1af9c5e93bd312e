"""How published probabilities are kept: as codes of two bytes, and how much of an NLL that may cost.

A code k stands for a log-probability of -k STEP nats, so that small probabilities are rounded as well as large ones;
those below LOWEST count as LOWEST, as they do for every measured NLL. Rounding moves a log-probability by at most
STEP / 2 = .000123 nats. Reading divides an example's probabilities by their sum and refuses a sum that is further than
SUM_ERROR from 1, which moves all of them by at most -ln(1 - SUM_ERROR) = .0002001. So no example's NLL, and no mean of
them, is off by more than NLL_ERROR, .00033 nats, and after a temperature T by no more than 2 NLL_ERROR / T.

Parts that came later keep averages of passes in less: of C classes C - 1 codes, the log-ratios of the others to the
first, from ln LOWEST to -ln LOWEST. Rounding moves each by at most RATIO_STEP / 2, so no example's NLL is off by more
than RATIO_ERROR, .0005 nats, and whatever codes there are stand for probabilities. And they keep mutual information, a
code of k standing for k / 65,535 of ln C.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import scipy

# Of the files' format, so it stays even if metrics.EPSILON, which it equals, ever changes.
LOWEST = 1e-7
STEP = -math.log(LOWEST) / 65_535  # nats: a code of 65,535 stands for LOWEST
SUM_ERROR = 2e-4  # rounding gives up to STEP / 2, float32 and a hundred probabilities of LOWEST about 1e-5 more
NLL_ERROR = 3.3e-4  # nats
RATIO_STEP = -2 * math.log(LOWEST) / 65_535  # nats
RATIO_ERROR = 5e-4  # nats: two ratios, half a step each; float32 and a hundred probabilities of LOWEST about 1e-5 more


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


def encode_ratios(p: np.ndarray) -> bytes:
    """Finite probabilities (N, C) as N x (C - 1) codes."""
    logs = np.log(np.clip(np.asarray(p, dtype=np.float64), LOWEST, 1.0))
    return np.rint((logs[:, 1:] - logs[:, :1] - math.log(LOWEST)) / RATIO_STEP).astype("<u2").tobytes()


def decode_ratios(values: bytes, rows: int, classes: int) -> np.ndarray:
    """What `encode_ratios` was given, float64 (rows, classes), within RATIO_ERROR."""
    ratios = RATIO_STEP * np.frombuffer(values, "<u2").reshape(rows, classes - 1) + math.log(LOWEST)
    return scipy.special.softmax(np.column_stack([np.zeros(rows), ratios]), axis=1)


def encode_shares(information: np.ndarray, classes: int) -> bytes:
    """Finite nats (N, 1), from 0 to ln C but for rounding, as N codes."""
    shares = np.clip(np.asarray(information, dtype=np.float64) / math.log(classes), 0, 1)
    return np.rint(65_535 * shares).astype("<u2").tobytes()


def decode_shares(values: bytes, rows: int, classes: int) -> np.ndarray:
    """What `encode_shares` was given, float64 (rows, 1), within ln(C) / 131,070 nats."""
    return np.frombuffer(values, "<u2").reshape(rows, 1) * (math.log(classes) / 65_535)


class Form(NamedTuple):
    """How values of N examples and C classes are kept.

    encode: from values and C to bytes. decode: from bytes, N and C to float64 (N, columns). codes: from C to how many
    codes an example has. columns: from C to how many values.
    """

    encode: Callable[[np.ndarray, int], bytes]
    decode: Callable[[bytes, int, int], np.ndarray]
    codes: Callable[[int], int]
    columns: Callable[[int], int]


CODES = Form(lambda p, _: encode(p), decode, lambda classes: classes, lambda classes: classes)
RATIOS = Form(lambda p, _: encode_ratios(p), decode_ratios, lambda classes: classes - 1, lambda classes: classes)
SHARES = Form(encode_shares, decode_shares, lambda _: 1, lambda _: 1)
