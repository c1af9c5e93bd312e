"""Columns of numbers that give the class away or tell nothing: counters, clocks, what was made from the class, far
values, and one value throughout.
"""

from __future__ import annotations

import csv
import io
import shlex
from collections.abc import Container, Sequence

import numpy as np

from ..folds import FOLDS, fold_rows
from .alike import shown
from .faults import ITEMS, Faults, listed
from .report import Finding, first_few

# What a column that was not asked for is left out for; the other names are warnings alone.
LEFT_OUT = ("counter", "copy")
# With another value than the commonest in fewer series than this, a feature may not vary in some training part.
FEW_SERIES = 5
# How far a value lies from the median, in ranges of the middle half, that is far from all others.
FAR = 100


def suspects(values: np.ndarray, lengths: np.ndarray, lines: np.ndarray, labels: np.ndarray) -> dict[int, str]:
    """The features that look as if they told the class, place to name: 'copy', 'counter', 'tells' or 'apart'.

    values: float64 (steps of all, F), series after series. lengths: of the series, (N,). lines: of the file, of each
    row, (steps of all,). labels: of the series, int (N,).

    'copy': each class has one value of its own. 'counter': it never turns from line to line and has as many values as
    there are series at least, or it has every whole number of a range once, for the rows or for the series. 'tells':
    each value, or each of so many ranges as there are classes, is of one class. 'apart': no two series' ranges meet,
    and they are ranges, or whole numbers.
    """
    series, by_line = np.repeat(np.arange(len(lengths)), lengths), np.argsort(lines)
    starts = np.cumsum(lengths) - lengths
    found = {}
    for place, column in enumerate(values.T):
        least, most = np.minimum.reduceat(column, starts), np.maximum.reduceat(column, starts)
        different, number = np.unique(column, return_inverse=True)
        classes_of = _pairs(number, labels[series])
        if len(classes_of) == len(different) == len(np.unique(labels)):
            found[place] = "copy"
        elif _counts(column[by_line], different, least, most):
            found[place] = "counter"
        elif _tells(number, len(different), classes_of, series):
            found[place] = "tells"
        elif (len(different) > len(lengths) or _numbers(column, different, least, most)) and _apart(least, most):
            found[place] = "apart"
    return found


def judged(
    columns: Sequence[str], found: dict[int, str], asked_for: bool
) -> tuple[list[int], tuple[Finding, ...]]:
    """The places of the features that stay, and what to say.

    found: from `suspects`. asked_for: whether the reader named the features. Then all stay, and all do where none would
    be left.
    """
    out = [] if asked_for else [place for place, name in found.items() if name in LEFT_OUT]
    out = [] if len(out) == len(columns) else out
    stay = [place for place in range(len(columns)) if place not in out]
    said = [] if asked_for else [Finding("features", names=tuple(columns[place] for place in stay))]
    for name in ("copy", "counter", "tells", "apart"):
        for suffix, places in (("-left-out", out), ("", stay)):
            names = tuple(columns[place] for place in places if found.get(place) == name)
            if names:
                said.append(Finding(name + suffix, warning=True, names=names))
    return stay, tuple(said)


def outliers(columns: Sequence[str], values: np.ndarray, lines: np.ndarray) -> tuple[Finding, ...]:
    """A warning for each feature with values far from its others. values, lines: as `suspects` has them."""
    low, middle, high = np.percentile(values, (25, 50, 75), axis=0)
    # A feature that is mostly one value, such as a rare event, has no usual distance.
    far = (np.abs(values - middle) > FAR * (high - low)) & (high > low)
    return tuple(
        Finding(
            "outliers", True, int(far[:, place].sum()), len(values), first_few(np.sort(lines[far[:, place]])), (name,)
        )
        for place, name in enumerate(columns)
        if far[:, place].any()
    )


def _pairs(number: np.ndarray, other: np.ndarray) -> np.ndarray:
    """The different pairs of two whole numbers, (pairs, 2), in order."""
    wide = int(other.max()) + 1
    both = np.unique(number.astype(np.int64) * wide + other)
    return np.stack((both // wide, both % wide), axis=1)


def _counts(column: np.ndarray, different: np.ndarray, least: np.ndarray, most: np.ndarray) -> bool:
    steps = np.diff(column)
    if len(different) >= len(least) and ((steps >= 0).all() or (steps <= 0).all()):
        return True
    numbers_series = (least == most).all() and len(different) == len(least)
    return (numbers_series or len(different) == len(column)) and (np.diff(different) == 1).all()


def _tells(number: np.ndarray, different: int, classes_of: np.ndarray, series: np.ndarray) -> bool:
    if len(classes_of) > different:
        return False
    # Values that one series alone has tell nothing of others by being of one class, but ranges of them do.
    in_series = np.bincount(_pairs(number, series)[:, 0], minlength=different)
    shared = (in_series[number] > 1).mean() >= 0.5
    of_class = classes_of[:, 1]
    return bool(shared) or int((np.diff(of_class) != 0).sum()) + 1 == len(np.unique(of_class))


def _numbers(column: np.ndarray, different: np.ndarray, least: np.ndarray, most: np.ndarray) -> bool:
    """Whether each series has one whole number of its own, as a patient or a device has."""
    return len(different) == len(least) and bool((least == most).all() and (column == np.round(column)).all())


def _apart(least: np.ndarray, most: np.ndarray) -> bool:
    order = np.argsort(least)
    return bool((least[order][1:] > most[order][:-1]).all())


def note_constant(
    faults: Faults,
    columns: Sequence[str],
    values: np.ndarray,
    lines: np.ndarray,
    series: np.ndarray,
    folds: np.ndarray | None,
    used: Container[int],
) -> None:
    """Note the features that do not vary, or not in the training part of every fold, and the features that would do.

    values, lines: as `suspects` has them. series: of each row, its place, (steps of all,). folds: of each series, (N,),
    or None where they cannot be told. used: places of the features that are to stay.
    """
    with np.errstate(invalid="ignore"):
        alone = np.fmin.reduce(values) == np.fmax.reduce(values)
        still = alone.copy()
        for fold in range(FOLDS) if folds is not None else ():
            training = values[np.isin(series, fold_rows(folds, fold)[0])]
            still |= training.min(axis=0) == training.max(axis=0)
    left = [name for place, name in enumerate(columns) if place in used and not still[place]]
    mend = f"Name the feature columns without them: {features_line(left)}." if left else "No other feature is left."
    for place, name in enumerate(columns):
        if alone[place]:
            faults.unsound(
                f"columns hold one value only, so that they tell nothing: {ITEMS}. {mend}",
                f"{shown(name)} ({np.fmax.reduce(values[:, place]):g})",
            )
        elif place in used and still[place]:
            rare = np.sort(lines[values[:, place] != _commonest(values[:, place])])
            faults.unsound(
                "columns hold another value in so few series that they do not vary in the training part of some of the "
                f"ten folds: {ITEMS}. {mend}",
                f"{shown(name)} (other values on line{'s' if len(rare) > 1 else ''} "
                f"{listed([str(line) for line in first_few(rare)], len(rare))})",
            )


def features_line(columns: Sequence[str]) -> str:
    """What to write to have these columns as features, with make and without."""
    written = io.StringIO()
    csv.writer(written, lineterminator="").writerow(columns)
    return f"FEATURES={shlex.quote(written.getvalue())}, or --feature-column once for each"


def hardly_varying(
    columns: Sequence[str], values: np.ndarray, lengths: np.ndarray, lines: np.ndarray
) -> tuple[Finding, ...]:
    """A warning for each feature that has another value than its commonest in fewer than FEW_SERIES series.

    values, lengths, lines: as `suspects` has them.
    """
    series, found = np.repeat(np.arange(len(lengths)), lengths), []
    for column, name in zip(values.T, columns, strict=True):
        other = column != _commonest(column)
        count = len(np.unique(series[other]))
        if count < FEW_SERIES:
            found.append(Finding("hardly", True, count, len(lengths), first_few(np.sort(lines[other])), (name,)))
    return tuple(found)


def _commonest(column: np.ndarray) -> float:
    different, counts = np.unique(column, return_counts=True)
    return different[counts.argmax()]
