"""Rows that a trained network is to answer, read by the rules of training; what is wrong is said of each row alone."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ...errors import UserError
from ..own.alike import PLAIN_NUMBERS, cleaned, otherwise_written, shown
from ..own.limits import LEAST_STEPS, most
from ..own.lines import given
from ..own.series import MOST_VALUE
from ..own.steps import step_of
from ..own.table import number
from .lines import NewFile, spoilt
from .objects import SUFFIXES, NewObjects


class Example(NamedTuple):
    """One to answer. row: the line where it begins. id: '' where none was named. content: a text, or (T, F) values."""

    row: int
    id: str
    content: str | np.ndarray


@dataclass
class NewRows:
    """What a file has. examples: sound ones, in its order. left_out: row and reason of the others, in its order too."""

    name: str
    examples: list[Example] = field(default_factory=list)
    left_out: list[tuple[int, str]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.examples or self.left_out)


def new_texts(path: str | os.PathLike, text: str, id: str | None = None) -> NewRows:
    """A file of texts, one a row; text, id: columns. UserError, one line, for a file that cannot be read at all."""
    file = _opened(path, "texts")
    at = file.positions(text=text, id=id)
    found = NewRows(file.name)
    for row, cells, wrong in file.new_rows():
        content = "" if wrong else cells[at["text"]].strip()
        name = "" if wrong or id is None else cleaned(cells[at["id"]])
        wrong = wrong or ("" if content else f"{shown(text)} is empty") or (_no_id(name, id) if id is not None else "")
        if wrong:
            found.left_out.append((row, wrong))
        else:
            found.examples.append(Example(row, name, content))
    return _any(found)


def new_series(path: str | os.PathLike, id: str, step: str, features: Sequence[str]) -> NewRows:
    """A file of series, a row a step; id, step, features: column names. A series with an unsound row is left out whole.

    Rows may stand in any order. UserError, one line, for a file that cannot be read at all.
    """
    file = _opened(path, "rows")
    at = file.positions(id=id, step=step, **{f"feature/{place}": name for place, name in enumerate(features)})
    places = [place for part, place in at.items() if part.startswith("feature/")]
    found, series = NewRows(file.name), {}
    for row, cells, wrong in file.new_rows():
        # Of a row with too few or too many cells the id may be there, and its series lacks a step then.
        name = cleaned(cells[at["id"]]) if len(cells) > at["id"] and not spoilt([cells[at["id"]]]) else ""
        wrong = wrong or _no_id(name, id)
        if wrong and _no_id(name, id):
            found.left_out.append((row, wrong))
            continue
        each = series.setdefault(name, _Rows(row))
        if wrong:
            each.wrong = each.wrong or (row, wrong)
            continue
        each.add(row, cells[at["step"]], [cells[place] for place in places], step, features)
    for name, each in series.items():
        values, wrong = each.ordered()
        if wrong:
            found.left_out.append((wrong[0], f"{wrong[1]}, so the series {shown(name)} is left out"))
        else:
            found.examples.append(Example(each.row, name, values))
    found.left_out.sort(key=lambda each: each[0])
    return _any(found)


class _Rows:
    """The rows of one series; the first thing that is wrong is kept, with its line."""

    def __init__(self, row: int):
        self.row, self.rows, self.steps, self.values, self.wrong = row, [], [], [], None

    def add(self, row: int, step: str, cells: list[str], column: str, features: Sequence[str]) -> None:
        if self.wrong:
            return
        found, values = step_of(step), [number(cell) for cell in cells]
        odd = [place for place, value in enumerate(values) if value is None or abs(value) > MOST_VALUE]
        if found is None:
            what = f"{shown(column)} is empty" if not step.strip() else f"{shown(column)} holds no step"
            self.wrong = row, what + _seen(step)
        elif odd:
            what = "is empty" if not cells[odd[0]].strip() else "holds no number up to 1e100"
            self.wrong = row, f"{shown(features[odd[0]])} {what}{_seen(cells[odd[0]])}"
        elif len(self.rows) == most("steps"):
            self.wrong = row, f"a series has {LEAST_STEPS} to {most('steps'):,} steps, this one has more"
        self.rows.append(row)
        self.steps.append(found)
        self.values.append(values)

    def ordered(self) -> tuple[np.ndarray | None, tuple[int, str] | None]:
        """The values by step, (T, F), or what is wrong, with its line."""
        if self.wrong:
            return None, self.wrong
        kinds = list(dict.fromkeys(kind for kind, _ in self.steps))
        if len(kinds) > 1:
            return None, (self.row, f"steps are {' and '.join(kinds)}, which have no order together")
        if len(self.rows) < LEAST_STEPS:
            return None, (self.row, f"a series has {LEAST_STEPS} to {most('steps'):,} steps, this one has 1")
        order = sorted(range(len(self.rows)), key=lambda place: self.steps[place][1])
        for before, place in pairwise(order):
            if self.steps[before] == self.steps[place]:
                return None, (self.rows[place], f"its step stands on line {self.rows[before]}, too")
        return np.array([self.values[place] for place in order]), None


def _opened(path: str | os.PathLike, most_rows: str) -> NewFile | NewObjects:
    suffix = given(path).suffix.lower()
    if suffix not in (*NewFile.lines_of.delimiters, *SUFFIXES) and Path(given(path)).is_file():
        raise UserError(
            f"{shown(given(path).name)} is neither .csv (with commas) nor .tsv or .tab (with tabs), nor .json (a list "
            "of objects) or .jsonl (an object a line). Save it as one of these, in UTF-8."
        )
    return (NewObjects if suffix in SUFFIXES else NewFile)(path, most_rows)


def _any(found: NewRows) -> NewRows:
    if not found:
        raise UserError(f"{found.name} has no rows to answer. Put one row for each example into it.")
    return found


def _no_id(name: str, column: str) -> str:
    if not name:
        return f"{shown(column)} is empty"
    return f"{shown(column)} has more than {most('id')} characters" if len(name) > most("id") else ""


def _seen(cell: str) -> str:
    """What stands in a cell, in brackets, and how numbers are written where it is one to its reader."""
    return f" ({shown(cell.strip(), 20)})" + (f". {PLAIN_NUMBERS}" if otherwise_written(cell) else "") if cell else ""
