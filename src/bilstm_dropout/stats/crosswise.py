"""The interval of a difference between placements that share seeds and test examples, where no folds are there to draw.

Both count as samples: each resample draws seeds and examples with replacement, and the measure is computed anew of what
was drawn (the pigeonhole bootstrap, Owen 2007), so it need not be a mean over examples, as an AUROC is none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from .intervals import LEVEL, Estimate

RESAMPLES = 1_000


def each_beside(
    measure: Callable[..., np.ndarray],
    many: Sequence[np.ndarray],
    other: Sequence[np.ndarray],
    generator: np.random.Generator,
    resamples: int = RESAMPLES,
) -> list[Estimate]:
    """For each of P placements the mean over seeds of its measure less the other's, with 95 % percentile intervals.

    many: arrays (P, S, N), at [p, s, i] what seed s of placement p gives on example i; other: as many arrays (S, N), of
    the same seeds and examples. measure: from arrays (..., S, N) to a value a seed, (..., S). All placements are given
    the same draws. What is special to a seed and an example counts more than once, which widens the interval; the
    seeds' own share is too small by (S - 1) / S. A resample without a finite value, as one in which a seed has no
    error, is left out. n is S. ValueError for shapes that differ, and for fewer than two seeds or examples.
    """
    shapes = {np.shape(each) for each in many} | {(len(many[0]), *np.shape(each)) for each in other}
    shape = next(iter(shapes))
    if len(shapes) != 1 or len(shape) != 3 or min(shape[1:]) < 2:
        raise ValueError(
            f"arrays need the shapes (P, S, N) and (S, N), two seeds and two examples or more; got {sorted(shapes)}"
        )
    _, seeds, examples = shape
    drawn = np.empty((resamples, len(many[0])))
    for number in range(resamples):
        of_seeds = generator.integers(0, seeds, seeds)
        rows = generator.integers(0, examples, examples)
        a, b = (measure(*(each[..., rows] for each in arrays)) for arrays in (many, other))
        drawn[number] = np.mean((a - b)[:, of_seeds], axis=-1)
    low, high = np.nanquantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    means = np.mean(measure(*many) - measure(*other), axis=-1)
    return [Estimate(*map(float, each), seeds) for each in zip(means, low, high, strict=True)]
