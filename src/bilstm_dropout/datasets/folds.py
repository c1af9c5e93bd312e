"""Folds for data without a test part of its own: stated, balanced by class, and groups of examples never apart."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np

from ..errors import UserError
from .options import whole

FOLDS = 10
FOLD_SEED = 20240501
FOLD_OPTION = whole(0, "which of the ten folds is the test part; the next one is for validation", 0, FOLDS - 1)
REPEAT_OPTION = whole(0, "which dealing of the rows to the ten folds", 0, 99)
# scikit-learn's splitter takes most of a millisecond a group.
_MANY_GROUPS = 1000


def numbered(groups: Sequence[Hashable]) -> np.ndarray:
    """A number for each value, int64 (N,): equal ones have the same, counted from 0 in the order of appearance."""
    numbers: dict[Hashable, int] = {}
    return np.array([numbers.setdefault(group, len(numbers)) for group in groups], dtype=np.int64)


def fold_numbers(groups: Sequence[Hashable], labels: np.ndarray, folds: int = FOLDS, repeat: int = 0) -> np.ndarray:
    """The fold, 0 to folds - 1, of each example: int64 (N,), the same on every machine and in every run.

    groups: a text or other value an example, (N,); examples of equal groups lie in one fold, so nothing is learned
    from a copy of a test example. labels: int (N,); the folds have nearly the same share of each class. repeat: which
    dealing, from 0; each has the seed FOLD_SEED + repeat. Dealing 0, and any other of a few groups that have several
    rows, is that of scikit-learn's StratifiedGroupKFold; the others are dealt class by class, see `_dealt`. UserError
    where a class has fewer different groups than there are folds.
    """
    labels, group_numbers = np.asarray(labels), numbered(groups)
    for label in np.unique(labels):
        different = len(np.unique(group_numbers[labels == label]))
        if different < folds:
            raise UserError(
                f"Class {label} has {different} different examples, and {folds} folds need at least {folds}. "
                "Add examples of that class, or leave it out."
            )
    seed = FOLD_SEED + repeat
    sizes, commonest = np.bincount(group_numbers), _commonest(group_numbers, labels)
    many = (sizes == 1).mean() > 0.5 or len(sizes) > _MANY_GROUPS
    if repeat and many and all((commonest == label).sum() >= folds for label in np.unique(labels)):
        return _dealt(commonest, sizes, folds, seed)[group_numbers]
    from sklearn.model_selection import StratifiedGroupKFold

    splitter = StratifiedGroupKFold(n_splits=folds, shuffle=True, random_state=seed)
    result = np.zeros(len(labels), dtype=np.int64)
    for fold, (_, rows) in enumerate(splitter.split(labels, labels, group_numbers)):
        result[rows] = fold
    return result


def _commonest(groups: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The commonest label of each group, by the group's number; of equally common ones the least."""
    pairs, counts = np.unique(np.stack((groups, labels)), axis=1, return_counts=True)
    order = np.lexsort((pairs[1], -counts, pairs[0]))
    _, first = np.unique(pairs[0][order], return_index=True)
    return pairs[1][order][first]


def _dealt(classes: np.ndarray, sizes: np.ndarray, folds: int, seed: int) -> np.ndarray:
    """The fold of each group, int64 (groups,): each class's groups, the largest first, go round the folds.

    classes, sizes: of each group. Equally large groups stand in random order, and every round has a random order of
    its own, so that each fold has of each class as many groups as every other, or one more.
    """
    random = np.random.default_rng(seed)
    order = np.lexsort((random.random(len(sizes)), -sizes, classes))
    _, first, counts = np.unique(classes[order], return_index=True, return_counts=True)
    rounds = int(np.ceil(counts.max() / folds))
    result = np.empty(len(sizes), dtype=np.int64)
    for start, count in zip(first, counts, strict=True):
        turns = random.permuted(np.tile(np.arange(folds), (rounds, 1)), axis=1).ravel()
        result[order[start : start + count]] = turns[:count]
    return result


def fold_rows(numbers: np.ndarray, fold: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Row numbers of training, validation and test, each ascending: test is `fold`, validation the next one.

    numbers: from `fold_numbers`, with at least three folds. After the last fold comes fold 0.
    """
    validation = (fold + 1) % (int(numbers.max()) + 1)
    test_rows, validation_rows = np.flatnonzero(numbers == fold), np.flatnonzero(numbers == validation)
    return np.flatnonzero((numbers != fold) & (numbers != validation)), validation_rows, test_rows
