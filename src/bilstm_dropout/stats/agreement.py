"""Whether two networks give the same answers: churn between seeds and placements, and what of it is the placement's.

p, q: probabilities of S seeds of one placement each, (S, N, C), the same seeds in the same order; y: labels (N,).
Churn is the share of examples whose predicted class differs (Milani Fard and others 2016).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from .metrics import accuracy, pairwise_churn, predicted


def own_churn(p: ArrayLike) -> float:
    """Mean churn over all pairs of seeds of one placement. ValueError for fewer than two seeds."""
    pairs = pairwise_churn(p)
    if not pairs.size:
        raise ValueError("churn between seeds needs two seeds or more")
    return float(pairs.mean())


def churn_at_equal_error(p: ArrayLike, y: ArrayLike) -> float:
    """Mean over pairs of seeds of churn / (e1 + e2), e the errors: 1 if two networks are never wrong on one example.

    It compares placements of different accuracy (Bhojanapalli and others 2021 divide alike). A pair without any error
    is left out; NaN where no pair is left.
    """
    errors = 1 - accuracy(p, y)
    first, second = np.triu_indices(len(errors), k=1)
    both = errors[first] + errors[second]
    kept = both > 0
    return float(np.mean(pairwise_churn(p)[kept] / both[kept])) if kept.any() else float("nan")


def same_seed_churn(p: ArrayLike, q: ArrayLike) -> float:
    """Mean churn between two placements with the same seed."""
    return float(np.mean(np.diagonal(_table(p, q))))


def other_seed_churn(p: ArrayLike, q: ArrayLike) -> float:
    """Mean churn between two placements over all ordered pairs of different seeds. ValueError for fewer than two."""
    table = _table(p, q)
    if len(table) < 2:
        raise ValueError("churn with another seed needs two seeds or more")
    return float(np.mean(table[~np.eye(len(table), dtype=bool)]))


def energy_distance(p: ArrayLike, q: ArrayLike) -> float:
    """Churn between placements with another seed, less half of what each has by itself: the placement's own part.

    0 on average only if both draw each example's predicted class from one distribution; chance takes it below 0, too.
    Half the energy distance of Székely and Rizzo (2013) between the predicted classes, with churn as the distance.
    """
    return other_seed_churn(p, q) - (own_churn(p) + own_churn(q)) / 2


def _table(p, q) -> np.ndarray:
    """Churn between each run of p and each of q: (S, S)."""
    mine, others = predicted(p), predicted(q)
    if mine.shape != others.shape or mine.ndim != 2:
        raise ValueError(f"two placements need as many seeds and examples, (S, N, C); got {mine.shape}, {others.shape}")
    return np.mean(mine[:, None] != others[None], axis=-1)
