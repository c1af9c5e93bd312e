"""The interval of a measure of all seeds together, from the same measure with each seed left out (Tukey 1958).

Churn between seeds, or what their average gains, is no mean over seeds, so a t interval over them does not exist; how
much it moves when a seed is left out says how much another draw of seeds would move it.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .crossed import Crossed


def over_seeds(measure: Callable[..., float], *stacks) -> Crossed:
    """A measure of stacks (S, ...), with the jackknife's variance and S - 1 degrees of freedom.

    measure: from the stacks to a number, for S and for S - 1 seeds, so for churn S is three or more. stacks: arrays
    whose first axis is the same seeds. ValueError for fewer than three seeds, and for stacks of different numbers.
    """
    seeds = {len(each) for each in stacks}
    if len(seeds) != 1 or min(seeds) < 3:
        raise ValueError(f"stacks need the same seeds, three or more; got {sorted(seeds)}")
    (count,) = seeds
    left = [float(measure(*(np.delete(each, out, axis=0) for each in stacks))) for out in range(count)]
    return of_left_out(float(measure(*stacks)), left)


def of_left_out(whole: float, left) -> Crossed:
    """The same from values that are computed already: of all seeds, and (S,) each without one of them."""
    left = np.asarray(left, dtype=np.float64)
    variance = (left.size - 1) / left.size * float(np.sum((left - left.mean()) ** 2))
    return Crossed(float(whole), variance, left.size - 1, left.size)


def over_both(measure: Callable[..., float], *stacks) -> Crossed:
    """A measure of stacks (R, S, ...) whose first two axes are crossed, such as samples of training rows and seeds.

    The variance is the sum of two jackknives, each leaving out one of an axis; what is special to a pair counts twice,
    so the interval is clearly wide for a variance between pairs. Degrees of freedom after Satterthwaite (1946).
    ValueError for fewer than three of either, and for stacks of different numbers.
    """
    if len({each.shape[:2] for each in stacks}) != 1:
        raise ValueError(f"stacks need the same first two axes, got {[each.shape for each in stacks]}")

    def other_way(*turned):
        return measure(*(each.swapaxes(0, 1) for each in turned))

    parts = [over_seeds(measure, *stacks), over_seeds(other_way, *(each.swapaxes(0, 1) for each in stacks))]
    variance = sum(part.variance for part in parts)
    spread = sum(part.variance**2 / part.df for part in parts)
    return Crossed(parts[0].mean, variance, variance**2 / spread if spread else parts[0].df, stacks[0].shape[0])


def over_examples(values) -> Crossed:
    """The mean of values of examples (N,), two or more, which are the sample: given the networks as they are."""
    values = np.asarray(values, dtype=np.float64)
    if values.ndim != 1 or values.size < 2:
        raise ValueError(f"examples need the shape (N,), two or more; got {values.shape}")
    return Crossed(float(values.mean()), float(values.var(ddof=1) / values.size), values.size - 1, values.size)


def wider(*means: Crossed) -> Crossed:
    """Of several intervals of one mean the widest, which decides."""
    return max(means, key=lambda each: each.high - each.low)
