"""A smaller training set that keeps the class balance and is the same for every placement."""

from __future__ import annotations

from numbers import Integral

import numpy as np

from ..errors import UserError

# Keeps this stream apart from every other use of the same seed (weights, batch order, dropout).
STREAM = 0x5B5E7


def training_rows(labels: np.ndarray, classes: int, rows: int, seed: int) -> np.ndarray:
    """Choose `rows` of the rows, stratified by class: a pure function of its arguments, int64 (rows,)
    ascending.

    labels: whole numbers (N,) from 0 to classes - 1. classes: how many there are. rows: from `classes` to N.
    seed: a whole number from 0. UserError where rows or seed is not one of these.

    Each class is put into a random order that depends on labels and seed only. Its j-th row (from 0) gets
    the place (j + 1/2) / (rows of its class), every class's first row goes before all others, and the
    subset is the beginning of that list (ties: the class that comes first). So shares follow the class
    frequencies (Webster's apportionment), every class that occurs is there, and for one seed a small subset
    is contained in each larger one.
    """
    labels = np.asarray(labels)
    if isinstance(rows, bool) or not isinstance(rows, Integral) or not classes <= rows <= len(labels):
        raise UserError(
            f"A training subset of {str(rows)[:80]!r} rows cannot be drawn; allowed is a whole number from "
            f"{classes} (one a class) to {len(labels)} (all there are). Change train_rows, or leave it "
            "out to train on all."
        )
    if isinstance(seed, bool) or not isinstance(seed, Integral) or seed < 0:
        raise UserError(
            f"The seed {str(seed)[:80]!r} cannot be used; allowed is a whole number from 0. Change the seed."
        )
    keys = np.random.default_rng([STREAM, int(seed)]).random(len(labels))
    place = np.empty(len(labels))
    later = np.empty(len(labels), dtype=bool)
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        rank = np.argsort(np.argsort(keys[members], kind="stable"))
        place[members] = (rank + 0.5) / len(members)
        later[members] = rank > 0
    order = np.lexsort((labels, place, later))
    return np.sort(order[: int(rows)])
