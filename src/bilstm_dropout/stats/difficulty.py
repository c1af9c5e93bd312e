"""Which examples a placement helps: those that are easy for networks, or those that are hard.

A loss of p and q by seed and example, (S, N), the same seeds in the same order.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

PARTS = 5


def by_difficulty(loss: ArrayLike, other: ArrayLike, parts: int = PARTS) -> np.ndarray:
    """Mean difference loss - other in each part of the examples, the easiest first: (S, parts), a row a left-out seed.

    An example's difficulty is its mean loss over the other seeds of both placements together, so the left-out seed says
    nothing of it, and what is easy by chance for one placement is so for both: regression to the mean cancels.
    Parts are equal, in stable order. ValueError for fewer than two seeds, or arrays of different shape.
    """
    loss, other = np.asarray(loss, dtype=np.float64), np.asarray(other, dtype=np.float64)
    if loss.shape != other.shape or loss.ndim != 2 or len(loss) < 2:
        raise ValueError(f"losses need one shape (S, N), two seeds or more; got {loss.shape} and {other.shape}")
    both = loss + other
    found = []
    for seed in range(len(loss)):
        order = np.argsort(both.sum(axis=0) - both[seed], kind="stable")
        left_out = loss[seed] - other[seed]
        found.append([left_out[part].mean() for part in np.array_split(order, parts)])
    return np.array(found)
