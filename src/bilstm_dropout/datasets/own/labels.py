"""From a label column to classes: whatever stands there is a name, and what cannot be told apart is refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from ..folds import FOLDS
from .alike import alike, cleaned, exact, reads_missing, shown, told_apart, unfit
from .faults import ITEMS, Faults
from .limits import most
from .report import Finding, first_few


class Classes:
    """Collects the labels of a file's rows, with the line each class was first seen on.

    faults: where what is wrong with them is noted. column: for messages.
    """

    def __init__(self, faults: Faults, column: str):
        self.faults, self.column = faults, shown(column)
        self.lines: dict[str, int] = {}
        self.rows = 0
        self._missing: list[int] = []
        self._refused = False
        self._reads_missing: set[str] = set()

    def add(self, cell: str, line: int) -> str:
        """The class that a cell names: its text without outer spaces; '' where it is empty or can be no class."""
        label = cleaned(cell)
        self.rows += 1
        if label in self.lines:
            pass
        elif not label:
            self._refused = True
            self.faults.unsound(
                f"{self.column} is empty: {ITEMS}. Every example needs a class; fill these cells or take the rows "
                "out.",
                f"line {line}",
            )
        elif len(label) > most("class"):
            self._refused = True
            self.faults.unsound(
                f"a class has at most {most('class')} characters, and {self.column} holds more on {ITEMS}. Name the "
                "column that holds the classes.",
                f"line {line} ({shown(label, 20)}…)",
            )
            return ""
        elif sign := unfit(label):
            self._refused = True
            self.faults.unsound(
                f"{self.column} holds signs that no class may have: {ITEMS}. Write the class without them, on one "
                "line.",
                f"{sign} in {shown(label)} on line {line}",
            )
            return ""
        else:
            self.lines[label] = line
            if reads_missing(label):
                self._reads_missing.add(label)
        if label in self._reads_missing:
            self._missing.append(line)
        return label

    def check(self) -> None:
        """Note what is wrong with all of them, once every row was read."""
        # Of a column of amounts or texts nearly every row is another class; nothing else is worth saying then.
        if len(self.lines) > most("classes"):
            amounts = " It seems to hold amounts or texts: name a column that holds classes."
            self.faults.unsound(
                f"{self.column} has {len(self.lines):,} different classes in {self.rows:,} rows; this program takes "
                f"{most('classes')} at most. Join rare ones, or take their rows out."
                + (amounts if len(self.lines) > self.rows / 3 else "")
            )
            return
        note_alike(self.faults, f"{self.column} has classes", self.lines)
        # Where no row was sound, or labels were refused already, how many classes there are is not known.
        if len(self.lines) < 2 and self.rows and not self._refused:
            only = f", {shown(next(iter(self.lines)))}" if self.lines else ""
            self.faults.unsound(
                f"{self.column} holds {'one class only' if only else 'no class'}{only}. A classifier needs at least "
                "two."
            )

    def names(self) -> list[str]:
        """The classes in label order: by value where all are numbers, else by their text."""
        return sorted(self.lines, key=lambda label: (exact(label), label)) if self.numbers() else sorted(self.lines)

    def numbers(self) -> bool:
        """Whether every class looks like a number."""
        return all(exact(label) is not None for label in self.lines)

    def findings(self) -> tuple[Finding, ...]:
        """Labels that read like missing values, and classes of one letter that differ in capitals alone."""
        found = []
        if self._missing:
            names = tuple(label for label in self.lines if label in self._reads_missing)
            found.append(Finding("missing", True, len(self._missing), self.rows, first_few(self._missing), names))
        letters = [label for label in self.lines if len(label) == 1]
        capitals = Counter(label.casefold() for label in letters)
        names = tuple(label for label in letters if capitals[label.casefold()] > 1)
        if names:
            found.append(Finding("capitals", True, lines=tuple(self.lines[name] for name in names), names=names))
        return tuple(found)


def note_alike(faults: Faults, what: str, lines: dict[str, int]) -> None:
    """Note names that differ in spelling alone. what: for the message ('series'). lines: where each stands first."""
    first: dict[object, str] = {}
    for name, line in lines.items():
        other = first.setdefault(alike(name), name)
        if other != name:
            faults.unsound(
                f"{what} that differ in spelling alone: {ITEMS}. Write them alike, or rename one of them.",
                f"{told_apart(other, name)} (line {lines[other]}) and {told_apart(name, other)} (line {line})",
            )


def note_too_few(
    faults: Faults,
    classes: Classes,
    labels: Sequence[str],
    groups: Sequence[int],
    what: str,
    column: str | None = None,
) -> None:
    """Note the classes that have fewer different examples than there are folds.

    labels, groups: of each example; examples of equal groups count once. what: examples, in the plural ('texts').
    column: the group column, where there is one; then groups are what is counted.
    """
    counts = Counter(label for label, _ in set(zip(labels, groups, strict=True)))
    counted = f"{what} in different groups of {shown(column)}" if column else f"different {what}"
    out = ", or name a column of smaller groups" if column else ""
    few = sorted((counts[label], label) for label in classes.lines if counts[label] < FOLDS)
    for count, label in few if len(classes.lines) <= most("classes") else ():
        faults.unsound(
            f"the ten folds need at least {FOLDS} {counted} of each class, and fewer have: {ITEMS}. Add examples, "
            f"join classes, or take the rows of such a class out{out}.",
            f"{shown(label)} {count} (first on line {classes.lines[label]})",
        )


def label_numbers(labels: Sequence[str], names: Sequence[str]) -> np.ndarray:
    """Each example's class as its place among the names, int32 (N,)."""
    places = {name: place for place, name in enumerate(names)}
    return np.array([places[label] for label in labels], dtype=np.int32)
