"""Series of the reader's own: a long file with a row a step, read, folded and made into a Dataset."""

from __future__ import annotations

import os
from array import array
from collections.abc import Hashable, Sequence

import numpy as np

from ...errors import UserError
from ..dataset import Dataset, Split, pad
from ..folds import FOLD_OPTION, REPEAT_OPTION, fold_numbers, fold_rows
from ..options import Option
from .alike import PLAIN_NUMBERS, cleaned, otherwise_written, shown
from .columns import hardly_varying, judged, note_constant, outliers, suspects
from .content import Content, class_counts, identity, packed, unpacked
from .faults import ITEMS, MOST_ITEMS
from .giveaways import number_rule
from .groups import dealing, described, group_value, joined
from .labels import Classes, label_numbers, note_alike, note_too_few
from .limits import most
from .report import in_general
from .steps import Steps
from .table import OwnFile, number

MOST_VALUE = 1e100
SERIES_OPTIONS: dict[str, Option] = {"fold": FOLD_OPTION, "repeat": REPEAT_OPTION}


class _Series:
    """One series while the file is read: its label and group, and of each row the step, its values and its line."""

    def __init__(self, label: str, group: Hashable):
        self.label, self.group, self.steps, self.values, self.lines = label, group, [], array("d"), array("q")


def read_series(
    path: str | os.PathLike,
    id: str,
    step: str,
    label: str,
    features: Sequence[str] = (),
    group: str | None = None,
) -> Content:
    """Read a file of series, a row a step: the series' id, the step, the class, the features, and the group.

    step: a column of numbers or dates. features: column names; without any, all other named columns whose first cell
    that says anything is a number, but for those that count the file's rows or copy the class; the report says so.
    group: a column whose equal values lie in one fold; a series has one. Rows may stand in any order. UserError, one
    line, for everything that is not sound, all at once.
    """
    file = OwnFile(path, "rows")
    asked = {f"feature/{number}": name for number, name in enumerate(features)}
    at = file.positions(id=id, step=step, label=label, group=group, **asked)
    places = [place for part, place in at.items() if part in asked]
    columns = {part: file.columns[place] for part, place in at.items() if part not in asked}
    found, classes, places = _read(file, at, places, columns)
    faults = file.faults
    ids, examples = list(found), list(found.values())
    numbers = label_numbers([each.label for each in examples], ["", *classes.names()]) - 1
    lengths = np.array([len(each.lines) for each in examples], dtype=np.int32)
    _check_size(file, lengths, len(places))
    values = np.concatenate([each.values for each in examples]).reshape(-1, len(places))
    lines = np.concatenate([each.lines for each in examples])
    columns_of = [file.columns[place] for place in places]
    # Before series are compared: a counter makes every series another one.
    stay, suspicious = judged(columns_of, suspects(values, lengths, lines, numbers), bool(features))
    same = _contents(np.ascontiguousarray(values[:, stay]), lengths)
    groups = joined(same, None if group is None else [each.group for each in examples])
    note_too_few(faults, classes, [each.label for each in examples], groups.tolist(), "series", columns.get("group"))
    # What else is wrong says nothing of the folds that sound rows would have.
    folds = None if faults else fold_numbers(groups.tolist(), numbers)
    note_constant(faults, columns_of, values, lines, np.repeat(np.arange(len(ids)), lengths), folds, {*stay})
    faults.raise_all()
    values, columns_of = np.ascontiguousarray(values[:, stay]), [columns_of[place] for place in stay]
    repeated = [each.lines[0] for each, copy in zip(examples, _copies(same), strict=True) if copy]
    left_out = [name for place, name in enumerate(file.columns) if name and place not in {*at.values(), *places}]
    facts = {
        "examples": len(ids),
        "class_counts": class_counts(numbers, classes.names()),
        "classes_are_numbers": classes.numbers(),
        "lengths": [int(lengths.min()), int(np.median(lengths)), int(lengths.max())],
        "repeated": len(repeated),
        "left_out": left_out,
        "grouped": group is not None,
    }
    rule = number_rule("ids", ids, numbers, classes.names())
    return Content(
        kind="series",
        columns=columns | {"features": columns_of},
        classes=tuple(classes.names()),
        facts=facts,
        arrays={
            "labels": numbers,
            "folds": folds,
            "groups": groups,
            "lines": np.array([min(each.lines) for each in examples], dtype=np.int64),
            "ids": packed(ids),
            "values": values,
            "lengths": lengths,
        },
        report=(
            *suspicious,
            *outliers(columns_of, values, lines),
            *hardly_varying(columns_of, values, lengths, lines),
            *file.multiline(),
            *classes.findings(),
            *([rule] if rule else []),
            *([described(columns["group"], groups)] if group else []),
            *in_general(facts, {"repeated": repeated}),
        ),
    )


def _read(
    file: OwnFile, at: dict[str, int], places: list[int], columns: dict[str, str]
) -> tuple[dict[str, _Series], Classes, list[int]]:
    """All series by id, their rows in order, the classes, and the places of the features; faults are noted."""
    faults = file.faults
    classes, steps = Classes(faults, columns["label"]), Steps(faults, columns["step"])
    found: dict[str, _Series] = {}
    spelt: dict[str, int] = {}
    for line, cells in file.rows(columns["id"]):
        places = places or _numeric_columns(file, [*at.values()])
        name = identity(faults, cells[at["id"]], line, columns["id"])
        of_row = classes.add(cells[at["label"]], line)
        of_group = group_value(faults, cells[at["group"]], line, columns["group"]) if "group" in at else ""
        spelt.setdefault(name, line)
        series = found.setdefault(name, _Series(of_row, of_group))
        if of_row and series.label and of_row != series.label:
            faults.unsound(
                f"a series has one class, and some change it: {ITEMS}. Correct it, or give the parts ids of their own.",
                f"{shown(name)} on line {line} from {shown(series.label)} to {shown(of_row)}",
            )
        if of_group != series.group:
            faults.unsound(
                f"a series lies in one group, and some change {shown(columns['group'])}: {ITEMS}. Correct it, or give "
                "the parts ids of their own.",
                f"{shown(name)} on line {line} to {shown(cleaned(cells[at['group']]))}",
            )
        series.steps.append(steps.add(cells[at["step"]], line))
        series.values.extend(_number(file, cells[place], place, name, line) for place in places)
        series.lines.append(line)
    file.note_swallowed_rows(at["label"], classes.lines)
    classes.check()
    steps.check()
    note_alike(faults, f"{shown(columns['id'])} has ids", spelt)
    if not found or not places:
        raise faults.error()
    for name, series in found.items():
        order = steps.ordered(name, series.steps, series.lines)
        series.values = np.array(series.values).reshape(-1, len(places))[order]
        series.lines = np.array(series.lines)[order]
        series.steps = []
    return found, classes, places


def _check_size(file: OwnFile, lengths: np.ndarray, features: int) -> None:
    """UserError where the series do not fit into memory once they are padded to the longest."""
    size = len(lengths) * int(lengths.max()) * features
    if size > most("values") and lengths.max() <= most("steps"):
        raise UserError(
            f"{file.name}: {len(lengths):,} series of up to {lengths.max():,} steps with {features:,} features are "
            f"{size:,} values once all are as long as the longest; this program takes {most('values'):,} at most. Take "
            "fewer series, steps or features."
        )


def _contents(values: np.ndarray, lengths: np.ndarray) -> list[bytes]:
    """What two series are compared by: all their values, bit by bit."""
    return [each.tobytes() for each in np.split(values, np.cumsum(lengths)[:-1])]


def _copies(same: Sequence[bytes]) -> list[bool]:
    """Whether each series is equal to an earlier one."""
    seen: set[bytes] = set()
    return [content in seen or bool(seen.add(content)) for content in same]


def _numeric_columns(file: OwnFile, taken: list[int]) -> list[int]:
    """The named columns that are not taken, and of which the first cell that says anything is a number."""
    first = file.first_cells()
    free = [place for place, name in enumerate(file.columns) if name and place not in taken]
    places = [place for place in free if number(first[place][0]) is not None]
    odd = [
        f"{shown(cell.strip(), 20)} in {shown(file.columns[place])} (line {line})"
        for place, (cell, line) in enumerate(first)
        if place in free and otherwise_written(cell)
    ]
    if odd and not places:
        file.faults.unsound(
            f"no column of numbers is left beside id, step and label, since they are written otherwise: "
            f"{', '.join(odd[:MOST_ITEMS])}. {PLAIN_NUMBERS}"
        )
    elif not places:
        file.faults.unsound(
            "no column of numbers is there beside id, step and label. A series needs at least one feature."
        )
    if not places:
        raise file.faults.error()
    return places


def _number(file: OwnFile, cell: str, place: int, name: str, line: int) -> float:
    """The value of a cell; NaN, and a fault, where it holds none."""
    value = number(cell)
    if value is not None and abs(value) <= MOST_VALUE:
        return value
    plainly = f" {PLAIN_NUMBERS}" if otherwise_written(cell) else ""
    file.faults.unsound(
        f"a value is a number up to 1e100, and no empty cell, NaN or infinity; {shown(file.columns[place])} holds "
        f"others on {ITEMS}.{plainly} Correct them, take the series out, or name the feature columns without this one.",
        f"line {line} ({shown(cell.strip(), 20)}, series {shown(name, 20)})",
    )
    return float("nan")


def scaling(arrays: dict[str, np.ndarray], *, fold: int, repeat: int) -> tuple[np.ndarray, np.ndarray]:
    """Mean and spread, float64 (F,), of each feature over the steps of the training part of a kept file.

    The spread is 0 where a feature does not vary there, or where scaling would leave the range of float32.
    """
    values, lengths = arrays["values"], arrays["lengths"]
    example = np.repeat(np.arange(len(lengths)), lengths)
    of_training = values[np.isin(example, _parts(arrays, fold, repeat)[0])]
    mean, spread = of_training.mean(axis=0), of_training.std(axis=0)
    with np.errstate(all="ignore"):
        fits = np.isfinite(((values - mean) / spread).astype(np.float32)).all(axis=0)
    return mean, np.where((np.ptp(of_training, axis=0) > 0) & fits, spread, 0)


def scaled(values: np.ndarray, mean: np.ndarray, spread: np.ndarray) -> np.ndarray:
    """Values (..., F) less the mean and divided by the spread, each (F,), float32; 0 where the spread is 0."""
    with np.errstate(all="ignore"):
        found = ((values - mean) / spread).astype(np.float32)
    found[..., np.asarray(spread) == 0] = 0
    return found


def _parts(arrays: dict[str, np.ndarray], fold: int, repeat: int) -> list[np.ndarray]:
    """The series for training, validation and test, by number."""
    if "groups" not in arrays:
        arrays = arrays | {"groups": joined(_contents(arrays["values"], arrays["lengths"]))}
    return fold_rows(dealing(arrays, repeat), fold)


def make_series(
    name: str, classes: tuple[str, ...], arrays: dict[str, np.ndarray], *, fold: int, repeat: int
) -> Dataset:
    """The Dataset of a kept file: every feature less the training part's mean, divided by its spread there.

    All parts have as many steps as the longest series, for every fold and repeat. A feature that does not vary in the
    training part is 0 in all parts: nothing is learned of it there. Format 2 kept no groups.
    """
    ids, lengths, labels = unpacked(arrays["ids"]), arrays["lengths"], arrays["labels"]
    parts = _parts(arrays, fold, repeat)
    values = scaled(arrays["values"], *scaling(arrays, fold=fold, repeat=repeat))
    series = np.split(values, np.cumsum(lengths)[:-1])

    def split(rows: np.ndarray) -> Split:
        inputs, steps = pad([series[row] for row in rows], int(lengths.max()))
        return Split(inputs, steps, labels[rows].astype(np.int32), tuple(ids[row] for row in rows))

    train, validation, test = map(split, parts)
    return Dataset(name, "series", train, validation, test, classes, features=values.shape[1], room=len(ids))
