"""Where the spread of a balanced table of numbers comes from: shares of its sum of squares.

Nothing here is a test. A factor is an axis of the table; balanced means that no number is missing, so the order in
which factors are taken out does not matter.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import combinations

import numpy as np

from .intervals import all_equal


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
