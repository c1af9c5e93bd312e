"""What dropout changes in loss and accuracy, at both ends of training: runs less `none`, and means with intervals."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .. import stats
from . import answers
from .rows import fold_of

# Measures, and the panel of a picture where each is drawn: what its axis says, and what stands above it.
PANELS = {
    "nll_best": ("loss (nats)", "stopped early"), "nll_last": ("loss (nats)", "last epoch"),
    "accuracy_best": ("accuracy (points)", "stopped early"), "accuracy_last": ("accuracy (points)", "last epoch"),
}  # fmt: skip
MEASURES = list(PANELS)


def less_none(runs: pd.DataFrame, apart: tuple[str, ...] = (), keep: tuple[str, ...] = (), **named) -> pd.DataFrame:
    """Each run less the run of `none` beside it: MEASURES, loss in nats and accuracy in points, and its `fold`.

    runs: published rows. apart, keep: what the two may differ in, and further columns, as for `answers.beside_none`;
    the schedule is kept. named: columns with one value in every row.
    """
    pairs = answers.beside_none(runs, MEASURES, keep=("schedule", *keep), apart=apart).assign(**named)
    pairs[["accuracy_best", "accuracy_last"]] *= 100
    return pairs.assign(fold=pairs["dataset_options"].map(fold_of))


def chosen_elsewhere(
    runs: pd.DataFrame, by: list[str], choose: str = "learning_rate", measure: str = "nll_best"
) -> pd.DataFrame:
    """The runs at the value of a column that had the lowest mean of a measure on all other test folds.

    What is chosen for a fold so rests on no outcome of that fold. runs: published rows with `fold`, two folds or more,
    each group with the same values of the column on each fold. by: the columns of a group, for which a value is chosen
    by itself. choose: the column. ValueError where a group lacks a value on a fold, and for a single fold.
    """
    means = runs.groupby([*by, "fold", choose])[measure].mean().unstack(choose)
    folds = means.groupby(level=by)[means.columns[0]].transform("size")
    if means.isna().any(axis=None) or (folds < 2).any():
        raise ValueError(f"choosing {choose} elsewhere needs every value on two folds or more of each group")
    elsewhere = means.groupby(level=by).transform("sum").sub(means)  # of the same number of folds for each value
    best = elsewhere.idxmin(axis=1).rename(choose)
    return runs.merge(best.reset_index(), on=[*by, "fold", choose])


def means(pairs: pd.DataFrame, by: list[str]) -> tuple[pd.DataFrame, dict[tuple, stats.Estimate]]:
    """Mean and interval of each of MEASURES by group: a table, and the same by group and measure.

    pairs: as `less_none` gives them. by: two or more columns. The table has `by`, `measure`, `mean`, `low`, `high`,
    `p`, `n`, and `down` and `across`, the panel. ValueError where a seed does not stand once on each fold of a group.
    """
    found = stats.means_of_runs(pairs, by, MEASURES)
    found[["down", "across"]] = [PANELS[each] for each in found["measure"]]
    rows = found[[*by, "measure"]].itertuples(index=False, name=None)
    values = found[["mean", "low", "high", "n"]].itertuples(index=False, name=None)
    return found, {group: stats.Estimate(*each) for group, each in zip(rows, values, strict=True)}


def doubling(table: pd.DataFrame) -> pd.Series:
    """What a doubling adds to each row of a table whose columns are amounts above zero: least squares on a line."""
    steps = np.log2(table.columns.to_numpy(dtype=np.float64))
    steps = steps - steps.mean()
    return table @ (steps / np.sum(steps**2))


def per_doubling(pairs: pd.DataFrame, of: str, measure: str, over: str | None = None) -> dict[str, stats.Crossed]:
    """By placement, what a doubling of a column adds to its runs' differences, seeds and folds as `means` takes them.

    pairs: as `less_none` gives them, with the column `of`; a run of each seed and fold at every amount. over: another
    column, over whose values the slopes of a seed and fold are averaged first.
    """
    found = {}
    for name, mine in pairs.groupby("placement", sort=False):
        index = ["seed", "fold", *([over] if over else [])]
        slopes = doubling(mine.pivot(index=index, columns=of, values=measure)).groupby(["seed", "fold"]).mean()
        found[str(name)] = stats.mean_of_runs(slopes.rename("slope").reset_index(), "slope")
    return found


def wide(found: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """What a picture of `means` rests on, for its CSV file: a row a group, each measure's mean and ends."""
    table = found.pivot(index=by, columns="measure", values=["mean", "low", "high"])
    table.columns = [f"{measure}_{part}" for part, measure in table.columns]
    digits = {column: 2 if column.startswith("accuracy") else 4 for column in table}
    return table.sort_index(axis=1).round(digits).reset_index()
