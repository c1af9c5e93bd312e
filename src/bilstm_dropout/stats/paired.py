"""Paired comparisons: an interval, an exact sign-flip test and a verdict in words.

Every function that draws random numbers takes a generator (``numpy.random.Generator``), so the same seed
gives the same interval. Pairs share a seed: the same initial weights, training subset and batch order under
both placements.
"""

import math
from dataclasses import dataclass

import numpy as np

from .intervals import ALPHA, bootstrap_interval, mean_interval
from .tests import sign_flip_p

# With n pairs the least two-sided sign-flip p is 2 / 2**n: .0625 for five pairs and .03125 for six.
LEAST_PAIRS = 6
LEAST_PAIRS_FOR_BOOTSTRAP = 10


@dataclass(frozen=True)
class Difference:
    """The mean of a - b over pairs, its 95 % interval, the two-sided sign-flip p and the number of pairs.

    ``low``, ``high`` and ``p`` are NaN where fewer than two pairs exist, and ``mean`` too where none does.
    """

    mean: float
    low: float
    high: float
    p: float
    n: int


def _differences(a, b):
    """a - b as float64 (n,) without the pairs in which either value is not finite (a run that diverged)."""
    a, b = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    if a.ndim != 1 or a.shape != b.shape:
        raise ValueError(f"pairs need two arrays of one length, got the shapes {a.shape} and {b.shape}")
    difference = a - b
    return difference[np.isfinite(difference)]


def _interval(differences, generator):
    """The 95 % interval of the mean: BCa from 10 pairs on (Efron 1987), else t; a point if all are equal."""
    if differences.size < LEAST_PAIRS_FOR_BOOTSTRAP:
        return mean_interval(differences)[1:]
    return bootstrap_interval(differences, generator)[1:]


def paired_difference(a, b, generator):
    """Compare two sets of paired values.

    Parameters: ``a`` and ``b``, one value a pair, shape (n,), in the same order of seeds; ``generator``, a
    ``numpy.random.Generator``. Pairs in which a value is not finite are left out and not counted in ``n``.
    Returns a Difference with the mean of a - b: below 0 says that ``a`` is the lower one.
    """
    differences = _differences(a, b)
    if differences.size == 0:
        return Difference(math.nan, math.nan, math.nan, math.nan, 0)
    mean = float(np.mean(differences))
    if differences.size == 1:
        return Difference(mean, math.nan, math.nan, math.nan, 1)
    low, high = _interval(differences, generator)
    return Difference(mean, low, high, sign_flip_p(differences, generator), int(differences.size))


def verdict(difference):
    """'lower', 'higher' or 'unclear': the only comparing words the book uses for a Difference.

    A direction needs all three: at least LEAST_PAIRS pairs, p below .05, and an interval without 0.
    'unclear' is no claim that the two are equal.
    """
    if difference.n < LEAST_PAIRS or not difference.p < ALPHA:
        return "unclear"
    if difference.high < 0:
        return "lower"
    if difference.low > 0:
        return "higher"
    return "unclear"
