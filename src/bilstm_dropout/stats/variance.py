"""Where the spread of a balanced table of numbers comes from: shares of its sum of squares, and standard deviations.

Nothing here is a test. A factor is an axis of the table; balanced means that no number is missing, so the order in
which factors are taken out does not matter.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import combinations

import numpy as np
from scipy import stats

from .intervals import LEVEL, all_equal

Estimate = tuple[float, float, float]  # what is estimated, and the edges of its 95 % interval
DRAWS = 20_000


def shares(values: np.ndarray, terms: Mapping[str, tuple[int, ...]]) -> dict[str, float]:
    """Shares of the sum of squares about the mean: one a term, and 'rest'; together 1.

    values: finite, an axis a factor. terms: name to the axes of a main effect (one axis) or of an interaction
    (several), which is what its cells have beyond the effects of fewer of its axes. ValueError where a number is
    missing or all are equal, so that there is nothing to share.
    """
    values = np.asarray(values, dtype=np.float64)
    if not np.isfinite(values).all():
        raise ValueError(f"{int((~np.isfinite(values)).sum())} of {values.size} numbers are missing")
    if all_equal(values):
        raise ValueError("all numbers are equal: there is no spread to share")
    whole = values.var()
    found = {name: float(np.mean(_effect(values, axes) ** 2) / whole) for name, axes in terms.items()}
    return found | {"rest": 1 - sum(found.values())}


def _effect(values: np.ndarray, axes: tuple[int, ...]) -> np.ndarray:
    """What the cells of some axes have beyond the effects of fewer of them; the other axes have a length of 1."""
    others = tuple(axis for axis in range(values.ndim) if axis not in axes)
    below = (each for size in range(len(axes)) for each in combinations(axes, size))
    return values.mean(axis=others, keepdims=True) - sum(_effect(values, each) for each in below)


def by_chance(shape: tuple[int, ...], terms: Mapping[str, tuple[int, ...]], name: str, rest: float) -> float:
    """The share that a term of `shares` is expected to have where only the rest makes its cells differ.

    shape: of the values. rest: its share. A term with many cells has a part of the sum of squares by chance: its
    degrees of freedom, times what the rest has for each of its own. NaN where the terms leave the rest none.
    """
    freedom = {each: math.prod(shape[axis] - 1 for axis in axes) for each, axes in terms.items()}
    left = math.prod(shape) - 1 - sum(freedom.values())
    return freedom[name] * rest / left if left else math.nan


def components(values: np.ndarray, generator: np.random.Generator) -> dict[str, Estimate]:
    """Standard deviations of the mixed model value = cell (fixed) + unit (random) + rest: 'unit' and 'rest'.

    values: (C, U), every cell on every unit, two of each or more; finite. Estimates are those of restricted maximum
    likelihood, which for balanced values are the mean squares solved for the variances, and 0 where that is negative.

    Interval of the unit: generalised (Weerahandi 1993), over draws of the two mean squares under normality, which means
    over cells come close to. Of the rest: jackknife over units of the logarithm of the variance (Miller 1968), because
    cells that spread unequally, or go together within a unit, make the usual chi-square interval far too narrow. (0, 0,
    0) where nothing is left to the rest.
    """
    values = np.asarray(values, dtype=np.float64)
    if values.ndim != 2 or min(values.shape) < 2 or not np.isfinite(values).all():
        raise ValueError(f"values need the shape (C, U), finite, two of each or more, got {values.shape}")
    cells, count = values.shape
    of_unit, of_rest = _mean_squares(values)
    each = (count - 1) * of_unit / generator.chisquare(count - 1, DRAWS)
    freedom = (cells - 1) * (count - 1)
    drawn = np.maximum(each - freedom * of_rest / generator.chisquare(freedom, DRAWS), 0) / cells
    edges = np.sqrt(np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2]))
    unit = (math.sqrt(max(of_unit - of_rest, 0) / cells), *(float(edge) for edge in edges))
    return {"unit": unit, "rest": _jackknifed(values, of_rest)}


def _mean_squares(values: np.ndarray) -> tuple[float, float]:
    """Mean squares of units and of the rest. values: (C, U)."""
    cells, count = values.shape
    units = values.mean(axis=0) - values.mean()
    rest = values - values.mean(axis=1, keepdims=True) - units
    return float(cells * np.sum(units**2) / (count - 1)), float(np.sum(rest**2) / ((cells - 1) * (count - 1)))


def _jackknifed(values: np.ndarray, variance: float) -> Estimate:
    count = values.shape[1]
    if variance <= 1e-24 * max(float(np.max(values**2)), 1e-300):  # no more than rounding
        return 0.0, 0.0, 0.0
    if count < 3:  # without one of two units there is no rest
        return math.sqrt(variance), math.nan, math.nan
    without = np.array([_mean_squares(np.delete(values, unit, axis=1))[1] for unit in range(count)])
    with np.errstate(divide="ignore", invalid="ignore"):
        pseudo = count * math.log(variance) - (count - 1) * np.log(without)
    half = stats.t.ppf((1 + LEVEL) / 2, count - 1) * pseudo.std(ddof=1) / math.sqrt(count)
    low, high = (math.exp((pseudo.mean() + side * half) / 2) for side in (-1, 1))
    return math.sqrt(variance), float(low), float(high)
