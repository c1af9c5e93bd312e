"""Paired comparisons: an interval, an exact sign-flip test and a verdict in words.

Every function that draws random numbers takes a generator (``numpy.random.Generator``), so the same seed
gives the same interval. Pairs share a seed: the same initial weights, training subset and batch order under
both placements.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy import stats

LEVEL = 0.95
ALPHA = 0.05
# With n pairs the least two-sided sign-flip p is 2 / 2**n: .0625 for five pairs and .03125 for six.
LEAST_PAIRS = 6
LEAST_PAIRS_FOR_BOOTSTRAP = 10
RESAMPLES = 9_999
VERDICTS = ("lower", "higher", "not told apart")


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


def _all_equal(differences):
    """Whether the differences differ by no more than rounding, so that there is no spread to estimate."""
    scale = np.max(np.abs(differences))
    return float(np.ptp(differences)) <= 1e-12 * max(scale, 1e-300)


def _interval(differences, generator):
    """The 95 % interval of the mean: BCa from 10 pairs on (Efron 1987), else t; a point if all are equal."""
    mean = float(np.mean(differences))
    if _all_equal(differences):
        return mean, mean
    if differences.size < LEAST_PAIRS_FOR_BOOTSTRAP:
        return tuple(
            float(edge)
            for edge in stats.t.interval(LEVEL, differences.size - 1, loc=mean, scale=stats.sem(differences))
        )
    interval = stats.bootstrap(
        (differences,),
        np.mean,
        confidence_level=LEVEL,
        n_resamples=RESAMPLES,
        method="BCa",
        vectorized=True,
        rng=generator,
    ).confidence_interval
    return float(interval.low), float(interval.high)


def sign_flip_p(differences, generator):
    """Two-sided p of the sign-flip (paired permutation) test that the mean difference is 0.

    Exact (all 2**n sign patterns) up to 13 pairs; beyond that 9,999 patterns drawn from ``generator``, where
    the observed one counts too, so p is never 0. Differences that are all 0 give 1.
    """
    differences = np.asarray(differences, dtype=np.float64)
    if not np.any(differences):
        return 1.0
    # The resampled statistics are rounded, so that sign patterns equal on paper are equal here: without this,
    # rounding of the order of summation can push the observed pattern outside its own null distribution.
    scale = np.max(np.abs(differences))
    result = stats.permutation_test(
        (differences / scale,),
        lambda x, axis: np.round(np.mean(x, axis=axis), 12),
        permutation_type="samples",
        n_resamples=RESAMPLES,
        alternative="two-sided",
        vectorized=True,
        rng=generator,
    )
    return float(min(1.0, result.pvalue))


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
    """'lower', 'higher' or 'not told apart': the only comparing words the book uses for a Difference.

    A direction needs all three: at least LEAST_PAIRS pairs, p below .05, and an interval without 0.
    'not told apart' is no claim that the two are equal.
    """
    if difference.n < LEAST_PAIRS or not difference.p < ALPHA:
        return "not told apart"
    if difference.high < 0:
        return "lower"
    if difference.low > 0:
        return "higher"
    return "not told apart"


def mean_interval(values):
    """Mean and 95 % t interval of unpaired values (n,), for bands over seeds: (mean, low, high).

    Values that are not finite are left out; the edges are NaN with fewer than two values.
    """
    values = np.asarray(values, dtype=np.float64)
    values = values[np.isfinite(values)]
    if values.size == 0:
        return math.nan, math.nan, math.nan
    mean = float(np.mean(values))
    if values.size == 1:
        return mean, math.nan, math.nan
    if _all_equal(values):
        return mean, mean, mean
    low, high = stats.t.interval(LEVEL, values.size - 1, loc=mean, scale=stats.sem(values))
    return mean, float(low), float(high)
