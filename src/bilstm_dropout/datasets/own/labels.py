"""From a label column to classes: whatever stands there is a name, and what cannot be told apart is refused."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence

import numpy as np

from ...errors import UserError
from ..folds import FOLDS
from .table import number, shown

MOST_CLASSES = 100
MOST_CLASS_CHARACTERS = 80


class Classes:
    """Collects the labels of a file's examples, with the line each class was first seen on.

    file, column: for messages. `add` refuses at once what no later row can mend.
    """

    def __init__(self, file: str, column: str):
        self.file, self.column = file, shown(column)
        self.lines: dict[str, int] = {}
        self.empty: list[int] = []

    def add(self, cell: str, line: int) -> str:
        """The class that a cell names: its text without outer spaces."""
        label = cell.strip()
        if not label:
            self.empty.append(line)
        elif label not in self.lines:
            if len(label) > MOST_CLASS_CHARACTERS or not label.isprintable():
                raise UserError(
                    f"{self.file}, line {line}: {shown(label)} in {self.column} can be no class: at most "
                    f"{MOST_CLASS_CHARACTERS} characters on one line are allowed. Name the column that holds the "
                    "classes."
                )
            if len(self.lines) == MOST_CLASSES:
                raise UserError(
                    f"{self.file}: {self.column} has more than {MOST_CLASSES} different classes by line {line}. It "
                    "seems to hold amounts or texts; name a column that holds classes, or group its values."
                )
            self.lines[label] = line
        return label

    def names(self) -> list[str]:
        """The classes in label order: by value where all are numbers, else by their text. UserError for under two."""
        if self.empty:
            raise UserError(
                f"{self.file}: {self.column} is empty in {len(self.empty):,} rows, first on line {self.empty[0]}. "
                "Every example needs a class; fill these cells or take the rows out."
            )
        seen: dict[str, str] = {}
        for label in self.lines:
            other = seen.setdefault(_alike(label), label)
            if other != label:
                raise UserError(
                    f"{self.file}: {self.column} has {shown(other)} (line {self.lines[other]}) and {shown(label)} "
                    f"(line {self.lines[label]}), which differ in spelling alone. Write them alike."
                )
        if len(seen) < 2:
            only = shown(next(iter(self.lines), ""))
            raise UserError(
                f"{self.file}: {self.column} holds one class only, {only}. A classifier needs at least two."
            )
        return sorted(self.lines, key=lambda label: (number(label), label)) if self.numbers() else sorted(self.lines)

    def numbers(self) -> bool:
        """Whether every class looks like a number."""
        return all(number(label) is not None for label in self.lines)


def require_enough(
    classes: Classes, labels: Sequence[str], groups: Sequence[int], what: str, column: str | None = None
) -> None:
    """UserError where a class has fewer different examples than there are folds.

    labels, groups: of each example; examples of equal groups count once. what: examples, in the plural ('texts').
    column: the group column, where there is one; then groups are what is counted.
    """
    counts = Counter(label for label, _ in set(zip(labels, groups, strict=True)))
    few = sorted((counts[label], label) for label in classes.lines if counts[label] < FOLDS)
    if few:
        more = f", and {len(few) - 1} more classes have too few" if len(few) > 1 else ""
        counted = f"{what} in different groups of {shown(column)}" if column else f"different {what}"
        out = ", or name a column of smaller groups" if column else ""
        raise UserError(
            f"{classes.file}: the class {shown(few[0][1])} has {few[0][0]} {counted}{more}; the ten folds need at "
            f"least {FOLDS} of each class. Add examples, join classes, or take the rows of that class out{out}."
        )


def label_numbers(labels: Sequence[str], names: Sequence[str]) -> np.ndarray:
    """Each example's class as its place among the names, int32 (N,)."""
    places = {name: place for place, name in enumerate(names)}
    return np.array([places[label] for label in labels], dtype=np.int32)


def _alike(label: str) -> str:
    value = number(label)
    return " ".join(unicodedata.normalize("NFKC", label).split()) if value is None else repr(value + 0.0)
