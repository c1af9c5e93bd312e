"""What may be taken of a data set's rows for training and validation: a bootstrap sample, or fewer of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..errors import UserError
from .dataset import Split, training_rows
from .options import whole

RESAMPLE_SEED = 20_605  # of the bootstrap samples of training rows
VALIDATION_SEED = 20_606  # of the validation rows, the same for every run
RESAMPLE_OPTION = replace(
    whole(0, "train on that bootstrap sample of the training rows; 0 for the rows themselves", 0, 999), later=True
)
VALIDATION_OPTION = replace(whole(0, "so many rows for validation; 0 for all there are", 0, 100_000), later=True)


def bootstrap_rows(rows: int, number: int) -> np.ndarray:
    """The rows of a bootstrap sample (Efron 1979): as many as there are, drawn with replacement, int64 ascending.

    rows: how many there are. number: which sample, from 1. The same on every machine and whatever the rows are; how
    many of each class are drawn is left to chance.
    """
    return np.sort(np.random.default_rng([RESAMPLE_SEED, number]).integers(0, rows, rows))


def resampled(split: Split, number: int) -> Split:
    """A bootstrap sample of a part. The second and later copies of a row have ids of their own: 'mr-00007/2'."""
    rows = bootstrap_rows(len(split), number)
    # Rows ascend, so a row's copies stand together, and the first of them is where its number first appears.
    copies = np.arange(len(rows)) - np.searchsorted(rows, rows) + 1
    ids = tuple(split.ids[row] + (f"/{copy}" if copy > 1 else "") for row, copy in zip(rows, copies, strict=True))
    return Split(ids=ids, **{name: array[rows] for name, array in split.arrays()})


def fewer(split: Split, classes: int, rows: int) -> Split:
    """So many rows of a part, stratified by class, drawn from VALIDATION_SEED as `training_rows` draws: a small choice
    is contained in each larger one.

    classes: how many there are. UserError where rows is not from classes to all there are.
    """
    if not classes <= rows <= len(split):
        raise UserError(
            f"A validation part of {rows} rows cannot be taken; allowed is a whole number from {classes} (one a "
            f"class) to {len(split)} (all there are). Change validation, or leave it out for all."
        )
    return split.take(training_rows(split.labels, classes, rows, VALIDATION_SEED))
