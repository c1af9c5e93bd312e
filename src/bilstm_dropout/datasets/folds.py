"""Folds for data without a test part of its own: stated, balanced by class, and equal texts never apart."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np

from ..errors import UserError
from .options import whole

FOLDS = 10
FOLD_SEED = 20240501
FOLD_OPTION = whole(0, "which of the ten folds is the test part; the next one is for validation", 0, FOLDS - 1)


def fold_numbers(groups: Sequence[Hashable], labels: np.ndarray, folds: int = FOLDS) -> np.ndarray:
    """The fold, 0 to folds - 1, of each example: int64 (N,), the same on every machine and in every run.

    groups: a text or other value an example, (N,); examples of equal groups lie in one fold, so nothing is learned
    from a copy of a test example. labels: int (N,); the folds have nearly the same share of each class. The folds are
    those of scikit-learn's StratifiedGroupKFold with the seed FOLD_SEED. UserError where a class has fewer different
    groups than there are folds.
    """
    from sklearn.model_selection import StratifiedGroupKFold

    labels = np.asarray(labels)
    numbers: dict[Hashable, int] = {}
    group_numbers = np.array([numbers.setdefault(group, len(numbers)) for group in groups])
    for label in np.unique(labels):
        different = len(np.unique(group_numbers[labels == label]))
        if different < folds:
            raise UserError(
                f"Class {label} has {different} different examples, and {folds} folds need at least {folds}. "
                "Add examples of that class, or leave it out."
            )
    splitter = StratifiedGroupKFold(n_splits=folds, shuffle=True, random_state=FOLD_SEED)
    result = np.zeros(len(labels), dtype=np.int64)
    for fold, (_, rows) in enumerate(splitter.split(labels, labels, group_numbers)):
        result[rows] = fold
    return result


def fold_rows(numbers: np.ndarray, fold: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Row numbers of training, validation and test, each ascending: test is `fold`, validation the next one.

    numbers: from `fold_numbers`, with at least three folds. After the last fold comes fold 0.
    """
    validation = (fold + 1) % (int(numbers.max()) + 1)
    test_rows, validation_rows = np.flatnonzero(numbers == fold), np.flatnonzero(numbers == validation)
    return np.flatnonzero((numbers != fold) & (numbers != validation)), validation_rows, test_rows
