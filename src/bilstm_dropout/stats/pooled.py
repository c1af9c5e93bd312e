"""The calibration error of several data sets together, and how it differs between placements.

Squared errors are debiased and may lie below 0, so the runs of a data set are averaged before a root is taken, and the
sets after it. Axes: for each data set an array (S, F), at [s, f] the squared error of seed s on fold f.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from .folds import RESAMPLES
from .intervals import LEVEL, Estimate
from .reliability import root


def pooled_error(squared: Sequence[ArrayLike]) -> float:
    """The mean over data sets of the root of a set's mean squared error, with its sign, in the root's unit."""
    return float(np.mean([root(np.mean(each)) for each in squared]))


def pooled_difference(
    mine: Sequence[ArrayLike], other: Sequence[ArrayLike], generator: np.random.Generator, resamples: int = RESAMPLES
) -> Estimate:
    """pooled_error of mine less that of other, with its 95 % percentile interval; folds are the sample, in each set.

    Both get the same draws. With eight folds such an interval is a little narrow. n is the number of runs on a side.
    ValueError where shapes differ, and for fewer than two folds.
    """
    mine, other = ([np.asarray(each, dtype=np.float64) for each in side] for side in (mine, other))
    shapes = [each.shape for each in mine]
    if shapes != [each.shape for each in other] or any(len(shape) != 2 or shape[1] < 2 for shape in shapes):
        raise ValueError(f"each set needs one shape (S, F) on both sides, two folds or more; got {shapes}")
    drawn = 0.0
    for a, b in zip(mine, other, strict=True):
        folds = a.shape[1]
        counts = generator.multinomial(folds, np.full(folds, 1 / folds), size=resamples) / folds
        drawn = drawn + (root(counts @ a.mean(axis=0)) - root(counts @ b.mean(axis=0))) / len(mine)
    low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Estimate(pooled_error(mine) - pooled_error(other), float(low), float(high), sum(each.size for each in mine))
