"""95 % intervals of a mean over values that are independent: Student's t and the bootstrap.

A function gives (mean, low, high) unless it says otherwise. One that draws takes a generator
(``numpy.random.Generator``), so the same seed gives the same interval.
"""

import math
from typing import NamedTuple

import numpy as np
import pandas as pd
import scipy

LEVEL = 0.95
ALPHA = 0.05  # of tests
RESAMPLES = 9_999


def all_equal(values):
    """Whether values (n,) differ by no more than rounding, so that there is no spread to estimate."""
    return float(np.ptp(values)) <= 1e-12 * max(np.max(np.abs(values)), 1e-300)


def _mean_only(values):
    """(mean, low, high) where there is nothing to estimate a spread from, else None. NaN edges: fewer than two."""
    if values.size < 2:
        return (float(values[0]) if values.size else math.nan), math.nan, math.nan
    if all_equal(values):
        return (float(np.mean(values)),) * 3
    return None


def mean_interval(values):
    """Mean and 95 % t interval of unpaired values (n,), for bands over seeds: (mean, low, high).

    Values that are not finite are left out; the edges are NaN with fewer than two values.
    """
    values = np.asarray(values, dtype=np.float64)
    values = values[np.isfinite(values)]
    found = _mean_only(values)
    if found is not None:
        return found
    mean = float(np.mean(values))
    low, high = scipy.stats.t.interval(LEVEL, values.size - 1, loc=mean, scale=scipy.stats.sem(values))
    return mean, float(low), float(high)


class Estimate(NamedTuple):
    """A mean, the ends of its 95 % interval, and how many values it is of."""

    mean: float
    low: float
    high: float
    n: int


def estimate(values):
    """mean_interval of values (n,) as an Estimate, whose parts have names."""
    values = np.asarray(values, dtype=np.float64)
    return Estimate(*mean_interval(values), int(np.isfinite(values).sum()))


def summary(frame, by, columns):
    """A row for each group of a frame, with the mean of each column and the ends of its 95 % t interval.

    by, columns: names of columns. Gives a DataFrame: `by`, and `loss`, `loss_low`, `loss_high` for a column loss.
    """
    groups = frame.groupby(by, sort=False)
    found = {column: groups[column].apply(estimate) for column in columns}
    values = {
        f"{column}{end}": each.map(lambda value, part=part: getattr(value, part))
        for column, each in found.items()
        for end, part in (("", "mean"), ("_low", "low"), ("_high", "high"))
    }
    return pd.DataFrame(values).reset_index()


def bootstrap_interval(differences, generator, resamples=RESAMPLES):
    """BCa interval (Efron 1987) of the mean of finite differences (n,): (mean, low, high).

    A point if all are equal; the edges are NaN with fewer than two.
    """
    differences = np.asarray(differences, dtype=np.float64)
    found = _mean_only(differences)
    if found is not None:
        return found
    interval = scipy.stats.bootstrap(
        (differences,),
        np.mean,
        confidence_level=LEVEL,
        n_resamples=resamples,
        method="BCa",
        vectorized=True,
        rng=generator,
    ).confidence_interval
    return float(np.mean(differences)), float(interval.low), float(interval.high)
