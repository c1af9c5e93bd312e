"""Rows that belong together: equal examples, and those with one value in a column that the reader names."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from functools import lru_cache

import numpy as np

from ..folds import FOLDS, fold_numbers, numbered
from .alike import alike, cleaned, shown
from .faults import ITEMS, Faults
from .report import Finding


def group_value(faults: Faults, cell: str, line: int, column: str) -> Hashable:
    """What a cell of the group column says, as groups are compared: equal for spellings of one name.

    An empty cell is noted.
    """
    if not (value := cleaned(cell)):
        faults.unsound(
            f"{shown(column)} is empty on {ITEMS}. Every row needs a group there; give those that belong to no other "
            "a value of their own, or leave the group column out.",
            f"line {line}",
        )
    return alike(value)


def joined(examples: Sequence[Hashable], values: Sequence[Hashable] | None = None) -> np.ndarray:
    """The group number of each example, int64 (N,), from 0 in the order of appearance.

    examples: what two examples are compared by. values: of the group column, (N,), or None where there is none. Equal
    examples are of one group, and so are equal values, and whatever these join: the texts of two authors who wrote one
    text alike are one group.
    """
    numbers = numbered(examples)
    if values is None:
        return numbers
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    named = numbered(values)
    size = int(numbers.max()) + int(named.max()) + 2  # a node for each example and for each value, joined by the rows
    edges = coo_matrix((np.ones(len(named)), (numbers, named + numbers.max() + 1)), shape=(size, size))
    return numbered(connected_components(edges, directed=False)[1][numbers].tolist())


def described(column: str, groups: np.ndarray) -> Finding:
    """How many groups a column makes, as `joined` has them: a warning where one is larger than a fold."""
    largest = int(np.bincount(groups).max())
    return Finding("groups", largest * FOLDS > len(groups), int(groups.max()) + 1, largest, names=(column,))


def dealing(arrays: dict[str, np.ndarray], repeat: int) -> np.ndarray:
    """The fold of each example of a kept file in this dealing, int64 (N,). arrays: folds, groups and labels of it."""
    if not repeat:
        return arrays["folds"]
    return _dealing(arrays["groups"].astype(np.int64).tobytes(), arrays["labels"].astype(np.int32).tobytes(), repeat)


@lru_cache(maxsize=16)  # many groups of several rows take seconds, and every fold asks for the same
def _dealing(groups: bytes, labels: bytes, repeat: int) -> np.ndarray:
    folds = fold_numbers(np.frombuffer(groups, np.int64).tolist(), np.frombuffer(labels, np.int32), repeat=repeat)
    folds.setflags(write=False)
    return folds
