"""Series of the reader's own: a long file with a row a step, read, folded and made into a Dataset."""

from __future__ import annotations

import os
from array import array
from collections.abc import Sequence

import numpy as np

from ...errors import UserError
from ..dataset import Dataset, Split, pad
from ..folds import FOLD_OPTION, REPEAT_OPTION, fold_numbers, fold_rows
from ..options import Option
from .columns import judged, outliers, suspects
from .content import Content, class_counts, identity, packed, unpacked
from .giveaways import number_rule
from .groups import dealing, described, group_value, joined
from .labels import Classes, label_numbers, require_enough
from .report import in_general
from .table import OwnFile, number, shown

MOST_ROWS = 2_000_000
STEPS = (2, 2_000)
# Series are padded to the longest: 100 million values are 400 MB.
MOST_VALUES = 100_000_000
MOST_VALUE = 1e100
SERIES_OPTIONS: dict[str, Option] = {"fold": FOLD_OPTION, "repeat": REPEAT_OPTION}
# A first cell that stands for a number that is missing: the column counts as one of numbers, and the cell is refused.
_MISSING = {"", "na", "n/a", "nan", "null", "none", "inf", "+inf", "-inf", "infinity", "-infinity"}


class _Series:
    """One series while the file is read: its label and group, and of each row the step, its values and its line."""

    def __init__(self, label: str, group: str):
        self.label, self.group, self.steps, self.values, self.lines = label, group, array("d"), array("d"), array("q")


def read_series(
    path: str | os.PathLike,
    id: str,
    step: str,
    label: str,
    features: Sequence[str] = (),
    group: str | None = None,
) -> Content:
    """Read a file of series, a row a step: the series' id, the step's number, the class, the features, and the group.

    features: column names; without any, all other named columns whose first cell is a number, but for those that count
    the file's rows or copy the class; the report says so. group: a column whose equal values lie in one fold; a series
    has one. Rows may stand in any order. UserError, one line, for everything that is not sound.
    """
    file = OwnFile(path, MOST_ROWS)
    at_id, at_step = file.position(id, "id column"), file.position(step, "step column")
    at_label = file.position(label, "label column")
    at_group = None if group is None else file.position(group, "group column")
    places = [file.position(name, "feature column") for name in features]
    named = [at_id, at_step, at_label, *([] if at_group is None else [at_group]), *places]
    if len(set(named)) < len(named):
        raise UserError(
            f"{file.name}: one column was named twice; id, step, label, group and features each need their own."
        )
    classes = Classes(file.name, label)
    found: dict[str, _Series] = {}
    for line, cells in file.rows():
        places = places or _numeric_columns(file, cells, named)
        name = identity(file.name, cells[at_id], line, id)
        of_row = classes.add(cells[at_label], line)
        of_group = "" if at_group is None else group_value(file.name, cells[at_group], line, group)
        series = found.setdefault(name, _Series(of_row, of_group))
        if of_row and series.label and of_row != series.label:
            raise UserError(
                f"{file.name}, line {line}: the class of {shown(name)} changes from {shown(series.label)} to "
                f"{shown(of_row)}. A series has one class; correct it, or give the parts ids of their own."
            )
        if of_group != series.group:
            raise UserError(
                f"{file.name}, line {line}: {shown(group)} of {shown(name)} changes from {shown(series.group)} to "
                f"{shown(of_group)}. A series lies in one group; correct it, or give the parts ids of their own."
            )
        series.steps.append(_number(file, cells, at_step, name, line, "step"))
        series.values.extend(_number(file, cells, place, name, line, "value") for place in places)
        series.lines.append(line)
    file.require_whole_rows(at_label, classes.lines)
    names = classes.names()
    ids = list(found)
    numbers = label_numbers([found[name].label for name in ids], names)
    ordered = [_in_order(file, name, found[name], len(places)) for name in ids]
    lengths = np.array([len(each) for each, _ in ordered], dtype=np.int32)
    if len(ids) * int(lengths.max()) * len(places) > MOST_VALUES:
        raise UserError(
            f"{file.name}: {len(ids):,} series of up to {lengths.max():,} steps with {len(places)} features are too "
            f"much for memory; allowed are {MOST_VALUES:,} values after padding. Take fewer series, steps or features."
        )
    values, lines = (np.concatenate(each) for each in zip(*ordered, strict=True))
    for place, column in zip(places, values.T, strict=True):
        if column.min() == column.max():
            raise UserError(
                f"{file.name}: {shown(file.columns[place])} holds one value only, {column[0]:g}, so it tells nothing. "
                "Name the feature columns without it."
            )
    columns = [file.columns[place] for place in places]
    left_out = [name for place, name in enumerate(file.columns) if name and place not in {*named, *places}]
    # Before series are compared: a counter makes every series another one.
    stay, suspicious = judged(columns, suspects(values, lengths, lines, numbers), bool(features))
    values, columns = np.ascontiguousarray(values[:, stay]), [columns[place] for place in stay]
    same = _contents(values, lengths)
    groups = joined(same, None if group is None else [found[name].group for name in ids])
    columns_named = {"id": id.strip(), "step": step.strip(), "label": label.strip()}
    columns_named |= {} if group is None else {"group": group.strip()}
    require_enough(classes, [names[each] for each in numbers], groups.tolist(), "series", columns_named.get("group"))
    repeated = [found[name].lines[0] for name, copy in zip(ids, _copies(same), strict=True) if copy]
    facts = {
        "examples": len(ids),
        "class_counts": class_counts(numbers, names),
        "classes_are_numbers": classes.numbers(),
        "lengths": [int(lengths.min()), int(np.median(lengths)), int(lengths.max())],
        "repeated": len(repeated),
        "left_out": left_out,
        "grouped": group is not None,
    }
    rule = number_rule("ids", ids, numbers, names)
    return Content(
        kind="series",
        columns=columns_named | {"features": columns},
        classes=tuple(names),
        facts=facts,
        arrays={
            "labels": numbers,
            "folds": fold_numbers(groups.tolist(), numbers),
            "groups": groups,
            "lines": np.array([min(found[name].lines) for name in ids], dtype=np.int64),
            "ids": packed(ids),
            "values": values,
            "lengths": lengths,
        },
        report=(
            *suspicious,
            *outliers(columns, values, lines),
            *file.multiline(),
            *([rule] if rule else []),
            *([described(columns_named["group"], groups)] if group else []),
            *in_general(facts, {"repeated": repeated}),
        ),
    )


def _contents(values: np.ndarray, lengths: np.ndarray) -> list[bytes]:
    """What two series are compared by: all their values, bit by bit."""
    return [each.tobytes() for each in np.split(values, np.cumsum(lengths)[:-1])]


def _copies(same: Sequence[bytes]) -> list[bool]:
    """Whether each series is equal to an earlier one."""
    seen: set[bytes] = set()
    return [content in seen or bool(seen.add(content)) for content in same]


def _numeric_columns(file: OwnFile, cells: list[str], taken: list[int]) -> list[int]:
    """The named columns that are not taken and whose first cell is a number, or stands for a missing one."""
    places = [
        place
        for place, (name, cell) in enumerate(zip(file.columns, cells, strict=True))
        if name and place not in taken and (number(cell) is not None or cell.strip().lower() in _MISSING)
    ]
    if not places:
        raise UserError(
            f"{file.name} has no column of numbers beside id, step and label. A series needs at least one feature."
        )
    return places


def _number(file: OwnFile, cells: list[str], place: int, name: str, line: int, what: str) -> float:
    value = number(cells[place])
    if value is None or abs(value) > MOST_VALUE:
        comma = " Decimals are written with a point." if number(cells[place].replace(",", ".", 1)) is not None else ""
        other = "" if what == "step" else ", or name the feature columns without this one"
        raise UserError(
            f"{file.name}, line {line}: {shown(cells[place])} in {shown(file.columns[place])} (series {shown(name)}) "
            f"is no {what}: allowed are numbers up to 1e100, and no empty cells, NaN or infinity.{comma} Correct it, "
            f"take the series out{other}."
        )
    return value


def _in_order(file: OwnFile, name: str, series: _Series, features: int) -> tuple[np.ndarray, np.ndarray]:
    """A series' values by step, float64 (steps, F), and the lines that they stand on, int64 (steps,)."""
    steps = np.array(series.steps)
    least, most = STEPS
    if not least <= len(steps) <= most:
        raise UserError(
            f"{file.name}: the series {shown(name)} (line {series.lines[0]}) has {len(steps):,} steps; allowed are "
            f"{least} to {most:,}. Take it out{', or take every second step, or cut it' if len(steps) > most else ''}."
        )
    order = np.argsort(steps, kind="stable")
    same = np.flatnonzero(np.diff(steps[order]) == 0)
    if len(same):
        first, second = (series.lines[order[same[0] + each]] for each in (0, 1))
        raise UserError(
            f"{file.name}, line {second}: the step {steps[order[same[0]]]:g} of {shown(name)} stands on line {first} "
            "already. Each step of a series needs a number of its own."
        )
    return np.array(series.values).reshape(-1, features)[order], np.array(series.lines)[order]


def make_series(
    name: str, classes: tuple[str, ...], arrays: dict[str, np.ndarray], *, fold: int, repeat: int
) -> Dataset:
    """The Dataset of a kept file: every feature less the training part's mean, divided by its spread there.

    All parts have as many steps as the longest series, for every fold and repeat. Format 2 kept no groups. UserError
    where a feature does not vary in the training part.
    """
    ids, values, lengths, labels = unpacked(arrays["ids"]), arrays["values"], arrays["lengths"], arrays["labels"]
    if "groups" not in arrays:
        arrays = arrays | {"groups": joined(_contents(values, lengths))}
    parts = fold_rows(dealing(arrays, repeat), fold)
    example = np.repeat(np.arange(len(lengths)), lengths)
    of_training = values[np.isin(example, parts[0])]
    with np.errstate(all="ignore"):
        values = ((values - of_training.mean(axis=0)) / of_training.std(axis=0)).astype(np.float32)
    constant = np.flatnonzero((np.ptp(of_training, axis=0) == 0) | ~np.isfinite(values).all(axis=0))
    if len(constant):
        raise UserError(
            f"Feature {constant[0] + 1} of {name} does not vary in the training part of fold {fold}, repeat {repeat}. "
            "Choose another fold, or import the file without that feature."
        )
    series = np.split(values, np.cumsum(lengths)[:-1])

    def split(rows: np.ndarray) -> Split:
        inputs, steps = pad([series[row] for row in rows], int(lengths.max()))
        return Split(inputs, steps, labels[rows].astype(np.int32), tuple(ids[row] for row in rows))

    train, validation, test = map(split, parts)
    return Dataset(name, "series", train, validation, test, classes, features=values.shape[1], room=len(ids))
